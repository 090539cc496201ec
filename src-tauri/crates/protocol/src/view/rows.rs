//! Rows as the panels show them.

use chrono::{DateTime, Utc};
use domain::alert::Alert;
use domain::attendance::Presence;
use domain::bid::Bid;
use domain::position::PositionState;
use domain::resource::Resource;
use domain::task::Task;
use domain::travel::TravelSource;
use domain::{BidId, PoiId, PromiseId, ResourceId, SkillId, TaskId};
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
    /// When it will have done all it has to do; `None`: not known, or nothing to do.
    pub free_at: Option<DateTime<Utc>>,
    /// Seconds that its work will last beyond the end of its shift; `None`: it will not, or nobody knows.
    pub over_shift_secs: Option<i64>,
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
    /// How its open promise stands; `None` where there is none.
    pub promise: Option<PromiseOutlook>,
    /// The bid it is out to, if one is open.
    pub open_bid: Option<BidId>,
    /// Commands on it that are still waiting.
    pub pending: bool,
    /// A command on it needs a decision or failed; the row is shown without it.
    pub attention: bool,
}

/// How an open promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseOutlook {
    /// Which.
    pub promise: PromiseId,
    /// Whether it will be kept.
    pub risk: PromiseRisk,
}

/// Whether a promise will be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "risk")]
pub enum PromiseRisk {
    /// Nine times in ten it will.
    Safe,
    /// Perhaps: one in ten arrives so many seconds after the promised time.
    AtRisk {
        /// Seconds.
        over_secs: i64,
    },
    /// Probably not: the expected arrival is so many seconds after the promised time.
    Breaking {
        /// Seconds.
        over_secs: i64,
    },
    /// The promised time is over, and nobody has arrived.
    Overdue,
    /// The arrival is not known, or nobody has the task.
    Unknown,
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
        /// Where the travel times come from.
        source: TravelSource,
        /// Age of the fix it rests on, seconds.
        fix_age_secs: i64,
        /// Metres still to go.
        distance_m: f64,
        /// Seconds past the window's end, if it will be late.
        late_secs: Option<i64>,
        /// Seconds past the window's end at `p90`, if one in ten will be late.
        late_p90_secs: Option<i64>,
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
