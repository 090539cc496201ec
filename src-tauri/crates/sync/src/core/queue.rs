//! The outbox as the core knows it: states, lanes, dependencies; no requests.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::DeviceId;
use protocol::durable::{CommandState, NeedsUser, OutboxChange, QueuedCommand, StoredOutbox};
use protocol::entity::EntityKind;
use protocol::wire::{CommandBody, Cursor, Item};
use uuid::Uuid;

use super::stall::Wait;
use crate::backoff::Backoff;
use crate::event::OutboxSummary;
use crate::time::Now;

/// Lanes that may be in flight at the same time.
pub(super) const LANES: usize = 4;

/// A lane: commands on one row go in order.
type Lane = (EntityKind, Uuid);

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub device: DeviceId,
    pub device_epoch: u64,
    last_n: u64,
    pub commands: BTreeMap<u64, QueuedCommand>,
    /// What only this run of the process knows of a command.
    pub runs: HashMap<u64, Run>,
    pub backoff: Backoff,
    /// Commands that wait while the server answers.
    pub wait: Wait,
    /// The controller has not been told of the last changes.
    pub changed: bool,
}

/// What only this run of the process knows of a command.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// When it was submitted, on the monotonic clock.
    pub submitted_ms: Option<u64>,
    /// Its own back-off: a command that always fails delays its lane only.
    pub backoff: Backoff,
    /// Failed together with others: sent alone from now on, so that the culprit shows.
    pub alone: bool,
}

impl Default for Queue {
    fn default() -> Self {
        Queue {
            device: DeviceId(Uuid::nil()),
            device_epoch: 0,
            last_n: 0,
            commands: BTreeMap::new(),
            runs: HashMap::new(),
            backoff: Backoff::default(),
            wait: Wait::default(),
            changed: false,
        }
    }
}

impl Queue {
    pub fn start(&mut self, stored: StoredOutbox) {
        let backoff = std::mem::take(&mut self.backoff);
        *self = Queue {
            device: stored.device,
            device_epoch: stored.device_epoch,
            last_n: stored.next_n.saturating_sub(1),
            commands: stored.commands.into_iter().map(|queued| (queued.command.n, queued)).collect(),
            backoff,
            changed: true,
            ..Queue::default()
        };
    }

    pub fn insert(&mut self, queued: QueuedCommand, submitted_ms: Option<u64>) {
        let n = queued.command.n;
        self.last_n = self.last_n.max(n);
        self.runs.insert(n, Run { submitted_ms, ..Run::default() });
        self.commands.insert(n, queued);
        self.changed = true;
    }

    pub fn remove(&mut self, n: u64) -> Option<OutboxChange> {
        self.runs.remove(&n);
        self.changed = true;
        self.commands.remove(&n).map(|_| OutboxChange::Delete { n })
    }

    /// Changes a command; answers the change to store, if there is such a command.
    pub fn update(&mut self, n: u64, change: impl FnOnce(&mut QueuedCommand)) -> Option<OutboxChange> {
        let queued = self.commands.get_mut(&n)?;
        change(queued);
        self.changed = true;
        Some(OutboxChange::Put(Box::new(queued.clone())))
    }

    pub fn set_state(&mut self, n: u64, state: CommandState) -> Option<OutboxChange> {
        self.update(n, |queued| queued.state = state)
    }

    /// Everything up to this number has a durable end here: receipts may go. What is acknowledged but not yet in the feed
    /// still needs its receipt, in case history is rewritten before it comes.
    pub fn acked_through(&self) -> u64 {
        let open = self.commands.values().find(|queued| queued.state.is_pending());
        open.map_or(self.last_n, |queued| queued.command.n - 1)
    }

    /// Numbers in a state that `which` picks, ascending.
    pub fn numbers(&self, which: impl Fn(&QueuedCommand) -> bool) -> Vec<u64> {
        self.commands.values().filter(|queued| which(queued)).map(|queued| queued.command.n).collect()
    }

