//! Who could take a task: everybody who may be asked, best first, with what speaks for and against each.
//!
//! # How somebody is looked at
//!
//! The task is tried at every place of their queue: after what they have begun (the work at hand, the drive they are on), before
//! and after each later task. Nothing that was begun is put off. Of these places the one is taken
//!
//! 1. at which the fewest appointments are missed: tasks of theirs that would be late or later, the window of the task itself,
//!    what the customer was told;
//! 2. that ends within the shift;
//! 3. that costs least, where four minutes of waiting are worth one minute more of driving: a detour of ten minutes now is better
//!    than none in three hours.
//!
//! What [`chain`](crate::chain()) says of their arrival there is what is suggested.
//!
//! # The order
//!
//! First by what they are to this task:
//!
//! 1. who can do it;
//! 2. who can do it, but has so far to go that only the straight line was looked at (see below);
//! 3. who could, but nobody knows when: private, without a position, or with one that is hours old;
//! 4. who can't, as things are: lacks skills, can't carry it, no road leads there; the fewest missing skills first;
//! 5. who is off duty.
//!
//! Within the same, by the expected arrival (P50), or the start of the window where they would have to wait for it. What speaks
//! against them counts as if they came later:
//!
//! | shortfall | minutes |
//! |---|---|
//! | breaks what the customer was told | 45 |
//! | comes after the window | 30 |
//! | makes other tasks late | 30 each |
//! | works beyond the shift | 30, and each minute beyond |
//! | has declined the task before | 30 |
//! | the position is old | 10 |
//! | the travel time is only an estimate | 5 |
//!
//! Within the same five minutes of that, counted from the best, nobody is better for the time: then least extra driving (in
//! minutes), least to do, and most tasks done at the place before decide; then the exact time, then the id, so that the same
//! question always has the same answer.
//!
//! # How many are looked at
//!
//! The [`LOOKED_AT`] who are nearest in time by the straight line are looked at along the roads. For companies with more people in
//! reach than that, all others get the straight line to their first possible place, say so ([`Shortfall::EstimateOnly`]), and come
//! behind: no extra driving is known of them, nor whom they would make late. A drive is reckoned for the hour of the question.

mod insertion;
mod legs;
#[cfg(test)]
mod tests;
mod weigh;

use chrono::{DateTime, Utc};
use domain::position::PositionState;
use domain::travel::TravelMode;
use domain::{PoiId, ResourceId, SkillId, TaskId};

use self::insertion::{Day, Visit};
use self::weigh::Judged;
use crate::chain::{Activity, Break, Eta, Fix, Stop, Unknown};
use crate::estimate::{Estimate, TravelTimes};

/// So many are looked at along the roads.
pub const LOOKED_AT: usize = 400;

/// The task that somebody is sought for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// Where, when, and how long.
    pub stop: Stop,
    /// The customer was told that somebody is there by then.
    pub promised_until: Option<DateTime<Utc>>,
    /// What it takes of a capacity.
    pub load: u32,
    /// Whether it needs any skill.
    pub needs_skills: bool,
}

/// A task that somebody has already.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queued {
    /// Where, when, and how long.
    pub stop: Stop,
    /// The customer was told that somebody is there by then.
    pub promised_until: Option<DateTime<Utc>>,
}

/// Somebody who may be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Who.
    pub resource: ResourceId,
    /// What may be said of their place. Where that is nothing, `fix` and `areas` are not looked at.
    pub position: PositionState,
    /// By what they travel.
    pub mode: TravelMode,
    /// Where they were seen.
    pub fix: Fix,
    /// What they do.
    pub activity: Activity,
    /// Where they go, in order; the task in question may be among them.
    pub queue: Vec<Queued>,
    /// Breaks of their shift.
    pub breaks: Vec<Break>,
    /// When their shift ends, where that is known.
    pub shift_end: Option<DateTime<Utc>>,
    /// Skills of the task that they lack.
    pub missing_skills: Vec<SkillId>,
    /// What they can carry; `None`: as much as comes.
    pub capacity: Option<u32>,
    /// What their other tasks take of it.
    pub load: u64,
    /// Tasks of theirs that are not over.
    pub open_tasks: u32,
    /// Areas that both they and the task are in.
    pub areas: Vec<PoiId>,
    /// Tasks they have done at the place.
    pub tasks_there: u32,
    /// Whether they have declined the task.
    pub has_declined: bool,
}

