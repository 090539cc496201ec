//! The write side: each command is decided and carried out in one transaction with its receipt and its audit row.
//!
//! A command either has its whole effect or none: everything that can be refused is checked before the first row is written.

mod alert;
mod bid;
mod place;
mod rule;
mod task;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Action;
use domain::resource::Resource;
use domain::task::Actor;
use domain::{DeviceId, ResourceId};
use protocol::entity::EntityKind;
use protocol::wire::{Cause, Command, CommandBody, CommandOutcome, Cursor, ErrorCode, Outcome, Rejection};
use uuid::Uuid;

use crate::auth::Principal;
use crate::auth::token::TokenHash;
use crate::core::Core;
use crate::http::error::ApiError;
use crate::http::read::item;
use crate::ledger::{Ledger, RowType, Written};
use crate::storage::{DeviceRow, ReceiptRow, StorageError, Tx};

/// The longest that a command may have waited on a desk by its own monotonic clock; more is taken for nonsense.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(60);

/// Who sends commands.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    /// The user.
    pub principal: Principal,
    /// The desk.
    pub device: DeviceId,
    /// Its outbox's epoch.
    pub epoch: u64,
}

/// Why a command has no effect.
enum Refused {
    /// Can't be done, ever.
    Rejected(Rejection),
    /// The target changed meanwhile.
    Conflict,
    /// What it depends on hasn't arrived.
    Gap(u64),
    /// The store failed.
    Storage(StorageError),
}

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        Refused::Storage(error)
    }
}

impl From<Rejection> for Refused {
    fn from(reason: Rejection) -> Self {
        Refused::Rejected(reason)
    }
}

/// What a command has done: the target's version, and the last change it made (none: it was so already).
struct Done {
    version: u64,
    seq: Option<u64>,
}

impl From<Written> for Done {
    fn from(written: Written) -> Self {
        Done { version: written.version, seq: Some(written.seq) }
    }
}

/// Checks that the desk may send (a clone may not), and forgets the receipts it knows.
pub(crate) fn admit(core: &Core, sender: &Sender, acked_through: u64) -> Result<(), ApiError> {
    core.storage.write(
        |tx| {
            let known = device(tx, sender)?;
            let fresh_epoch = sender.epoch > known.epoch;
            if fresh_epoch || acked_through > known.acked_through {
                tx.delete_receipts(known.id, sender.epoch, acked_through)?;
                tx.put_device(&DeviceRow { epoch: sender.epoch, acked_through, ..known })?;
            }
            Ok(())
        },
        |()| (),
    )
}

fn device(tx: &Tx<'_>, sender: &Sender) -> Result<DeviceRow, ApiError> {
    let fenced = || ApiError::new(ErrorCode::Fenced, "this device is a clone, or not the one that signed in");
    let known = tx.device(sender.device.0)?.filter(|known| known.company == sender.principal.user.company.0);
    let known = known
        .filter(|known| sender.device.0 == sender.principal.session.device && sender.epoch >= known.epoch);
    known.ok_or_else(fenced)
}

/// Carries out one command, or answers what became of it before.
pub(crate) fn carry_out(core: &Core, sender: &Sender, command: &Command) -> Result<CommandOutcome, ApiError> {
    let cause = Cause { device: sender.device, n: command.n };
    let outcome = core.write(sender.principal.user.company, Some(cause), |ledger| {
        let known = device(ledger.tx(), sender)?;
        let mut work = Work { ledger, sender, command, known };
        Ok::<_, ApiError>(work.answer()?)
    })?;
    Ok(CommandOutcome { n: command.n, outcome })
}

/// One command at work.
struct Work<'w, 'a, 'b> {
    ledger: &'w mut Ledger<'a, 'b>,
    sender: &'w Sender,
    command: &'w Command,
    known: DeviceRow,
}

