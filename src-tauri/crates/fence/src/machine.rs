//! The state machine of one (resource, fence) pair.

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{Confidence, Evidence, Why};
use crate::{CONFIRM_FIXES, ENTER_CONFIRM, LEAVE_CONFIRM};

/// Where somebody is with regard to one fence. `None` in place of a phase means outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Phase {
    /// Nobody looked before: settles without an event.
    Unknown(Option<Run>),
    /// Outside; a run of fixes says that this changes.
    Entering(Run),
    /// Inside.
    In(Stay),
    /// Inside; a run of fixes says that this changes.
    Leaving(Stay, Run),
}

/// Consecutive fixes that all say the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    pub first: Evidence,
    fixes: u32,
    undecided: u32,
    confidence: Confidence,
}

/// Being inside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stay {
    /// The fix that began it.
    pub first: Evidence,
    /// The dwell event is out.
    pub dwelt: bool,
}

/// A confirmed change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub entered: bool,
    pub why: Why,
    pub confidence: Confidence,
}

/// One fix with regard to one fence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub evidence: Evidence,
    pub leave_margin_m: f64,
    /// Nothing was known before this fix for longer than a run may pause.
    pub after_gap: bool,
}

impl Reading {
    fn is_inside(&self) -> bool {
        self.evidence.dist_m + self.evidence.acc95_m <= 0.0
    }

    fn is_outside(&self) -> bool {
        self.evidence.dist_m - self.evidence.acc95_m > 0.0
    }

    fn is_gone(&self) -> bool {
        self.evidence.dist_m - self.evidence.acc95_m > self.leave_margin_m
    }

    fn run(&self) -> Run {
        let confidence = if self.after_gap { Confidence::AfterGap } else { Confidence::Witnessed };
        Run { first: self.evidence, fixes: 1, undecided: 0, confidence }
    }
}

impl Run {
    fn is_confirmed(&self, by: &Reading, least: TimeDelta) -> bool {
        self.fixes >= CONFIRM_FIXES && by.evidence.fix_time - self.first.fix_time >= least
    }

    fn with_fix(self) -> Self {
        Run { fixes: self.fixes.saturating_add(1), ..self }
    }

    /// The run after a fix that says nothing; `None` once such fixes are the majority.
    fn with_undecided(self) -> Option<Self> {
        let undecided = self.undecided.saturating_add(1);
        (undecided <= self.fixes).then_some(Run { undecided, ..self })
    }

    fn change(self, entered: bool, by: &Reading) -> Change {
        let margin_m = if entered { 0.0 } else { by.leave_margin_m };
        let why = Why { first: self.first, deciding: by.evidence, fixes: self.fixes, margin_m };
        Change { entered, why, confidence: self.confidence }
    }
}

impl Phase {
    /// Whether the resource counts as inside.
    pub fn is_inside(&self) -> bool {
        matches!(self, Phase::In(_) | Phase::Leaving(..))
    }

    /// The phase once a gap has ended all that was not confirmed.
    pub fn settled(self) -> Option<Phase> {
        match self {
            Phase::Unknown(_) => Some(Phase::Unknown(None)),
            Phase::Entering(_) => None,
            Phase::In(stay) | Phase::Leaving(stay, _) => Some(Phase::In(stay)),
        }
    }

    /// The stay, and until when it is known to have lasted, given evidence up to `until`.
    pub fn stay_until(&mut self, until: DateTime<Utc>) -> Option<(&mut Stay, DateTime<Utc>)> {
        match self {
            Phase::In(stay) => Some((stay, until)),
            Phase::Leaving(stay, run) => Some((stay, run.first.fix_time.min(until))),
            Phase::Unknown(_) | Phase::Entering(_) => None,
        }
    }
}

/// The phase after one more fix, and the change that it confirms.
pub(crate) fn step(phase: Option<Phase>, reading: &Reading) -> (Option<Phase>, Option<Change>) {
    match phase {
        None if reading.is_inside() => (Some(Phase::Entering(reading.run())), None),
        None => (None, None),
        Some(Phase::Unknown(run)) => (unknown(run, reading), None),
        Some(Phase::Entering(run)) => entering(run, reading),
        Some(Phase::In(stay)) if reading.is_gone() => (Some(Phase::Leaving(stay, reading.run())), None),
        Some(Phase::In(stay)) => (Some(Phase::In(stay)), None),
        Some(Phase::Leaving(stay, run)) => leaving(stay, run, reading),
    }
}

fn unknown(run: Option<Run>, reading: &Reading) -> Option<Phase> {
    if reading.is_outside() {
        return None;
    }
    if !reading.is_inside() {
        return Some(Phase::Unknown(run.and_then(Run::with_undecided)));
    }
    let run = run.map_or_else(|| reading.run(), Run::with_fix);
    if run.is_confirmed(reading, ENTER_CONFIRM) {
        Some(Phase::In(Stay { first: run.first, dwelt: false }))
    } else {
        Some(Phase::Unknown(Some(run)))
    }
}

