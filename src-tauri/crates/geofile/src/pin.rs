//! Where the pin of a fence stands.

use domain::LonLat;
use domain::geo::unwrapped;
use domain::place::{FenceShape, PolygonArea};

/// A point that people take for the middle of a shape: a circle's centre, half the way along a corridor, the centre of mass of the
/// largest area. `None` for a shape without points.
pub fn pin(shape: &FenceShape) -> Option<LonLat> {
    match shape {
        FenceShape::Circle { center, .. } => Some(*center),
        FenceShape::Corridor { line, .. } => half_way(line),
        FenceShape::Polygon { area } => Weighed::of(area)?.middle(),
        FenceShape::MultiPolygon { areas } => {
            let weighed = areas.iter().filter_map(Weighed::of);
            weighed.max_by(|a, b| a.weight.abs().total_cmp(&b.weight.abs()))?.middle()
        }
    }
}

fn half_way(line: &[LonLat]) -> Option<LonLat> {
    let length_m: f64 = line.windows(2).map(|step| step[0].distance_m(step[1])).sum();
    let mut left_m = length_m / 2.0;
    for step in line.windows(2) {
        let step_m = step[0].distance_m(step[1]);
        if step_m >= left_m {
            return Some(step[0].destination(step[0].bearing_deg(step[1]), left_m));
        }
        left_m -= step_m;
    }
    line.first().copied()
}

/// An outer ring on scales.
struct Weighed {
    /// Twice the area in square degrees, negative when clockwise.
    weight: f64,
    /// Its moments about the first point.
    moment: [f64; 2],
    start: [f64; 2],
}

impl Weighed {
    fn of(area: &PolygonArea) -> Option<Self> {
        let ring = unwrapped(&area.outer);
        let start = *ring.first()?;
        let mut weighed = Weighed { weight: 0.0, moment: [0.0; 2], start };
        for edge in ring.windows(2) {
            let [a, b] = [0, 1].map(|end| [edge[end][0] - start[0], edge[end][1] - start[1]]);
            let cross = a[0] * b[1] - a[1] * b[0];
            weighed.weight += cross;
            weighed.moment = [0, 1].map(|axis| weighed.moment[axis] + (a[axis] + b[axis]) * cross / 3.0);
        }
        Some(weighed)
    }

    fn middle(&self) -> Option<LonLat> {
        let moved = |axis: usize| {
            let by = self.moment[axis] / self.weight;
            self.start[axis] + if by.is_finite() { by } else { 0.0 }
        };
        LonLat::new((moved(0) + 540.0).rem_euclid(360.0) - 180.0, moved(1).clamp(-90.0, 90.0)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    #[test]
    fn the_pin_is_in_the_middle_even_across_the_date_line() {
        let outer = vec![at(179.0, 0.0), at(-179.0, 0.0), at(-179.0, 1.0), at(179.0, 1.0)];
        let found =
            pin(&FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } }).expect("a pin");
        assert!(found.distance_m(at(180.0, 0.5)) < 1.0, "on the line itself: {found:?}");
        let line = vec![at(7.0, 43.0), at(7.0, 43.1), at(7.0, 43.4)];
        let found = pin(&FenceShape::Corridor { line, half_width_m: 20.0 }).expect("a pin");
        assert!(found.distance_m(at(7.0, 43.2)) < 1.0, "half the way: {found:?}");
        let square = |west: f64, side: f64| {
            let outer = vec![at(west, 0.0), at(west + side, 0.0), at(west + side, side), at(west, side)];
            PolygonArea { outer, holes: Vec::new() }
        };
        let found = pin(&FenceShape::MultiPolygon { areas: vec![square(0.0, 0.1), square(5.0, 1.0)] });
        assert!(found.expect("a pin").distance_m(at(5.5, 0.5)) < 1.0, "in the larger one: {found:?}");
    }
}
