//! The state machine of one (resource, fence) pair.

use chrono::{DateTime, TimeDelta, Utc};
use domain::LonLat;
use domain::position::Fix;

use crate::event::Confidence;
use crate::gate::Rejected;
use crate::settings::Settings;

/// So many 95 % radii is the mean of all fixes inside, over the root of their number: about seven standard errors. With 2.5 one of the
/// phones of `prove quiet` that lie still beside a fence comes in.
const SURE: f64 = 3.0;

/// Where somebody is with regard to one fence. `None` in place of a phase means outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    /// Nobody looked before: settles without an event, as soon as a run either way is confirmed.
    Unknown(Option<Unsettled>),
    /// Outside; a run of fixes says that this changes. With the last fix before it, if that was outside for certain and the fence
    /// wants to know who drives through.
    Entering(Run, Option<Sighting>),
    /// Inside.
    In(Stay),
    /// Inside; a run of fixes says that this changes.
    Leaving(Stay, Run),
}

/// What the fixes say of somebody first seen near a border. A fix that says otherwise begins a new run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Unsettled {
    Inside(Run),
    Outside(Run),
}

/// As much of a fix as a fence looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sighting {
    pub fix_time: DateTime<Utc>,
    pub acc95_m: f32,
    pub at: LonLat,
    /// Signed distance in metres, if it was measured so far.
    pub dist_m: Option<f64>,
}

/// Consecutive fixes that all say the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    pub first: Sighting,
    pub fixes: u32,
    undecided: u32,
    /// Sums over all of them, also the undecided ones; kept for those inside.
    dist_m: f64,
    acc95_m: f64,
    confidence: Confidence,
}

/// Being inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stay {
    /// The fix that began it.
    pub first: Sighting,
    /// When the dwell event is due, in microseconds; at the end of time if none is.
    pub dwell_due_us: i64,
}

/// What a fix brings about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    pub turn: Turn,
    /// First fix of the run; where nobody was seen inside, the last one before.
    pub first: Sighting,
    /// Number of deciding fixes; 0 where no run decides.
    pub fixes: u32,
    pub confidence: Confidence,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Confirmed inside.
    Entered,
    /// Confirmed outside.
    Left,
    /// Outside before and after, inside too shortly to be confirmed.
    Passed,
}

/// What a fix says about a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Nothing: it did not pass the gate.
    Refused(Rejected),
    /// Nothing yet: too far from the last one to be believed alone.
    Quarantined,
    /// The whole error circle is inside.
    Inside,
    /// The error circle touches the border.
    Undecided,
    /// The whole error circle is outside, but within the margin of leaving.
    Outside,
    /// The whole error circle is beyond the margin.
    Gone,
}

impl Says {
    /// Of a fix at a signed distance, with an error circle, from a fence with a margin; all in metres.
    pub(crate) fn of(dist_m: f64, acc95_m: f64, leave_margin_m: f64) -> Self {
        if dist_m + acc95_m <= 0.0 {
            Says::Inside
        } else if dist_m - acc95_m > leave_margin_m {
            Says::Gone
        } else if dist_m - acc95_m > 0.0 {
            Says::Outside
        } else {
            Says::Undecided
        }
    }

    fn is_outside(self) -> bool {
        matches!(self, Says::Outside | Says::Gone)
    }
}

/// One fix with regard to one fence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub says: Says,
    /// Signed distance in metres, as far as it makes a difference.
    pub dist_m: f64,
    pub sighting: Sighting,
    /// Nothing was known before this fix for longer than a run may pause.
    pub after_gap: bool,
    pub settings: &'a Settings,
}

impl Sighting {
    pub fn of(fix: &Fix) -> Self {
        Self { fix_time: fix.fix_time, acc95_m: fix.accuracy_95_m(), at: fix.at, dist_m: None }
    }
}

impl Reading<'_> {
    fn run(&self) -> Run {
        let confidence = if self.after_gap { Confidence::AfterGap } else { Confidence::Witnessed };
        let (first, acc95_m) = (self.sighting, f64::from(self.sighting.acc95_m));
        Run { first, fixes: 1, undecided: 0, dist_m: self.dist_m, acc95_m, confidence }
    }
}

impl Run {
    fn is_confirmed(&self, by: &Reading<'_>, least: TimeDelta) -> bool {
        self.fixes >= by.settings.confirm_fixes && by.sighting.fix_time - self.first.fix_time >= least
    }

