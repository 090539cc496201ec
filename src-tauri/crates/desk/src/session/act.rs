//! What people do: checked at once, then handed on to be queued.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::alert::{Alert, AlertAction};
use domain::{AlertId, CommandId};
use protocol::durable::{CommandState, NewCommand, QueuedCommand};
use protocol::entity::EntityKind;
use protocol::view::{DeskError, DeskErrorCode, DeskResponse};
use protocol::wire::{Command, CommandBody, Occurred};

use super::Session;
use crate::check;
use crate::event::QueueChange;
use crate::review::deadline;
use crate::undo::{Assignment, UNDO_WITHIN, Undo};

/// The version of a row that was made just now.
const FIRST_VERSION: u64 = 1;

/// A command that may be queued, and the answer once it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The command.
    pub command: NewCommand,
    /// The answer.
    pub response: DeskResponse,
}

impl Session {
    /// Checks what the user asks and makes a command of it.
    ///
    /// # Errors
    /// What `check` says; nothing is queued then.
    pub fn prepare(
        &mut self,
        body: CommandBody,
        id: CommandId,
        now: DateTime<Utc>,
    ) -> Result<Prepared, DeskError> {
        check::command(self.picture.shown(), &self.user, &body, now)?;
        let response = match &body {
            CommandBody::TaskAssign { task, resource, .. } => {
                let before = self.picture.shown().tasks.get(task).and_then(|row| row.data.resource);
                let until = now + UNDO_WITHIN;
                let assignment = Assignment { task: *task, to: *resource, before, until };
                self.undoable.remember(id, assignment, now);
                DeskResponse::Undoable { command: id, until }
            }
            CommandBody::TaskCreate(_)
            | CommandBody::TaskEdit { .. }
            | CommandBody::TaskStatus { .. }
            | CommandBody::TaskPlan { .. }
            | CommandBody::TaskPromise { .. }
            | CommandBody::TaskPromiseWithdraw { .. }
            | CommandBody::TaskNote { .. }
            | CommandBody::BidOpen(_)
            | CommandBody::BidSetWinner { .. }
            | CommandBody::BidCancel { .. }
            | CommandBody::LocationRequest { .. }
            | CommandBody::AlertRaise(_)
            | CommandBody::AlertAct { .. }
            | CommandBody::PoiPut(_)
            | CommandBody::PoiEdit { .. }
            | CommandBody::RulePut(_)
            | CommandBody::RuleDelete { .. }
            | CommandBody::PoiDelete { .. } => DeskResponse::Done,
        };
        Ok(Prepared { command: self.command(body, id), response })
    }

    /// The commands that do something about alerts; those where it changes nothing need none, and of many those that refuse it are
    /// passed over, too.
    ///
    /// # Errors
    /// [`DeskErrorCode::Forbidden`], not found, or an alert's own refusal, where nothing at all can be done.
    pub fn act_on(
        &mut self,
        alerts: &[AlertId],
        action: &AlertAction,
        mut id: impl FnMut() -> CommandId,
        now: DateTime<Utc>,
    ) -> Result<Vec<NewCommand>, DeskError> {
        let (mut commands, mut refused) = (Vec::with_capacity(alerts.len()), None);
        let unique: BTreeSet<AlertId> = alerts.iter().copied().collect();
        for alert in unique {
            let body = CommandBody::AlertAct { alert, action: action.clone() };
            if let Err(error) = check::command(self.picture.shown(), &self.user, &body, now) {
                refused.get_or_insert(error);
                continue;
            }
            let row = self.picture.shown().alerts.get(&alert).map(|row| row.data.clone());
            if row.is_some_and(|mut row| row.act(action, self.user.id, now) == Ok(true)) {
                commands.push(self.command(body, id()));
            }
        }
        match refused {
            Some(error) if commands.is_empty() => Err(error),
            Some(_) | None => Ok(commands),
        }
    }

