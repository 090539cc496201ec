//! One transaction's changes to a company's rows: every put and delete gets its version, its place in the feed and the groups
//! that may see it.

mod alert;
mod scope;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::alert::Alert;
use domain::attendance::AttendanceEntry;
use domain::bid::{Bid, BidStatus};
use domain::company::{Company, User};
use domain::form::{FormDefinition, Submission};
use domain::place::Poi;
use domain::resource::{Group, Profile, Resource, Skill};
use domain::rule::LocationRule;
use domain::task::{MessageState, Promise, Task, TaskType};
use domain::{CompanyId, GroupId, ResourceId, TaskId};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{Cause, Cursor};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use scope::subject;

use crate::contact;
use crate::storage::{AuditRow, CompanyRow, EntityRow, NewEntityRow, NewFeedRow, StorageError, Tx};

/// A row type with its kind.
pub(crate) trait RowType: DeserializeOwned + Into<Entity> {
    /// Its kind.
    const KIND: EntityKind;
}

macro_rules! row_types {
    ($($kind:ident($type:ty)),+ $(,)?) => { $(impl RowType for $type { const KIND: EntityKind = EntityKind::$kind; })+ };
}

row_types! {
    Company(Company), User(User), Group(Group), Skill(Skill), Profile(Profile), Resource(Resource), TaskType(TaskType),
    Task(Task), Bid(Bid), Poi(Poi), Attendance(AttendanceEntry), Form(FormDefinition), Submission(Submission), Alert(Alert),
    Rule(LocationRule),
}

/// What a put or delete made of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// The row's version now.
    pub version: u64,
    /// The change's place in the feed.
    pub seq: u64,
}

/// What the rest of the server has to know once the transaction is committed.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Resources whose cards changed.
    pub cards: Vec<Resource>,
    /// Profiles that changed.
    pub profiles: Vec<Profile>,
    /// Resources whose phones have something new to fetch.
    pub phones: BTreeSet<ResourceId>,
    /// Every phone has something new to fetch.
    pub all_phones: bool,
    /// Rows that the watcher goes by.
    pub watched: Vec<Entity>,
    /// Such rows that are gone.
    pub gone: Vec<(EntityKind, Uuid)>,
}

/// One transaction's changes to a company's rows.
pub(crate) struct Ledger<'a, 'b> {
    tx: &'a Tx<'b>,
    company: CompanyRow,
    now: DateTime<Utc>,
    cause: Option<Cause>,
    groups: HashMap<ResourceId, Option<GroupId>>,
    effects: Effects,
}

impl<'a, 'b> Ledger<'a, 'b> {
    /// Begins with the company's rows as they are.
    pub fn begin(
        tx: &'a Tx<'b>,
        company: CompanyId,
        now: DateTime<Utc>,
        cause: Option<Cause>,
    ) -> Result<Self, StorageError> {
        let company = tx.company(company.0)?.ok_or(StorageError::NoCompany)?;
        Ok(Ledger { tx, company, now, cause, groups: HashMap::new(), effects: Effects::default() })
    }

    /// Ends: stores how far the history has come.
    pub fn finish(self) -> Result<(CompanyRow, Effects), StorageError> {
        self.tx.update_company(&self.company)?;
        Ok((self.company, self.effects))
    }

    /// The transaction.
    pub fn tx(&self) -> &'a Tx<'b> {
        self.tx
    }

    /// Which company.
    pub fn company(&self) -> CompanyId {
        CompanyId(self.company.id)
    }

    /// The time of this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The newest change.
    pub fn head(&self) -> Cursor {
        Cursor { epoch: self.company.epoch, seq: self.company.head }
    }

    /// A row with its version, unless it is deleted.
    pub fn load<T: RowType>(&self, id: Uuid) -> Result<Option<(T, u64)>, StorageError> {
        let row = self.tx.entity(self.company.id, T::KIND, id)?.filter(|row| !row.deleted);
        row.map(|row| Ok((serde_json::from_str(&row.data)?, row.version))).transpose()
    }

    /// The next running number of a task.
    pub fn next_task_number(&self) -> Result<u32, StorageError> {
        self.tx.next_task_number(self.company.id)
    }

