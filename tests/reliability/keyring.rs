//! The key of the local databases is gone, locked, slow to come, or another one: nothing is deleted, and the desk says what it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use desk::{Desk, DeskConfig, DeskStatus, Effects, KeyPolicy, Notification, NotificationKey, SystemClock};
use domain::access::Role;
use protocol::view::{DeskError, DeskErrorCode, DeskRequest, SignInForm};
use server::{NewCompany, NewUser, RunningServer, ServerConfig};
use store::key::{DATABASE_KEY, OsKeyring, REFRESH_TOKEN};
use store::{Key, KeyStore, KeyStoreError, MemoryKeyStore, Secret};
use tests::desktop::{Keyring, eventually};

struct Silent;

impl Effects for Silent {
    fn notify(&self, _notification: Notification) {}
    fn withdraw(&self, _key: NotificationKey) {}
    fn status(&self, _status: DeskStatus) {}
}

async fn office() -> (RunningServer, SignInForm) {
    let server =
        server::start(ServerConfig::in_memory(), Arc::new(server::SystemClock)).await.expect("starts");
    let new = NewCompany {
        name: "Riviera".to_owned(),
        zone: chrono_tz::Tz::Europe__Monaco,
        currency: "EUR".to_owned(),
        region: "monaco".to_owned(),
    };
    let company = server.admin().add_company(new).expect("company");
    let (login, password) = ("dispatcher".to_owned(), "correct horse".to_owned());
    let form = SignInForm {
        server_url: server.url().to_owned(),
        company: "Riviera".to_owned(),
        user: login.clone(),
        password: password.clone(),
    };
    let (name, role, groups) = ("Dora".to_owned(), Role::Dispatcher, Vec::new());
    server.admin().add_user(NewUser { company, login, name, password, role, groups }).expect("user");
    (server, form)
}

fn desk_with(keys: Arc<dyn KeyStore>, data: &Path) -> Desk {
    let config = DeskConfig {
        data_dir: Some(data.to_owned()),
        exports_dir: None,
        region_roots: Vec::new(),
        keys: KeyPolicy::Given(keys),
    };
    desk::start(config, Arc::new(Silent), None, Arc::new(SystemClock::new()))
}

/// Signs in; answers how that went, with the desk stopped again.
async fn try_with(keys: Arc<dyn KeyStore>, data: &Path, form: &SignInForm) -> Result<(), DeskError> {
    let desk = desk_with(keys, data);
    let answer = desk.request(DeskRequest::SignIn(form.clone())).await;
    desk.stop().await;
    answer.map(drop)
}

/// The databases with what tells their keys, as bytes.
fn files(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let sessions =
        fs::read_dir(data.join("sessions")).expect("sessions").map(|entry| entry.expect("entry").path());
    let files = sessions.flat_map(|session| {
        fs::read_dir(session).expect("session").map(|entry| entry.expect("entry").path())
    });
    let kept = files.filter(|file| file.extension().is_some_and(|end| end == "db" || end == "check"));
    kept.map(|file| (file.clone(), fs::read(&file).expect("file"))).collect()
}

/// Write-ahead logs: where there is one, the database is open.
fn open_logs(data: &Path) -> Vec<PathBuf> {
    let sessions = fs::read_dir(data.join("sessions")).expect("sessions").flatten();
    let files = sessions.flat_map(|session| fs::read_dir(session.path()).expect("session").flatten());
    files.map(|file| file.path()).filter(|file| file.to_string_lossy().ends_with("-wal")).collect()
}

/// Answers every question alike.
struct Refusing(KeyStoreError);

impl KeyStore for Refusing {
    fn get(&self, _: &str) -> Result<Option<Secret>, KeyStoreError> {
        Err(self.0.clone())
    }
    fn set(&self, _: &str, _: &Secret) -> Result<(), KeyStoreError> {
        Err(self.0.clone())
    }
    fn delete(&self, _: &str) -> Result<(), KeyStoreError> {
        Err(self.0.clone())
    }
}

