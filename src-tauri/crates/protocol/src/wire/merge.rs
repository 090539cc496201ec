//! How two people's edits of the same thing come together, field by field.

/// What became of a field that two people may have changed: base, mine, theirs.
pub(super) struct Merge<'a, T>(pub &'a T, pub &'a T, pub &'a T);

impl<T: Clone> Merge<'_, T> {
    /// Mine where I changed it, else theirs; where both did, and differently, the field goes on the list.
    pub fn into<F>(self, field: F, clashes: &mut Vec<F>) -> T
    where
        T: PartialEq,
    {
        self.into_by(T::eq, field, clashes)
    }

    /// The same for values of which equality is too much to ask.
    pub fn into_by<F>(self, is_same: impl Fn(&T, &T) -> bool, field: F, clashes: &mut Vec<F>) -> T {
        let Merge(base, mine, theirs) = self;
        if is_same(mine, base) {
            return theirs.clone();
        }
        if !is_same(theirs, base) && !is_same(theirs, mine) {
            clashes.push(field);
        }
        mine.clone()
    }
}

/// Places nearer than this are the same, metres: numbers that travel as text may be read a hair off.
pub(super) const SAME_M: f64 = 0.001;
