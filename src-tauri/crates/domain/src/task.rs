//! Tasks and their status machine.
//!
//! ```text
//! Draft ─▶ NewTask ─▶ SmsSent ─▶ Acknowledged ─▶ EnRoute ─▶ Arrived ─▶ InProgress ─▶ ReadyForReview ─▶ ReadyForApproval ─▶ Closed
//!            ▲ │          │            │            │          │        │  ▲  │  ╲______________________________________▲
//!            │ └──────────┴─▶ Declined ┘            │          │        │  │  └─▶ Loading ⇄ Unloading, Custom1–4 (work steps)
//!            └────────────────────┘                 └──────────┴────────┴──┴─▶ Suspended ─▶ back to Acknowledged, EnRoute, InProgress
//! any step before Closed ─▶ Canceled (office);     Acknowledged … InProgress, Suspended, reviews ─▶ NotDone ─▶ NewTask (planned again)
//! ```
//!
//! The phone may skip forward (a resource standing on the spot starts at once), never backward except where an arrow is
//! drawn. `Closed` and `Canceled` are final.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{FormId, LonLat, PoiId, ResourceId, SkillId, TaskId, TaskTypeId, UserId, WorkOrderId};

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

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who", content = "id")]
pub enum Actor {
    /// A user in the office.
    Office(UserId),
    /// A resource in the field.
    Field(ResourceId),
    /// The server itself (expiry, import).
    Server,
}

/// How urgent a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract's names say it all")]
pub enum Priority {
    #[default]
    NotSet,
    Lowest,
    Low,
    Normal,
    High,
    Highest,
    Urgent,
}

impl Priority {
    /// All, lowest first.
    pub const ALL: [Priority; 7] = [
        Priority::NotSet,
        Priority::Lowest,
        Priority::Low,
        Priority::Normal,
        Priority::High,
        Priority::Highest,
        Priority::Urgent,
    ];
}

/// The contract's task states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract's names say it all; the module's drawing says how they follow")]
pub enum TaskStatus {
    Draft,
    NewTask,
    SmsSent,
    Acknowledged,
    EnRoute,
    Arrived,
    InProgress,
    Loading,
    Unloading,
    Suspended,
    ReadyForReview,
    ReadyForApproval,
    Closed,
    NotDone,
    Declined,
    Canceled,
    Custom1,
    Custom2,
    Custom3,
    Custom4,
}

/// Why a status step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum StepError {
    /// The machine has no such arrow.
    #[error("a task that is {from:?} can't become {to:?}")]
    Illegal {
        /// The status now.
        from: TaskStatus,
        /// The status asked for.
        to: TaskStatus,
    },
    /// The arrow exists, but only the office may take it.
    #[error("only the office can set a task to {to:?}")]
    OfficeOnly {
        /// The status asked for.
        to: TaskStatus,
    },
    /// The step needs somebody to do the task.
    #[error("the task is not assigned to anybody")]
    Unassigned,
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

impl TaskStatus {
    /// All states, in the contract's order.
    pub const ALL: [TaskStatus; 20] = [
        TaskStatus::Draft,
        TaskStatus::NewTask,
        TaskStatus::SmsSent,
        TaskStatus::Acknowledged,
        TaskStatus::EnRoute,
        TaskStatus::Arrived,
        TaskStatus::InProgress,
        TaskStatus::Loading,
        TaskStatus::Unloading,
        TaskStatus::Suspended,
        TaskStatus::ReadyForReview,
        TaskStatus::ReadyForApproval,
        TaskStatus::Closed,
        TaskStatus::NotDone,
        TaskStatus::Declined,
        TaskStatus::Canceled,
        TaskStatus::Custom1,
        TaskStatus::Custom2,
        TaskStatus::Custom3,
        TaskStatus::Custom4,
    ];

