//! What speaks for and against somebody, and what that makes of the order.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use domain::ResourceId;
use domain::position::PositionState;
use domain::travel::TravelSource;

use super::insertion::{TOLERANCE_SECS, Visit, over_promise_secs, starts};
use super::{Candidate, Look, Reason, Shortfall, Suggestion, Wanted};
use crate::chain::{Activity, FRESH_FIX_SECS, Fix, Unknown};

/// A day that gets longer by no more driving than this gets hardly longer, seconds.
const ON_THE_WAY_SECS: i64 = 180;
/// Times this close are the same to a dispatcher, seconds.
const SAME_TIME_SECS: i64 = 300;
const MINUTE: i64 = 60;

/// What somebody is to a task, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Can,
    CanFromAfar,
    NobodyKnows,
    Cannot,
    OffDuty,
}

/// Somebody with all that was found out.
pub(super) struct Judged {
    suggestion: Suggestion,
    standing: Standing,
    missing_skills: usize,
    /// Seconds from now until the work would begin, with what speaks against them; `None`: nobody knows.
    score_secs: Option<i64>,
    penalty_secs: i64,
    open_tasks: u32,
    tasks_there: u32,
}

impl Judged {
    pub fn of(candidate: &Candidate, wanted: &Wanted, look: Look, now: DateTime<Utc>) -> Self {
        let Look { visit, is_close } = look;
        let shortfalls = shortfalls(candidate, wanted, &visit, now);
        let penalty_secs = shortfalls.iter().map(penalty_secs).sum();
        let visit = visit.ok();
        let score_secs =
            visit.as_ref().map(|visit| (starts(wanted, &visit.eta) - now).num_seconds() + penalty_secs);
        Judged {
            standing: standing(candidate, &shortfalls, visit.is_some(), is_close),
            missing_skills: candidate.missing_skills.len(),
            score_secs,
            penalty_secs,
            open_tasks: candidate.open_tasks,
            tasks_there: candidate.tasks_there,
            suggestion: Suggestion {
                resource: candidate.resource,
                arrival: visit.as_ref().map(|visit| visit.eta),
                drive: visit.as_ref().map(|visit| visit.drive),
                extra_drive_secs: visit.as_ref().and_then(|visit| visit.extra_drive_secs),
                reasons: reasons(candidate, wanted, visit.as_ref()),
                shortfalls,
            },
        }
    }

    fn order(&self, best_secs: i64) -> Order {
        let detour_minutes = self.suggestion.extra_drive_secs.map(|secs| secs / MINUTE);
        let later = |secs: i64| (secs - best_secs).div_euclid(SAME_TIME_SECS);
        Order {
            standing: self.standing,
            missing_skills: if self.standing == Standing::Cannot { self.missing_skills } else { 0 },
            is_unknown: self.score_secs.is_none(),
            steps_later: self.score_secs.map_or(self.penalty_secs, later),
            detour: (detour_minutes.is_none(), detour_minutes),
            open_tasks: self.open_tasks,
            tasks_there: Reverse(self.tasks_there),
            score_secs: self.score_secs,
            resource: self.suggestion.resource,
        }
    }
}

/// What decides, the most important first; see the module's rule.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    standing: Standing,
    missing_skills: usize,
    is_unknown: bool,
    /// Five minutes each; of somebody of whom no time is known, what speaks against them.
    steps_later: i64,
    detour: (bool, Option<i64>),
    open_tasks: u32,
    tasks_there: Reverse<u32>,
    score_secs: Option<i64>,
    resource: ResourceId,
}

/// Best first, with what is only known of somebody beside the others.
pub(super) fn ranked(mut judged: Vec<Judged>) -> Vec<Suggestion> {
    beside_others(&mut judged);
    let can = judged.iter().filter(|one| one.standing == Standing::Can);
    let best_secs = can.filter_map(|one| one.score_secs).min().unwrap_or(0);
    judged.sort_by_cached_key(|one| one.order(best_secs));
    judged.into_iter().map(|one| one.suggestion).collect()
}

