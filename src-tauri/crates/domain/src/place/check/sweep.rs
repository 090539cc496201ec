//! Sweeps from west to east over the edges of rings, in unwrapped degrees.

use super::ShapeError;
use crate::LonLat;

/// Closer than this to the border is on it, degrees (a tenth of a millimetre).
const ON_BORDER_DEG: f64 = 1e-9;
/// Comparisons that a shape is worth: any ring of 10,000 points passes, and usual borders of many more.
const MOST_COMPARISONS: usize = 50_000_000;

/// How much has been compared for a shape: long edges above each other are all compared with each other.
#[derive(Debug, Default)]
pub struct Effort(usize);

impl Effort {
    fn spend(&mut self, comparisons: usize) -> Result<(), ShapeError> {
        self.0 = self.0.saturating_add(comparisons);
        if self.0 > MOST_COMPARISONS { Err(ShapeError::TooTangled) } else { Ok(()) }
    }
}

/// From west to east.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    west: [f64; 2],
    east: [f64; 2],
}

impl Edge {
    /// From two ends in any order.
    pub fn new(a: [f64; 2], b: [f64; 2]) -> Self {
        if a[0] <= b[0] { Edge { west: a, east: b } } else { Edge { west: b, east: a } }
    }

    /// Where the inner parts of both meet, if they really cross there.
    pub fn crossing(&self, other: &Edge) -> Option<[f64; 2]> {
        let (along, across) = (minus(self.east, self.west), minus(other.east, other.west));
        let side = |of: &Edge, point| cross(minus(of.east, of.west), minus(point, of.west));
        let parted = |a: f64, b: f64| (a < 0.0 && b > 0.0) || (a > 0.0 && b < 0.0);
        let crosses = parted(side(self, other.west), side(self, other.east))
            && parted(side(other, self.west), side(other, self.east));
        let share = cross(minus(other.west, self.west), across) / cross(along, across);
        crosses.then(|| [self.west[0] + along[0] * share, self.west[1] + along[1] * share])
    }

    fn passes_below(&self, point: [f64; 2]) -> bool {
        let is_beside = self.west[0] <= point[0] && point[0] < self.east[0];
        is_beside && cross(minus(self.east, self.west), minus(point, self.west)) > 0.0
    }

    fn holds(&self, point: [f64; 2]) -> bool {
        let (along, to) = (minus(self.east, self.west), minus(point, self.west));
        let square = along[0] * along[0] + along[1] * along[1];
        let share = if square > 0.0 { (along[0] * to[0] + along[1] * to[1]) / square } else { 0.0 };
        let share = share.clamp(0.0, 1.0);
        (to[0] - along[0] * share).hypot(to[1] - along[1] * share) <= ON_BORDER_DEG
    }

    fn overlaps_latitudes(&self, other: &Edge) -> bool {
        let span = |edge: &Edge| (edge.west[1].min(edge.east[1]), edge.west[1].max(edge.east[1]));
        let ((south, north), (other_south, other_north)) = (span(self), span(other));
        south <= other_north && other_south <= north
    }
}

/// Where the first two edges cross, if any do.
pub fn first_crossing(mut edges: Vec<Edge>, effort: &mut Effort) -> Result<Option<LonLat>, ShapeError> {
    edges.sort_unstable_by(|a, b| a.west[0].total_cmp(&b.west[0]));
    let mut open: Vec<Edge> = Vec::new();
    for edge in edges {
        effort.spend(open.len())?;
        open.retain(|before| before.east[0] >= edge.west[0]);
        let mut near = open.iter().filter(|before| before.overlaps_latitudes(&edge));
        if let Some(point) = near.find_map(|before| before.crossing(&edge)) {
            return Ok(on_earth(point));
        }
        open.push(edge);
    }
    Ok(None)
}

/// The first of these points that is outside of the ring made of `edges`; the border is inside.
pub fn first_outside(
    mut edges: Vec<Edge>,
    mut points: Vec<[f64; 2]>,
    effort: &mut Effort,
) -> Result<Option<LonLat>, ShapeError> {
    edges.sort_unstable_by(|a, b| a.west[0].total_cmp(&b.west[0]));
    points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
    let mut coming = edges.into_iter().peekable();
    let mut open: Vec<Edge> = Vec::new();
    for point in points {
        open.retain(|edge| edge.east[0] >= point[0] - ON_BORDER_DEG);
        while let Some(edge) = coming.next_if(|edge| edge.west[0] <= point[0] + ON_BORDER_DEG) {
            open.push(edge);
        }
        effort.spend(open.len())?;
        let below = open.iter().filter(|edge| edge.passes_below(point)).count();
        if below % 2 == 0 && !open.iter().any(|edge| edge.holds(point)) {
            return Ok(on_earth(point));
        }
    }
    Ok(None)
}

/// A point in unwrapped degrees.
pub fn on_earth(point: [f64; 2]) -> Option<LonLat> {
    LonLat::new((point[0] + 540.0).rem_euclid(360.0) - 180.0, point[1]).ok()
}

/// How far `point` is from the endless line through `a` and `b`, degrees.
pub fn aside(point: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = minus(b, a);
    (cross(along, minus(point, a)) / along[0].hypot(along[1])).abs()
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}
