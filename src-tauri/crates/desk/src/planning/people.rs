//! Who is planned, from where and until when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::position::SILENT_AFTER;
use domain::resource::Resource;
use domain::task::{Task, TaskStatus};
use domain::travel::TravelMode;
use domain::{LonLat, ResourceId, SkillId, TaskId};
use eta::Place;
use plan::Break;
use protocol::view::{DeskError, DeskErrorCode, NotPlanned, PlanRequest};
use protocol::wire::Rejection;

use super::shifts::{Shift, rest_of_day};
use super::when::When;
use crate::arrivals::place;
use crate::check;
use crate::views::Scene;
use crate::work::is_on_site;

/// People in one plan.
const MOST_PEOPLE: usize = 500;

/// Somebody whose day is planned.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub id: ResourceId,
    /// By what they travel.
    pub mode: TravelMode,
    /// Where they begin.
    pub from: Start,
    /// Where they end the day.
    pub home: Option<LonLat>,
    /// When they can begin.
    pub starts: DateTime<Utc>,
    /// End of the shift.
    pub ends: DateTime<Utc>,
    /// Breaks, in order.
    pub breaks: Vec<Break>,
    /// What they are able to do.
    pub skills: Vec<SkillId>,
    /// What they can carry; `None`: as much as comes.
    pub capacity: Option<u32>,
    /// Tasks at hand, in order.
    pub at_hand: Vec<TaskId>,
}

/// Where somebody's day begins.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    /// At a task, or at home.
    Known(Place),
    /// Where a fix has them.
    Seen {
        /// There.
        at: Place,
        /// Where it begins once nobody may know that any more; `None`: nothing else is known.
        unseen: Option<Place>,
    },
}

/// Who is planned, and who was asked for and can't be.
#[derive(Debug, Default)]
pub struct People {
    /// Those who can.
    pub planned: Vec<Person>,
    /// Those who can't, and why.
    pub not_planned: Vec<(ResourceId, NotPlanned)>,
}

/// Finds them.
///
/// # Errors
/// Not found or disabled, where somebody is named; bad input for more than 500.
pub fn people(scene: &Scene<'_>, request: &PlanRequest, when: &When) -> Result<People, DeskError> {
    let at_hand = at_hand(scene, when);
    let is_named = !request.resources.is_empty();
    let mut people = People::default();
    for card in cards(scene, request)? {
        if !request.groups.is_empty() && !request.groups.contains(&card.group) {
            continue;
        }
        let tasks = at_hand.get(&card.id).map_or(&[][..], Vec::as_slice);
        match person(scene, card, tasks, when) {
            Ok(person) => people.planned.push(person),
            // Nobody expects those who have no shift, unless they are named.
            Err(NotPlanned::NoShift) if !is_named => {}
            Err(reason) => people.not_planned.push((card.id, reason)),
        }
        check::in_range("resources", people.planned.len() <= MOST_PEOPLE)?;
    }
    Ok(people)
}

/// Those who are named, or everybody.
fn cards<'a>(scene: &Scene<'a>, request: &PlanRequest) -> Result<Vec<&'a Resource>, DeskError> {
    let rows = scene.picture.shown();
    let refused = |reason| DeskError::from(DeskErrorCode::Refused(reason));
    check::in_range("resources", request.resources.len() <= MOST_PEOPLE)?;
    if request.resources.is_empty() {
        return Ok(rows.resources.values().map(|row| &row.data).filter(|card| !card.disabled).collect());
    }
    let named: BTreeSet<ResourceId> = request.resources.iter().copied().collect();
    let card = |id: ResourceId| match rows.resources.get(&id) {
        None => Err(refused(Rejection::NotFound)),
        Some(row) if row.data.disabled => Err(refused(Rejection::ResourceDisabled)),
        Some(row) => Ok(&row.data),
    };
    named.into_iter().map(card).collect()
}

/// What people are at now, where they are first, then what they drive to; each from the earliest step on.
fn at_hand<'a>(scene: &Scene<'a>, when: &When) -> BTreeMap<ResourceId, Vec<&'a Task>> {
    let mut at_hand: BTreeMap<ResourceId, Vec<&Task>> = BTreeMap::new();
    if !when.is_today {
        return at_hand;
    }
    for task in scene.picture.shown().tasks.values().map(|row| &row.data) {
        if let Some(resource) = task.resource.filter(|_| is_at_hand(task.status)) {
            at_hand.entry(resource).or_default().push(task);
        }
    }
    for tasks in at_hand.values_mut() {
        tasks.sort_by_key(|task| (!is_on_site(task.status), task.status_since(), task.id));
    }
    at_hand
}

/// Whether somebody is there, or drives there.
pub fn is_at_hand(status: TaskStatus) -> bool {
    is_on_site(status) || status == TaskStatus::EnRoute
}

fn person(scene: &Scene<'_>, card: &Resource, at_hand: &[&Task], when: &When) -> Result<Person, NotPlanned> {
    let Shift { began, starts, ends, breaks } = rest_of_day(card, when).ok_or(NotPlanned::NoShift)?;
    let signed_out = scene.work.last_seen(card.id).signed_out;
    let has_left = !card.on_duty && began <= when.now && signed_out.is_some_and(|at| at >= began);
    if when.is_today && has_left {
        return Err(NotPlanned::SignedOut);
    }
    Ok(Person {
        id: card.id,
        mode: card.travels,
        from: start_place(scene, card, at_hand, when)?,
        home: card.home,
        starts,
        ends,
        breaks,
        skills: card.skills.clone(),
        capacity: card.capacity,
        at_hand: at_hand.iter().map(|task| task.id).collect(),
    })
}

/// Where somebody begins: at the task they are at, else where a fix of the last half hour has them, else where they drive to, else at
/// home; on another day at home. Of those who share no location only tasks and home are looked at.
fn start_place(
    scene: &Scene<'_>,
    card: &Resource,
    at_hand: &[&Task],
    when: &When,
) -> Result<Start, NotPlanned> {
    let is_private = card.private_since.is_some();
    let nowhere = if is_private { NotPlanned::Private } else { NotPlanned::NoLocation };
    let home = card.home.map(Place::from);
    if !when.is_today {
        return home.map(Start::Known).ok_or(nowhere);
    }
    let current = at_hand.first();
    if let Some(task) = current.filter(|task| is_on_site(task.status)) {
        return Ok(Start::Known(task.at.into()));
    }
    let unseen = current.map(|task| Place::from(task.at)).or(home);
    let may_look = !is_private && scene.position(card.id).has_dot();
    let fix = scene.positions.fix(card.id).filter(|fix| may_look && scene.now - fix.fix_time <= SILENT_AFTER);
    match fix {
        Some(fix) => Ok(Start::Seen { at: place(fix), unseen }),
        None => unseen.map(Start::Known).ok_or(nowhere),
    }
}
