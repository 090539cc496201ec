//! The shell with real sockets and a real clock.

use std::sync::Arc;
use std::time::Duration;

use protocol::durable::NewCommand;
use protocol::view::ConnectionState;
use protocol::wire::{CommandBody, SignInRequest};
use sync::{
    BaseUrl, CoreConfig, HandleError, Session, SignInError, SyncConfig, SyncEvent, SyncHandle, SystemClock,
    Unreachable, sign_in,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::model::desk::tokens;
use super::model::stores::{MemoryCache, MemoryOutbox};
use super::model::{at, draft, id};
use super::office::versions;
use super::wire::Wire;

struct Desk {
    handle: SyncHandle,
    events: mpsc::Receiver<SyncEvent>,
    cache: MemoryCache,
    outbox: MemoryOutbox,
}

fn start(url: &str, cache: MemoryCache, outbox: MemoryOutbox) -> Desk {
    let (sender, events) = mpsc::channel(16);
    let base_url = BaseUrl::parse(url).expect("loopback");
    let session = Session {
        config: SyncConfig {
            base_url,
            core: CoreConfig { resync_jitter_ms: 0, ..CoreConfig::default() },
            seed: 1,
        },
        tokens: tokens("a1"),
        cache: cache.clone(),
        outbox: outbox.clone(),
        events: sender,
        clock: Arc::new(SystemClock::new()),
        cancel: CancellationToken::new(),
    };
    Desk { handle: session.start().expect("starts"), events, cache, outbox }
}

fn desk(url: &str) -> Desk {
    start(url, MemoryCache::default(), MemoryOutbox::new(id(77)))
}

impl Desk {
    /// Waits for an event that `matches`, ten seconds at most.
    async fn until(&mut self, what: &str, matches: impl Fn(&SyncEvent) -> bool) -> SyncEvent {
        let wait = async {
            loop {
                let event = self.events.recv().await.expect("the session goes on");
                if matches(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait)
            .await
            .unwrap_or_else(|_| panic!("no {what} in 10 s"))
    }

    async fn until_live(&mut self) {
        let live = |event: &SyncEvent| matches!(event, SyncEvent::Freshness(fresh) if fresh.state == ConnectionState::Live);
        self.until("live state", live).await;
    }

    async fn until_drained(&mut self) {
        let drained =
            |event: &SyncEvent| matches!(event, SyncEvent::Outbox { queue, .. } if queue.is_empty());
        self.until("empty queue", drained).await;
    }
}

fn note(number: u128) -> NewCommand {
    let body = CommandBody::TaskNote { task: id(1), text: number.to_string() };
    NewCommand { id: id(number), body, if_match: None, valid_until: None, depends_on: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_reads_writes_and_stops() {
    let wire = Wire::start().await;
    wire.office().server.put(("drone", uuid::Uuid::from_u128(3)), Some("{}".to_owned()), None, at(0));
    let mut desk = desk(&wire.url);
    desk.until_live().await;
    let create = CommandBody::TaskCreate(draft(1, "Lift stuck"));
    let new = NewCommand { body: create, ..note(500) };
    let n = desk.handle.submit(new).await.expect("stored");
    assert_eq!(n, 1, "numbers begin at 1");
    desk.until_drained().await;
    let same = versions(&desk.cache.state().rows) == versions(&wire.office().server.rows);
    assert!(same, "what was done here came back by the feed");
    desk.handle.stop().await;
    assert_eq!(
        desk.handle.submit(note(501)).await,
        Err(HandleError::Stopped),
        "after the end nothing is taken"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_and_comes_back_gets_everything_once() {
    let wire = Wire::start().await;
    let mut desk = desk(&wire.url);
    desk.until_live().await;
    let create = NewCommand { body: CommandBody::TaskCreate(draft(1, "Lift stuck")), ..note(500) };
    desk.handle.submit(create).await.expect("stored");
    desk.until_drained().await;
    let stopped = wire.stop().await;
    for number in 501..520 {
        desk.handle.submit(note(number)).await.expect("stored without a server");
    }
    let offline = |event: &SyncEvent| matches!(event, SyncEvent::Freshness(fresh) if matches!(fresh.state, ConnectionState::Offline { .. }));
    desk.handle.request_now().await.expect("running");
    desk.until("offline state", offline).await;
    desk.handle.stop().await;

    let wire = stopped.start().await;
    let mut desk = start(&wire.url, desk.cache, desk.outbox);
    desk.until_drained().await;
    let notes: Vec<String> =
        wire.office().server.tasks()[0].notes.iter().map(|note| note.text.clone()).collect();
    let expected: Vec<String> = (501..520).map(|number| number.to_string()).collect();
    assert_eq!(notes, expected, "each once, in order, over a restart of both");
    desk.handle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_token_is_exchanged_once_and_told() {
    let wire = Wire::start().await;
    wire.office().access = "a2".to_owned();
    let mut desk = desk(&wire.url);
    let told = desk.until("new tokens", |event| matches!(event, SyncEvent::TokensChanged(_))).await;
    assert!(matches!(told, SyncEvent::TokensChanged(tokens) if tokens.access == "a2"), "to be kept");
    desk.until_live().await;
    assert_eq!(wire.office().refreshes, 1, "one refresh, whatever was refused");
    desk.handle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_controller_never_blocks_the_handle() {
    let wire = Wire::start().await;
    let desk = desk(&wire.url); // nobody reads its events
    for number in 1..=200 {
        let stored = tokio::time::timeout(Duration::from_secs(5), desk.handle.submit(note(number))).await;
        stored.expect("in time").expect("stored");
    }
    desk.handle.stop().await;
    assert_eq!(desk.outbox.state().next_n, 201, "all are stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_says_what_the_user_can_do() {
    let request = || SignInRequest {
        company: "Demo".to_owned(),
        user: "ana".to_owned(),
        password: "x".to_owned(),
        device: id(77),
        device_epoch: 1,
    };
    let nobody = BaseUrl::parse("http://127.0.0.1:9").expect("loopback");
    let refused = sign_in(&nobody, &request()).await.expect_err("nobody listens");
    assert_eq!(refused, SignInError::Unreachable(Unreachable::Connect), "unreachable");
    let wire = Wire::start().await;
    let refused =
        sign_in(&BaseUrl::parse(&wire.url).expect("loopback"), &request()).await.expect_err("wrong");
    assert_eq!(refused, SignInError::WrongCredentials, "401 is a wrong password");
}
