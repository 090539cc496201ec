//! What is known of every place near a visited one, so that most fixes touch no polygon.
//!
//! The earth is divided into small cells. The first fix in a cell measures the distance of the fences around to the cell's middle.
//! A signed distance can't change faster than one moves, so that of any other fix in the cell lies between two bounds, and the
//! bounds decide nearly always. Where they do not, the polygon is asked. What is decided is the same with and without cells.

use std::collections::HashMap;

use domain::LonLat;

use crate::edges::Here;
use crate::extent::{Extent, M_PER_DEG};
use crate::watch::{Slot, Watch};

/// Cells per degree: about 110 m from south to north.
const PER_DEG: f64 = 1024.0;
/// More cells than this are not kept: about 10 MB.
const MAX_CELLS: usize = 100_000;
/// Nearer to a pole the plane is too far from the sphere for bounds.
const MAX_LAT: f64 = 80.0;

/// Stands for: inside, and no border is near enough to matter in the cell.
const DEEP_M: f32 = -1e9;

type Key = (i32, i32);

/// Visited cells. To be thrown away when the fences change.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    places: HashMap<Key, usize>,
    cells: Vec<Cell>,
    known: Vec<Known>,
    /// The next fix is most often in the same cell.
    last: Option<(Key, usize)>,
}

#[derive(Debug, Clone)]
struct Cell {
    middle: [f64; 2],
    m_per_lon: f64,
    known: std::ops::Range<usize>,
}

/// A fence that some point of the cell is inside of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub slot: Slot,
    /// Signed distance of the cell's middle, or [`DEEP_M`].
    dist_m: f32,
    pub leave_margin_m: f32,
}

/// What is known of a point: the fences that it may be in, in order. It is in no other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near<'a> {
    pub known: &'a [Known],
    /// Metres from the cell's middle.
    off_m: f32,
}

impl Cells {
    pub fn near<'a>(&'a mut self, at: LonLat, watch: &Watch) -> Near<'a> {
        let key = ((at.lon() * PER_DEG).floor() as i32, (at.lat() * PER_DEG).floor() as i32);
        let index = match self.last {
            Some((last, index)) if last == key => index,
            Some(_) | None => self.find(key, watch),
        };
        self.last = Some((key, index));
        let cell = &self.cells[index];
        Near { known: &self.known[cell.known.clone()], off_m: cell.off_m(at) as f32 }
    }

    fn find(&mut self, key: Key, watch: &Watch) -> usize {
        if let Some(index) = self.places.get(&key) {
            return *index;
        }
        if self.cells.len() >= MAX_CELLS {
            *self = Self::default();
        }
        self.places.insert(key, self.cells.len());
        self.measure(key, watch);
        self.cells.len() - 1
    }

    fn measure(&mut self, (x, y): Key, watch: &Watch) {
        let corner = |x: i32, y: i32| [f64::from(x) / PER_DEG, f64::from(y) / PER_DEG];
        let extent = Extent::around(&[corner(x, y), corner(x + 1, y + 1)]);
        let middle = [extent.mid_lon(), (extent.south + extent.north) / 2.0];
        let m_per_lon = M_PER_DEG * middle[1].to_radians().cos();
        let start = self.known.len();
        let mut cell = Cell { middle, m_per_lon, known: start..start };
        if let Ok(at) = LonLat::new(middle[0].clamp(-180.0, 180.0), middle[1].clamp(-90.0, 90.0)) {
            let reach_m = slack_m(0.0, cell.off_m_of(extent.west, extent.south) as f32) * 1.01;
            let here = Here::new(at);
            let near = watch.index.meeting(extent).into_iter();
            let known = near.map(|slot| watch.known(slot, at, &here, f64::from(reach_m)));
            self.known.extend(known.filter(|known| known.dist_m < reach_m || !cell.is_flat()));
        }
        cell.known.end = self.known.len();
        self.cells.push(cell);
    }
}

impl Cell {
    fn is_flat(&self) -> bool {
        self.middle[1].abs() < MAX_LAT
    }

    fn off_m(&self, at: LonLat) -> f64 {
        if self.is_flat() { self.off_m_of(at.lon(), at.lat()) } else { f64::INFINITY }
    }

    fn off_m_of(&self, lon: f64, lat: f64) -> f64 {
        let (x, y) = ((lon - self.middle[0]) * self.m_per_lon, (lat - self.middle[1]) * M_PER_DEG);
        (x * x + y * y).sqrt()
    }
}

impl Known {
    /// Of a fence whose border is `dist_m` away, which is measured as far as `limit_m`.
    pub fn new(slot: Slot, dist_m: f64, limit_m: f64, leave_margin_m: f64) -> Self {
        let dist_m = if dist_m <= -limit_m { DEEP_M } else { dist_m as f32 };
        Self { slot, dist_m, leave_margin_m: leave_margin_m as f32 }
    }
}

impl Near<'_> {
    /// The signed distance of the point is at least …
    pub fn least_m(&self, known: &Known) -> f32 {
        known.dist_m - slack_m(known.dist_m, self.off_m)
    }

    /// … and at most so many metres.
    pub fn most_m(&self, known: &Known) -> f32 {
        known.dist_m + slack_m(known.dist_m, self.off_m)
    }
}

/// How far the distance of a point `off_m` away can differ from `dist_m`: one can't come nearer faster than one moves, give or take
/// what the plane differs from the sphere.
fn slack_m(dist_m: f32, off_m: f32) -> f32 {
    off_m * 1.01 + dist_m.abs() * 0.001 + 0.5
}
