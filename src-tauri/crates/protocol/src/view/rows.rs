//! Rows as the panels show them.

use chrono::{DateTime, Utc};
use domain::alert::Alert;
use domain::attendance::Presence;
use domain::bid::Bid;
use domain::position::PositionState;
use domain::resource::Resource;
use domain::task::Task;
use domain::{BidId, PoiId, ResourceId, SkillId, TaskId};
use serde::{Deserialize, Serialize};

/// A resource as the panels show it; never a coordinate (see [`PositionFrame`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceView {
    /// The card.
    pub card: Resource,
    /// What may be said of its place.
    pub position: PositionState,
    /// When the last fix was taken.
    pub fix_time: Option<DateTime<Utc>>,
    /// In, out, late.
    pub presence: Presence,
    /// The task it is on (en route, arrived or in progress).
    pub current_task: Option<TaskId>,
    /// Its tasks that are not over, current included.
    pub open_tasks: u32,
    /// Fences it is in.
    pub inside: Vec<PoiId>,
}

/// A task as the panels show it: cache ⊕ pending commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskView {
    /// The task.
    pub task: Task,
    /// The row's version; goes back with changes.
    pub version: u64,
    /// When its resource will be there; `None` when unassigned or over.
    pub eta: Option<EtaView>,
    /// The bid it is out to, if one is open.
    pub open_bid: Option<BidId>,
    /// Commands on it that are still waiting.
    pub pending: bool,
    /// A command on it needs a decision or failed; the row is shown without it.
    pub attention: bool,
}

/// An arrival as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "eta")]
pub enum EtaView {
    /// Expected.
    Expected {
        /// As likely earlier as later.
        p50: DateTime<Utc>,
        /// Nine times in ten no later than this.
        p90: DateTime<Utc>,
        /// Along roads, or an estimate.
        by_road: bool,
        /// Age of the fix it rests on, seconds.
        fix_age_secs: i64,
        /// Metres still to go.
        distance_m: f64,
        /// Seconds past the window's end, if it will be late.
        late_secs: Option<i64>,
    },
    /// Is there.
    Arrived,
    /// Not known.
    Unknown {
        /// Why.
        because: EtaUnknown,
    },
}

/// Why an arrival is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EtaUnknown {
    /// No fix.
    NoFix,
    /// The fix is too old.
    StaleFix,
    /// The resource is private.
    Private,
    /// The resource is off duty.
    OffDuty,
    /// No way leads there.
    NoRoute,
}

/// A bid as the panels show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BidView {
    /// The bid.
    pub bid: Bid,
    /// The row's version.
    pub version: u64,
    /// The desk's own view of each invitee, in the order of the lines.
    pub invitees: Vec<InviteeView>,
    /// Commands on it that are still waiting.
    pub pending: bool,
    /// A command on it needs a decision or failed; the row is shown without it.
    pub attention: bool,
}

/// What the desk itself knows of an invitee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InviteeView {
    /// Who.
    pub resource: ResourceId,
    /// Drive to the task from where they are now, seconds; `None` when unknown.
    pub drive_secs: Option<u32>,
    /// Tasks they have that are not over.
    pub open_tasks: u32,
    /// Skills the task needs and they lack.
    pub missing_skills: Vec<SkillId>,
}

/// An alert with the names that its text needs already there as rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// Commands on it that are still waiting.
    pub pending: bool,
    /// A command on it needs a decision or failed; the row is shown without it.
    pub attention: bool,
}
