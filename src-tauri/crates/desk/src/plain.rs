//! Rows with nothing unusual about them; a test names what matters to it.

use chrono::{DateTime, Utc};
use domain::task::{Priority, Task};
use domain::{LonLat, TaskId};
use protocol::wire::TaskDraft;
use uuid::Uuid;

/// Half an hour's work, at any time.
pub fn draft(number: u128) -> TaskDraft {
    TaskDraft {
        id: TaskId(Uuid::from_u128(number)),
        title: "Lift stuck".to_owned(),
        description: String::new(),
        task_type: None,
        at: LonLat::from_e7(74_000_000, 437_000_000),
        address: String::new(),
        poi: None,
        customer: String::new(),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
    }
}

/// The same as a task that nobody has.
pub fn task(number: u128, created_at: DateTime<Utc>) -> Task {
    draft(number).new_task(1, created_at)
}