fn beside_others(judged: &mut [Judged]) {
    let can = judged.iter().filter(|one| one.standing == Standing::Can);
    let earliest = can.filter_map(|one| one.suggestion.arrival).map(|eta| eta.p50).min();
    let on_duty = judged.iter().filter(|one| one.standing != Standing::OffDuty);
    let mut open_tasks: Vec<u32> = on_duty.map(|one| one.open_tasks).collect();
    open_tasks.sort_unstable();
    let others = open_tasks.len().saturating_sub(1);
    for one in judged.iter_mut().filter(|one| one.standing != Standing::OffDuty) {
        let more = open_tasks.len() - open_tasks.partition_point(|tasks| *tasks <= one.open_tasks);
        if more * 2 > others {
            one.suggestion.reasons.push(Reason::LittleToDo);
        }
        let arrival = one.suggestion.arrival.map(|eta| eta.p50);
        if one.standing == Standing::Can && arrival == earliest {
            one.suggestion.reasons.insert(0, Reason::Fastest);
        }
    }
}

fn standing(candidate: &Candidate, shortfalls: &[Shortfall], is_known: bool, is_close: bool) -> Standing {
    let cannot = |shortfall: &Shortfall| {
        matches!(shortfall, Shortfall::MissingSkills(_) | Shortfall::NoWay | Shortfall::TooMuchToCarry)
    };
    match candidate.position {
        PositionState::OffDuty => Standing::OffDuty,
        PositionState::Live
        | PositionState::Stale
        | PositionState::NoFix
        | PositionState::Private { .. }
        | PositionState::DeviceSilent => match (is_known, is_close) {
            _ if shortfalls.iter().any(cannot) => Standing::Cannot,
            (false, _) => Standing::NobodyKnows,
            (true, true) => Standing::Can,
            (true, false) => Standing::CanFromAfar,
        },
    }
}

fn reasons(candidate: &Candidate, wanted: &Wanted, visit: Option<&Visit>) -> Vec<Reason> {
    let eta = visit.map(|visit| &visit.eta);
    let by = |end: Option<DateTime<Utc>>| eta.zip(end).is_some_and(|(eta, end)| eta.p90 <= end);
    let has_others = candidate.queue.iter().any(|queued| queued.stop.task != wanted.stop.task);
    let is_free = candidate.activity == Activity::Free && !has_others;
    let is_short = |visit: &Visit| visit.extra_drive_secs.is_some_and(|secs| secs <= ON_THE_WAY_SECS);
    let known = [
        (by(wanted.promised_until), Reason::KeepsPromise),
        (by(wanted.stop.window_end), Reason::InTime),
        (wanted.needs_skills && candidate.missing_skills.is_empty(), Reason::HasSkills),
        (has_others && visit.is_some_and(is_short), Reason::OnTheWay),
        (is_free && candidate.position != PositionState::OffDuty, Reason::Free),
        (candidate.tasks_there > 0, Reason::KnowsThePlace(candidate.tasks_there)),
    ];
    let mut reasons: Vec<Reason> =
        known.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect();
    // In which area somebody is says where they are.
    if candidate.position.has_dot() {
        reasons.extend(candidate.areas.iter().copied().map(Reason::InArea));
    }
    reasons
}

