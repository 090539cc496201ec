//! Who could do a task, and the way there.

use chrono::{DateTime, Utc};
use domain::position::{Fix, PositionState};
use domain::task::Task;
use domain::{LonLat, ResourceId, SkillId};
use eta::{Place, Quality, Router};
use protocol::view::{CandidateFilter, CandidateView, RouteView};

use crate::arrivals::place;
use crate::etas::SharedTimes;
use crate::views::Scene;

/// What is asked of the road graph for one list of candidates; everything else is already known.
pub struct Question {
    people: Vec<Person>,
    to: LonLat,
}

struct Person {
    view: CandidateView,
    from: Option<Place>,
    off_duty: bool,
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
    let people = wanted.map(|card| person(scene, card.id, card.missing_skills(&needed)));
    let near = |person: &Person| match (filter.radius_m, person.from) {
        (None, _) => true,
        (Some(radius_m), Some(from)) => from.at.distance_m(task.at) <= radius_m,
        (Some(_), None) => false,
    };
    Question { people: people.filter(near).collect(), to: task.at }
}

fn person(scene: &Scene<'_>, resource: ResourceId, missing_skills: Vec<SkillId>) -> Person {
    let position = scene.position(resource);
    let fix = scene.positions.fix(resource).filter(|_| position.has_dot());
    let view = CandidateView {
        resource,
        drive_secs: None,
        by_road: false,
        distance_m: None,
        fix_age_secs: fix.map(|fix| age_secs(fix, scene.now)),
        open_tasks: scene.work.open_tasks(resource),
        position,
        missing_skills,
    };
    Person { view, from: fix.map(place), off_duty: matches!(position, PositionState::OffDuty) }
}

fn age_secs(fix: &Fix, now: DateTime<Utc>) -> i64 {
    (now - fix.fix_time).num_seconds().max(0)
}

/// The candidates, best first: on duty, with the skills, then the shortest drive, then the least to do. Takes some ten
/// microseconds for each: not for the loop.
pub fn answer(question: Question, times: &SharedTimes) -> Vec<CandidateView> {
    let to = question.to;
    let mut people: Vec<Person> = question.people;
    for person in &mut people {
        if let Some(drive) = person.from.and_then(|from| times.estimate(from, to.into())) {
            person.view.drive_secs = Some(drive.duration_secs.round() as u32);
            person.view.distance_m = Some(drive.distance_m);
            person.view.by_road = drive.quality == Quality::Road;
        }
    }
    people.sort_by_key(|person| {
        let view = &person.view;
        let drive = (view.drive_secs.is_none(), view.drive_secs);
        (person.off_duty, view.missing_skills.len(), drive, view.open_tasks, view.resource)
    });
    people.into_iter().map(|person| person.view).collect()
}

/// The way from `from` to `to`: along roads where both are on roads, else a straight line that says so.
pub fn route(router: Option<&Router>, times: &SharedTimes, from: Place, to: LonLat) -> Option<RouteView> {
    if let Some(route) = router.and_then(|router| router.route(from, to).ok()) {
        return Some(RouteView {
            points: route.points,
            duration_secs: route.duration_secs.round() as u32,
            distance_m: route.distance_m,
            by_road: true,
        });
    }
    let estimate = times.estimate(from, to.into())?;
    Some(RouteView {
        points: vec![from.at, to],
        duration_secs: estimate.duration_secs.round() as u32,
        distance_m: estimate.distance_m,
        by_road: false,
    })
}
