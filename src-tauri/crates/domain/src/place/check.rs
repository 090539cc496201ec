//! Whether a shape can be a fence, and if not, precisely why.

use serde::{Deserialize, Serialize};

use super::{FenceShape, PolygonArea};
use crate::LonLat;
use crate::geo::unwrapped;

mod sweep;

use sweep::{Edge, Effort, aside, first_crossing, first_outside, on_earth};

/// Why a shape can't be a fence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "error", content = "value")]
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
    /// All points of the ring that begins here are on one line.
    #[error("the ring that begins at {:.6}, {:.6} (longitude, latitude) is a mere line", .0.lon(), .0.lat())]
    Flat(LonLat),
    /// A hole, or a part of it, is outside of the ring that it should be cut out of; this is one of the points there.
    #[error("a hole is outside of its area at {:.6}, {:.6} (longitude, latitude)", .0.lon(), .0.lat())]
    HoleOutside(LonLat),
    /// More than half of the earth is inside: surely the wrong side of the ring is meant.
    #[error("a fence can't be larger than half of the earth")]
    BeyondHemisphere,
    /// So many long edges lie above each other that checking the shape takes too long.
    #[error("the border is too tangled to be checked")]
    TooTangled,
}

const MAX_SIZE_M: f64 = 500_000.0;
/// A ring narrower than this is a line, degrees (a centimetre).
const FLAT_DEG: f64 = 1e-7;
/// Half of the earth's surface, in squares of its radius.
const HEMISPHERE: f64 = std::f64::consts::TAU;
const MAX_POINTS: usize = 200_000;

