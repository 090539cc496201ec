//! Tasks and their kinds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::{Actor, Priority};
use super::choice::Choice;
use super::promise::{MessageState, Promise, PromiseDraft, PromiseError, PromiseState};
use super::status::{StepError, TaskStatus};
use crate::{FormId, LonLat, PoiId, PromiseId, ResourceId, SkillId, TaskId, TaskTypeId, WorkOrderId};

/// One piece of work at one place for one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Identity.
    pub id: TaskId,
    /// Short running number that people say on the phone.
    pub number: u32,
    /// What is to be done, in a line.
    pub title: String,
    /// More about it.
    pub description: String,
    /// Kind of task.
    pub task_type: Option<TaskTypeId>,
    /// The order it belongs to.
    pub work_order: Option<WorkOrderId>,
    /// Where.
    pub at: LonLat,
    /// The place's address as text.
    pub address: String,
    /// The POI it was placed by.
    pub poi: Option<PoiId>,
    /// Who for.
    pub customer: String,
    /// Who does it; `None` means unassigned.
    pub resource: Option<ResourceId>,
    /// How far it is.
    pub status: TaskStatus,
    /// How urgent.
    pub priority: Priority,
    /// Skills needed on top of the type's.
    pub skills: Vec<SkillId>,
    /// Planned work on site, minutes.
    pub planned_minutes: u32,
    /// Earliest start.
    pub window_start: Option<DateTime<Utc>>,
    /// Latest arrival that still keeps the appointment.
    pub window_end: Option<DateTime<Utc>>,
    /// How much of a resource's capacity it takes, in the company's own units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub load: u32,
    /// When the work is to begin by the day plan: the place in its resource's day. `None`: it is not planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_start: Option<DateTime<Utc>>,
    /// What the customer was told, oldest first; at most one is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<Promise>,
    /// Who was chosen for it from suggestions, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Every status it had, oldest first.
    pub timeline: Vec<StatusStep>,
    /// Remarks, oldest first; only ever appended.
    pub notes: Vec<Note>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// One step of a task's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusStep {
    /// The status reached.
    pub status: TaskStatus,
    /// When it happened (event time).
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: Actor,
    /// Why, where a reason was given (not done, declined, canceled).
    pub reason: Option<String>,
}

/// A remark on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: Actor,
    /// The text.
    pub text: String,
}

/// Why an assignment is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum AssignError {
    /// Work has begun; suspend it first.
    #[error("the task is already {0:?}: suspend it before giving it to somebody else")]
    Started(TaskStatus),
    /// The task is over.
    #[error("the task is {0:?} and can't be assigned any more")]
    Over(TaskStatus),
}

impl Task {
    /// Takes a status step, or says why not; on success the timeline has it.
    pub fn advance(&mut self, step: StatusStep) -> Result<(), StepError> {
        if self.resource.is_none() && step.status.needs_resource() {
            return Err(StepError::Unassigned);
        }
        self.status = self.status.step(step.status, step.by)?;
        self.promises.iter_mut().for_each(|promise| promise.on_step(step.status, step.at));
        self.timeline.push(step);
        Ok(())
    }

    /// Gives the task to `resource` (or to nobody); it becomes `NewTask` again, since the new person has yet to see it. Its place in
    /// somebody else's day is no longer worth anything.
    pub fn assign(
        &mut self,
        resource: Option<ResourceId>,
        at: DateTime<Utc>,
        by: Actor,
    ) -> Result<(), AssignError> {
        if self.status.is_started() {
            return Err(AssignError::Started(self.status));
        }
        if self.status.is_final() {
            return Err(AssignError::Over(self.status));
        }
        if self.resource != resource {
            self.planned_start = None;
        }
        self.resource = resource;
        if self.status != TaskStatus::NewTask && self.status != TaskStatus::Draft {
            self.timeline.push(StatusStep { status: TaskStatus::NewTask, at, by, reason: None });
            self.status = TaskStatus::NewTask;
        }
        Ok(())
    }

