//! Cache ⊕ pending commands: the rows that everything else looks at.

use std::collections::{BTreeSet, HashMap};

use domain::alert::Alert;
use domain::bid::Bid;
use domain::place::Poi;
use domain::task::Task;
use domain::{AlertId, BidId, PoiId, TaskId, UserId};
use protocol::durable::QueuedCommand;
use protocol::entity::{Entity, EntityKind};
use sync::overlay::{self, Overlaid};
use uuid::Uuid;

use crate::rows::{Row, Rows, Table};

/// The key of a row.
pub type Key = (EntityKind, Uuid);

/// What the server has, what this desk has asked for, and what is shown of both.
#[derive(Debug, Default)]
pub struct Picture {
    cache: Rows,
    shown: Rows,
    queue: Vec<QueuedCommand>,
    /// Rows with commands on their way.
    pending: HashMap<Key, u32>,
    me: Option<UserId>,
}

impl Picture {
    /// Nothing yet, seen by `me`.
    pub fn new(me: UserId) -> Self {
        Self { me: Some(me), ..Self::default() }
    }

    /// The rows as they are shown.
    pub fn shown(&self) -> &Rows {
        &self.shown
    }

    /// The rows as the server has them.
    pub fn cache(&self) -> &Rows {
        &self.cache
    }

    /// All commands that are not confirmed, by number.
    pub fn queue(&self) -> &[QueuedCommand] {
        &self.queue
    }

    /// Whether commands on this row are still on their way.
    pub fn is_pending(&self, kind: EntityKind, id: Uuid) -> bool {
        self.pending.contains_key(&(kind, id))
    }

    /// Replaces the cached rows by these.
    pub fn reset(&mut self, rows: impl IntoIterator<Item = (Entity, u64)>) {
        self.cache = Rows::default();
        for (entity, version) in rows {
            self.cache.put(entity, version);
        }
        self.shown = self.cache.clone();
        for key in targets(&self.queue) {
            self.derive(key);
        }
    }

    /// Takes a cached row as it is now; `None` means it is gone.
    pub fn apply(&mut self, (kind, id): Key, version: u64, row: Option<Entity>) {
        match row {
            // After a reset from the store, older changes may still be on their way here.
            Some(_) if self.cache.version(kind, id) > version => return,
            Some(entity) => self.cache.put(entity, version),
            None => self.cache.remove(kind, id),
        }
        self.derive((kind, id));
    }

    /// Takes the queue as it is now; answers the rows that may look different.
    pub fn set_queue(&mut self, queue: Vec<QueuedCommand>) -> BTreeSet<Key> {
        let mut touched = targets(&self.queue);
        touched.extend(targets(&queue));
        self.queue = queue;
        self.pending.clear();
        for queued in self.queue.iter().filter(|queued| !queued.seen && queued.state.is_pending()) {
            *self.pending.entry(queued.command.body.target()).or_default() += 1;
        }
        for key in &touched {
            self.derive(*key);
        }
        touched
    }

    /// The rows show these commands from now on; answers the rows that may look different.
    pub fn confirm(&mut self, confirmed: &[u64]) -> BTreeSet<Key> {
        if confirmed.is_empty() {
            return BTreeSet::new();
        }
        let mut queue = std::mem::take(&mut self.queue);
        for queued in queue.iter_mut().filter(|queued| confirmed.contains(&queued.command.n)) {
            queued.seen = true;
        }
        let touched = targets(&queue);
        self.set_queue(queue);
        touched
    }

    fn derive(&mut self, (kind, id): Key) {
        match kind {
            EntityKind::Task => self.overlay::<Task, _>(id, |rows| &rows.tasks, TaskId(id)),
            EntityKind::Bid => self.overlay::<Bid, _>(id, |rows| &rows.bids, BidId(id)),
            EntityKind::Alert => self.overlay::<Alert, _>(id, |rows| &rows.alerts, AlertId(id)),
            EntityKind::Poi => self.overlay::<Poi, _>(id, |rows| &rows.pois, PoiId(id)),
            EntityKind::Company
            | EntityKind::User
            | EntityKind::Group
            | EntityKind::Skill
            | EntityKind::Profile
            | EntityKind::Resource
            | EntityKind::TaskType
            | EntityKind::Attendance
            | EntityKind::Form
            | EntityKind::Submission => match self.cache.get(kind, id) {
                Some((version, entity)) => self.shown.put(entity, version),
                None => self.shown.remove(kind, id),
            },
        }
    }

    fn overlay<T, I: Ord>(&mut self, id: Uuid, table: impl Fn(&Rows) -> &Table<I, T>, key: I)
    where
        T: Overlaid + Into<Entity>,
    {
        let cached: Option<&Row<T>> = table(&self.cache).get(&key);
        let version = cached.map_or(0, |row| row.version);
        let data = cached.map(|row| row.data.clone());
        let shown = match self.me {
            Some(me) => overlay::row(data, id, &self.queue, me).map(|shown| shown.row),
            None => data,
        };
        match shown {
            Some(row) => self.shown.put(row.into(), version),
            None => self.shown.remove(T::KIND, id),
        }
    }
}

fn targets(queue: &[QueuedCommand]) -> BTreeSet<Key> {
    queue.iter().map(|queued| queued.command.body.target()).collect()
}
