//! Durable stores in memory: what is written survives a crash of the core, a failed write leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use domain::{DeviceId, ResourceId};
use protocol::durable::{
    CacheWrite, CommandState, Incident, NewCommand, OutboxChange, QueuedCommand, StoredCache, StoredOutbox,
    WriteReport,
};
use protocol::entity::{Entity, EntityType};
use protocol::wire::{Checksums, Command, Cursor, Item, Occurred, PositionUpdate, op, row_hash};
use sync::{CacheStore, OutboxStore, StorageFault};
use uuid::Uuid;

/// Rows by key.
pub type Rows = BTreeMap<(EntityType, Uuid), Item>;

/// The cache.
#[derive(Debug, Clone, Default)]
pub struct MemoryCache(Arc<Mutex<CacheState>>);

/// What the cache holds.
#[derive(Debug, Default)]
pub struct CacheState {
    pub rows: Rows,
    pub staged: Rows,
    pub cursor: Option<Cursor>,
    pub positions: BTreeMap<ResourceId, PositionUpdate>,
    pub incidents: Vec<Incident>,
    /// So many writes from now on fail.
    pub failing: u32,
    pub mistake: StoreMistake,
    /// What was there before the last write, while [`may_lose`](Self::may_lose).
    before: Option<(Rows, Option<Cursor>)>,
    /// The power may fail: the last write is not on the disk yet.
    pub may_lose: bool,
}

/// How a cache may break its promises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StoreMistake {
    /// It doesn't.
    #[default]
    None,
    /// A swap leaves rows that the snapshot does not have.
    MergesSwaps,
    /// A power failure loses the rows of the last write, but not its cursor.
    TearsWrites,
}

impl CacheState {
    /// The power fails: the last write is undone as a whole.
    pub fn power_fails(&mut self) {
        self.may_lose = false;
        if let Some((rows, cursor)) = self.before.take() {
            self.rows = rows;
            if self.mistake != StoreMistake::TearsWrites {
                self.cursor = cursor;
            }
        }
    }

    fn swap(&mut self, cursor: Cursor) {
        let staged = std::mem::take(&mut self.staged);
        if self.mistake != StoreMistake::MergesSwaps {
            self.rows.clear();
        }
        self.rows.extend(staged);
        self.cursor = Some(cursor);
        let (hidden, rows) = (private(&self.rows), &self.rows);
        let known = |id: Uuid| rows.contains_key(&(EntityType("resource".to_owned()), id));
        self.positions.retain(|resource, _| known(resource.0) && !hidden.contains(resource));
    }

    fn forget_view(&mut self) {
        self.rows.clear();
        self.staged.clear();
        self.positions.clear();
        self.cursor = None;
    }
}

impl MemoryCache {
    /// A copy of the file.
    pub fn copied(&self) -> Self {
        let state = self.state();
        let copy = CacheState {
            rows: state.rows.clone(),
            cursor: state.cursor,
            mistake: state.mistake,
            ..CacheState::default()
        };
        MemoryCache(Arc::new(Mutex::new(copy)))
    }

    pub fn state(&self) -> MutexGuard<'_, CacheState> {
        self.0.lock().expect("no panic elsewhere")
    }

    pub fn version(&self, entity: &str, id: Uuid) -> Option<u64> {
        self.state().rows.get(&(EntityType(entity.to_owned()), id)).map(|item| item.version)
    }
}

/// Per-type sums.
pub fn checksums<'a>(rows: impl IntoIterator<Item = &'a Item>) -> Checksums {
    let mut sums = Checksums::new();
    for item in rows {
        let share = row_hash(item.id, item.version);
        match sums.get_mut(&item.entity) {
            Some(sum) => *sum = sum.wrapping_add(share),
            None => drop(sums.insert(item.entity.clone(), share)),
        }
    }
    sums
}

fn apply(rows: &mut Rows, items: &[Item]) {
    for item in items {
        let key = (item.entity.clone(), item.id);
        if item.op == op::DEL {
            rows.remove(&key);
        } else {
            rows.insert(key, item.clone());
        }
    }
}

fn private(rows: &Rows) -> BTreeSet<ResourceId> {
    let cards = rows.values().filter(|item| item.entity.0 == "resource");
    let cards = cards.filter_map(|item| item.decode().ok().flatten());
    let private = cards.filter_map(|row| match row {
        Entity::Resource(card) if card.private_since.is_some() => Some(card.id),
        _ => None,
    });
    private.collect()
}

impl CacheStore for MemoryCache {
    fn load(&mut self) -> Result<StoredCache, StorageFault> {
        let state = self.state();
        Ok(StoredCache {
            cursor: state.cursor,
            positions: state.positions.values().copied().collect(),
            private: private(&state.rows).into_iter().collect(),
        })
    }