    /// Appends to the audit chain.
    pub fn audit(&self, actor: Uuid, action: &str, target: Uuid) -> Result<(), StorageError> {
        self.audit_with_purpose(actor, action, target, "")
    }

    /// Appends to the audit chain, with the reason that was given.
    pub fn audit_with_purpose(
        &self,
        actor: Uuid,
        action: &str,
        target: Uuid,
        purpose: &str,
    ) -> Result<(), StorageError> {
        let (action, purpose) = (action.to_owned(), purpose.to_owned());
        self.tx.append_audit(
            self.company.id,
            AuditRow { n: 0, at: self.now, actor, action, target, purpose, hash: [0; 32] },
        )
    }

    /// Adds or replaces a row.
    pub fn put(&mut self, row: impl Into<Entity>) -> Result<Written, StorageError> {
        let row = row.into();
        let before = self.tx.entity(self.company.id, row.kind(), row.id())?;
        if let Entity::Resource(card) = &row {
            self.groups.insert(card.id, Some(card.group));
        }
        let scope = self.scope(&row)?;
        let (data, masked) = (row.encode()?, masked(&row)?);
        let written = self.write(
            &NewRow {
                kind: row.kind(),
                id: row.id(),
                scope: &scope,
                subject: subject(&row),
                data: &data,
                masked: &masked,
            },
            before.as_ref(),
        )?;
        self.note(row, before.as_ref().filter(|row| !row.deleted), &scope, written.seq)?;
        Ok(written)
    }

    /// Deletes a row; `None` when there is none.
    pub fn delete(&mut self, kind: EntityKind, id: Uuid) -> Result<Option<Written>, StorageError> {
        let Some(before) = self.tx.entity(self.company.id, kind, id)?.filter(|row| !row.deleted) else {
            return Ok(None);
        };
        if kind == EntityKind::Alert {
            self.tx.forget_alert_event(id)?;
        }
        if kind == EntityKind::Task {
            self.tx.delete_messages_of(TaskId(id))?;
        }
        self.effects.gone.push((kind, id));
        let gone = NewRow { kind, id, scope: "", subject: Uuid::nil(), data: "", masked: "" };
        self.write(&gone, Some(&before)).map(Some)
    }

    /// Throws the history away and begins another.
    pub fn rewrite_history(&mut self) -> Result<(), StorageError> {
        self.company.epoch += 1;
        self.company.floor = self.company.head;
        self.tx.delete_changes(self.company.id, self.company.head)
    }

    /// Forgets the changes up to `through`; a reader that stands before has to start over.
    pub fn prune_history(&mut self, through: u64) -> Result<(), StorageError> {
        self.company.floor = self.company.floor.max(through);
        self.tx.delete_changes(self.company.id, through)
    }

    fn write(&mut self, row: &NewRow<'_>, before: Option<&EntityRow>) -> Result<Written, StorageError> {
        self.company.head += 1;
        let (version, seq) = (before.map_or(1, |before| before.version + 1), self.company.head);
        let deleted = row.data.is_empty();
        let stored = NewEntityRow {
            kind: row.kind,
            id: row.id,
            version,
            deleted,
            at: self.now,
            scope: row.scope,
            subject: row.subject,
            data: row.data,
            masked: row.masked,
        };
        self.tx.put_entity(self.company.id, &stored, before)?;
        let scope_before = before.filter(|before| !before.deleted).map_or("", |before| &before.scope);
        let change = NewFeedRow {
            seq,
            kind: row.kind,
            id: row.id,
            version,
            deleted,
            at: self.now,
            scope: row.scope,
            scope_before,
            cause: self.cause,
            data: row.data,
            masked: row.masked,
        };
        self.tx.insert_change(self.company.id, &change)?;
        Ok(Written { version, seq })
    }