    /// Commands that may be sent now: the first of each lane, unless it waits for its time or for another command. Either
    /// several, or one that has to go alone.
    pub fn sendable(&self, now_ms: u64) -> Vec<u64> {
        let (mut lanes, mut in_flight, mut together, mut alone) =
            (HashSet::<Lane>::new(), 0, Vec::new(), None);
        for queued in self.commands.values() {
            let waiting = match queued.state {
                CommandState::Queued => true,
                CommandState::InFlight => false,
                CommandState::Acked { .. } | CommandState::NeedsUser { .. } | CommandState::Failed { .. } => {
                    continue;
                }
            };
            let first = lanes.insert(queued.command.body.target());
            in_flight += usize::from(!waiting);
            if !waiting || !first || self.waits_for_another(queued) {
                continue;
            }
            let (n, run) = (queued.command.n, self.runs.get(&queued.command.n));
            match run {
                Some(run) if !run.backoff.ready(now_ms) => {}
                Some(run) if run.alone => alone = alone.or(Some(n)),
                Some(_) | None => together.push(n),
            }
        }
        together.truncate(LANES.saturating_sub(in_flight));
        if together.is_empty() && in_flight < LANES { alone.into_iter().collect() } else { together }
    }

    fn waits_for_another(&self, queued: &QueuedCommand) -> bool {
        let other = queued.command.depends_on.and_then(|n| self.commands.get(&n));
        other.is_some_and(|other| matches!(other.state, CommandState::Queued | CommandState::InFlight))
    }

    /// Commands whose time ran out before they were ever sent. One that was sent may have been done: only the server knows.
    pub fn expired(&self, now: Now) -> Vec<u64> {
        self.numbers(|queued| {
            let out_of_time = queued.command.valid_until.is_some_and(|until| until < now.wall);
            out_of_time && queued.attempts == 0 && matches!(queued.state, CommandState::Queued)
        })
    }

    /// Never-sent commands that build on one that will not be done, with that one.
    pub fn orphaned(&self) -> Option<(u64, u64)> {
        self.commands.values().find_map(|queued| {
            let on = queued.command.depends_on?;
            let lost = !self.commands.get(&on)?.state.is_pending();
            let waits = queued.attempts == 0 && matches!(queued.state, CommandState::Queued);
            (lost && waits).then_some((queued.command.n, on))
        })
    }

    /// After a command on `lane` made version `version`: later ones, written against the version before and not yet sent,
    /// are now about this one. The user saw nothing in between, since there was nothing.
    pub fn follow(&mut self, lane: Lane, version: u64) -> Vec<OutboxChange> {
        let follows = |queued: &QueuedCommand| {
            queued.attempts == 0
                && matches!(queued.state, CommandState::Queued)
                && queued.command.body.target() == lane
                && queued.command.if_match.is_some_and(|seen| seen + 1 == version)
        };
        let numbers = self.numbers(follows);
        numbers
            .into_iter()
            .filter_map(|n| self.update(n, |queued| queued.command.if_match = Some(version)))
            .collect()
    }

    /// Acknowledged commands that the feed has shown by `cursor`.
    pub fn confirmed_by(&self, cursor: Cursor) -> Vec<u64> {
        self.numbers(|queued| match queued.state {
            CommandState::Acked { cursor: receipt, .. } => receipt.epoch == cursor.epoch && receipt <= cursor,
            CommandState::Queued
            | CommandState::InFlight
            | CommandState::NeedsUser { .. }
            | CommandState::Failed { .. } => false,
        })
    }

    /// A receipt speaks of a place in the feed where the cache is not yet.
    pub fn is_ahead_of(&self, cursor: Option<Cursor>) -> bool {
        self.commands.values().any(|queued| match queued.state {
            CommandState::Acked { cursor: receipt, .. } => Some(receipt) > cursor,
            CommandState::Queued
            | CommandState::InFlight
            | CommandState::NeedsUser { .. }
            | CommandState::Failed { .. } => false,
        })
    }

