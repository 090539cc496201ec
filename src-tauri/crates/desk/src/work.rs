//! Who has which tasks, and what they are doing.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::attendance::AttendanceKind;
use domain::bid::BidStatus;
use domain::task::{Task, TaskStatus};
use domain::{BidId, ResourceId, TaskId};

use crate::rows::Rows;

/// Looks into the rows from the other side. Made anew when tasks, bids or attendance change.
#[derive(Debug, Default)]
pub struct Work {
    by_resource: HashMap<ResourceId, Workload>,
    open_bids: HashMap<TaskId, BidId>,
    seen_in: HashMap<ResourceId, LastSeen>,
    promised: Vec<TaskId>,
}

/// What one resource has to do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workload {
    /// The task it is on.
    pub current: Option<TaskId>,
    /// Tasks that are not over, current included.
    pub open_tasks: u32,
    /// Tasks it still has to drive to, in the order expected; the current one first while it is driving to it.
    pub queue: Vec<TaskId>,
}

/// Newest attendance entries.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LastSeen {
    /// Newest sign-in.
    pub signed_in: Option<DateTime<Utc>>,
    /// Newest sign-out.
    pub signed_out: Option<DateTime<Utc>>,
}

impl Work {
    /// As of these rows.
    pub fn of(rows: &Rows) -> Self {
        let mut work = Self { seen_in: last_seen(rows), ..Self::default() };
        let mut tasks: BTreeMap<ResourceId, Vec<&Task>> = BTreeMap::new();
        for task in rows.tasks.values().map(|row| &row.data) {
            if task.is_expected() && task.open_promise().is_some() {
                work.promised.push(task.id);
            }
            if let Some(resource) = task.resource.filter(|_| is_open(task.status)) {
                tasks.entry(resource).or_default().push(task);
            }
        }
        work.by_resource = tasks.into_iter().map(|(resource, tasks)| (resource, workload(tasks))).collect();
        let open = rows.bids.values().filter(|row| row.data.status == BidStatus::Open);
        work.open_bids = open.map(|row| (row.data.task, row.data.id)).collect();
        work
    }

    /// What a resource has to do; `None` means nothing.
    pub fn load(&self, resource: ResourceId) -> Option<&Workload> {
        self.by_resource.get(&resource)
    }

    /// Tasks of a resource that are not over.
    pub fn open_tasks(&self, resource: ResourceId) -> u32 {
        self.load(resource).map_or(0, |load| load.open_tasks)
    }

    /// The open bid that a task is out to.
    pub fn open_bid(&self, task: TaskId) -> Option<BidId> {
        self.open_bids.get(&task).copied()
    }

    /// Tasks whose customers wait for somebody.
    pub fn promised(&self) -> &[TaskId] {
        &self.promised
    }

    /// Newest attendance entries of a resource.
    pub fn last_seen(&self, resource: ResourceId) -> LastSeen {
        self.seen_in.get(&resource).copied().unwrap_or_default()
    }

    /// Who has something to do in either.
    pub fn changed(&self, before: &Work) -> HashSet<ResourceId> {
        let everybody = self.by_resource.keys().chain(before.by_resource.keys()).copied();
        everybody.filter(|resource| self.load(*resource) != before.load(*resource)).collect()
    }
}

/// Whether something is still expected of the field.
pub fn is_open(status: TaskStatus) -> bool {
    !status.is_over() && status != TaskStatus::Declined && status != TaskStatus::Draft
}

/// Whether the resource is at the place.
pub fn is_on_site(status: TaskStatus) -> bool {
    use TaskStatus::*;
    match status {
        Arrived | InProgress | Loading | Unloading | Custom1 | Custom2 | Custom3 | Custom4 => true,
        Draft | NewTask | SmsSent | Acknowledged | EnRoute | Suspended | ReadyForReview
        | ReadyForApproval | Closed | NotDone | Declined | Canceled => false,
    }
}

/// When the present visit began, or the last one there was: who went away in between has come anew.
pub fn visit_began(task: &Task) -> Option<DateTime<Utc>> {
    let steps = task.timeline.iter().rev().skip_while(|step| !is_on_site(step.status));
    steps.take_while(|step| is_on_site(step.status)).last().map(|step| step.at)
}

/// Whether the resource still has to drive there.
pub fn is_ahead(status: TaskStatus) -> bool {
    use TaskStatus::*;
    matches!(status, NewTask | SmsSent | Acknowledged | EnRoute | Suspended)
}

fn workload(mut tasks: Vec<&Task>) -> Workload {
    let open_tasks = tasks.len() as u32;
    // A task at hand first, then by the plan or the appointment; those without either when there is time.
    tasks.sort_by_key(|task| {
        let appointment = task.planned_start.or(task.window_start).or(task.window_end);
        (rank(task.status), appointment.is_none(), appointment, task.created_at, task.id)
    });
    let in_hand = |task: &&&Task| is_on_site(task.status) || task.status == TaskStatus::EnRoute;
    Workload {
        current: tasks.iter().find(in_hand).map(|task| task.id),
        open_tasks,
        queue: tasks.iter().filter(|task| is_ahead(task.status)).map(|task| task.id).collect(),
    }
}

fn rank(status: TaskStatus) -> u8 {
    if is_on_site(status) {
        0
    } else if status == TaskStatus::EnRoute {
        1
    } else {
        2
    }
}

fn last_seen(rows: &Rows) -> HashMap<ResourceId, LastSeen> {
    let mut seen: HashMap<ResourceId, LastSeen> = HashMap::new();
    for entry in rows.attendance.values().map(|row| &row.data) {
        let last = seen.entry(entry.resource).or_default();
        match entry.kind {
            AttendanceKind::SignIn => last.signed_in = last.signed_in.max(Some(entry.event_time)),
            AttendanceKind::SignOut => last.signed_out = last.signed_out.max(Some(entry.event_time)),
        }
    }
    seen
}
