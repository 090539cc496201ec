//! The answer: everybody's day, what is left out and why, and what it comes to.

use chrono::{DateTime, Utc};
use domain::{ResourceId, SkillId, TaskId};

use crate::problem::Assignment;

/// A whole day with times.
#[derive(Debug, Clone, PartialEq)]
pub struct DayPlan {
    /// One for each worker, in the order of the problem.
    pub routes: Vec<RoutePlan>,
    /// What nobody comes to, in the order of the problem.
    pub unassigned: Vec<Unassigned>,
    /// Sums over all workers.
    pub figures: Figures,
    /// The search was ended before its time; this is the best plan it had.
    pub is_cancelled: bool,
}

/// The day of one worker.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutePlan {
    /// Whose.
    pub worker: ResourceId,
    /// In order.
    pub stops: Vec<StopPlan>,
    /// In order; those that are needed.
    pub breaks: Vec<BreakPlan>,
    /// At the end place, or after the last task.
    pub ends: DateTime<Utc>,
    /// Drives with the one to the end place, seconds.
    pub drive_secs: u64,
    /// Way with the one to the end place, metres.
    pub metres: u64,
    /// Seconds after the end of the shift.
    pub overtime_secs: u64,
    /// What should not be. A plan has only what is fixed or locked that way.
    pub faults: Vec<Fault>,
}

/// One task in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopPlan {
    /// Which.
    pub task: TaskId,
    /// Somebody is there.
    pub arrives: DateTime<Utc>,
    /// Work begins.
    pub starts: DateTime<Utc>,
    /// Work ends.
    pub leaves: DateTime<Utc>,
    /// The drive to it, seconds.
    pub drive_secs: u64,
    /// The way to it, metres.
    pub metres: u64,
    /// Seconds there without work or break.
    pub waiting_secs: u64,
    /// Seconds that work begins after the last window.
    pub late_secs: u64,
    /// Seconds that somebody comes later than promised.
    pub broken_promise_secs: u64,
}

/// One break in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakPlan {
    /// Begins.
    pub starts: DateTime<Utc>,
    /// Ends.
    pub ends: DateTime<Utc>,
}

/// What should not be in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The worker can't do this task.
    Skill(TaskId),
    /// The worker has declined this task.
    Declined(TaskId),
    /// More is to be carried than there is room for.
    Load,
    /// Work on a task that must be in time begins so many seconds late.
    TooLate(TaskId, u64),
    /// A break begins so many seconds late.
    LateBreak(u64),
    /// The day ends so many seconds after the shift.
    Overtime(u64),
    /// A locked task is with somebody else.
    Locked(TaskId),
    /// What is fixed is not at the beginning, or in another order.
    Fixed,
    /// No way is known from the last task to the end place; the drive counts nothing.
    NoWayBack,
}

/// A task that nobody comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unassigned {
    /// Which.
    pub task: TaskId,
    /// Who has it all the same, though no way to it is known: it is fixed, or was assigned so.
    pub holder: Option<ResourceId>,
    /// What is in the way, of any worker; what is easiest to change comes first. One at least.
    pub reasons: Vec<Reason>,
}

/// What is in the way of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Somebody could do it, if there were not the other work.
    DayFull,
    /// Somebody could be there in time, but the shift is too short for it.
    ShiftTooShort,
    /// Nobody who could do it can be there within its windows.
    WindowOutOfReach,
    /// It is too much for whoever could do it.
    TooMuchToCarry,
    /// No way to it, or from it to the end of the day, is known.
    NoWay,
    /// Whoever has the skills has declined it.
    Declined,
    /// Nobody has all the skills; this is the first one that is missing everywhere, or the first one at all.
    NoSkill(SkillId),
}

/// Sums over a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Driving, seconds.
    pub drive_secs: u64,
    /// Way, metres.
    pub metres: u64,
    /// Waiting, seconds.
    pub waiting_secs: u64,
    /// Of each stop the larger of: after the window, after the promised time; seconds.
    pub late_secs: u64,
    /// Stops where somebody comes later than promised.
    pub broken_promises: u32,
    /// After the shifts, seconds.
    pub overtime_secs: u64,
}

impl DayPlan {
    /// Who has what, in which order.
    pub fn assignment(&self) -> Assignment {
        let tasks = |route: &RoutePlan| route.stops.iter().map(|stop| stop.task).collect();
        let mut all: Assignment = self.routes.iter().map(|route| (route.worker, tasks(route))).collect();
        for left in &self.unassigned {
            if let Some(tasks) = left.holder.and_then(|holder| all.get_mut(&holder)) {
                tasks.push(left.task);
            }
        }
        all
    }

    /// Who has a task, and its times.
    pub fn stop(&self, task: TaskId) -> Option<(ResourceId, &StopPlan)> {
        self.routes.iter().find_map(|route| {
            route.stops.iter().find(|stop| stop.task == task).map(|stop| (route.worker, stop))
        })
    }
}