    /// What a changed row means to others: phones to wake, bids to expire, rows that move with a card to another group.
    fn note(
        &mut self,
        row: Entity,
        before: Option<&EntityRow>,
        scope: &str,
        seq: u64,
    ) -> Result<(), StorageError> {
        if is_watched(&row) {
            self.effects.watched.push(row.clone());
        }
        match row {
            Entity::Resource(card) => {
                self.wake(card.id, seq)?;
                if before.is_some_and(|before| before.scope != scope) {
                    self.move_rows_of(card.id)?;
                }
                self.effects.cards.push(card);
            }
            Entity::Task(task) => {
                self.tx.note_task_number(self.company.id, task.number)?;
                self.forget_texts(&task)?;
                let old = before.map(|before| serde_json::from_str::<Task>(&before.data)).transpose()?;
                let concerned = [task.resource, old.and_then(|task| task.resource)];
                concerned.into_iter().flatten().try_for_each(|resource| self.wake(resource, seq))?;
            }
            Entity::Bid(bid) => {
                let due = (bid.status == BidStatus::Open).then_some(bid.deadline);
                self.tx.set_deadline(self.company.id, bid.id.0, due)?;
                bid.lines.iter().try_for_each(|line| self.wake(line.resource, seq))?;
            }
            Entity::Profile(profile) => {
                self.tx.touch_all_phones(self.company.id, seq)?;
                self.effects.all_phones = true;
                self.effects.profiles.push(profile);
            }
            Entity::Attendance(entry) => self.tx.note_attendance(entry.resource.0, entry.event_time)?,
            Entity::Form(_) => {
                self.tx.touch_all_phones(self.company.id, seq)?;
                self.effects.all_phones = true;
            }
            Entity::Company(_)
            | Entity::User(_)
            | Entity::Group(_)
            | Entity::Skill(_)
            | Entity::TaskType(_)
            | Entity::Poi(_)
            | Entity::Rule(_)
            | Entity::Submission(_) => {}
            Entity::Alert(alert) => self.note_alert(&alert)?,
        }
        Ok(())
    }

    /// A message that waits no longer leaves no text behind.
    fn forget_texts(&self, task: &Task) -> Result<(), StorageError> {
        let is_done =
            |promise: &&Promise| promise.message.is_some_and(|message| message != MessageState::Waiting);
        let mut done = task.promises.iter().filter(is_done);
        done.try_for_each(|promise| self.tx.delete_message(task.id, promise.id))
    }

    /// Has the phone of `resource` fetch what is new.
    pub fn wake(&mut self, resource: ResourceId, seq: u64) -> Result<(), StorageError> {
        self.tx.touch_phone(resource.0, seq)?;
        self.effects.phones.insert(resource);
        Ok(())
    }

    /// A card has moved to another group: what is about it moves along, so that the one group loses and the other gains it.
    fn move_rows_of(&mut self, resource: ResourceId) -> Result<(), StorageError> {
        let company = self.company.id;
        for kind in [EntityKind::Task, EntityKind::Attendance, EntityKind::Submission, EntityKind::Alert] {
            for row in self.tx.entities_about(company, kind, resource.0)? {
                self.put(kind.decode(&row.data)?)?;
            }
        }
        for row in self.tx.entities(company, EntityKind::Bid)? {
            let bid: Bid = serde_json::from_str(&row.data)?;
            if bid.line(resource).is_some() {
                self.put(bid)?;
            }
        }
        Ok(())
    }
}

struct NewRow<'a> {
    kind: EntityKind,
    id: Uuid,
    scope: &'a str,
    subject: Uuid,
    data: &'a str,
    masked: &'a str,
}

/// Whether the watcher goes by rows of this kind.
fn is_watched(row: &Entity) -> bool {
    match row {
        Entity::Company(_)
        | Entity::Resource(_)
        | Entity::Task(_)
        | Entity::Bid(_)
        | Entity::Poi(_)
        | Entity::Rule(_)
        | Entity::Alert(_) => true,
        Entity::User(_)
        | Entity::Group(_)
        | Entity::Skill(_)
        | Entity::Profile(_)
        | Entity::TaskType(_)
        | Entity::Attendance(_)
        | Entity::Form(_)
        | Entity::Submission(_) => false,
    }
}

/// The row's JSON without contact data; empty where there is none in it.
fn masked(row: &Entity) -> Result<String, StorageError> {
    let Entity::Resource(card) = row else { return Ok(String::new()) };
    Ok(serde_json::to_string(&contact::masked(card))?)
}
