//! What is to be done on a day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::task::{Actor, Task, TaskStatus};
use domain::{LonLat, ResourceId, SkillId, TaskId};
use plan::Window;
use protocol::view::{DeskError, PlanRequest};

use super::people::is_at_hand;
use super::when::When;
use crate::check;
use crate::views::Scene;
use crate::work::{is_ahead, is_on_site, visit_began};

/// Tasks in one plan.
const MOST_TASKS: usize = 2_000;
/// What is further away than this matters to no plan.
const FAR: TimeDelta = TimeDelta::days(27);
/// Longest work that is believed.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// What a plan rests on of one task: where this has changed, the plan says nothing about it any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    /// Who had it.
    pub resource: Option<ResourceId>,
    /// Its place in their day.
    pub planned_start: Option<DateTime<Utc>>,
    at: LonLat,
    window: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    planned_minutes: u32,
    load: u32,
    skills: Vec<SkillId>,
    promised: Option<DateTime<Utc>>,
}

/// What a plan rests on of `task` as it is now.
pub fn basis(scene: &Scene<'_>, task: &Task) -> Basis {
    Basis {
        resource: task.resource,
        planned_start: task.planned_start,
        at: task.at,
        window: (task.window_start, task.window_end),
        planned_minutes: task.planned_minutes,
        load: task.load,
        skills: scene.needed_skills(task),
        promised: task.open_promise().map(|promise| promise.until),
    }
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct DayTasks<'a> {
    /// The tasks, each with who has it.
    pub tasks: Vec<(&'a Task, Option<ResourceId>)>,
    /// Those that stay with whom they are.
    pub locked: BTreeSet<TaskId>,
}

/// Finds the tasks of a day that ends at `horizon`, of these people or of nobody.
///
/// # Errors
/// Bad input for more than 2,000.
pub fn day_tasks<'a>(
    scene: &Scene<'a>,
    request: &PlanRequest,
    people: &BTreeSet<ResourceId>,
    (when, horizon): (&When, DateTime<Utc>),
) -> Result<DayTasks<'a>, DeskError> {
    let asked: BTreeSet<TaskId> = request.locked.iter().copied().collect();
    let mut found = DayTasks::default();
    for task in scene.picture.shown().tasks.values().map(|row| &row.data) {
        let holder = task.resource.filter(|_| task.status != TaskStatus::Declined);
        let is_theirs = holder.is_some_and(|holder| people.contains(&holder));
        let is_part = match holder {
            Some(_) if is_at_hand(task.status) => is_theirs && when.is_today,
            Some(_) => is_theirs && is_ahead(task.status) && is_of(task, when, horizon),
            None => is_free(scene, task) && !asked.contains(&task.id) && is_of(task, when, horizon),
        };
        if is_part {
            found.tasks.push((task, holder));
            check::in_range("tasks", found.tasks.len() <= MOST_TASKS)?;
        }
        let stays = request.only_unassigned
            || asked.contains(&task.id)
            || is_at_hand(task.status)
            || task.status == TaskStatus::Suspended;
        if is_part && stays && holder.is_some() {
            found.locked.insert(task.id);
        }
    }
    Ok(found)
}

/// Whether nobody has it, and it is to be given to somebody: what is out to bid finds its own way.
fn is_free(scene: &Scene<'_>, task: &Task) -> bool {
    use TaskStatus::*;
    matches!(task.status, NewTask | SmsSent | Acknowledged | Declined)
        && scene.work.open_bid(task.id).is_none()
}

/// Whether it is to be done on that day: by its window, or by its place in a plan where it has none. What should have been done before
/// is work of the present day.
fn is_of(task: &Task, when: &When, horizon: DateTime<Utc>) -> bool {
    let (from, to) = match (task.window_start, task.window_end) {
        (None, None) => (task.planned_start, task.planned_start),
        (from, to) => (from.or(to), to),
    };
    let has_come = from.is_none_or(|from| from < horizon);
    let is_over = to.is_some_and(|to| to < when.day_starts());
    has_come && (when.is_today || !is_over)
}

/// Work on a task in seconds, as far as it remains at the start of the plan.
pub fn service_secs(task: &Task, when: &When) -> u32 {
    let planned = TimeDelta::minutes(task.planned_minutes.into()).min(LONGEST);
    let since = || visit_began(task).unwrap_or_else(|| task.status_since());
    let done = if is_on_site(task.status) { when.start - since() } else { TimeDelta::zero() };
    (planned - done).clamp(TimeDelta::zero(), planned).num_seconds().unsigned_abs() as u32
}

/// When work on it may begin: within its window, and not before the customer was told; empty: at any time.
pub fn windows(task: &Task, when: &When) -> Vec<Window> {
    if is_on_site(task.status) {
        return Vec::new();
    }
    let told = task.open_promise().and_then(|promise| promise.from);
    let earliest = task.window_start.max(told);
    if earliest.is_none() && task.window_end.is_none() {
        return Vec::new();
    }
    let to = near(task.window_end.unwrap_or(DateTime::<Utc>::MAX_UTC), when);
    let from = near(earliest.unwrap_or(DateTime::<Utc>::MIN_UTC), when);
    vec![Window { from: from.min(to), to }]
}

/// By when the customer expects somebody.
pub fn promised(task: &Task, when: &When) -> Option<DateTime<Utc>> {
    task.open_promise().map(|promise| near(promise.until, when))
}

fn near(time: DateTime<Utc>, when: &When) -> DateTime<Utc> {
    time.clamp(when.start - FAR, when.start + FAR)
}

/// Who has declined it and was not given it again.
pub fn decliners(task: &Task) -> Vec<ResourceId> {
    let declined = task.timeline.iter().filter(|step| step.status == TaskStatus::Declined);
    let by = declined.filter_map(|step| match step.by {
        Actor::Field(resource) => Some(resource),
        Actor::Office(_) | Actor::Server => None,
    });
    let all: BTreeSet<ResourceId> =
        by.chain(task.resource.filter(|_| task.status == TaskStatus::Declined)).collect();
    all.into_iter()
        .filter(|resource| task.status == TaskStatus::Declined || task.resource != Some(*resource))
        .collect()
}

/// Who has which of these tasks now, in the order in which they will be done.
pub fn present(
    scene: &Scene<'_>,
    people: impl Iterator<Item = (ResourceId, Vec<TaskId>)>,
    tasks: &[(&Task, Option<ResourceId>)],
) -> plan::Assignment {
    let holders: BTreeMap<TaskId, ResourceId> =
        tasks.iter().filter_map(|(task, holder)| Some((task.id, (*holder)?))).collect();
    let order = |(resource, at_hand): (ResourceId, Vec<TaskId>)| {
        let queue = scene.work.load(resource).into_iter().flat_map(|load| &load.queue).copied();
        let rest = queue.filter(|task| holders.get(task) == Some(&resource) && !at_hand.contains(task));
        let order: Vec<TaskId> = at_hand.iter().copied().chain(rest).collect();
        (resource, order)
    };
    people.map(order).collect()
}
