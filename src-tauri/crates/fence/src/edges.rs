//! The edges of a line or ring as boxes of boxes: nearest edge and crossings without looking at all of them.

use std::ops::Range;

use domain::LonLat;

use crate::boxes::{LANES, Offset, Quad};
use crate::extent::{Extent, M_PER_DEG, turns_towards};

/// Edges in a lowest box.
const EDGES: usize = 4;
/// Boxes in a box.
const FAN: usize = 8;
/// So many boxes need no box around them.
const MOST: usize = 16;

/// A line in unwrapped degrees with its index. Boxes hold consecutive edges, so they need no order of their own.
#[derive(Debug, Clone)]
pub(crate) struct EdgeTree {
    points: Vec<[f64; 2]>,
    /// What the boxes are counted from.
    origin: [f64; 2],
    /// The lowest boxes are around the edges `EDGES * i ..`.
    lowest: Vec<Quad>,
    /// Those of the next levels around the boxes `FAN * i ..` of the level below.
    higher: Vec<Vec<Quad>>,
}

/// The point that is asked about, as the origin of its own equidistant plane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here {
    pub lon: f64,
    pub lat: f64,
    pub m_per_lon: f64,
}

impl EdgeTree {
    /// Of a line of at least two points; a ring is given closed.
    pub fn new(points: Vec<[f64; 2]>) -> Self {
        let (edges, origin) = (points.len().saturating_sub(1), points[0]);
        let quads = |boxes: &[Extent]| boxes.chunks(LANES).map(|boxes| Quad::new(boxes, origin)).collect();
        let around = |start: usize| Extent::around(&points[start..=(start + EDGES).min(edges)]);
        let mut boxes: Vec<Extent> = (0..edges).step_by(EDGES).map(around).collect();
        let (lowest, mut higher) = (quads(&boxes), Vec::new());
        while boxes.len() > MOST {
            let join = |boxes: &[Extent]| boxes[1..].iter().fold(boxes[0], |all, next| all.joined(*next));
            boxes = boxes.chunks(FAN).map(join).collect();
            higher.push(quads(&boxes));
        }
        Self { points, origin, lowest, higher }
    }

    pub fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    fn level(&self, level: usize) -> &[Quad] {
        level.checked_sub(1).map_or(&self.lowest, |higher| &self.higher[higher])
    }

    /// The boxes that a box of a higher level is around.
    fn below(&self, level: usize, index: usize) -> Range<usize> {
        let start = index * FAN / LANES;
        start..(start + FAN / LANES).min(self.level(level).len())
    }

    fn offset(&self, here: &Here) -> Offset {
        let [lon, lat] = self.origin;
        Offset { x: (here.lon - lon) as f32, y: (here.lat - lat) as f32, m_per_lon: here.m_per_lon as f32 }
    }

    /// Distance in metres to the nearest edge, if that is below `limit_m`; else `limit_m`.
    pub fn nearest_m(&self, here: &Here, limit_m: f64) -> f64 {
        let (top, offset) = (self.higher.len(), self.offset(here));
        self.nearest_in((here, &offset), top, 0..self.level(top).len(), limit_m * limit_m).sqrt()
    }

    /// Squared, of at most [`MOST`] boxes of a level.
    fn nearest_in(&self, from: (&Here, &Offset), level: usize, quads: Range<usize>, mut best_m2: f64) -> f64 {
        let first = quads.start * LANES;
        let quads = &self.level(level)[quads];
        let mut far_m2 = [f32::INFINITY; MOST];
        // Which is the nearest box, that most likely rules out the others, nobody can foretell, hence no branches: the bits of
        // distances are in their order, and the last few of them give way to the number of the box.
        let mut nearest = u32::MAX;
        for (number, quad) in quads.iter().enumerate() {
            let four = quad.far_m2(from.1);
            far_m2[number * LANES..][..LANES].copy_from_slice(&four);
            for (lane, far_m2) in four.iter().enumerate() {
                let bits = far_m2.to_bits() & !(MOST as u32 - 1);
                nearest = nearest.min(bits | (number * LANES + lane) as u32);
            }
        }
        let nearest = nearest as usize % MOST;
        if f64::from(far_m2[nearest]) >= best_m2 {
            return best_m2;
        }
        best_m2 = self.nearest_below(from, level, first + nearest, best_m2);
        far_m2[nearest] = f32::INFINITY;
        let mut nearer = 0;
        for (index, far_m2) in far_m2[..quads.len() * LANES].iter().enumerate() {
            nearer |= u32::from(f64::from(*far_m2) < best_m2) << index;
        }
        while nearer != 0 {
            let index = nearer.trailing_zeros() as usize;
            if f64::from(far_m2[index]) < best_m2 {
                best_m2 = self.nearest_below(from, level, first + index, best_m2);
            }
            nearer &= nearer - 1;
        }
        best_m2
    }

