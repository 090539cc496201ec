//! The company as it was at a past moment, as far as that is known here.
//!
//! Known: where people were and who was private (the server tells, and audits it), who was signed in (attendance), how far each task
//! was (its timeline), what customers had been told, and who had a task where that has left a trace: whoever did a step of it in the
//! field, or was chosen for it from a list.
//!
//! Not known, and taken as it is today: who had a task that nobody had done anything about, if it was never given to anybody else
//! since; places in day plans of tasks that have changed hands; windows, planned times and places of tasks; cards with their skills,
//! hours and capacities; people who are disabled by now, who are left out. A task that was given to somebody later, and to whom it
//! belonged before left no trace, counts as nobody's.

use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::resource::Resource;
use domain::task::{Actor, Promise, PromiseState, Task, TaskStatus};
use domain::{ResourceId, UserId};
use protocol::entity::Entity;
use protocol::wire::{PositionUpdate, WhereaboutsResponse};
use std::collections::{HashMap, HashSet};

use crate::arrivals::Arrivals;
use crate::picture::Picture;
use crate::positions::Positions;
use crate::rows::{CachedRow, Rows};
use crate::work::{Work, is_open};

/// Attendance from before this says nothing of a shift that is still running.
const LONGEST_SHIFT: TimeDelta = TimeDelta::days(2);

/// What is known of a past moment.
pub struct Past {
    /// Cards, the tasks that were open, and what these refer to.
    pub picture: Picture,
    /// Who had which.
    pub work: Work,
    /// Where people were.
    pub positions: Positions,
    /// Nobody's arrivals were kept.
    pub arrivals: Arrivals,
}

impl Past {
    /// As far as these rows and the server know. `me` is who asks.
    pub fn of(known: &Rows, whereabouts: &WhereaboutsResponse, me: UserId) -> Self {
        let at = whereabouts.at;
        let mut positions = Positions::default();
        for (resource, fix) in &whereabouts.fixes {
            positions.accept(&PositionUpdate { resource: *resource, fix: *fix, server_seq: 0 }, at);
        }
        let private: HashSet<ResourceId> = whereabouts.private.iter().copied().collect();
        let entries = attendance(known, at);
        let cards = known.resources.values().map(|row| &row.data);
        let mut rows: Vec<Entity> =
            cards.map(|card| Entity::Resource(card_then(card, &entries, &private, at))).collect();
        rows.extend(entries.values().flatten().map(|entry| Entity::Attendance(*entry)));
        rows.extend(known.task_types.values().map(|row| Entity::TaskType(row.data.clone())));
        // Most tasks are over: only those that were not are worth a copy.
        let was_open = |task: &&Task| status_then(task, at).is_some_and(is_open);
        let tasks = known.tasks.values().map(|row| &row.data).filter(was_open);
        rows.extend(tasks.filter_map(|task| task_then(task, at)).map(Entity::Task));
        let mut picture = Picture::new(me);
        picture.reset(rows.into_iter().map(|entity| CachedRow { entity, version: 1, at }));
        let work = Work::of(picture.shown());
        Past { picture, work, positions, arrivals: Arrivals::default() }
    }
}

/// What everybody had reported of their shift by `at`, oldest first.
fn attendance(known: &Rows, at: DateTime<Utc>) -> HashMap<ResourceId, Vec<AttendanceEntry>> {
    let mut entries: HashMap<ResourceId, Vec<AttendanceEntry>> = HashMap::new();
    let span = at - LONGEST_SHIFT..=at;
    for entry in
        known.attendance.values().map(|row| row.data).filter(|entry| span.contains(&entry.event_time))
    {
        entries.entry(entry.resource).or_default().push(entry);
    }
    entries.values_mut().for_each(|own| own.sort_by_key(|entry| (entry.event_time, entry.kind, entry.guid)));
    entries
}

fn card_then(
    card: &Resource,
    entries: &HashMap<ResourceId, Vec<AttendanceEntry>>,
    private: &HashSet<ResourceId>,
    at: DateTime<Utc>,
) -> Resource {
    let last = entries.get(&card.id).and_then(|own| own.last());
    let since = card.private_since.map_or(at, |since| since.min(at));
    Resource {
        on_duty: last.is_some_and(|entry| entry.kind == AttendanceKind::SignIn),
        private_since: private.contains(&card.id).then_some(since),
        // The server has looked for fixes: that there is none does not mean that the device was silent.
        last_heard: Some(at),
        ..card.clone()
    }
}

/// How far a task was; `None` where it was not there yet.
fn status_then(task: &Task, at: DateTime<Utc>) -> Option<TaskStatus> {
    if task.created_at > at {
        return None;
    }
    match task.timeline.iter().rfind(|step| step.at <= at) {
        Some(step) => Some(step.status),
        None if task.timeline.is_empty() => Some(task.status),
        None => Some(TaskStatus::NewTask),
    }
}

/// A task as it was; `None` where it was not there yet.
pub fn task_then(task: &Task, at: DateTime<Utc>) -> Option<Task> {
    let mut then = Task { status: status_then(task, at)?, ..task.clone() };
    then.timeline.retain(|step| step.at <= at);
    then.promises.retain(|promise| promise.told_at <= at);
    then.promises.iter_mut().for_each(|promise| reopen(promise, at));
    then.choices.retain(|choice| choice.at <= at);
    then.notes.retain(|note| note.at <= at);
    then.resource = holder(task, at);
    if then.resource != task.resource {
        then.planned_start = None;
    }
    Some(then)
}

/// What became of a promise later has not happened yet.
fn reopen(promise: &mut Promise, at: DateTime<Utc>) {
    let ended = match promise.state {
        PromiseState::Open => return,
        PromiseState::Kept { arrived } | PromiseState::Broken { arrived } => arrived,
        PromiseState::Replaced { at } | PromiseState::Void { at } => at,
    };
    if ended > at {
        promise.state = PromiseState::Open;
    }
}

/// What a trace says of who has a task from then on; what comes later in this order counts at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trace {
    /// It was new to somebody, perhaps somebody else.
    Given,
    /// This one was chosen.
    Chosen(ResourceId),
    /// This one did something about it.
    Acted(ResourceId),
}

/// Who had a task.
fn holder(task: &Task, at: DateTime<Utc>) -> Option<ResourceId> {
    let steps = task.timeline.iter().filter_map(|step| match step.by {
        Actor::Field(resource) => Some((step.at, Trace::Acted(resource))),
        // The first is how it began.
        Actor::Office(_) | Actor::Server
            if step.status == TaskStatus::NewTask && step.at > task.created_at =>
        {
            Some((step.at, Trace::Given))
        }
        Actor::Office(_) | Actor::Server => None,
    });
    let chosen = task.choices.iter().map(|choice| (choice.at, Trace::Chosen(choice.made.chosen)));
    let mut traces: Vec<(DateTime<Utc>, Trace)> = steps.chain(chosen).collect();
    traces.sort_unstable();
    let later = traces.partition_point(|(when, _)| *when <= at);
    let (before, after) = traces.split_at(later);
    match (before.last(), after.first()) {
        (Some((_, Trace::Acted(resource) | Trace::Chosen(resource))), _) => Some(*resource),
        (_, Some((_, Trace::Acted(resource)))) => Some(*resource),
        (_, Some((_, Trace::Chosen(_) | Trace::Given))) => None,
        (Some((_, Trace::Given)) | None, None) => task.resource,
    }
}

#[cfg(test)]
mod tests;
