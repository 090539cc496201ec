//! From a plan to commands, and back.

use chrono::{DateTime, TimeDelta, Utc};
use domain::task::{Task, TaskStatus};
use domain::{CommandId, ResourceId, TaskId};
use plan::RoutePlan;
use protocol::wire::CommandBody;

/// A task's place in somebody's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// In whose day.
    pub resource: Option<ResourceId>,
    /// When work begins.
    pub planned_start: Option<DateTime<Utc>>,
}

/// What was done to one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub task: TaskId,
    /// The commands that did it, oldest first.
    pub commands: Vec<CommandId>,
    /// Where it was.
    pub before: Spot,
    /// Where it is put.
    pub after: Spot,
}

/// Where a task is; what was declined is with nobody.
pub fn spot_of(task: &Task) -> Spot {
    let is_declined = task.status == TaskStatus::Declined;
    Spot {
        resource: task.resource.filter(|_| !is_declined),
        planned_start: task.planned_start.filter(|_| !is_declined),
    }
}

impl Spot {
    /// Whether the task is there.
    pub fn holds(self, task: &Task) -> bool {
        (task.resource, task.planned_start) == (self.resource, self.planned_start)
    }

    /// The command that puts a task there.
    pub fn command(self, task: TaskId) -> CommandBody {
        CommandBody::TaskPlan { task, resource: self.resource, planned_start: self.planned_start }
    }
}

/// The planned starts of a whole tour but for what is at hand, each after the one before: a day is worked off in their order. All of
/// a tour that somebody gets work in are written, since a task without one has its place by its appointment, not by the plan.
pub fn starts_of(route: &RoutePlan, at_hand: &[TaskId]) -> Vec<(TaskId, DateTime<Utc>)> {
    let mut earliest = DateTime::<Utc>::MIN_UTC;
    let stops = route.stops.iter().filter(|stop| !at_hand.contains(&stop.task));
    let starts = stops.map(|stop| {
        let start = stop.starts.max(earliest);
        earliest = start + TimeDelta::seconds(1);
        (stop.task, start)
    });
    starts.collect()
}
