//! The reference server's write side.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::task::{Actor, Note, Task, TaskStatus};
use domain::{CommandId, DeviceId};
use protocol::entity::Entity;
use protocol::wire::{
    Cause, Command, CommandBody, CommandOutcome, Cursor, ErrorCode, Outcome, Rejection, TaskDraft,
};
use sync::CallError;

use super::{Server, refused};
use crate::model::mutant::Mutant;

/// What the server remembers of a command.
#[derive(Debug, Clone)]
enum End {
    Done { version: u64, cursor: Cursor },
    Conflict,
    Rejected(Rejection),
}

/// An end with the bytes that led to it.
#[derive(Debug, Clone)]
struct Receipt {
    end: End,
    command: Command,
    at: DateTime<Utc>,
}

/// Who has signed in, and what became of their commands.
#[derive(Debug, Default)]
pub struct Ledger {
    pub sessions: HashMap<String, DeviceId>,
    receipts: HashMap<(DeviceId, u64), Receipt>,
    pruned: HashMap<DeviceId, u64>,
    /// How often each command had its effect.
    pub applied: HashMap<CommandId, u32>,
    /// A number that came with other bytes than before.
    pub reused: Option<(DeviceId, u64)>,
    pub mutant: Option<Mutant>,
}

/// Receipts live for so long under [`Mutant::ReceiptsExpireByAge`].
const SHORT_LIFE: TimeDelta = TimeDelta::seconds(10);

impl Server {
    /// Only the desk that signed in may use a token; one that never signed in here belongs to a story that does not care.
    pub fn admit(&self, access: &str, device: DeviceId) -> Result<(), CallError> {
        match self.ledger.sessions.get(access) {
            Some(known) if *known != device => Err(refused(403, ErrorCode::Fenced)),
            Some(_) | None => Ok(()),
        }
    }

    pub fn commands(
        &mut self,
        device: DeviceId,
        acked_through: u64,
        commands: &[Command],
        now: DateTime<Utc>,
    ) -> Vec<CommandOutcome> {
        let pruned = self.ledger.pruned.entry(device).or_default();
        *pruned = acked_through.max(*pruned);
        let pruned = *pruned;
        self.ledger.receipts.retain(|(of, n), _| *of != device || *n > pruned);
        match self.ledger.mutant {
            Some(Mutant::NoReceipts) => self.ledger.receipts.clear(),
            Some(Mutant::ReceiptsExpireByAge) => {
                self.ledger.receipts.retain(|_, receipt| now - receipt.at < SHORT_LIFE);
            }
            _ => {}
        }
        commands
            .iter()
            .map(|command| CommandOutcome { n: command.n, outcome: self.command(device, command, now) })
            .collect()
    }

    fn command(&mut self, device: DeviceId, command: &Command, now: DateTime<Utc>) -> Outcome {
        let key = (device, command.n);
        let unfenced = self.ledger.mutant == Some(Mutant::CloneNotFenced);
        let known = self.ledger.receipts.get(&key).cloned();
        let other = known.as_ref().is_some_and(|receipt| receipt.command != *command);
        let settled =
            known.is_none() && self.ledger.pruned.get(&device).is_some_and(|pruned| command.n <= *pruned);
        if (other || settled) && !unfenced {
            // A copy that comes long after its number was settled is no offence.
            self.ledger.reused = self.ledger.reused.or(other.then_some(key));
            return Outcome::Rejected { reason: Rejection::NumberReused };
        }
        let first = known.is_none();
        let end = match known {
            Some(receipt) => receipt.end,
            None => {
                let end = self.effect(Cause { device, n: command.n }, command, now);
                let receipt = Receipt { end: end.clone(), command: command.clone(), at: now };
                self.ledger.receipts.insert(key, receipt);
                end
            }
        };
        match end {
            End::Done { version, cursor } if first => Outcome::Applied { version, cursor },
            End::Done { version, cursor } => Outcome::Duplicate { version, cursor },
            End::Conflict => {
                let (kind, id) = command.body.target();
                Outcome::Conflict { current: self.rows.get(&(kind.into(), id)).cloned().map(Box::new) }
            }
            End::Rejected(reason) => Outcome::Rejected { reason },
        }
    }

    fn effect(&mut self, cause: Cause, command: &Command, now: DateTime<Utc>) -> End {
        let (kind, id) = command.body.target();
        let current = self.rows.get(&(kind.into(), id)).cloned();
        let version = current.as_ref().map(|item| item.version);
        if command.valid_until.is_some_and(|until| until < now) {
            return End::Rejected(Rejection::Expired);
        }
        if command.if_match.is_some() && command.if_match != version {
            return End::Conflict;
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
            Err(reason) => End::Rejected(reason),
            Ok(row) => {
                let data = row.map(|row| row.encode().expect("JSON"));
                let version = self.put((kind.name(), id), data, Some(cause), now);
                *self.ledger.applied.entry(command.id).or_default() += 1;
                End::Done { version, cursor: self.cursor }
            }
        }
    }
}

fn task_of(draft: &TaskDraft, now: DateTime<Utc>) -> Task {
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
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: now,
    }
}
