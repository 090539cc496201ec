//! The write side: sends what may be sent, and gives every command exactly one end.

use protocol::durable::{
    CommandState, IncidentKind, NeedsUser, NewCommand, OutboxChange, QueuedCommand, StoredOutbox,
};
use protocol::wire::{Command, CommandOutcome, Cursor, Outcome, Rejection};

use super::SyncCore;
use super::calls::CallKind;
use super::queue::{NOT_YET_MADE, builds_on, follows_creation, orphan};
use crate::event::SyncEvent;
use crate::io::{Call, Output};
use crate::time::Now;

impl SyncCore {
    pub(super) fn start_queue(&mut self, stored: StoredOutbox) {
        self.queue.start(stored);
        let sent = self.queue.numbers(|queued| matches!(queued.state, CommandState::InFlight));
        let changes = sent.iter().filter_map(|&n| self.queue.set_state(n, CommandState::Queued)).collect();
        self.store(changes);
        if let Some(cursor) = self.feed.cursor {
            // The process may have ended between a swap or a confirmation and the outbox's share of it.
            self.ask_receipts_again(cursor.epoch);
            self.confirm_through(cursor);
        }
    }

    /// Fills in what a command builds on; call before storing it.
    pub fn prepare(&self, new: &mut NewCommand) {
        if new.if_match.is_none() && follows_creation(&new.body, &self.queue.commands) {
            new.if_match = Some(NOT_YET_MADE);
        }
        if new.depends_on.is_none() {
            new.depends_on = builds_on(&new.body, &self.queue.commands);
        }
    }

    /// Whether [`UserAction::Discard`](crate::UserAction::Discard) or a replacement of that command would be heeded.
    pub fn may_discard(&self, n: u64) -> bool {
        self.queue.may_discard(n)
    }

    /// The queued command of that number.
    pub fn queued(&self, n: u64) -> Option<&QueuedCommand> {
        self.queue.commands.get(&n)
    }

    pub(super) fn on_submitted(&mut self, queued: QueuedCommand, now: Now) {
        let (n, lane) = (queued.command.n, queued.command.body.target());
        self.queue.insert(queued, Some(now.mono_ms));
        // Written against the cache, which does not show yet what the server has acknowledged.
        let acked = self.queue.commands.range(..n).filter(|(_, before)| before.command.body.target() == lane);
        let versions: Vec<u64> = acked.filter_map(|(_, before)| acked_version(&before.state)).collect();
        let changes = versions.into_iter().flat_map(|version| self.queue.follow(lane, version)).collect();
        self.store(changes);
    }

    pub(super) fn on_replaced(&mut self, old: u64, new: QueuedCommand, now: Now) {
        self.queue.remove(old); // gone from the store already, in the transaction that brought the new one
        self.on_submitted(new, now);
    }

    pub(super) fn on_discard(&mut self, n: u64) {
        if self.queue.may_discard(n) {
            let change = self.queue.remove(n);
            self.store(change.into_iter().collect());
        }
    }

    pub(super) fn advance_commands(&mut self, now: Now) {
        self.set_aside(now);
        if !self.auth.ready() || self.proof.upgrade_needed {
            self.queue.wait.ended();
            return;
        }
        self.watch_commands(now);
        while self.queue.backoff.ready(now.mono_ms) {
            let batch = self.queue.sendable(now.mono_ms);
            if batch.is_empty() {
                break;
            }
            self.send_commands(batch, now);
        }
    }

    /// Commands that can't go: out of time, or built on one that was not done.
    fn set_aside(&mut self, now: Now) {
        let mut changes = Vec::new();
        for n in self.queue.expired(now) {
            changes.extend(self.queue.set_state(n, CommandState::NeedsUser { why: NeedsUser::Expired }));
            self.publish(SyncEvent::Attention { n });
        }
        while let Some((n, on)) = self.queue.orphaned() {
            changes.extend(self.queue.set_state(n, orphan(on)));
            self.publish(SyncEvent::Attention { n });
        }
        self.store(changes);
    }

