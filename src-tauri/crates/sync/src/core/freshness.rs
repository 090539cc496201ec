//! How fresh the data is, said honestly: the age of the last proof, not “connected”.

use chrono::{DateTime, TimeDelta, Utc};
use protocol::view::ConnectionState;

use super::SyncCore;
use crate::event::{Freshness, SyncEvent};
use crate::io::CallError;
use crate::time::Now;

/// What is known of the server's reach.
#[derive(Debug, Default)]
pub(super) struct Proof {
    at: Option<DateTime<Utc>>,
    offline: Option<(DateTime<Utc>, String)>,
    clock_offset_ms: Option<i64>,
    /// The server is of another version (R10).
    pub upgrade_needed: bool,
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

    /// The server did not answer, or could not.
    pub fn failed(&mut self, error: &CallError, now: Now) {
        let since = self.offline.take().map_or(now.wall, |(since, _)| since);
        self.offline = Some((since, error.to_string()));
    }

    pub fn is_offline(&self) -> bool {
        self.offline.is_some()
    }

    /// The server's clock, read `rtt_ms` after it was asked for.
    pub fn clock(&mut self, server: DateTime<Utc>, now: Now, rtt_ms: u64) {
        let half_ms = i64::try_from(rtt_ms / 2).unwrap_or(0);
        self.clock_offset_ms = Some((now.wall - server).num_milliseconds() - half_ms);
    }
}

impl SyncCore {
    pub(super) fn publish_freshness(&mut self, now: Now) {
        let fresh = Freshness {
            state: self.connection_state(now),
            proof_at: self.proof.at,
            stalled: None,
            clock_offset_ms: self.proof.clock_offset_ms,
            reason: self.proof.offline.as_ref().map(|(_, reason)| reason.clone()),
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
            ConnectionState::Resyncing { percent: None }
        } else if self.live.is_open() && self.caught_up() {
            ConnectionState::Live
        } else {
            ConnectionState::CatchingUp
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
    before.reason != after.reason
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
