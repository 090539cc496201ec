//! Messages to customers, from the desk's command to a real little receiver on this machine.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use chrono::TimeDelta;
use domain::task::{
    Actor, MessageState, Promise, PromiseChannel, PromiseDraft, PromiseState, StatusStep, TaskStatus,
};
use domain::{PromiseId, TaskId};
use hmac::{Hmac, Mac};
use protocol::wire::{
    CommandBody, Outcome, SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookEvent, WebhookMessage,
};
use server::{AdminError, ServerConfig, WebhookUrlError};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::office::{Desk, Fresh, Office};

/// How the receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    Fails,
    Redirects,
}

struct Heard {
    mood: Mood,
    posts: Vec<(HeaderMap, Bytes)>,
    /// What came where a redirect pointed.
    elsewhere: usize,
}

/// A company's own service that takes messages.
struct Receiver {
    url: String,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Shared = State<Arc<Mutex<Heard>>>;

async fn take(State(heard): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let mut heard = heard.lock().expect("heard");
    heard.posts.push((headers, body));
    match heard.mood {
        Mood::Takes => StatusCode::ACCEPTED.into_response(),
        Mood::Fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Redirects => Redirect::temporary("/elsewhere").into_response(),
    }
}

async fn elsewhere(State(heard): Shared) {
    heard.lock().expect("heard").elsewhere += 1;
}

impl Receiver {
    async fn open(mood: Mood) -> Self {
        let heard = Arc::new(Mutex::new(Heard { mood, posts: Vec::new(), elsewhere: 0 }));
        let app = Router::new()
            .route("/hook", post(take))
            .route("/elsewhere", post(elsewhere))
            .with_state(Arc::clone(&heard));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("serves") });
        Receiver { url, heard, task }
    }

    fn posts(&self) -> usize {
        self.heard.lock().expect("heard").posts.len()
    }

    fn is_now(&self, mood: Mood) {
        self.heard.lock().expect("heard").mood = mood;
    }

    /// Waits for the post of that number, from 1.
    async fn post(&self, number: usize) -> (HeaderMap, Bytes) {
        eventually("a post", || self.posts() >= number).await;
        self.heard.lock().expect("heard").posts[number - 1].clone()
    }
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} never came");
}

/// Long enough for the server to have looked for messages twice.
async fn two_looks() {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}

fn promise(office: &Office, hours: i64) -> PromiseDraft {
    PromiseDraft {
        id: PromiseId(Uuid::now()),
        channel: PromiseChannel::Message,
        from: None,
        until: office.now() + TimeDelta::hours(hours),
        expected: None,
    }
}

async fn tell(desk: &Desk<'_>, n: u64, task: TaskId, promise: PromiseDraft, text: &str) {
    let text = Some(text.to_owned());
    let outcome = desk.send(desk.command(n, CommandBody::TaskPromise { task, promise, text })).await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "told: {outcome:?}");
}

fn promises(office: &Office, task: TaskId) -> Vec<Promise> {
    office.stored_task(task).promises
}

fn message(office: &Office, task: TaskId) -> Option<MessageState> {
    promises(office, task)[0].message
}

fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[tokio::test]
async fn a_message_is_handed_on_once_and_signed() {
    let (office, receiver) = (Office::open().await, Receiver::open(Mood::Takes).await);
    let secret = office.admin().set_webhook(office.company, &receiver.url).expect("an address");
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let draft = promise(&office, 2);
    tell(&desk, 1, task, draft.clone(), " Ana is with you by eleven. ").await;

    let (headers, body) = receiver.post(1).await;
    let told: WebhookMessage = serde_json::from_slice(&body).expect("a message");
    let expected = WebhookMessage {
        event: WebhookEvent::Promise,
        promise: draft.id,
        task,
        number: office.stored_task(task).number,
        customer: String::new(),
        text: "Ana is with you by eleven.".to_owned(),
        from: None,
        until: draft.until,
    };
    assert_eq!(told, expected, "what the dispatcher wrote, about that task");
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).expect("a header");
    let timestamp = header(TIMESTAMP_HEADER);
    assert_eq!(timestamp, office.now().timestamp().to_string(), "of now");
    assert_eq!(header(SIGNATURE_HEADER), signature(&secret.0, timestamp, &body), "by the company's secret");

    eventually("the good news", || message(&office, task) != Some(MessageState::Waiting)).await;
    assert_eq!(message(&office, task), Some(MessageState::Sent { at: office.now() }), "desks are told");
    assert_eq!(promises(&office, task)[0].state, PromiseState::Open, "and the promise is still to be kept");
    two_looks().await;
    assert_eq!(receiver.posts(), 1, "once");
}