    #[inline]
    fn nearest_below(&self, from: (&Here, &Offset), level: usize, index: usize, best_m2: f64) -> f64 {
        if let Some(below) = level.checked_sub(1) {
            return self.nearest_in(from, below, self.below(below, index), best_m2);
        }
        let points = self.edges(index);
        let (mut best_m2, mut from_point) = (best_m2, from.0.plane(points[0]));
        for point in &points[1..] {
            let to_point = from.0.plane(*point);
            let far_m2 = edge_distance_m2(from_point, to_point);
            best_m2 = if far_m2 < best_m2 { far_m2 } else { best_m2 };
            from_point = to_point;
        }
        best_m2
    }

    /// The points of a lowest box.
    fn edges(&self, index: usize) -> &[[f64; 2]] {
        let start = index * EDGES;
        &self.points[start..=(start + EDGES).min(self.points.len() - 1)]
    }

    /// Whether a ray to the east crosses the ring an odd number of times: then the point is inside.
    pub fn surrounds(&self, here: &Here) -> bool {
        let (top, offset) = (self.higher.len(), self.offset(here));
        self.odd_in((here, &offset), top, 0..self.level(top).len())
    }

    fn odd_in(&self, from: (&Here, &Offset), level: usize, quads: Range<usize>) -> bool {
        let mut odd = false;
        for (index, quad) in quads.clone().zip(&self.level(level)[quads]) {
            let mut met = quad.met(from.1);
            while met != 0 {
                let lane = met.trailing_zeros() as usize;
                odd ^= self.is_odd_in(from, level, index * LANES + lane, quad.is_east(lane, from.1));
                met &= met - 1;
            }
        }
        odd
    }

    fn is_odd_in(&self, from: (&Here, &Offset), level: usize, index: usize, is_east: bool) -> bool {
        let Here { lon, lat, .. } = *from.0;
        if is_east {
            // Its ends tell how often it crosses, odd or even.
            let (first, last) = self.ends(level, index);
            return (self.points[first][1] > lat) != (self.points[last][1] > lat);
        }
        if let Some(below) = level.checked_sub(1) {
            return self.odd_in(from, below, self.below(below, index));
        }
        let edges = self.edges(index).windows(2);
        edges.fold(false, |odd, edge| odd ^ ray_crosses(lon, lat, edge[0], edge[1]))
    }

    /// First and last point of the edges in a box.
    fn ends(&self, level: usize, index: usize) -> (usize, usize) {
        let edges = EDGES * FAN.pow(level as u32);
        (index * edges, ((index + 1) * edges).min(self.points.len() - 1))
    }
}

/// The width of a degree of longitude around a latitude, for many places near each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    lat: f64,
    sin: f64,
    cos: f64,
}

impl Scale {
    /// So far (degrees) from the latitude that it was made for a scale is exact to 1e-13.
    const REACH_DEG: f64 = 0.05;

    pub fn new(lat: f64) -> Self {
        let (sin, cos) = lat.to_radians().sin_cos();
        Self { lat, sin, cos }
    }

    pub fn reaches(&self, lat: f64) -> bool {
        (lat - self.lat).abs() <= Self::REACH_DEG
    }

