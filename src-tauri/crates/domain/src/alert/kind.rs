//! What an alert is about.

use serde::{Deserialize, Serialize};

use crate::{BidId, PoiId, PromiseId, ResourceId, TaskId};

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
    /// Somebody drove through between two fixes; nobody was seen inside.
    FenceCrossed {
        /// Who.
        resource: ResourceId,
        /// Which fence.
        poi: PoiId,
    },
    /// Somebody's shift began, and they were seen elsewhere.
    FenceAbsent {
        /// Who.
        resource: ResourceId,
        /// Which fence.
        poi: PoiId,
        /// The rule's seconds after the start of the shift.
        absent_secs: u32,
    },
    /// Somebody has come near something.
    Near {
        /// Who.
        resource: ResourceId,
        /// What they are near.
        target: NearTarget,
        /// How near when it was noticed, in metres.
        distance_m: u32,
    },
    /// Somebody drives faster than the rule allows.
    Speeding {
        /// Who.
        resource: ResourceId,
        /// The highest speed of the run, km/h.
        kmh: u16,
        /// The rule's limit, km/h.
        limit_kmh: u16,
    },
    /// Somebody stands still on the way to a task, or is on site for much longer than planned.
    StoppedOnTask {
        /// Who.
        resource: ResourceId,
        /// Which task.
        task: TaskId,
        /// For so many minutes when it was noticed.
        minutes: u32,
    },
    /// Somebody on duty is outside the area that was planned for them.
    LeftArea {
        /// Who.
        resource: ResourceId,
        /// The area.
        poi: PoiId,
    },
    /// A device on duty has gone silent.
    DeviceSilent {
        /// Whose.
        resource: ResourceId,
    },
    /// A device's battery is nearly empty.
    BatteryLow {
        /// Whose.
        resource: ResourceId,
        /// What is left, per cent.
        percent: u8,
    },
    /// Somebody asks for help.
    Sos {
        /// Who.
        resource: ResourceId,
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
    /// What a customer was told will probably not be kept.
    PromiseAtRisk {
        /// Which task.
        task: TaskId,
        /// Which promise.
        promise: PromiseId,
        /// Who has the task; `None`: nobody.
        resource: Option<ResourceId>,
        /// Seconds after the promised time that one in ten arrives, or later, when the alert was raised.
        over_secs: i64,
    },
    /// Somebody's work will last beyond the end of their shift.
    ShiftOverrun {
        /// Who.
        resource: ResourceId,
        /// By how many seconds when the alert was raised.
        over_secs: i64,
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
}

/// What an alert says will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreseen {
    /// A task will miss its window.
    Late {
        /// Which task.
        task: TaskId,
        /// By how many seconds when the alert was raised.
        late_secs: i64,
    },
    /// What a customer was told will probably not be kept.
    Promise {
        /// Which task.
        task: TaskId,
        /// Which promise.
        promise: PromiseId,
        /// Who has the task.
        resource: Option<ResourceId>,
        /// Seconds after the promised time when the alert was raised.
        over_secs: i64,
    },
    /// Somebody's work will last beyond the end of their shift.
    Shift {
        /// Who.
        resource: ResourceId,
        /// By how many seconds when the alert was raised.
        over_secs: i64,
    },
}

/// What somebody came near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "near", content = "id")]
pub enum NearTarget {
    /// A place.
    Poi(PoiId),
    /// A task.
    Task(TaskId),
    /// Another resource.
    Resource(ResourceId),
}

/// The kinds of alerts without what they are about: for filters, settings and grouping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in `AlertKind`")]
pub enum AlertTopic {
    Sos,
    FenceEntered,
    FenceLeft,
    FenceDwell,
    FenceCrossed,
    FenceAbsent,
    Near,
    Speeding,
    StoppedOnTask,
    LeftArea,
    DeviceSilent,
    BatteryLow,
    TaskLate,
    PromiseAtRisk,
    ShiftOverrun,
    TaskRefused,
    BidAnswered,
    BidExpired,
}