    /// Our commands behind feed items, before their receipts came.
    pub fn note_causes(&mut self, items: &[Item]) -> Vec<u64> {
        let ours = items.iter().filter_map(|item| item.cause).filter(|cause| cause.device == self.device);
        let numbers: BTreeSet<u64> = ours.map(|cause| cause.n).collect();
        let mut seen = Vec::new();
        for n in numbers {
            if let Some(queued) = self.commands.get_mut(&n).filter(|queued| !queued.seen) {
                queued.seen = true;
                self.changed = true;
                seen.push(n);
            }
        }
        seen
    }

    /// In flight means waiting again: the connections are gone.
    pub fn all_wait(&mut self) {
        for queued in self.commands.values_mut() {
            if matches!(queued.state, CommandState::InFlight) {
                queued.state = CommandState::Queued;
                self.changed = true;
            }
        }
    }

    pub fn try_now(&mut self) {
        self.backoff.forget();
        for run in self.runs.values_mut() {
            run.backoff.forget();
        }
    }

    pub fn summary(&self) -> OutboxSummary {
        let mut summary = OutboxSummary::default();
        for queued in self.commands.values() {
            match queued.state {
                CommandState::Queued | CommandState::InFlight | CommandState::Acked { .. } => {
                    summary.pending += 1
                }
                CommandState::NeedsUser { .. } => summary.needs_user += 1,
                CommandState::Failed { .. } => summary.failed += 1,
            }
        }
        summary
    }

    pub fn next_deadline_ms(&self, now: Now) -> Option<u64> {
        if self.commands.is_empty() {
            return None;
        }
        let runs = self.runs.values().map(|run| run.backoff.not_before_ms());
        runs.chain([self.backoff.not_before_ms()]).filter(|&at_ms| at_ms > now.mono_ms).min()
    }

    /// Whether the user may give the command up: it waits for them, failed, or was never sent.
    pub fn may_discard(&self, n: u64) -> bool {
        self.commands.get(&n).is_some_and(|queued| match queued.state {
            CommandState::NeedsUser { .. } | CommandState::Failed { .. } => true,
            CommandState::Queued => queued.attempts == 0,
            CommandState::InFlight | CommandState::Acked { .. } => false,
        })
    }
}

/// The queued command that `body` builds on: a bid needs the task it offers, if that was created here and is not done yet.
pub(super) fn builds_on(body: &CommandBody, queue: &BTreeMap<u64, QueuedCommand>) -> Option<u64> {
    let CommandBody::BidOpen(invitation) = body else { return None };
    let creates = |queued: &&QueuedCommand| {
        matches!(&queued.command.body, CommandBody::TaskCreate(draft) if draft.id == invitation.task)
            && queued.state.is_pending()
    };
    queue.values().find(creates).map(|queued| queued.command.n)
}

/// Stands for “as made by the command before it”: a strict command on a row that only exists in the queue was written against
/// nothing that has a version yet. [`Queue::follow`] replaces it once the row has one.
pub(super) const NOT_YET_MADE: u64 = 0;

/// Whether `body` has to name the version it was written against, and its row is still to be made by a queued command.
pub(super) fn follows_creation(body: &CommandBody, queue: &BTreeMap<u64, QueuedCommand>) -> bool {
    let strict = matches!(
        body,
        CommandBody::TaskAssign { .. }
            | CommandBody::TaskPlan { .. }
            | CommandBody::PoiPut(_)
            | CommandBody::PoiDelete { .. }
            | CommandBody::RulePut(_)
            | CommandBody::RuleDelete { .. }
    );
    let makes = |queued: &QueuedCommand| {
        let body = &queued.command.body;
        matches!(body, CommandBody::TaskCreate(_) | CommandBody::PoiPut(_) | CommandBody::RulePut(_))
            && queued.command.if_match.is_none()
    };
    let made_here = |queued: &&QueuedCommand| {
        queued.command.body.target() == body.target() && queued.state.is_pending() && makes(queued)
    };
    strict && queue.values().any(|queued| made_here(&queued))
}

/// Why a dependent command waits for the user.
pub(super) fn orphan(on: u64) -> CommandState {
    CommandState::NeedsUser { why: NeedsUser::DependsOn { n: on } }
}