    fn write(&mut self, write: &CacheWrite) -> Result<WriteReport, StorageFault> {
        let mut guard = self.state();
        let state = &mut *guard;
        if state.failing > 0 {
            state.failing -= 1;
            return Err(StorageFault("disk full".to_owned()));
        }
        if state.may_lose {
            state.before = Some((state.rows.clone(), state.cursor));
        }
        let mut report = WriteReport::default();
        match write {
            CacheWrite::Apply { items, cursor, checksums: expected, forget } => {
                apply(&mut state.rows, items);
                state.cursor = Some(*cursor);
                state.positions.retain(|resource, _| !forget.contains(resource));
                if let Some(expected) = expected {
                    let ours = checksums(state.rows.values());
                    let types: BTreeSet<&EntityType> = ours.keys().chain(expected.keys()).collect();
                    let differs = |entity: &&&EntityType| ours.get(**entity) != expected.get(**entity);
                    report.mismatched =
                        types.iter().filter(differs).map(|entity| (*entity).clone()).collect();
                }
            }
            CacheWrite::StageBegin => state.staged.clear(),
            CacheWrite::Stage { items } => apply(&mut state.staged, items),
            CacheWrite::Swap { cursor } => state.swap(*cursor),
            CacheWrite::Positions { positions } => {
                state.positions.extend(positions.iter().map(|update| (update.resource, *update)));
            }
            CacheWrite::ForgetView => state.forget_view(),
        }
        Ok(report)
    }

    fn record(&mut self, incident: &Incident) -> Result<(), StorageFault> {
        self.state().incidents.push(incident.clone());
        Ok(())
    }
}

/// The outbox.
#[derive(Debug, Clone)]
pub struct MemoryOutbox(Arc<Mutex<OutboxState>>);

/// What the outbox holds.
#[derive(Debug)]
pub struct OutboxState {
    pub device: DeviceId,
    pub next_n: u64,
    pub commands: BTreeMap<u64, QueuedCommand>,
    /// So many writes from now on fail.
    pub failing: u32,
}

impl MemoryOutbox {
    pub fn new(device: DeviceId) -> Self {
        let state = OutboxState { device, next_n: 1, commands: BTreeMap::new(), failing: 0 };
        MemoryOutbox(Arc::new(Mutex::new(state)))
    }

    /// A copy of the file.
    pub fn copied(&self) -> Self {
        let state = self.state();
        let (device, next_n, commands) = (state.device, state.next_n, state.commands.clone());
        MemoryOutbox(Arc::new(Mutex::new(OutboxState { device, next_n, commands, failing: 0 })))
    }

    pub fn state(&self) -> MutexGuard<'_, OutboxState> {
        self.0.lock().expect("no panic elsewhere")
    }
}

impl OutboxState {
    fn check(&mut self) -> Result<(), StorageFault> {
        if self.failing > 0 {
            self.failing -= 1;
            return Err(StorageFault("disk full".to_owned()));
        }
        Ok(())
    }

    fn insert(&mut self, new: &NewCommand, wall: DateTime<Utc>) -> QueuedCommand {
        let command = Command {
            n: self.next_n,
            id: new.id,
            body: new.body.clone(),
            if_match: new.if_match,
            occurred: Occurred { wall, mono_age_ms: 0 },
            valid_until: new.valid_until,
            depends_on: new.depends_on,
        };
        let queued = QueuedCommand { command, state: CommandState::Queued, attempts: 0, seen: false };
        self.next_n += 1;
        self.commands.insert(queued.command.n, queued.clone());
        queued
    }
}

impl OutboxStore for MemoryOutbox {
    fn load(&mut self) -> Result<StoredOutbox, StorageFault> {
        let state = self.state();
        Ok(StoredOutbox {
            device: state.device,
            device_epoch: 1,
            next_n: state.next_n,
            commands: state.commands.values().cloned().collect(),
        })
    }

    fn push(&mut self, new: &[NewCommand], wall: DateTime<Utc>) -> Result<Vec<QueuedCommand>, StorageFault> {
        let mut state = self.state();
        state.check()?;
        Ok(new.iter().map(|new| state.insert(new, wall)).collect())
    }

    fn replace(
        &mut self,
        old: u64,
        new: &NewCommand,
        wall: DateTime<Utc>,
    ) -> Result<QueuedCommand, StorageFault> {
        let mut state = self.state();
        state.check()?;
        state.commands.remove(&old).ok_or_else(|| StorageFault(format!("no command {old}")))?;
        Ok(state.insert(new, wall))
    }

    fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StorageFault> {
        let mut state = self.state();
        state.check()?;
        for change in changes {
            match change {
                OutboxChange::Put(queued) => {
                    drop(state.commands.insert(queued.command.n, (**queued).clone()))
                }
                OutboxChange::Delete { n } => drop(state.commands.remove(n)),
                OutboxChange::NewDevice { device } => state.device = *device,
            }
        }
        Ok(())
    }
}
