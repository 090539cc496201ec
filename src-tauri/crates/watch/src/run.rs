//! Runs: for how long a condition has held, and when that is worth an alert.

use chrono::{DateTime, TimeDelta, Utc};
use domain::LonLat;
use domain::position::Fix;
use uuid::Uuid;

use crate::rules::Slot;

/// What a fix says of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleSays {
    /// It holds for certain.
    Holds,
    /// Neither for certain: whatever was known before stays.
    Open,
    /// It does not hold, by so much that it may begin anew.
    Ends,
}

/// A fix as a rule measured it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// What the rule is measured against: nil, a place, a task or another resource.
    pub about: Uuid,
    pub says: RuleSays,
    /// Metres or kilometres per hour.
    pub value: f64,
    /// When it began, where the measure knows better than by the first fix of the run.
    pub since: Option<DateTime<Utc>>,
    /// Whoever was so when first looked at is no news.
    pub first_look: bool,
}

/// What a run needs to be worth an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    pub lasts: TimeDelta,
    pub fixes: u32,
}

/// A condition that holds, or held and has not ended yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    pub slot: Slot,
    pub about: Uuid,
    pub first: DateTime<Utc>,
    pub at: LonLat,
    pub fixes: u32,
    /// The highest value so far.
    pub peak: f64,
    pub is_settled: bool,
}

impl Run {
    fn begin(slot: Slot, fix: &Fix, reading: &Reading) -> Self {
        Run {
            slot,
            about: reading.about,
            first: reading.since.unwrap_or(fix.fix_time),
            at: fix.at,
            fixes: 0,
            peak: reading.value,
            is_settled: reading.first_look,
        }
    }
}

/// The next step of a run (`None`: the condition does not hold), and whether it is worth an alert now.
pub(crate) fn step(
    run: Option<Run>,
    slot: Slot,
    reading: &Reading,
    fix: &Fix,
    need: Need,
) -> (Option<Run>, bool) {
    let run = run.filter(|run| run.about == reading.about && reading.since.is_none_or(|at| run.first == at));
    match (run, reading.says) {
        (_, RuleSays::Ends) => (None, false),
        (None, RuleSays::Open) if !reading.first_look => (None, false),
        (Some(run), RuleSays::Open) => (Some(run), false),
        (run, RuleSays::Holds | RuleSays::Open) => {
            let mut run = run.unwrap_or_else(|| Run::begin(slot, fix, reading));
            run.fixes += 1;
            run.peak = run.peak.max(reading.value);
            let fires = !run.is_settled && run.fixes >= need.fixes && fix.fix_time - run.first >= need.lasts;
            run.is_settled |= fires;
            (Some(run), fires)
        }
    }
}
