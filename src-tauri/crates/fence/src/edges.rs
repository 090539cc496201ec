//! The edges of a line or ring as boxes of boxes: nearest edge and crossings without looking at all of them.

use std::ops::Range;

use domain::LonLat;

use crate::extent::{Extent, M_PER_DEG, turns_towards};

/// Edges in a lowest box, and boxes in a box.
const FAN: usize = 8;

/// A line in unwrapped degrees with its index. Boxes hold consecutive edges, so they need no order of their own.
#[derive(Debug, Clone)]
pub(crate) struct EdgeTree {
    points: Vec<[f64; 2]>,
    /// `levels[0][i]` is around the edges `FAN * i ..`, `levels[n][i]` around the boxes `FAN * i ..` of the level below.
    levels: Vec<Vec<Extent>>,
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
        let edges = points.len().saturating_sub(1);
        let lowest = (0..edges).step_by(FAN).map(|start| {
            let end = (start + FAN).min(edges);
            Extent::around(&points[start..=end])
        });
        let mut levels = vec![lowest.collect::<Vec<_>>()];
        while let Some(below) = levels.last().filter(|level| level.len() > FAN) {
            let join = |boxes: &[Extent]| boxes[1..].iter().fold(boxes[0], |all, next| all.joined(*next));
            levels.push(below.chunks(FAN).map(join).collect());
        }
        Self { points, levels }
    }

    pub fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    /// Distance in metres to the nearest edge, if that is below `limit_m`; else `limit_m`.
    pub fn nearest_m(&self, here: &Here, limit_m: f64) -> f64 {
        let top = self.levels.len() - 1;
        self.nearest_in(here, top, 0..self.levels[top].len(), limit_m * limit_m).sqrt()
    }

    fn nearest_in(&self, here: &Here, level: usize, boxes: Range<usize>, best_m2: f64) -> f64 {
        let far_m2 = |index: usize| here.box_distance_m2(&self.levels[level][index]);
        // The nearest box first: it most likely rules out the others.
        let nearest = boxes.clone().map(|index| (far_m2(index), index)).min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, nearest)) = nearest.filter(|(far_m2, _)| *far_m2 < best_m2) else { return best_m2 };
        let best_m2 = self.nearest_below(here, level, nearest, best_m2);
        boxes.fold(best_m2, |best_m2, index| {
            if index == nearest || far_m2(index) >= best_m2 {
                return best_m2;
            }
            self.nearest_below(here, level, index, best_m2)
        })
    }

    fn nearest_below(&self, here: &Here, level: usize, index: usize, best_m2: f64) -> f64 {
        let start = index * FAN;
        if let Some(below) = level.checked_sub(1) {
            let end = (start + FAN).min(self.levels[below].len());
            return self.nearest_in(here, below, start..end, best_m2);
        }
        let end = (start + FAN).min(self.points.len() - 1);
        let edges = self.points[start..=end].windows(2);
        edges.fold(best_m2, |best, edge| best.min(here.edge_distance_m2(edge[0], edge[1])))
    }

    /// Whether a ray to the east crosses the ring an odd number of times: then the point is inside.
    pub fn surrounds(&self, here: &Here) -> bool {
        let top = self.levels.len() - 1;
        self.odd_in(here.lon, here.lat, top, 0..self.levels[top].len())
    }

    fn odd_in(&self, lon: f64, lat: f64, level: usize, boxes: Range<usize>) -> bool {
        let mut odd = false;
        for index in boxes {
            let extent = &self.levels[level][index];
            if lat < extent.south || lat > extent.north || extent.east < lon {
                continue;
            }
            let start = index * FAN;
            odd ^= if extent.west > lon {
                // All of it lies to the east: its ends tell how often it crosses, odd or even.
                let (from, to) = self.ends(level, index);
                (self.points[from][1] > lat) != (self.points[to][1] > lat)
            } else if let Some(below) = level.checked_sub(1) {
                self.odd_in(lon, lat, below, start..(start + FAN).min(self.levels[below].len()))
            } else {
                let end = (start + FAN).min(self.points.len() - 1);
                let edges = self.points[start..=end].windows(2);
                edges.fold(false, |odd, edge| odd ^ ray_crosses(lon, lat, edge[0], edge[1]))
            };
        }
        odd
    }

    /// First and last point of the edges in a box.
    fn ends(&self, level: usize, index: usize) -> (usize, usize) {
        let edges = FAN.pow(level as u32 + 1);
        (index * edges, ((index + 1) * edges).min(self.points.len() - 1))
    }
}

impl Here {
    pub fn new(at: LonLat) -> Self {
        Self { lon: at.lon(), lat: at.lat(), m_per_lon: M_PER_DEG * at.lat().to_radians().cos() }
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
        let share = if length_2 > 0.0 { -(a[0] * along[0] + a[1] * along[1]) / length_2 } else { 0.0 };
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
            let nearest_m2 = all.clone().map(|e| here.edge_distance_m2(e[0], e[1])).fold(f64::INFINITY, f64::min);
            let odd = all.fold(false, |odd, e| odd ^ ray_crosses(lon, lat, e[0], e[1]));
            // A box's distance may be rounded differently from that of the edge at its side.
            let differs = |limit_m: f64| (tree.nearest_m(&here, limit_m) - nearest_m2.sqrt().min(limit_m)).abs();
            prop_assert!(differs(f64::INFINITY) < 1e-6, "the nearest edge");
            prop_assert!(differs(100.0) < 1e-6, "within a limit");
            prop_assert_eq!(tree.surrounds(&here), odd, "the crossings");
        }
    }
}
