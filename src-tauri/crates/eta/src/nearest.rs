//! Road segments by distance from a place: a packed tree, made in one pass over sorted segments and never changed.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// How many segments or boxes a box holds: a few cache lines.
const FANOUT: usize = 16;

/// A straight piece of a road in Web Mercator metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    pub from: [f64; 2],
    pub to: [f64; 2],
    pub edge: u32,
    /// Index of the segment's first point within the edge's shape.
    pub index: u32,
}

impl Segment {
    /// Share of the segment at its point nearest to a place, 0…1.
    pub fn share_nearest(&self, here: [f64; 2]) -> f64 {
        let along = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let length_2 = along[0] * along[0] + along[1] * along[1];
        let dot = (here[0] - self.from[0]) * along[0] + (here[1] - self.from[1]) * along[1];
        if length_2 > 0.0 { (dot / length_2).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn distance_2(&self, here: [f64; 2]) -> f64 {
        let share = self.share_nearest(here);
        let mix = |axis: usize| self.from[axis] + (self.to[axis] - self.from[axis]) * share;
        (mix(0) - here[0]).powi(2) + (mix(1) - here[1]).powi(2)
    }
}

/// A box of coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Extent {
    low: [f64; 2],
    high: [f64; 2],
}

impl Extent {
    const EMPTY: Self = Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };

    fn with(self, point: [f64; 2]) -> Self {
        Self {
            low: [self.low[0].min(point[0]), self.low[1].min(point[1])],
            high: [self.high[0].max(point[0]), self.high[1].max(point[1])],
        }
    }

    fn distance_2(&self, here: [f64; 2]) -> f64 {
        let beyond = |axis: usize| (self.low[axis] - here[axis]).max(here[axis] - self.high[axis]).max(0.0);
        beyond(0).powi(2) + beyond(1).powi(2)
    }
}

/// All segments, sorted so that neighbours lie together, and boxes around groups of them, level by level.
#[derive(Debug)]
pub(crate) struct Nearest {
    segments: Vec<Segment>,
    /// The lowest level first; the last has one box.
    levels: Vec<Vec<Extent>>,
}

impl Nearest {
    pub fn new(mut segments: Vec<Segment>) -> Self {
        let around = |segment: &Segment| Extent::EMPTY.with(segment.from).with(segment.to);
        let whole =
            segments.iter().fold(Extent::EMPTY, |whole, segment| whole.with(segment.from).with(segment.to));
        segments.sort_by_cached_key(|segment| (curve_position(&whole, segment), segment.edge, segment.index));
        let mut level: Vec<Extent> = segments.iter().map(around).collect();
        let mut levels = Vec::new();
        while level.len() > 1 || levels.is_empty() {
            let group = |boxes: &[Extent]| {
                boxes.iter().fold(Extent::EMPTY, |sum, one| sum.with(one.low).with(one.high))
            };
            level = level.chunks(FANOUT).map(group).collect();
            levels.push(level.clone());
        }
        Self { segments, levels }
    }

    /// Calls `visit` with segments and their squared distances, the nearest first, until it gives false.
    pub fn visit(&self, here: [f64; 2], mut visit: impl FnMut(&Segment, f64) -> bool) {
        let top = self.levels.len();
        let mut queue = BinaryHeap::new();
        self.open(here, (top, 0..self.levels[top - 1].len()), &mut queue);
        while let Some(Found { distance_2, level, index }) = queue.pop() {
            if level == 0 {
                if !visit(&self.segments[index], distance_2) {
                    return;
                }
                continue;
            }
            let below = if level == 1 { self.segments.len() } else { self.levels[level - 2].len() };
            let children = index * FANOUT..((index + 1) * FANOUT).min(below);
            self.open(here, (level - 1, children), &mut queue);
        }
    }

    /// Level 0 are the segments, level 1 the lowest boxes.
    fn open(
        &self,
        here: [f64; 2],
        (level, indices): (usize, std::ops::Range<usize>),
        queue: &mut BinaryHeap<Found>,
    ) {
        queue.extend(indices.map(|index| {
            let distance_2 = match level.checked_sub(1) {
                None => self.segments[index].distance_2(here),
                Some(boxes) => self.levels[boxes][index].distance_2(here),
            };
            Found { distance_2, level, index }
        }));
    }
}

/// Something to look at; the nearest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Found {
    distance_2: f64,
    level: usize,
    index: usize,
}

impl Eq for Found {}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        // Of the same distance in their order, so that the same question has the same answer.
        let by_distance = other.distance_2.total_cmp(&self.distance_2);
        by_distance.then_with(|| (self.level, self.index).cmp(&(other.level, other.index)))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where the middle of a segment comes on a Z-shaped curve through the region: near on the curve is near on the map.
fn curve_position(whole: &Extent, segment: &Segment) -> u64 {
    let cell = |axis: usize| {
        let middle = (segment.from[axis] + segment.to[axis]) / 2.0;
        let size = (whole.high[axis] - whole.low[axis]).max(1.0);
        ((middle - whole.low[axis]) / size * f64::from(u16::MAX)) as u32
    };
    spread(cell(0)) | spread(cell(1)) << 1
}

/// The bits of a number with a gap after each.
fn spread(cell: u32) -> u64 {
    let mut bits = u64::from(cell);
    for (shift, mask) in [(16, 0x0000_FFFF_0000_FFFF), (8, 0x00FF_00FF_00FF_00FF), (4, 0x0F0F_0F0F_0F0F_0F0F)]
    {
        bits = (bits | bits << shift) & mask;
    }
    for (shift, mask) in [(2, 0x3333_3333_3333_3333), (1, 0x5555_5555_5555_5555)] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment((from, to): ((f64, f64), (f64, f64)), number: u32) -> Segment {
        Segment { from: [from.0, from.1], to: [to.0, to.1], edge: number, index: 0 }
    }

    fn point() -> impl Strategy<Value = (f64, f64)> {
        (-1_000.0..1_000.0, -1_000.0..1_000.0)
    }

    proptest! {
        #[test]
        fn the_nearest_come_first_and_none_is_missing(lines in proptest::collection::vec((point(), point()), 1..400), here in point()) {
            let segments: Vec<Segment> = (0..).zip(lines).map(|(number, line)| segment(line, number)).collect();
            let here = [here.0, here.1];
            let mut expected: Vec<f64> = segments.iter().map(|segment| segment.distance_2(here)).collect();
            expected.sort_by(f64::total_cmp);
            let (mut found, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
            Nearest::new(segments).visit(here, |segment, distance_2| {
                found.push(distance_2);
                seen.insert(segment.edge)
            });
            prop_assert_eq!(seen.len(), expected.len(), "each segment once");
            prop_assert_eq!(found, expected, "in the order of distance");
        }
    }
}
