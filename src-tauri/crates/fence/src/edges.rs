//! The edges of a line or ring as boxes of boxes: nearest edge and crossings without looking at all of them.

use std::ops::Range;

use domain::LonLat;

use crate::extent::{Extent, M_PER_DEG, turns_towards};
use crate::strips::Strips;

/// Edges in a lowest box.
const EDGES: usize = 4;
/// Boxes in a box.
const FAN: usize = 8;
/// So many boxes need no box around them.
const MOST: usize = 16;
/// Enough for more edges than a fence may have.
const LEVELS: usize = 8;

/// A line in unwrapped degrees with its index. Boxes hold consecutive edges, so they need no order of their own.
#[derive(Debug, Clone)]
pub(crate) struct EdgeTree {
    points: Vec<[f64; 2]>,
    /// Level by level: the first ones are around the edges `EDGES * i ..`, those of the next level around `FAN * i ..` of them.
    boxes: Vec<Extent>,
    /// Where the boxes of each level begin; the last one that has any is the top.
    starts: [u32; LEVELS],
    top: u8,
    strips: Option<Strips>,
}

/// The point that is asked about, as the origin of its own equidistant plane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here {
    pub lon: f64,
    pub lat: f64,
    pub m_per_lon: f64,
}

impl EdgeTree {
    /// Of a closed ring, which may be asked whether it surrounds a point.
    pub fn ring(points: Vec<[f64; 2]>) -> Self {
        let strips = Strips::new(&points);
        Self { strips, ..Self::line(points) }
    }

    /// Of a line of at least two points.
    pub fn line(points: Vec<[f64; 2]>) -> Self {
        let edges = points.len().saturating_sub(1);
        let lowest = (0..edges).step_by(EDGES).map(|start| {
            let end = (start + EDGES).min(edges);
            Extent::around(&points[start..=end])
        });
        let mut boxes: Vec<Extent> = lowest.collect();
        let (mut starts, mut top) = ([0; LEVELS], 0);
        while boxes.len() - starts[top] as usize > MOST {
            let below = starts[top] as usize..boxes.len();
            (top, starts[top + 1]) = (top + 1, boxes.len() as u32);
            let join = |boxes: &[Extent]| boxes[1..].iter().fold(boxes[0], |all, next| all.joined(*next));
            let joined: Vec<Extent> = boxes[below].chunks(FAN).map(join).collect();
            boxes.extend(joined);
        }
        Self { points, boxes, starts, top: top as u8, strips: None }
    }

    pub fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    /// The boxes of a level.
    fn level(&self, level: usize) -> &[Extent] {
        let end = if level == usize::from(self.top) { self.boxes.len() } else { self.starts[level + 1] as usize };
        &self.boxes[self.starts[level] as usize..end]
    }

    /// Distance in metres to the nearest edge, if that is below `limit_m`; else `limit_m`.
    pub fn nearest_m(&self, here: &Here, limit_m: f64) -> f64 {
        let top = usize::from(self.top);
        self.nearest_in(here, top, 0..self.level(top).len(), limit_m * limit_m).sqrt()
    }

    /// Squared, of at most [`MOST`] boxes of a level.
    fn nearest_in(&self, here: &Here, level: usize, boxes: Range<usize>, mut best_m2: f64) -> f64 {
        let mut far_m2 = [f64::INFINITY; MOST];
        let far_m2 = &mut far_m2[..boxes.len()];
        for (far_m2, extent) in far_m2.iter_mut().zip(&self.level(level)[boxes.clone()]) {
            *far_m2 = here.box_distance_m2(extent);
        }
        // The nearest box first: it most likely rules out the others.
        loop {
            let first = (f64::INFINITY, 0);
            let nearer = |best: (f64, usize), (index, far_m2): (usize, &f64)| {
                if *far_m2 < best.0 { (*far_m2, index) } else { best }
            };
            let (least_m2, index) = far_m2.iter().enumerate().fold(first, nearer);
            if least_m2 >= best_m2 {
                return best_m2;
            }
            far_m2[index] = f64::INFINITY;
            best_m2 = self.nearest_below(here, level, boxes.start + index, best_m2);
        }
    }