impl Work<'_, '_, '_> {
    fn answer(&mut self) -> Result<Outcome, StorageError> {
        let body_hash = body_hash(self.command)?;
        if let Some(receipt) = self.receipt(self.command.n)? {
            return self.replay(&receipt, body_hash);
        }
        if self.command.n <= self.known.acked_through {
            return Ok(Outcome::Rejected { reason: Rejection::NumberReused });
        }
        let outcome = match self.decide() {
            Ok(done) => {
                let (head, version) = (self.ledger.head(), done.version);
                Outcome::Applied { version, cursor: Cursor { seq: done.seq.unwrap_or(head.seq), ..head } }
            }
            Err(Refused::Rejected(reason)) => Outcome::Rejected { reason },
            Err(Refused::Conflict) => Outcome::Conflict { current: None },
            Err(Refused::Gap(expected)) => return Ok(Outcome::Gap { expected }),
            Err(Refused::Storage(error)) => return Err(error),
        };
        let receipt = ReceiptRow { body_hash, outcome: serde_json::to_string(&outcome)? };
        self.ledger.tx().insert_receipt(self.known.id, self.sender.epoch, self.command.n, &receipt)?;
        self.audit(&outcome)?;
        self.with_current(outcome)
    }

    fn receipt(&self, n: u64) -> Result<Option<ReceiptRow>, StorageError> {
        self.ledger.tx().receipt(self.known.id, self.sender.epoch, n)
    }

    /// The first answer again.
    fn replay(&self, receipt: &ReceiptRow, body_hash: TokenHash) -> Result<Outcome, StorageError> {
        if receipt.body_hash != body_hash {
            return Ok(Outcome::Rejected { reason: Rejection::NumberReused });
        }
        match serde_json::from_str(&receipt.outcome)? {
            Outcome::Applied { version, cursor } => Ok(Outcome::Duplicate { version, cursor }),
            other @ (Outcome::Duplicate { .. }
            | Outcome::Conflict { .. }
            | Outcome::Rejected { .. }
            | Outcome::Retry { .. }
            | Outcome::Gap { .. }) => self.with_current(other),
        }
    }

    /// A conflict shows the target as it is now.
    fn with_current(&self, outcome: Outcome) -> Result<Outcome, StorageError> {
        let Outcome::Conflict { .. } = outcome else { return Ok(outcome) };
        let (kind, id) = self.command.body.target();
        let row = self.ledger.tx().entity_in(&self.sender.principal.view(), kind, id)?;
        Ok(Outcome::Conflict { current: row.map(item).transpose()?.map(Box::new) })
    }

    fn audit(&self, outcome: &Outcome) -> Result<(), StorageError> {
        let (_, target) = self.command.body.target();
        let (_, name) = needs(&self.command.body);
        let done = matches!(outcome, Outcome::Applied { .. });
        let action = if done { name.to_owned() } else { format!("{name} refused") };
        self.ledger.audit(self.sender.principal.user.id.0, &action, target)
    }

    fn decide(&mut self) -> Result<Done, Refused> {
        let command = self.command;
        let (action, _) = needs(&command.body);
        if !self.sender.principal.user.role.may(action) {
            return Err(Rejection::Forbidden.into());
        }
        if command.valid_until.is_some_and(|until| until < self.ledger.now()) {
            return Err(Rejection::Expired.into());
        }
        self.check_dependency()?;
        match &command.body {
            CommandBody::TaskCreate(draft) => self.create_task(draft),
            CommandBody::TaskEdit { task, draft, base } => self.edit_task(*task, draft, base),
            CommandBody::TaskAssign { task, resource, choice } => {
                self.assign_task(*task, *resource, choice.as_deref())
            }
            CommandBody::TaskPlan { task, resource, planned_start } => {
                self.plan_task(*task, *resource, *planned_start)
            }
            CommandBody::TaskPromise { task, promise, text } => {
                self.promise_arrival(*task, promise, text.as_deref())
            }
            CommandBody::TaskPromiseWithdraw { task, promise } => self.withdraw_promise(*task, *promise),
            CommandBody::TaskStatus { task, to, reason } => self.step_task(*task, *to, reason.clone()),
            CommandBody::TaskNote { task, text } => self.note_task(*task, text),
            CommandBody::BidOpen(invitation) => self.open_bid(invitation),
            CommandBody::BidSetWinner { bid, resource } => self.set_winner(*bid, *resource),
            CommandBody::BidCancel { bid } => self.cancel_bid(*bid),
            CommandBody::LocationRequest { resource } => self.request_location(*resource),
            CommandBody::AlertRaise(alert) => self.raise_alert(alert),
            CommandBody::AlertAct { alert, action } => self.act_on_alert(*alert, action),
            CommandBody::PoiPut(poi) => self.put_place(poi),
            CommandBody::PoiEdit { draft, base } => self.edit_place(draft, base),
            CommandBody::PoiDelete { poi } => self.delete_place(*poi),
            CommandBody::RulePut(rule) => self.put_rule(rule),
            CommandBody::RuleDelete { rule } => self.delete_rule(*rule),
        }
    }

    /// What it builds on must have been applied; a desk that knows so may have let the receipt go.
    fn check_dependency(&self) -> Result<(), Refused> {
        let Some(n) = self.command.depends_on.filter(|&n| n > self.known.acked_through) else {
            return Ok(());
        };
        let receipt = self.receipt(n)?.ok_or(Refused::Gap(n))?;
        match serde_json::from_str(&receipt.outcome).map_err(StorageError::from)? {
            Outcome::Applied { .. } => Ok(()),
            Outcome::Duplicate { .. }
            | Outcome::Conflict { .. }
            | Outcome::Rejected { .. }
            | Outcome::Retry { .. }
            | Outcome::Gap { .. } => Err(Rejection::Dependency.into()),
        }
    }

    /// The version that the user saw. A command that builds on another one saw what that one made.
    fn seen_version(&self) -> Result<Option<u64>, Refused> {
        let built_on = match (self.command.if_match, self.command.depends_on) {
            (None, Some(n)) => self.receipt(n)?,
            _ => None,
        };
        let Some(receipt) = built_on else { return Ok(self.command.if_match) };
        let outcome: Outcome = serde_json::from_str(&receipt.outcome).map_err(StorageError::from)?;
        let Outcome::Applied { version, .. } = outcome else { return Ok(None) };
        Ok(Some(version))
    }

    /// When the user did it: by the desk's monotonic clock where that has run on, else by its wall clock, never in the future.
    fn occurred(&self) -> DateTime<Utc> {
        let (occurred, now) = (self.command.occurred, self.ledger.now());
        let waited = i64::try_from(occurred.mono_age_ms).ok().and_then(TimeDelta::try_milliseconds);
        match waited.filter(|waited| *waited > TimeDelta::zero() && *waited <= LONGEST_WAIT) {
            Some(waited) => now - waited,
            None => occurred.wall.min(now),
        }
    }

    fn actor(&self) -> Actor {
        Actor::Office(self.sender.principal.user.id)
    }

    /// A row that the user may see.
    fn visible<T: RowType>(&self, id: Uuid) -> Result<(T, u64), Refused> {
        let view = self.sender.principal.view();
        if self.ledger.tx().entity_in(&view, T::KIND, id)?.is_none() {
            return Err(Rejection::NotFound.into());
        }
        self.ledger.load::<T>(id)?.ok_or_else(|| Rejection::NotFound.into())
    }

    /// A resource that the user may see and that `action` reaches.
    fn reachable(&self, action: Action, id: ResourceId) -> Result<Resource, Refused> {
        let (card, _) = self.visible::<Resource>(id.0)?;
        if !self.sender.principal.reaches(action, card.group) {
            return Err(Rejection::Forbidden.into());
        }
        if card.disabled {
            return Err(Rejection::ResourceDisabled.into());
        }
        Ok(card)
    }

    fn exists(&self, kind: EntityKind, id: Uuid) -> Result<(), Refused> {
        let row = self.ledger.tx().entity(self.ledger.company().0, kind, id)?.filter(|row| !row.deleted);
        row.map(drop).ok_or_else(|| Rejection::NotFound.into())
    }

    /// Asks a phone where it is.
    fn request_location(&mut self, resource: ResourceId) -> Result<Done, Refused> {
        let card = self.reachable(Action::RequestLocation, resource)?;
        if card.private_since.is_some() {
            return Err(Rejection::Private.into());
        }
        let (_, version) = self.visible::<Resource>(resource.0)?;
        if let Some(phone) = self.ledger.tx().phone(resource.0)? {
            // The phone's own sequence has to move on for its long-poll to answer, though no row has changed.
            let seq = phone.seq + 1;
            self.ledger.tx().put_phone(&crate::storage::PhoneRow { location_requested: true, ..phone })?;
            self.ledger.wake(resource, seq)?;
        }
        Ok(Done { version, seq: None })
    }
}

