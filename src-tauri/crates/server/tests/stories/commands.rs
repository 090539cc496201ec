use super::office::{Office, draft};
use chrono::TimeDelta;
use domain::TaskId;
use domain::alert::{Alert, AlertAction, AlertKind, AlertState, Severity};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::task::{AssignError, StepError, TaskStatus};
use domain::{AlertId, PoiId};
use protocol::entity::EntityKind;
use protocol::wire::{Command, CommandBody, DraftError, Outcome, Rejection};
use uuid::Uuid;

use super::office::{Fresh, at};

fn version(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Applied { version, .. } | Outcome::Duplicate { version, .. } => *version,
        Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Retry { .. } | Outcome::Gap { .. } => {
            panic!("not done: {outcome:?}")
        }
    }
}

#[tokio::test]
async fn an_assignment_sent_three_times_happens_once() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", None);
    let assign = Command {
        if_match: Some(1),
        ..desk.command(1, CommandBody::TaskAssign { task, resource: Some(office.ana.id), choice: None })
    };
    let first = desk.send(assign.clone()).await;
    assert!(matches!(first, Outcome::Applied { version: 2, .. }), "applied: {first:?}");
    let mut older = assign.clone();
    older.occurred.mono_age_ms = 4_000;
    for again in [assign.clone(), older] {
        let outcome = desk.send(again).await;
        assert!(
            matches!(outcome, Outcome::Duplicate { version: 2, .. }),
            "the age may grow, the command is the same: {outcome:?}"
        );
    }
    assert_eq!(office.stored_task(task).resource, Some(office.ana.id), "Ana has it");

    let other = Command { n: 1, ..desk.command(1, CommandBody::TaskNote { task, text: "hello".to_owned() }) };
    let reused = desk.send(other).await;
    assert!(
        matches!(reused, Outcome::Rejected { reason: Rejection::NumberReused }),
        "a number is for one command: {reused:?}"
    );
}

#[tokio::test]
async fn receipts_go_only_when_the_desk_says_so() {
    let office = Office::open().await;
    let mut desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", None);
    let note = desk.command(1, CommandBody::TaskNote { task, text: "call first".to_owned() });
    desk.send(note.clone()).await;
    office.wait(TimeDelta::days(20));
    office.admin().run_due_jobs().expect("jobs");
    let device = desk.device;
    let again = office.sign_in_on("dispatcher", device, 1).await.expect("signs in");
    let outcome = again.send(note.clone()).await;
    assert!(matches!(outcome, Outcome::Duplicate { .. }), "after three weeks it is still known: {outcome:?}");
    desk = again;
    desk.acked_through = 1;
    let forgotten = desk.send(note).await;
    assert!(
        matches!(forgotten, Outcome::Rejected { reason: Rejection::NumberReused }),
        "acknowledged means never sent again: {forgotten:?}"
    );
    assert_eq!(office.stored_task(task).notes.len(), 1, "the note is there once");
}

#[tokio::test]
async fn whoever_assigns_by_an_old_picture_is_asked() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let task = office.task("Lift stuck", None);
    let to_ana = CommandBody::TaskAssign { task, resource: Some(office.ana.id), choice: None };
    let to_ben = CommandBody::TaskAssign { task, resource: Some(office.ben.id), choice: None };
    desk.send(Command { if_match: Some(1), ..desk.command(1, to_ana) }).await;
    let stale = desk.send(Command { if_match: Some(1), ..desk.command(2, to_ben.clone()) }).await;
    let Outcome::Conflict { current: Some(current) } = stale else { panic!("a conflict: {stale:?}") };
    assert_eq!(current.version, 2, "shown as it is now");
    let blind = desk.send(desk.command(3, to_ben)).await;
    assert!(matches!(blind, Outcome::Conflict { .. }), "without a version nobody is assigned: {blind:?}");
    assert_eq!(office.stored_task(task).resource, Some(office.ana.id), "Ana keeps it");
}

#[tokio::test]
async fn a_task_made_and_assigned_offline_arrives_in_order_or_not_at_all() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let new = draft("Leak in the cellar");
    let task = new.id;
    let assign = Command {
        depends_on: Some(1),
        ..desk.command(2, CommandBody::TaskAssign { task, resource: Some(office.ana.id), choice: None })
    };
    let early = desk.send(assign.clone()).await;
    assert!(matches!(early, Outcome::Gap { expected: 1 }), "the task isn't there yet: {early:?}");
    let outcomes =
        desk.try_send(&[desk.command(1, CommandBody::TaskCreate(new)), assign]).await.expect("taken");
    assert!(outcomes.iter().all(|one| matches!(one.outcome, Outcome::Applied { .. })), "both: {outcomes:?}");
    assert_eq!(office.stored_task(task).number, 1, "the server numbers tasks");

    let untitled = draft("   ");
    let lost = untitled.id;
    let refused = desk.send(desk.command(3, CommandBody::TaskCreate(untitled))).await;
    assert!(
        matches!(refused, Outcome::Rejected { reason: Rejection::Draft(DraftError::Title) }),
        "{refused:?}"
    );
    let after = CommandBody::TaskAssign { task: lost, resource: None, choice: None };
    let dependent = desk.send(Command { depends_on: Some(3), ..desk.command(4, after) }).await;
    assert!(matches!(dependent, Outcome::Rejected { reason: Rejection::Dependency }), "{dependent:?}");
}

