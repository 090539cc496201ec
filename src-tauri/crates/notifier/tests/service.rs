//! The notifier on a bus of its own, with a service that comes and goes.
//!
//! notify-rust takes the bus from the environment, so each story runs in a process of its own: the test starts the bus and this binary again,
//! for the story alone.

#![expect(missing_docs, reason = "the interface's macro makes methods without")]

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::{Notification, NotificationAct, NotificationKey};
use domain::AlertId;
use domain::alert::Severity;
use notifier::{Notifier, OPEN_AT_ONCE, Told};
use protocol::view::{NotificationService, Sound, Subject};
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;
use zbus::connection::Builder;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

const PATIENCE: Duration = Duration::from_secs(30);

/// No service files: only we start services.
const BUS: &str = "<busconfig><type>session</type><listen>ADDRESS</listen><policy context='default'>
    <allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>";

/// Says to this binary that it runs for a story alone, on the story's bus.
const ALONE: &str = "OFFICETRACK_STORY_ALONE";

/// Plays the story that the test `name` tells, in a process whose session bus is this one.
fn play(name: &str, bus: &str, story: impl Future<Output = ()>) {
    if std::env::var_os(ALONE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        return runtime.expect("a runtime").block_on(story);
    }
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", name, "--nocapture"]).env("DBUS_SESSION_BUS_ADDRESS", bus).env(ALONE, "1");
    let ended = command.output().expect("it starts");
    let (said, complained) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{name} ended with {}: {said}{complained}", ended.status);
    assert!(said.contains("1 passed"), "the story was played: {said}");
}

/// As [`play`], on a bus of its own.
fn play_on_a_bus(name: &str, story: impl Future<Output = ()>) {
    let bus = std::env::var_os(ALONE).is_none().then(Bus::start);
    play(name, bus.as_ref().map_or("", |bus| &bus.address), story);
}

/// A message bus; ends with the test.
struct Bus {
    daemon: Child,
    address: String,
    _folder: TempDir,
}

impl Bus {
    fn start() -> Self {
        Self::at("unix:tmpdir=/tmp")
    }

    fn at(address: &str) -> Self {
        let mut command = Command::new("dbus-daemon");
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("bus.conf");
        std::fs::write(&config, BUS.replace("ADDRESS", address)).expect("written");
        command.args(["--nofork", "--print-address=1", "--config-file"]).arg(config).stdout(Stdio::piped());
        let mut daemon = command.spawn().expect("dbus-daemon is installed");
        let mut address = String::new();
        let told = daemon.stdout.take().expect("it tells its address");
        BufReader::new(told).read_line(&mut address).expect("one line");
        Bus { daemon, address: address.trim().to_owned(), _folder: folder }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().expect("it runs");
        self.daemon.wait().expect("it ends");
    }
}

/// What a service was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Notify { id: u32, replaces: u32, summary: String, actions: Vec<String> },
    Close { id: u32 },
}

/// The heading of a notification that the service chokes on.
const POISON: &str = "This is never answered";

struct Service {
    asked: Arc<Mutex<Vec<Asked>>>,
    next: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the specification's own list")]
    async fn notify(
        &mut self,
        _application: &str,
        replaces: u32,
        _icon: &str,
        summary: &str,
        _body: &str,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout_ms: i32,
    ) -> u32 {
        self.next += 1;
        let id = if replaces == 0 { self.next } else { replaces };
        let asked = Asked::Notify { id, replaces, summary: summary.to_owned(), actions };
        self.asked.lock().expect("recorded").push(asked);
        if summary == POISON {
            // It holds the service meanwhile: nothing else is answered either.
            std::future::pending::<()>().await;
        }
        id
    }