/// The right a command takes, and its name in the audit.
fn needs(body: &CommandBody) -> (Action, &'static str) {
    match body {
        CommandBody::TaskCreate(_) => (Action::EditTask, "task.create"),
        CommandBody::TaskEdit { .. } => (Action::EditTask, "task.edit"),
        CommandBody::TaskAssign { .. } => (Action::AssignTask, "task.assign"),
        CommandBody::TaskPlan { .. } => (Action::AssignTask, "task.plan"),
        CommandBody::TaskPromise { .. } => (Action::EditTask, "task.promise"),
        CommandBody::TaskPromiseWithdraw { .. } => (Action::EditTask, "task.promise.withdraw"),
        CommandBody::TaskStatus { .. } => (Action::EditTask, "task.status"),
        CommandBody::TaskNote { .. } => (Action::EditTask, "task.note"),
        CommandBody::BidOpen(_) => (Action::EditBid, "bid.open"),
        CommandBody::BidSetWinner { .. } => (Action::SetBidWinner, "bid.winner"),
        CommandBody::BidCancel { .. } => (Action::EditBid, "bid.cancel"),
        CommandBody::LocationRequest { .. } => (Action::RequestLocation, "location.request"),
        CommandBody::AlertRaise(_) => (Action::HandleAlert, "alert.raise"),
        CommandBody::AlertAct { action, .. } => (Action::HandleAlert, alert::audited_as(action)),
        CommandBody::PoiPut(_) => (Action::EditPlace, "poi.put"),
        CommandBody::PoiEdit { .. } => (Action::EditPlace, "poi.edit"),
        CommandBody::PoiDelete { .. } => (Action::EditPlace, "poi.delete"),
        CommandBody::RulePut(_) => (Action::EditRule, "rule.put"),
        CommandBody::RuleDelete { .. } => (Action::EditRule, "rule.delete"),
    }
}

/// What has to be the same when a number is sent again: everything but the age, which grows between two tries.
fn body_hash(command: &Command) -> Result<TokenHash, StorageError> {
    let mut ageless = command.clone();
    ageless.occurred.mono_age_ms = 0;
    Ok(TokenHash::of_bytes(&serde_json::to_vec(&ageless)?))
}
