use domain::CommandId;
use domain::entry::EntryBody;
use domain::task::AssignError;
use domain::task::TaskStatus;
use protocol::view::{DeskErrorCode, DeskRequest, DeskResponse};
use protocol::wire::Rejection;

use crate::office::{Desk, Office};
use crate::screen::Screen;
use domain::{ResourceId, TaskId};

async fn assign(desk: &Desk, task: TaskId, resource: ResourceId) -> CommandId {
    let answer = desk.ask(DeskRequest::AssignTask { task, resource: Some(resource), choice: None }).await;
    let DeskResponse::Undoable { command, .. } = answer else { panic!("it can be taken back: {answer:?}") };
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_is_taken_back_at_the_server_too() {
    let office = Office::open().await;
    let (ana, ben) =
        (office.person("Ana Rossi", office.north).await, office.person("Ben Moreau", office.south).await);
    let lift = office.task("Lift stuck", Some(ben.id));
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    let command = assign(&desk, lift, ana.id).await;
    screen
        .until("the assignment", |screen| {
            screen.tasks[&lift].task.resource == Some(ana.id) && screen.queue.is_empty()
        })
        .await;
    desk.ask(DeskRequest::Undo { command }).await;
    screen
        .until("Ben again", |screen| {
            screen.tasks[&lift].task.resource == Some(ben.id) && screen.queue.is_empty()
        })
        .await;
    assert_eq!(office.stored_task(lift).resource, Some(ben.id), "at the server as well");
    let again = desk.refused(DeskRequest::Undo { command }).await;
    assert_eq!(again.code, DeskErrorCode::TooLateToUndo, "once is enough");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_without_a_server_stays_taken_back() {
    let mut office = Office::open().await;
    let (ana, ben) =
        (office.person("Ana Rossi", office.north).await, office.person("Ben Moreau", office.south).await);
    let lift = office.task("Lift stuck", Some(ben.id));
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    let command = assign(&desk, lift, ana.id).await;
    screen.until("the assignment", |screen| screen.tasks[&lift].task.resource == Some(ana.id)).await;
    desk.ask(DeskRequest::Undo { command }).await;
    screen.until("Ben again", |screen| screen.tasks[&lift].task.resource == Some(ben.id)).await;
    office.start_server().await;
    desk.ask(DeskRequest::ReconnectNow).await;
    // Whether the first try may have reached the server decides if it is forgotten or assigned back; the end is the same.
    screen.until("an empty queue", |screen| screen.is_live() && screen.queue.is_empty()).await;
    assert_eq!(office.stored_task(lift).resource, Some(ben.id), "Ben has it");
    assert!(screen.notices.is_empty(), "without a conflict: {:?}", screen.notices);
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_forbid_is_refused_before_anything_is_queued() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let lift = office.task("Lift stuck", Some(ana.id));
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    for status in [TaskStatus::Acknowledged, TaskStatus::EnRoute, TaskStatus::Arrived, TaskStatus::InProgress]
    {
        ana.report(EntryBody::Task { task: lift, status, reason: None }, None).await;
    }
    screen
        .until("work", |screen| {
            screen.tasks.get(&lift).is_some_and(|view| view.task.status == TaskStatus::InProgress)
        })
        .await;
    let taken_away = desk.refused(DeskRequest::AssignTask { task: lift, resource: None, choice: None }).await;
    let started = Rejection::Assign(AssignError::Started(TaskStatus::InProgress));
    assert_eq!(taken_away.code, DeskErrorCode::Refused(started), "not under her hands");
    let back = DeskRequest::SetTaskStatus { task: lift, to: TaskStatus::NewTask, reason: None };
    let code = desk.refused(back).await.code;
    assert!(matches!(code, DeskErrorCode::Refused(Rejection::Step(_))), "no such arrow: {code:?}");
    assert!(screen.queue.is_empty(), "nothing was queued");
    desk.desk.stop().await;
}