    fn close_notification(&self, id: u32) {
        self.asked.lock().expect("recorded").push(Asked::Close { id });
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("story".to_owned(), "us".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

/// The service is there as long as its connection is.
struct Daemon {
    bus: zbus::Connection,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Daemon {
    async fn start() -> Self {
        let asked = Arc::default();
        let service = Service { asked: Arc::clone(&asked), next: 0 };
        let building = Builder::session()
            .and_then(|builder| builder.name("org.freedesktop.Notifications"))
            .and_then(|builder| builder.serve_at("/org/freedesktop/Notifications", service));
        let bus = building.expect("a service").build().await.expect("on the bus");
        Daemon { bus, asked }
    }

    async fn until_asked(&self, count: usize) -> Vec<Asked> {
        let waiting = async {
            while self.asked.lock().expect("recorded").len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await;
        let asked = self.asked.lock().expect("recorded").clone();
        in_time.unwrap_or_else(|_| panic!("waited in vain for {count} calls: {asked:?}"));
        asked
    }

    /// Waits for a notification, whatever comes before it.
    async fn until_seen(&self, title: &str) {
        let mut count = 1;
        let is_it = |asked: &Asked| matches!(asked, Asked::Notify { summary, .. } if summary == title);
        while !self.until_asked(count).await.iter().any(is_it) {
            count += 1;
        }
    }

    /// Clicks until it is heard: a bubble is up a little before anybody listens to it.
    async fn click(&self, id: u32, action: &str, heard: &mut mpsc::Receiver<Told>) -> Told {
        let emitter = SignalEmitter::new(&self.bus, "/org/freedesktop/Notifications").expect("a path");
        let clicking = async {
            loop {
                Service::action_invoked(&emitter, id, action).await.expect("said");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            told = next(heard) => told,
            () = clicking => unreachable!("it goes on"),
        }
    }

    /// Says that a bubble is gone, as when its time is over.
    async fn expire(&self, id: u32) {
        let emitter = SignalEmitter::new(&self.bus, "/org/freedesktop/Notifications").expect("a path");
        Service::notification_closed(&emitter, id, 1).await.expect("said");
    }
}

fn alert(n: u128) -> AlertId {
    AlertId(Uuid::from_u128(n))
}

fn notification(n: u128, title: &str) -> Notification {
    Notification {
        key: NotificationKey::Line(alert(n)),
        title: title.to_owned(),
        body: String::new(),
        severity: Severity::Warning,
        sound: Sound::Silent,
        open: Some(Subject::Alert(alert(n))),
        alerts: vec![alert(n)],
    }
}

fn start() -> (Notifier, mpsc::Receiver<Told>) {
    let (told, heard) = mpsc::channel(16);
    let (notifier, worker) = notifier::new(told);
    tokio::spawn(worker.run());
    (notifier, heard)
}

async fn next(heard: &mut mpsc::Receiver<Told>) -> Told {
    tokio::time::timeout(PATIENCE, heard.recv()).await.expect("in time").expect("the worker runs")
}

fn story() -> Told {
    let name = Some("story 1".to_owned());
    Told::Service(NotificationService { name, actions: true, sounds: false })
}

fn nobody() -> Told {
    Told::Service(NotificationService { name: None, actions: false, sounds: false })
}

#[test]
fn a_bubble_is_changed_clicked_and_taken_away() {
    play_on_a_bus("a_bubble_is_changed_clicked_and_taken_away", async {
        let daemon = Daemon::start().await;
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        notifier.show(notification(1, "4 devices are silent"));
        notifier.show(notification(1, "5 devices are silent"));
        notifier.show(notification(2, "Somebody else"));
        let asked = daemon.until_asked(3).await;
        let Asked::Notify { id: first, replaces: 0, actions, .. } = &asked[0] else { panic!("{asked:?}") };
        assert!(matches!(&asked[1], Asked::Notify { replaces, .. } if replaces == first), "the same bubble");
        assert!(matches!(&asked[2], Asked::Notify { replaces: 0, .. }), "another one: {asked:?}");
        assert_eq!(
            actions[4..],
            ["acknowledge", "Acknowledge", "snooze", "Snooze 15 min"],
            "with its buttons"
        );
        notifier.withdraw(NotificationKey::Line(alert(1)));
        notifier.withdraw(NotificationKey::Line(alert(3)));
        notifier.show(notification(1, "6 devices are silent"));
        let asked = daemon.until_asked(5).await;
        assert_eq!(asked[3], Asked::Close { id: *first }, "the one that was shown; the other one never was");
        assert!(matches!(&asked[4], Asked::Notify { replaces: 0, .. }), "a new bubble: {asked:?}");
    });
}

#[test]
fn an_act_on_a_bubble_is_told_and_closes_it() {
    play_on_a_bus("an_act_on_a_bubble_is_told_and_closes_it", async {
        let daemon = Daemon::start().await;
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        for (nth, action, expected) in [
            (0, "default", NotificationAct::Open(Subject::Alert(alert(2)))),
            (1, "open", NotificationAct::Open(Subject::Alert(alert(2)))),
            (2, "acknowledge", NotificationAct::Acknowledge(vec![alert(2)])),
            (3, "snooze", NotificationAct::Snooze(vec![alert(2)])),
        ] {
            notifier.show(notification(2, "4 devices are silent"));
            // What it was told first is not what is clicked.
            notifier.show(notification(2, "5 devices are silent"));
            let asked = daemon.until_asked(3 * nth + 2).await;
            let Asked::Notify { id, replaces: 0, .. } = asked[3 * nth] else { panic!("{nth}: {asked:?}") };
            assert_eq!(daemon.click(id, action, &mut heard).await, Told::Act(expected), "{action}");
            let asked = daemon.until_asked(3 * nth + 3).await;
            assert_eq!(asked[3 * nth + 2], Asked::Close { id }, "{action}: it has served");
        }
        assert!(heard.try_recv().is_err(), "each was told once");
    });
}

#[test]
fn a_bubble_that_is_gone_is_forgotten() {
    play_on_a_bus("a_bubble_that_is_gone_is_forgotten", async {
        let daemon = Daemon::start().await;
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        notifier.show(notification(1, "4 devices are silent"));
        let asked = daemon.until_asked(1).await;
        let Asked::Notify { id: first, .. } = asked[0] else { panic!("{asked:?}") };
        let mut shown = 1;
        let replacing = async {
            loop {
                daemon.expire(first).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
                notifier.show(notification(1, "5 devices are silent"));
                shown += 1;
                let asked = daemon.until_asked(shown).await;
                if matches!(asked[shown - 1], Asked::Notify { replaces: 0, .. }) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, replacing).await.expect("the next one of its key is a new one");
    });
}

#[test]
fn of_too_many_bubbles_the_mildest_and_oldest_is_closed() {
    play_on_a_bus("of_too_many_bubbles_the_mildest_and_oldest_is_closed", async {
        let daemon = Daemon::start().await;
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        let critical = Notification { severity: Severity::Critical, ..notification(0, "No signs of life") };
        notifier.show(critical);
        for n in 1..=OPEN_AT_ONCE as u128 {
            notifier.show(notification(n, "A device is silent"));
        }
        let asked = daemon.until_asked(OPEN_AT_ONCE + 2).await;
        let Asked::Notify { id, .. } = asked[1] else { panic!("{asked:?}") };
        assert_eq!(asked[OPEN_AT_ONCE + 1], Asked::Close { id }, "the first that is not critical");
        notifier.show(notification(2, "It is still silent"));
        notifier.withdraw(NotificationKey::Line(alert(0)));
        let asked = daemon.until_asked(OPEN_AT_ONCE + 4).await;
        assert!(
            matches!(asked[OPEN_AT_ONCE + 2], Asked::Notify { replaces, .. } if replaces != 0),
            "a change needs no room: {asked:?}"
        );
        let Asked::Notify { id, .. } = asked[0] else { panic!("{asked:?}") };
        assert_eq!(asked[OPEN_AT_ONCE + 3], Asked::Close { id }, "the critical one was up until now");
    });
}

#[test]
fn a_service_that_is_missing_is_told_and_so_is_its_return() {
    play_on_a_bus("a_service_that_is_missing_is_told_and_so_is_its_return", async {
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, nobody(), "there is none");
        // Seen only if the service is faster.
        notifier.show(notification(1, "This comes early"));
        let daemon = Daemon::start().await;
        assert_eq!(next(&mut heard).await, story(), "it comes");
        notifier.show(notification(2, "This is seen"));
        daemon.until_seen("This is seen").await;
        drop(daemon);
        assert_eq!(next(&mut heard).await, nobody(), "it dies");
        let again = Daemon::start().await;
        assert_eq!(next(&mut heard).await, story(), "and is back");
        notifier.show(notification(2, "Seen again"));
        let asked = again.until_asked(1).await;
        assert!(
            matches!(&asked[0], Asked::Notify { replaces: 0, .. }),
            "it knows none of the old bubbles: {asked:?}"
        );
    });
}

#[test]
fn a_service_that_does_not_answer_is_a_missing_one() {
    play_on_a_bus("a_service_that_does_not_answer_is_a_missing_one", async {
        let daemon = Daemon::start().await;
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        notifier.show(notification(1, POISON));
        assert_eq!(next(&mut heard).await, nobody(), "it is not waited for");
        // Asks again what the service can do; seen only if the next one is faster.
        notifier.show(notification(2, "This comes early"));
        tokio::time::sleep(notifier::ANSWERS_WITHIN / 2).await;
        // What it is stuck in holds the connection too.
        daemon.bus.close().await.expect("it dies");
        let again = Daemon::start().await;
        assert_eq!(next(&mut heard).await, story(), "the next one answers");
        notifier.show(notification(3, "This is seen"));
        again.until_seen("This is seen").await;
    });
}

#[test]
fn a_bus_that_is_lost_is_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("unix:path={}", folder.path().join("bus").display());
    play("a_bus_that_is_lost_is_found_again", &address, async {
        let address = std::env::var("DBUS_SESSION_BUS_ADDRESS").expect("the bus to be");
        let bus = Bus::at(&address);
        let daemon = Daemon::start().await;
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        notifier.show(notification(1, "4 devices are silent"));
        daemon.until_asked(1).await;
        drop(bus);
        assert_eq!(next(&mut heard).await, nobody(), "with the bus the service is gone");
        notifier.show(notification(1, "Nobody sees this"));
        let _bus = Bus::at(&address);
        let again = Daemon::start().await;
        assert_eq!(next(&mut heard).await, story(), "both are back");
        notifier.show(notification(1, "5 devices are silent"));
        let asked = again.until_asked(1).await;
        let [Asked::Notify { id, replaces: 0, .. }] = asked[..] else { panic!("a new bubble: {asked:?}") };
        let act = NotificationAct::Acknowledge(vec![alert(1)]);
        assert_eq!(again.click(id, "acknowledge", &mut heard).await, Told::Act(act), "that is heard");
    });
}

#[test]
fn a_worker_that_ends_leaves_nobody_listening() {
    play_on_a_bus("a_worker_that_ends_leaves_nobody_listening", async {
        let daemon = Daemon::start().await;
        let (told, mut heard) = mpsc::channel(16);
        let (notifier, worker) = notifier::new(told);
        let working = tokio::spawn(worker.run());
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        let before = connections(&daemon).await;
        for n in 0..5 {
            notifier.show(notification(n, "A device is silent"));
        }
        daemon.until_asked(5).await;
        let meanwhile = connections(&daemon).await;
        assert!(meanwhile >= before + 5, "one for each bubble: {before}, then {meanwhile}");
        drop(notifier);
        working.await.expect("it ends with its notifiers");
        // Neither those of the bubbles nor the one that watched.
        until_connections(&daemon, before - 1).await;
    });
}

#[test]
fn the_first_bubbles_connection_stays_until_the_last_bubble_goes() {
    play_on_a_bus("the_first_bubbles_connection_stays_until_the_last_bubble_goes", async {
        let daemon = Daemon::start().await;
        let (notifier, mut heard) = start();
        assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
        let before = connections(&daemon).await;
        notifier.show(notification(1, "4 devices are silent"));
        daemon.until_asked(1).await;
        let first: HashSet<String> = names(&daemon).await;
        notifier.show(notification(2, "Somebody else"));
        notifier.show(notification(1, "5 devices are silent"));
        notifier.withdraw(NotificationKey::Line(alert(1)));
        daemon.until_asked(4).await;
        until_connections(&daemon, before + 2).await;
        assert!(first.is_subset(&names(&daemon).await), "its bubble is gone, another one is up");
        notifier.withdraw(NotificationKey::Line(alert(2)));
        until_connections(&daemon, before).await;
    });
}

async fn until_connections(daemon: &Daemon, count: usize) {
    let waiting = async {
        while connections(daemon).await != count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("as many connections as wanted");
}

/// Programs' connections to the bus.
async fn connections(daemon: &Daemon) -> usize {
    names(daemon).await.len()
}

/// Their names.
async fn names(daemon: &Daemon) -> HashSet<String> {
    let bus = zbus::fdo::DBusProxy::new(&daemon.bus).await.expect("the bus itself");
    let names = bus.list_names().await.expect("it answers");
    names.iter().filter(|name| name.starts_with(':')).map(ToString::to_string).collect()
}

#[test]
fn without_a_bus_nothing_hangs() {
    play("without_a_bus_nothing_hangs", "unix:path=/nowhere/at/all", async {
        let (told, mut heard) = mpsc::channel(16);
        let (notifier, worker) = notifier::new(told);
        let working = tokio::spawn(worker.run());
        assert_eq!(next(&mut heard).await, nobody(), "no bus, no service");
        for n in 0..1_000 {
            notifier.show(notification(n, "Nobody sees this"));
        }
        drop(notifier);
        tokio::time::timeout(PATIENCE, working).await.expect("it ends with its notifiers").expect("cleanly");
    });
}
