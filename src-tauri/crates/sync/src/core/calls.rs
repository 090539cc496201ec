//! Requests on their way, their answers and their failures.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use protocol::durable::IncidentKind;
use protocol::wire::ErrorCode;

use super::SyncCore;
use crate::io::{Call, CallError, Output, Reply, Request, RequestId, Unreachable, server_time};
use crate::time::Now;

/// Requests on their way.
#[derive(Debug, Default)]
pub(super) struct Calls {
    last_id: u64,
    /// A call had no answer, and none has had one since.
    unanswered: bool,
    open: BTreeMap<RequestId, OpenCall>,
}

/// One request on its way.
#[derive(Debug, Clone)]
pub(super) struct OpenCall {
    pub kind: CallKind,
    pub sent_ms: u64,
    pub sent_wall: DateTime<Utc>,
    /// Which pair of tokens it used.
    pub token: u64,
}

/// What a request asks, as far as its end matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallKind {
    Snapshot,
    Changes,
    Positions,
    Commands(Vec<u64>),
    Refresh,
}

impl Calls {
    /// Gives all of them up; answers which.
    pub fn drain(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.open).into_keys().collect()
    }

    pub fn has(&self, kind: &CallKind) -> bool {
        self.open.values().any(|call| call.kind == *kind)
    }

    /// A page of the feed is being fetched.
    pub fn pulling(&self) -> bool {
        self.has(&CallKind::Snapshot) || self.has(&CallKind::Changes)
    }

    /// Ids of the calls that `which` picks.
    pub fn ids(&self, which: impl Fn(&OpenCall) -> bool) -> Vec<RequestId> {
        self.open.iter().filter(|(_, call)| which(call)).map(|(&id, _)| id).collect()
    }

    pub fn remove(&mut self, id: RequestId) -> Option<OpenCall> {
        self.open.remove(&id)
    }

    pub fn next_deadline_ms(&self, timeout_ms: u64) -> Option<u64> {
        self.open.values().map(|call| call.sent_ms + timeout_ms).min()
    }
}

impl SyncCore {
    pub(super) fn send(&mut self, kind: CallKind, call: Call, now: Now) -> RequestId {
        self.calls.last_id += 1;
        let id = RequestId(self.calls.last_id);
        let token = self.auth.generation;
        let open = OpenCall { kind, sent_ms: now.mono_ms, sent_wall: now.wall, token };
        self.calls.open.insert(id, open);
        let access = self.auth.access();
        self.out.push(Output::Request(Request { id, call, access }));
        id
    }

    pub(super) fn on_answered(&mut self, id: RequestId, result: Result<Reply, CallError>, now: Now) {
        let Some(call) = self.calls.remove(id) else { return };
        match result {
            Ok(reply) => self.on_reply(&call, reply, now),
            Err(error) => self.on_call_failed(&call, &error, now),
        }
    }

    /// The server has answered a request: what waits since the way was shut need not find that out by itself. A live frame shows
    /// only that the way in is open, so it does not count.
    pub(super) fn on_way_open(&mut self) {
        let was_shut = std::mem::take(&mut self.calls.unanswered);
        if was_shut || self.proof.is_offline() {
            self.feed.pull_backoff.forget();
            self.live.backoff.forget();
            self.queue.backoff.forget();
        }
    }

    fn on_reply(&mut self, call: &OpenCall, reply: Reply, now: Now) {
        if let Some(at) = server_time(&reply) {
            self.proof.clock(at, now, now.mono_ms.saturating_sub(call.sent_ms));
        }
        self.on_way_open();
        self.proof.reached();
        match (&call.kind, reply) {
            (CallKind::Snapshot, Reply::Snapshot(page)) => self.on_snapshot(page, now),
            (CallKind::Changes, Reply::Changes(page)) => self.on_changes(page, call, now),
            (CallKind::Positions, Reply::Positions(response)) => self.on_positions(response.positions),
            (CallKind::Commands(sent), Reply::Commands(outcomes)) => self.on_outcomes(sent, outcomes, now),
            (CallKind::Refresh, Reply::Tokens(tokens)) => self.on_tokens(*tokens, now),
            (_, _) => {
                let error = CallError::Unreadable("an answer to another question".to_owned());
                self.on_call_failed(call, &error, now);
            }
        }
    }

