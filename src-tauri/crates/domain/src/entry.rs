//! Entries: anything the field reports.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::attendance::AttendanceKind;
use crate::bid::BidAnswer;
use crate::form::Submission;
use crate::position::{Fix, Trigger};
use crate::task::TaskStatus;
use crate::{BidId, EntryGuid, TaskId};

/// One report from a phone. The same `guid` twice is one entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Idempotency key, made by the phone.
    pub guid: EntryGuid,
    /// When it happened, by the phone's clock.
    pub event_time: DateTime<Utc>,
    /// Where; absent while private or without a fix.
    pub fix: Option<Fix>,
    /// What is reported.
    pub body: EntryBody,
}

/// What an entry reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum EntryBody {
    /// Sign in (21) or sign out (22).
    Attendance {
        /// In or out.
        kind: AttendanceKind,
    },
    /// A status step of a task (23 start, 24 end, 25 confirm, 26 close, 29 not done, 34 en route, …).
    Task {
        /// Which task.
        task: TaskId,
        /// The status reached.
        status: TaskStatus,
        /// Why, for a task not done or declined.
        reason: Option<String>,
    },
    /// A form, for a task (33) or on its own (60).
    Form {
        /// The filled form.
        submission: Box<Submission>,
    },
    /// An answer to a bid.
    BidResponse {
        /// Which bid.
        bid: BidId,
        /// The answer.
        answer: BidAnswer,
    },
    /// The answer to a location request.
    Location,
    /// The app came to the foreground.
    AppOpened,
    /// The phone asked for everything.
    FullSync,
    /// Somebody asks for help.
    Sos,
}

impl EntryBody {
    /// The contract's number for this type of entry; ours, beyond the contract, start at 1001.
    pub fn code(&self) -> u16 {
        match self {
            EntryBody::Attendance { kind: AttendanceKind::SignIn } => 21,
            EntryBody::Attendance { kind: AttendanceKind::SignOut } => 22,
            EntryBody::Task { status, .. } => task_code(*status),
            EntryBody::Form { submission } if submission.task.is_some() => 33,
            EntryBody::Form { .. } => 60,
            EntryBody::BidResponse { .. } => 1001,
            EntryBody::Location => 1002,
            EntryBody::AppOpened => 1003,
            EntryBody::FullSync => 1004,
            EntryBody::Sos => 1006,
        }
    }

    /// The occasion on which this entry carries the phone's location.
    pub fn trigger(&self) -> Trigger {
        match self {
            EntryBody::Attendance { .. } => Trigger::AttendanceEntry,
            EntryBody::Task { .. } => Trigger::TaskEntry,
            EntryBody::Form { .. } => Trigger::FormFilled,
            EntryBody::BidResponse { .. } => Trigger::BidResponse,
            EntryBody::Location => Trigger::LocationRequest,
            EntryBody::AppOpened => Trigger::AppOpened,
            EntryBody::FullSync => Trigger::FullSync,
            EntryBody::Sos => Trigger::Sos,
        }
    }
}

fn task_code(status: TaskStatus) -> u16 {
    use TaskStatus::*;
    match status {
        InProgress | Loading | Unloading | Custom1 | Custom2 | Custom3 | Custom4 => 23,
        ReadyForReview | ReadyForApproval | Suspended => 24,
        Acknowledged => 25,
        Closed => 26,
        NotDone | Declined => 29,
        EnRoute | Arrived => 34,
        Draft | NewTask | SmsSent | Canceled => 1005,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_codes() {
        let sign_in = EntryBody::Attendance { kind: AttendanceKind::SignIn };
        let task = |status| EntryBody::Task { task: TaskId(uuid::Uuid::nil()), status, reason: None };
        assert_eq!(sign_in.code(), 21, "sign in");
        assert_eq!(task(TaskStatus::EnRoute).code(), 34, "en route to task");
        assert_eq!(task(TaskStatus::NotDone).code(), 29, "task not done");
        assert_eq!(
            task(TaskStatus::Closed).trigger(),
            Trigger::TaskEntry,
            "a task entry reports the location"
        );
    }
}