fn entering(run: Run, reading: &Reading) -> (Option<Phase>, Option<Change>) {
    if reading.is_outside() {
        return (None, None);
    }
    if !reading.is_inside() {
        return (run.with_undecided().map(Phase::Entering), None);
    }
    let run = run.with_fix();
    if !run.is_confirmed(reading, ENTER_CONFIRM) {
        return (Some(Phase::Entering(run)), None);
    }
    let stay = Stay { first: run.first, dwelt: false };
    (Some(Phase::In(stay)), Some(run.change(true, reading)))
}

fn leaving(stay: Stay, run: Run, reading: &Reading) -> (Option<Phase>, Option<Change>) {
    if reading.is_inside() {
        return (Some(Phase::In(stay)), None);
    }
    if !reading.is_gone() {
        let phase = match run.with_undecided() {
            Some(run) => Phase::Leaving(stay, run),
            None => Phase::In(stay),
        };
        return (Some(phase), None);
    }
    let run = run.with_fix();
    if run.is_confirmed(reading, LEAVE_CONFIRM) {
        (None, Some(run.change(false, reading)))
    } else {
        (Some(Phase::Leaving(stay, run)), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;

    /// One fix after `secs`, `dist_m` from the border, with a 10 m error circle and a margin of 25 m.
    fn reading(secs: i64, dist_m: f64) -> Reading {
        let fix_time = DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time");
        let at = LonLat::new(7.42, 43.73).expect("coordinate");
        Reading {
            evidence: Evidence { fix_time, at, dist_m, acc95_m: 10.0 },
            leave_margin_m: 25.0,
            after_gap: false,
        }
    }

    /// `e` and `l` for the events of the fixes (seconds, metres), `i` or `o` for the state in the end.
    fn story(fixes: &[(i64, f64)]) -> String {
        let (mut phase, mut said) = (None, String::new());
        for (secs, dist_m) in fixes {
            let (next, change) = step(phase, &reading(*secs, *dist_m));
            phase = next;
            said.extend(change.map(|change| if change.entered { 'e' } else { 'l' }));
        }
        said.push(if phase.is_some_and(|phase| phase.is_inside()) { 'i' } else { 'o' });
        said
    }

    #[test]
    fn the_table_of_the_state_machine() {
        let came_in = [(0, -50.0), (30, -50.0)];
        let then = |more: &[(i64, f64)]| [came_in.as_slice(), more].concat();
        /// What it shows, the fixes, what comes of them.
        type Row = (&'static str, Vec<(i64, f64)>, &'static str);
        let table: [Row; 13] = [
            ("two fixes over 30 s confirm an entry", came_in.to_vec(), "ei"),
            ("one fix confirms nothing", vec![(0, -50.0)], "o"),
            ("three fixes in 29 s confirm nothing", vec![(0, -50.0), (15, -50.0), (29, -50.0)], "o"),
            ("a circle that touches the border is not inside", vec![(0, -9.0), (30, -9.0), (60, -9.0)], "o"),
            ("a decisive fix outside ends the run", vec![(0, -50.0), (15, 11.0), (30, -50.0)], "o"),
            ("an undecided fix does not", vec![(0, -50.0), (15, 0.0), (30, -50.0)], "ei"),
            ("a majority of undecided fixes does", vec![(0, -50.0), (10, 0.0), (20, 0.0), (30, -50.0)], "o"),
            ("beyond the margin for a minute is gone", then(&[(40, 60.0), (100, 60.0)]), "elo"),
            ("for 59 s is not", then(&[(40, 60.0), (99, 60.0)]), "ei"),
            ("within the margin is not", then(&[(40, 34.0), (200, 34.0)]), "ei"),
            ("coming back while leaving stays", then(&[(40, 60.0), (70, -20.0), (100, 60.0)]), "ei"),
            (
                "undecided while leaving does not confirm",
                then(&[(40, 60.0), (70, 0.0), (99, 0.0), (120, 60.0)]),
                "ei",
            ),
            (
                "out and in again are two events",
                then(&[(40, 60.0), (100, 60.0), (200, -50.0), (230, -50.0)]),
                "elei",
            ),
        ];
        for (says, fixes, expected) in table {
            assert_eq!(story(&fixes), expected, "{says}");
        }
    }

    #[test]
    fn who_was_there_before_we_looked_is_not_announced() {
        let (phase, change) = step(Some(Phase::Unknown(None)), &reading(0, -50.0));
        assert!(change.is_none(), "first fix");
        let (phase, change) = step(phase, &reading(30, -50.0));
        assert!(change.is_none(), "confirmed, but not an entry that we saw");
        assert!(phase.is_some_and(|phase| phase.is_inside()), "known to be inside now");
        assert_eq!(
            step(Some(Phase::Unknown(None)), &reading(0, 50.0)),
            (None, None),
            "outside: a later entry is news"
        );
    }
}
