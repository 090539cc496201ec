//! What the front ends have seen, so that only differences are told.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{AlertId, BidId, ResourceId, TaskId};
use protocol::view::{AlertView, BidView, RemovedRows, ResourceView, TaskView, WorkingSet};

use crate::arrivals::moved;

/// The time of a fix alone is told again only after this long: dots travel another way.
const FIX_TIME_STEP: TimeDelta = TimeDelta::seconds(30);

/// The last told view of each row that is computed.
#[derive(Debug, Default)]
pub struct Sent {
    resources: HashMap<ResourceId, ResourceView>,
    tasks: HashMap<TaskId, TaskView>,
    bids: HashMap<BidId, BidView>,
    alerts: HashMap<AlertId, AlertView>,
}

/// Differences to tell.
#[derive(Debug, Default)]
pub struct Changes {
    /// New and changed rows.
    pub changed: WorkingSet,
    /// Rows that are gone.
    pub removed: RemovedRows,
}

impl Sent {
    /// A resource as it is now; `None` when it is gone.
    pub fn resource(
        &mut self,
        id: ResourceId,
        fresh: Option<ResourceView>,
        now: DateTime<Utc>,
        changes: &mut Changes,
    ) {
        let fresh = fresh.map(|view| steady(self.resources.get(&id), view, now));
        differ(
            &mut self.resources,
            id,
            fresh,
            &mut changes.changed.resources,
            &mut changes.removed.resources,
        );
    }

    /// A task as it is now.
    pub fn task(&mut self, id: TaskId, fresh: Option<TaskView>, changes: &mut Changes) {
        differ(&mut self.tasks, id, fresh, &mut changes.changed.tasks, &mut changes.removed.tasks);
    }

    /// The task as it was told last.
    pub fn shown_task(&self, id: TaskId) -> Option<&TaskView> {
        self.tasks.get(&id)
    }

    /// A bid as it is now.
    pub fn bid(&mut self, id: BidId, fresh: Option<BidView>, changes: &mut Changes) {
        differ(&mut self.bids, id, fresh, &mut changes.changed.bids, &mut changes.removed.bids);
    }

    /// An alert as it is now.
    pub fn alert(&mut self, id: AlertId, fresh: Option<AlertView>, changes: &mut Changes) {
        differ(&mut self.alerts, id, fresh, &mut changes.changed.alerts, &mut changes.removed.alerts);
    }

    /// Whether the front ends have been told of the alert.
    pub fn has_alert(&self, id: AlertId) -> bool {
        self.alerts.contains_key(&id)
    }

    /// Tells the alert again, however it looks.
    pub fn forget_alert(&mut self, id: AlertId) {
        self.alerts.remove(&id);
    }

    /// Everything told last, for a front end that comes later.
    pub fn add_to(&self, set: &mut WorkingSet) {
        set.resources.extend(self.resources.values().cloned());
        set.tasks.extend(self.tasks.values().cloned());
        set.bids.extend(self.bids.values().cloned());
        set.alerts.extend(self.alerts.values().cloned());
    }
}

impl Changes {
    /// Whether there is anything to tell.
    pub fn has_changed(&self) -> bool {
        self.changed != WorkingSet::default()
    }

    /// Whether anything is gone.
    pub fn has_removed(&self) -> bool {
        self.removed != RemovedRows::default()
    }
}

/// Keeps the told time of a fix while it alone moved, and not by much, and the told end of work likewise.
fn steady(told: Option<&ResourceView>, fresh: ResourceView, now: DateTime<Utc>) -> ResourceView {
    let Some(told) = told else { return fresh };
    let mut view = fresh;
    let told_time = told.fix_time.filter(|_| told.position == view.position);
    if let (Some(was), Some(is)) = (told_time, view.fix_time)
        && is - was < FIX_TIME_STEP
    {
        view.fix_time = Some(was);
    }
    if let (Some(was), Some(is)) = (told.free_at, view.free_at)
        && !moved(was, is, now)
    {
        (view.free_at, view.over_shift_secs) = (told.free_at, told.over_shift_secs);
    }
    view
}

fn differ<I, V>(told: &mut HashMap<I, V>, id: I, fresh: Option<V>, changed: &mut Vec<V>, removed: &mut Vec<I>)
where
    I: Hash + Eq + Copy,
    V: PartialEq + Clone,
{
    match fresh {
        Some(view) if told.get(&id) == Some(&view) => {}
        Some(view) => {
            told.insert(id, view.clone());
            changed.push(view);
        }
        None => removed.extend(told.remove(&id).map(|_| id)),
    }
}
