//! Which bubble is which: our keys, and the handles and listeners behind them.

use std::collections::HashMap;
use std::sync::Arc;

use desk::{Notification, NotificationAct, NotificationKey};
use domain::AlertId;
use domain::alert::Severity;
use notify_rust::NotificationHandle;
use protocol::view::Subject;
use tokio::task::{AbortHandle, Id};

use crate::OPEN_AT_ONCE;

/// A click on the bubble itself.
pub const DEFAULT: &str = "default";
/// The button that brings the subject up.
pub const OPEN: &str = "open";
/// The button that acknowledges.
pub const ACKNOWLEDGE: &str = "acknowledge";
/// The button that puts aside.
pub const SNOOZE: &str = "snooze";

/// What is behind a bubble.
#[derive(Debug)]
pub struct Bubble {
    handle: Arc<NotificationHandle>,
    /// The task that hears what people do with it.
    listener: AbortHandle,
    /// What a click opens.
    open: Option<Subject>,
    /// What the buttons are about.
    alerts: Vec<AlertId>,
    severity: Severity,
    /// Bubbles that were put before.
    place: u64,
}

impl Bubble {
    /// What shows it.
    pub fn handle(&self) -> &NotificationHandle {
        &self.handle
    }

    /// What an action means.
    pub fn act(&self, action: &str) -> Option<NotificationAct> {
        match action {
            DEFAULT | OPEN => self.open.map(NotificationAct::Open),
            ACKNOWLEDGE => Some(NotificationAct::Acknowledge(self.alerts.clone())),
            SNOOZE => Some(NotificationAct::Snooze(self.alerts.clone())),
            _ => None,
        }
    }
}

/// The bubbles that are up.
#[derive(Debug, Default)]
pub struct Bubbles {
    open: HashMap<NotificationKey, Bubble>,
    /// The first one of those that were up without a break: its connection has to stay.
    first: Option<Arc<NotificationHandle>>,
    /// Bubbles that were ever put.
    count: u64,
}

impl Bubbles {
    /// The id of the bubble that a key has; 0 asks the service for a new one.
    pub fn replaces(&self, key: NotificationKey) -> u32 {
        self.open.get(&key).map_or(0, |bubble| bubble.handle.id())
    }

    /// A notification is up. The listener of the one it replaces ends.
    pub fn put(
        &mut self,
        notification: &Notification,
        handle: Arc<NotificationHandle>,
        listener: AbortHandle,
    ) {
        self.first.get_or_insert_with(|| Arc::clone(&handle));
        let bubble = Bubble {
            handle,
            listener,
            open: notification.open,
            alerts: notification.alerts.clone(),
            severity: notification.severity,
            place: self.count,
        };
        self.count += 1;
        if let Some(replaced) = self.open.insert(notification.key, bubble) {
            replaced.listener.abort();
        }
    }

    /// The bubble that has to go before one of this key may come; it is to be closed.
    pub fn make_room(&mut self, key: NotificationKey) -> Option<Bubble> {
        if self.open.len() < OPEN_AT_ONCE || self.open.contains_key(&key) {
            return None;
        }
        let mildest = self.open.iter().min_by_key(|(_, bubble)| (bubble.severity, bubble.place));
        let key = *mildest?.0;
        self.take(key)
    }

    /// The bubble of a key is to go, and its listener ends.
    pub fn take(&mut self, key: NotificationKey) -> Option<Bubble> {
        let bubble = self.open.remove(&key)?;
        bubble.listener.abort();
        if self.open.is_empty() {
            self.first = None;
        }
        Some(bubble)
    }

    /// The bubble whose listener has ended; `None`: it was replaced or taken meanwhile.
    pub fn heard(&mut self, listener: Id) -> Option<Bubble> {
        let key = *self.open.iter().find(|(_, bubble)| bubble.listener.id() == listener)?.0;
        self.take(key)
    }

    /// Another service knows none of them. Their listeners end.
    pub fn clear(&mut self) {
        self.open.drain().for_each(|(_, bubble)| bubble.listener.abort());
        self.first = None;
    }
}
