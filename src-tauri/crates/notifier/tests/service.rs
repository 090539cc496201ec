//! The notifier on a bus of its own, with a service that comes and goes.

#![expect(missing_docs, reason = "the interface's macro makes methods without")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::{Notification, NotificationAct, NotificationKey};
use domain::AlertId;
use domain::alert::Severity;
use notifier::{Notifier, Told};
use protocol::view::{NotificationService, Sound, Subject};
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;
use zbus::connection::Builder;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

const PATIENCE: Duration = Duration::from_secs(30);

/// No service files: only we start services.
const BUS: &str = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context='default'>
    <allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>";

/// A message bus; ends with the test.
struct Bus {
    daemon: Child,
    address: String,
    _folder: TempDir,
}

impl Bus {
    fn start() -> Self {
        let mut command = Command::new("dbus-daemon");
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("bus.conf");
        std::fs::write(&config, BUS).expect("written");
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

struct Service {
    asked: Arc<Mutex<Vec<Asked>>>,
    next: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the specification's own list")]
    fn notify(
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
}

/// The service is there as long as its connection is.
struct Daemon {
    bus: zbus::Connection,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Daemon {
    async fn start(bus: &Bus) -> Self {
        let asked = Arc::default();
        let service = Service { asked: Arc::clone(&asked), next: 0 };
        let building = Builder::address(bus.address.as_str())
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

    async fn click(&self, id: u32, action: &str) {
        let emitter = SignalEmitter::new(&self.bus, "/org/freedesktop/Notifications").expect("a path");
        Service::action_invoked(&emitter, id, action).await.expect("said");
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

fn start(bus: &Bus) -> (Notifier, mpsc::Receiver<Told>) {
    let (told, heard) = mpsc::channel(16);
    let (notifier, worker) = notifier::new(told);
    tokio::spawn(worker.at(bus.address.as_str()).run());
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

#[tokio::test(flavor = "multi_thread")]
async fn a_bubble_is_changed_clicked_and_taken_away() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let (notifier, mut heard) = start(&bus);
    assert_eq!(next(&mut heard).await, story(), "the service says what it can do");
    notifier.show(notification(1, "4 devices are silent"));
    notifier.show(notification(1, "5 devices are silent"));
    notifier.show(notification(2, "Somebody else"));
    let asked = daemon.until_asked(3).await;
    let Asked::Notify { id: first, replaces: 0, actions, .. } = &asked[0] else { panic!("{asked:?}") };
    assert!(matches!(&asked[1], Asked::Notify { replaces, .. } if replaces == first), "the same bubble");
    let Asked::Notify { id: second, replaces: 0, .. } = &asked[2] else { panic!("{asked:?}") };
    assert_eq!(actions[4..], ["acknowledge", "Acknowledge", "snooze", "Snooze 15 min"], "with its buttons");
    for (action, expected) in [
        ("default", NotificationAct::Open(Subject::Alert(alert(2)))),
        ("acknowledge", NotificationAct::Acknowledge(vec![alert(2)])),
        ("snooze", NotificationAct::Snooze(vec![alert(2)])),
    ] {
        daemon.click(*second, action).await;
        assert_eq!(next(&mut heard).await, Told::Act(expected), "{action}");
    }
    notifier.withdraw(NotificationKey::Line(alert(1)));
    notifier.withdraw(NotificationKey::Line(alert(3)));
    let asked = daemon.until_asked(4).await;
    assert_eq!(asked[3..], [Asked::Close { id: *first }], "the one that was shown; the other one never was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_missing_is_told_and_so_is_its_return() {
    let bus = Bus::start();
    let (notifier, mut heard) = start(&bus);
    assert_eq!(next(&mut heard).await, nobody(), "there is none");
    notifier.show(notification(1, "Nobody sees this"));
    let daemon = Daemon::start(&bus).await;
    assert_eq!(next(&mut heard).await, story(), "it comes");
    notifier.show(notification(2, "This is seen"));
    let asked = daemon.until_asked(1).await;
    assert!(matches!(&asked[0], Asked::Notify { summary, .. } if summary == "This is seen"), "{asked:?}");
    drop(daemon);
    assert_eq!(next(&mut heard).await, nobody(), "it dies");
    let again = Daemon::start(&bus).await;
    assert_eq!(next(&mut heard).await, story(), "and is back");
    notifier.show(notification(2, "Seen again"));
    let asked = again.until_asked(1).await;
    assert!(
        matches!(&asked[0], Asked::Notify { replaces: 0, .. }),
        "it knows none of the old bubbles: {asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bus_nothing_hangs() {
    let (told, mut heard) = mpsc::channel(16);
    let (notifier, worker) = notifier::new(told);
    let working = tokio::spawn(worker.at("unix:path=/nowhere/at/all").run());
    assert_eq!(next(&mut heard).await, nobody(), "no bus, no service");
    for n in 0..1_000 {
        notifier.show(notification(n, "Nobody sees this"));
    }
    drop(notifier);
    tokio::time::timeout(PATIENCE, working).await.expect("it ends with its notifiers").expect("cleanly");
}
