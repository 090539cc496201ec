use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use desk::SystemClock;
use protocol::view::{DeskErrorCode, DeskRequest, DeskResponse, QueuedState, SessionView};
use store::{KeyStore, KeyStoreError, MemoryKeyStore, Secret};

use crate::office::{Office, draft};
use crate::screen::Screen;

const NOTES: usize = 60;
/// As SQLCipher writes them.
const PAGE_BYTES: u64 = 4_096;

/// Writes nonsense over the last but one page.
fn damage(file: &Path) {
    let mut file = std::fs::OpenOptions::new().write(true).open(file).expect("the queue's file");
    let bytes = file.metadata().expect("its size").len();
    file.seek(SeekFrom::Start(bytes - 2 * PAGE_BYTES + 100)).expect("there");
    file.write_all(&[0xA5; 1_000]).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_queue_locks_nobody_out() {
    let mut office = Office::open().await;
    let lift = office.task("Lift stuck", None);
    let keys = Arc::new(MemoryKeyStore::default());
    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    for number in 0..NOTES {
        let text = format!("remark {number}: {}", "lorem ipsum ".repeat(60));
        desk.ask(DeskRequest::AddNote { task: lift, text }).await;
    }
    desk.desk.stop().await;
    damage(&office.session_folder().join("outbox.db"));
    office.start_server().await;

    let desk = office.desk(&keys);
    for attempt in [DeskRequest::SignIn(office.form("dispatcher")), DeskRequest::OpenOffline] {
        assert_eq!(desk.refused(attempt).await.code, DeskErrorCode::QueueDamaged, "with or without a server");
    }
    let DeskResponse::Saved { path } = desk.ask(DeskRequest::ExportQueue).await else { panic!("a file") };
    let saved = std::fs::read_to_string(&path).expect("what can be read is saved");
    let saved: serde_json::Value = serde_json::from_str(&saved).expect("as JSON");
    let readable = saved["commands"].as_array().expect("a list").len();
    assert!((1..NOTES).contains(&readable), "some of it, and not all: {readable}");
    assert_eq!(saved["commands"][0]["kind"], "task_note", "in words that people know");

    let salvaged = desk.ask(DeskRequest::SalvageQueue).await;
    let DeskResponse::Salvaged { kept, lost, aside } = salvaged else { panic!("salvaged: {salvaged:?}") };
    assert_eq!(kept as usize, readable, "all that can be read is in the new queue");
    assert!(lost > 0, "and what can't be is not passed over in silence");
    assert!(Path::new(&aside).exists(), "the damaged file is kept");
    let again = desk.refused(DeskRequest::SalvageQueue).await;
    assert_eq!(again.code, DeskErrorCode::BadInput, "nothing is damaged any more");

    let mut screen = desk.sign_in(&office, "dispatcher").await;
    screen.until("the salvaged commands", |screen| screen.queue.len() == readable).await;
    assert!(
        screen.queue.iter().all(|queued| queued.state == QueuedState::Fenced),
        "for review: nobody knows which of them the server has done"
    );
    let n = screen.queue[0].n;
    desk.ask(DeskRequest::RetryCommand { n }).await;
    screen.until("one of them done", |screen| screen.queue.len() == readable - 1).await;
    assert_eq!(office.stored_task(lift).notes.len(), 1, "and it reaches the server");
    desk.desk.stop().await;
}

/// A key store that answers when it is told to.
#[derive(Default)]
struct Slow {
    inner: MemoryKeyStore,
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Slow {
    fn let_answer(&self, answers: bool) {
        *self.is_open.lock().expect("a lock") = answers;
        self.opened.notify_all();
    }

    fn wait(&self) {
        let is_open = self.is_open.lock().expect("a lock");
        drop(self.opened.wait_while(is_open, |is_open| !*is_open).expect("a lock"));
    }
}

impl KeyStore for Slow {
    fn get(&self, name: &str) -> Result<Option<Secret>, KeyStoreError> {
        self.wait();
        self.inner.get(name)
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        self.wait();
        self.inner.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        self.wait();
        self.inner.delete(name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_store_that_takes_its_time_holds_up_nobody_else() {
    let office = Office::open().await;
    let keys = Arc::new(Slow::default());
    keys.let_answer(true);
    let desk = office.desk_with(keys.clone(), Arc::new(SystemClock::new()));
    desk.sign_in(&office, "dispatcher").await;
    desk.desk.stop().await;

    keys.let_answer(false);
    let desk = Arc::new(office.desk_with(keys.clone(), Arc::new(SystemClock::new())));
    let soon = Duration::from_secs(30);
    let mut screen = Screen::of(&desk.desk).await;
    let page = screen.until("the sign-in page", |screen| screen.session.is_some());
    tokio::time::timeout(soon, page).await.expect("before the key store has said a word");
    let signing_in = tokio::spawn({
        let (desk, form) = (desk.clone(), office.form("dispatcher"));
        async move { desk.desk.request(DeskRequest::SignIn(form)).await }
    });
    let starting =
        screen.until("the start", |screen| matches!(screen.session, Some(SessionView::Starting { .. })));
    tokio::time::timeout(soon, starting).await.expect("the page says what it waits for");
    let preferences = desk.desk.request(DeskRequest::Preferences);
    let answer =
        tokio::time::timeout(soon, preferences).await.expect("other requests are answered meanwhile");
    assert!(answer.is_ok(), "as ever: {answer:?}");
    let text = desk.ask(DeskRequest::Diagnostics).await;
    assert!(
        matches!(text, DeskResponse::Text(text) if text.contains("session: starting")),
        "even diagnostics"
    );
    keys.let_answer(true);
    assert_eq!(signing_in.await.expect("no panic"), Ok(DeskResponse::Done), "then it goes on");
    desk.ask(DeskRequest::CreateTask(draft("Leak"))).await;
    desk.desk.stop().await;
}
