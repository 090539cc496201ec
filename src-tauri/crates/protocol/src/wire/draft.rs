//! What the office says of a task, the limits on it, and how two people's edits come together.

use chrono::{DateTime, Utc};
use domain::task::{Priority, Task, TaskStatus};
use domain::{LonLat, PoiId, SkillId, TaskId, TaskTypeId};
use serde::{Deserialize, Serialize};

use super::merge::{Merge, SAME_M};

/// More than this (units of capacity) nobody carries.
const MOST_LOAD: u32 = 1_000_000;

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
    /// How much of a resource's capacity it takes, at most 1,000,000.
    #[serde(default)]
    pub load: u32,
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
    /// Over 1,000,000.
    #[error("a load must be at most 1,000,000")]
    Load,
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
        if self.load > MOST_LOAD {
            return Err(DraftError::Load);
        }
        Ok(())
    }
}

/// A field of a [`TaskDraft`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in the draft")]
pub enum TaskField {
    Title,
    Description,
    TaskType,
    At,
    Address,
    Poi,
    Customer,
    Priority,
    Skills,
    PlannedMinutes,
    WindowStart,
    WindowEnd,
    Load,
}

impl TaskDraft {
    /// What the office says of a task now.
    pub fn of(task: &Task) -> Self {
        TaskDraft {
            id: task.id,
            title: task.title.clone(),
            description: task.description.clone(),
            task_type: task.task_type,
            at: task.at,
            address: task.address.clone(),
            poi: task.poi,
            customer: task.customer.clone(),
            priority: task.priority,
            skills: task.skills.clone(),
            planned_minutes: task.planned_minutes,
            window_start: task.window_start,
            window_end: task.window_end,
            load: task.load,
        }
    }

    /// A task of this draft that nobody has and nothing has happened to yet.
    pub fn new_task(&self, number: u32, created_at: DateTime<Utc>) -> Task {
        let mut task = Task {
            id: self.id,
            number,
            title: String::new(),
            description: String::new(),
            task_type: None,
            work_order: None,
            at: self.at,
            address: String::new(),
            poi: None,
            customer: String::new(),
            resource: None,
            status: TaskStatus::NewTask,
            priority: self.priority,
            skills: Vec::new(),
            planned_minutes: self.planned_minutes,
            window_start: None,
            window_end: None,
            load: 0,
            planned_start: None,
            promises: Vec::new(),
            choices: Vec::new(),
            timeline: Vec::new(),
            notes: Vec::new(),
            created_at,
        };
        self.apply_to(&mut task);
        task
    }

    /// Gives a task the values of this draft.
    pub fn apply_to(&self, task: &mut Task) {
        self.title.trim().clone_into(&mut task.title);
        task.description.clone_from(&self.description);
        task.task_type = self.task_type;
        task.at = self.at;
        task.address.clone_from(&self.address);
        task.poi = self.poi;
        task.customer.clone_from(&self.customer);
        task.priority = self.priority;
        task.skills.clone_from(&self.skills);
        task.planned_minutes = self.planned_minutes;
        task.window_start = self.window_start;
        task.window_end = self.window_end;
        task.load = self.load;
    }

    /// This draft, made from `base`, on top of what others have made of `base` meanwhile: a field that was changed here is as
    /// here, any other as there. Beside it the fields that both changed to different values; an edit with such fields is a
    /// conflict, and no silent winner.
    pub fn merge(&self, base: &TaskDraft, theirs: &TaskDraft) -> (TaskDraft, Vec<TaskField>) {
        let mut clashes = Vec::new();
        let same_place = |a: &LonLat, b: &LonLat| a.is_within(*b, SAME_M);
        let at = Merge(&base.at, &self.at, &theirs.at).into_by(same_place, TaskField::At, &mut clashes);
        macro_rules! merged {
            ($($name:ident: $field:ident),* $(,)?) => {
                TaskDraft {
                    id: self.id,
                    at,
                    $($name: Merge(&base.$name, &self.$name, &theirs.$name).into(TaskField::$field, &mut clashes)),*
                }
            };
        }
        let draft = merged! {
            title: Title,
            description: Description,
            task_type: TaskType,
            address: Address,
            poi: Poi,
            customer: Customer,
            priority: Priority,
            skills: Skills,
            planned_minutes: PlannedMinutes,
            window_start: WindowStart,
            window_end: WindowEnd,
            load: Load,
        };
        (draft, clashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> TaskDraft {
        TaskDraft {
            id: TaskId(uuid::Uuid::from_u128(1)),
            title: "Lift stuck".to_owned(),
            description: String::new(),
            task_type: None,
            at: LonLat::new(7.42, 43.73).expect("a place"),
            address: String::new(),
            poi: None,
            customer: "Riviera".to_owned(),
            priority: Priority::Normal,
            skills: Vec::new(),
            planned_minutes: 30,
            window_start: None,
            window_end: None,
            load: 0,
        }
    }

    #[test]
    fn edits_of_different_fields_both_stay() {
        let base = draft();
        let mine = TaskDraft { title: "Lift stuck, two people".to_owned(), ..base.clone() };
        let theirs = TaskDraft { planned_minutes: 60, ..base.clone() };
        let (merged, clashes) = mine.merge(&base, &theirs);
        assert_eq!(clashes, [], "nothing was changed twice");
        assert_eq!(
            (merged.title.as_str(), merged.planned_minutes),
            ("Lift stuck, two people", 60),
            "both edits"
        );
    }

    #[test]
    fn the_same_field_changed_twice_is_a_clash_unless_both_mean_the_same() {
        let base = draft();
        let titled = |title: &str| TaskDraft { title: title.to_owned(), ..base.clone() };
        let (_, clashes) = titled("mine").merge(&base, &titled("theirs"));
        assert_eq!(clashes, [TaskField::Title], "somebody has to decide");
        let (merged, clashes) = titled("same").merge(&base, &titled("same"));
        assert_eq!((merged.title.as_str(), clashes.len()), ("same", 0), "both wanted the same");
        let (merged, clashes) = base.merge(&base, &titled("theirs"));
        assert_eq!(
            (merged.title.as_str(), clashes.len()),
            ("theirs", 0),
            "an edit that changes nothing takes nothing back"
        );
    }

    #[test]
    fn a_task_says_what_its_draft_says() {
        let task = draft().new_task(7, DateTime::UNIX_EPOCH);
        assert_eq!(TaskDraft::of(&task), draft(), "there and back");
        assert_eq!((task.number, task.timeline.len()), (7, 0), "numbered, and nothing has happened to it");
    }
}
