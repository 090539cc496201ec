//! Waiting that should end while the server answers, and a local database that refuses writes.

use chrono::{DateTime, Utc};
use protocol::view::{Stalled, StalledView};

use super::SyncCore;
use crate::io::{Output, StoreFile};
use crate::time::Now;

/// So long without progress though the server answers: something is stuck.
const STALLED_MS: u64 = 60_000;

/// One thing that waits, and since when.
#[derive(Debug, Default)]
pub(super) struct Wait {
    since: Option<Now>,
    /// When it was last tried from scratch, on the monotonic clock.
    restarted_ms: Option<u64>,
}

impl Wait {
    /// It got on, or has nothing to wait for.
    pub fn ended(&mut self) {
        *self = Wait::default();
    }

    /// It waits.
    pub fn goes_on(&mut self, now: Now) {
        self.since.get_or_insert(now);
    }

    /// True once a minute: time to begin from scratch.
    pub fn is_overdue(&mut self, now: Now) -> bool {
        let overdue = self.deadline_ms().is_some_and(|at_ms| now.mono_ms >= at_ms);
        if overdue {
            self.restarted_ms = Some(now.mono_ms);
        }
        overdue
    }

    pub fn deadline_ms(&self) -> Option<u64> {
        self.since.map(|since| self.restarted_ms.unwrap_or(since.mono_ms) + STALLED_MS)
    }

    /// Since when it has been waiting, if it is stuck.
    fn stalled_since(&self) -> Option<DateTime<Utc>> {
        self.restarted_ms.and(self.since).map(|since| since.wall)
    }
}

/// A file that refused a write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusing {
    file: StoreFile,
    since: DateTime<Utc>,
    /// A write is on its way: if no refusal follows, it was taken.
    tried_again: bool,
}

impl SyncCore {
    /// What gets nowhere although the server answers; the worst first.
    pub(super) fn stalled(&self) -> Option<StalledView> {
        let view = |what, since| StalledView { what, since };
        let storage = self.refusing.map(|refusing| view(Stalled::Storage, refusing.since));
        let feed = || self.feed.wait.stalled_since().map(|since| view(Stalled::Feed, since));
        let queue = || self.queue.wait.stalled_since().map(|since| view(Stalled::Queue, since));
        storage.or_else(feed).or_else(queue)
    }

    pub(super) fn on_store_failed(&mut self, file: StoreFile, now: Now) {
        let before = self.refusing.filter(|refusing| refusing.file == file);
        let since = before.map_or(now.wall, |refusing| refusing.since);
        self.refusing = Some(Refusing { file, since, tried_again: false });
        self.halted = true;
        self.publish_freshness(now);
    }

    /// Another input without a refusal before it: what was tried has worked.
    pub(super) fn note_stored(&mut self) {
        self.refusing = self.refusing.filter(|refusing| !refusing.tried_again);
    }

    pub(super) fn note_writes(&mut self) {
        if let Some(refusing) = &mut self.refusing {
            refusing.tried_again |= self.out.iter().any(|output| match output {
                Output::Write(_) => refusing.file == StoreFile::Cache,
                Output::Outbox(_) => refusing.file == StoreFile::Outbox,
                Output::Request(_)
                | Output::Abandon(_)
                | Output::OpenLive { .. }
                | Output::CloseLive(_)
                | Output::Publish(_)
                | Output::WakeAt { .. } => false,
            });
        }
    }
}