    /// Metres in a degree of longitude at a latitude that it reaches.
    pub fn m_per_lon(&self, lat: f64) -> f64 {
        let off = (lat - self.lat).to_radians();
        let half = off * off / 2.0;
        M_PER_DEG * (self.cos * (1.0 - half) - self.sin * off * (1.0 - half / 3.0))
    }
}

impl Here {
    /// Not to be computed before it is known that somebody asks for a distance.
    #[inline(never)]
    pub fn new(at: LonLat) -> Self {
        Self { lon: at.lon(), lat: at.lat(), m_per_lon: M_PER_DEG * at.lat().to_radians().cos() }
    }

    /// The same by a scale that reaches the point.
    pub fn scaled(at: LonLat, scale: &Scale) -> Self {
        Self { lon: at.lon(), lat: at.lat(), m_per_lon: scale.m_per_lon(at.lat()) }
    }

    /// The same point on the turn of `mid_lon`.
    pub fn near(self, mid_lon: f64) -> Self {
        Self { lon: self.lon + turns_towards(self.lon, mid_lon), ..self }
    }

    /// Metres to the east and north.
    fn plane(&self, point: [f64; 2]) -> [f64; 2] {
        [(point[0] - self.lon) * self.m_per_lon, (point[1] - self.lat) * M_PER_DEG]
    }
}

/// Squared distance of the origin of the plane from an edge.
fn edge_distance_m2(a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let length_2 = along[0] * along[0] + along[1] * along[1];
    // An edge of no length is a point.
    let length_2 = if length_2 > 0.0 { length_2 } else { f64::MIN_POSITIVE };
    let share = -(a[0] * along[0] + a[1] * along[1]) / length_2;
    let share = if share > 0.0 { share } else { 0.0 };
    let share = if share < 1.0 { share } else { 1.0 };
    let nearest = [a[0] + along[0] * share, a[1] + along[1] * share];
    nearest[0] * nearest[0] + nearest[1] * nearest[1]
}

fn ray_crosses(lon: f64, lat: f64, a: [f64; 2], b: [f64; 2]) -> bool {
    // Nobody can foretell either answer: both at once are quicker than a branch.
    ((a[1] > lat) != (b[1] > lat)) & (lon < (b[0] - a[0]) * (lat - a[1]) / (b[1] - a[1]) + a[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_scale_is_as_good_as_a_cosine() {
        for lat in [-89.0, -60.0, 0.0, 0.03, 52.5, 79.9] {
            let scale = Scale::new(lat);
            for off in [-0.05, -0.01, 0.0, 0.02, 0.05] {
                let exact = M_PER_DEG * (lat + off).to_radians().cos();
                let error = (scale.m_per_lon(lat + off) - exact).abs() / M_PER_DEG;
                assert!(error < 1e-13, "{error} at {lat} + {off}");
            }
        }
    }

    proptest! {
        /// Boxes only save work: a ring of any size answers as if every edge were looked at.
        #[test]
        fn the_index_changes_no_answer(
            points in proptest::collection::vec((0.0..0.1f64, 0.0..0.1f64), 3..700),
            lon in -0.02..0.12f64,
            lat in -0.02..0.12f64,
        ) {
            let mut ring: Vec<[f64; 2]> = points.iter().map(|(x, y)| [*x, *y]).collect();
            ring.push(ring[0]);
            let here = Here::new(LonLat::new(lon, lat).expect("coordinate"));
            let tree = EdgeTree::new(ring.clone());
            let all = ring.windows(2);
            let nearest_m2 = all.clone().map(|e| edge_distance_m2(here.plane(e[0]), here.plane(e[1]))).fold(f64::INFINITY, f64::min);
            let odd = all.fold(false, |odd, e| odd ^ ray_crosses(lon, lat, e[0], e[1]));
            // A box's distance may be rounded differently from that of the edge at its side.
            let differs = |limit_m: f64| (tree.nearest_m(&here, limit_m) - nearest_m2.sqrt().min(limit_m)).abs();
            prop_assert!(differs(f64::INFINITY) < 1e-6, "the nearest edge");
            prop_assert!(differs(100.0) < 1e-6, "within a limit");
            prop_assert_eq!(tree.surrounds(&here), odd, "the crossings");
        }
    }
}