#[tokio::test]
async fn a_webhook_that_fails_is_tried_again_later_and_later() {
    let (office, receiver) = (Office::open().await, Receiver::open(Mood::Fails).await);
    office.admin().set_webhook(office.company, &receiver.url).expect("an address");
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    tell(&desk, 1, task, promise(&office, 8), "We are there by five.").await;
    receiver.post(1).await;
    two_looks().await;
    assert_eq!(receiver.posts(), 1, "not at once again");
    assert_eq!(message(&office, task), Some(MessageState::Waiting), "it waits");
    office.wait(TimeDelta::seconds(5));
    receiver.post(2).await;
    two_looks().await;
    office.wait(TimeDelta::seconds(5));
    two_looks().await;
    assert_eq!(receiver.posts(), 2, "the second wait is longer");
    receiver.is_now(Mood::Takes);
    office.wait(TimeDelta::seconds(5));
    receiver.post(3).await;
    eventually("the good news", || message(&office, task) != Some(MessageState::Waiting)).await;
    assert_eq!(
        message(&office, task),
        Some(MessageState::Sent { at: office.now() }),
        "in the end it is taken"
    );
}

#[tokio::test]
async fn a_message_is_given_up_when_it_would_be_wrong_or_after_a_day() {
    for (hours, patience) in [(3, TimeDelta::hours(3)), (90, TimeDelta::hours(24))] {
        let (office, receiver) = (Office::open().await, Receiver::open(Mood::Fails).await);
        office.admin().set_webhook(office.company, &receiver.url).expect("an address");
        let desk = office.sign_in("dispatcher").await;
        let task = office.task("Lift stuck", Some(office.ana.id));
        tell(&desk, 1, task, promise(&office, hours), "We are there.").await;
        receiver.post(1).await;
        two_looks().await;
        office.wait(patience - TimeDelta::seconds(1));
        receiver.post(2).await;
        two_looks().await;
        assert_eq!(message(&office, task), Some(MessageState::Waiting), "{hours} h: up to the last second");
        receiver.is_now(Mood::Takes);
        office.wait(TimeDelta::seconds(1));
        eventually("the end", || message(&office, task) != Some(MessageState::Waiting)).await;
        assert_eq!(message(&office, task), Some(MessageState::Failed { at: office.now() }), "given up");
        assert_eq!(receiver.posts(), 2, "{hours} h: nobody is told what is no longer so");
    }
}

#[tokio::test]
async fn what_was_replaced_or_kept_is_not_sent_any_more() {
    let (office, receiver) = (Office::open().await, Receiver::open(Mood::Fails).await);
    office.admin().set_webhook(office.company, &receiver.url).expect("an address");
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let other = office.task("Door", Some(office.ana.id));
    tell(&desk, 1, task, promise(&office, 2), "First word").await;
    tell(&desk, 2, other, promise(&office, 2), "Another customer").await;
    receiver.post(2).await;
    two_looks().await;
    receiver.is_now(Mood::Takes);
    let at = office.now();
    tell(&desk, 3, task, promise(&office, 4), "Second word").await;
    let arrived = CommandBody::TaskStatus { task: other, to: TaskStatus::Arrived, reason: None };
    desk.send(desk.command(4, arrived)).await;
    let (_, body) = receiver.post(3).await;
    let told: WebhookMessage = serde_json::from_slice(&body).expect("a message");
    assert_eq!(told.text, "Second word", "the one that counts");
    let sent = Some(MessageState::Sent { at });
    let last = || promises(&office, task).last().and_then(|promise| promise.message);
    eventually("what became of it", || last() == sent).await;
    office.wait(TimeDelta::hours(1));
    two_looks().await;
    assert_eq!(receiver.posts(), 3, "neither the first word nor the one to who has somebody there");
    let states: Vec<_> = promises(&office, task).iter().map(|promise| promise.message).collect();
    assert_eq!(states, [Some(MessageState::Failed { at }), sent], "the desks know which one went out");
}

#[tokio::test]
async fn without_a_webhook_the_message_has_failed_at_once() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    tell(&desk, 1, task, promise(&office, 2), "We are there.").await;
    let failed = Some(MessageState::Failed { at: office.now() });
    assert_eq!(message(&office, task), failed, "the dispatcher has to tell them in another way");
    let phone = PromiseDraft { channel: PromiseChannel::Phone, ..promise(&office, 3) };
    let body = CommandBody::TaskPromise { task, promise: phone, text: None };
    desk.send(desk.command(2, body)).await;
    let last = promises(&office, task).pop().expect("told");
    assert_eq!((last.message, last.state), (None, PromiseState::Open), "as on the phone");
}

