//! A desktop of our own: on the session bus a notification service that writes down when it is called, and the shell's notifier.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use desk::{DeskStatus, Effects, Notification, NotificationKey};
use notifier::{Notifier, Told};
use tokio::sync::mpsc;
use tokio::time::Instant;
use zbus::connection::Builder;
use zbus::zvariant::OwnedValue;

/// What has not come by then is lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// When a notification went by.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The controller gave it to the shell.
    pub at_shell: Instant,
    /// The service was called.
    pub on_bus: Instant,
}

#[derive(Debug, Default)]
struct Times {
    at_shell: HashMap<String, Instant>,
    on_bus: HashMap<String, Instant>,
}

/// The desktop.
pub struct Desktop {
    notifier: Notifier,
    times: Arc<Mutex<Times>>,
    _service: zbus::Connection,
    _heard: mpsc::Receiver<Told>,
}

struct Service {
    times: Arc<Mutex<Times>>,
    next: u32,
}

fn lock(times: &Mutex<Times>) -> MutexGuard<'_, Times> {
    times.lock().unwrap_or_else(PoisonError::into_inner)
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
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout_ms: i32,
    ) -> u32 {
        lock(&self.times).on_bus.entry(summary.to_owned()).or_insert_with(Instant::now);
        self.next += 1;
        if replaces == 0 { self.next } else { replaces }
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned(), "sound".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("bench".to_owned(), "us".to_owned(), "1".to_owned(), "1.2".to_owned())
    }
}

impl Desktop {
    /// Starts service and notifier on the session bus.
    ///
    /// # Errors
    /// When there is none, or it has a service already.
    pub async fn start() -> Result<Arc<Self>> {
        let times = Arc::<Mutex<Times>>::default();
        let service = Service { times: Arc::clone(&times), next: 0 };
        let building = Builder::session()?.name("org.freedesktop.Notifications")?;
        let service = building.serve_at("/org/freedesktop/Notifications", service)?.build().await?;
        let (told, mut heard) = mpsc::channel(64);
        let (notifier, worker) = notifier::new(told);
        tokio::spawn(worker.run());
        heard.recv().await;
        Ok(Arc::new(Desktop { notifier, times, _service: service, _heard: heard }))
    }

    /// Waits for so many notifications; what came, by title.
    pub async fn wait_for(&self, count: usize) -> HashMap<String, Seen> {
        let until = Instant::now() + PATIENCE;
        while lock(&self.times).on_bus.len() < count && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let times = lock(&self.times);
        let seen = times.on_bus.iter().filter_map(|(title, on_bus)| {
            let at_shell = *times.at_shell.get(title)?;
            Some((title.clone(), Seen { at_shell, on_bus: *on_bus }))
        });
        seen.collect()
    }
}

impl Effects for Desktop {
    fn notify(&self, notification: Notification) {
        lock(&self.times).at_shell.entry(notification.title.clone()).or_insert_with(Instant::now);
        self.notifier.show(notification);
    }

    fn withdraw(&self, key: NotificationKey) {
        self.notifier.withdraw(key);
    }

    fn status(&self, _status: DeskStatus) {}
}