    fn send_commands(&mut self, batch: Vec<u64>, now: Now) {
        let acked_through = self.queue.acked_through();
        let (mut changes, mut commands): (Vec<OutboxChange>, Vec<Command>) = Default::default();
        for &n in &batch {
            let submitted_ms = self.queue.runs.entry(n).or_default().submitted_ms;
            changes.extend(self.queue.update(n, |queued| {
                if queued.attempts == 0 {
                    let age_ms = submitted_ms.map_or(0, |at_ms| now.mono_ms.saturating_sub(at_ms));
                    queued.command.occurred.mono_age_ms = age_ms;
                }
                queued.state = CommandState::InFlight;
                queued.attempts = queued.attempts.saturating_add(1);
                commands.push(queued.command.clone());
            }));
        }
        self.store(changes);
        let (device, device_epoch) = (self.queue.device, self.queue.device_epoch);
        let call = Call::Commands { commands, device, device_epoch, acked_through };
        self.send(CallKind::Commands(batch), call, now);
    }

    pub(super) fn on_outcomes(&mut self, sent: &[u64], outcomes: Vec<CommandOutcome>, now: Now) {
        self.queue.backoff.worked(now.mono_ms);
        let mut unanswered: Vec<u64> = sent.to_vec();
        let (mut changes, mut cloned) = (Vec::new(), false);
        for CommandOutcome { n, outcome } in outcomes {
            if let Some(at) = unanswered.iter().position(|&asked| asked == n) {
                unanswered.swap_remove(at);
                if matches!(outcome, Outcome::Rejected { reason: Rejection::NumberReused }) {
                    cloned = true;
                } else {
                    self.on_outcome(n, outcome, &mut changes, now);
                }
            }
        }
        for n in unanswered {
            self.wait_alone(n, None, &mut changes, now);
        }
        self.store(changes);
        if cloned {
            // Numbers are used once here: somebody else with a copy of this disk has used this one, and may have done more.
            self.on_fenced(now);
        }
    }

    fn on_outcome(&mut self, n: u64, outcome: Outcome, changes: &mut Vec<OutboxChange>, now: Now) {
        let end = match outcome {
            Outcome::Applied { version, cursor } | Outcome::Duplicate { version, cursor } => {
                return self.on_done(n, (version, cursor), changes);
            }
            Outcome::Retry { retry_after_secs } => {
                return self.wait_alone(n, Some(retry_after_secs), changes, now);
            }
            Outcome::Gap { expected } => return self.on_gap(n, expected, changes, now),
            Outcome::Conflict { current } => CommandState::NeedsUser { why: NeedsUser::Conflict { current } },
            Outcome::Rejected { reason: Rejection::Expired } => {
                CommandState::NeedsUser { why: NeedsUser::Expired }
            }
            Outcome::Rejected { reason } => CommandState::Failed { reason },
        };
        self.queue.wait.ended();
        changes.extend(self.queue.set_state(n, end));
        self.publish(SyncEvent::Attention { n });
    }

    fn on_done(&mut self, n: u64, receipt: (u64, Cursor), changes: &mut Vec<OutboxChange>) {
        let (version, cursor) = receipt;
        self.queue.wait.ended();
        let Some(lane) = self.queue.commands.get(&n).map(|queued| queued.command.body.target()) else {
            return;
        };
        changes.extend(self.queue.follow(lane, version));
        self.publish(SyncEvent::Done { n });
        // A receipt of an older history that the server still has: its effect was there when this history began.
        let shown = self.feed.cursor.is_some_and(|at| at >= cursor);
        if shown {
            changes.extend(self.queue.remove(n));
        } else {
            changes.extend(self.queue.set_state(n, CommandState::Acked { version, cursor }));
            self.feed.want_changes |= !self.live.is_open();
        }
    }

