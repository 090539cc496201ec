//! Cache ⊕ pending commands: the rows that everything else looks at.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::alert::{Alert, AlertAction};
use domain::bid::Bid;
use domain::place::Poi;
use domain::rule::LocationRule;
use domain::task::Task;
use domain::{AlertId, BidId, PoiId, RuleId, TaskId, UserId};
use protocol::durable::QueuedCommand;
use protocol::entity::{Entity, EntityKind};
use protocol::wire::CommandBody;
use sync::Change;
use sync::overlay::{self, Overlaid};
use uuid::Uuid;

use crate::rows::{CachedRow, Row, Rows, Table};

/// The key of a row.
pub type Key = (EntityKind, Uuid);

/// What the server has, what this desk has asked for, and what is shown of both.
#[derive(Debug, Default)]
pub struct Picture {
    cache: Rows,
    shown: Rows,
    /// When the server wrote the cached rows.
    written: HashMap<Key, DateTime<Utc>>,
    queue: Vec<QueuedCommand>,
    /// Where in the queue the commands on a row are.
    queued: HashMap<Key, Vec<usize>>,
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
        self.own_commands((kind, id)).any(|queued| queued.state.is_pending())
    }

    /// Whether a command on this row needs a decision or failed. An alert that several desks have noticed is nobody's decision.
    pub fn needs_attention(&self, kind: EntityKind, id: Uuid) -> bool {
        let is_somebodys = |queued: &QueuedCommand| !is_desks_own(&queued.command.body);
        self.own_commands((kind, id)).any(|queued| !queued.state.is_pending() && is_somebodys(queued))
    }

    /// The commands on a row, oldest first.
    fn commands(&self, key: Key) -> impl Iterator<Item = &QueuedCommand> {
        self.queued.get(&key).into_iter().flatten().filter_map(|place| self.queue.get(*place))
    }

    /// Those that the cached row does not show yet.
    fn own_commands(&self, key: Key) -> impl Iterator<Item = &QueuedCommand> {
        self.commands(key).filter(|queued| !queued.seen)
    }

    /// Replaces the cached rows by these.
    pub fn reset(&mut self, rows: impl IntoIterator<Item = CachedRow>) {
        self.cache = Rows::default();
        self.written.clear();
        for CachedRow { entity, version, at } in rows {
            self.written.insert((entity.kind(), entity.id()), at);
            self.cache.put(entity, version);
        }
        self.shown = self.cache.clone();
        let targets: Vec<Key> = self.queued.keys().copied().collect();
        targets.into_iter().for_each(|key| self.derive(key));
    }

    /// Takes a cached row as it is now; `None` means it is gone.
    pub fn apply(&mut self, change: Change) {
        let Change { kind, id, version, at, row, .. } = change;
        match row {
            // After a reset from the store, older changes may still be on their way here.
            Some(_) if self.cache.version(kind, id) > version => return,
            Some(entity) => {
                self.written.insert((kind, id), at);
                self.cache.put(entity, version);
            }
            None => {
                self.written.remove(&(kind, id));
                self.cache.remove(kind, id);
            }
        }
        self.derive((kind, id));
    }

    /// A row as the server has it, as far as that is known here.
    pub fn cached(&self, (kind, id): Key) -> Option<CachedRow> {
        let (version, entity) = self.cache.get(kind, id)?;
        Some(CachedRow { entity, version, at: self.written.get(&(kind, id)).copied()? })
    }

    /// Takes the queue as it is now; answers the rows that may look different.
    pub fn set_queue(&mut self, queue: Vec<QueuedCommand>) -> BTreeSet<Key> {
        let touched = differing(&self.queue, &queue);
        self.queue = queue;
        self.queued.clear();
        for (place, queued) in self.queue.iter().enumerate() {
            self.queued.entry(queued.command.body.target()).or_default().push(place);
        }
        touched.iter().for_each(|key| self.derive(*key));
        touched
    }

    /// The rows show these commands from now on; answers the rows that may look different.
    pub fn confirm(&mut self, confirmed: &[u64]) -> BTreeSet<Key> {
        if confirmed.is_empty() {
            return BTreeSet::new();
        }
        let confirmed: HashSet<u64> = confirmed.iter().copied().collect();
        let mut touched = BTreeSet::new();
        for queued in self.queue.iter_mut().filter(|queued| confirmed.contains(&queued.command.n)) {
            queued.seen = true;
            touched.insert(queued.command.body.target());
        }
        touched.iter().for_each(|key| self.derive(*key));
        touched
    }

    fn derive(&mut self, (kind, id): Key) {
        match kind {
            EntityKind::Task => self.overlay::<Task, _>(id, |rows| &rows.tasks, TaskId(id)),
            EntityKind::Bid => self.overlay::<Bid, _>(id, |rows| &rows.bids, BidId(id)),
            EntityKind::Alert => self.overlay::<Alert, _>(id, |rows| &rows.alerts, AlertId(id)),
            EntityKind::Poi => self.overlay::<Poi, _>(id, |rows| &rows.pois, PoiId(id)),
            EntityKind::Rule => self.overlay::<LocationRule, _>(id, |rows| &rows.rules, RuleId(id)),
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
            Some(me) => overlay::row(data, id, self.commands((T::KIND, id)), me).map(|shown| shown.row),
            None => data,
        };
        match shown {
            Some(row) => self.shown.put(row.into(), version),
            None => self.shown.remove(T::KIND, id),
        }
    }
}

/// The rows of the commands that are in one queue only, or that rows show in another way.
fn differing(before: &[QueuedCommand], after: &[QueuedCommand]) -> BTreeSet<Key> {
    let mut gone: HashMap<u64, &QueuedCommand> =
        before.iter().map(|queued| (queued.command.n, queued)).collect();
    let is_other = |queued: &&QueuedCommand| {
        let old = gone.remove(&queued.command.n);
        !old.is_some_and(|old| shows_alike(old, queued))
    };
    let mut touched: BTreeSet<Key> =
        after.iter().filter(is_other).map(|queued| queued.command.body.target()).collect();
    touched.extend(gone.into_values().map(|queued| queued.command.body.target()));
    touched
}

fn shows_alike(one: &QueuedCommand, other: &QueuedCommand) -> bool {
    (one.seen, one.state.is_pending()) == (other.seen, other.state.is_pending())
        && one.command == other.command
}

/// Whether the desk itself has done it: something it noticed, and not anybody's wish.
pub fn is_desks_own(body: &CommandBody) -> bool {
    matches!(
        body,
        CommandBody::AlertRaise(_)
            | CommandBody::AlertAct { action: AlertAction::End | AlertAction::Worsen, .. }
    )
}