fn holding(secret: Option<&[u8]>) -> Arc<dyn KeyStore> {
    let keys = MemoryKeyStore::default();
    if let Some(secret) = secret {
        keys.set(DATABASE_KEY, &Secret::new(secret)).expect("set");
    }
    Arc::new(keys)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_key_nothing_opens_and_nothing_is_deleted() {
    let ((server, form), data) = (office().await, tempfile::tempdir().expect("folder"));
    let keys: Arc<MemoryKeyStore> = Arc::default();
    try_with(keys.clone(), data.path(), &form).await.expect("the first sign-in makes the files");
    let closed = || Ok(open_logs(data.path()).is_empty().then_some(()));
    eventually("the files to be closed", Duration::from_secs(60), async || closed()).await.expect("closed");
    let before = files(data.path());
    assert_eq!(before.len(), 4, "two databases and their checks: {:?}", before.keys());

    let refusing = |error| -> Arc<dyn KeyStore> { Arc::new(Refusing(error)) };
    let storage = |detail: &str| (DeskErrorCode::Storage, detail.to_owned());
    let store = |detail: &str| (DeskErrorCode::KeyStore, detail.to_owned());
    for (what, with, (code, detail)) in [
        ("missing", refusing(KeyStoreError::Missing("no bus".to_owned())), store("missing")),
        ("locked", refusing(KeyStoreError::Locked("dismissed".to_owned())), store("locked")),
        ("slow", refusing(KeyStoreError::NoAnswer), store("no_answer")),
        ("garbled", holding(Some(b"short")), store("broken")),
        ("replaced", holding(Some(&[9; 32])), storage("wrong_key")),
        ("emptied", holding(None), store("lost")),
    ] {
        let refused = try_with(with, data.path(), &form).await.expect_err(what);
        assert_eq!((refused.code, refused.detail), (code, Some(detail)), "{what}: the desk says what it is");
        let after = files(data.path());
        let changed = before.iter().find(|(file, bytes)| after.get(*file) != Some(*bytes));
        assert_eq!(changed.map(|(file, _)| file), None, "{what}: not a byte of the databases has changed");
    }
    try_with(keys, data.path(), &form).await.expect("with the right key it opens as before");
    server.stop().await;
}

/// Runs in a session bus of its own, which `dbus-run-session` makes.
#[test]
fn the_real_key_store_keeps_the_key_and_when_locked_keeps_it_to_itself() {
    let suite = std::env::current_exe().expect("this suite");
    let mut command = Command::new("dbus-run-session");
    command.arg("--").arg(suite).args(["--exact", "keyring::on_a_private_bus", "--ignored", "--nocapture"]);
    let output = match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("SKIPPED: no dbus-run-session here (`cargo xtask setup` installs it)");
            return;
        }
        output => output.expect("a session bus"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complaints}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a session bus of its own: the story above makes one"]
async fn on_a_private_bus() {
    let keyring = Keyring::start().await.expect("gnome-keyring-daemon");
    let probe = || OsKeyring::probe("officetrack-desk-story");
    let keys = probe().expect("a key store");
    assert_eq!(Key::kept_in(&keys), Ok(None), "it holds no key yet");
    let key = Key::of_store(&keys).expect("a key");
    for token in ["token-1", "token-2"] {
        keys.set(REFRESH_TOKEN, &Secret::new(token)).expect("set");
    }
    let again = probe().expect("the key store again");
    assert_eq!(Key::of_store(&again), Ok(key.clone()), "another connection finds the same key");
    let token = again.get(REFRESH_TOKEN).expect("get").expect("token");
    assert_eq!(token.expose_text(), Some("token-2"), "the last token counts");

    keyring.lock().expect("locked");
    let locked = probe().expect_err("a locked store gives nothing");
    let is_told =
        matches!(locked, KeyStoreError::Locked(_) | KeyStoreError::NoAnswer | KeyStoreError::Missing(_));
    assert!(is_told, "it says so in time: {locked:?}");

    let keyring = keyring.restart().await.expect("somebody signs in to the desktop again");
    let unlocked = probe().expect("the key store, unlocked");
    assert_eq!(Key::of_store(&unlocked), Ok(key), "the key is the one that was kept");
    unlocked.set(DATABASE_KEY, &Secret::new("short")).expect("somebody else writes there");
    assert_eq!(Key::of_store(&unlocked), Err(KeyStoreError::Garbled), "five bytes are no key, and they stay");
    for name in [REFRESH_TOKEN, DATABASE_KEY] {
        unlocked.delete(name).expect("delete");
        unlocked.delete(name).expect("deleting twice is no error");
        assert_eq!(unlocked.get(name).expect("get"), None, "{name} is gone");
    }
    drop(keyring);
}
