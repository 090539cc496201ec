//! How two people's edits of the same thing come together, field by field.

/// What became of a field that two people may have changed: base, mine, theirs.
pub(super) struct Merge<'a, T>(pub &'a T, pub &'a T, pub &'a T);

impl<T: Clone + PartialEq> Merge<'_, T> {
    /// Mine where I changed it, else theirs; where both did, and differently, the field goes on the list.
    pub fn into<F>(self, field: F, clashes: &mut Vec<F>) -> T {
        let Merge(base, mine, theirs) = self;
        if mine == base {
            return theirs.clone();
        }
        if theirs != base && theirs != mine {
            clashes.push(field);
        }
        mine.clone()
    }
}
