//! All that is asked of the planner, but for the drives.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::task::Task;
use domain::travel::TravelMode;
use domain::{ResourceId, TaskId};
use eta::Place;
use plan::{Assignment, DayProblem, Job, Matrix, PlaceNo, Worker};
use protocol::view::{DeskError, NotPlanned, PlanRequest};

use super::people::{People, Person, Start, people};
use super::tasks::{Basis, DayTasks, basis, day_tasks, decliners, present, promised, service_secs, windows};
use super::when::When;
use crate::check;
use crate::views::Scene;

/// How long a search may take, seconds.
const SECONDS: std::ops::RangeInclusive<u16> = 1..=120;
/// Tasks that are asked to stay.
const MOST_LOCKED: usize = 2_000;

/// A day to plan; only the drives are missing.
#[derive(Debug, Clone)]
pub struct Question {
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// Nothing is planned before.
    pub start: DateTime<Utc>,
    /// How long to search, seconds.
    pub seconds: u16,
    /// Ways of travelling, in the order of the matrices that are missing.
    pub modes: Vec<TravelMode>,
    /// Places, in the order of rows and columns. The matrices have one more: from [`anywhere`] it is no way to any of them.
    pub places: Vec<Place>,
    /// Who has what now, in which order.
    pub present: Assignment,
    /// What it rests on.
    pub basis: BTreeMap<TaskId, Basis>,
    /// Who was asked for and can't be planned.
    pub not_planned: Vec<(ResourceId, NotPlanned)>,
    /// Of those who begin where a fix has them: where they begin once nobody may know that any more.
    pub unseen_starts: BTreeMap<ResourceId, PlaceNo>,
    /// Who is planned.
    pub workers: Vec<Worker>,
    /// What is to be done.
    pub jobs: Vec<Job>,
}

/// Makes the question of what is known. Takes milliseconds for the largest day.
///
/// # Errors
/// Bad input by the name of its field (`from`, `resources`, `tasks`, `locked`, `seconds`); not found or disabled, where somebody is
/// named who is that.
pub fn question(scene: &Scene<'_>, request: &PlanRequest) -> Result<Question, DeskError> {
    check::in_range("seconds", SECONDS.contains(&request.seconds))?;
    check::in_range("locked", request.locked.len() <= MOST_LOCKED)?;
    let when = When::of(request.from, scene.zone, scene.now)?;
    let People { planned: people, not_planned } = people(scene, request, &when)?;
    let horizon = people.iter().map(|person| person.ends).fold(when.day_ends(), DateTime::max);
    let ids: BTreeSet<ResourceId> = people.iter().map(|person| person.id).collect();
    let DayTasks { tasks, locked } = day_tasks(scene, request, &ids, (&when, horizon))?;
    let at_hand = people.iter().map(|person| (person.id, person.at_hand.clone()));
    let mut places = Places::default();
    let mut modes = Vec::new();
    let workers = people.iter().map(|person| worker(person, &mut places, &mut modes)).collect();
    let asked = Asked { scene, request, when: &when, locked: &locked };
    let jobs = tasks.iter().map(|(task, holder)| asked.job(task, *holder, places.number(task.at.into())));
    let jobs = jobs.collect();
    let unseen = people.iter().filter_map(|person| Some((person.id, unseen(person, &mut places)?)));
    let unseen: Vec<(ResourceId, Option<PlaceNo>)> = unseen.collect();
    let anywhere = anywhere(&places.list);
    Ok(Question {
        asked_at: scene.now,
        start: when.start,
        seconds: request.seconds,
        present: present(scene, at_hand, &tasks),
        basis: tasks.iter().map(|(task, _)| (task.id, basis(scene, task))).collect(),
        not_planned,
        unseen_starts: unseen.into_iter().map(|(who, place)| (who, place.unwrap_or(anywhere))).collect(),
        workers,
        jobs,
        modes,
        places: places.list,
    })
}

/// The place that is no place: whoever begins there begins at their first task.
pub fn anywhere(places: &[Place]) -> PlaceNo {
    PlaceNo(places.len() as u32)
}

/// Where somebody begins once nobody may know where they are; `None` where no fix is used, `Some(None)` where nothing else is known.
fn unseen(person: &Person, places: &mut Places) -> Option<Option<PlaceNo>> {
    match person.from {
        Start::Known(_) => None,
        Start::Seen { unseen, .. } => Some(unseen.map(|place| places.number(place))),
    }
}

impl Question {
    /// The whole problem, with a matrix for each way of travelling.
    pub fn with(self, matrices: Vec<Matrix>) -> DayProblem {
        DayProblem { workers: self.workers, jobs: self.jobs, matrices, start: self.start }
    }
}

/// What a day's jobs are made of, but for their tasks.
struct Asked<'a> {
    scene: &'a Scene<'a>,
    request: &'a PlanRequest,
    when: &'a When,
    /// Tasks that stay with whom they are.
    locked: &'a BTreeSet<TaskId>,
}

impl Asked<'_> {
    fn job(&self, task: &Task, holder: Option<ResourceId>, place: PlaceNo) -> Job {
        Job {
            id: task.id,
            place,
            service_secs: service_secs(task, self.when),
            windows: windows(task, self.when),
            in_time_only: self.request.in_time_only && task.window_end.is_some(),
            skills: self.scene.needed_skills(task),
            demand: vec![task.load],
            priority: task.priority,
            assigned_to: holder,
            locked: self.locked.contains(&task.id),
            not_by: decliners(task),
            promised: promised(task, self.when),
        }
    }
}

fn worker(person: &Person, places: &mut Places, modes: &mut Vec<TravelMode>) -> Worker {
    let travels = modes.iter().position(|mode| *mode == person.mode).unwrap_or_else(|| {
        modes.push(person.mode);
        modes.len() - 1
    });
    let (Start::Known(from) | Start::Seen { at: from, .. }) = person.from;
    Worker {
        id: person.id,
        travels,
        starts_at: places.number(from),
        starts: person.starts,
        ends_at: person.home.map(|home| places.number(home.into())),
        ends: person.ends,
        breaks: person.breaks.clone(),
        skills: person.skills.clone(),
        capacity: vec![person.capacity.unwrap_or(u32::MAX)],
        fixed: person.at_hand.clone(),
    }
}

/// Places without doubles: several tasks are at one address.
#[derive(Default)]
struct Places {
    list: Vec<Place>,
    known: HashMap<[u64; 3], PlaceNo>,
}

impl Places {
    fn number(&mut self, place: Place) -> PlaceNo {
        let heading = place.heading_deg.map_or(u64::MAX, f64::to_bits);
        let key = [place.at.lon().to_bits(), place.at.lat().to_bits(), heading];
        *self.known.entry(key).or_insert_with(|| {
            self.list.push(place);
            PlaceNo((self.list.len() - 1) as u32)
        })
    }
}
