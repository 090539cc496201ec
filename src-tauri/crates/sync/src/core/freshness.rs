//! How fresh the data is, said honestly: the age of the last proof, not “connected”.

use chrono::{DateTime, TimeDelta, Utc};
use protocol::view::ConnectionState;

use super::SyncCore;
use super::resync::Resync;
use crate::event::{Freshness, SyncEvent};
use crate::io::CallError;
use crate::time::Now;

/// What is known of the server's reach.
#[derive(Debug, Default)]
pub(super) struct Proof {
    at: Option<DateTime<Utc>>,
    offline: Option<(DateTime<Utc>, CallError)>,
    clock_offset_ms: Option<i64>,
    /// The server is of another version (R10).
    pub upgrade_needed: bool,
    /// What went wrong last and is not made up for, while the server is there.
    pub trouble: Option<CallError>,
    published: Option<Freshness>,
}

impl Proof {
    /// What is stored was what the server had at `at`.
    pub fn fresh(&mut self, at: DateTime<Utc>) {
        self.at = self.at.max(Some(at));
    }

    /// The server answered.
    pub fn reached(&mut self) {
        (self.offline, self.upgrade_needed) = (None, false);
    }

    /// The server answered, though not with what was asked for.
    pub fn answered(&mut self) {
        self.offline = None;
    }

    /// The server did not answer, or could not.
    pub fn failed(&mut self, error: &CallError, now: Now) {
        let since = self.offline.take().map_or(now.wall, |(since, _)| since);
        self.offline = Some((since, error.clone()));
    }

    pub fn is_offline(&self) -> bool {
        self.offline.is_some()
    }

    /// The server's clock, read `rtt_ms` after it was asked for.
    pub fn clock(&mut self, server: DateTime<Utc>, now: Now, rtt_ms: u64) {
        let half_ms = i64::try_from(rtt_ms / 2).unwrap_or(0);
        self.clock_offset_ms = Some((now.wall - server).num_milliseconds() - half_ms);
    }

    /// The wall clock ran ahead of the monotonic one. Whether the machine slept or somebody set the clock, only the server can tell.
    pub fn clock_doubted(&mut self) {
        self.clock_offset_ms = None;
    }

    /// The wall clock was set back, by `ahead_ms` below zero: the last proof must not lie in the future now.
    pub fn clock_set_back(&mut self, ahead_ms: i64) {
        self.clock_offset_ms = self.clock_offset_ms.map(|offset_ms| offset_ms.saturating_add(ahead_ms));
        let by = TimeDelta::milliseconds(ahead_ms);
        self.at = self.at.and_then(|at| at.checked_add_signed(by));
        if let Some((since, _)) = &mut self.offline {
            *since = since.checked_add_signed(by).unwrap_or(*since);
        }
    }
}

impl SyncCore {
    pub(super) fn publish_freshness(&mut self, now: Now) {
        let state = self.connection_state(now);
        let fresh = Freshness {
            reason: self.reason(&state),
            state,
            proof_at: self.proof.at,
            stalled: self.stalled(),
            clock_offset_ms: self.proof.clock_offset_ms,
        };
        if self.proof.published.as_ref().is_none_or(|before| differs(before, &fresh)) {
            self.proof.published = Some(fresh.clone());
            self.publish(SyncEvent::Freshness(fresh));
        }
    }

    fn connection_state(&self, now: Now) -> ConnectionState {
        if self.auth.must_sign_in {
            ConnectionState::SignInAgain
        } else if self.proof.upgrade_needed {
            ConnectionState::UpgradeNeeded
        } else if let Some((since, _)) = self.proof.offline {
            ConnectionState::Offline { since, retry_at: self.retry_at(now) }
        } else if self.feed.resync.is_some() || self.feed.cursor.is_none() {
            ConnectionState::Resyncing { percent: self.feed.resync.as_ref().and_then(Resync::percent) }
        } else if self.live.is_open() && self.caught_up() {
            ConnectionState::Live
        } else {
            ConnectionState::CatchingUp
        }
    }

    /// Why what is stored may not be what the server has.
    fn reason(&self, state: &ConnectionState) -> Option<CallError> {
        match state {
            ConnectionState::Live => None,
            ConnectionState::Offline { .. } => self.proof.offline.as_ref().map(|(_, error)| error.clone()),
            ConnectionState::SignInAgain
            | ConnectionState::UpgradeNeeded
            | ConnectionState::Resyncing { .. }
            | ConnectionState::CatchingUp => self.proof.trouble.clone(),
        }
    }

    fn retry_at(&self, now: Now) -> Option<DateTime<Utc>> {
        let next_ms = self.feed.pull_backoff.not_before_ms().max(self.auth.backoff.not_before_ms());
        let wait_ms = i64::try_from(next_ms.saturating_sub(now.mono_ms)).ok()?;
        (wait_ms > 0).then(|| now.wall + TimeDelta::milliseconds(wait_ms))
    }
}

/// Worth telling: another state, or figures that moved visibly.
fn differs(before: &Freshness, after: &Freshness) -> bool {
    let moved = |a: Option<i64>, b: Option<i64>, least: i64| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() >= least,
        (None, None) => false,
        (_, _) => true,
    };
    let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
    (&before.reason, before.stalled) != (&after.reason, after.stalled)
        || state_differs(&before.state, &after.state)
        || moved(millis(before.proof_at), millis(after.proof_at), 1_000)
        || moved(before.clock_offset_ms, after.clock_offset_ms, 500)
}

/// The next try is recomputed at every input from two clocks: a few milliseconds are no news.
fn state_differs(before: &ConnectionState, after: &ConnectionState) -> bool {
    match (before, after) {
        (
            ConnectionState::Offline { since: a, retry_at: retry_a },
            ConnectionState::Offline { since: b, retry_at: retry_b },
        ) => {
            let near = |a: DateTime<Utc>, b: DateTime<Utc>| (a - b).abs() < TimeDelta::milliseconds(200);
            a != b
                || retry_a.zip(*retry_b).map_or(retry_a.is_some() != retry_b.is_some(), |(a, b)| !near(a, b))
        }
        (before, after) => before != after,
    }
}