    /// The states that may follow this one; see the module's drawing.
    pub fn next(self) -> &'static [TaskStatus] {
        use TaskStatus::*;
        match self {
            Draft => &[NewTask, Canceled],
            NewTask => &[SmsSent, Acknowledged, EnRoute, Arrived, InProgress, Declined, Draft, Canceled],
            SmsSent => &[Acknowledged, EnRoute, Arrived, InProgress, Declined, Canceled],
            Acknowledged => &[EnRoute, Arrived, InProgress, Suspended, Declined, NotDone, Canceled],
            EnRoute => &[Arrived, InProgress, Acknowledged, Suspended, NotDone, Canceled],
            Arrived => &[InProgress, Loading, Unloading, EnRoute, Suspended, NotDone, Canceled],
            InProgress => &[
                Loading,
                Unloading,
                Custom1,
                Custom2,
                Custom3,
                Custom4,
                Suspended,
                ReadyForReview,
                ReadyForApproval,
                Closed,
                NotDone,
                Canceled,
            ],
            Loading => {
                &[InProgress, Unloading, EnRoute, Suspended, ReadyForReview, Closed, NotDone, Canceled]
            }
            Unloading => {
                &[InProgress, Loading, EnRoute, Suspended, ReadyForReview, Closed, NotDone, Canceled]
            }
            Custom1 | Custom2 | Custom3 | Custom4 => &[
                InProgress,
                Custom1,
                Custom2,
                Custom3,
                Custom4,
                Suspended,
                ReadyForReview,
                Closed,
                NotDone,
                Canceled,
            ],
            Suspended => &[Acknowledged, EnRoute, InProgress, NotDone, Canceled],
            ReadyForReview => &[ReadyForApproval, InProgress, Closed, NotDone, Canceled],
            ReadyForApproval => &[InProgress, Closed, NotDone, Canceled],
            NotDone | Declined => &[NewTask, Canceled],
            Closed | Canceled => &[],
        }
    }

    /// Whether `by` may take the step from this state to `to`.
    pub fn step(self, to: TaskStatus, by: Actor) -> Result<TaskStatus, StepError> {
        if self == to
            && matches!(
                to,
                TaskStatus::Custom1 | TaskStatus::Custom2 | TaskStatus::Custom3 | TaskStatus::Custom4
            )
        {
            return Err(StepError::Illegal { from: self, to });
        }
        if !self.next().contains(&to) {
            return Err(StepError::Illegal { from: self, to });
        }
        if matches!(by, Actor::Field(_)) && to.is_office_only() {
            return Err(StepError::OfficeOnly { to });
        }
        Ok(to)
    }

    /// States that a phone never sets.
    pub fn is_office_only(self) -> bool {
        use TaskStatus::*;
        matches!(self, Draft | NewTask | SmsSent | Canceled | ReadyForApproval)
    }

    /// No step leads out.
    pub fn is_final(self) -> bool {
        self.next().is_empty()
    }

    /// Nothing more is expected of the field: final, or waiting for the office to plan it again.
    pub fn is_over(self) -> bool {
        matches!(self, TaskStatus::Closed | TaskStatus::NotDone | TaskStatus::Canceled)
    }

    /// Work on site has begun (or is being reviewed).
    pub fn is_started(self) -> bool {
        use TaskStatus::*;
        match self {
            InProgress | Loading | Unloading | ReadyForReview | ReadyForApproval | Custom1 | Custom2
            | Custom3 | Custom4 => true,
            Draft | NewTask | SmsSent | Acknowledged | EnRoute | Arrived | Suspended | Closed | NotDone
            | Declined | Canceled => false,
        }
    }

    /// The step needs an assigned resource.
    fn needs_resource(self) -> bool {
        use TaskStatus::*;
        !matches!(self, Draft | NewTask | Canceled)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn office() -> Actor {
        Actor::Office(UserId(Uuid::from_u128(1)))
    }

    fn field() -> Actor {
        Actor::Field(ResourceId(Uuid::from_u128(2)))
    }

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("time")
    }

    fn task() -> Task {
        Task {
            id: TaskId(Uuid::from_u128(3)),
            number: 1,
            title: "Lift stuck".to_owned(),
            description: String::new(),
            task_type: None,
            work_order: None,
            at: LonLat::new(7.42, 43.73).expect("coordinate"),
            address: String::new(),
            poi: None,
            customer: String::new(),
            resource: None,
            status: TaskStatus::NewTask,
            priority: Priority::Normal,
            skills: Vec::new(),
            planned_minutes: 30,
            window_start: None,
            window_end: None,
            timeline: Vec::new(),
            notes: Vec::new(),
            created_at: at(0),
        }
    }

    fn step(status: TaskStatus, by: Actor) -> StatusStep {
        StatusStep { status, at: at(1), by, reason: None }
    }

    #[test]
    fn a_plain_day_assigned_acknowledged_driven_done() {
        let mut task = task();
        task.assign(Some(ResourceId(Uuid::from_u128(2))), at(0), office())
            .expect("a new task can be assigned");
        for status in
            [TaskStatus::Acknowledged, TaskStatus::EnRoute, TaskStatus::Arrived, TaskStatus::InProgress]
        {
            task.advance(step(status, field())).expect("the usual order is legal");
        }
        let refused = task.assign(None, at(2), office());
        assert_eq!(
            refused,
            Err(AssignError::Started(TaskStatus::InProgress)),
            "no taking away under the hands"
        );
        task.advance(step(TaskStatus::Closed, field())).expect("work ends");
        assert_eq!(task.timeline.len(), 5, "each step is in the timeline");
        let late = task.advance(step(TaskStatus::EnRoute, field()));
        assert_eq!(
            late,
            Err(StepError::Illegal { from: TaskStatus::Closed, to: TaskStatus::EnRoute }),
            "closed is closed"
        );
    }

    #[test]
    fn nobody_can_start_what_nobody_has() {
        assert_eq!(
            task().advance(step(TaskStatus::EnRoute, office())),
            Err(StepError::Unassigned),
            "no resource yet"
        );
    }

    #[test]
    fn the_phone_can_not_cancel() {
        let refused = TaskStatus::Acknowledged.step(TaskStatus::Canceled, field());
        assert_eq!(
            refused,
            Err(StepError::OfficeOnly { to: TaskStatus::Canceled }),
            "only the office cancels"
        );
    }

    #[test]
    fn every_state_that_is_not_final_can_reach_an_end() {
        for from in TaskStatus::ALL {
            let mut seen = vec![from];
            let mut index = 0;
            while index < seen.len() {
                for &to in seen[index].next() {
                    if !seen.contains(&to) {
                        seen.push(to);
                    }
                }
                index += 1;
            }
            assert!(seen.iter().any(|status| status.is_final()), "{from:?} is a dead end that is no end");
        }
    }

    fn any_status() -> impl Strategy<Value = TaskStatus> {
        (0..TaskStatus::ALL.len()).prop_map(|index| TaskStatus::ALL[index])
    }

    proptest! {
        #[test]
        fn whatever_is_tried_the_timeline_only_holds_legal_steps(tries in proptest::collection::vec((any_status(), any::<bool>()), 0..60)) {
            let mut task = task();
            task.resource = Some(ResourceId(Uuid::from_u128(2)));
            for (to, from_field) in tries {
                let before = task.clone();
                let by = if from_field { field() } else { office() };
                match task.advance(step(to, by)) {
                    Ok(()) => prop_assert!(before.status.next().contains(&to), "{:?} → {to:?} slipped through", before.status),
                    Err(_) => prop_assert_eq!(&task, &before, "a refused step changes nothing"),
                }
            }
            let mut status = TaskStatus::NewTask;
            for taken in &task.timeline {
                prop_assert!(status.next().contains(&taken.status));
                prop_assert!(!(matches!(taken.by, Actor::Field(_)) && taken.status.is_office_only()));
                status = taken.status;
            }
            prop_assert_eq!(status, task.status);
        }
    }
}
