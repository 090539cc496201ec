//! Notifications are recorded, not shown.

use std::sync::{Mutex, MutexGuard, PoisonError};

use desk::{DeskStatus, Effects, Notification, NotificationKey};
use domain::AlertId;
use domain::alert::Severity;
use protocol::view::{NotificationService, Sound, Subject};
use serde::Serialize;

/// Notifications kept at most; the oldest go.
const KEPT: usize = 1_000;

/// A notification that would have been shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its line.
    pub title: String,
    /// A sentence more.
    pub body: String,
    /// How much it presses.
    pub severity: Severity,
    /// What would be heard.
    pub sound: Sound,
    /// What a click would open.
    pub open: Option<Subject>,
    /// What its buttons would be about.
    pub alerts: Vec<AlertId>,
    /// It was taken away, or a newer one took its place.
    pub is_gone: bool,
    #[serde(skip)]
    key: NotificationKey,
}

/// Records what a desktop would show.
#[derive(Debug, Default)]
pub struct Recorded(Mutex<Vec<Shown>>);

impl Recorded {
    /// What would have been shown so far, oldest first.
    pub fn all(&self) -> Vec<Shown> {
        self.lock().clone()
    }

    /// What the desk is told of this "service".
    pub fn service() -> NotificationService {
        NotificationService { name: Some("development".to_owned()), actions: false, sounds: false }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Shown>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end(shown: &mut [Shown], key: NotificationKey) {
    shown.iter_mut().filter(|shown| shown.key == key).for_each(|shown| shown.is_gone = true);
}

impl Effects for Recorded {
    fn notify(&self, notification: Notification) {
        tracing::info!(severity = ?notification.severity, "a notification");
        let Notification { key, title, body, severity, sound, open, alerts } = notification;
        let mut shown = self.lock();
        if shown.len() == KEPT {
            shown.remove(0);
        }
        end(&mut shown, key);
        shown.push(Shown { title, body, severity, sound, open, alerts, is_gone: false, key });
    }

    fn withdraw(&self, key: NotificationKey) {
        end(&mut self.lock(), key);
    }

    fn status(&self, status: DeskStatus) {
        tracing::debug!(?status, "the desk at a glance");
    }
}
