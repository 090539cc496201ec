//! What the user sees: cache ⊕ pending commands, computed, never written into cache rows.
//!
//! A pending command is shown as if it had been done; where the rules of `domain` say that it can't be, the row stays as the
//! server has it and is only marked. Deliberately absent: guesses about other rows that the server may change with it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::UserId;
use domain::alert::Alert;
use domain::bid::Bid;
use domain::place::Poi;
use domain::rule::LocationRule;
use domain::task::{Actor, Choice, Note, StatusStep, Task};
use protocol::durable::QueuedCommand;
use protocol::entity::EntityKind;
use protocol::wire::{CommandBody, TaskDraft, merge_poi};
use uuid::Uuid;

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown<T> {
    /// Cache ⊕ pending commands.
    pub row: T,
    /// Numbers of the commands on it that are still on their way, oldest first.
    pub pending: Vec<u64>,
    /// Numbers of the commands on it that wait for the user, or failed; they are not applied to the row.
    pub attention: Vec<u64>,
}

/// Rows that commands can change.
pub trait Overlaid: Sized + Clone {
    /// Their kind.
    const KIND: EntityKind;
    /// The row's id.
    fn id(&self) -> Uuid;
    /// The row after a command of `me` done at `at`; `None` means that there is (then) no such row.
    fn after(row: Option<Self>, body: &CommandBody, at: DateTime<Utc>, me: UserId) -> Option<Self>;
}

/// All rows of a kind as they are shown: first the cached ones in their order, then those that only the queue knows.
pub fn rows<T: Overlaid>(
    cached: impl IntoIterator<Item = T>,
    queue: &[QueuedCommand],
    me: UserId,
) -> Vec<Shown<T>> {
    let mut by_target: BTreeMap<Uuid, Vec<&QueuedCommand>> = BTreeMap::new();
    for command in queue.iter().filter(|queued| !queued.seen) {
        let (kind, id) = command.command.body.target();
        if kind == T::KIND {
            by_target.entry(id).or_default().push(command);
        }
    }
    let mut shown: Vec<Shown<T>> = Vec::new();
    for row in cached {
        let commands = by_target.remove(&row.id()).unwrap_or_default();
        shown.extend(show(Some(row), &commands, me));
    }
    let mut created: Vec<Vec<&QueuedCommand>> = by_target.into_values().collect();
    created.sort_by_key(|commands| commands.first().map(|queued| queued.command.n));
    shown.extend(created.iter().filter_map(|commands| show(None, commands, me)));
    shown
}

/// One row as it is shown; `None` when neither cache nor queue has it, or the queue deletes it. Of the queue only the commands on this
/// row count: whoever knows them need not give the others.
pub fn row<'a, T: Overlaid>(
    cached: Option<T>,
    id: Uuid,
    queue: impl IntoIterator<Item = &'a QueuedCommand>,
    me: UserId,
) -> Option<Shown<T>> {
    let about = |queued: &&QueuedCommand| !queued.seen && queued.command.body.target() == (T::KIND, id);
    let commands: Vec<&QueuedCommand> = queue.into_iter().filter(about).collect();
    show(cached, &commands, me)
}

fn show<T: Overlaid>(cached: Option<T>, commands: &[&QueuedCommand], me: UserId) -> Option<Shown<T>> {
    let (mut row, mut pending, mut attention) = (cached, Vec::new(), Vec::new());
    for queued in commands {
        if queued.state.is_pending() {
            row = T::after(row, &queued.command.body, queued.command.occurred.wall, me);
            pending.push(queued.command.n);
        } else {
            attention.push(queued.command.n);
        }
    }
    row.map(|row| Shown { row, pending, attention })
}

