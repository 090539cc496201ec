//! The roads of places that are asked for again and again: looking one up costs as much as a short way.

use crate::many::Known;
use crate::snap::Place;
use domain::travel::TravelMode;
use std::collections::HashMap;

/// So many are kept at least of those asked for last, and at most twice as many.
const KEPT: usize = 8_192;

/// By what, and the bits of longitude and latitude.
type Key = (TravelMode, u64, u64);

/// Places with their roads: those asked for lately, and those asked for before. When the first are full, the second go.
#[derive(Debug, Default)]
pub(super) struct Snaps {
    lately: HashMap<Key, Known>,
    before: HashMap<Key, Known>,
}

impl Snaps {
    /// The road of a place, if it is kept. A place with a heading is somebody on the move, and never is.
    pub fn kept(&mut self, mode: TravelMode, place: Place) -> Option<Known> {
        let key = key(mode, place)?;
        if let Some(known) = self.lately.get(&key) {
            return Some(*known);
        }
        let known = self.before.remove(&key)?;
        self.keep(mode, known);
        Some(known)
    }

    /// Keeps the road of a place without a heading.
    pub fn keep(&mut self, mode: TravelMode, known: Known) {
        let Some(key) = key(mode, known.place) else { return };
        if self.lately.len() >= KEPT {
            self.before = std::mem::take(&mut self.lately);
        }
        self.lately.insert(key, known);
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.lately.len() + self.before.len()
    }
}

fn key(mode: TravelMode, place: Place) -> Option<Key> {
    let at = place.at;
    place.heading_deg.is_none().then(|| (mode, at.lon().to_bits(), at.lat().to_bits()))
}
