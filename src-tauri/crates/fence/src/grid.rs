//! What all fences have of a place: found by the number of its cell, without looking at a shape.

use std::ops::Range;

use domain::LonLat;
use rustc_hash::FxHashMap;

use crate::cover::{CellKey, LEVELS, Part, Spot};
use crate::extent::M_PER_DEG;
use crate::watch::Slot;

/// The cells of all fences.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    cells: FxHashMap<CellKey, Range<u32>>,
    /// Those of one cell are together, in the order of their slots.
    entries: Vec<Entry>,
    /// Which levels have any cells.
    levels: Vec<u32>,
}

/// What one fence has of a cell: see [`Part`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry {
    pub inside: u64,
    pub border: u64,
    pub slot: Slot,
}

/// The cell that was asked for last: the next fix is most often in the same one.
#[derive(Debug)]
pub(crate) struct Vicinity {
    cell: Option<CellKey>,
    entries: Vec<Entry>,
    /// Metres in a degree of longitude, at the most within this cell.
    m_per_lon: f64,
}

/// What the fences have of one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near<'a> {
    /// Fences that have a part of the cell around, in order.
    pub entries: &'a [Entry],
    /// The part that the place is in.
    bit: u64,
    /// Metres in a degree of longitude, at the most within this cell.
    pub m_per_lon: f64,
}

impl Grid {
    /// Of the parts of all fences, given in the order of their slots.
    pub fn new<'a>(fences: impl Iterator<Item = (Slot, &'a [Part])> + Clone) -> Self {
        let mut cells: FxHashMap<CellKey, Range<u32>> = FxHashMap::default();
        let parts = fences.flat_map(|(slot, parts)| parts.iter().map(move |part| (slot, part)));
        for (_, part) in parts.clone() {
            cells.entry(part.cell).or_default().end += 1;
        }
        let mut total = 0;
        for cell in cells.values_mut() {
            let count = cell.end;
            *cell = total..total;
            total += count;
        }
        let mut entries = vec![Entry::default(); total as usize];
        for (slot, part) in parts {
            if let Some(cell) = cells.get_mut(&part.cell) {
                entries[cell.end as usize] = Entry { inside: part.inside, border: part.border, slot };
                cell.end += 1;
            }
        }
        let levels = (0..LEVELS).filter(|level| cells.keys().any(|cell| cell.level() == *level)).collect();
        Self { cells, entries, levels }
    }

    /// What the fences have of a place. Who is in none of the entries is outside.
    pub fn near<'a>(&self, at: LonLat, vicinity: &'a mut Vicinity) -> Near<'a> {
        let spot = Spot::of(at);
        let cell = spot.cell(0);
        if vicinity.cell != Some(cell) {
            self.look(spot, vicinity);
            vicinity.cell = Some(cell);
            // A cell further towards the equator is at least as wide as any point of this one.
            let lat = (at.lat().abs() - 0.002).max(0.0);
            vicinity.m_per_lon = M_PER_DEG * lat.to_radians().cos();
        }
        Near { entries: &vicinity.entries, bit: spot.bit(0), m_per_lon: vicinity.m_per_lon }
    }

    fn look(&self, spot: Spot, vicinity: &mut Vicinity) {
        vicinity.entries.clear();
        for level in &self.levels {
            let found = self.cells.get(&spot.cell(*level)).cloned().unwrap_or_default();
            let found = &self.entries[found.start as usize..found.end as usize];
            if *level == 0 {
                vicinity.entries.extend_from_slice(found);
                continue;
            }
            // A finest cell is within one part of a larger one.
            let bit = spot.bit(*level);
            let whole = |bits: u64| if bits & bit == 0 { 0 } else { u64::MAX };
            let found = found.iter().filter(|entry| (entry.inside | entry.border) & bit != 0);
            vicinity.entries.extend(found.map(|entry| Entry {
                inside: whole(entry.inside),
                border: whole(entry.border),
                slot: entry.slot,
            }));
        }
        if self.levels.len() > 1 {
            vicinity.entries.sort_unstable_by_key(|entry| entry.slot);
        }
    }
}

impl Default for Vicinity {
    fn default() -> Self {
        Self { cell: None, entries: Vec::new(), m_per_lon: M_PER_DEG }
    }
}

impl Near<'_> {
    /// The place is inside for certain.
    pub fn is_inside(&self, entry: &Entry) -> bool {
        entry.inside & self.bit != 0
    }

    /// The place is inside this fence for certain.
    pub fn contains(&self, slot: Slot) -> bool {
        let place = self.entries.binary_search_by_key(&slot, |entry| entry.slot);
        place.is_ok_and(|place| self.is_inside(&self.entries[place]))
    }

    /// The place is not outside for certain.
    pub fn may_be_inside(&self, entry: &Entry) -> bool {
        (entry.inside | entry.border) & self.bit != 0
    }
}