impl AlertTopic {
    /// All of them, in the order in which lists show them.
    pub const ALL: [AlertTopic; 18] = [
        AlertTopic::Sos,
        AlertTopic::FenceEntered,
        AlertTopic::FenceLeft,
        AlertTopic::FenceDwell,
        AlertTopic::FenceCrossed,
        AlertTopic::FenceAbsent,
        AlertTopic::Near,
        AlertTopic::Speeding,
        AlertTopic::StoppedOnTask,
        AlertTopic::LeftArea,
        AlertTopic::DeviceSilent,
        AlertTopic::BatteryLow,
        AlertTopic::TaskLate,
        AlertTopic::PromiseAtRisk,
        AlertTopic::ShiftOverrun,
        AlertTopic::TaskRefused,
        AlertTopic::BidAnswered,
        AlertTopic::BidExpired,
    ];
}

impl AlertKind {
    /// The kind without what it is about.
    pub fn topic(&self) -> AlertTopic {
        match self {
            AlertKind::FenceEntered { .. } => AlertTopic::FenceEntered,
            AlertKind::FenceLeft { .. } => AlertTopic::FenceLeft,
            AlertKind::FenceDwell { .. } => AlertTopic::FenceDwell,
            AlertKind::FenceCrossed { .. } => AlertTopic::FenceCrossed,
            AlertKind::FenceAbsent { .. } => AlertTopic::FenceAbsent,
            AlertKind::Near { .. } => AlertTopic::Near,
            AlertKind::Speeding { .. } => AlertTopic::Speeding,
            AlertKind::StoppedOnTask { .. } => AlertTopic::StoppedOnTask,
            AlertKind::LeftArea { .. } => AlertTopic::LeftArea,
            AlertKind::DeviceSilent { .. } => AlertTopic::DeviceSilent,
            AlertKind::BatteryLow { .. } => AlertTopic::BatteryLow,
            AlertKind::Sos { .. } => AlertTopic::Sos,
            AlertKind::TaskLate { .. } => AlertTopic::TaskLate,
            AlertKind::PromiseAtRisk { .. } => AlertTopic::PromiseAtRisk,
            AlertKind::ShiftOverrun { .. } => AlertTopic::ShiftOverrun,
            AlertKind::TaskRefused { .. } => AlertTopic::TaskRefused,
            AlertKind::BidAnswered { .. } => AlertTopic::BidAnswered,
            AlertKind::BidExpired { .. } => AlertTopic::BidExpired,
        }
    }

    /// The resource it is about, if it is about one.
    pub fn resource(&self) -> Option<ResourceId> {
        match self {
            AlertKind::FenceEntered { resource, .. }
            | AlertKind::FenceLeft { resource, .. }
            | AlertKind::FenceDwell { resource, .. }
            | AlertKind::FenceCrossed { resource, .. }
            | AlertKind::FenceAbsent { resource, .. }
            | AlertKind::Near { resource, .. }
            | AlertKind::Speeding { resource, .. }
            | AlertKind::StoppedOnTask { resource, .. }
            | AlertKind::LeftArea { resource, .. }
            | AlertKind::DeviceSilent { resource }
            | AlertKind::BatteryLow { resource, .. }
            | AlertKind::Sos { resource }
            | AlertKind::TaskLate { resource, .. }
            | AlertKind::ShiftOverrun { resource, .. }
            | AlertKind::TaskRefused { resource, .. }
            | AlertKind::BidAnswered { resource, .. } => Some(*resource),
            AlertKind::PromiseAtRisk { resource, .. } => *resource,
            AlertKind::BidExpired { .. } => None,
        }
    }

    /// The place whose area it is about, if it is about one.
    pub fn fence(&self) -> Option<PoiId> {
        match self {
            AlertKind::FenceEntered { poi, .. }
            | AlertKind::FenceLeft { poi, .. }
            | AlertKind::FenceDwell { poi, .. }
            | AlertKind::FenceCrossed { poi, .. }
            | AlertKind::FenceAbsent { poi, .. }
            | AlertKind::LeftArea { poi, .. } => Some(*poi),
            AlertKind::Near { .. }
            | AlertKind::Speeding { .. }
            | AlertKind::StoppedOnTask { .. }
            | AlertKind::DeviceSilent { .. }
            | AlertKind::BatteryLow { .. }
            | AlertKind::Sos { .. }
            | AlertKind::TaskLate { .. }
            | AlertKind::PromiseAtRisk { .. }
            | AlertKind::ShiftOverrun { .. }
            | AlertKind::TaskRefused { .. }
            | AlertKind::BidAnswered { .. }
            | AlertKind::BidExpired { .. } => None,
        }
    }

