//! What all fences have of a place: found by the number of its cell, without looking at a shape.

use rustc_hash::FxHashMap;

use crate::cover::{CellKey, LEVELS, Part, Spot};
use crate::watch::Slot;

/// Cells in a block.
const BLOCK: usize = 64;

/// The cells of all fences.
#[derive(Debug, Default)]
pub(crate) struct Grid(Vec<Level>);

/// The cells of one level, in blocks of 8 × 8.
#[derive(Debug, Default)]
struct Level {
    level: u32,
    blocks: FxHashMap<CellKey, u32>,
    /// Where the entries of a cell begin; they end where those of the next one begin.
    starts: Vec<u32>,
    /// Those of one cell are together, in the order of their slots.
    entries: Vec<Entry>,
}

/// What one fence has of a cell: see [`Part`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry {
    pub inside: u64,
    pub border: u64,
    pub slot: Slot,
}

/// The cell that was asked for last: the next question is most often about the same one.
#[derive(Debug, Default)]
pub(crate) struct Vicinity {
    cell: Option<CellKey>,
    block: Option<(CellKey, Option<u32>)>,
    /// Fences that have a part of the cell, in order.
    pub entries: Vec<Entry>,
    /// Fences that contain the place.
    pub found: Vec<Slot>,
}

impl Grid {
    /// Of the parts of all fences, given in the order of their slots.
    pub fn new<'a>(fences: impl Iterator<Item = (Slot, &'a [Part])> + Clone) -> Self {
        let levels = (0..LEVELS).map(|level| {
            let parts = fences.clone().flat_map(|(slot, parts)| parts.iter().map(move |part| (slot, part)));
            Level::new(level, parts.filter(move |(_, part)| part.cell.level() == level))
        });
        Self(levels.filter(|level| !level.entries.is_empty()).collect())
    }

    /// Looks at the cell of a place. Who is in none of its entries is outside.
    pub fn look(&self, spot: Spot, vicinity: &mut Vicinity) {
        let cell = spot.cell(0);
        if vicinity.cell != Some(cell) {
            vicinity.cell = Some(cell);
            vicinity.entries.clear();
            self.0.iter().for_each(|level| level.look(spot, vicinity));
            if self.0.len() > 1 {
                vicinity.entries.sort_unstable_by_key(|entry| entry.slot);
            }
        }
    }

    /// The fences that contain a place, in order; those whose border may be there are asked.
    pub fn containing<'a>(
        &self,
        spot: Spot,
        vicinity: &'a mut Vicinity,
        ask: impl Fn(Slot) -> bool,
    ) -> &'a [Slot] {
        self.look(spot, vicinity);
        let bit = spot.bit(0);
        let Vicinity { entries, found, .. } = vicinity;
        // Which of them have the part nobody can foretell: no branches.
        found.resize(entries.len(), 0);
        let mut count = 0;
        for (index, entry) in (0..).zip(entries.iter()) {
            found[count] = index;
            count += usize::from((entry.inside | entry.border) & bit != 0);
        }
        let mut kept = 0;
        for place in 0..count {
            let entry = &entries[found[place] as usize];
            found[kept] = entry.slot;
            kept += usize::from(entry.border & bit == 0 || ask(entry.slot));
        }
        &found[..kept]
    }
}

impl Level {
    fn new<'a>(level: u32, parts: impl Iterator<Item = (Slot, &'a Part)> + Clone) -> Self {
        let (mut blocks, mut starts) = (FxHashMap::default(), vec![0]);
        let mut places = Vec::new();
        for (_, part) in parts.clone() {
            let next = blocks.len() as u32;
            let block = *blocks.entry(part.cell.block()).or_insert(next);
            starts.resize(blocks.len() * BLOCK + 1, 0);
            let place = block as usize * BLOCK + part.cell.in_block();
            starts[place] += 1;
            places.push(place);
        }
        let mut total = 0;
        for start in &mut starts {
            total += std::mem::replace(start, total);
        }
        let mut ends = starts.clone();
        let mut entries = vec![Entry::default(); places.len()];
        for ((slot, part), place) in parts.zip(places) {
            entries[ends[place] as usize] = Entry { inside: part.inside, border: part.border, slot };
            ends[place] += 1;
        }
        Self { level, blocks, starts, entries }
    }

    /// Adds what is known of a place.
    fn look(&self, spot: Spot, vicinity: &mut Vicinity) {
        let key = spot.cell(self.level + 1);
        let block = match vicinity.block {
            Some((known, block)) if known == key => block,
            Some(_) | None => self.blocks.get(&key).copied(),
        };
        if self.level == 0 {
            vicinity.block = Some((key, block));
        }
        let Some(block) = block else { return };
        let place = block as usize * BLOCK + spot.part(self.level + 1);
        let found = &self.entries[self.starts[place] as usize..self.starts[place + 1] as usize];
        if self.level == 0 {
            vicinity.entries.extend_from_slice(found);
            return;
        }
        // A finest cell is within one part of a larger one.
        let bit = spot.bit(self.level);
        let whole = |bits: u64| if bits & bit == 0 { 0 } else { u64::MAX };
        vicinity.entries.extend(
            found
                .iter()
                .map(|entry| Entry {
                    inside: whole(entry.inside),
                    border: whole(entry.border),
                    slot: entry.slot,
                })
                .filter(|entry| entry.inside | entry.border != 0),
        );
    }
}
