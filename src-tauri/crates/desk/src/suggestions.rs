//! Who could do a task, and the way there.

use chrono::{DateTime, Utc};
use domain::position::{Fix, PositionState};
use domain::task::Task;
use domain::travel::TravelMode;
use domain::{LonLat, ResourceId, SkillId, TaskId};
use eta::{Place, Trip};
use protocol::view::{
    CandidateFilter, RouteView, Shortfall, SuggestedArrival, SuggestionReason, SuggestionView,
    SuggestionsView,
};

use crate::arrivals::place;
use crate::etas::SharedTimes;
use crate::views::Scene;

/// What is asked of the road graph for one list of candidates; everything else is already known.
pub struct Question {
    task: TaskId,
    people: Vec<Person>,
    to: LonLat,
    now: DateTime<Utc>,
}

struct Person {
    view: SuggestionView,
    mode: TravelMode,
    from: Option<Place>,
    missing_skills: usize,
}

/// Who is worth asking about, as of `scene`.
pub fn question(scene: &Scene<'_>, task: &Task, filter: &CandidateFilter) -> Question {
    let needed = scene.needed_skills(task);
    let cards = scene.picture.shown().resources.values().map(|row| &row.data);
    let wanted = cards.filter(|card| !card.disabled).filter(|card| {
        filter.group.is_none_or(|group| card.group == group)
            && filter.skill.is_none_or(|skill| card.skills.contains(&skill))
            && (!filter.on_duty || card.on_duty)
    });
    let people = wanted.map(|card| person(scene, card.id, card.travels, card.missing_skills(&needed)));
    let near = |person: &Person| match (filter.radius_m, person.from) {
        (None, _) => true,
        (Some(radius_m), Some(from)) => from.at.distance_m(task.at) <= radius_m,
        (Some(_), None) => false,
    };
    Question { task: task.id, people: people.filter(near).collect(), to: task.at, now: scene.now }
}

fn person(scene: &Scene<'_>, resource: ResourceId, mode: TravelMode, missing_skills: Vec<SkillId>) -> Person {
    let position = scene.position(resource);
    let fix = scene.positions.fix(resource).filter(|_| position.has_dot());
    let missing = missing_skills.len();
    let mut shortfalls = Vec::new();
    if missing > 0 {
        shortfalls.push(Shortfall::MissingSkills { skills: missing_skills });
    }
    if matches!(position, PositionState::OffDuty) {
        shortfalls.push(Shortfall::OffDuty);
    }
    let view = SuggestionView {
        resource,
        position,
        arrival: None,
        drive_secs: None,
        distance_m: None,
        extra_drive_secs: None,
        fix_age_secs: fix.map(|fix| age_secs(fix, scene.now)),
        open_tasks: scene.work.open_tasks(resource),
        reasons: Vec::new(),
        shortfalls,
    };
    Person { view, mode, from: fix.map(place), missing_skills: missing }
}

fn age_secs(fix: &Fix, now: DateTime<Utc>) -> i64 {
    (now - fix.fix_time).num_seconds().max(0)
}

/// The list, best first: on duty, with the skills, then the shortest drive, then the least to do. Takes some ten microseconds for
/// each: not for the loop.
pub fn answer(question: Question, times: &SharedTimes) -> SuggestionsView {
    let (to, now) = (question.to, question.now);
    let mut people: Vec<Person> = question.people;
    for person in &mut people {
        let trip = Trip { mode: person.mode, leaves: now };
        let Some(drive) = person.from.and_then(|from| times.estimate(from, to.into(), trip)) else {
            continue;
        };
        let p50 = now + chrono::TimeDelta::milliseconds((drive.duration_secs * 1_000.0) as i64);
        person.view.arrival = Some(SuggestedArrival { p50, p90: p50, source: drive.source });
        person.view.drive_secs = Some(drive.duration_secs.round() as u32);
        person.view.distance_m = Some(drive.distance_m);
    }
    people.sort_by_key(|person| {
        let view = &person.view;
        let drive = (view.drive_secs.is_none(), view.drive_secs);
        let off_duty = matches!(view.position, PositionState::OffDuty);
        (off_duty, person.missing_skills, drive, view.open_tasks, view.resource)
    });
    let mut list: Vec<SuggestionView> = people.into_iter().map(|person| person.view).collect();
    if let Some(first) = list.first_mut().filter(|first| first.arrival.is_some()) {
        first.reasons.push(SuggestionReason::Fastest);
    }
    SuggestionsView { task: question.task, at: now, is_past: false, list }
}

/// The way from `from` to `to`: along roads where both are on roads, else a straight line that says so.
pub fn route(times: &SharedTimes, from: Place, to: LonLat, trip: Trip) -> Option<RouteView> {
    let way = times.way(from, to.into(), trip)?;
    Some(RouteView {
        points: way.points,
        duration_secs: way.estimate.duration_secs.round() as u32,
        distance_m: way.estimate.distance_m,
        source: way.estimate.source,
    })
}
