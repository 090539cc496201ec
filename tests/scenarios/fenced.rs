use std::sync::Arc;

use domain::TaskId;
use protocol::view::{ConnectionState, DeskRequest, QueuedState};
use protocol::wire::SignInRequest;
use store::{Key, MemoryKeyStore, Outbox};
use sync::BaseUrl;

use crate::office::{COMPANY, Office, PASSWORD};
use crate::screen::Screen;

/// A copy of this desk's disk was started elsewhere, and the server has seen it since.
async fn a_copy_signs_in(office: &Office, keys: &MemoryKeyStore) {
    let stored = {
        let key = Key::of_store(keys).expect("the key");
        Outbox::open(&office.session_folder(), &key).and_then(|mut outbox| outbox.load()).expect("the queue")
    };
    let request = SignInRequest {
        company: COMPANY.to_owned(),
        user: "dispatcher".to_owned(),
        password: PASSWORD.to_owned(),
        device: stored.device,
        device_epoch: stored.device_epoch + 1,
    };
    let url = BaseUrl::parse(&office.url()).expect("an address");
    sync::sign_in(&url, &request).await.expect("the copy is taken for the original");
}

/// An office whose closed desk has a note in its queue, and a copy of it that was quicker to sign in.
async fn a_copied_desk() -> (Office, Arc<MemoryKeyStore>, TaskId) {
    let mut office = Office::open().await;
    let lift = office.task("Lift stuck", None);
    let keys = Arc::new(MemoryKeyStore::default());
    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    desk.ask(DeskRequest::AddNote { task: lift, text: "from the original".to_owned() }).await;
    desk.desk.stop().await;
    office.start_server().await;
    a_copy_signs_in(&office, &keys).await;
    (office, keys, lift)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fenced_desk_goes_on_as_another_device_without_a_restart() {
    let (office, keys, lift) = a_copied_desk().await;

    // From the cache, with the refresh token of before: only the commands tell that there is a copy.
    let desk = office.desk(&keys);
    desk.ask(DeskRequest::OpenOffline).await;
    let mut screen = Screen::of(&desk.desk).await;
    screen
        .until("“sign in again”", |screen| {
            screen.connection.as_ref().is_some_and(|at| at.state == ConnectionState::SignInAgain)
        })
        .await;
    assert_eq!(screen.queue.len(), 1, "nothing is lost");
    assert_eq!(screen.queue[0].state, QueuedState::Fenced, "it is for review");
    assert!(office.stored_task(lift).notes.is_empty(), "and nothing was done twice");

    desk.ask(DeskRequest::SignIn(office.form("dispatcher"))).await;
    screen.until("being live again", Screen::is_live).await;
    let n = screen.queue[0].n;
    desk.ask(DeskRequest::RetryCommand { n }).await;
    screen.until("the note", |screen| screen.queue.is_empty()).await;
    assert_eq!(office.stored_task(lift).notes.len(), 1, "sent once, as another device");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_fenced_at_the_door_is_not_locked_out() {
    let (office, keys, lift) = a_copied_desk().await;

    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the queue", |screen| screen.queue.len() == 1).await;
    assert_eq!(screen.queue[0].state, QueuedState::Fenced, "what waited is for review");
    let n = screen.queue[0].n;
    desk.ask(DeskRequest::DiscardCommand { n }).await;
    screen.until("the decision", |screen| screen.queue.is_empty()).await;
    desk.ask(DeskRequest::AddNote { task: lift, text: "from the new device".to_owned() }).await;
    screen
        .until("the note", |screen| screen.queue.is_empty() && screen.tasks[&lift].task.notes.len() == 1)
        .await;
    desk.desk.stop().await;
}
