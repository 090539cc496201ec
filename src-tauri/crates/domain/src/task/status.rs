//! The status machine itself.

use serde::{Deserialize, Serialize};

use super::actor::Actor;

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
    pub(crate) fn needs_resource(self) -> bool {
        use TaskStatus::*;
        !matches!(self, Draft | NewTask | Canceled)
    }
}
