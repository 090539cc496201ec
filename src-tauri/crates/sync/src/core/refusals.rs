//! The write side when a request of commands failed as a whole.

use protocol::durable::{CommandState, IncidentKind, NeedsUser, OutboxChange};
use protocol::wire::{DraftError, Rejection};
use rand::Rng;

use super::SyncCore;
use crate::event::SyncEvent;
use crate::time::Now;

impl SyncCore {
    /// The transport failed, or the server as a whole refused the batch.
    pub(super) fn on_commands_failed(
        &mut self,
        sent: &[u64],
        status: Option<u16>,
        wait_secs: Option<u32>,
        now: Now,
    ) {
        let everybodys = matches!(status, None | Some(429 | 503 | 426 | 401));
        match sent {
            [n] if status == Some(413) => return self.refuse(*n, Rejection::Draft(DraftError::TooLong)),
            // Alone it failed: only its lane waits, the others need not.
            [n] if !everybodys => {
                let mut changes = Vec::new();
                self.wait_alone(*n, wait_secs, &mut changes, now);
                return self.store(changes);
            }
            _ if !everybodys => {
                for &n in sent {
                    self.queue.runs.entry(n).or_default().alone = true;
                }
            }
            _ => {}
        }
        self.queue.backoff.failed(now.mono_ms, wait_secs, &mut self.rng);
        self.requeue(sent);
    }

    /// A try that can't have reached the server does not count: the command may still be changed or taken back.
    pub(super) fn uncount(&mut self, sent: &[u64]) {
        for &n in sent {
            // Stored with the state that follows.
            self.queue.update(n, |queued| queued.attempts = queued.attempts.saturating_sub(1));
        }
    }

    fn refuse(&mut self, n: u64, reason: Rejection) {
        self.queue.wait.ended();
        let change = self.queue.set_state(n, CommandState::Failed { reason });
        self.publish(SyncEvent::Attention { n });
        self.store(change.into_iter().collect());
    }

    /// The server takes this desk for a clone: a new device, and everything not done is for review.
    pub(super) fn on_fenced(&mut self, now: Now) {
        self.incident(IncidentKind::Fenced, format!("device epoch {}", self.queue.device_epoch), now);
        self.drop_connections();
        let device = uuid::Builder::from_random_bytes(self.rng.random()).into_uuid().into();
        let open = self
            .queue
            .numbers(|queued| matches!(queued.state, CommandState::Queued | CommandState::InFlight));
        let mut changes = vec![OutboxChange::NewDevice { device }];
        // What is done stays done, but nobody can ask for the old device's receipts any more.
        let done = self.queue.numbers(|queued| matches!(queued.state, CommandState::Acked { .. }));
        changes.extend(done.into_iter().filter_map(|n| self.queue.remove(n)));
        for n in open {
            changes.extend(self.queue.set_state(n, CommandState::NeedsUser { why: NeedsUser::Fenced }));
            self.publish(SyncEvent::Attention { n });
        }
        self.store(changes);
        (self.queue.device, self.queue.device_epoch) = (device, 1);
        self.queue.changed = true;
        self.auth.must_sign_in = true;
    }
}