    /// The command that raises an alert.
    pub fn raising(alert: Box<Alert>, id: CommandId) -> NewCommand {
        note(CommandBody::AlertRaise(alert), id)
    }

    /// The command that says what has become of something foreseen.
    pub fn acting(alert: AlertId, action: AlertAction, id: CommandId) -> NewCommand {
        note(CommandBody::AlertAct { alert, action }, id)
    }

    /// What the desk has noticed was not stored. What was foreseen is foreseen again if it is still so; any other alert is raised again
    /// in a while.
    pub fn on_not_noted(&mut self, commands: Vec<NewCommand>) {
        for command in commands {
            let CommandBody::AlertRaise(alert) = command.body else { continue };
            if alert.kind.foreseen().is_some() {
                self.take_back(&alert);
            } else {
                self.announcer.unstored.push(*alert);
            }
        }
    }

    /// How to take an assignment back.
    ///
    /// # Errors
    /// [`DeskErrorCode::TooLateToUndo`], [`DeskErrorCode::Forbidden`].
    pub fn undo(&mut self, command: CommandId, now: DateTime<Utc>) -> Result<Undo, DeskError> {
        if !self.user.role.may(domain::access::Action::AssignTask) {
            return Err(DeskErrorCode::Forbidden.into());
        }
        self.undoable.take(command, &self.picture, now)
    }

    /// The command that assigns a task back.
    pub fn assigning_back(&self, assignment: Assignment, id: CommandId) -> NewCommand {
        self.command(
            CommandBody::TaskAssign { task: assignment.task, resource: assignment.before, choice: None },
            id,
        )
    }

    /// Shows what was done to the queue, even before the sync session tells the whole of it.
    pub fn on_stored(&mut self, changed: QueueChange, now: DateTime<Utc>) {
        let mut queue = self.picture.queue().to_vec();
        let known = queue.len();
        queue.retain(|queued| !changed.gone.contains(&queued.command.n));
        let is_news = queue.len() < known;
        let fresh = changed.new.into_iter().filter(|(n, _)| *n > self.highest_n);
        let known = queue.len();
        queue.extend(fresh.map(|(n, new)| queued(n, new, now)));
        if is_news || queue.len() > known {
            self.show_queue(queue);
        }
    }

    pub(super) fn command(&self, body: CommandBody, id: CommandId) -> NewCommand {
        let (if_match, valid_until) = (self.if_match(&body), deadline(&body));
        NewCommand { id, body, if_match, valid_until, depends_on: None }
    }

    /// The version that the user sees, where the order matters: assignments and deletions are strict. A row that is still on its
    /// way to the server will be of the first version there.
    fn if_match(&self, body: &CommandBody) -> Option<u64> {
        let is_strict = matches!(
            body,
            CommandBody::TaskAssign { .. }
                | CommandBody::TaskPlan { .. }
                | CommandBody::PoiDelete { .. }
                | CommandBody::RuleDelete { .. }
        );
        let (kind, id): (EntityKind, uuid::Uuid) = body.target();
        let version = self.picture.cache().version(kind, id);
        if matches!(body, CommandBody::PoiPut(_) | CommandBody::RulePut(_)) {
            // What is new has no version to match, a known one must still be the one that was edited.
            return (version > 0).then_some(version);
        }
        is_strict.then(|| version.max(FIRST_VERSION))
    }
}

/// What the desk itself has noticed builds on no version.
fn note(body: CommandBody, id: CommandId) -> NewCommand {
    let valid_until = deadline(&body);
    NewCommand { id, body, if_match: None, valid_until, depends_on: None }
}

fn queued(n: u64, new: NewCommand, now: DateTime<Utc>) -> QueuedCommand {
    let command = Command {
        n,
        id: new.id,
        body: new.body,
        if_match: new.if_match,
        occurred: Occurred { wall: now, mono_age_ms: 0 },
        valid_until: new.valid_until,
        depends_on: new.depends_on,
    };
    QueuedCommand { command, state: CommandState::Queued, attempts: 0, seen: false }
}
