//! Tasks and their kinds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::{Actor, Priority};
use super::status::{StepError, TaskStatus};
use crate::{FormId, LonLat, PoiId, ResourceId, SkillId, TaskId, TaskTypeId, WorkOrderId};

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
        self.timeline.push(step);
        Ok(())
    }

    /// Gives the task to `resource` (or to nobody); it becomes `NewTask` again, since the new person has yet to see it.
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
        self.resource = resource;
        if self.status != TaskStatus::NewTask && self.status != TaskStatus::Draft {
            self.timeline.push(StatusStep { status: TaskStatus::NewTask, at, by, reason: None });
            self.status = TaskStatus::NewTask;
        }
        Ok(())
    }

    /// When the task entered the status it has now.
    pub fn status_since(&self) -> DateTime<Utc> {
        self.timeline.last().map_or(self.created_at, |step| step.at)
    }
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
