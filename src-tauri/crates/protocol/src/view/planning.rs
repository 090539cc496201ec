//! Plans of a day.

use chrono::{DateTime, Utc};
use domain::travel::TravelSource;
use domain::{GroupId, ResourceId, SkillId, TaskId};
use serde::{Deserialize, Serialize};

/// What is to be planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRequest {
    /// From then on, to the end of that local day's shifts; `None`: from now on.
    pub from: Option<DateTime<Utc>>,
    /// Whose days; empty: of everybody who is or will be on duty. At most 500.
    pub resources: Vec<ResourceId>,
    /// Of these groups only; empty: of all.
    pub groups: Vec<GroupId>,
    /// Tasks that stay with whom they are.
    pub locked: Vec<TaskId>,
    /// Only what nobody has is given out; everybody keeps what they have.
    pub only_unassigned: bool,
    /// A window is never missed: rather nobody comes.
    pub in_time_only: bool,
    /// How long to search, seconds, 1–120.
    pub seconds: u16,
}

/// How far the planning is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum PlanProgressView {
    /// The drives between all places are worked out.
    Drives {
        /// Places.
        places: u32,
    },
    /// Plans are searched.
    Searching {
        /// Of the time, 0 to 1.
        share: f32,
        /// Driving in the best plan so far, seconds.
        drive_secs: i64,
        /// Tasks without anybody in the best plan so far.
        unassigned: u32,
    },
    /// It is over, or there is none.
    Idle,
}

/// A plan beside the present day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanView {
    /// Its number; there is one plan at a time.
    pub plan: u64,
    /// It begins then.
    pub from: DateTime<Utc>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The search was ended before its time.
    pub is_cancelled: bool,
    /// Where the travel times come from, the worst of them.
    pub source: TravelSource,
    /// Everybody's day.
    pub days: Vec<PlanDayView>,
    /// What changes.
    pub moves: Vec<PlanMoveView>,
    /// What nobody comes to afterwards, and why.
    pub left_out: Vec<PlanLeftOutView>,
    /// Resources that were asked for and can't be planned, and why.
    pub not_planned: Vec<(ResourceId, NotPlanned)>,
    /// What the present day comes to.
    pub before: PlanFigures,
    /// What the plan comes to.
    pub after: PlanFigures,
    /// Promises that are broken afterwards, and were not before.
    pub broken_promises: Vec<TaskId>,
    /// Promises that were broken, and are not any more.
    pub mended_promises: Vec<TaskId>,
}

/// One person's day, now and afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanDayView {
    /// Whose.
    pub resource: ResourceId,
    /// When they can begin.
    pub starts: DateTime<Utc>,
    /// End of the shift.
    pub ends: DateTime<Utc>,
    /// The present day.
    pub before: PlanTourView,
    /// The day afterwards.
    pub after: PlanTourView,
}

/// One person's way through a day.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PlanTourView {
    /// In order.
    pub stops: Vec<PlanStopView>,
    /// From and to, in order.
    pub breaks: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// At home, or done with the last task; `None`: there is nothing to do.
    pub done_at: Option<DateTime<Utc>>,
    /// Driving, seconds.
    pub drive_secs: u64,
    /// After the shift, seconds.
    pub overtime_secs: u64,
}

/// One task in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStopView {
    /// Which.
    pub task: TaskId,
    /// Somebody is there.
    pub arrives: DateTime<Utc>,
    /// Work begins.
    pub starts: DateTime<Utc>,
    /// Work ends.
    pub leaves: DateTime<Utc>,
    /// The drive to it, seconds.
    pub drive_secs: u64,
    /// Seconds that work begins after the window.
    pub late_secs: u64,
    /// Begun, or locked: it stays.
    pub is_fixed: bool,
}

/// One task that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMoveView {
    /// Which.
    pub task: TaskId,
    /// Who has it now; the same as `to` where only the order changes.
    pub from: Option<ResourceId>,
    /// Who has it afterwards.
    pub to: Option<ResourceId>,
    /// Arrival now, if anybody comes.
    pub arrives_before: Option<DateTime<Utc>>,
    /// Arrival afterwards, if anybody comes.
    pub arrives_after: Option<DateTime<Utc>>,
    /// Chosen: it is part of what `after` comes to.
    pub is_chosen: bool,
}

/// A task that nobody comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLeftOutView {
    /// Which.
    pub task: TaskId,
    /// What is in the way; what is easiest to change comes first.
    pub reasons: Vec<LeftOut>,
}

/// What is in the way of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum LeftOut {
    /// Somebody could do it, if there were not the other work.
    DayFull,
    /// The shift is too short for it.
    ShiftTooShort,
    /// Nobody can be there within its window.
    WindowOutOfReach,
    /// It is too much for whoever could do it.
    TooMuchToCarry,
    /// No way to it is known.
    NoWay,
    /// Whoever could do it has declined it.
    Declined,
    /// Nobody has this skill, or all of them together.
    NoSkill {
        /// Which.
        skill: SkillId,
    },
}

/// Why somebody can't be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotPlanned {
    /// The location is switched off.
    Private,
    /// No position and no home are known.
    NoLocation,
    /// There is no shift left on that day.
    NoShift,
    /// Signed out for today.
    SignedOut,
}

/// What a day comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanFigures {
    /// Driving, seconds.
    pub drive_secs: u64,
    /// Way, metres.
    pub metres: u64,
    /// Waiting, seconds.
    pub waiting_secs: u64,
    /// Lateness, seconds.
    pub late_secs: u64,
    /// Tasks that are late.
    pub late_tasks: u32,
    /// Promises that are not kept.
    pub broken_promises: u32,
    /// After the shifts, seconds.
    pub overtime_secs: u64,
    /// Tasks without anybody.
    pub left_out: u32,
}
