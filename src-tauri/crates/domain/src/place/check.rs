//! Whether a shape can be a fence, and if not, precisely why.

use super::{FenceShape, PolygonArea};
use crate::LonLat;
use crate::geo::unwrapped;

/// Why a shape can't be a fence.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ShapeError {
    /// Not a positive, finite number of metres, or absurdly large.
    #[error("{0} m is no usable size for a fence (more than 0 m, at most 500 km)")]
    Size(f64),
    /// Too few different points.
    #[error("a ring needs at least three different points, this has {0}")]
    RingTooShort(usize),
    /// Too few different points.
    #[error("a corridor's line needs at least two different points, this has {0}")]
    LineTooShort(usize),
    /// No area at all.
    #[error("a multi-polygon needs at least one area")]
    Empty,
    /// More points than a fence may have.
    #[error("{0} points are too many for a fence (at most 200,000)")]
    TooManyPoints(usize),
    /// What is inside can't be told.
    #[error("a ring around a pole can't be a fence")]
    AroundPole,
    /// Two edges of a polygon cross, of the same ring or of two.
    #[error("the border crosses itself at {:.6}, {:.6} (longitude, latitude)", .0.lon(), .0.lat())]
    SelfIntersecting(LonLat),
}

const MAX_SIZE_M: f64 = 500_000.0;
const MAX_POINTS: usize = 200_000;

impl FenceShape {
    /// Whether the shape can be a fence at all. Rings may touch themselves and each other in single points, but not cross.
    pub fn check(&self) -> Result<(), ShapeError> {
        let points = self.point_count();
        if points > MAX_POINTS {
            return Err(ShapeError::TooManyPoints(points));
        }
        match self {
            FenceShape::Circle { radius_m, .. } => check_size(*radius_m),
            FenceShape::Polygon { area } => area.check(),
            FenceShape::MultiPolygon { areas } if areas.is_empty() => Err(ShapeError::Empty),
            FenceShape::MultiPolygon { areas } => areas.iter().try_for_each(PolygonArea::check),
            FenceShape::Corridor { line, half_width_m } => match distinct(line) {
                points @ 0..2 => Err(ShapeError::LineTooShort(points)),
                _ => check_size(*half_width_m),
            },
        }
    }

    fn point_count(&self) -> usize {
        let of = |area: &PolygonArea| area.rings().map(Vec::len).sum::<usize>();
        match self {
            FenceShape::Circle { .. } => 1,
            FenceShape::Polygon { area } => of(area),
            FenceShape::MultiPolygon { areas } => areas.iter().map(of).sum(),
            FenceShape::Corridor { line, .. } => line.len(),
        }
    }
}

impl PolygonArea {
    fn check(&self) -> Result<(), ShapeError> {
        let mut edges = Vec::new();
        let mut mid_lon = None;
        for ring in self.rings() {
            if let points @ 0..3 = distinct(ring) {
                return Err(ShapeError::RingTooShort(points));
            }
            let mut ring = closed(ring)?;
            let middle = ring.iter().map(|point| point[0]).sum::<f64>() / ring.len() as f64;
            let turns = ((mid_lon.unwrap_or(middle) - middle) / 360.0).round() * 360.0;
            mid_lon = mid_lon.or(Some(middle));
            ring.iter_mut().for_each(|point| point[0] += turns);
            edges.extend(ring.windows(2).map(|edge| Edge::new(edge[0], edge[1])));
        }
        first_crossing(edges).map_or(Ok(()), |at| Err(ShapeError::SelfIntersecting(at)))
    }
}

/// The ring in unwrapped degrees, its end on its start.
fn closed(ring: &[LonLat]) -> Result<Vec<[f64; 2]>, ShapeError> {
    let mut closed = ring.to_vec();
    if closed.first() != closed.last() {
        closed.extend(ring.first());
    }
    let closed = unwrapped(&closed);
    let turned = closed[closed.len() - 1][0] - closed[0][0];
    if turned.abs() > 180.0 { Err(ShapeError::AroundPole) } else { Ok(closed) }
}