#[tokio::test]
async fn a_webhook_that_is_taken_away_leaves_nothing_waiting() {
    let (office, receiver) = (Office::open().await, Receiver::open(Mood::Redirects).await);
    let admin = office.admin();
    admin.set_webhook(office.company, &receiver.url).expect("an address");
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    tell(&desk, 1, task, promise(&office, 2), "We are there.").await;
    receiver.post(1).await;
    two_looks().await;
    assert_eq!(receiver.heard.lock().expect("heard").elsewhere, 0, "a redirect is not followed");
    assert_eq!(message(&office, task), Some(MessageState::Waiting), "and is no yes");
    admin.clear_webhook(office.company).expect("there was one");
    office.wait(TimeDelta::minutes(1));
    eventually("the end", || message(&office, task) != Some(MessageState::Waiting)).await;
    assert_eq!(message(&office, task), Some(MessageState::Failed { at: office.now() }), "given up");
    assert!(matches!(admin.clear_webhook(office.company), Err(AdminError::NotFound(_))), "once");
    let plain = admin.set_webhook(office.company, "http://example.org/");
    assert!(
        matches!(plain, Err(AdminError::Webhook(WebhookUrlError::PlainHttp))),
        "texts don't travel in the clear: {plain:?}"
    );
    let audit = admin.audit(office.company).expect("audit");
    let count = |action: &str| audit.iter().filter(|row| row.action == action).count();
    assert_eq!((count("webhook.set"), count("webhook.clear")), (1, 1), "who sets where texts go is recorded");
}

/// Whether the text is anywhere in the files of the store.
fn is_in_files(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("entry").path());
    let holds = |path: std::path::PathBuf| {
        let bytes = std::fs::read(path).expect("reads");
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files.into_iter().any(holds)
}

#[tokio::test]
async fn a_message_outlives_a_restart_and_leaves_no_text_behind() {
    let folder = tempfile::tempdir().expect("folder");
    let config =
        ServerConfig::in_file("127.0.0.1:0".parse().expect("address"), folder.path().join("office.db"));
    let (office, receiver) = (Office::open_with(config.clone()).await, Receiver::open(Mood::Fails).await);
    office.admin().set_webhook(office.company, &receiver.url).expect("an address");
    let task = {
        let desk = office.sign_in("dispatcher").await;
        let task = office.task("Lift stuck", Some(office.ana.id));
        tell(&desk, 1, task, promise(&office, 2), "MARKER-TEXT").await;
        task
    };
    receiver.post(1).await;
    two_looks().await;
    let office = office.restart(config).await;
    assert!(is_in_files(folder.path(), "MARKER-TEXT"), "it waits, and the search can find it");
    receiver.is_now(Mood::Takes);
    office.wait(TimeDelta::minutes(1));
    receiver.post(2).await;
    eventually("the good news", || message(&office, task) != Some(MessageState::Waiting)).await;
    office.admin().run_due_jobs().expect("jobs");
    assert!(!is_in_files(folder.path(), "MARKER-TEXT"), "handed on, and not a byte of it is left");
}

#[tokio::test]
async fn a_text_goes_with_its_task() {
    let folder = tempfile::tempdir().expect("folder");
    let config =
        ServerConfig::in_file("127.0.0.1:0".parse().expect("address"), folder.path().join("office.db"));
    let (office, receiver) = (Office::open_with(config).await, Receiver::open(Mood::Fails).await);
    office.admin().set_webhook(office.company, &receiver.url).expect("an address");
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    tell(&desk, 1, task, promise(&office, 2), "MARKER-TEXT").await;
    receiver.post(1).await;
    two_looks().await;
    // As an import of long ago would have it: over for ninety-one days, and its message never went out.
    let since = office.now() - TimeDelta::days(91);
    let mut old = office.stored_task(task);
    old.status = TaskStatus::Closed;
    old.timeline =
        vec![StatusStep { status: TaskStatus::Closed, at: since, by: Actor::Server, reason: None }];
    office.admin().put(office.company, old).expect("puts");
    assert!(is_in_files(folder.path(), "MARKER-TEXT"), "it still waits");
    office.admin().run_due_jobs().expect("jobs");
    assert!(!is_in_files(folder.path(), "MARKER-TEXT"), "the task is gone, and the text with it");
    office.wait(TimeDelta::minutes(1));
    two_looks().await;
    assert_eq!(receiver.posts(), 1, "nothing is left to be sent");
}
