//! How large the shape is, and where its border crosses itself while it is being drawn.

use domain::LonLat;
use std::f64::consts::PI;

use super::draft::{Draft, Vertex};
use crate::projection::WorldPos;

/// What can be read off a shape.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Its area in square metres; holes are not counted.
    pub area_m2: f64,
    /// The length of its border in metres; of a corridor, the length of its line.
    pub length_m: f64,
}

pub(crate) fn measures(draft: &Draft) -> Measures {
    match draft {
        Draft::Circle { radius_m, .. } => {
            Measures { area_m2: PI * radius_m * radius_m, length_m: 2.0 * PI * radius_m }
        }
        Draft::Corridor { line, half_width_m } => {
            let length_m = path_m(line);
            Measures { area_m2: half_width_m * (2.0 * length_m + PI * half_width_m), length_m }
        }
        Draft::Areas(areas) => {
            let of_area = |rings: &Vec<Vec<Vertex>>| {
                let mut sizes = rings.iter().map(|ring| ring_m2(ring));
                (sizes.next().unwrap_or(0.0) - sizes.sum::<f64>()).max(0.0)
            };
            let border = |ring: &Vec<Vertex>| path_m(ring) + closing_m(ring);
            Measures {
                area_m2: areas.iter().map(of_area).sum(),
                length_m: areas.iter().flatten().map(border).sum(),
            }
        }
    }
}

pub(crate) fn path_m(path: &[Vertex]) -> f64 {
    path.windows(2).map(|pair| pair[0].at.distance_m(pair[1].at)).sum()
}

fn closing_m(ring: &[Vertex]) -> f64 {
    match (ring.first(), ring.last()) {
        (Some(first), Some(last)) => first.at.distance_m(last.at),
        (Some(_) | None, None) | (None, Some(_)) => 0.0,
    }
}

/// By the shoelace formula in metres around the ring's first corner.
pub(crate) fn ring_m2(ring: &[Vertex]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    let points: Vec<[f64; 2]> = ring.iter().map(|vertex| metres_from(first, vertex)).collect();
    let next = points.iter().cycle().skip(1);
    let twice: f64 = points.iter().zip(next).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum();
    twice.abs() / 2.0
}

fn metres_from(origin: &Vertex, vertex: &Vertex) -> [f64; 2] {
    let m_per_deg = domain::geo::EARTH_RADIUS_M * PI / 180.0;
    let lat = |at: LonLat| at.lat();
    let middle_lat = (lat(origin.at) + lat(vertex.at)) / 2.0;
    let east_deg = (vertex.world.x - origin.world.x) * 360.0;
    [east_deg * m_per_deg * middle_lat.to_radians().cos(), (lat(vertex.at) - lat(origin.at)) * m_per_deg]
}

/// Where the newest edge of an unfinished ring crosses an older one.
pub(crate) fn newest_crossing(path: &[WorldPos]) -> Option<WorldPos> {
    let [older @ .., from, to] = path else { return None };
    // The edge just before shares a corner with the newest one.
    let edges = older.windows(2).map(|edge| (edge[0], edge[1]));
    edges.filter_map(|(a, b)| crossing((a, b), (*from, *to))).next()
}

/// Where the inner parts of two edges meet.
pub(crate) fn crossing(one: (WorldPos, WorldPos), other: (WorldPos, WorldPos)) -> Option<WorldPos> {
    let minus = |a: WorldPos, b: WorldPos| (a.x - b.x, a.y - b.y);
    let cross = |a: (f64, f64), b: (f64, f64)| a.0 * b.1 - a.1 * b.0;
    let (along, across) = (minus(one.1, one.0), minus(other.1, other.0));
    let between = minus(other.0, one.0);
    let turn = cross(along, across);
    let (t, u) = (cross(between, across) / turn, cross(between, along) / turn);
    let inner = |share: f64| share > 0.0 && share < 1.0;
    (inner(t) && inner(u)).then_some(WorldPos { x: one.0.x + along.0 * t, y: one.0.y + along.1 * t })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::place::{FenceShape, PolygonArea};

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    /// Corners of a square around a place, clockwise.
    fn square(center: LonLat, half_m: f64) -> Vec<LonLat> {
        let reach = half_m * 2f64.sqrt();
        [45.0, 135.0, 225.0, 315.0].map(|bearing| center.destination(bearing, reach)).to_vec()
    }

    #[test]
    fn sizes_are_as_on_the_ground() {
        let yard =
            PolygonArea { outer: square(at(7.42, 43.73), 100.0), holes: vec![square(at(7.42, 43.73), 50.0)] };
        let of_yard = measures(&Draft::of(&FenceShape::Polygon { area: yard }));
        assert!((of_yard.area_m2 - 30_000.0).abs() < 30.0, "200 m by 200 m less 100 m by 100 m: {of_yard:?}");
        assert!((of_yard.length_m - 1_200.0).abs() < 2.0, "both borders: {of_yard:?}");
        let date_line = PolygonArea { outer: square(at(180.0, -17.0), 100.0), holes: Vec::new() };
        let of_island = measures(&Draft::of(&FenceShape::Polygon { area: date_line }));
        assert!((of_island.area_m2 - 40_000.0).abs() < 40.0, "across the date line: {of_island:?}");
        let line = vec![at(7.42, 43.73), at(7.42, 43.73).destination(90.0, 1_000.0)];
        let road = measures(&Draft::of(&FenceShape::Corridor { line, half_width_m: 10.0 }));
        assert!((road.length_m - 1_000.0).abs() < 0.1, "the line's length: {road:?}");
        assert!((road.area_m2 - 20_314.0).abs() < 5.0, "with its round ends: {road:?}");
    }

    #[test]
    fn an_unfinished_ring_tells_where_it_crosses() {
        let path = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (1.0, -1.0)].map(|(x, y)| WorldPos { x, y });
        let found = newest_crossing(&path).expect("the newest edge goes through the first one");
        assert!((found.x - 4.0 / 3.0).abs() < 1e-9 && found.y.abs() < 1e-9, "there: {found:?}");
        assert_eq!(newest_crossing(&path[..3]), None, "a corner is no crossing");
        assert_eq!(newest_crossing(&[path[0], path[0], path[0]]), None, "edges without a length");
    }
}
