//! Which tasks are listed, and in which order.

use std::cmp::Ordering;

use domain::task::TaskStatus;
use domain::*;
use protocol::view::*;

use crate::format::{self, late_secs};

/// Which tasks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "names of the chips")]
pub enum TaskChip {
    Open,
    Unassigned,
    Late,
    Active,
    Over,
    All,
}

impl TaskChip {
    /// All chips.
    pub const ALL: [TaskChip; 6] = [
        TaskChip::Open,
        TaskChip::Unassigned,
        TaskChip::Late,
        TaskChip::Active,
        TaskChip::Over,
        TaskChip::All,
    ];

    /// Whether a task belongs to this chip.
    pub fn takes(self, row: &TaskView) -> bool {
        let over = row.task.status.is_over();
        match self {
            TaskChip::Open => !over,
            TaskChip::Unassigned => !over && row.task.resource.is_none(),
            TaskChip::Late => !over && late_secs(row.eta.as_ref()).is_some(),
            TaskChip::Active => row.task.status.is_started() || on_the_way(row.task.status),
            TaskChip::Over => over,
            TaskChip::All => true,
        }
    }
}

fn on_the_way(status: TaskStatus) -> bool {
    matches!(status, TaskStatus::EnRoute | TaskStatus::Arrived)
}

/// Columns by which tasks are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "names of columns")]
pub enum TaskColumn {
    Number,
    Title,
    Status,
    Resource,
    Priority,
    Window,
    Eta,
}

/// What the task table shows.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is named after what it does")]
pub struct TaskFilter {
    pub text: String,
    pub chip: TaskChip,
    pub column: TaskColumn,
    pub descending: bool,
}

impl Default for TaskFilter {
    fn default() -> Self {
        Self { text: String::new(), chip: TaskChip::Open, column: TaskColumn::Window, descending: false }
    }
}

/// Ids of the tasks that `filter` lets through, in its order. `name_of` names whoever has a task.
pub fn choose_tasks(
    rows: &[std::sync::Arc<TaskView>],
    filter: &TaskFilter,
    name_of: impl Fn(ResourceId) -> String,
) -> Vec<TaskId> {
    let text = filter.text.trim().to_lowercase();
    let name = |row: &TaskView| row.task.resource.map(&name_of).unwrap_or_default();
    let found = |row: &TaskView| {
        let task = &row.task;
        text.is_empty()
            || [&task.title, &task.customer, &task.address]
                .iter()
                .any(|field| field.to_lowercase().contains(&text))
            || task.number.to_string().starts_with(text.trim_start_matches('#'))
            || name(row).to_lowercase().contains(&text)
    };
    let mut chosen: Vec<&TaskView> =
        rows.iter().map(AsRef::as_ref).filter(|row| filter.chip.takes(row) && found(row)).collect();
    let order = |a: &TaskView, b: &TaskView| match filter.column {
        TaskColumn::Number => a.task.number.cmp(&b.task.number),
        TaskColumn::Title => a.task.title.cmp(&b.task.title),
        TaskColumn::Status => a.task.status.cmp(&b.task.status),
        TaskColumn::Resource => name(a).cmp(&name(b)),
        TaskColumn::Priority => b.task.priority.cmp(&a.task.priority),
        TaskColumn::Window => none_last(a.task.window_end, b.task.window_end),
        TaskColumn::Eta => none_last(arrival(a), arrival(b)),
    };
    chosen.sort_by(|a, b| {
        let by_column = if filter.descending { order(b, a) } else { order(a, b) };
        by_column.then_with(|| a.task.number.cmp(&b.task.number))
    });
    chosen.into_iter().map(|row| row.task.id).collect()
}

pub(super) fn arrival(row: &TaskView) -> Option<chrono::DateTime<chrono::Utc>> {
    format::arrival(row.eta.as_ref())
}

pub(super) fn none_last<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