    pub(super) fn on_call_failed(&mut self, call: &OpenCall, error: &CallError, now: Now) {
        let (status, code, wait_secs) = status_of(error);
        self.calls.unanswered |= matches!(error, CallError::Unreachable(_));
        if call.kind == CallKind::Refresh {
            return self.on_refresh_failed(error, now);
        }
        // A server that answers commands with an error is there; one that can't be read from is as good as gone.
        let reads = !matches!(call.kind, CallKind::Commands(_));
        if reads || code == Some(ErrorCode::Fenced) {
            self.proof.trouble = Some(error.clone());
        }
        match (status, code) {
            (Some(401), _) => {
                self.on_unauthorised(call.token, now);
                if let CallKind::Commands(sent) = &call.kind {
                    self.uncount(sent);
                }
                return self.ask_again(&call.kind);
            }
            (_, Some(ErrorCode::Fenced)) => return self.on_fenced(now),
            // Some roles read work but not positions.
            (Some(403), _) if call.kind == CallKind::Positions => return,
            (Some(403), _) if !matches!(call.kind, CallKind::Commands(_)) => {
                self.auth.must_sign_in = true;
                return self.ask_again(&call.kind);
            }
            (Some(426), _) => self.proof.upgrade_needed = true,
            (Some(410), _) => return self.on_gone(&call.kind, now),
            (_, _) => {}
        }
        match status {
            None => self.proof.failed(error, now),
            Some(500..) if reads => self.proof.failed(error, now),
            Some(..500) => self.proof.answered(),
            Some(_) => {}
        }
        match &call.kind {
            CallKind::Commands(sent) => {
                if never_done(error) {
                    self.uncount(sent);
                }
                self.on_commands_failed(sent, status, wait_secs, now);
            }
            CallKind::Snapshot | CallKind::Changes | CallKind::Positions => {
                self.feed.pull_backoff.failed(now.mono_ms, wait_secs, &mut self.rng);
                self.ask_again(&call.kind);
            }
            CallKind::Refresh => {}
        }
    }

    /// The question stays open.
    fn ask_again(&mut self, kind: &CallKind) {
        match kind {
            CallKind::Changes => self.feed.want_changes = true,
            CallKind::Positions => self.feed.want_positions = true,
            CallKind::Commands(sent) => self.requeue(sent),
            CallKind::Snapshot | CallKind::Refresh => {} // resync and stale tokens are states, not wishes
        }
    }

    /// Requests without an answer in time: the server may have done them or not, so the same is asked again.
    pub(super) fn give_up_late_calls(&mut self, now: Now) {
        let timeout_ms = self.config.request_timeout_ms;
        let late = self.calls.ids(|call| now.mono_ms >= call.sent_ms + timeout_ms);
        for id in late {
            self.out.push(Output::Abandon(id));
            if let Some(call) = self.calls.remove(id) {
                self.incident(IncidentKind::RequestTimeout, format!("{:?}", call.kind), now);
                self.on_call_failed(&call, &CallError::Unreachable(Unreachable::Timeout), now);
            }
        }
    }
}

/// The server surely did not do what this call asked.
fn never_done(error: &CallError) -> bool {
    match error {
        CallError::Unreachable(Unreachable::Connect | Unreachable::Tls) => true,
        CallError::Unreachable(Unreachable::Timeout | Unreachable::Broken) | CallError::Unreadable(_) => {
            false
        }
        // Not 429: something on the way may have let a copy of the request through and refused another.
        CallError::Status { status, .. } => matches!(status, 413 | 426),
    }
}

fn status_of(error: &CallError) -> (Option<u16>, Option<ErrorCode>, Option<u32>) {
    match error {
        CallError::Status { status, body, retry_after_secs } => {
            let said = body.as_ref().and_then(|body| body.retry_after_secs);
            (Some(*status), body.as_ref().map(|body| body.code), retry_after_secs.or(said))
        }
        CallError::Unreachable(_) | CallError::Unreadable(_) => (None, None, None),
    }
}
