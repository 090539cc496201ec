//! Which bubble is which: the service's ids and our keys.

use std::collections::HashMap;

use desk::{NotificationAct, NotificationKey};
use domain::AlertId;
use protocol::view::Subject;

/// Bubbles that are remembered; of older ones clicks are not known any more.
const REMEMBERED: usize = 500;

/// A click on the bubble itself.
pub const DEFAULT: &str = "default";
/// The button that brings the subject up.
pub const OPEN: &str = "open";
/// The button that acknowledges.
pub const ACKNOWLEDGE: &str = "acknowledge";
/// The button that puts aside.
pub const SNOOZE: &str = "snooze";

/// What is behind a bubble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bubble {
    /// The service's id.
    pub id: u32,
    /// What a click opens.
    pub open: Option<Subject>,
    /// What the buttons are about.
    pub alerts: Vec<AlertId>,
}

/// The bubbles that are up, or were when anybody last looked.
#[derive(Debug, Default)]
pub struct Bubbles(HashMap<NotificationKey, Bubble>);

impl Bubbles {
    /// The id of the bubble that a key has; 0 asks the service for a new one.
    pub fn replaces(&self, key: NotificationKey) -> u32 {
        self.0.get(&key).map_or(0, |bubble| bubble.id)
    }

    /// A bubble is up.
    pub fn put(&mut self, key: NotificationKey, bubble: Bubble) {
        if self.0.len() >= REMEMBERED
            && let Some(oldest) = self.0.iter().min_by_key(|(_, bubble)| bubble.id).map(|(key, _)| *key)
        {
            self.0.remove(&oldest);
        }
        self.0.insert(key, bubble);
    }

    /// The bubble of a key is to go; its id.
    pub fn take(&mut self, key: NotificationKey) -> Option<u32> {
        self.0.remove(&key).map(|bubble| bubble.id)
    }

    /// The service has closed one.
    pub fn closed(&mut self, id: u32) {
        self.0.retain(|_, bubble| bubble.id != id);
    }

    /// Another service knows none of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What an action on a bubble means.
    pub fn act(&self, id: u32, action: &str) -> Option<NotificationAct> {
        let bubble = self.0.values().find(|bubble| bubble.id == id)?;
        match action {
            DEFAULT | OPEN => bubble.open.map(NotificationAct::Open),
            ACKNOWLEDGE => Some(NotificationAct::Acknowledge(bubble.alerts.clone())),
            SNOOZE => Some(NotificationAct::Snooze(bubble.alerts.clone())),
            _ => None,
        }
    }
}
