//! Who could do a task, and why; and what dispatchers made of it.

use chrono::{DateTime, Utc};
use domain::position::PositionState;
use domain::task::OverrideReason;
use domain::travel::TravelSource;
use domain::{PoiId, ResourceId, SkillId, TaskId};
use serde::{Deserialize, Serialize};

/// Who could do a task, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuggestionsView {
    /// Which.
    pub task: TaskId,
    /// As of when; past moments are as the tracks have them.
    pub at: DateTime<Utc>,
    /// Whether `at` is a past moment.
    pub is_past: bool,
    /// The list.
    pub list: Vec<SuggestionView>,
}

/// Somebody who could do a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuggestionView {
    /// Who.
    pub resource: ResourceId,
    /// What may be said of the place.
    pub position: PositionState,
    /// When they would be there if they went as soon as they can; `None`: not known.
    pub arrival: Option<SuggestedArrival>,
    /// The drive to the task itself, seconds.
    pub drive_secs: Option<u32>,
    /// The way to the task itself, metres.
    pub distance_m: Option<f64>,
    /// Driving that their day gets longer by, seconds; `None`: not known.
    pub extra_drive_secs: Option<i64>,
    /// Age of the fix, seconds.
    pub fix_age_secs: Option<i64>,
    /// Tasks they have that are not over.
    pub open_tasks: u32,
    /// What speaks for them, most important first.
    pub reasons: Vec<SuggestionReason>,
    /// What speaks against them, most important first.
    pub shortfalls: Vec<Shortfall>,
}

/// When somebody would be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedArrival {
    /// As likely earlier as later.
    pub p50: DateTime<Utc>,
    /// Nine times in ten no later than this.
    pub p90: DateTime<Utc>,
    /// Where the travel time comes from.
    pub source: TravelSource,
}

/// What speaks for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum SuggestionReason {
    /// Nobody else is there earlier.
    Fastest,
    /// Has what the task needs; only where it needs something.
    HasSkills,
    /// Is there within the window nine times in ten.
    InTime,
    /// Keeps what the customer was told, nine times in ten.
    KeepsPromise,
    /// Has nothing else to do now.
    Free,
    /// Passes by anyway: the day gets hardly longer.
    OnTheWay,
    /// The task lies in an area where they are.
    InArea {
        /// Which.
        poi: PoiId,
    },
    /// Has less to do than most of the others.
    LittleToDo,
    /// Has done tasks at this place before.
    KnowsThePlace {
        /// So many that are still cached.
        tasks: u32,
    },
}

/// What speaks against somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "shortfall")]
pub enum Shortfall {
    /// Lacks skills.
    MissingSkills {
        /// Which.
        skills: Vec<SkillId>,
    },
    /// Is signed out.
    OffDuty,
    /// Has switched the location off: nobody knows how far it is.
    Private,
    /// No position is known.
    NoLocation,
    /// The position is old.
    StaleLocation {
        /// How old, seconds.
        age_secs: i64,
    },
    /// No road leads there from where they are.
    NoWay,
    /// The travel time is only an estimate from the straight line.
    EstimateOnly,
    /// Would come after the window.
    Late {
        /// By so many seconds at the expected arrival.
        late_secs: i64,
    },
    /// Would break what the customer was told.
    BreaksPromise {
        /// By so many seconds at the expected arrival.
        over_secs: i64,
    },
    /// Would work beyond the end of the shift.
    OutsideShift {
        /// By so many seconds.
        over_secs: i64,
    },
    /// Others of their tasks would be late.
    MakesLate {
        /// Which.
        tasks: Vec<TaskId>,
    },
    /// Is at work on something else until then.
    Busy {
        /// Until then.
        until: DateTime<Utc>,
    },
    /// Can't carry it with the rest.
    TooMuchToCarry,
    /// Has declined this task before.
    DeclinedBefore,
}

/// How often suggestions were followed, over some days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceReportView {
    /// From then on.
    pub since: DateTime<Utc>,
    /// Assignments that were made from suggestions.
    pub choices: u32,
    /// Of those, where the first one was chosen.
    pub followed: u32,
    /// By reason, most frequent first; `None`: none was given.
    pub reasons: Vec<OverrideCount>,
    /// Who was passed over most, and who was chosen instead; most frequent first.
    pub people: Vec<OverridePerson>,
    /// The overrides themselves, newest first, at most 200.
    pub newest: Vec<OverrideLine>,
}

/// Overrides for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverrideCount {
    /// Why.
    pub reason: Option<OverrideReason>,
    /// How often.
    pub count: u32,
    /// How much later the chosen one was expected, median seconds; `None`: never known.
    pub later_secs: Option<i64>,
    /// Of those, arrived within the task's window; those without a window or an arrival are left out.
    pub in_time: u32,
    /// Of those, arrived after it.
    pub late: u32,
}

/// How often somebody was passed over, or chosen instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverridePerson {
    /// Who.
    pub resource: ResourceId,
    /// Was first, and somebody else was chosen.
    pub passed_over: u32,
    /// Was chosen instead of the first one.
    pub chosen: u32,
}

/// One override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideLine {
    /// Which task.
    pub task: TaskId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who was first.
    pub first: ResourceId,
    /// Who was chosen.
    pub chosen: ResourceId,
    /// Why.
    pub reason: Option<OverrideReason>,
    /// In the dispatcher's words.
    pub note: String,
}
