//! Desktop notifications by `notify_rust`; a click on one brings its subject up.
//!
//! The daemon is another process that may be slow, missing or wedged, so nothing here runs on the controller's loop: one
//! thread shows, and one short-lived thread per notification waits for its click.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use desk::{Desk, Notification};
use domain::alert::Severity;
use notify_rust::{Hint, NotificationHandle, Timeout, Urgency};
use protocol::view::Subject;
use tauri::{AppHandle, Manager as _};

use crate::window;

/// Notifications that may wait for the daemon; more are dropped, since the alert list has them all.
const WAITING: usize = 32;
/// Notifications whose click is waited for at the same time.
const CLICKABLE: usize = 16;
const ACTION_DEFAULT: &str = "default";
const ACTION_OPEN: &str = "open";

/// Hands notifications to the thread that shows them.
pub struct Notifier {
    waiting: SyncSender<Notification>,
}

impl Notifier {
    /// Starts the thread; it ends when the notifier is dropped.
    pub fn start(app: AppHandle) -> std::io::Result<Self> {
        let (waiting, inbox) = sync_channel(WAITING);
        thread::Builder::new().name("notifications".to_owned()).spawn(move || show_all(&app, &inbox))?;
        Ok(Notifier { waiting })
    }

    /// Queues a notification; never waits.
    pub fn show(&self, notification: Notification) {
        if let Err(TrySendError::Full(_)) = self.waiting.try_send(notification) {
            tracing::warn!("the notification daemon is too slow, one notification is left out");
        }
    }
}

fn show_all(app: &AppHandle, inbox: &Receiver<Notification>) {
    let clickable = Arc::new(AtomicUsize::new(0));
    let mut told = false;
    for notification in inbox {
        match build(&notification).show() {
            Ok(handle) => wait_for_click(app, handle, notification.open, &clickable),
            Err(error) if told => tracing::debug!(%error, "still no notification daemon"),
            Err(error) => {
                tracing::warn!(%error, "no notification daemon answers");
                tauri::async_runtime::block_on(app.state::<Desk>().notifications_unavailable());
                told = true;
            }
        }
    }
}

fn build(notification: &Notification) -> notify_rust::Notification {
    let (urgency, timeout) = match notification.severity {
        Severity::Info => (Urgency::Low, Timeout::Milliseconds(8_000)),
        Severity::Warning => (Urgency::Normal, Timeout::Milliseconds(15_000)),
        Severity::Critical => (Urgency::Critical, Timeout::Never),
    };
    let mut built = notify_rust::Notification::new();
    built
        .appname("OfficeTrack Desk")
        .icon("officetrack-desk")
        .summary(&notification.title)
        .body(&notification.body);
    built.urgency(urgency).timeout(timeout).hint(Hint::DesktopEntry("com.officetrack.desk".to_owned()));
    if notification.open.is_some() {
        built.action(ACTION_DEFAULT, "Open").action(ACTION_OPEN, "Open");
    }
    built.finalize()
}

fn wait_for_click(
    app: &AppHandle,
    handle: NotificationHandle,
    open: Option<Subject>,
    clickable: &Arc<AtomicUsize>,
) {
    let Some(subject) = open else { return };
    if clickable.fetch_add(1, Ordering::Relaxed) >= CLICKABLE {
        clickable.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    let (app, waiting) = (app.clone(), Arc::clone(clickable));
    let spawned = thread::Builder::new().name("notification-click".to_owned()).spawn(move || {
        handle.wait_for_action(|action| {
            if action == ACTION_DEFAULT || action == ACTION_OPEN {
                window::bring_up(&app);
                tauri::async_runtime::block_on(app.state::<Desk>().open(subject));
            }
        });
        waiting.fetch_sub(1, Ordering::Relaxed);
    });
    if let Err(error) = spawned {
        clickable.fetch_sub(1, Ordering::Relaxed);
        tracing::warn!(%error, "a notification can't be clicked");
    }
}