    /// Whether the fixes together are inside beyond doubt. The error of a mean shrinks with the root of their number; two or three
    /// fixes have to be deeper inside than each error circle says, or chance hits of somebody at the border would add up.
    fn is_deep(&self) -> bool {
        let fixes = f64::from(self.fixes + self.undecided);
        self.dist_m + self.acc95_m * SURE / fixes.sqrt() <= 0.0
    }

    fn add(&mut self, reading: &Reading<'_>) {
        self.dist_m += reading.dist_m;
        self.acc95_m += f64::from(reading.sighting.acc95_m);
    }

    fn add_fix(&mut self, reading: &Reading<'_>) {
        self.fixes = self.fixes.saturating_add(1);
        self.add(reading);
    }

    /// Adds a fix that says nothing; whether such fixes are no majority yet.
    fn add_undecided(&mut self, reading: &Reading<'_>) -> bool {
        self.undecided = self.undecided.saturating_add(1);
        self.add(reading);
        self.undecided <= self.fixes
    }

    fn change(&self, turn: Turn) -> Change {
        Change { turn, first: self.first, fixes: self.fixes, confidence: self.confidence }
    }
}

impl Stay {
    fn new(first: Sighting) -> Self {
        Stay { first, dwell_due_us: i64::MAX }
    }

    /// A dwell event is due after so many seconds.
    pub fn expect_dwell(&mut self, secs: Option<u32>) {
        let Some(secs) = secs else { return };
        self.dwell_due_us =
            self.first.fix_time.timestamp_micros().saturating_add(i64::from(secs) * 1_000_000);
    }
}

impl Phase {
    /// Whether the resource counts as inside.
    pub fn is_inside(&self) -> bool {
        self.stay().is_some()
    }

    /// The phase once a gap has ended all that was not confirmed.
    pub fn settled(self) -> Option<Phase> {
        match self {
            Phase::Unknown(_) => Some(Phase::Unknown(None)),
            Phase::Entering(..) => None,
            Phase::In(stay) | Phase::Leaving(stay, _) => Some(Phase::In(stay)),
        }
    }

    /// Being inside, if that is confirmed.
    pub fn stay(&self) -> Option<&Stay> {
        match self {
            Phase::In(stay) | Phase::Leaving(stay, _) => Some(stay),
            Phase::Unknown(_) | Phase::Entering(..) => None,
        }
    }

    /// Ends the waiting for a dwell event that is due at `until_us` by all that is known; the first fix of the stay.
    pub fn take_dwell(&mut self, until_us: i64) -> Option<Sighting> {
        let (stay, known_until_us) = match self {
            Phase::In(stay) => (stay, until_us),
            Phase::Leaving(stay, run) => (stay, until_us.min(run.first.fix_time.timestamp_micros())),
            Phase::Unknown(_) | Phase::Entering(..) => return None,
        };
        if stay.dwell_due_us > known_until_us {
            return None;
        }
        stay.dwell_due_us = i64::MAX;
        Some(stay.first)
    }
}

/// Whether somebody is outside after a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// There is a phase.
    Phase,
    /// The phase is over.
    Outside,
}

/// The phase of somebody outside after a fix.
pub(crate) fn begin(reading: &Reading<'_>, from: Option<Sighting>) -> Option<Phase> {
    (reading.says == Says::Inside).then(|| Phase::Entering(reading.run(), from))
}

/// Takes one more fix; what that brings about.
pub(crate) fn step(phase: &mut Phase, reading: &Reading<'_>) -> (Next, Option<Change>) {
    match phase {
        Phase::Unknown(so_far) => {
            let next = if reading.says.is_outside() { outside(so_far, reading) } else { Next::Phase };
            if let Some(stay) = inside(so_far, reading) {
                *phase = Phase::In(stay);
            }
            (next, None)
        }
        Phase::Entering(run, from) => {
            let (next, change) = entering(run, *from, reading);
            if let Some(Change { turn: Turn::Entered, first, .. }) = change {
                *phase = Phase::In(Stay::new(first));
            }
            (next, change)
        }
        Phase::In(stay) => {
            if reading.says == Says::Gone {
                *phase = Phase::Leaving(*stay, reading.run());
            }
            (Next::Phase, None)
        }
        Phase::Leaving(stay, run) => match leaving(run, reading) {
            Leaving::GoesOn => (Next::Phase, None),
            Leaving::IsOver => {
                *phase = Phase::In(*stay);
                (Next::Phase, None)
            }
            Leaving::Left(change) => (Next::Outside, Some(change)),
        },
    }
}

