//! The phases of one resource at all fences, with what is needed to take a fix back.

use crate::machine::Phase;
use crate::watch::Slot;

/// Phases in the order of their slots; a fence that is not in it has the resource outside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phases {
    now: Vec<(Slot, Phase)>,
    /// What was there before each change since [`Phases::take_changes`].
    changes: Vec<(Slot, Option<Phase>)>,
}

impl Phases {
    pub fn get(&self, slot: Slot) -> Option<&Phase> {
        self.place(slot).ok().map(|place| &self.now[place].1)
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Slot, Phase)> {
        self.now.iter()
    }

    /// Sets the phase at one fence; `None` is outside.
    pub fn set(&mut self, slot: Slot, phase: Option<Phase>) {
        let before = self.put(slot, phase);
        self.changes.push((slot, before));
    }

    /// Changes every phase.
    pub fn set_all(&mut self, next: impl Fn(Slot, &Phase) -> Option<Phase>) {
        for (slot, phase) in self.now.clone() {
            let after = next(slot, &phase);
            if after.as_ref() != Some(&phase) {
                self.set(slot, after);
            }
        }
    }

    /// The changes since the last call: given to [`Phases::undo`] they bring back what was before.
    pub fn take_changes(&mut self) -> Vec<(Slot, Option<Phase>)> {
        std::mem::take(&mut self.changes)
    }

    pub fn undo(&mut self, changes: Vec<(Slot, Option<Phase>)>) {
        for (slot, before) in changes.into_iter().rev() {
            self.put(slot, before);
        }
    }

    /// Other slots for the same fences; those without one are forgotten. Changes from before can't be undone.
    pub fn renumber(&mut self, moved: &[Option<Slot>]) {
        let before = std::mem::take(&mut self.now).into_iter();
        let slot = |old: Slot| moved.get(old as usize).copied().flatten();
        self.now = before.filter_map(|(old, phase)| Some((slot(old)?, phase))).collect();
        self.changes.clear();
    }

    fn place(&self, slot: Slot) -> Result<usize, usize> {
        self.now.binary_search_by_key(&slot, |(slot, _)| *slot)
    }

    fn put(&mut self, slot: Slot, phase: Option<Phase>) -> Option<Phase> {
        match (self.place(slot), phase) {
            (Ok(place), Some(phase)) => Some(std::mem::replace(&mut self.now[place].1, phase)),
            (Ok(place), None) => Some(self.now.remove(place).1),
            (Err(place), Some(phase)) => {
                self.now.insert(place, (slot, phase));
                None
            }
            (Err(_), None) => None,
        }
    }
}
