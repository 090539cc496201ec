//! Tokens: one refresh at a time, then “sign in again” with the queue kept.

use protocol::wire::TokensResponse;

use super::SyncCore;
use super::calls::CallKind;
use crate::backoff::Backoff;
use crate::event::SyncEvent;
use crate::io::{Call, CallError, RequestId, Secret, Tokens};
use crate::time::Now;

/// Refreshed so long before they run out.
const REFRESH_AHEAD_MS: u64 = 60_000;

/// What the desk may do at the server.
#[derive(Debug, Default)]
pub(super) struct Auth {
    tokens: Option<Tokens>,
    /// Counts pairs: a 401 for an older pair means nothing.
    pub generation: u64,
    /// The server does not take the access token any more.
    stale: bool,
    /// A new pair is wanted, though the old one still works.
    pub want_refresh: bool,
    /// Not even the refresh token works.
    pub must_sign_in: bool,
    pub refreshing: Option<RequestId>,
    pub backoff: Backoff,
    refresh_at_ms: Option<u64>,
    taken_at_ms: u64,
}

/// A new pair refused so soon after it came: the server has a problem with tokens, so the next refresh waits.
const REFUSED_AT_ONCE_MS: u64 = 10_000;

impl Auth {
    /// Requests make sense.
    pub fn ready(&self) -> bool {
        self.tokens.is_some() && !self.stale && !self.must_sign_in
    }

    pub fn access(&self) -> Secret {
        self.tokens.as_ref().map(|tokens| tokens.access.clone()).unwrap_or_default()
    }

    pub fn refused(&mut self, generation: u64) {
        self.stale |= generation == self.generation;
    }

    fn take(&mut self, tokens: Tokens, now: Now) {
        let life_ms = u64::from(tokens.expires_in_secs) * 1_000;
        // Short-lived pairs are refreshed at half their life, or refreshing would never end.
        let ahead_ms = REFRESH_AHEAD_MS.min(life_ms / 2);
        self.refresh_at_ms = (life_ms > 0).then_some(now.mono_ms + life_ms - ahead_ms);
        self.tokens = Some(tokens);
        self.generation += 1;
        self.taken_at_ms = now.mono_ms;
        (self.stale, self.want_refresh, self.must_sign_in) = (false, false, false);
    }

    pub fn next_deadline_ms(&self) -> Option<u64> {
        self.refresh_at_ms.map(|at_ms| at_ms.max(self.backoff.not_before_ms()))
    }
}

impl SyncCore {
    pub(super) fn on_signed_in(&mut self, tokens: Tokens, now: Now) {
        self.auth.take(tokens, now);
        self.proof.upgrade_needed = false;
        self.try_now();
    }

    pub(super) fn on_signed_out(&mut self) {
        self.drop_connections();
        self.auth.tokens = None;
        self.queue.all_wait();
    }

    pub(super) fn on_token_refused(&mut self, access: &Secret) {
        if *access == self.auth.access() {
            self.auth.refused(self.auth.generation);
        }
    }

    pub(super) fn on_unauthorised(&mut self, generation: u64, now: Now) {
        if generation == self.auth.generation && now.mono_ms < self.auth.taken_at_ms + REFUSED_AT_ONCE_MS {
            self.auth.backoff.failed(now.mono_ms, None, &mut self.rng);
        }
        self.auth.refused(generation);
    }

    pub(super) fn advance_auth(&mut self, now: Now) {
        let due = self.auth.refresh_at_ms.is_some_and(|at_ms| now.mono_ms >= at_ms);
        let wanted = self.auth.stale || self.auth.want_refresh || due;
        let free = self.auth.refreshing.is_none() && self.auth.backoff.ready(now.mono_ms);
        if !wanted || !free || self.auth.must_sign_in {
            return;
        }
        if let Some(refresh) = self.auth.tokens.as_ref().map(|tokens| tokens.refresh.clone()) {
            self.auth.refreshing = Some(self.send(CallKind::Refresh, Call::Refresh { refresh }, now));
        }
    }

    pub(super) fn on_tokens(&mut self, tokens: TokensResponse, now: Now) {
        self.auth.refreshing = None;
        self.auth.backoff.worked(now.mono_ms);
        self.auth.take(Tokens::from(&tokens), now);
        self.publish(SyncEvent::TokensChanged(Box::new(tokens)));
        if self.live.auth_expires {
            self.close_live(); // opens again at once, with the new token
        }
    }

    pub(super) fn on_refresh_failed(&mut self, error: &CallError, now: Now) {
        self.auth.refreshing = None;
        if let CallError::Status { status: 401 | 403, .. } = error {
            self.auth.must_sign_in = true;
            self.proof.trouble = Some(error.clone());
            self.close_live();
            return;
        }
        self.auth.backoff.failed(now.mono_ms, None, &mut self.rng);
        self.proof.failed(error, now);
    }
}
