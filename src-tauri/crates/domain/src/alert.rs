//! Alerts: what needs somebody's attention.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AlertId, BidId, LonLat, PoiId, ResourceId, TaskId, UserId};

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
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AlertKind {
    /// Somebody came into a fence.
    FenceEntered {
        /// Who.
        resource: ResourceId,
        /// Which fence.
        poi: PoiId,
    },
    /// Somebody left a fence.
    FenceLeft {
        /// Who.
        resource: ResourceId,
        /// Which fence.
        poi: PoiId,
    },
    /// Somebody has been inside for longer than the rule says.
    FenceDwell {
        /// Who.
        resource: ResourceId,
        /// Which fence.
        poi: PoiId,
        /// The rule's seconds.
        dwell_secs: u32,
    },
    /// A task will miss its window.
    TaskLate {
        /// Which task.
        task: TaskId,
        /// Who has it.
        resource: ResourceId,
        /// By how many seconds when the alert was raised.
        late_secs: i64,
    },
    /// A task was declined or reported not done.
    TaskRefused {
        /// Which task.
        task: TaskId,
        /// Who refused.
        resource: ResourceId,
    },
    /// Every invitee has answered, or the first offer is in.
    BidAnswered {
        /// Which bid.
        bid: BidId,
        /// Whose offer.
        resource: ResourceId,
    },
    /// A bid ended without a winner.
    BidExpired {
        /// Which bid.
        bid: BidId,
    },
    /// A device on duty has gone silent.
    DeviceSilent {
        /// Whose.
        resource: ResourceId,
    },
}

impl AlertKind {
    /// The resource it is about, if it is about one.
    pub fn resource(&self) -> Option<ResourceId> {
        match self {
            AlertKind::FenceEntered { resource, .. }
            | AlertKind::FenceLeft { resource, .. }
            | AlertKind::FenceDwell { resource, .. }
            | AlertKind::TaskLate { resource, .. }
            | AlertKind::TaskRefused { resource, .. }
            | AlertKind::BidAnswered { resource, .. }
            | AlertKind::DeviceSilent { resource } => Some(*resource),
            AlertKind::BidExpired { .. } => None,
        }
    }
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
}