/// Somebody who is suggested.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Who.
    pub resource: ResourceId,
    /// When they would be there; `None`: nobody knows.
    pub arrival: Option<Eta>,
    /// The drive to the task from where they come from then.
    pub drive: Option<Estimate>,
    /// Driving that their day gets longer by, seconds; `None`: not known.
    pub extra_drive_secs: Option<i64>,
    /// What speaks for them, most important first.
    pub reasons: Vec<Reason>,
    /// What speaks against them, most important first.
    pub shortfalls: Vec<Shortfall>,
}

/// What speaks for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nobody else who can do it is there earlier.
    Fastest,
    /// Keeps what the customer was told, nine times in ten.
    KeepsPromise,
    /// Is there within the window nine times in ten.
    InTime,
    /// Has the skills that the task needs.
    HasSkills,
    /// Passes by anyway: the day gets longer by no more than three minutes of driving.
    OnTheWay,
    /// Has nothing else to do.
    Free,
    /// Has done so many tasks at the place.
    KnowsThePlace(u32),
    /// Is in the same area.
    InArea(PoiId),
    /// Has less to do than most of the others.
    LittleToDo,
}

/// What speaks against somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// Is signed out.
    OffDuty,
    /// Lacks these skills.
    MissingSkills(Vec<SkillId>),
    /// No road leads there, or it is too far to say anything.
    NoWay,
    /// Can't carry it with the rest.
    TooMuchToCarry,
    /// Has switched the location off.
    Private,
    /// No position is known.
    NoLocation,
    /// Would break what the customer was told, by so many seconds.
    BreaksPromise(i64),
    /// Would come so many seconds after the window.
    Late(i64),
    /// Others of their tasks would be late, or later.
    MakesLate(Vec<TaskId>),
    /// Would work so many seconds beyond the shift.
    OutsideShift(i64),
    /// Has declined the task.
    DeclinedBefore,
    /// Has something at hand until then.
    Busy(DateTime<Utc>),
    /// The position is so many seconds old.
    StaleLocation(i64),
    /// The travel time is from the straight line.
    EstimateOnly,
}

/// Everybody, best first.
pub fn suggest(
    wanted: &Wanted,
    candidates: &[Candidate],
    times: &dyn TravelTimes,
    now: DateTime<Utc>,
) -> Vec<Suggestion> {
    let days: Vec<Day> = candidates.iter().map(|candidate| Day::of(candidate, wanted)).collect();
    let mut looks: Vec<Look> = days.iter().map(|day| Look::roughly(day, wanted, now)).collect();
    let near = nearest(candidates, &looks);
    let legs = legs::legs(&near.iter().map(|index| &days[*index]).collect::<Vec<_>>(), wanted, times, now);
    for (index, legs) in near.into_iter().zip(legs) {
        looks[index] = Look { visit: insertion::best(&days[index], wanted, &legs, now), is_close: true };
    }
    let judged: Vec<Judged> = candidates
        .iter()
        .zip(looks)
        .map(|(candidate, look)| Judged::of(candidate, wanted, look, now))
        .collect();
    weigh::ranked(judged)
}

/// What was found out of somebody.
struct Look {
    visit: Result<Visit, Unknown>,
    /// Along the roads, with all places of the queue.
    is_close: bool,
}

impl Look {
    /// By the straight line, at the first place of the queue.
    fn roughly(day: &Day, wanted: &Wanted, now: DateTime<Utc>) -> Self {
        Look { visit: insertion::rough(day, wanted, now), is_close: false }
    }
}

/// Who is to be looked at along the roads: who can do it first, then the soonest by the straight line. Where that line says nothing,
/// the roads may.
fn nearest(candidates: &[Candidate], looks: &[Look]) -> Vec<usize> {
    let is_placed = |look: &Look| matches!(look.visit, Ok(_) | Err(Unknown::NoWay));
    let mut near: Vec<usize> = (0..looks.len()).filter(|index| is_placed(&looks[*index])).collect();
    near.sort_by_cached_key(|index| {
        let candidate = &candidates[*index];
        let arrival = looks[*index].visit.as_ref().ok().map(|visit| visit.eta.p50);
        (!candidate.missing_skills.is_empty(), arrival.is_none(), arrival, candidate.resource)
    });
    near.truncate(LOOKED_AT);
    near
}
