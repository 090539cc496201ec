//! Who could do a task, and the way there: the question from what the desk knows, the answer from the roads.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::bid::BidLineStatus;
use domain::position::PositionState;
use domain::resource::Resource;
use domain::task::{Actor, Task, TaskStatus};
use domain::{LonLat, PoiId, ResourceId, SkillId, TaskId};
use eta::suggest::{self, Candidate, Queued, Wanted};
use eta::{Activity, Place, Stop, Trip};
use protocol::view::{
    CandidateFilter, RouteView, Shortfall, SuggestedArrival, SuggestionReason, SuggestionView,
    SuggestionsView,
};

use crate::arrivals::{day, stop};
use crate::etas::SharedTimes;
use crate::rows::Rows;
use crate::views::Scene;
use crate::work::is_on_site;

/// Tasks this close to each other are at the same place, metres.
const SAME_PLACE_M: f64 = 50.0;
/// The same in degrees of latitude, with something to spare: most tasks are farther, and that is seen faster.
const SAME_PLACE_DEG: f64 = 0.000_5;

/// What is asked of the road graph for one list of candidates; everything else is already known.
pub struct Question {
    task: TaskId,
    wanted: Wanted,
    candidates: Vec<Candidate>,
    people: HashMap<ResourceId, Person>,
    now: DateTime<Utc>,
    is_past: bool,
}

/// What is shown of somebody, whatever the roads say.
struct Person {
    position: PositionState,
    fix_age_secs: Option<i64>,
    open_tasks: u32,
}

/// Where the question is put.
pub struct Asked<'a> {
    /// The company, now or as it was.
    pub scene: Scene<'a>,
    /// Everything that is cached, for what was done before.
    pub known: &'a Rows,
    /// The task as it is or was.
    pub task: &'a Task,
    /// Areas that somebody and the task are in.
    pub areas: HashMap<ResourceId, Vec<PoiId>>,
    /// Whether the moment is a past one.
    pub is_past: bool,
}

/// Who is worth asking about.
pub fn question(asked: Asked<'_>, filter: &CandidateFilter) -> Question {
    let Asked { scene, known, task, mut areas, is_past } = asked;
    let scene = &scene;
    let about = About {
        needed: scene.needed_skills(task),
        declined: declined(known, task, scene.now),
        tasks_there: tasks_there(known, task, scene.now),
    };
    let cards = scene.picture.shown().resources.values().map(|row| &row.data);
    let (mut candidates, mut people) = (Vec::new(), HashMap::new());
    for card in cards.filter(|card| is_asked(scene, card, task.at, filter)) {
        let (candidate, person) = about.somebody(scene, card, task);
        people.insert(card.id, person);
        candidates.push(Candidate { areas: areas.remove(&card.id).unwrap_or_default(), ..candidate });
    }
    let wanted = Wanted {
        stop: stop(task, None),
        promised_until: task.open_promise().map(|promise| promise.until),
        load: task.load,
        needs_skills: !about.needed.is_empty(),
    };
    Question { task: task.id, wanted, candidates, people, now: scene.now, is_past }
}

/// Whom the filter leaves. How far somebody is of whom no place is known can't be within anything.
fn is_asked(scene: &Scene<'_>, card: &Resource, to: LonLat, filter: &CandidateFilter) -> bool {
    let is_near = |radius_m: f64| {
        let fix = scene.positions.fix(card.id).filter(|_| scene.position(card.id).has_dot());
        fix.is_some_and(|fix| fix.at.distance_m(to) <= radius_m)
    };
    !card.disabled
        && filter.group.is_none_or(|group| card.group == group)
        && filter.skill.is_none_or(|skill| card.skills.contains(&skill))
        && (!filter.on_duty || card.on_duty)
        && filter.radius_m.is_none_or(is_near)
}

/// What the task has to do with people.
struct About {
    needed: Vec<SkillId>,
    declined: BTreeSet<ResourceId>,
    tasks_there: HashMap<ResourceId, u32>,
}

impl About {
    fn somebody(&self, scene: &Scene<'_>, card: &Resource, task: &Task) -> (Candidate, Person) {
        let position = scene.position(card.id);
        let fix = scene.positions.fix(card.id).filter(|_| position.has_dot());
        let current = scene.work.load(card.id).and_then(|load| load.current);
        let is_at_it = current == Some(task.id) && is_on_site(task.status);
        let open_tasks = scene.work.open_tasks(card.id);
        let day = day(scene, card);
        let candidate = Candidate {
            resource: card.id,
            position,
            mode: day.mode,
            fix: day.fix,
            activity: if is_at_it { Activity::Free } else { day.activity },
            queue: day.stops.into_iter().map(|stop| queued(scene, stop)).collect(),
            breaks: day.breaks,
            shift_end: day.shift_end,
            missing_skills: card.missing_skills(&self.needed),
            capacity: card.capacity,
            load: carried(scene, card.id, task.id),
            open_tasks,
            areas: Vec::new(),
            tasks_there: self.tasks_there.get(&card.id).copied().unwrap_or(0),
            has_declined: self.declined.contains(&card.id),
        };
        let fix_age_secs = fix.map(|fix| (scene.now - fix.fix_time).num_seconds().max(0));
        (candidate, Person { position, fix_age_secs, open_tasks })
    }
}

fn queued(scene: &Scene<'_>, stop: Stop) -> Queued {
    let promise = scene.task_row(stop.task).and_then(Task::open_promise);
    Queued { stop, promised_until: promise.map(|promise| promise.until) }
}

