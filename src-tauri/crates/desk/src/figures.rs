//! Today at a glance.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::attendance::Presence;
use domain::bid::BidStatus;
use domain::task::{Task, TaskStatus};
use domain::{ResourceId, TaskId};
use protocol::view::FiguresView;

use crate::lines::unseen;
use crate::views::Scene;
use crate::work::{is_ahead, is_on_site, is_open, visit_began};

/// Days of the small chart.
const DAYS: u64 = 7;

/// The figures of the local day that `scene` is in; `as_of` is the last proof of freshness.
pub fn figures(scene: &Scene<'_>, as_of: Option<DateTime<Utc>>) -> FiguresView {
    let today = scene.now.with_timezone(&scene.zone).date_naive();
    let calendar = Calendar { scene, today };
    let rows = scene.picture.shown();
    let tasks = || rows.tasks.values().map(|row| &row.data);
    let ended =
        |status, day| tasks().filter(move |task| task.status == status && calendar.ended_on(task, day));
    let mut by_resource: BTreeMap<ResourceId, u32> = BTreeMap::new();
    for resource in ended(TaskStatus::Closed, today).filter_map(|task| task.resource) {
        *by_resource.entry(resource).or_default() += 1;
    }
    let mut by_resource: Vec<(ResourceId, u32)> = by_resource.into_iter().collect();
    by_resource.sort_by_key(|(resource, closed)| (std::cmp::Reverse(*closed), *resource));
    let not_done = [TaskStatus::NotDone, TaskStatus::Declined];
    let staff = staff(scene);
    FiguresView {
        day: today,
        zone: scene.zone,
        as_of,
        tasks_by_status: by_status(tasks().filter(|task| calendar.is_todays(task))),
        closed: count(ended(TaskStatus::Closed, today)),
        not_done: not_done.into_iter().map(|status| count(ended(status, today))).sum(),
        late: late(scene),
        unassigned: count(tasks().filter(|task| task.resource.is_none() && is_open(task.status))),
        closed_per_day: days_until(today).map(|day| (day, count(ended(TaskStatus::Closed, day)))).collect(),
        open_bids: count(rows.bids.values().filter(|row| row.data.status == BidStatus::Open)),
        new_alerts: unseen(rows.alerts.values().map(|row| &row.data), scene.now).lines,
        people_in: staff.present,
        people_late: staff.late,
        people: staff.all,
        by_resource,
    }
}

#[derive(Clone, Copy)]
struct Calendar<'a> {
    scene: &'a Scene<'a>,
    today: NaiveDate,
}

impl Calendar<'_> {
    fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.scene.zone).date_naive()
    }

    fn ended_on(&self, task: &Task, day: NaiveDate) -> bool {
        self.day_of(task.status_since()) == day
    }

    /// Planned for today, ended today, or (without an appointment) still to be done.
    fn is_todays(&self, task: &Task) -> bool {
        let ended_today = !is_open(task.status) && self.ended_on(task, self.today);
        match task.window_start.or(task.window_end) {
            Some(appointment) => self.day_of(appointment) == self.today || ended_today,
            None => is_open(task.status) || ended_today,
        }
    }
}

fn days_until(today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..DAYS).rev().filter_map(move |days| today.checked_sub_days(chrono::Days::new(days)))
}

fn count<T>(rows: impl Iterator<Item = T>) -> u32 {
    rows.count() as u32
}

fn by_status<'a>(tasks: impl Iterator<Item = &'a Task>) -> Vec<(TaskStatus, u32)> {
    let mut counts: BTreeMap<TaskStatus, u32> = BTreeMap::new();
    for task in tasks {
        *counts.entry(task.status).or_default() += 1;
    }
    TaskStatus::ALL.into_iter().filter_map(|status| Some((status, *counts.get(&status)?))).collect()
}

/// Open tasks that will miss, or have missed, the end of their window; the longest overdue first. Where somebody is there, the present
/// visit counts: one before it was perhaps another person's, or about another window.
fn late(scene: &Scene<'_>) -> Vec<TaskId> {
    let tasks = scene.picture.shown().tasks.values().map(|row| &row.data);
    let mut late: Vec<(TimeDelta, TaskId)> =
        tasks.filter_map(|task| Some((late_by(scene, task)?, task.id))).collect();
    late.sort_by_key(|(by, task)| (std::cmp::Reverse(*by), *task));
    late.into_iter().map(|(_, task)| task).collect()
}

fn late_by(scene: &Scene<'_>, task: &Task) -> Option<TimeDelta> {
    let window_end = task.window_end?;
    let by = if is_ahead(task.status) {
        let predicted = scene.late_secs(task).map_or(TimeDelta::zero(), TimeDelta::seconds);
        predicted.max(scene.now - window_end)
    } else if is_on_site(task.status) {
        visit_began(task)? - window_end
    } else {
        return None;
    };
    (by > TimeDelta::zero()).then_some(by)
}

struct Staff {
    present: u32,
    late: u32,
    all: u32,
}

fn staff(scene: &Scene<'_>) -> Staff {
    let mut staff = Staff { present: 0, late: 0, all: 0 };
    for card in scene.picture.shown().resources.values().filter(|row| !row.data.disabled) {
        staff.all += 1;
        match scene.presence(card.data.id) {
            Some(Presence::In { .. }) => staff.present += 1,
            Some(Presence::Late { .. }) => staff.late += 1,
            Some(Presence::Out) | None => {}
        }
    }
    staff
}
