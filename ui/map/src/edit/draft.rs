//! The shape that is being edited: vertices on an unrolled map, which keep their exact place until they are moved.

use domain::LonLat;
use domain::place::{FenceShape, PolygonArea};

use crate::projection::{WorldBox, WorldPos};

/// A ring has so many corners at least.
pub(crate) const RING_MIN: usize = 3;
/// A line has so many points at least.
pub(crate) const LINE_MIN: usize = 2;

/// A corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Vertex {
    /// Where it is exactly.
    pub at: LonLat,
    /// Where it is on a map that goes on beyond ±180°: beside the vertex before it.
    pub world: WorldPos,
}

impl Vertex {
    pub(crate) fn of(at: LonLat) -> Self {
        Self { at, world: WorldPos::of(at) }
    }

    /// At a place of the unrolled map.
    pub(crate) fn on_map(world: WorldPos) -> Self {
        Self { at: world.unrolled_lon_lat(), world }
    }

    pub(crate) fn beside(self, x: f64) -> Self {
        Self { world: self.world.beside(x), ..self }
    }
}

/// Which vertex: of which area, of which of its rings, which one. A line is the first ring of the first area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub area: usize,
    pub ring: usize,
    pub index: usize,
}

/// The shape that is being edited. Rings have no closing point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Draft {
    Circle {
        center: Vertex,
        radius_m: f64,
    },
    /// Areas, each an outer ring and its holes.
    Areas(Vec<Vec<Vec<Vertex>>>),
    Corridor {
        line: Vec<Vertex>,
        half_width_m: f64,
    },
}

impl Draft {
    pub(crate) fn of(shape: &FenceShape) -> Self {
        match shape {
            FenceShape::Circle { center, radius_m } => {
                Draft::Circle { center: Vertex::of(*center), radius_m: *radius_m }
            }
            FenceShape::Polygon { area } => Draft::Areas(vec![rings_of(area, None)]),
            FenceShape::MultiPolygon { areas } => {
                let near = areas.first().and_then(|area| area.outer.first()).map(|at| WorldPos::of(*at).x);
                Draft::Areas(areas.iter().map(|area| rings_of(area, near)).collect())
            }
            FenceShape::Corridor { line, half_width_m } => {
                Draft::Corridor { line: unrolled(line, None), half_width_m: *half_width_m }
            }
        }
    }

    pub(crate) fn shape(&self) -> FenceShape {
        let places = |path: &Vec<Vertex>| path.iter().map(|vertex| vertex.at).collect::<Vec<_>>();
        match self {
            Draft::Circle { center, radius_m } => {
                FenceShape::Circle { center: center.at, radius_m: *radius_m }
            }
            Draft::Corridor { line, half_width_m } => {
                FenceShape::Corridor { line: places(line), half_width_m: *half_width_m }
            }
            Draft::Areas(areas) => {
                let area = |rings: &Vec<Vec<Vertex>>| PolygonArea {
                    outer: rings.first().map(places).unwrap_or_default(),
                    holes: rings.iter().skip(1).map(places).collect(),
                };
                match areas.as_slice() {
                    [only] => FenceShape::Polygon { area: area(only) },
                    several => FenceShape::MultiPolygon { areas: several.iter().map(area).collect() },
                }
            }
        }
    }

    /// Every ring or line with where its vertices are: `Spot` of its first one.
    pub(crate) fn paths(&self) -> Vec<(Spot, &[Vertex])> {
        let first = |area, ring| Spot { area, ring, index: 0 };
        match self {
            Draft::Circle { center, .. } => vec![(first(0, 0), std::slice::from_ref(center))],
            Draft::Corridor { line, .. } => vec![(first(0, 0), line.as_slice())],
            Draft::Areas(areas) => {
                let rings = areas.iter().enumerate().flat_map(|(area, rings)| {
                    rings.iter().enumerate().map(move |(ring, path)| (first(area, ring), path.as_slice()))
                });
                rings.collect()
            }
        }
    }

