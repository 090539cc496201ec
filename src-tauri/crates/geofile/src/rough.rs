//! Shapes as they stand in a file, and what becomes of them.

use domain::place::{FenceShape, PolygonArea};
use domain::{CoordinateError, LonLat};

use crate::{Fault, Feature, Order, Properties};

/// Two numbers in the order of the file.
pub(crate) type Position = [f64; 2];

/// What a reader found: one piece of the file that should be a fence, or several.
pub(crate) struct Found {
    pub number: u32,
    pub line: Option<u32>,
    pub name: Option<String>,
    pub properties: Properties,
    /// More than one only for mixed collections.
    pub body: Result<Vec<Rough>, Fault>,
}

/// A shape of which nothing is checked yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rough {
    Circle {
        center: Position,
        /// The format has an order of its own for circles: it is longitude first here whatever the file's.
        is_turned: bool,
        radius_m: f64,
    },
    /// A point of which the radius is not known.
    Point(Position),
    Areas {
        /// Rings; the first of each area is the outer one.
        areas: Vec<Vec<Vec<Position>>>,
        /// Several, or given as several.
        is_multi: bool,
    },
    Line {
        points: Vec<Position>,
        half_width_m: Option<f64>,
    },
}

impl Rough {
    /// One ring with holes.
    pub fn area(rings: Vec<Vec<Position>>) -> Self {
        Rough::Areas { areas: vec![rings], is_multi: false }
    }

    /// All positions whose order is the file's.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        let (one, many): (Option<Position>, Vec<&[Position]>) = match self {
            Rough::Circle { is_turned: true, .. } => (None, Vec::new()),
            Rough::Circle { center, .. } | Rough::Point(center) => (Some(*center), Vec::new()),
            Rough::Areas { areas, .. } => (None, areas.iter().flatten().map(Vec::as_slice).collect()),
            Rough::Line { points, .. } => (None, vec![points.as_slice()]),
        };
        one.into_iter().chain(many.into_iter().flatten().copied())
    }

    fn shape(self, order: Order) -> Result<FenceShape, Fault> {
        let shape = match self {
            Rough::Point(at) => return Err(Fault::NoRadius(place(at, order)?)),
            Rough::Circle { center, is_turned, radius_m } => {
                let order = if is_turned { Order::LonLat } else { order };
                FenceShape::Circle { center: place(center, order)?, radius_m }
            }
            Rough::Line { half_width_m: None, .. } => return Err(Fault::NoWidth),
            Rough::Line { points, half_width_m: Some(half_width_m) } => {
                FenceShape::Corridor { line: line(&points, order)?, half_width_m }
            }
            Rough::Areas { areas, is_multi } => {
                let mut areas =
                    areas.iter().map(|rings| area(rings, order)).collect::<Result<Vec<_>, Fault>>()?;
                match areas.pop() {
                    Some(area) if areas.is_empty() && !is_multi => FenceShape::Polygon { area },
                    last => {
                        areas.extend(last);
                        FenceShape::MultiPolygon { areas }
                    }
                }
            }
        };
        shape.check()?;
        Ok(shape)
    }
}

impl Found {
    /// A feature per shape, each checked.
    pub fn into_features(self, order: Order) -> Vec<Feature> {
        let Found { number, line, name, properties, body } = self;
        let feature = |name, shape| Feature { number, line, name, properties: properties.clone(), shape };
        let mut shapes = match body {
            Err(fault) => return vec![feature(name, Err(fault))],
            Ok(shapes) => shapes,
        };
        match (shapes.pop(), shapes.is_empty()) {
            (None, _) => vec![feature(name, Err(Fault::NoGeometry))],
            (Some(only), true) => vec![feature(name, only.shape(order))],
            (Some(last), false) => {
                let own = |(n, shape): (usize, Rough)| {
                    feature(name.as_ref().map(|name| format!("{name} ({n})")), shape.shape(order))
                };
                (1..).zip(shapes.into_iter().chain([last])).map(own).collect()
            }
        }
    }
}

/// What several geometries in one are: one fence if all of them are areas, else one each.
pub(crate) fn gathered(members: Vec<Rough>) -> Vec<Rough> {
    if members.is_empty() || !members.iter().all(|member| matches!(member, Rough::Areas { .. })) {
        return members;
    }
    let areas = |member| if let Rough::Areas { areas, .. } = member { areas } else { Vec::new() };
    vec![Rough::Areas { areas: members.into_iter().flat_map(areas).collect(), is_multi: true }]
}

fn place([x, y]: Position, order: Order) -> Result<LonLat, Fault> {
    let found = match order {
        Order::LonLat => LonLat::new(x, y),
        Order::LatLon => LonLat::new(y, x),
    };
    found.map_err(|error| match error {
        CoordinateError::NotFinite => Fault::not_a_number(&format!("{x} {y}")),
        CoordinateError::Longitude(_) | CoordinateError::Latitude(_) => Fault::OffEarth { x, y },
    })
}

/// Without points that come twice in a row.
fn line(points: &[Position], order: Order) -> Result<Vec<LonLat>, Fault> {
    let mut line = points.iter().map(|point| place(*point, order)).collect::<Result<Vec<_>, _>>()?;
    line.dedup();
    Ok(line)
}

/// Without its end where that is its start again.
fn ring(points: &[Position], order: Order) -> Result<Vec<LonLat>, Fault> {
    let mut ring = line(points, order)?;
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    Ok(ring)
}

fn area(rings: &[Vec<Position>], order: Order) -> Result<PolygonArea, Fault> {
    let mut rings = rings.iter().map(|points| ring(points, order));
    let outer = rings.next().ok_or(Fault::NoGeometry)??;
    Ok(PolygonArea { outer, holes: rings.collect::<Result<_, _>>()? })
}
