//! What a simulated person does: tasks from the acknowledgement to the end, and looking after places in between.

use chrono::{DateTime, TimeDelta, Utc};
use domain::entry::EntryBody;
use domain::task::{Actor, Task, TaskStatus};
use domain::travel::TravelMode;
use domain::{LonLat, TaskId};
use rand::Rng;

use super::motion::{Drive, at_pace};
use super::{Worker, forms};
use crate::handset::Handset;
use crate::roads::{Roads, straight_way};

/// Share of new tasks that are declined.
const DECLINED: f64 = 0.04;
/// Share of begun tasks that can't be done.
const NOT_DONE: f64 = 0.06;
/// A task that was begun so often and never went on is left alone.
const MOST_BEGINNINGS: u32 = 4;
/// A task may be begun this long before its window opens, or its place in the day plan comes.
const EARLY: TimeDelta = TimeDelta::minutes(30);
/// Speed across country where no road leads, metres per second.
const OFF_ROAD_MPS: f64 = 6.0;

/// Occupations.
#[derive(Debug, Clone)]
pub(crate) enum Doing {
    /// A pause.
    Resting { until: DateTime<Utc> },
    /// On the way to look after a place, for so many seconds.
    Patrolling { drive: Drive, to: LonLat, stay_secs: i64 },
    /// On the way to a task.
    Going { task: TaskId, drive: Drive },
    /// At the door, finding somebody who opens.
    AtDoor { task: TaskId, until: DateTime<Utc> },
    /// Work.
    Working { task: TaskId, until: DateTime<Utc>, is_form_filled: bool },
}

/// A status step that a person wants to take.
struct Step {
    task: TaskId,
    status: TaskStatus,
    reason: Option<&'static str>,
}

impl Step {
    fn to(task: TaskId, status: TaskStatus) -> Self {
        Step { task, status, reason: None }
    }

    fn refusing(task: TaskId, status: TaskStatus, reason: &'static str) -> Self {
        Step { task, status, reason: Some(reason) }
    }
}

impl Doing {
    pub fn drive(&self) -> Option<&Drive> {
        match self {
            Doing::Patrolling { drive, .. } | Doing::Going { drive, .. } => Some(drive),
            Doing::Resting { .. } | Doing::AtDoor { .. } | Doing::Working { .. } => None,
        }
    }

    fn task(&self) -> Option<TaskId> {
        match self {
            Doing::Going { task, .. } | Doing::AtDoor { task, .. } | Doing::Working { task, .. } => {
                Some(*task)
            }
            Doing::Resting { .. } | Doing::Patrolling { .. } => None,
        }
    }
}

impl Worker {
    /// Nothing has been begun that has to be finished.
    pub(super) fn is_free(&self) -> bool {
        self.doing.task().is_none()
    }

    pub(super) fn work(&mut self, handset: &mut Handset, roads: &dyn Roads, now: DateTime<Utc>) {
        self.look_at_new_tasks(handset, now);
        if let Some(task) = self.doing.task() {
            let own = handset.tasks().find(|known| known.id == task).cloned();
            return match own {
                Some(task) if goes_on(task.status) => self.go_on(&task, handset, now),
                // Taken away, canceled or suspended by the office.
                Some(_) | None => self.rest(0, now),
            };
        }
        if let Some(task) = self.choose(handset, now) {
            return self.begin(&task, handset, roads, now);
        }
        match &self.doing {
            Doing::Patrolling { drive, stay_secs, to } if drive.is_over(now) => {
                let (to, stay_secs) = (*to, *stay_secs);
                self.here = to;
                self.rest(stay_secs, now);
            }
            Doing::Resting { until } if *until <= now => self.patrol(handset.resource().travels, roads, now),
            Doing::Patrolling { .. } | Doing::Resting { .. } | Doing::Going { .. } | Doing::AtDoor { .. } => {
            }
            Doing::Working { .. } => {}
        }
    }

