//! Rows by id, each with its own signal, so that one change touches one row on the screen.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use leptos::prelude::*;

/// Rows of one kind.
pub struct Table<K: 'static, V: 'static> {
    rows: StoredValue<HashMap<K, ArcRwSignal<Arc<V>>>>,
    revision: RwSignal<u64>,
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Table<K, V> {}

impl<K: Send + Sync, V: Send + Sync> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: StoredValue::new(HashMap::new()), revision: RwSignal::new(0) }
    }
}

impl<K: Copy + Eq + Hash + Send + Sync, V: PartialEq + Send + Sync> Table<K, V> {
    /// Inserts or replaces; rows that are equal to what is there touch nothing.
    pub fn put(self, rows: impl IntoIterator<Item = (K, V)>) {
        let mut changed = false;
        for (id, row) in rows {
            changed |= self.put_one(id, row);
        }
        if changed {
            self.revision.update(|revision| *revision += 1);
        }
    }

    fn put_one(self, id: K, row: V) -> bool {
        match self.rows.with_value(|rows| rows.get(&id).cloned()) {
            Some(known) if **known.read_untracked() == row => false,
            Some(known) => {
                known.set(Arc::new(row));
                true
            }
            None => {
                self.rows.update_value(|rows| {
                    rows.insert(id, ArcRwSignal::new(Arc::new(row)));
                });
                true
            }
        }
    }

    /// Replaces everything.
    pub fn reset(self, rows: Vec<(K, V)>) {
        let kept: std::collections::HashSet<K> = rows.iter().map(|(id, _)| *id).collect();
        self.rows.update_value(|known| known.retain(|id, _| kept.contains(id)));
        self.put(rows);
        self.revision.update(|revision| *revision += 1);
    }

    /// Takes rows away.
    pub fn remove(self, ids: &[K]) {
        if ids.is_empty() {
            return;
        }
        self.rows.update_value(|rows| rows.retain(|id, _| !ids.contains(id)));
        self.revision.update(|revision| *revision += 1);
    }

    /// One row; whoever reads it is run again when that row changes, or when rows come while it is missing.
    pub fn get(self, id: K) -> Option<Arc<V>> {
        match self.rows.with_value(|rows| rows.get(&id).cloned()) {
            Some(row) => Some(row.get()),
            None => {
                self.revision.track();
                None
            }
        }
    }

    /// One row as it is now.
    pub fn peek(self, id: K) -> Option<Arc<V>> {
        self.rows.with_value(|rows| rows.get(&id).map(ArcRwSignal::get_untracked))
    }

    /// All rows as they are now; whoever reads them is run again after each batch of changes.
    pub fn all(self) -> Vec<Arc<V>> {
        self.revision.track();
        self.peek_all()
    }

    /// All rows as they are now.
    pub fn peek_all(self) -> Vec<Arc<V>> {
        self.rows.with_value(|rows| rows.values().map(ArcRwSignal::get_untracked).collect())
    }

    /// To be run again when anything in this table changed.
    pub fn track(self) {
        self.revision.track();
    }
}
