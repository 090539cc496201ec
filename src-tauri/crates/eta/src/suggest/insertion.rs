//! The best place for a task in somebody's queue.

use chrono::{DateTime, Utc};
use domain::TaskId;
use domain::position::PositionState;
use domain::travel::TravelMode;

use super::legs::Legs;
use super::{Candidate, Queued, Wanted};
use crate::chain::{Activity, Break, Chain, ChainEta, Eta, Fix, Stop, StopEta, Unknown, chain};
use crate::estimate::{Estimate, GreatCircle, TravelTimes, Trip};
use crate::snap::Place;

/// Less than this is not late, seconds.
pub(super) const TOLERANCE_SECS: i64 = 60;
/// Waiting is worth this part of driving.
const WAIT_SHARE: i64 = 4;
/// A detour that nobody knows counts as this, seconds.
const UNKNOWN_DETOUR_SECS: i64 = 3_600;

/// What somebody has to do, without the task in question.
#[derive(Debug, Clone)]
pub(super) struct Day {
    pub mode: TravelMode,
    fix: Fix,
    activity: Activity,
    queue: Vec<Queued>,
    breaks: Vec<Break>,
    shift_end: Option<DateTime<Utc>>,
}

/// The task at its place in a day.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub eta: Eta,
    pub drive: Estimate,
    pub extra_drive_secs: Option<i64>,
    pub makes_late: Vec<TaskId>,
    /// Beyond the end of the shift with the task; 0 = not.
    pub over_shift_secs: i64,
    /// What was begun takes until then.
    pub busy_until: Option<DateTime<Utc>>,
}

impl Day {
    /// A candidate's day. Nothing is known of a place that may not be shown.
    pub fn of(candidate: &Candidate, wanted: &Wanted) -> Self {
        let is_wanted = |queued: &Queued| queued.stop.task == wanted.stop.task;
        let is_on_it = candidate.queue.first().is_none_or(is_wanted);
        let activity = match candidate.activity {
            Activity::UnderWay if is_on_it => Activity::Free,
            activity @ (Activity::UnderWay | Activity::Working { .. } | Activity::Free) => activity,
        };
        let fix = if matches!(candidate.position, PositionState::Private { .. }) {
            Fix::Private
        } else if candidate.position.has_dot() {
            candidate.fix
        } else {
            Fix::None
        };
        Day {
            mode: candidate.mode,
            fix,
            activity,
            queue: candidate.queue.iter().filter(|queued| !is_wanted(queued)).copied().collect(),
            breaks: candidate.breaks.clone(),
            shift_end: candidate.shift_end,
        }
    }

    /// Where the drives of the day begin: at the fix and at each stop.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.start().into_iter().chain(self.stop_places())
    }

    /// Where the stops are.
    pub fn stop_places(&self) -> impl Iterator<Item = Place> {
        self.queue.iter().map(|queued| queued.stop.at.into())
    }

    fn start(&self) -> Option<Place> {
        match self.fix {
            Fix::Seen { place, .. } => Some(place),
            Fix::Private | Fix::None => None,
        }
    }

    /// The first place in the queue that is not begun.
    fn first_place(&self) -> usize {
        match self.activity {
            Activity::UnderWay => self.queue.len().min(1),
            Activity::Working { .. } | Activity::Free => 0,
        }
    }

    fn stops(&self) -> Vec<Stop> {
        self.queue.iter().map(|queued| queued.stop).collect()
    }

    fn run(&self, stops: &[Stop], times: &dyn TravelTimes, now: DateTime<Utc>) -> ChainEta {
        let Day { mode, fix, activity, breaks, shift_end, .. } = self;
        let (mode, fix, activity) = (*mode, *fix, *activity);
        chain(&Chain { mode, fix, activity, stops, breaks, shift_end: *shift_end }, times, now)
    }

    /// When what was begun is done; `None` where nothing is, or nobody knows.
    fn busy_until(&self, times: &dyn TravelTimes, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut begun = self.stops();
        begun.truncate(self.first_place());
        let done = self.run(&begun, times, now).done.ok()?;
        (self.activity != Activity::Free).then_some(done.p50)
    }
}

/// The task at the best of all places.
pub(super) fn best(day: &Day, wanted: &Wanted, legs: &Legs, now: DateTime<Utc>) -> Result<Visit, Unknown> {
    let stops = day.stops();
    let without = day.run(&stops, legs, now);
    let busy_until = day.busy_until(legs, now);
    let try_at = |place| visit(day, wanted, &Tried { place, without: &without, legs, busy_until }, now);
    let mut tried = (day.first_place()..=stops.len()).map(try_at);
    let first = tried.next().unwrap_or(Err(Unknown::NoWay));
    // The earlier place wins where both cost the same: the later one has to be better.
    tried.filter_map(Result::ok).fold(first, |best, visit| match &best {
        Ok(known) if cost(known, wanted, now) <= cost(&visit, wanted, now) => best,
        Ok(_) | Err(_) => Ok(visit),
    })
}