    /// New tasks are acknowledged, and a few declined, once the person has looked at them.
    fn look_at_new_tasks(&mut self, handset: &mut Handset, now: DateTime<Utc>) {
        let is_new = |task: &&Task| matches!(task.status, TaskStatus::NewTask | TaskStatus::SmsSent);
        let new: Vec<TaskId> = handset.tasks().filter(is_new).map(|task| task.id).collect();
        self.look_at.retain(|task, _| new.contains(task));
        for task in new {
            let delay =
                TimeDelta::milliseconds((self.rng.random_range(15_000.0..90_000.0) / self.plan.speed) as i64);
            if *self.look_at.entry(task).or_insert(now + delay) > now {
                continue;
            }
            if self.rng.random_bool(DECLINED) {
                let reason =
                    ["Not my area", "No parts for this", "Fully booked today"][self.rng.random_range(0..3)];
                self.take_step(handset, Step::refusing(task, TaskStatus::Declined, reason), now);
            } else {
                self.take_step(handset, Step::to(task, TaskStatus::Acknowledged), now);
            }
        }
    }

    /// The task to do next: what was begun, then by the day plan, then by priority, then by the end of the window.
    fn choose(&self, handset: &Handset, now: DateTime<Utc>) -> Option<Task> {
        let may_begin = |task: &&Task| {
            let opens = task.window_start.max(task.planned_start);
            let is_time = opens.is_none_or(|start| start <= now + EARLY);
            let is_hopeful = self.begun.get(&task.id).is_none_or(|times| *times < MOST_BEGINNINGS);
            is_time && is_hopeful && rank(task.status).is_some()
        };
        let order = |task: &&Task| {
            let window_end = task.window_end.unwrap_or(DateTime::<Utc>::MAX_UTC);
            let planned = task.planned_start.unwrap_or(DateTime::<Utc>::MAX_UTC);
            (rank(task.status), planned, std::cmp::Reverse(task.priority), window_end, task.number)
        };
        handset.tasks().filter(may_begin).min_by_key(order).cloned()
    }

    fn begin(&mut self, task: &Task, handset: &mut Handset, roads: &dyn Roads, now: DateTime<Utc>) {
        let sets_out = matches!(task.status, TaskStatus::Acknowledged | TaskStatus::Suspended);
        if sets_out && !self.take_step(handset, Step::to(task.id, TaskStatus::EnRoute), now) {
            return;
        }
        *self.begun.entry(task.id).or_default() += 1;
        let from = self.whereabouts(now).at;
        let way = roads.way(from, task.at).unwrap_or_else(|| straight_way(from, task.at, OFF_ROAD_MPS));
        let way = at_pace(way, handset.resource().travels);
        let drive = Drive::new(way, now, self.plan.speed, self.habits.style(true));
        self.doing = Doing::Going { task: task.id, drive };
    }

    fn go_on(&mut self, task: &Task, handset: &mut Handset, now: DateTime<Utc>) {
        match self.doing.clone() {
            Doing::Going { drive, .. } if drive.is_over(now) => self.arrive(task, handset, now),
            Doing::AtDoor { until, .. } if until <= now => self.start(task, handset, now),
            Doing::Working { until, is_form_filled, .. } if until <= now => {
                self.finish(task, is_form_filled, handset, now);
            }
            Doing::Going { .. } | Doing::AtDoor { .. } | Doing::Working { .. } => {}
            Doing::Resting { .. } | Doing::Patrolling { .. } => {}
        }
    }

    fn arrive(&mut self, task: &Task, handset: &mut Handset, now: DateTime<Utc>) {
        if task.status == TaskStatus::EnRoute
            && !self.take_step(handset, Step::to(task.id, TaskStatus::Arrived), now)
        {
            return;
        }
        self.here = task.at;
        let wait_secs = self.rng.random_range(20.0..90.0);
        let until = now + self.shortened(wait_secs);
        self.doing = Doing::AtDoor { task: task.id, until };
    }

    fn start(&mut self, task: &Task, handset: &mut Handset, now: DateTime<Utc>) {
        let has_started = task.status.is_started();
        if !has_started && !self.take_step(handset, Step::to(task.id, TaskStatus::InProgress), now) {
            return;
        }
        let planned_secs = f64::from(task.planned_minutes.max(1)) * 60.0;
        let share = self.rng.random_range(0.7..1.3);
        let until = now + self.shortened(planned_secs * share);
        self.doing = Doing::Working { task: task.id, until, is_form_filled: false };
    }

