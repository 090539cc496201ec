//! The reference server: one history, views by role, receipts per device. Everything is plain and in memory, so that what it did can
//! be checked afterwards.

mod commands;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::DeviceId;
use domain::task::Task;
use protocol::entity::{Entity, EntityKind, EntityType};
use protocol::wire::{Cause, ChangesPage, Cursor, ErrorBody, ErrorCode, Item, LiveFrame, SnapshotPage, op};
use serde_json::value::RawValue;
use sync::CallError;
use uuid::Uuid;

use super::stores::{Rows, checksums};
use commands::Ledger;

/// Rows of this type are in nobody's view: they make the sequence numbers of a view jump.
const HIDDEN: &str = "hidden";
/// Rows of this type are only in the view of some roles; no build knows it.
pub const REGIONAL: &str = "regional";
const PAGE: usize = 7;

/// What a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Whether [`REGIONAL`] rows are in it.
    pub regional: bool,
    /// The place in the feed since which that has been so: a reader that stands before it has seen with other eyes.
    pub since: u64,
}

impl Scope {
    /// Everything, and ever since.
    pub const ALL: Scope = Scope { regional: true, since: 0 };

    /// Whether rows of the type are in it.
    pub fn shows(&self, entity: &EntityType) -> bool {
        entity.0 != HIDDEN && (self.regional || entity.0 != REGIONAL)
    }
}

/// The server.
#[derive(Debug)]
pub struct Server {
    pub cursor: Cursor,
    /// Changes up to here are compacted away.
    floor: u64,
    log: Vec<(u64, Item)>,
    /// All rows but the hidden ones.
    pub rows: Rows,
    versions: HashMap<(EntityType, Uuid), u64>,
    snapshots: BTreeMap<(Cursor, bool), Vec<Item>>,
    pub ledger: Ledger,
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
            ledger: Ledger::default(),
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

    /// A role changes, which takes a place in the feed.
    pub fn change_role(&mut self, scope: Scope, now: DateTime<Utc>) -> Scope {
        self.put_hidden(now);
        Scope { regional: !scope.regional, since: self.cursor.seq }
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

    /// The rows of a view.
    pub fn view(&self, scope: Scope) -> impl Iterator<Item = &Item> {
        self.rows.values().filter(move |item| scope.shows(&item.entity))
    }

    fn check(&self, scope: Scope, cursor: Cursor) -> Result<(), CallError> {
        let good = cursor.epoch == self.cursor.epoch
            && cursor.seq >= self.floor.max(scope.since)
            && cursor.seq <= self.cursor.seq;
        if good { Ok(()) } else { Err(gone()) }
    }

    /// The part of the log after a place that a view shows.
    fn after(&self, scope: Scope, seq: u64) -> impl Iterator<Item = &(u64, Item)> {
        let from = self.log.partition_point(|(at, _)| *at <= seq);
        self.log[from..].iter().filter(move |(_, item)| scope.shows(&item.entity))
    }

    pub fn changes(&self, scope: Scope, from: Cursor, now: DateTime<Utc>) -> Result<ChangesPage, CallError> {
        self.check(scope, from)?;
        let page: Vec<&(u64, Item)> = self.after(scope, from.seq).take(PAGE).collect();
        let at_head = page.len() < PAGE || self.after(scope, from.seq).nth(PAGE).is_none();
        let to_seq = if at_head { self.cursor.seq } else { page.last().map_or(from.seq, |(seq, _)| *seq) };
        let to = Cursor { seq: to_seq, ..from };
        let checksums = at_head.then(|| checksums(self.view(scope)));
        let items = page.into_iter().map(|(_, item)| item.clone()).collect();
        Ok(ChangesPage { from, to, head: self.cursor, items, checksums, server_time: now })
    }

    pub fn snapshot(&mut self, scope: Scope, token: Option<&str>) -> Result<SnapshotPage, CallError> {
        let (at, page) = match token {
            None => {
                let rows = self.view(scope).cloned().collect();
                self.snapshots.insert((self.cursor, scope.regional), rows);
                (self.cursor, 0)
            }
            Some(token) => {
                let (at, page) = token.split_once('/').expect("our token");
                (at.parse().expect("our cursor"), page.parse::<usize>().expect("our page"))
            }
        };
        let rows =
            self.snapshots.get(&(at, scope.regional)).filter(|_| at.seq >= scope.since).ok_or_else(gone)?;
        let next_page_token = (rows.len() > (page + 1) * PAGE).then(|| format!("{at}/{}", page + 1));
        let items = rows.iter().skip(page * PAGE).take(PAGE).cloned().collect();
        Ok(SnapshotPage { at, items, next_page_token, total: Some(rows.len() as u64), schema: 1 })
    }

    /// What a live socket that stands at `from` gets next, and where it stands then; the error is its last frame.
    pub fn live(&self, scope: Scope, from: Cursor) -> Result<Option<(LiveFrame, Cursor)>, LiveFrame> {
        if from.epoch == self.cursor.epoch && from.seq < scope.since {
            return Err(LiveFrame::ViewChanged);
        }
        self.check(scope, from).map_err(|_| LiveFrame::Gone { reason: "too old".to_owned() })?;
        Ok(self.after(scope, from.seq).next().map(|(seq, item)| {
            let cursor = Cursor { seq: *seq, ..from };
            (LiveFrame::Change { prev: from, cursor, items: vec![item.clone()] }, cursor)
        }))
    }

    pub fn bookmark(&self, scope: Scope, from: Cursor, now: DateTime<Utc>) -> LiveFrame {
        let checksums = checksums(self.view(scope));
        LiveFrame::Bookmark { cursor: self.cursor, prev: from, checksums, server_time: now }
    }

    /// A desk signs in: the token names it.
    pub fn sign_in(&mut self, device: DeviceId) -> String {
        let access = format!("desk {device}");
        self.ledger.sessions.insert(access.clone(), device);
        access
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

fn refused(status: u16, code: ErrorCode) -> CallError {
    let body = ErrorBody { code, message: String::new(), retry_after_secs: None };
    CallError::Status { status, body: Some(body), retry_after_secs: None }
}

fn gone() -> CallError {
    refused(410, ErrorCode::Gone)
}
