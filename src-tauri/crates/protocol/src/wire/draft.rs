//! What the office says of a task, and the limits on it.

use chrono::{DateTime, Utc};
use domain::task::Priority;
use domain::{LonLat, PoiId, SkillId, TaskId, TaskTypeId};
use serde::{Deserialize, Serialize};

/// What the office says of a task when it creates or edits one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDraft {
    /// Identity, made by the desk (UUIDv7).
    pub id: TaskId,
    /// What is to be done, 1–200 characters.
    pub title: String,
    /// More about it, at most 10,000 characters.
    pub description: String,
    /// Kind of task.
    pub task_type: Option<TaskTypeId>,
    /// Where.
    pub at: LonLat,
    /// The place's address as text.
    pub address: String,
    /// The POI it was placed by.
    pub poi: Option<PoiId>,
    /// Who for.
    pub customer: String,
    /// How urgent.
    pub priority: Priority,
    /// Skills needed.
    pub skills: Vec<SkillId>,
    /// Planned work on site, minutes, 1–1,440.
    pub planned_minutes: u32,
    /// Earliest start.
    pub window_start: Option<DateTime<Utc>>,
    /// Latest arrival.
    pub window_end: Option<DateTime<Utc>>,
}

/// What is wrong with a task draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftError {
    /// Empty or over 200 characters.
    #[error("a task needs a title of 1 to 200 characters")]
    Title,
    /// A text is over its limit.
    #[error("a text is too long")]
    TooLong,
    /// Outside 1–1,440 minutes.
    #[error("planned work must be 1 to 1,440 minutes")]
    PlannedMinutes,
    /// Ends before it starts.
    #[error("the window ends before it starts")]
    Window,
}

impl TaskDraft {
    /// Checks lengths and ranges; the first problem.
    pub fn check(&self) -> Result<(), DraftError> {
        let title = self.title.trim().chars().count();
        if !(1..=200).contains(&title) {
            return Err(DraftError::Title);
        }
        if self.description.len() > 10_000 || self.address.len() > 500 || self.customer.len() > 200 {
            return Err(DraftError::TooLong);
        }
        if !(1..=1440).contains(&self.planned_minutes) {
            return Err(DraftError::PlannedMinutes);
        }
        if self.window_start.zip(self.window_end).is_some_and(|(start, end)| end < start) {
            return Err(DraftError::Window);
        }
        Ok(())
    }
}