    /// Whether it is concluded from fixes or silence, of which not everybody sees the same, and not from a row.
    pub fn rests_on_fixes(&self) -> bool {
        match self {
            AlertKind::FenceEntered { .. }
            | AlertKind::FenceLeft { .. }
            | AlertKind::FenceDwell { .. }
            | AlertKind::FenceCrossed { .. }
            | AlertKind::FenceAbsent { .. }
            | AlertKind::Near { .. }
            | AlertKind::Speeding { .. }
            | AlertKind::StoppedOnTask { .. }
            | AlertKind::LeftArea { .. }
            | AlertKind::DeviceSilent { .. }
            | AlertKind::BatteryLow { .. }
            | AlertKind::TaskLate { .. }
            | AlertKind::PromiseAtRisk { .. }
            | AlertKind::ShiftOverrun { .. } => true,
            AlertKind::Sos { .. }
            | AlertKind::TaskRefused { .. }
            | AlertKind::BidAnswered { .. }
            | AlertKind::BidExpired { .. } => false,
        }
    }

    /// What it says will happen; `None` where it says what has. What was foreseen ends when it will not happen any more.
    pub fn foreseen(&self) -> Option<Foreseen> {
        match *self {
            AlertKind::TaskLate { task, late_secs, .. } => Some(Foreseen::Late { task, late_secs }),
            AlertKind::PromiseAtRisk { task, promise, resource, over_secs } => {
                Some(Foreseen::Promise { task, promise, resource, over_secs })
            }
            AlertKind::ShiftOverrun { resource, over_secs } => Some(Foreseen::Shift { resource, over_secs }),
            AlertKind::FenceEntered { .. }
            | AlertKind::FenceLeft { .. }
            | AlertKind::FenceDwell { .. }
            | AlertKind::FenceCrossed { .. }
            | AlertKind::FenceAbsent { .. }
            | AlertKind::Near { .. }
            | AlertKind::Speeding { .. }
            | AlertKind::StoppedOnTask { .. }
            | AlertKind::LeftArea { .. }
            | AlertKind::DeviceSilent { .. }
            | AlertKind::BatteryLow { .. }
            | AlertKind::Sos { .. }
            | AlertKind::TaskRefused { .. }
            | AlertKind::BidAnswered { .. }
            | AlertKind::BidExpired { .. } => None,
        }
    }

    /// The same without what was measured when it was noticed: two who notice the same thing agree on this.
    pub fn unmeasured(&self) -> AlertKind {
        match self.clone() {
            AlertKind::Near { resource, target, .. } => AlertKind::Near { resource, target, distance_m: 0 },
            AlertKind::Speeding { resource, limit_kmh, .. } => {
                AlertKind::Speeding { resource, kmh: 0, limit_kmh }
            }
            AlertKind::StoppedOnTask { resource, task, .. } => {
                AlertKind::StoppedOnTask { resource, task, minutes: 0 }
            }
            AlertKind::BatteryLow { resource, .. } => AlertKind::BatteryLow { resource, percent: 0 },
            AlertKind::TaskLate { task, resource, .. } => {
                AlertKind::TaskLate { task, resource, late_secs: 0 }
            }
            AlertKind::PromiseAtRisk { task, promise, resource, .. } => {
                AlertKind::PromiseAtRisk { task, promise, resource, over_secs: 0 }
            }
            AlertKind::ShiftOverrun { resource, .. } => AlertKind::ShiftOverrun { resource, over_secs: 0 },
            plain @ (AlertKind::FenceEntered { .. }
            | AlertKind::FenceLeft { .. }
            | AlertKind::FenceDwell { .. }
            | AlertKind::FenceCrossed { .. }
            | AlertKind::FenceAbsent { .. }
            | AlertKind::LeftArea { .. }
            | AlertKind::DeviceSilent { .. }
            | AlertKind::Sos { .. }
            | AlertKind::TaskRefused { .. }
            | AlertKind::BidAnswered { .. }
            | AlertKind::BidExpired { .. }) => plain,
        }
    }
}
