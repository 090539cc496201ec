//! Who waits to be looked at.

use std::collections::BTreeSet;
use std::ops::Bound;

/// What waits for its turn. Some are taken at a time, and everybody comes round, however often others come again.
#[derive(Debug)]
pub struct Turns<T> {
    waiting: BTreeSet<T>,
    /// Whose turn was last.
    after: Option<T>,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { waiting: BTreeSet::new(), after: None }
    }
}

impl<T: Ord + Copy> Turns<T> {
    /// Lets one wait.
    pub fn insert(&mut self, id: T) {
        self.waiting.insert(id);
    }

    /// The next ones, so many at most; they wait no longer.
    pub fn take(&mut self, most: usize) -> Vec<T> {
        let after = self.after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut taken: Vec<T> = self.waiting.range((after, Bound::Unbounded)).take(most).copied().collect();
        if let Some(last) = self.after {
            let before = self.waiting.range((Bound::Unbounded, Bound::Included(last)));
            taken.extend(before.take(most - taken.len()));
        }
        for id in &taken {
            self.waiting.remove(id);
        }
        self.after = taken.last().copied().or(self.after);
        taken
    }

    /// How many wait.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }
}

impl<T: Ord + Copy> Extend<T> for Turns<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, ids: I) {
        self.waiting.extend(ids);
    }
}

impl<'a, T: Ord + Copy + 'a> Extend<&'a T> for Turns<T> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, ids: I) {
        self.waiting.extend(ids.into_iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_comes_round_though_others_come_again_at_once() {
        let mut turns = Turns::default();
        turns.extend(0..10);
        let mut looked_at = BTreeSet::new();
        for _ in 0..4 {
            let taken = turns.take(3);
            assert_eq!(taken.len(), 3, "some at a time");
            turns.extend(&taken);
            looked_at.extend(taken);
        }
        assert_eq!(looked_at.len(), 10, "the first ones do not keep the last ones waiting");
        assert_eq!(turns.take(100).len(), 10, "each waits once");
        assert_eq!(turns.take(100), [0; 0], "and not any longer");
    }
}