/// A fix outside, of somebody first seen near a border.
fn outside(so_far: &mut Option<Unsettled>, reading: &Reading<'_>) -> Next {
    let run = match so_far {
        Some(Unsettled::Outside(run)) => {
            run.add_fix(reading);
            *run
        }
        Some(Unsettled::Inside(_)) | None => reading.run(),
    };
    *so_far = Some(Unsettled::Outside(run));
    if run.is_confirmed(reading, reading.settings.enter_confirm) { Next::Outside } else { Next::Phase }
}

/// Any other fix of theirs; the stay, once it is confirmed.
fn inside(so_far: &mut Option<Unsettled>, reading: &Reading<'_>) -> Option<Stay> {
    if reading.says != Says::Inside {
        let is_undecided = !reading.says.is_outside();
        if let Some(Unsettled::Inside(run) | Unsettled::Outside(run)) = so_far
            && is_undecided
            && !run.add_undecided(reading)
        {
            *so_far = None;
        }
        return None;
    }
    let run = match so_far {
        Some(Unsettled::Inside(run)) => {
            run.add_fix(reading);
            *run
        }
        Some(Unsettled::Outside(_)) | None => reading.run(),
    };
    *so_far = Some(Unsettled::Inside(run));
    let is_sure = run.is_confirmed(reading, reading.settings.enter_confirm) && run.is_deep();
    is_sure.then_some(Stay::new(run.first))
}

fn entering(run: &mut Run, from: Option<Sighting>, reading: &Reading<'_>) -> (Next, Option<Change>) {
    if reading.says.is_outside() {
        let (turn, confidence) = (Turn::Passed, Confidence::Inferred);
        return (Next::Outside, from.map(|first| Change { turn, first, fixes: 0, confidence }));
    }
    if reading.says != Says::Inside {
        return (if run.add_undecided(reading) { Next::Phase } else { Next::Outside }, None);
    }
    run.add_fix(reading);
    let is_sure = run.is_confirmed(reading, reading.settings.enter_confirm) && run.is_deep();
    (Next::Phase, is_sure.then(|| run.change(Turn::Entered)))
}

/// What becomes of a run that says gone.
enum Leaving {
    GoesOn,
    IsOver,
    Left(Change),
}

fn leaving(run: &mut Run, reading: &Reading<'_>) -> Leaving {
    if reading.says == Says::Inside {
        return Leaving::IsOver;
    }
    if reading.says != Says::Gone {
        return if run.add_undecided(reading) { Leaving::GoesOn } else { Leaving::IsOver };
    }
    run.add_fix(reading);
    if run.is_confirmed(reading, reading.settings.leave_confirm) {
        Leaving::Left(run.change(Turn::Left))
    } else {
        Leaving::GoesOn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phase after a fix `secs` later, `dist_m` from the border, with a 10 m error circle and a margin of 25 m.
    fn after(phase: Option<Phase>, secs: i64, dist_m: f64) -> (Option<Phase>, Option<Change>) {
        let fix_time = DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time");
        let at = LonLat::new(7.42, 43.73).expect("coordinate");
        let reading = Reading {
            says: Says::of(dist_m, 10.0, 25.0),
            dist_m,
            sighting: Sighting { fix_time, acc95_m: 10.0, at, dist_m: None },
            after_gap: false,
            settings: &Settings::default(),
        };
        let Some(mut phase) = phase else { return (begin(&reading, None), None) };
        let (next, change) = step(&mut phase, &reading);
        (Some(phase).filter(|_| next == Next::Phase), change)
    }

    /// `e` and `l` for the events of the fixes (seconds, metres), `i` or `o` for the state in the end.
    fn story(fixes: &[(i64, f64)]) -> String {
        let (mut phase, mut said) = (None, String::new());
        for (secs, dist_m) in fixes {
            let (next, change) = after(phase, *secs, *dist_m);
            phase = next;
            said.extend(change.map(|change| if change.turn == Turn::Entered { 'e' } else { 'l' }));
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
        let (phase, change) = after(Some(Phase::Unknown(None)), 0, -50.0);
        assert!(change.is_none(), "first fix");
        let (phase, change) = after(phase, 30, -50.0);
        assert!(change.is_none(), "confirmed, but not an entry that we saw");
        assert!(phase.is_some_and(|phase| phase.is_inside()), "known to be inside now");
        let (phase, _) = after(Some(Phase::Unknown(None)), 0, 50.0);
        assert!(matches!(phase, Some(Phase::Unknown(_))), "one reflection outside settles nothing");
        assert_eq!(after(phase, 30, 50.0), (None, None), "two fixes outside: a later entry is news");
    }
}