    /// Whether the end of a path is joined to its start.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Draft::Areas(_))
    }

    pub(crate) fn vertex(&self, spot: Spot) -> Option<Vertex> {
        match self {
            Draft::Circle { center, .. } => Some(*center),
            Draft::Corridor { line, .. } => line.get(spot.index).copied(),
            Draft::Areas(areas) => areas.get(spot.area)?.get(spot.ring)?.get(spot.index).copied(),
        }
    }

    pub(crate) fn put_vertex(&mut self, spot: Spot, vertex: Vertex) {
        if let Draft::Circle { center, .. } = self {
            *center = vertex;
        } else if let Some(place) = self.path_mut(spot).and_then(|path| path.get_mut(spot.index)) {
            *place = vertex;
        }
    }

    /// A new vertex in front of the one at `spot`, or at the path's end.
    pub(crate) fn insert(&mut self, spot: Spot, vertex: Vertex) {
        if let Some(path) = self.path_mut(spot).filter(|path| spot.index <= path.len()) {
            path.insert(spot.index, vertex);
        }
    }

    /// Takes a vertex away; `false` where its ring or line would be none any more.
    pub(crate) fn remove(&mut self, spot: Spot) -> bool {
        let least = if self.is_closed() { RING_MIN } else { LINE_MIN };
        match self.path_mut(spot) {
            Some(path) if path.len() > least && spot.index < path.len() => {
                path.remove(spot.index);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Takes the hole of a vertex away, or its whole area where there are several.
    pub(crate) fn remove_part(&mut self, spot: Spot) -> bool {
        let Draft::Areas(areas) = self else { return false };
        if spot.ring > 0 && areas.get(spot.area).is_some_and(|rings| spot.ring < rings.len()) {
            areas[spot.area].remove(spot.ring);
            return true;
        }
        let removable = areas.len() > 1 && spot.area < areas.len();
        if removable {
            areas.remove(spot.area);
        }
        removable
    }

    /// Moves all of it.
    pub(crate) fn shift(&mut self, dx: f64, dy: f64) {
        let moved =
            |vertex: &Vertex| Vertex::on_map(WorldPos { x: vertex.world.x + dx, y: vertex.world.y + dy });
        match self {
            Draft::Circle { center, .. } => *center = moved(center),
            Draft::Corridor { line, .. } => line.iter_mut().for_each(|vertex| *vertex = moved(vertex)),
            Draft::Areas(areas) => {
                areas.iter_mut().flatten().flatten().for_each(|vertex| *vertex = moved(vertex));
            }
        }
    }

    pub(crate) fn bounds(&self) -> Option<WorldBox> {
        let around = |reach_m: f64, path: &[Vertex]| {
            let tight = WorldBox::around(path.iter().map(|vertex| vertex.world))?;
            let reach = reach_m.max(0.0) * tight.min.per_metre().max(tight.max.per_metre());
            let [min, max] = [(tight.min, -reach), (tight.max, reach)]
                .map(|(at, reach)| WorldPos { x: at.x + reach, y: at.y + reach });
            Some(WorldBox { min, max })
        };
        match self {
            Draft::Circle { center, radius_m } => around(*radius_m, std::slice::from_ref(center)),
            Draft::Corridor { line, half_width_m } => around(*half_width_m, line),
            Draft::Areas(areas) => {
                WorldBox::around(areas.iter().flatten().flatten().map(|vertex| vertex.world))
            }
        }
    }

    /// Which area has `at` inside its outer ring.
    pub(crate) fn area_around(&self, at: WorldPos) -> Option<usize> {
        let Draft::Areas(areas) = self else { return None };
        areas.iter().position(|rings| {
            let outer: Vec<WorldPos> =
                rings.first().map(|ring| ring.iter().map(|v| v.world).collect()).unwrap_or_default();
            outer.first().is_some_and(|first| crate::outlines::crosses_odd(&outer, at.beside(first.x)))
        })
    }

    /// How many vertices it has.
    pub(crate) fn len(&self) -> usize {
        self.paths().iter().map(|(_, path)| path.len()).sum()
    }

    fn path_mut(&mut self, spot: Spot) -> Option<&mut Vec<Vertex>> {
        match self {
            Draft::Circle { .. } => None,
            Draft::Corridor { line, .. } => Some(line),
            Draft::Areas(areas) => areas.get_mut(spot.area)?.get_mut(spot.ring),
        }
    }
}

fn rings_of(area: &PolygonArea, near: Option<f64>) -> Vec<Vec<Vertex>> {
    let near = near.or_else(|| area.outer.first().map(|at| WorldPos::of(*at).x));
    let ring = |points: &Vec<LonLat>| {
        let mut ring = unrolled(points, near);
        if ring.len() > 1 && ring.first().map(|v| v.at) == ring.last().map(|v| v.at) {
            ring.pop();
        }
        ring
    };
    area.rings().map(ring).collect()
}

/// From point to point the short way, beginning beside `near`.
fn unrolled(points: &[LonLat], near: Option<f64>) -> Vec<Vertex> {
    let mut path: Vec<Vertex> = Vec::with_capacity(points.len());
    for at in points {
        let vertex = Vertex::of(*at);
        let beside = path.last().map(|last| last.world.x).or(near);
        path.push(beside.map_or(vertex, |x| vertex.beside(x)));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    fn square(lon: f64, side: f64) -> Vec<LonLat> {
        let wrapped = |lon: f64| if lon > 180.0 { lon - 360.0 } else { lon };
        [(lon, 0.0), (lon + side, 0.0), (lon + side, side), (lon, side)]
            .map(|(lon, lat)| at(wrapped(lon), lat))
            .to_vec()
    }

    #[test]
    fn what_is_not_moved_comes_back_as_it_was() {
        let exact = vec![at(7.123_456_789_1, 43.7), at(7.2, 43.7), at(7.2, 43.8)];
        let mut closed = exact.clone();
        closed.push(exact[0]);
        let area = PolygonArea { outer: closed, holes: Vec::new() };
        let shape = Draft::of(&FenceShape::Polygon { area }).shape();
        let area = PolygonArea { outer: exact, holes: Vec::new() };
        assert_eq!(shape, FenceShape::Polygon { area }, "every digit, without the closing point");
    }

    #[test]
    fn across_the_date_line_a_shape_stays_in_one_piece() {
        let area = PolygonArea { outer: square(179.99, 0.02), holes: vec![square(179.995, 0.005)] };
        let mut draft = Draft::of(&FenceShape::Polygon { area });
        let bounds = draft.bounds().expect("bounds");
        assert!(bounds.max.x - bounds.min.x < 1e-4, "not around the earth: {bounds:?}");
        assert_eq!(draft.area_around(WorldPos::of(at(-179.995, 0.01))), Some(0), "east of it is inside, too");
        draft.shift(0.000_1, 0.0);
        let FenceShape::Polygon { area } = draft.shape() else { panic!("it stays a polygon") };
        assert!(area.outer.iter().all(|at| at.lon() < -179.9), "moved to the other side: {:?}", area.outer);
    }

    #[test]
    fn a_ring_and_a_line_keep_what_makes_them_one() {
        let area = PolygonArea { outer: square(7.0, 0.1), holes: vec![square(7.02, 0.02)] };
        let mut draft = Draft::of(&FenceShape::MultiPolygon { areas: vec![area.clone(), area] });
        let spot = Spot { area: 0, ring: 1, index: 0 };
        assert!(draft.remove(spot), "four corners can be three");
        assert!(!draft.remove(spot), "three can't be two");
        assert!(draft.remove_part(spot), "but the whole hole can go");
        assert!(draft.remove_part(Spot { ring: 0, ..spot }), "and one of two areas");
        assert!(!draft.remove_part(Spot { ring: 0, ..spot }), "the last one stays");
        let mut line = Draft::of(&FenceShape::Corridor { line: square(7.0, 0.1), half_width_m: 20.0 });
        let end = Spot { area: 0, ring: 0, index: 0 };
        assert!(line.remove(end) && line.remove(end), "down to two");
        assert!(!line.remove(end), "a line has two points");
    }
}