/// From west to east.
#[derive(Debug, Clone, Copy)]
struct Edge {
    west: [f64; 2],
    east: [f64; 2],
}

impl Edge {
    fn new(a: [f64; 2], b: [f64; 2]) -> Self {
        if a[0] <= b[0] { Edge { west: a, east: b } } else { Edge { west: b, east: a } }
    }

    /// Where the inner parts of both meet, if they really cross there.
    fn crossing(&self, other: &Edge) -> Option<[f64; 2]> {
        let (along, across) = (minus(self.east, self.west), minus(other.east, other.west));
        let side = |of: &Edge, point| cross(minus(of.east, of.west), minus(point, of.west));
        let parted = |a: f64, b: f64| (a < 0.0 && b > 0.0) || (a > 0.0 && b < 0.0);
        let crosses = parted(side(self, other.west), side(self, other.east))
            && parted(side(other, self.west), side(other, self.east));
        let share = cross(minus(other.west, self.west), across) / cross(along, across);
        crosses.then(|| [self.west[0] + along[0] * share, self.west[1] + along[1] * share])
    }

    fn overlaps_latitudes(&self, other: &Edge) -> bool {
        let span = |edge: &Edge| (edge.west[1].min(edge.east[1]), edge.west[1].max(edge.east[1]));
        let ((south, north), (other_south, other_north)) = (span(self), span(other));
        south <= other_north && other_south <= north
    }
}

