//! What a plan changes: moves, gains, promises.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{ResourceId, TaskId};

use crate::day_plan::DayPlan;
use crate::problem::{Assignment, DayProblem};

/// The difference between two plans of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanDiff {
    /// Tasks that change hands or their place in a worker's order, as few as explain the difference.
    pub moves: Vec<Move>,
    /// Tasks that stay where they are, though perhaps at another time.
    pub kept: Vec<TaskId>,
    /// Driving that is saved, seconds; negative: it is more.
    pub saved_drive_secs: i64,
    /// Way that is saved, metres; negative: it is more.
    pub saved_metres: i64,
    /// Lateness that is saved, seconds; negative: it is more.
    pub saved_late_secs: i64,
    /// Overtime that is saved, seconds; negative: it is more.
    pub saved_overtime_secs: i64,
    /// Promises that are broken afterwards.
    pub broken_promises: Vec<PromiseChange>,
    /// Promises that were broken and are not any more.
    pub mended_promises: Vec<PromiseChange>,
}

/// One task that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub task: TaskId,
    /// Who has it before; the same as `to` if only the order changes.
    pub from: Option<ResourceId>,
    /// Who has it afterwards.
    pub to: Option<ResourceId>,
    /// Its place in the order of `to`, from 0.
    pub position: Option<usize>,
    /// Arrival before, if anybody comes.
    pub arrives_before: Option<DateTime<Utc>>,
    /// Arrival afterwards, if anybody comes.
    pub arrives_after: Option<DateTime<Utc>>,
}

/// A promise that is broken before or afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromiseChange {
    /// Which task's.
    pub task: TaskId,
    /// What the customer was told.
    pub promised: DateTime<Utc>,
    /// Arrival before; `None`: nobody comes.
    pub arrives_before: Option<DateTime<Utc>>,
    /// Arrival afterwards; `None`: nobody comes.
    pub arrives_after: Option<DateTime<Utc>>,
}

/// Where a task is in a plan.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    holder: Option<ResourceId>,
    position: Option<usize>,
    arrives: Option<DateTime<Utc>>,
}

/// Compares two plans of the same problem.
pub fn compare(problem: &DayProblem, before: &DayPlan, after: &DayPlan) -> PlanDiff {
    let (places_before, places_after) = (places(before), places(after));
    let in_order = in_order(before, after);
    let at = |places: &BTreeMap<TaskId, Place>, task| places.get(&task).copied().unwrap_or_default();
    let saved = |before: u64, after: u64| before.cast_signed() - after.cast_signed();
    let (old, new) = (before.figures, after.figures);
    let mut diff = PlanDiff {
        moves: Vec::new(),
        kept: Vec::new(),
        saved_drive_secs: saved(old.drive_secs, new.drive_secs),
        saved_metres: saved(old.metres, new.metres),
        saved_late_secs: saved(old.late_secs, new.late_secs),
        saved_overtime_secs: saved(old.overtime_secs, new.overtime_secs),
        broken_promises: Vec::new(),
        mended_promises: Vec::new(),
    };
    for job in &problem.jobs {
        let (from, to) = (at(&places_before, job.id), at(&places_after, job.id));
        let is_on_hold = from.arrives.is_none() && to.arrives.is_none();
        if from.holder == to.holder && (is_on_hold || in_order.contains(&job.id)) {
            diff.kept.push(job.id);
        } else {
            diff.moves.push(moved(job.id, from, to));
        }
        if let Some(promised) = job.promised {
            let change = PromiseChange {
                task: job.id,
                promised,
                arrives_before: from.arrives,
                arrives_after: to.arrives,
            };
            let is_broken = |arrives: Option<DateTime<Utc>>| arrives.is_none_or(|arrives| arrives > promised);
            if is_broken(to.arrives) {
                diff.broken_promises.push(change);
            } else if is_broken(from.arrives) {
                diff.mended_promises.push(change);
            }
        }
    }
    diff
}

/// The assignment with only some tasks moved as the plan says; all others stay with whom they are, in their order.
///
/// A moved task comes after the last one that is before it in the plan too.
pub fn apply(before: &Assignment, after: &Assignment, chosen: &BTreeSet<TaskId>) -> Assignment {
    let mut mixed: Assignment = before
        .iter()
        .map(|(worker, tasks)| {
            (*worker, tasks.iter().copied().filter(|task| !chosen.contains(task)).collect())
        })
        .collect();
    for (worker, planned) in after {
        let tasks = mixed.entry(*worker).or_default();
        for (index, task) in planned.iter().enumerate().filter(|(_, task)| chosen.contains(task)) {
            let earlier = &planned[..index];
            let after_last =
                tasks.iter().rposition(|other| earlier.contains(other)).map_or(0, |last| last + 1);
            tasks.insert(after_last, *task);
        }
    }
    mixed
}

fn moved(task: TaskId, from: Place, to: Place) -> Move {
    Move {
        task,
        from: from.holder,
        to: to.holder,
        position: to.position,
        arrives_before: from.arrives,
        arrives_after: to.arrives,
    }
}

fn places(plan: &DayPlan) -> BTreeMap<TaskId, Place> {
    let mut places = BTreeMap::new();
    for left in &plan.unassigned {
        places.insert(left.task, Place { holder: left.holder, ..Place::default() });
    }
    for route in &plan.routes {
        for (position, stop) in route.stops.iter().enumerate() {
            let place =
                Place { holder: Some(route.worker), position: Some(position), arrives: Some(stop.arrives) };
            places.insert(stop.task, place);
        }
    }
    places
}

/// Tasks that stay with their worker, without those that change their order: as many as can be kept.
fn in_order(before: &DayPlan, after: &DayPlan) -> BTreeSet<TaskId> {
    let mut kept = BTreeSet::new();
    for route in &after.routes {
        let old = before.routes.iter().find(|old| old.worker == route.worker);
        let old: BTreeMap<TaskId, usize> =
            old.iter().flat_map(|old| old.stops.iter().map(|stop| stop.task)).zip(0..).collect();
        let common: Vec<(TaskId, usize)> =
            route.stops.iter().filter_map(|stop| Some((stop.task, *old.get(&stop.task)?))).collect();
        kept.extend(longest_rising(&common));
    }
    kept
}

/// The longest part whose numbers rise, in quadratic time: days are short.
fn longest_rising(items: &[(TaskId, usize)]) -> Vec<TaskId> {
    let mut best: Vec<Vec<TaskId>> = Vec::with_capacity(items.len());
    for (index, (task, number)) in items.iter().enumerate() {
        let before =
            (0..index).filter(|other| items[*other].1 < *number).max_by_key(|other| best[*other].len());
        let mut chain = before.map(|other| best[other].clone()).unwrap_or_default();
        chain.push(*task);
        best.push(chain);
    }
    best.into_iter().max_by_key(Vec::len).unwrap_or_default()
}
