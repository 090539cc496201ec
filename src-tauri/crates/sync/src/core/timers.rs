//! Watchdogs and the next wake-up.

use super::SyncCore;
use crate::io::Output;
use crate::time::Now;

/// Wakes at least this often: a forgotten deadline costs seconds, not a wedged desk.
const LONGEST_SLEEP_MS: u64 = 5_000;

impl SyncCore {
    pub(super) fn check_deadlines(&mut self, now: Now) {
        self.give_up_late_calls(now);
        self.check_live(now);
    }

    pub(super) fn ask_for_wake(&mut self, now: Now) {
        let candidates = [
            self.calls.next_deadline_ms(self.config.request_timeout_ms),
            Some(self.live.next_deadline_ms(&self.config)),
            self.auth.next_deadline_ms(),
            Some(self.feed.changes_due_ms()),
            Some(self.feed.pull_backoff.not_before_ms()),
            self.feed.resync.as_ref().map(|resync| resync.not_before_ms),
            self.queue.next_deadline_ms(now),
            self.feed.wait.deadline_ms(),
            self.queue.wait.deadline_ms(),
        ];
        let after_now = candidates.into_iter().flatten().filter(|&at_ms| at_ms > now.mono_ms);
        let mono_ms = after_now.min().unwrap_or(u64::MAX).min(now.mono_ms + LONGEST_SLEEP_MS);
        self.out.push(Output::WakeAt { mono_ms });
    }
}