#[tokio::test]
async fn status_steps_follow_the_machine_and_started_work_is_not_taken_away() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let step = |to| CommandBody::TaskStatus { task, to, reason: None };
    let illegal = desk.send(desk.command(1, step(TaskStatus::Closed))).await;
    let expected = StepError::Illegal { from: TaskStatus::NewTask, to: TaskStatus::Closed };
    assert!(
        matches!(illegal, Outcome::Rejected { reason: Rejection::Step(error) } if error == expected),
        "{illegal:?}"
    );
    let started = desk.send(desk.command(2, step(TaskStatus::InProgress))).await;
    let take_away = CommandBody::TaskAssign { task, resource: None, choice: None };
    let refused =
        desk.send(Command { if_match: Some(version(&started)), ..desk.command(3, take_away) }).await;
    let expected = Rejection::Assign(AssignError::Started(TaskStatus::InProgress));
    assert!(
        matches!(refused, Outcome::Rejected { reason } if reason == expected),
        "no taking away under the hands"
    );
}

#[tokio::test]
async fn an_edit_of_an_old_picture_conflicts_and_a_note_never_does() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", None);
    let edit = |title: &str| CommandBody::TaskEdit {
        task,
        draft: protocol::wire::TaskDraft { id: task, ..draft(title) },
        base: Box::new(protocol::wire::TaskDraft { id: task, ..draft("Lift stuck") }),
    };
    desk.send(desk.command(1, edit("Lift stuck, 2 persons"))).await;
    let stale = desk.send(desk.command(2, edit("Lift"))).await;
    assert!(matches!(stale, Outcome::Conflict { current: Some(_) }), "{stale:?}");
    desk.send(Command {
        if_match: Some(1),
        ..desk.command(3, CommandBody::TaskNote { task, text: "key at the concierge".to_owned() })
    })
    .await;
    let stored = office.stored_task(task);
    assert_eq!(
        (stored.title.as_str(), stored.notes.len()),
        ("Lift stuck, 2 persons", 1),
        "edit kept, note appended"
    );
}

#[tokio::test]
async fn what_came_too_late_is_not_done_and_what_waited_keeps_its_time() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", None);
    let note = |text: &str| CommandBody::TaskNote { task, text: text.to_owned() };
    let late =
        Command { valid_until: Some(office.now() - TimeDelta::minutes(1)), ..desk.command(1, note("late")) };
    assert!(matches!(desk.send(late).await, Outcome::Rejected { reason: Rejection::Expired }), "too late");
    let mut waited = desk.command(2, note("written in the tunnel"));
    waited.occurred.wall = office.now() + TimeDelta::hours(5);
    waited.occurred.mono_age_ms = 600_000;
    desk.send(waited).await;
    let written = office.stored_task(task).notes[0].at;
    assert_eq!(
        written,
        office.now() - TimeDelta::minutes(10),
        "ten minutes ago by the desk's steady clock, its wall clock being wrong"
    );
}

#[tokio::test]
async fn places_alerts_and_locations() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let shape = |radius_m| FenceShape::Circle { center: at(7.42, 43.73), radius_m };
    let fence = |radius_m| Fence { version: 9, on_enter: true, ..Fence::new(shape(radius_m)) };
    let port = |radius_m| Poi {
        id: PoiId(Uuid::from_u128(77)),
        name: "Port".to_owned(),
        kind: PoiKind::Customer,
        at: at(7.42, 43.73),
        address: String::new(),
        fence: Some(fence(radius_m)),
    };
    let put = |radius_m| CommandBody::PoiPut(Box::new(port(radius_m)));
    let bad = desk.send(desk.command(1, put(-5.0))).await;
    assert!(matches!(bad, Outcome::Rejected { reason: Rejection::Shape(_) }), "{bad:?}");
    let made = desk.send(desk.command(2, put(80.0))).await;
    let edited = desk.send(Command { if_match: Some(version(&made)), ..desk.command(3, put(120.0)) }).await;
    let stored: Poi = office.stored(EntityKind::Poi, port(1.0).id.0).expect("there");
    assert_eq!(stored.fence.map(|fence| fence.version), Some(2), "an edited fence has the next version");
    let blind = desk.send(desk.command(4, CommandBody::PoiDelete { poi: port(1.0).id })).await;
    assert!(matches!(blind, Outcome::Conflict { .. }), "deleting is strict: {blind:?}");
    let gone = Command {
        if_match: Some(version(&edited)),
        ..desk.command(5, CommandBody::PoiDelete { poi: port(1.0).id })
    };
    desk.send(gone).await;
    assert!(office.stored::<Poi>(EntityKind::Poi, port(1.0).id.0).is_none(), "gone");

    let alert = Alert {
        id: AlertId(Uuid::from_u128(5)),
        kind: AlertKind::DeviceSilent { resource: office.ana.id },
        severity: Severity::Warning,
        event_time: office.now(),
        raised_at: office.now(),
        at: None,
        state: AlertState::New,
        rule: None,
        escalated_at: None,
        correction: None,
        history: Vec::new(),
    };
    let raise = CommandBody::AlertRaise(Box::new(alert.clone()));
    let (first, second) =
        (desk.send(desk.command(6, raise.clone())).await, desk.send(desk.command(7, raise)).await);
    assert_eq!((version(&first), version(&second)), (1, 1), "two desks notice it, it is one alert");
    desk.send(desk.command(8, CommandBody::AlertAct { alert: alert.id, action: AlertAction::Acknowledge }))
        .await;
    let stored: Alert = office.stored(EntityKind::Alert, alert.id.0).expect("there");
    assert!(
        matches!(stored.state, AlertState::Acknowledged { by, .. } if by == desk.user()),
        "seen by the dispatcher"
    );

    let unknown = desk
        .send(desk.command(9, CommandBody::TaskNote { task: TaskId(Uuid::now()), text: "?".to_owned() }))
        .await;
    assert!(matches!(unknown, Outcome::Rejected { reason: Rejection::NotFound }), "{unknown:?}");
}