impl Overlaid for Task {
    const KIND: EntityKind = EntityKind::Task;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn after(row: Option<Self>, body: &CommandBody, at: DateTime<Utc>, me: UserId) -> Option<Self> {
        let by = Actor::Office(me);
        if let CommandBody::TaskCreate(draft) = body {
            // The server has not numbered it yet.
            return row.or_else(|| Some(draft.new_task(0, at)));
        }
        let mut task = row?;
        match body {
            CommandBody::TaskEdit { draft, base, .. } => {
                draft.merge(base, &TaskDraft::of(&task)).0.apply_to(&mut task);
            }
            CommandBody::TaskAssign { resource, choice, .. } => {
                keep(task.assign(*resource, at, by));
                if let Some(made) = choice.as_deref().filter(|made| made.fits(task.resource)) {
                    task.choices.push(Choice { at, by: me, made: made.clone() });
                }
            }
            CommandBody::TaskPlan { resource, planned_start, .. } => {
                keep(task.plan(*resource, *planned_start, at, by));
            }
            CommandBody::TaskPromise { promise, .. } => keep(task.promise(promise, at, by)),
            CommandBody::TaskPromiseWithdraw { promise, .. } => keep(task.withdraw_promise(*promise, at)),
            CommandBody::TaskStatus { to, reason, .. } => {
                keep(task.advance(StatusStep { status: *to, at, by, reason: reason.clone() }));
            }
            CommandBody::TaskNote { text, .. } => task.notes.push(Note { at, by, text: text.clone() }),
            CommandBody::TaskCreate(_)
            | CommandBody::BidOpen(_)
            | CommandBody::BidSetWinner { .. }
            | CommandBody::BidCancel { .. }
            | CommandBody::LocationRequest { .. }
            | CommandBody::AlertRaise(_)
            | CommandBody::AlertAct { .. }
            | CommandBody::PoiPut(_)
            | CommandBody::PoiEdit { .. }
            | CommandBody::PoiDelete { .. }
            | CommandBody::RulePut(_)
            | CommandBody::RuleDelete { .. } => {}
        }
        Some(task)
    }
}

/// Where the domain refuses, the row stays as it is: the server's answer will say why.
fn keep<E>(_refused: Result<(), E>) {}

impl Overlaid for Bid {
    const KIND: EntityKind = EntityKind::Bid;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn after(row: Option<Self>, body: &CommandBody, at: DateTime<Utc>, me: UserId) -> Option<Self> {
        if let (None, CommandBody::BidOpen(invitation)) = (&row, body) {
            return Bid::open(invitation.clone(), me, at).ok();
        }
        let mut bid = row?;
        if let CommandBody::BidSetWinner { resource, .. } = body {
            keep(bid.set_winner(*resource, at));
        }
        if let CommandBody::BidCancel { .. } = body {
            keep(bid.cancel(at));
        }
        Some(bid)
    }
}

impl Overlaid for Alert {
    const KIND: EntityKind = EntityKind::Alert;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn after(row: Option<Self>, body: &CommandBody, at: DateTime<Utc>, me: UserId) -> Option<Self> {
        if let CommandBody::AlertRaise(alert) = body {
            return row.or_else(|| Some((**alert).clone()));
        }
        let mut alert = row?;
        if let CommandBody::AlertAct { action, .. } = body {
            keep(alert.act(action, me, at).map(drop));
        }
        Some(alert)
    }
}

impl Overlaid for Poi {
    const KIND: EntityKind = EntityKind::Poi;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn after(row: Option<Self>, body: &CommandBody, _at: DateTime<Utc>, _me: UserId) -> Option<Self> {
        if let CommandBody::PoiPut(poi) = body {
            return Some((**poi).clone());
        }
        if let (Some(theirs), CommandBody::PoiEdit { draft, base }) = (&row, body) {
            return Some(merge_poi(draft, base, theirs).0);
        }
        row.filter(|_| !matches!(body, CommandBody::PoiDelete { .. }))
    }
}

impl Overlaid for LocationRule {
    const KIND: EntityKind = EntityKind::Rule;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn after(row: Option<Self>, body: &CommandBody, _at: DateTime<Utc>, _me: UserId) -> Option<Self> {
        if let CommandBody::RulePut(rule) = body {
            return Some((**rule).clone());
        }
        row.filter(|_| !matches!(body, CommandBody::RuleDelete { .. }))
    }
}

#[cfg(test)]
#[path = "overlay_tests.rs"]
mod tests;