/// A sweep from west to east over the edges that overlap in longitude.
fn first_crossing(mut edges: Vec<Edge>) -> Option<LonLat> {
    edges.sort_unstable_by(|a, b| a.west[0].total_cmp(&b.west[0]));
    let mut open: Vec<Edge> = Vec::new();
    for edge in edges {
        open.retain(|before| before.east[0] >= edge.west[0]);
        let mut near = open.iter().filter(|before| before.overlaps_latitudes(&edge));
        if let Some(point) = near.find_map(|before| before.crossing(&edge)) {
            return LonLat::new((point[0] + 540.0).rem_euclid(360.0) - 180.0, point[1]).ok();
        }
        open.push(edge);
    }
    None
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn check_size(metres: f64) -> Result<(), ShapeError> {
    if metres > 0.0 && metres <= MAX_SIZE_M { Ok(()) } else { Err(ShapeError::Size(metres)) }
}

/// Number of different points, counted up to three.
fn distinct(points: &[LonLat]) -> usize {
    let mut seen: Vec<LonLat> = Vec::with_capacity(3);
    for point in points {
        if seen.len() < 3 && !seen.contains(point) {
            seen.push(*point);
        }
    }
    seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    fn polygon(outer: Vec<LonLat>, holes: Vec<Vec<LonLat>>) -> FenceShape {
        FenceShape::Polygon { area: PolygonArea { outer, holes } }
    }

    fn square(west: f64, south: f64, side: f64) -> Vec<LonLat> {
        let wrap = |lon: f64| (lon + 540.0).rem_euclid(360.0) - 180.0;
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
            .map(|(x, y)| at(wrap(west + x), south + y))
            .to_vec()
    }

    #[test]
    fn shapes_that_enclose_nothing_are_refused() {
        let ring = vec![at(7.0, 43.0), at(7.1, 43.0), at(7.0, 43.0)];
        assert_eq!(
            polygon(ring, Vec::new()).check(),
            Err(ShapeError::RingTooShort(2)),
            "a line and back is no area"
        );
        assert_eq!(
            polygon(Vec::new(), Vec::new()).check(),
            Err(ShapeError::RingTooShort(0)),
            "no points at all"
        );
        assert_eq!(
            FenceShape::MultiPolygon { areas: Vec::new() }.check(),
            Err(ShapeError::Empty),
            "no areas"
        );
        let circle = |radius_m| FenceShape::Circle { center: at(7.0, 43.0), radius_m };
        assert_eq!(circle(0.0).check(), Err(ShapeError::Size(0.0)), "no radius");
        assert!(circle(f64::NAN).check().is_err(), "NaN is no radius");
        assert!(circle(f64::INFINITY).check().is_err(), "nor is infinity");
        assert_eq!(circle(50.0).check(), Ok(()), "fifty metres is fine");
        let line = FenceShape::Corridor { line: vec![at(7.0, 43.0); 3], half_width_m: 20.0 };
        assert_eq!(line.check(), Err(ShapeError::LineTooShort(1)), "three times the same point is no line");
    }

    #[test]
    fn a_bow_tie_is_refused_and_its_knot_named() {
        let knot = polygon(vec![at(7.0, 43.0), at(7.2, 43.2), at(7.2, 43.0), at(7.0, 43.2)], Vec::new());
        let Err(ShapeError::SelfIntersecting(at)) = knot.check() else { panic!("a bow-tie crosses itself") };
        assert!((at.lon() - 7.1).abs() < 1e-9 && (at.lat() - 43.1).abs() < 1e-9, "in the middle: {at:?}");
    }

    #[test]
    fn a_hole_may_touch_the_outer_ring_but_not_cross_it() {
        let outer = square(7.0, 43.0, 0.1);
        let touching = vec![at(7.05, 43.0), at(7.07, 43.05), at(7.03, 43.05)];
        assert_eq!(polygon(outer.clone(), vec![touching]).check(), Ok(()), "one common point");
        let crossing = vec![at(7.05, 42.99), at(7.07, 43.05), at(7.03, 43.05)];
        let refused = polygon(outer, vec![crossing]).check();
        assert!(matches!(refused, Err(ShapeError::SelfIntersecting(_))), "{refused:?}");
    }

    #[test]
    fn the_date_line_is_no_crossing_and_a_pole_no_inside() {
        let outer = square(179.95, -16.8, 0.1);
        let hole = square(-179.99, -16.76, 0.02);
        assert_eq!(polygon(outer, vec![hole]).check(), Ok(()), "a hole on the other side of it");
        let around = vec![at(0.0, 80.0), at(120.0, 80.0), at(-120.0, 80.0)];
        assert_eq!(polygon(around, Vec::new()).check(), Err(ShapeError::AroundPole), "inside is undefined");
    }

    #[test]
    fn a_ring_of_a_country_is_checked_at_once_and_a_flood_of_points_refused() {
        let star = |points: usize| {
            let point = |i: usize| {
                let (angle, far) =
                    (i as f64 / points as f64 * std::f64::consts::TAU, 1.0 + (i % 2) as f64 * 0.001);
                at(10.0 + angle.cos() * far, 50.0 + angle.sin() * far)
            };
            polygon((0..points).map(point).collect(), Vec::new())
        };
        assert_eq!(star(50_000).check(), Ok(()), "large and fine");
        assert_eq!(star(200_001).check(), Err(ShapeError::TooManyPoints(200_001)), "too large");
    }

    proptest! {
        /// The sweep finds a crossing exactly where looking at all pairs finds one.
        #[test]
        fn the_sweep_misses_nothing(points in proptest::collection::vec((0.0..1.0f64, 0.0..1.0f64), 3..14)) {
            let ring: Vec<LonLat> = points.iter().map(|(x, y)| at(7.0 + x, 43.0 + y)).collect();
            let line = closed(&ring).expect("no pole");
            let edges: Vec<Edge> = line.windows(2).map(|edge| Edge::new(edge[0], edge[1])).collect();
            let any = edges.iter().any(|one| edges.iter().any(|other| one.crossing(other).is_some()));
            prop_assert_eq!(polygon(ring, Vec::new()).check().is_err(), any);
        }
    }
}
