//! Notifications are recorded, not shown.

use std::sync::{Mutex, PoisonError};

use desk::{Effects, Notification};
use domain::alert::Severity;
use protocol::view::Subject;
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
    /// What a click would open.
    pub open: Option<Subject>,
}

/// Records what a desktop would show.
#[derive(Debug, Default)]
pub struct Recorded(Mutex<Vec<Shown>>);

impl Recorded {
    /// What would have been shown so far, oldest first.
    pub fn all(&self) -> Vec<Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Effects for Recorded {
    fn notify(&self, notification: Notification) {
        tracing::info!(severity = ?notification.severity, "a notification");
        let Notification { title, body, severity, open } = notification;
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.len() == KEPT {
            shown.remove(0);
        }
        shown.push(Shown { title, body, severity, open });
    }

    fn unseen_alerts(&self, count: u32) {
        tracing::debug!(count, "alerts nobody has looked at");
    }
}
