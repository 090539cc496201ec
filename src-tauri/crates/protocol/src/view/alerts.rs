//! Why an alert was raised, and how much noise a rule makes.

use chrono::{DateTime, Utc};
use domain::alert::AlertTopic;
use domain::position::Fix;
use domain::rule::Condition;
use domain::{AlertId, PoiId, ResourceId, RuleId};
use serde::{Deserialize, Serialize};

use crate::wire::TrackGap;

/// Why something fired, or why nothing did: the fixes, what each of them says, and the rule that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplanationView {
    /// Who.
    pub resource: ResourceId,
    /// The time in question.
    pub at: DateTime<Utc>,
    /// The alert, where one is explained.
    pub alert: Option<AlertId>,
    /// What it is measured against.
    pub basis: ExplanationBasis,
    /// The fixes around that time, in event order; empty where there are none to show.
    pub fixes: Vec<JudgedFixView>,
    /// Stretches without coordinates, with the reason.
    pub gaps: Vec<TrackGap>,
    /// What came of it.
    pub verdict: VerdictView,
    /// From the server's track (`false`: from what this desk has seen itself).
    pub from_server: bool,
}

/// What fixes are measured against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "basis", content = "body")]
pub enum ExplanationBasis {
    /// A fence.
    Fence {
        /// Which.
        poi: PoiId,
        /// Its version.
        version: u32,
        /// How wide it is, metres.
        size_m: f64,
        /// How far beyond the border the whole error circle has to be to have left, metres.
        leave_margin_m: f64,
        /// Shortest run that confirms an entry, seconds.
        enter_confirm_secs: u32,
        /// Shortest run that confirms an exit, seconds.
        leave_confirm_secs: u32,
        /// Fewest fixes that confirm anything.
        confirm_fixes: u32,
    },
    /// A location rule.
    Rule {
        /// Which; it may be gone meanwhile.
        rule: RuleId,
        /// What has to hold.
        condition: Condition,
        /// For how long, seconds.
        min_duration_secs: u32,
    },
    /// A rule that is always there: what the text of the alert says is all.
    BuiltIn,
}

/// One fix as it was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedFixView {
    /// The fix.
    pub fix: Fix,
    /// Radius of its 95 % error circle, metres.
    pub acc95_m: f64,
    /// Signed distance to the border (negative inside) or to the target, metres; `None` where nothing is measured.
    pub dist_m: Option<f64>,
    /// What it says.
    pub says: FixSays,
    /// What is known after it.
    pub standing: StandingView,
    /// It belongs to the run of fixes that decided.
    pub decides: bool,
}

/// What one fix says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixSays {
    /// Inside with the whole error circle; for a rule: the condition holds.
    Inside,
    /// Outside with the whole error circle, but not beyond the margin.
    Outside,
    /// Beyond the margin with the whole error circle; for a rule: the condition does not hold.
    Beyond,
    /// The border is within the error circle.
    Undecided,
    /// Too inaccurate to count.
    TooInaccurate,
    /// Of a time that can't be, or not on earth.
    Refused,
    /// An impossible jump: waits for a second one that agrees.
    Quarantined,
}

/// What is known of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum StandingView {
    /// Not settled.
    Unknown,
    /// Outside; for a rule: the condition does not hold.
    Outside,
    /// A run of fixes says inside, not confirmed.
    Entering {
        /// Its first fix.
        since: DateTime<Utc>,
        /// Its deciding fixes.
        fixes: u32,
    },
    /// Inside; for a rule: the condition holds.
    Inside {
        /// Since.
        since: DateTime<Utc>,
    },
    /// Inside; a run of fixes says gone, not confirmed.
    Leaving {
        /// First fix of that run.
        since: DateTime<Utc>,
        /// Its deciding fixes.
        fixes: u32,
    },
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "body")]
pub enum VerdictView {
    /// This was said.
    Fired {
        /// What.
        topic: AlertTopic,
        /// When it happened.
        event_time: DateTime<Utc>,
        /// First fix of the run that decided.
        first: DateTime<Utc>,
        /// The fix that confirmed it.
        confirmed: DateTime<Utc>,
        /// Deciding fixes in the run.
        fixes: u32,
    },
    /// This happened, but there is no rule for it.
    NoRule {
        /// What.
        topic: AlertTopic,
        /// When.
        event_time: DateTime<Utc>,
    },
    /// This happened outside the hours of the rule.
    OutsideHours {
        /// What.
        topic: AlertTopic,
        /// When.
        event_time: DateTime<Utc>,
    },
    /// The rule is not meant for them.
    NotConcerned,
    /// Location sharing was off: nothing is told.
    Private,
    /// No fix of that time is known.
    NoFix,
    /// No fix of that time was usable.
    AllRefused,
    /// Even the best error circle is wider than the fence.
    NotDecidable {
        /// How wide the fence is, metres.
        size_m: f64,
        /// Radius of the best error circle, metres.
        acc95_m: f64,
    },
    /// A run of fixes says so, but it is too short or has too few fixes.
    Unconfirmed,
    /// Settled silently: they were first seen then.
    NotSettled,
    /// Inside all the time.
    StayedInside {
        /// Since.
        since: DateTime<Utc>,
    },
    /// Never inside for certain.
    StayedOutside {
        /// The least distance, metres.
        nearest_m: f64,
    },
    /// There is no track to look at: the reason is in the alert itself.
    Stated,
}

/// How much a rule says, over some days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoiseView {
    /// What speaks.
    pub source: NoiseSource,
    /// What it says.
    pub topic: AlertTopic,
    /// How often, within the time looked at.
    pub alerts: u32,
    /// How many of them nobody did anything about.
    pub untouched: u32,
    /// Seconds until somebody looked, as often more as less; `None` where nobody ever did.
    pub looked_after_secs: Option<u32>,
    /// How many were about somebody about whom the same had been said within ten minutes.
    pub repeats: u32,
    /// How many late data showed not to have happened.
    pub unfounded: u32,
}

/// What speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "source", content = "id")]
pub enum NoiseSource {
    /// The rules of a fence.
    Fence(PoiId),
    /// A location rule.
    Rule(RuleId),
    /// A rule that is always there.
    BuiltIn,
}
