//! The status machine, told as days and tried with every step.

mod plans;
mod promises;

use chrono::{DateTime, Utc};

use super::*;
use crate::{LonLat, ResourceId, TaskId, UserId};
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
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
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
    task.assign(Some(ResourceId(Uuid::from_u128(2))), at(0), office()).expect("a new task can be assigned");
    for status in [TaskStatus::Acknowledged, TaskStatus::EnRoute, TaskStatus::Arrived, TaskStatus::InProgress]
    {
        task.advance(step(status, field())).expect("the usual order is legal");
    }
    let refused = task.assign(None, at(2), office());
    assert_eq!(refused, Err(AssignError::Started(TaskStatus::InProgress)), "no taking away under the hands");
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
    assert_eq!(refused, Err(StepError::OfficeOnly { to: TaskStatus::Canceled }), "only the office cancels");
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
