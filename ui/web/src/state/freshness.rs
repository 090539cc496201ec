//! How far what is shown can be trusted: the one place that turns the connection into fresh, old or cut off.

use chrono::{DateTime, TimeDelta, Utc};
use protocol::view::{ConnectionState, ConnectionView};

/// The server is heard of at least twice in this time; longer silence is worth a second look.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(60);

/// How far what is shown can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It is what the server has.
    Fresh,
    /// It is being brought up to date, or the last proof is a minute old.
    Old,
    /// Nothing comes any more.
    Cut,
}

impl Freshness {
    /// Of a connection; `None` until the backend has said anything.
    pub fn of(connection: Option<&ConnectionView>, now: DateTime<Utc>) -> Self {
        let Some(connection) = connection else { return Freshness::Old };
        let proven = connection.proof_at.is_some_and(|at| now - at < FRESH_FOR);
        match connection.state {
            _ if connection.stalled.is_some() => Freshness::Cut,
            ConnectionState::Offline { .. }
            | ConnectionState::SignInAgain
            | ConnectionState::UpgradeNeeded => Freshness::Cut,
            ConnectionState::Resyncing { .. } => Freshness::Old,
            ConnectionState::Live | ConnectionState::CatchingUp if proven => Freshness::Fresh,
            ConnectionState::Live | ConnectionState::CatchingUp => Freshness::Old,
        }
    }

    /// As the style sheet knows it.
    pub fn name(self) -> &'static str {
        match self {
            Freshness::Fresh => "fresh",
            Freshness::Old => "old",
            Freshness::Cut => "cut",
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::view::{Stalled, StalledView};

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().expect("a time")
    }

    fn proven_before(secs: i64, state: ConnectionState) -> ConnectionView {
        ConnectionView {
            state,
            proof_at: Some(now() - TimeDelta::seconds(secs)),
            pending: 0,
            attention: 0,
            stalled: None,
            clock_offset_ms: None,
            reason: None,
        }
    }

    #[test]
    fn a_minute_of_silence_is_seen_even_while_the_connection_says_live() {
        let at = |secs| Freshness::of(Some(&proven_before(secs, ConnectionState::Live)), now());
        assert_eq!(at(59), Freshness::Fresh, "the server was heard of within the minute");
        assert_eq!(at(60), Freshness::Old, "a minute without proof");
        assert_eq!(Freshness::of(None, now()), Freshness::Old, "nothing is known yet");
    }

    #[test]
    fn a_young_proof_does_not_hide_that_nothing_comes_any_more() {
        let offline = ConnectionState::Offline { since: now(), retry_at: None };
        assert_eq!(Freshness::of(Some(&proven_before(1, offline)), now()), Freshness::Cut, "offline");
        let mut stalled = proven_before(1, ConnectionState::Live);
        stalled.stalled = Some(StalledView { what: Stalled::Queue, since: now() });
        assert_eq!(
            Freshness::of(Some(&stalled), now()),
            Freshness::Cut,
            "what was done here does not go out"
        );
        let resync = ConnectionState::Resyncing { percent: Some(40) };
        assert_eq!(
            Freshness::of(Some(&proven_before(1, resync)), now()),
            Freshness::Old,
            "half of it is new"
        );
    }
}