    /// The server misses a number. If it is still here it goes first by itself; if not, the header of the next try tells the
    /// server that it is settled.
    fn on_gap(&mut self, n: u64, expected: u64, changes: &mut Vec<OutboxChange>, now: Now) {
        if !self.queue.commands.contains_key(&expected) {
            self.incident(IncidentKind::NumberGap, format!("expects {expected} before {n}"), now);
        }
        self.wait_alone(n, None, changes, now);
    }

    /// Back into the queue, with a pause for this lane alone.
    pub(super) fn wait_alone(
        &mut self,
        n: u64,
        wait_secs: Option<u32>,
        changes: &mut Vec<OutboxChange>,
        now: Now,
    ) {
        let run = self.queue.runs.entry(n).or_default();
        run.backoff.failed(now.mono_ms, wait_secs, &mut self.rng);
        changes.extend(self.queue.set_state(n, CommandState::Queued));
    }

    pub(super) fn requeue(&mut self, sent: &[u64]) {
        let changes = sent.iter().filter_map(|&n| self.queue.set_state(n, CommandState::Queued)).collect();
        self.store(changes);
    }

    /// Deletes what the cache now shows; answers which. Derived, so it may be repeated after a crash.
    pub(super) fn confirm_through(&mut self, cursor: Cursor) -> Vec<u64> {
        let confirmed = self.queue.confirmed_by(cursor);
        let changes = confirmed.iter().filter_map(|&n| self.queue.remove(n)).collect();
        self.store(changes);
        confirmed
    }

    /// History was rewritten: what was acknowledged in the old one and not seen yet may be missing in the new one. The
    /// receipts tell; the same numbers ask for them.
    pub(super) fn ask_receipts_again(&mut self, epoch: u64) {
        let acked = self.queue.numbers(|queued| match queued.state {
            CommandState::Acked { cursor, .. } => cursor.epoch != epoch,
            CommandState::Queued
            | CommandState::InFlight
            | CommandState::NeedsUser { .. }
            | CommandState::Failed { .. } => false,
        });
        self.requeue(&acked);
    }

    /// Watches that waiting ends, as long as the server answers at all.
    fn watch_commands(&mut self, now: Now) {
        let waits = |state: &CommandState| matches!(state, CommandState::Queued | CommandState::InFlight);
        let waiting = self.queue.numbers(|queued| waits(&queued.state));
        // As long as the server has asked for a pause, nothing is stuck.
        let may_send = self.queue.backoff.ready(now.mono_ms);
        if waiting.is_empty() || self.proof.is_offline() {
            return self.queue.wait.ended();
        }
        self.queue.wait.goes_on(now);
        if may_send && self.queue.wait.is_overdue(now) {
            self.incident(IncidentKind::OutboxStalled, format!("{} commands wait", waiting.len()), now);
            for id in self.calls.ids(|call| matches!(call.kind, CallKind::Commands(_))) {
                self.calls.remove(id);
                self.out.push(Output::Abandon(id));
            }
            self.queue.try_now();
            let sent = self.queue.numbers(|queued| matches!(queued.state, CommandState::InFlight));
            self.requeue(&sent);
        }
    }

    pub(super) fn publish_queue(&mut self) {
        if std::mem::take(&mut self.queue.changed) {
            let queue = self.queue.commands.values().cloned().collect();
            let summary = self.queue.summary();
            let (device, device_epoch) = (self.queue.device, self.queue.device_epoch);
            self.publish(SyncEvent::Outbox { summary, queue, device, device_epoch });
        }
    }

    pub(super) fn store(&mut self, changes: Vec<OutboxChange>) {
        if !changes.is_empty() {
            self.out.push(Output::Outbox(changes));
        }
    }
}

fn acked_version(state: &CommandState) -> Option<u64> {
    match state {
        CommandState::Acked { version, .. } => Some(*version),
        CommandState::Queued
        | CommandState::InFlight
        | CommandState::NeedsUser { .. }
        | CommandState::Failed { .. } => None,
    }
}
