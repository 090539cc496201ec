//! Alerts: what needs somebody's attention, and how it is dealt with.
//!
//! ```text
//!         ┌────────────── reopen ───────────────┐
//!         ▼                                     │
//! New ─▶ Acknowledged ─▶ Assigned ─▶ Snoozed ─▶ Resolved
//!         in any order; a snooze that is over counts as new
//! ```
//!
//! Deliberately absent: what raises an alert (crates `fence` and `watch`), and texts for people.

mod act;
mod entries;
mod kind;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use act::{AlertAction, AlertError, AlertStep, LONGEST_NOTE_CHARS, LONGEST_SNOOZE, Stage, StepKind};
pub use entries::{AlertEntry, STORM_GAP, STORM_SIZE, entries};
pub use kind::{AlertKind, AlertTopic, Foreseen, NearTarget};

use crate::{AlertId, LonLat, RuleId, UserId};

/// Something that needs attention. Its id is a hash of what it is about, so that it exists once whoever computes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Identity.
    pub id: AlertId,
    /// What happened.
    pub kind: AlertKind,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened (for a fence: first fix of the confirmed run).
    pub event_time: DateTime<Utc>,
    /// When it was noticed.
    pub raised_at: DateTime<Utc>,
    /// Where, if it has a place.
    pub at: Option<LonLat>,
    /// How far it has been dealt with.
    pub state: AlertState,
    /// The location rule behind it; `None` where a fence's own rule or the desk itself speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// When it was escalated because nobody had looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_at: Option<DateTime<Utc>>,
    /// What data that came too late says of it. Such an alert is history and never news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
    /// Who did what about it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<AlertStep>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look at it soon.
    Warning,
    /// Look at it now.
    Critical,
}

impl Severity {
    /// All of them, least first.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Critical];

    /// The next worse one, if there is one.
    pub fn worse(self) -> Severity {
        match self {
            Severity::Info => Severity::Warning,
            Severity::Warning | Severity::Critical => Severity::Critical,
        }
    }
}

/// What late data says of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// It happened, and was found out only when late data came.
    FoundLate,
    /// It was raised, and late data shows that it did not happen.
    Unfounded,
}

/// How far an alert has been dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AlertState {
    /// Nobody has looked at it.
    New,
    /// Somebody has.
    Acknowledged {
        /// Who.
        by: UserId,
        /// When.
        at: DateTime<Utc>,
    },
    /// Somebody is to deal with it.
    Assigned {
        /// Who is.
        to: UserId,
        /// Who said so.
        by: UserId,
        /// When.
        at: DateTime<Utc>,
    },
    /// Out of sight for a while; afterwards it counts as new.
    Snoozed {
        /// Until when.
        until: DateTime<Utc>,
        /// Who said so.
        by: UserId,
        /// When.
        at: DateTime<Utc>,
    },
    /// Dealt with.
    Resolved {
        /// By whom; `None` where late data or the end of the condition did.
        by: Option<UserId>,
        /// When.
        at: DateTime<Utc>,
    },
}