    /// Puts the task into a place of somebody's day, or takes it out. Whoever keeps it need not see it anew.
    ///
    /// # Errors
    /// As [`Task::assign`].
    pub fn plan(
        &mut self,
        resource: Option<ResourceId>,
        planned_start: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
        by: Actor,
    ) -> Result<(), AssignError> {
        if self.status.is_started() {
            return Err(AssignError::Started(self.status));
        }
        if self.status.is_final() {
            return Err(AssignError::Over(self.status));
        }
        // What was declined or not done is new to whoever gets it, also to the same person.
        if self.resource != resource || matches!(self.status, TaskStatus::Declined | TaskStatus::NotDone) {
            self.assign(resource, at, by)?;
        }
        self.planned_start = planned_start.filter(|_| resource.is_some());
        Ok(())
    }

    /// The promise that is still to be kept.
    pub fn open_promise(&self) -> Option<&Promise> {
        self.promises.iter().rfind(|promise| promise.is_open())
    }

    /// Keeps what a customer was told at `at`; it takes the place of what they were told before. The same draft twice is one promise.
    /// What comes in late is settled by what has happened since.
    ///
    /// # Errors
    /// [`PromiseError::NotExpected`]: nobody was to come any more when it was told; that the times make sense was checked when it was told ([`PromiseDraft::check`]).
    pub fn promise(
        &mut self,
        draft: &PromiseDraft,
        at: DateTime<Utc>,
        by: Actor,
    ) -> Result<(), PromiseError> {
        if self.promises.iter().any(|known| known.id == draft.id) {
            return Ok(());
        }
        let mut promise = Promise::told(draft, at, by, self.resource);
        let newer = self.promises.iter().map(|known| known.told_at).filter(|told| *told > at).min();
        let counts = |step: &&StatusStep| step.at > at && newer.is_none_or(|newer| step.at <= newer);
        self.timeline.iter().filter(counts).for_each(|step| promise.on_step(step.status, step.at));
        if let Some(newer) = newer.filter(|_| promise.is_open()) {
            promise.settle(PromiseState::Replaced { at: newer }, newer);
        }
        if promise.is_open() && !self.is_expected() {
            return Err(PromiseError::NotExpected);
        }
        for open in self.promises.iter_mut().filter(|known| known.was_open(at)) {
            open.settle(PromiseState::Replaced { at }, at);
        }
        let place = self.promises.partition_point(|known| known.told_at <= at);
        self.promises.insert(place, promise);
        Ok(())
    }

    /// Takes a promise back: it was told by mistake, or the customer was told that nobody comes.
    ///
    /// # Errors
    /// [`PromiseError::NotOpen`]
    pub fn withdraw_promise(&mut self, id: PromiseId, at: DateTime<Utc>) -> Result<(), PromiseError> {
        let open = self.promises.iter_mut().find(|promise| promise.id == id && promise.is_open());
        open.ok_or(PromiseError::NotOpen)?.settle(PromiseState::Void { at }, at);
        Ok(())
    }

    /// Notes what became of a promise's message; that it was sent is final, also where it was given up meanwhile.
    pub fn note_message(&mut self, id: PromiseId, state: MessageState) {
        let promise = self.promises.iter_mut().find(|promise| promise.id == id);
        let message = promise.and_then(|promise| promise.message.as_mut());
        if let Some(message) = message.filter(|known| !matches!(known, MessageState::Sent { .. })) {
            *message = state;
        }
    }

    /// Whether somebody is still to come: nobody has arrived, and the task is not over.
    pub fn is_expected(&self) -> bool {
        use TaskStatus::*;
        matches!(self.status, Draft | NewTask | SmsSent | Acknowledged | EnRoute | Suspended | Declined)
    }

    /// When the task entered the status it has now.
    pub fn status_since(&self) -> DateTime<Utc> {
        self.timeline.last().map_or(self.created_at, |step| step.at)
    }
}

fn is_zero(load: &u32) -> bool {
    *load == 0
}

/// A kind of task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskType {
    /// Identity.
    pub id: TaskTypeId,
    /// Its name.
    pub name: String,
    /// Planned work on site, minutes.
    pub planned_minutes: u32,
    /// Skills that a task of this type needs.
    pub skills: Vec<SkillId>,
    /// The form to fill before closing.
    pub form: Option<FormId>,
}