impl FenceShape {
    /// Whether the shape can be a fence at all. Rings may touch themselves and each other in single points, but not cross.
    pub fn check(&self) -> Result<(), ShapeError> {
        let points = self.point_count();
        if points > MAX_POINTS {
            return Err(ShapeError::TooManyPoints(points));
        }
        let mut effort = Effort::default();
        match self {
            FenceShape::Circle { radius_m, .. } => check_size(*radius_m),
            FenceShape::Polygon { area } => area.check(&mut effort),
            FenceShape::MultiPolygon { areas } if areas.is_empty() => Err(ShapeError::Empty),
            FenceShape::MultiPolygon { areas } => areas.iter().try_for_each(|area| area.check(&mut effort)),
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
    fn check(&self, effort: &mut Effort) -> Result<(), ShapeError> {
        let mut rings: Vec<Vec<[f64; 2]>> = Vec::with_capacity(1 + self.holes.len());
        for ring in self.rings() {
            if let points @ 0..3 = distinct(ring) {
                return Err(ShapeError::RingTooShort(points));
            }
            let ring = closed(ring)?;
            if let Some(at) = on_earth(ring[0]).filter(|_| is_flat(&ring)) {
                return Err(ShapeError::Flat(at));
            }
            let around = rings.first().map_or_else(|| mid_lon(&ring), |outer| mid_lon(outer));
            rings.push(turned_near(ring, around));
        }
        if let Some(at) = first_crossing(rings.iter().flat_map(|ring| edges(ring)).collect(), effort)? {
            return Err(ShapeError::SelfIntersecting(at));
        }
        let Some((outer, holes)) = rings.split_first() else { return Ok(()) };
        if surface(outer) > HEMISPHERE {
            return Err(ShapeError::BeyondHemisphere);
        }
        let in_holes = holes.iter().flat_map(|hole| corners_and_middles(hole)).collect();
        let outside = first_outside(edges(outer).collect(), in_holes, effort)?;
        outside.map_or(Ok(()), |at| Err(ShapeError::HoleOutside(at)))
    }
}

fn mid_lon(ring: &[[f64; 2]]) -> f64 {
    ring.iter().map(|point| point[0]).sum::<f64>() / ring.len() as f64
}

/// The ring, turned around the earth until it is as near to `lon` as can be.
fn turned_near(mut ring: Vec<[f64; 2]>, lon: f64) -> Vec<[f64; 2]> {
    let turns = ((lon - mid_lon(&ring)) / 360.0).round() * 360.0;
    ring.iter_mut().for_each(|point| point[0] += turns);
    ring
}

fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = Edge> {
    ring.windows(2).map(|edge| Edge::new(edge[0], edge[1]))
}

/// A hole whose corners are all on the border can still be outside with its edges.
fn corners_and_middles(ring: &[[f64; 2]]) -> impl Iterator<Item = [f64; 2]> {
    let middle = |a: [f64; 2], b: [f64; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    ring.windows(2).flat_map(move |edge| [edge[0], middle(edge[0], edge[1])])
}

fn is_flat(ring: &[[f64; 2]]) -> bool {
    let start = ring[0];
    let far = |point: &[f64; 2]| (point[0] - start[0]).hypot(point[1] - start[1]);
    let farthest = ring.iter().copied().max_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(start);
    // Not a number where all is one point.
    !ring.iter().any(|point| aside(*point, start, farthest) > FLAT_DEG)
}

/// What a ring encloses on the unit sphere.
fn surface(ring: &[[f64; 2]]) -> f64 {
    let strip = |edge: &[[f64; 2]]| {
        let height = (edge[0][1].to_radians().sin() + edge[1][1].to_radians().sin()) / 2.0;
        (edge[1][0] - edge[0][0]).to_radians() * height
    };
    ring.windows(2).map(strip).sum::<f64>().abs()
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
    fn a_hole_elsewhere_is_refused_and_a_hole_in_a_bay_too() {
        let outer = square(7.0, 43.0, 0.1);
        let elsewhere =
            polygon(outer.clone(), vec![square(7.04, 43.04, 0.02), square(8.0, 43.0, 0.01)]).check();
        assert_eq!(
            elsewhere,
            Err(ShapeError::HoleOutside(at(8.0, 43.0))),
            "the second hole, by its first corner"
        );
        assert_eq!(polygon(outer.clone(), vec![outer]).check(), Ok(()), "one that leaves nothing is inside");
        let bay = vec![at(0.0, 0.0), at(4.0, 0.0), at(4.0, 4.0), at(2.0, 1.0), at(0.0, 4.0)];
        let in_the_bay = vec![at(0.0, 4.0), at(2.0, 1.0), at(4.0, 4.0)];
        let refused = polygon(bay, vec![in_the_bay]).check();
        assert_eq!(
            refused,
            Err(ShapeError::HoleOutside(at(2.0, 4.0))),
            "all corners on the border, and outside"
        );
    }

    #[test]
    fn a_line_is_no_ring_and_most_of_the_earth_no_fence() {
        let along = vec![at(7.0, 43.0), at(7.1, 43.1), at(7.3, 43.3), at(7.2, 43.2)];
        assert_eq!(
            polygon(along, Vec::new()).check(),
            Err(ShapeError::Flat(at(7.0, 43.0))),
            "there and back"
        );
        let wide = |south: f64, north: f64| {
            let along = [-179.0, -90.0, 0.0, 90.0, 179.0];
            let there = along.iter().map(|lon| at(*lon, south));
            polygon(there.chain(along.iter().rev().map(|lon| at(*lon, north))).collect(), Vec::new())
        };
        assert_eq!(
            wide(-80.0, 80.0).check(),
            Err(ShapeError::BeyondHemisphere),
            "all but a slit and the poles"
        );
        assert_eq!(wide(10.0, 70.0).check(), Ok(()), "a belt of less than half");
    }

    #[test]
    fn an_error_survives_the_wire() {
        for error in
            [ShapeError::RingTooShort(2), ShapeError::AroundPole, ShapeError::SelfIntersecting(at(7.0, 43.0))]
        {
            let text = serde_json::to_string(&error).expect("writes");
            assert_eq!(serde_json::from_str::<ShapeError>(&text).expect("reads"), error, "as it was");
        }
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

    #[test]
    fn a_comb_of_long_edges_costs_a_moment_and_no_more() {
        let comb = |teeth: usize| {
            let tip = |i: usize| at(if i.is_multiple_of(2) { 7.0 } else { 9.0 }, 40.0 + i as f64 * 1e-4);
            let back = [at(9.5, 40.0 + teeth as f64 * 1e-4), at(9.5, 39.0), at(7.0, 39.0)];
            polygon((0..teeth).map(tip).chain(back).collect(), Vec::new())
        };
        assert_eq!(comb(2_000).check(), Ok(()), "odd and fine");
        assert_eq!(comb(60_000).check(), Err(ShapeError::TooTangled), "each edge above all others");
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
