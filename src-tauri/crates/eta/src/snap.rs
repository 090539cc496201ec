//! Which road somebody is on.

use crate::graph::{Point, RoadGraph};
use crate::nearest::{Nearest, Segment};
use domain::LonLat;
use domain::geo::EARTH_RADIUS_M;

/// Farther from a road than this many metres is not on the road.
pub const SNAP_MAX_M: f64 = 250.0;
/// A road this much farther away (m) is still taken when it fits the heading and the nearer one is driven the opposite way.
const HEADING_WORTH_M: f64 = 40.0;
/// Deviations from the heading that are normal for GPS and for sampled curves, degrees.
const HEADING_TOLERANCE_DEG: f64 = 30.0;
/// A heading this close to the direction of the road goes along it, degrees.
const ALONG_DEG: f64 = 60.0;
/// The projection ends here, and so do the roads.
const FARTHEST_DEG: f64 = 85.0;

/// Where to start or end: a coordinate, and the direction of travel where it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The coordinate.
    pub at: LonLat,
    /// Degrees clockwise from north. Chooses between roads that are close together, such as two carriageways.
    pub heading_deg: Option<f64>,
}

impl Place {
    /// A place reached in this direction of travel (degrees clockwise from north).
    pub fn heading(at: LonLat, heading_deg: f64) -> Self {
        Self { at, heading_deg: Some(heading_deg).filter(|degrees| degrees.is_finite()) }
    }
}

impl From<LonLat> for Place {
    fn from(at: LonLat) -> Self {
        Self { at, heading_deg: None }
    }
}

/// A place on a road.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    /// The nearest point of the road.
    pub at: LonLat,
    /// How far that is from where was asked, metres.
    pub distance_m: f64,
    pub(crate) edge: u32,
    /// Share of the road's length before `at`, 0…1 from its first junction.
    pub(crate) share: f64,
    pub(crate) component: u32,
    /// Whether the heading goes along the road's drawn direction, where a heading is known and fits one direction.
    pub(crate) travels_forward: Option<bool>,
}

impl Snap {
    /// Whether the road belongs to the largest component: if not, it is an island, with ways only to places on it.
    pub fn is_on_main(&self) -> bool {
        self.component == 0
    }
}

/// All segments of roads on which one can start, in Web Mercator metres: conformal, so near is near in every direction.
#[derive(Debug)]
pub(crate) struct SegmentIndex(Nearest);

impl SegmentIndex {
    pub fn new(graph: &RoadGraph) -> Self {
        let mut segments = Vec::with_capacity(graph.points.len());
        let starts = (0_u32..).zip(&graph.edges).filter(|(_, edge)| edge.manner.is_start);
        for (edge, road) in starts {
            let mut from = None;
            for (index, point) in (0_u32..).zip(graph.shape(road)) {
                let to = mercator(point.lon_lat());
                if let Some(from) = from {
                    segments.push(Segment { from, to, edge, index: index - 1 });
                }
                from = Some(to);
            }
        }
        Self(Nearest::new(segments))
    }

    /// The best road within [`SNAP_MAX_M`], in `component` if one is given; `None`: there is none.
    pub fn snap(&self, graph: &RoadGraph, place: Place, component: Option<u32>) -> Option<Snap> {
        let here = mercator(place.at);
        let metres_per_unit = metres_per_unit(place.at);
        let mut best: Option<(f64, f64, Segment)> = None;
        self.0.visit(here, |segment, distance_2| {
            let distance_m = distance_2.sqrt() * metres_per_unit;
            // Candidates come by distance, and a heading can only add to the cost.
            if distance_m > SNAP_MAX_M || best.is_some_and(|(cost, ..)| distance_m >= cost) {
                return false;
            }
            let own_component = graph.edges[segment.edge as usize].component;
            if component.is_none_or(|wanted| wanted == own_component) {
                let cost = distance_m + heading_cost_m(graph, segment, place.heading_deg);
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, distance_m, *segment));
                }
            }
            true
        });
        best.map(|(_, distance_m, segment)| Snap {
            distance_m,
            travels_forward: travels_forward(&segment, place.heading_deg),
            ..snap_on(graph, &segment, here)
        })
    }

    /// Distance to the nearest road in metres, at any distance.
    pub fn distance_m(&self, at: LonLat) -> f64 {
        let mut nearest_2 = f64::INFINITY;
        self.0.visit(mercator(at), |_, distance_2| {
            nearest_2 = distance_2;
            false
        });
        nearest_2.sqrt() * metres_per_unit(at)
    }
}

