//! The reference server: one history, receipts per device, links per view. Everything is plain and in memory, so that what it
//! did can be checked afterwards.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::DeviceId;
use domain::task::{Actor, Note, Task, TaskStatus};
use protocol::entity::{Entity, EntityKind, EntityType};
use protocol::wire::{
    Cause, ChangesPage, Command, CommandBody, CommandOutcome, Cursor, ErrorBody, ErrorCode, Item, LiveFrame,
    Outcome, Rejection, SnapshotPage, op,
};
use serde_json::value::RawValue;
use sync::CallError;
use uuid::Uuid;

use super::stores::{Rows, checksums};

/// Rows of this type are in nobody's view: they make the sequence numbers of a view jump.
const HIDDEN: &str = "hidden";
const PAGE: usize = 7;

/// What the server remembers of a command.
#[derive(Debug, Clone)]
enum Receipt {
    Done { version: u64, cursor: Cursor },
    Conflict,
    Rejected(Rejection),
}

/// The server.
#[derive(Debug)]
pub struct Server {
    pub cursor: Cursor,
    /// Changes up to here are compacted away.
    floor: u64,
    log: Vec<(u64, Item)>,
    pub rows: Rows,
    versions: HashMap<(EntityType, Uuid), u64>,
    snapshots: BTreeMap<Cursor, Vec<Item>>,
    receipts: HashMap<(DeviceId, u64), Receipt>,
    pruned: HashMap<DeviceId, u64>,
    /// How often each command had its effect.
    pub applied: HashMap<(DeviceId, u64), u32>,
    /// The mistake that the harness has to catch: no receipts are kept.
    pub forgetful: bool,
}

impl Server {
    pub fn new() -> Self {
        Server {
            cursor: Cursor { epoch: 1, seq: 0 },
            floor: 0,
            log: Vec::new(),
            rows: Rows::new(),
            versions: HashMap::new(),
            snapshots: BTreeMap::new(),
            receipts: HashMap::new(),
            pruned: HashMap::new(),
            applied: HashMap::new(),
            forgetful: false,
        }
    }

    /// Writes a change into history.
    pub fn put(
        &mut self,
        (entity, id): (&str, Uuid),
        data: Option<String>,
        cause: Option<Cause>,
        now: DateTime<Utc>,
    ) -> u64 {
        let key = (EntityType(entity.to_owned()), id);
        let version = self.versions.entry(key.clone()).or_default();
        *version += 1;
        let version = *version;
        let op = if data.is_some() { op::PUT } else { op::DEL }.to_owned();
        let data = data.map(|data| RawValue::from_string(data).expect("JSON"));
        let item = Item { entity: key.0.clone(), id, version, op, data, at: now, cause };
        self.cursor.seq += 1;
        self.log.push((self.cursor.seq, item.clone()));
        if item.op == op::DEL {
            self.rows.remove(&key);
        } else if key.0.0 != HIDDEN {
            self.rows.insert(key, item);
        }
        version
    }

    /// A change that no view shows.
    pub fn put_hidden(&mut self, now: DateTime<Utc>) {
        self.put((HIDDEN, Uuid::from_u128(9)), Some("{}".to_owned()), None, now);
    }

    /// History is rewritten.
    pub fn new_epoch(&mut self) {
        self.cursor.epoch += 1;
        self.snapshots.clear();
    }

    /// Old changes go.
    pub fn compact(&mut self, keep: usize) {
        if self.log.len() > keep {
            let cut = self.log.len() - keep;
            self.floor = self.log[cut - 1].0;
            self.log.drain(..cut);
        }
        if self.snapshots.len() > 3 {
            self.snapshots.clear();
        }
    }

    fn check(&self, cursor: Cursor) -> Result<(), CallError> {
        let good =
            cursor.epoch == self.cursor.epoch && cursor.seq >= self.floor && cursor.seq <= self.cursor.seq;
        if good { Ok(()) } else { Err(gone()) }
    }

    pub fn changes(&self, from: Cursor, now: DateTime<Utc>) -> Result<ChangesPage, CallError> {
        self.check(from)?;
        let newer = self.log.iter().filter(|(seq, item)| *seq > from.seq && item.entity.0 != HIDDEN);
        let page: Vec<&(u64, Item)> = newer.clone().take(PAGE).collect();
        let at_head = newer.count() == page.len();
        let to_seq = if at_head { self.cursor.seq } else { page.last().map_or(from.seq, |(seq, _)| *seq) };
        let to = Cursor { seq: to_seq, ..from };
        let checksums = at_head.then(|| checksums(&self.rows));
        let items = page.into_iter().map(|(_, item)| item.clone()).collect();
        Ok(ChangesPage { from, to, head: self.cursor, items, checksums, server_time: now })
    }

    pub fn snapshot(&mut self, token: Option<&str>) -> Result<SnapshotPage, CallError> {
        let (at, page) = match token {
            None => {
                self.snapshots.insert(self.cursor, self.rows.values().cloned().collect());
                (self.cursor, 0)
            }
            Some(token) => {
                let (at, page) = token.split_once('/').expect("our token");
                (at.parse().expect("our cursor"), page.parse::<usize>().expect("our page"))
            }
        };
        let items = self.snapshots.get(&at).ok_or_else(gone)?;
        let next = (items.len() > (page + 1) * PAGE).then(|| format!("{at}/{}", page + 1));
        let items = items.iter().skip(page * PAGE).take(PAGE).cloned().collect();
        Ok(SnapshotPage { at, items, next_page_token: next, schema: 1 })
    }