/// The task at the first place, by the straight line.
pub(super) fn rough(day: &Day, wanted: &Wanted, now: DateTime<Utc>) -> Result<Visit, Unknown> {
    let place = day.first_place();
    let mut stops = day.stops();
    stops.truncate(place);
    stops.push(wanted.stop);
    let with = day.run(&stops, &GreatCircle, now);
    let eta = with.stops.last().map_or(Err(Unknown::NoWay), |last| last.eta)?;
    let from = day.places().nth(place).ok_or(Unknown::NoFix)?;
    let trip = Trip { mode: day.mode, leaves: now };
    Ok(Visit {
        eta,
        drive: GreatCircle.estimate(from, wanted.stop.at.into(), trip).ok_or(Unknown::NoWay)?,
        extra_drive_secs: None,
        makes_late: Vec::new(),
        over_shift_secs: over_shift_secs(&with),
        busy_until: day.busy_until(&GreatCircle, now),
    })
}

/// A place in the queue, and what is known without the task.
struct Tried<'a> {
    place: usize,
    without: &'a ChainEta,
    legs: &'a Legs,
    busy_until: Option<DateTime<Utc>>,
}

fn visit(day: &Day, wanted: &Wanted, tried: &Tried<'_>, now: DateTime<Utc>) -> Result<Visit, Unknown> {
    let Tried { place, without, legs, busy_until } = *tried;
    let mut stops = day.stops();
    stops.insert(place, wanted.stop);
    let mut with = day.run(&stops, legs, now);
    let is_longer = with.done.ok().map(|done| done.p50) > without.done.ok().map(|done| done.p50);
    let over_shift_secs = if is_longer { over_shift_secs(&with) } else { 0 };
    let eta = with.stops.remove(place).eta?;
    let trip = Trip { mode: day.mode, leaves: now };
    let from = day.places().nth(place).ok_or(Unknown::NoFix)?;
    let task = Place::from(wanted.stop.at);
    let drive = legs.estimate(from, task, trip).ok_or(Unknown::NoWay)?;
    let detour = match day.stop_places().nth(place) {
        None => Some(drive.duration_secs),
        Some(next) => legs
            .estimate(task, next, trip)
            .zip(legs.estimate(from, next, trip))
            .map(|(onward, direct)| drive.duration_secs + onward.duration_secs - direct.duration_secs),
    };
    Ok(Visit {
        eta,
        drive,
        // Snapping can make a way through a place a second shorter than the way past it.
        extra_drive_secs: detour.map(|secs| (secs.round() as i64).max(0)),
        makes_late: made_late(day, &without.stops, &with.stops),
        over_shift_secs,
        busy_until,
    })
}

/// Fewest missed appointments first, then within the shift, then least driving and waiting.
fn cost(visit: &Visit, wanted: &Wanted, now: DateTime<Utc>) -> (usize, bool, i64) {
    let is_late = visit.eta.late_by_secs > TOLERANCE_SECS;
    let missed = visit.makes_late.len()
        + usize::from(is_late)
        + usize::from(over_promise_secs(wanted, &visit.eta) > TOLERANCE_SECS);
    let wait_secs = (starts(wanted, &visit.eta) - now).num_seconds().max(0);
    let detour_secs = visit.extra_drive_secs.unwrap_or(UNKNOWN_DETOUR_SECS);
    (missed, visit.over_shift_secs > TOLERANCE_SECS, detour_secs + wait_secs / WAIT_SHARE)
}

/// When the work would begin: whoever is there before the window waits for it.
pub(super) fn starts(wanted: &Wanted, eta: &Eta) -> DateTime<Utc> {
    wanted.stop.window_start.map_or(eta.p50, |start| start.max(eta.p50))
}

/// How much later than the customer was told; 0 = not.
pub(super) fn over_promise_secs(wanted: &Wanted, eta: &Eta) -> i64 {
    wanted.promised_until.map_or(0, |until| (eta.p50 - until).num_seconds().max(0))
}

/// Tasks that are late with the task in the queue, and were not, or not as much, without it.
fn made_late(day: &Day, without: &[StopEta], with: &[StopEta]) -> Vec<TaskId> {
    let over = |queued: &Queued, eta: &Eta| {
        let promise = queued.promised_until.map_or(0, |until| (eta.p50 - until).num_seconds());
        promise.max(eta.late_by_secs).max(0)
    };
    let is_later = |queued: &Queued, without: &StopEta, with: &StopEta| {
        let before = without.eta.ok().map_or(0, |eta| over(queued, &eta));
        with.eta.ok().map_or(0, |eta| over(queued, &eta)) > before + TOLERANCE_SECS
    };
    let days = day.queue.iter().zip(without).zip(with);
    days.filter(|((queued, without), with)| is_later(queued, without, with))
        .map(|((queued, _), _)| queued.stop.task)
        .collect()
}

/// How far beyond the shift all that belongs to it takes; 0 = not.
fn over_shift_secs(day: &ChainEta) -> i64 {
    day.done.ok().and_then(|done| done.over_shift_secs).unwrap_or(0).max(0)
}
