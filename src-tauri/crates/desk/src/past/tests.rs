//! A Monday morning, looked at from the afternoon.

use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::position::{Fix, PositionState};
use domain::resource::Resource;
use domain::task::{
    Actor, Choice, ChoiceMade, Promise, PromiseChannel, PromiseState, StatusStep, Task, TaskStatus,
};
use domain::{EntryGuid, GroupId, LonLat, ProfileId, PromiseId, ResourceId, UserId};
use protocol::entity::Entity;
use protocol::wire::WhereaboutsResponse;
use uuid::Uuid;

use super::{Past, task_then};
use crate::rows::Rows;

fn clock(text: &str) -> DateTime<Utc> {
    format!("2026-11-23T{text}:00Z").parse().expect("time")
}

fn place() -> LonLat {
    LonLat::new(7.42, 43.73).expect("coordinate")
}

fn resource(number: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(number))
}

const ANA: u128 = 1;
const BEN: u128 = 2;

fn office() -> Actor {
    Actor::Office(UserId(Uuid::from_u128(21)))
}

fn card(number: u128) -> Resource {
    Resource {
        id: resource(number),
        name: format!("Person {number}"),
        employee_number: String::new(),
        group: GroupId(Uuid::from_u128(3)),
        phone: String::new(),
        email: String::new(),
        skills: Vec::new(),
        working_hours: Vec::new(),
        breaks: Vec::new(),
        capacity: None,
        travels: domain::travel::TravelMode::Car,
        ui_language: "fr".to_owned(),
        profile: ProfileId(Uuid::from_u128(4)),
        home: None,
        on_duty: false,
        private_since: None,
        last_heard: None,
        battery: None,
        disabled: false,
    }
}

/// Ana's today: created at eight, and what happened since.
fn lift(steps: &[(&str, TaskStatus, Actor)]) -> Task {
    let step = |(at, status, by): &(&str, TaskStatus, Actor)| StatusStep {
        status: *status,
        at: clock(at),
        by: *by,
        reason: None,
    };
    Task {
        at: place(),
        resource: Some(resource(ANA)),
        status: steps.last().map_or(TaskStatus::NewTask, |(_, status, _)| *status),
        planned_start: Some(clock("09:00")),
        timeline: steps.iter().map(step).collect(),
        ..crate::plain::task(10, clock("08:00"))
    }
}

fn then(task: &Task, at: &str) -> Task {
    task_then(task, clock(at)).expect("the task was there")
}

#[test]
fn a_task_is_as_far_as_it_was() {
    let ana = Actor::Field(resource(ANA));
    let task = lift(&[
        ("08:00", TaskStatus::NewTask, office()),
        ("08:10", TaskStatus::Acknowledged, ana),
        ("08:20", TaskStatus::EnRoute, ana),
        ("09:00", TaskStatus::Closed, ana),
    ]);
    assert_eq!(task_then(&task, clock("07:59")), None, "there was no such task");
    assert_eq!(then(&task, "08:05").status, TaskStatus::NewTask, "she had not seen it");
    assert_eq!(
        then(&task, "08:05").resource,
        Some(resource(ANA)),
        "but she was the first to do something about it"
    );
    assert_eq!(then(&task, "08:30").status, TaskStatus::EnRoute, "on her way");
    assert_eq!(then(&task, "08:30").timeline.len(), 3, "what came later has not happened");
    assert_eq!(then(&task, "10:00"), task, "and now it is as it is");
}