    /// What a live socket that stands at `from` gets next, and where it stands then.
    pub fn live(&self, from: Cursor) -> Result<Option<(LiveFrame, Cursor)>, CallError> {
        self.check(from)?;
        let next = self.log.iter().find(|(seq, item)| *seq > from.seq && item.entity.0 != HIDDEN);
        Ok(next.map(|(seq, item)| {
            let cursor = Cursor { seq: *seq, ..from };
            (LiveFrame::Change { prev: from, cursor, items: vec![item.clone()] }, cursor)
        }))
    }

    pub fn bookmark(&self, from: Cursor, now: DateTime<Utc>) -> LiveFrame {
        let checksums = checksums(&self.rows);
        LiveFrame::Bookmark { cursor: self.cursor, prev: from, checksums, server_time: now }
    }

    pub fn commands(
        &mut self,
        device: DeviceId,
        acked_through: u64,
        commands: &[Command],
        now: DateTime<Utc>,
    ) -> Vec<CommandOutcome> {
        let pruned = self.pruned.entry(device).or_default();
        *pruned = acked_through.max(*pruned);
        let pruned = *pruned;
        self.receipts.retain(|(of, n), _| *of != device || *n > pruned);
        commands
            .iter()
            .map(|command| CommandOutcome { n: command.n, outcome: self.command(device, command, now) })
            .collect()
    }

    fn command(&mut self, device: DeviceId, command: &Command, now: DateTime<Utc>) -> Outcome {
        let key = (device, command.n);
        if self.pruned.get(&device).is_some_and(|pruned| command.n <= *pruned) {
            return Outcome::Rejected { reason: Rejection::NumberReused };
        }
        let again = self.receipts.get(&key).filter(|_| !self.forgetful).cloned();
        let first = again.is_none();
        let receipt = match again {
            Some(receipt) => receipt,
            None => {
                let receipt = self.effect(Cause { device, n: command.n }, command, now);
                self.receipts.insert(key, receipt.clone());
                receipt
            }
        };
        match receipt {
            Receipt::Done { version, cursor } if first => Outcome::Applied { version, cursor },
            Receipt::Done { version, cursor } => Outcome::Duplicate { version, cursor },
            Receipt::Conflict => {
                let (kind, id) = command.body.target();
                Outcome::Conflict { current: self.rows.get(&(kind.into(), id)).cloned().map(Box::new) }
            }
            Receipt::Rejected(reason) => Outcome::Rejected { reason },
        }
    }

    fn effect(&mut self, cause: Cause, command: &Command, now: DateTime<Utc>) -> Receipt {
        let (kind, id) = command.body.target();
        let current = self.rows.get(&(kind.into(), id)).cloned();
        let version = current.as_ref().map(|item| item.version);
        if command.if_match.is_some() && command.if_match != version {
            return Receipt::Conflict;
        }
        let task = match current.as_ref().map(|item| item.decode().expect("our row")) {
            Some(Some(Entity::Task(task))) => Some(task),
            _ => None,
        };
        let row = match (&command.body, task) {
            (CommandBody::PoiDelete { .. }, _) if current.is_none() => Err(Rejection::NotFound),
            (CommandBody::PoiDelete { .. }, _) => Ok(None),
            (CommandBody::PoiPut(poi), _) => Ok(Some(Entity::Poi((**poi).clone()))),
            (CommandBody::TaskCreate(_), Some(_)) => Err(Rejection::Exists),
            (CommandBody::TaskCreate(draft), None) => Ok(Some(Entity::Task(task_of(draft, now)))),
            (CommandBody::TaskNote { text, .. }, Some(mut task)) => {
                task.notes.push(Note { at: now, by: Actor::Server, text: text.clone() });
                Ok(Some(Entity::Task(task)))
            }
            (CommandBody::TaskAssign { resource, .. }, Some(mut task)) => {
                task.resource = *resource;
                Ok(Some(Entity::Task(task)))
            }
            (_, _) => Err(Rejection::NotFound),
        };
        match row {
            Err(reason) => Receipt::Rejected(reason),
            Ok(row) => {
                let data = row.map(|row| row.encode().expect("JSON"));
                let version = self.put((kind.name(), id), data, Some(cause), now);
                *self.applied.entry((cause.device, cause.n)).or_default() += 1;
                Receipt::Done { version, cursor: self.cursor }
            }
        }
    }

    /// All tasks.
    pub fn tasks(&self) -> Vec<Task> {
        let tasks = self.rows.values().filter(|item| item.entity == EntityKind::Task.into());
        let read = |item: &Item| match item.decode().expect("our row") {
            Some(Entity::Task(task)) => task,
            other => panic!("not a task: {other:?}"),
        };
        tasks.map(read).collect()
    }
}

fn gone() -> CallError {
    let body = ErrorBody { code: ErrorCode::Gone, message: String::new(), retry_after_secs: None };
    CallError::Status { status: 410, body: Some(body), retry_after_secs: None }
}

fn task_of(draft: &protocol::wire::TaskDraft, now: DateTime<Utc>) -> Task {
    Task {
        id: draft.id,
        number: 1,
        title: draft.title.clone(),
        description: draft.description.clone(),
        task_type: draft.task_type,
        work_order: None,
        at: draft.at,
        address: draft.address.clone(),
        poi: draft.poi,
        customer: draft.customer.clone(),
        resource: None,
        status: TaskStatus::NewTask,
        priority: draft.priority,
        skills: draft.skills.clone(),
        planned_minutes: draft.planned_minutes,
        window_start: draft.window_start,
        window_end: draft.window_end,
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: now,
    }
}
