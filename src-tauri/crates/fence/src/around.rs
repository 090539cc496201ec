//! What a resource has around it: the fences of its cell that it may come into, and how far it has gone.

use domain::position::Fix;

use crate::cover::{CellKey, Spot};
use crate::edges::Scale;
use crate::extent::{M_PER_DEG, MAX_FLAT_LAT};
use crate::machine::Sighting;
use crate::phases::PER_MOVED;
use crate::watch::Slot;

/// Such a share of an error circle is counted on to remain.
const ACCURACY_KEPT: f32 = 0.7;

/// The cell that the last fix was in.
#[derive(Debug)]
pub(crate) struct Around {
    /// `None` once what is known of it is outdated.
    cell: Option<CellKey>,
    /// Fences that have a part of it and where nobody is known to be.
    pub others: Vec<Other>,
    /// The parts that they have.
    open: u64,
    /// Error circles are at least that large, or the cell is looked at again.
    least_acc95_m: f32,
    pub scale: Scale,
}

/// A fence that may be entered in the cell.
#[derive(Debug)]
pub(crate) struct Other {
    pub slot: Slot,
    inside: u64,
    open: u64,
    /// Up to this reading of the odometer the error circle can't be inside.
    open_at_m: f64,
    least_acc95_m: f32,
}

impl Around {
    /// Whether what is known holds for a fix.
    pub fn is_known(&self, spot: Spot, acc95_m: f32) -> bool {
        self.cell == Some(spot.cell(0)) && acc95_m >= self.least_acc95_m
    }

    pub fn forget(&mut self) {
        self.cell = None;
    }

    /// Another cell, of which nothing is known yet; how large error circles in it are at least.
    pub fn begin(&mut self, spot: Spot, sighting: &Sighting) -> f32 {
        if !self.scale.reaches(sighting.at.lat()) {
            self.scale = Scale::new(sighting.at.lat());
        }
        self.others.clear();
        (self.cell, self.open) = (Some(spot.cell(0)), 0);
        self.least_acc95_m = sighting.acc95_m * ACCURACY_KEPT;
        self.least_acc95_m
    }

    /// A fence that has parts of the cell may be entered.
    pub fn add(&mut self, slot: Slot, inside: u64, border: u64) {
        let open = inside | border;
        self.open |= open;
        let (open_at_m, least_acc95_m) = (f64::NEG_INFINITY, self.least_acc95_m);
        self.others.push(Other { slot, inside, open, open_at_m, least_acc95_m });
    }

    /// It is entered.
    pub fn remove(&mut self, index: usize) -> Other {
        let other = self.others.swap_remove(index);
        self.open = self.others.iter().fold(0, |open, other| open | other.open);
        other
    }

    /// Whether any fence may be entered in a part.
    pub fn may_enter(&self, bit: u64) -> bool {
        self.open & bit != 0
    }
}

impl Default for Around {
    fn default() -> Self {
        Self { cell: None, others: Vec::new(), open: 0, least_acc95_m: 0.0, scale: Scale::new(0.0) }
    }
}

impl Other {
    pub fn may_be_entered(&self, bit: u64, odometer_m: f64) -> bool {
        (self.open & bit != 0) & (odometer_m > self.open_at_m)
    }

    /// Parts that are inside, and that the border may be in.
    pub fn parts(&self) -> (u64, u64) {
        (self.inside, self.open & !self.inside)
    }

    /// The part is inside for certain.
    pub fn is_inside(&self, bit: u64) -> bool {
        self.inside & bit != 0
    }

    /// The signed distance is at least `dist_m`: for a while the error circle can't be inside.
    pub fn rest(&mut self, dist_m: f64, odometer_m: f64) {
        let way_m = dist_m * 1.001 - 0.5 + f64::from(self.least_acc95_m);
        self.open_at_m = odometer_m + way_m / PER_MOVED;
    }
}

/// At least the metres from one fix to the next, at most an eighth more.
pub(crate) fn moved_m(from: &Fix, to: &Fix, scale: &Scale) -> f64 {
    let by_lon = (to.at.lon() - from.at.lon()).abs();
    let (by_lon, by_lat) = (by_lon.min(360.0 - by_lon), (to.at.lat() - from.at.lat()).abs());
    let lat = to.at.lat();
    if by_lat > 0.1 || lat.abs() > MAX_FLAT_LAT || !scale.reaches(lat) {
        return (by_lon + by_lat) * M_PER_DEG;
    }
    // The width of a degree differs by less than a fiftieth over such a way.
    let (x, y) = (by_lon * scale.m_per_lon(lat) * 1.02, by_lat * M_PER_DEG);
    x.max(y) + x.min(y) / 2.0
}
