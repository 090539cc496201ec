//! Whether two shapes are the same one.

use super::{FenceShape, PolygonArea};
use crate::LonLat;

impl FenceShape {
    /// Whether both have the same points in the same order, and the same size, to so many metres; however their rings are closed. Texts
    /// of numbers may be read a hair off, so equality is too much to ask of shapes that have travelled.
    pub fn is_same_within(&self, other: &FenceShape, metres: f64) -> bool {
        let points = |a: &[LonLat], b: &[LonLat]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_within(*b, metres))
        };
        let size = |a: &f64, b: &f64| (a - b).abs() <= metres;
        let areas = |a: &[PolygonArea], b: &[PolygonArea]| {
            let counts =
                |areas: &[PolygonArea]| areas.iter().map(|area| area.holes.len()).collect::<Vec<_>>();
            let mut rings = a.iter().flat_map(PolygonArea::rings).zip(b.iter().flat_map(PolygonArea::rings));
            counts(a) == counts(b) && rings.all(|(a, b)| points(open(a), open(b)))
        };
        match (self, other) {
            (
                FenceShape::Circle { center, radius_m },
                FenceShape::Circle { center: at, radius_m: other_m },
            ) => center.is_within(*at, metres) && size(radius_m, other_m),
            (
                FenceShape::Corridor { line, half_width_m },
                FenceShape::Corridor { line: other, half_width_m: other_m },
            ) => points(line, other) && size(half_width_m, other_m),
            (FenceShape::Polygon { area }, FenceShape::Polygon { area: other }) => {
                areas(std::slice::from_ref(area), std::slice::from_ref(other))
            }
            (FenceShape::MultiPolygon { areas: own }, FenceShape::MultiPolygon { areas: others }) => {
                areas(own, others)
            }
            (FenceShape::Circle { .. }, _)
            | (FenceShape::Corridor { .. }, _)
            | (FenceShape::Polygon { .. }, _)
            | (FenceShape::MultiPolygon { .. }, _) => false,
        }
    }
}

/// A ring without its closing point.
fn open(ring: &[LonLat]) -> &[LonLat] {
    match ring {
        [open @ .., last] if !open.is_empty() && ring.first() == Some(last) => open,
        _ => ring,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    #[test]
    fn a_hair_is_no_difference_and_a_metre_is() {
        let circle = |lon, radius_m| FenceShape::Circle { center: at(lon, 43.0), radius_m };
        let hair = f64::from_bits(7.3f64.to_bits() + 1);
        assert!(circle(7.3, 80.0).is_same_within(&circle(hair, 80.0), 0.001), "read a hair off");
        assert!(!circle(7.3, 80.0).is_same_within(&circle(7.3, 81.0), 0.001), "a metre wider");
        let ring = vec![at(7.0, 43.0), at(7.1, 43.0), at(7.1, 43.1)];
        let polygon =
            |outer: Vec<LonLat>| FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } };
        let closed: Vec<LonLat> = ring.iter().copied().chain([ring[0]]).collect();
        assert!(polygon(ring.clone()).is_same_within(&polygon(closed), 0.001), "closed or not");
        let turned: Vec<LonLat> = ring.iter().rev().copied().collect();
        assert!(!polygon(ring).is_same_within(&polygon(turned), 0.001), "another order is a redrawn one");
    }
}