/// The scale of the projection at a place. At the poles it would be none at all, and every road at hand.
fn metres_per_unit(at: LonLat) -> f64 {
    at.lat().clamp(-FARTHEST_DEG, FARTHEST_DEG).to_radians().cos()
}

/// What it costs to be on this segment while travelling in another direction.
fn heading_cost_m(graph: &RoadGraph, segment: &Segment, heading_deg: Option<f64>) -> f64 {
    let Some(heading_deg) = heading_deg else { return 0.0 };
    let edge = &graph.edges[segment.edge as usize];
    let turned = turned_deg(segment, heading_deg);
    let deviation = |open: bool, deviation_deg: f64| if open { deviation_deg } else { 180.0 };
    let least = deviation(edge.forward_ms > 0, turned).min(deviation(edge.backward_ms > 0, 180.0 - turned));
    (least - HEADING_TOLERANCE_DEG).max(0.0) / (180.0 - HEADING_TOLERANCE_DEG) * HEADING_WORTH_M
}

/// Angle between a heading and the drawn direction of a segment, 0…180°.
fn turned_deg(segment: &Segment, heading_deg: f64) -> f64 {
    let (from, to) = (segment.from, segment.to);
    let bearing_deg = (to[0] - from[0]).atan2(to[1] - from[1]).to_degrees();
    let turned = (heading_deg - bearing_deg).rem_euclid(360.0);
    turned.min(360.0 - turned)
}

/// Across the road says nothing about the direction of travel.
fn travels_forward(segment: &Segment, heading_deg: Option<f64>) -> Option<bool> {
    let turned = turned_deg(segment, heading_deg?);
    if turned <= ALONG_DEG {
        Some(true)
    } else if turned >= 180.0 - ALONG_DEG {
        Some(false)
    } else {
        None
    }
}

fn snap_on(graph: &RoadGraph, segment: &Segment, here: [f64; 2]) -> Snap {
    let edge = &graph.edges[segment.edge as usize];
    let shape = graph.shape(edge);
    let index = segment.index as usize;
    let at = between(shape[index], shape[index + 1], segment.share_nearest(here));
    let before: f64 = shape[..=index].windows(2).map(|pair| metres(pair[0], pair[1])).sum();
    let total: f64 = shape.windows(2).map(|pair| metres(pair[0], pair[1])).sum();
    let share = if total > 0.0 { (before + shape[index].lon_lat().distance_m(at)) / total } else { 0.0 };
    Snap {
        at,
        distance_m: 0.0,
        edge: segment.edge,
        share: share.clamp(0.0, 1.0),
        component: edge.component,
        travels_forward: None,
    }
}

/// The point at share `t` of the straight line between two points.
pub(crate) fn between(a: Point, b: Point, t: f64) -> LonLat {
    let mix = |a: i32, b: i32| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round() as i32;
    LonLat::from_e7(mix(a.lon_e7, b.lon_e7), mix(a.lat_e7, b.lat_e7))
}

pub(crate) fn metres(a: Point, b: Point) -> f64 {
    a.lon_lat().distance_m(b.lon_lat())
}

fn mercator(at: LonLat) -> [f64; 2] {
    let lat = at.lat().clamp(-89.0, 89.0).to_radians();
    [
        EARTH_RADIUS_M * at.lon().to_radians(),
        EARTH_RADIUS_M * (std::f64::consts::FRAC_PI_4 + lat / 2.0).tan().ln(),
    ]
}