    fn nearest_below(&self, here: &Here, level: usize, index: usize, best_m2: f64) -> f64 {
        if let Some(below) = level.checked_sub(1) {
            let start = index * FAN;
            let end = (start + FAN).min(self.level(below).len());
            return self.nearest_in(here, below, start..end, best_m2);
        }
        self.edges(index).windows(2).fold(best_m2, |best, edge| best.min(here.edge_distance_m2(edge[0], edge[1])))
    }

    /// The points of a lowest box.
    fn edges(&self, index: usize) -> &[[f64; 2]] {
        let start = index * EDGES;
        &self.points[start..=(start + EDGES).min(self.points.len() - 1)]
    }

    /// Whether a ray to the east crosses the ring an odd number of times: then the point is inside.
    pub fn surrounds(&self, here: &Here) -> bool {
        if let Some(strips) = &self.strips {
            return strips.at(here.lat).iter().fold(false, |odd, edge| {
                let edge = *edge as usize;
                odd ^ ray_crosses(here.lon, here.lat, self.points[edge], self.points[edge + 1])
            });
        }
        let top = usize::from(self.top);
        self.odd_in(here.lon, here.lat, top, 0..self.level(top).len())
    }

    fn odd_in(&self, lon: f64, lat: f64, level: usize, boxes: Range<usize>) -> bool {
        let mut odd = false;
        for (index, extent) in boxes.clone().zip(&self.level(level)[boxes]) {
            if lat < extent.south || lat > extent.north || extent.east < lon {
                continue;
            }
            odd ^= if extent.west > lon {
                // All of it lies to the east: its ends tell how often it crosses, odd or even.
                let (from, to) = self.ends(level, index);
                (self.points[from][1] > lat) != (self.points[to][1] > lat)
            } else if let Some(below) = level.checked_sub(1) {
                let start = index * FAN;
                self.odd_in(lon, lat, below, start..(start + FAN).min(self.level(below).len()))
            } else {
                let edges = self.edges(index).windows(2);
                edges.fold(false, |odd, edge| odd ^ ray_crosses(lon, lat, edge[0], edge[1]))
            };
        }
        odd
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

    pub fn box_distance_m2(&self, extent: &Extent) -> f64 {
        let by_lon = (extent.west - self.lon).max(self.lon - extent.east).max(0.0) * self.m_per_lon;
        let by_lat = (extent.south - self.lat).max(self.lat - extent.north).max(0.0) * M_PER_DEG;
        by_lon * by_lon + by_lat * by_lat
    }

    fn edge_distance_m2(&self, a: [f64; 2], b: [f64; 2]) -> f64 {
        let plane = |p: [f64; 2]| [(p[0] - self.lon) * self.m_per_lon, (p[1] - self.lat) * M_PER_DEG];
        let (a, b) = (plane(a), plane(b));
        let along = [b[0] - a[0], b[1] - a[1]];
        let length_2 = along[0] * along[0] + along[1] * along[1];
        // An edge of no length is a point.
        let share = -(a[0] * along[0] + a[1] * along[1]) / length_2.max(f64::MIN_POSITIVE);
        let share = share.clamp(0.0, 1.0);
        let nearest = [a[0] + along[0] * share, a[1] + along[1] * share];
        nearest[0] * nearest[0] + nearest[1] * nearest[1]
    }
}

fn ray_crosses(lon: f64, lat: f64, a: [f64; 2], b: [f64; 2]) -> bool {
    (a[1] > lat) != (b[1] > lat) && lon < (b[0] - a[0]) * (lat - a[1]) / (b[1] - a[1]) + a[0]
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
            let tree = EdgeTree::ring(ring.clone());
            let all = ring.windows(2);
            let nearest_m2 = all.clone().map(|e| here.edge_distance_m2(e[0], e[1])).fold(f64::INFINITY, f64::min);
            let odd = all.fold(false, |odd, e| odd ^ ray_crosses(lon, lat, e[0], e[1]));
            // A box's distance may be rounded differently from that of the edge at its side.
            let differs = |limit_m: f64| (tree.nearest_m(&here, limit_m) - nearest_m2.sqrt().min(limit_m)).abs();
            prop_assert!(differs(f64::INFINITY) < 1e-6, "the nearest edge");
            prop_assert!(differs(100.0) < 1e-6, "within a limit");
            prop_assert_eq!(tree.surrounds(&here), odd, "the crossings");
            prop_assert_eq!(EdgeTree::line(ring.clone()).surrounds(&here), odd, "the crossings, by boxes");
        }
    }
}