    fn finish(&mut self, task: &Task, is_form_filled: bool, handset: &mut Handset, now: DateTime<Utc>) {
        if !is_form_filled {
            if self.rng.random_bool(NOT_DONE) {
                let reason = ["Nobody at home", "Part is missing", "No access to the building"]
                    [self.rng.random_range(0..3)];
                if self.take_step(handset, Step::refusing(task.id, TaskStatus::NotDone, reason), now) {
                    self.rest(5, now);
                }
                return;
            }
            if !self.fill_form(task, handset, now) {
                return;
            }
            self.doing = Doing::Working { task: task.id, until: now, is_form_filled: true };
        }
        if self.take_step(handset, Step::to(task.id, TaskStatus::Closed), now) {
            self.rest(5, now);
        }
    }

    fn fill_form(&mut self, task: &Task, handset: &mut Handset, now: DateTime<Utc>) -> bool {
        // Which form belongs to the task's type is the office's knowledge; a phone fills one of those it was sent.
        let count = handset.forms().len().max(1);
        let Some(form) = handset.forms().get(task.number as usize % count) else { return true };
        let submission = Box::new(forms::fill(form, task.id, handset.id(), now, &mut self.rng));
        self.report(handset, EntryBody::Form { submission }, now)
    }

    /// Looks after a place, or drives somewhere.
    fn patrol(&mut self, mode: TravelMode, roads: &dyn Roads, now: DateTime<Utc>) {
        let places = self.plan.places.clone();
        let is_visit = !places.is_empty() && self.rng.random_bool(0.5);
        let (to, stay_secs) = if is_visit {
            (places[self.rng.random_range(0..places.len())], self.rng.random_range(45..120))
        } else {
            (roads.somewhere(self.rng.random()), self.rng.random_range(10..40))
        };
        match roads.way(self.here, to) {
            Some(way) => {
                let way = at_pace(way, mode);
                let drive = Drive::new(way, now, self.plan.speed, self.habits.style(false));
                self.doing = Doing::Patrolling { drive, to, stay_secs };
            }
            None => self.rest(2, now),
        }
    }

    fn rest(&mut self, secs: i64, now: DateTime<Utc>) {
        self.here = self.whereabouts(now).at;
        self.doing = Doing::Resting { until: now + TimeDelta::seconds(secs) };
    }

    /// Reports a step that the status machine allows; `false` if it doesn't, or if the phone's queue is full.
    fn take_step(&mut self, handset: &mut Handset, step: Step, now: DateTime<Utc>) -> bool {
        let Step { task, status, reason } = step;
        let by = Actor::Field(handset.id());
        let is_legal = handset.task(task).is_some_and(|task| task.status.step(status, by).is_ok());
        let reason = reason.map(str::to_owned);
        is_legal && self.report(handset, EntryBody::Task { task, status, reason }, now)
    }

    fn shortened(&self, secs: f64) -> TimeDelta {
        TimeDelta::milliseconds((secs * 1_000.0 / self.plan.speed) as i64)
    }
}

/// Whether somebody who is on it keeps at it in this state.
fn goes_on(status: TaskStatus) -> bool {
    status.is_started() && rank(status).is_some()
        || matches!(status, TaskStatus::EnRoute | TaskStatus::Arrived)
}

/// What is done first; `None`: there is nothing to do for the field.
fn rank(status: TaskStatus) -> Option<u8> {
    use TaskStatus::*;
    match status {
        InProgress | Loading | Unloading | Custom1 | Custom2 | Custom3 | Custom4 => Some(0),
        Arrived => Some(1),
        EnRoute => Some(2),
        Acknowledged => Some(3),
        Suspended => Some(4),
        Draft | NewTask | SmsSent | ReadyForReview | ReadyForApproval | Closed | NotDone | Declined
        | Canceled => None,
    }
}
