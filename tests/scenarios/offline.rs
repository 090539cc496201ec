use std::sync::Arc;

use domain::task::TaskStatus;
use protocol::entity::{Entity, EntityKind};
use protocol::view::{
    ConnectionState, DeskErrorCode, DeskRequest, DeskResponse, QueuedState, SessionView, Subject,
};
use store::MemoryKeyStore;

use crate::office::{Office, draft};
use crate::screen::Screen;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_assigned_without_a_server_reaches_it_exactly_once() {
    let mut office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let lift = office.task("Lift stuck", None);
    let keys = Arc::new(MemoryKeyStore::default());
    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    assert_eq!(office.rows(EntityKind::Task).len(), 1, "nothing else is there yet");

    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    desk.ask(DeskRequest::AssignTask { task: lift, resource: Some(ana.id), choice: None }).await;
    let leak = draft("Leak in the cellar");
    desk.ask(DeskRequest::CreateTask(leak.clone())).await;
    desk.ask(DeskRequest::AddNote { task: leak.id, text: "key at the concierge's".to_owned() }).await;
    screen
        .until("the assignment on the screen", |screen| screen.tasks[&lift].task.resource == Some(ana.id))
        .await;
    screen.until("the new task on the screen", |screen| screen.tasks.contains_key(&leak.id)).await;
    assert!(screen.tasks[&lift].pending, "marked as not yet known to the server");
    screen.until("all three to wait", |screen| screen.queue.len() == 3).await;
    assert_eq!(screen.queue[0].subject, Some(Subject::Task(lift)), "and say what they are about");

    // The desk is closed and opened again before the server is back: the queue is on disk.
    desk.desk.stop().await;
    let desk = office.desk(&keys);
    let mut screen = Screen::of(&desk.desk).await;
    screen
        .until("the offer to open what is cached", |screen| {
            matches!(&screen.session, Some(SessionView::SignedOut { last: Some(last), .. }) if last.offline_until.is_some())
        })
        .await;
    desk.ask(DeskRequest::OpenOffline).await;
    screen
        .until("the assignment after the restart", |screen| {
            screen.tasks.get(&lift).is_some_and(|view| view.task.resource == Some(ana.id) && view.pending)
        })
        .await;
    screen.until("all that waited", |screen| screen.queue.len() == 3).await;

    office.start_server().await;
    desk.ask(DeskRequest::ReconnectNow).await;
    screen.until("an empty queue", |screen| screen.queue.is_empty() && screen.is_live()).await;
    let assigned = office.stored_task(lift);
    assert_eq!((assigned.resource, assigned.status), (Some(ana.id), TaskStatus::NewTask), "Ana has it");
    let leaks = office
        .rows(EntityKind::Task)
        .into_iter()
        .filter(|row| matches!(row, Entity::Task(task) if task.title == leak.title));
    assert_eq!(leaks.count(), 1, "the new task is there once");
    assert_eq!(office.stored_task(leak.id).notes.len(), 1, "with its remark, once");
    assert!(
        !screen.tasks[&lift].pending && screen.tasks[&leak.id].task.number > 0,
        "what is shown is the server's now"
    );
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_taken_meanwhile_is_a_conflict_that_the_dispatcher_decides() {
    let mut office = Office::open().await;
    let (ana, ben) =
        (office.person("Ana Rossi", office.north).await, office.person("Ben Moreau", office.south).await);
    let lift = office.task("Lift stuck", None);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    desk.ask(DeskRequest::AssignTask { task: lift, resource: Some(ana.id), choice: None }).await;

    // Meanwhile, at the server, somebody else gives it to Ben.
    office.start_server().await;
    let mut taken = office.stored_task(lift);
    taken.resource = Some(ben.id);
    office.put(taken);
    desk.ask(DeskRequest::ReconnectNow).await;
    screen
        .until("the conflict", |screen| {
            screen.queue.iter().any(|queued| queued.state == QueuedState::Conflict)
        })
        .await;
    screen.until("Ben on the screen", |screen| screen.tasks[&lift].task.resource == Some(ben.id)).await;
    assert_eq!(
        office.stored_task(lift).resource,
        Some(ben.id),
        "the server keeps what it has until somebody decides"
    );
    let refused = desk.refused(DeskRequest::SignOut { discard_queue: false }).await;
    assert_eq!(
        refused.code,
        DeskErrorCode::QueueNotEmpty,
        "what waits for a decision is not forgotten by signing out"
    );

    let n = screen.queue[0].n;
    desk.ask(DeskRequest::RetryCommand { n }).await;
    screen.until("the decision", |screen| screen.queue.is_empty()).await;
    assert_eq!(office.stored_task(lift).resource, Some(ana.id), "mine, the dispatcher said");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_request_makes_no_sense_later() {
    let mut office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    for online_only in
        [DeskRequest::RequestLocation { resource: ana.id }, DeskRequest::RevealContact { resource: ana.id }]
    {
        assert_eq!(
            desk.refused(online_only).await.code,
            DeskErrorCode::NeedsConnection,
            "not without a server"
        );
    }
    assert!(screen.queue.is_empty(), "and nothing is queued for it");
    let figures = desk.ask(DeskRequest::Figures).await;
    assert!(
        matches!(figures, DeskResponse::Figures(figures) if figures.people == 1 && figures.as_of.is_some()),
        "figures open from the cache"
    );
    let state = screen.connection.as_ref().map(|connection| connection.state.clone());
    assert!(
        matches!(state, Some(ConnectionState::Offline { .. })),
        "and the screen says how old they may be"
    );
    desk.desk.stop().await;
}