fn shortfalls(
    candidate: &Candidate,
    wanted: &Wanted,
    visit: &Result<Visit, Unknown>,
    now: DateTime<Utc>,
) -> Vec<Shortfall> {
    let mut shortfalls = Vec::new();
    if candidate.position == PositionState::OffDuty {
        shortfalls.push(Shortfall::OffDuty);
    }
    if !candidate.missing_skills.is_empty() {
        shortfalls.push(Shortfall::MissingSkills(candidate.missing_skills.clone()));
    }
    if visit.as_ref().err() == Some(&Unknown::NoWay) {
        shortfalls.push(Shortfall::NoWay);
    }
    let carries = candidate.load.saturating_add(wanted.load.into());
    if candidate.capacity.is_some_and(|most| wanted.load > 0 && carries > most.into()) {
        shortfalls.push(Shortfall::TooMuchToCarry);
    }
    match visit {
        Ok(visit) => shortfalls.extend(of_visit(wanted, visit)),
        Err(unknown) => shortfalls.extend(of_place(candidate, *unknown, now)),
    }
    if candidate.has_declined {
        shortfalls.push(Shortfall::DeclinedBefore);
    }
    if let Ok(visit) = visit {
        shortfalls.extend(of_basis(candidate, visit));
    }
    shortfalls
}

/// Why nobody knows when they would be there.
fn of_place(candidate: &Candidate, unknown: Unknown, now: DateTime<Utc>) -> Option<Shortfall> {
    match (unknown, candidate.fix) {
        _ if candidate.position == PositionState::OffDuty => None,
        (Unknown::Private, _) => Some(Shortfall::Private),
        (Unknown::OldFix, Fix::Seen { time, .. }) => {
            Some(Shortfall::StaleLocation((now - time).num_seconds().max(0)))
        }
        (Unknown::OldFix, Fix::Private | Fix::None) | (Unknown::NoFix, _) => Some(Shortfall::NoLocation),
        (Unknown::NoWay, _) => None,
    }
}

/// What the visit would mean.
fn of_visit(wanted: &Wanted, visit: &Visit) -> Vec<Shortfall> {
    let over_secs = over_promise_secs(wanted, &visit.eta);
    let late_secs = visit.eta.late_by_secs;
    let makes_late = visit.makes_late.clone();
    let meant = [
        (over_secs > TOLERANCE_SECS, Shortfall::BreaksPromise(over_secs)),
        (late_secs > TOLERANCE_SECS, Shortfall::Late(late_secs)),
        (!makes_late.is_empty(), Shortfall::MakesLate(makes_late)),
        (visit.over_shift_secs > TOLERANCE_SECS, Shortfall::OutsideShift(visit.over_shift_secs)),
    ];
    meant.into_iter().filter_map(|(holds, shortfall)| holds.then_some(shortfall)).collect()
}

/// What the time rests on.
fn of_basis(candidate: &Candidate, visit: &Visit) -> Vec<Shortfall> {
    // Who works at a place stays there, however old the fix.
    let moves = !matches!(candidate.activity, Activity::Working { .. });
    let age_secs = visit.eta.fix_age_secs;
    let basis = [
        visit.busy_until.map(Shortfall::Busy),
        (moves && age_secs > FRESH_FIX_SECS).then_some(Shortfall::StaleLocation(age_secs)),
        (visit.eta.source == TravelSource::StraightLine).then_some(Shortfall::EstimateOnly),
    ];
    basis.into_iter().flatten().collect()
}

/// What a shortfall counts as, seconds later; see the module's table. What bars somebody at all counts by the standing instead.
fn penalty_secs(shortfall: &Shortfall) -> i64 {
    match shortfall {
        Shortfall::BreaksPromise(_) => 45 * MINUTE,
        Shortfall::Late(_) | Shortfall::DeclinedBefore => 30 * MINUTE,
        Shortfall::MakesLate(tasks) => 30 * MINUTE * tasks.len() as i64,
        Shortfall::OutsideShift(over_secs) => 30 * MINUTE + over_secs,
        Shortfall::StaleLocation(_) => 10 * MINUTE,
        Shortfall::EstimateOnly => 5 * MINUTE,
        Shortfall::OffDuty
        | Shortfall::MissingSkills(_)
        | Shortfall::NoWay
        | Shortfall::TooMuchToCarry
        | Shortfall::Private
        | Shortfall::NoLocation
        | Shortfall::Busy(_) => 0,
    }
}