#[test]
fn who_had_it_is_told_by_what_they_did() {
    let (ana, ben) = (Actor::Field(resource(ANA)), Actor::Field(resource(BEN)));
    let handed_on = lift(&[
        ("08:00", TaskStatus::NewTask, office()),
        ("08:10", TaskStatus::Acknowledged, ben),
        ("08:40", TaskStatus::NewTask, office()),
        ("08:50", TaskStatus::Acknowledged, ana),
    ]);
    assert_eq!(then(&handed_on, "08:20").resource, Some(resource(BEN)), "Ben had said yes");
    assert_eq!(then(&handed_on, "08:20").planned_start, None, "Ana's place in the plan is not his");
    assert_eq!(then(&handed_on, "08:45").resource, Some(resource(ANA)), "then it was Ana's");
    let chosen = ChoiceMade {
        chosen: resource(ANA),
        rank: 1,
        of: 2,
        first: resource(ANA),
        later_secs: None,
        reason: None,
        note: String::new(),
    };
    let choice = Choice { at: clock("08:30"), by: UserId(Uuid::from_u128(21)), made: chosen };
    let picked = Task { choices: vec![choice], ..lift(&[("08:00", TaskStatus::NewTask, office())]) };
    assert_eq!(then(&picked, "08:20").resource, None, "nobody's, before she was chosen from the list");
    assert_eq!(then(&picked, "08:31").resource, Some(resource(ANA)), "hers since");
    let untouched = lift(&[("08:00", TaskStatus::NewTask, office())]);
    assert_eq!(
        then(&untouched, "08:20").resource,
        Some(resource(ANA)),
        "nothing says that it was ever another's"
    );
}

#[test]
fn what_customers_had_been_told_was_still_open() {
    let promise = Promise {
        id: PromiseId(Uuid::from_u128(30)),
        told_at: clock("08:15"),
        by: office(),
        channel: PromiseChannel::Phone,
        from: None,
        until: clock("09:30"),
        resource: None,
        expected: None,
        message: None,
        state: PromiseState::Kept { arrived: clock("09:20") },
    };
    let task = Task { promises: vec![promise], ..lift(&[]) };
    assert!(then(&task, "08:10").promises.is_empty(), "nothing had been said");
    assert_eq!(
        then(&task, "09:00").open_promise().map(|open| open.until),
        Some(clock("09:30")),
        "not kept yet"
    );
    assert!(then(&task, "09:30").open_promise().is_none(), "kept by then");
}

#[test]
fn people_are_where_and_what_they_were() {
    let entry = |number: u128, who, kind, at: &str| {
        Entity::Attendance(AttendanceEntry {
            guid: EntryGuid(Uuid::from_u128(number)),
            resource: resource(who),
            kind,
            event_time: clock(at),
            entry_time: clock(at),
            at: None,
        })
    };
    let mut rows = Rows::default();
    let carla = Resource { private_since: Some(clock("12:00")), ..card(3) };
    for row in [
        Entity::Resource(card(ANA)),
        Entity::Resource(card(BEN)),
        Entity::Resource(carla),
        entry(40, ANA, AttendanceKind::SignIn, "07:00"),
        entry(41, ANA, AttendanceKind::SignOut, "12:00"),
        entry(42, BEN, AttendanceKind::SignIn, "11:00"),
        entry(43, 3, AttendanceKind::SignIn, "07:00"),
        Entity::Task(lift(&[("11:00", TaskStatus::Closed, Actor::Field(resource(ANA)))])),
    ] {
        rows.put(row, 1);
    }
    let at = clock("10:00");
    let fix = Fix {
        at: place(),
        fix_time: at - TimeDelta::minutes(1),
        accuracy_m: None,
        speed_mps: None,
        heading_deg: None,
    };
    let whereabouts =
        WhereaboutsResponse { at, fixes: vec![(resource(ANA), fix)], private: vec![resource(3)] };
    let past = Past::of(&rows, &whereabouts, UserId(Uuid::from_u128(21)));
    let state = |number| {
        let card = &past.picture.shown().resources[&resource(number)].data;
        PositionState::of(card, past.positions.fix(resource(number)), at)
    };
    assert_eq!(state(ANA), PositionState::Live, "at work and seen, though she has gone home since");
    assert_eq!(state(BEN), PositionState::OffDuty, "came later");
    assert_eq!(
        state(3),
        PositionState::Private { since: at },
        "private already, whatever the card says of today"
    );
    assert_eq!(past.work.open_tasks(resource(ANA)), 1, "the task was still open");
}