/// What somebody's other tasks take of what they can carry.
fn carried(scene: &Scene<'_>, resource: ResourceId, but: TaskId) -> u64 {
    let load = scene.work.load(resource);
    let tasks = load.into_iter().flat_map(|load| load.queue.iter().copied().chain(load.current));
    let others: BTreeSet<TaskId> = tasks.filter(|task| *task != but).collect();
    others.into_iter().filter_map(|id| scene.task_row(id)).map(|task| u64::from(task.load)).sum()
}

/// Who has said no to the task before `now`, themselves or to its bids.
fn declined(known: &Rows, task: &Task, now: DateTime<Utc>) -> BTreeSet<ResourceId> {
    let steps = task.timeline.iter().filter(|step| step.status == TaskStatus::Declined && step.at <= now);
    let themselves = steps.filter_map(|step| match step.by {
        Actor::Field(resource) => Some(resource),
        Actor::Office(_) | Actor::Server => None,
    });
    let bids = known.bids.values().filter(|row| row.data.task == task.id);
    let lines = bids.flat_map(|row| &row.data.lines);
    let to_bids = lines.filter(|line| line.status == BidLineStatus::Declined && line.changed_at <= now);
    themselves.chain(to_bids.map(|line| line.resource)).collect()
}

/// How many tasks at the same place everybody had done before `now`, of those that are cached.
fn tasks_there(known: &Rows, task: &Task, now: DateTime<Utc>) -> HashMap<ResourceId, u32> {
    let is_there = |other: &Task| {
        let same_poi = task.poi.is_some() && other.poi == task.poi;
        let near = (other.at.lat() - task.at.lat()).abs() < SAME_PLACE_DEG;
        other.id != task.id && (same_poi || near && other.at.distance_m(task.at) <= SAME_PLACE_M)
    };
    let is_done = |other: &Task| {
        let closed = other.timeline.iter().rfind(|step| step.status == TaskStatus::Closed);
        other.status == TaskStatus::Closed && closed.is_none_or(|step| step.at <= now)
    };
    let mut done = HashMap::new();
    for other in known.tasks.values().map(|row| &row.data).filter(|other| is_there(other) && is_done(other)) {
        if let Some(resource) = other.resource {
            *done.entry(resource).or_insert(0) += 1;
        }
    }
    done
}

/// The list, best first, by the rule of [`eta::suggest`]. Takes some tens of milliseconds for hundreds of people: not for the loop.
pub fn answer(question: Question, times: &SharedTimes) -> SuggestionsView {
    let Question { task, wanted, candidates, people, now, is_past } = question;
    let ranked = suggest::suggest(&wanted, &candidates, &**times, now);
    let view = |suggestion: suggest::Suggestion| Some(view(people.get(&suggestion.resource)?, suggestion));
    SuggestionsView { task, at: now, is_past, list: ranked.into_iter().filter_map(view).collect() }
}

fn view(person: &Person, suggestion: suggest::Suggestion) -> SuggestionView {
    let arrival = suggestion.arrival;
    SuggestionView {
        resource: suggestion.resource,
        position: person.position,
        arrival: arrival.map(|eta| SuggestedArrival { p50: eta.p50, p90: eta.p90, source: eta.source }),
        drive_secs: suggestion.drive.map(|drive| drive.duration_secs.round() as u32),
        distance_m: suggestion.drive.map(|drive| drive.distance_m),
        extra_drive_secs: suggestion.extra_drive_secs,
        fix_age_secs: person.fix_age_secs,
        open_tasks: person.open_tasks,
        reasons: suggestion.reasons.into_iter().map(reason).collect(),
        shortfalls: suggestion.shortfalls.into_iter().map(shortfall).collect(),
    }
}

fn reason(reason: suggest::Reason) -> SuggestionReason {
    use suggest::Reason;
    match reason {
        Reason::Fastest => SuggestionReason::Fastest,
        Reason::KeepsPromise => SuggestionReason::KeepsPromise,
        Reason::InTime => SuggestionReason::InTime,
        Reason::HasSkills => SuggestionReason::HasSkills,
        Reason::OnTheWay => SuggestionReason::OnTheWay,
        Reason::Free => SuggestionReason::Free,
        Reason::KnowsThePlace(tasks) => SuggestionReason::KnowsThePlace { tasks },
        Reason::InArea(poi) => SuggestionReason::InArea { poi },
        Reason::LittleToDo => SuggestionReason::LittleToDo,
    }
}

fn shortfall(shortfall: suggest::Shortfall) -> Shortfall {
    use suggest::Shortfall as Known;
    match shortfall {
        Known::OffDuty => Shortfall::OffDuty,
        Known::MissingSkills(skills) => Shortfall::MissingSkills { skills },
        Known::NoWay => Shortfall::NoWay,
        Known::TooMuchToCarry => Shortfall::TooMuchToCarry,
        Known::Private => Shortfall::Private,
        Known::NoLocation => Shortfall::NoLocation,
        Known::BreaksPromise(over_secs) => Shortfall::BreaksPromise { over_secs },
        Known::Late(late_secs) => Shortfall::Late { late_secs },
        Known::MakesLate(tasks) => Shortfall::MakesLate { tasks },
        Known::OutsideShift(over_secs) => Shortfall::OutsideShift { over_secs },
        Known::DeclinedBefore => Shortfall::DeclinedBefore,
        Known::Busy(until) => Shortfall::Busy { until },
        Known::StaleLocation(age_secs) => Shortfall::StaleLocation { age_secs },
        Known::EstimateOnly => Shortfall::EstimateOnly,
    }
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
