//! What a desk does not keep, and what it does not tell.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use desk::{Clock, Now, SystemClock};
use domain::TaskId;
use domain::task::{Task, TaskStatus};
use protocol::durable::{Incident, IncidentKind};
use protocol::view::{DeskRequest, DeskResponse, RetainedData, RetentionView, SessionView};
use store::{Cache, Key, MemoryKeyStore, StoreError};

use crate::office::{Desk, Office, PASSWORD, draft, now};
use crate::screen::Screen;

/// The machine's clock, so many seconds ahead.
struct Ahead {
    clock: SystemClock,
    secs: AtomicI64,
}

impl Ahead {
    fn by(ahead: TimeDelta) -> Arc<Self> {
        Arc::new(Self { clock: SystemClock::new(), secs: AtomicI64::new(ahead.num_seconds()) })
    }

    fn pass(&self, time: TimeDelta) {
        self.secs.fetch_add(time.num_seconds(), Ordering::Relaxed);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Now {
        let Now { wall, mono_ms } = self.clock.now();
        Now { wall: wall + TimeDelta::seconds(self.secs.load(Ordering::Relaxed)), mono_ms }
    }
}

async fn kept(desk: &Desk, until: DateTime<Utc>) -> RetentionView {
    let answer = desk.ask(DeskRequest::Retention { until }).await;
    let DeskResponse::Retention(view) = answer else { panic!("no retention: {answer:?}") };
    view
}

fn close(office: &Office, task: TaskId) {
    office.put(Task { status: TaskStatus::Closed, ..office.stored_task(task) });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_preview_says_is_what_goes() {
    let mut office = Office::open().await;
    let (open, closed) = (office.task("Lift stuck", None), office.task("Leak", None));
    close(&office, closed);
    let clock = Ahead::by(TimeDelta::zero());
    let desk = office.desk_with(Arc::new(MemoryKeyStore::default()), clock.clone());
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("both tasks", |screen| screen.tasks.len() == 2).await;
    let today = kept(&desk, now()).await;
    assert!(today.rules.iter().all(|rule| rule.going == 0), "nothing is old yet: {today:?}");
    let in_91_days = kept(&desk, now() + TimeDelta::days(91)).await;
    let tasks = in_91_days.rules.iter().find(|rule| rule.data == RetainedData::Tasks).expect("a rule");
    assert_eq!(
        (tasks.days, tasks.rows, tasks.going),
        (90, 2, 1),
        "the closed one will go, the open one stays"
    );

    // Three months without a server.
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    desk.ask(DeskRequest::CreateTask(draft("Never sent"))).await;
    clock.pass(TimeDelta::days(91));
    let DeskResponse::Saved { path } = desk.ask(DeskRequest::ExportQueue).await else { panic!("a file") };
    assert!(Path::new(&path).exists(), "the export itself is of today");
    screen.until("the closed task to go", |screen| !screen.tasks.contains_key(&closed)).await;
    assert!(screen.tasks.contains_key(&open), "the open one stays");
    assert!(!screen.queue.is_empty(), "and so does what is on its way, however old");
    let purges = kept(&desk, now()).await.purges;
    let told: u64 = in_91_days.rules.iter().map(|rule| rule.going).sum();
    let gone: u64 = purges[0].removed.iter().map(|(_, count)| count).sum();
    assert_eq!(gone, told, "as the preview said: {:?}", purges[0]);
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fast_clock_forgets_nothing_early() {
    let office = Office::open().await;
    let closed = office.task("Leak", None);
    close(&office, closed);
    let clock = Ahead::by(TimeDelta::days(200));
    let desk = office.desk_with(Arc::new(MemoryKeyStore::default()), clock);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&closed)).await;
    desk.ask(DeskRequest::ExportQueue).await;
    let view = kept(&desk, now()).await;
    let removed = view.purges.iter().flat_map(|purge| &purge.removed).map(|(_, count)| count).sum::<u64>();
    assert_eq!(removed, 0, "the server's clock decides: {view:?}");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_a_cache_that_nobody_can_read_and_no_queue_if_so_wished() {
    let mut office = Office::open().await;
    let lift = office.task("Lift stuck", None);
    let keys = Arc::new(MemoryKeyStore::default());
    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    desk.ask(DeskRequest::AddNote { task: lift, text: "never mind".to_owned() }).await;
    screen.until("the note to have been tried", |screen| screen.queue.len() == 1).await;
    desk.desk.stop().await;
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["cache.db", "cache.db.check"] {
        std::fs::copy(office.session_folder().join(name), copy.path().join(name)).expect("copied");
    }

    let desk = office.desk(&keys);
    desk.ask(DeskRequest::OpenOffline).await;
    desk.ask(DeskRequest::SignOut { discard_queue: true }).await;
    assert!(!office.session_folder().join("cache.db").exists(), "what came from the server is gone");
    let key = Key::of_store(&*keys).expect("the queue's key");
    let opened = Cache::open(copy.path(), &key, now());
    assert!(matches!(opened, Err(StoreError::WrongKey { .. })), "a copy of it has lost its key: {opened:?}");

    office.start_server().await;
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the task again", |screen| screen.tasks.contains_key(&lift)).await;
    assert!(screen.queue.is_empty(), "what waited was discarded");
    assert!(office.stored_task(lift).notes.is_empty(), "and is not sent after all");
    desk.desk.stop().await;
}

fn an_incident_of_yesterday(office: &Office, keys: &MemoryKeyStore) {
    let folder = office.session_folder();
    let name = folder.file_name().and_then(|name| name.to_str()).expect("a name");
    let key = Key::named(keys, &format!("cache-key {name}")).expect("the cache's key");
    let mut cache = Cache::open(&folder, &key, now()).expect("the cache");
    let detail = "3 commands wait".to_owned();
    let incident = Incident { at: now() - TimeDelta::days(1), kind: IncidentKind::OutboxStalled, detail };
    cache.record(&incident).expect("kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_hold_nothing_personal() {
    let mut office = Office::open().await;
    let ana = office.person("Ana Marker-Rossi", office.north).await;
    let lift = office.task("Marker lift in the Rue Marker", Some(ana.id));
    let keys = Arc::new(MemoryKeyStore::default());
    let desk = office.desk(&keys);
    desk.sign_in(&office, "dispatcher").await;
    desk.desk.stop().await;
    an_incident_of_yesterday(&office, &keys);
    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    ana.is_at(crate::office::at(7.4213571, 43.7354917), 0).await;
    screen.until("a dot", |screen| screen.dots.contains_key(&ana.id)).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    desk.ask(DeskRequest::AddNote { task: lift, text: "Marker note".to_owned() }).await;
    let DeskResponse::Text(text) = desk.ask(DeskRequest::Diagnostics).await else { panic!("a text") };
    for expected in [
        "OfficeTrack Desk ",
        "schema of cache.db: ",
        "schema of outbox.db: ",
        "session: signed in",
        "connection: offline",
        "offline because: unreachable",
        "cursor: epoch ",
        "task_note ",
        "file cache.db: ",
        "  task: 1",
        "clock offset: ",
        "proof of freshness: ",
        "outbox_stalled: 3 commands wait",
    ] {
        assert!(text.contains(expected), "it says “{expected}”:\n{text}");
    }
    let card = &screen.resources[&ana.id].card;
    let Some(SessionView::SignedIn(signed_in)) = &screen.session else { panic!("signed in") };
    let folder = office.desk_folder().display().to_string();
    for marker in [
        "Marker",
        "7.4213571",
        "43.7354917",
        "74213571",
        PASSWORD,
        card.phone.as_str(),
        card.email.as_str(),
        signed_in.company.name.as_str(),
        signed_in.user.name.as_str(),
        "127.0.0.1",
        folder.as_str(),
    ] {
        assert!(!text.contains(marker), "“{marker}” is nobody's business:\n{text}");
    }
    desk.desk.stop().await;
}
