//! What the desktop shows just now: one bubble per line of the alert list.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::AlertId;
use domain::alert::{Alert, Severity};

use super::grouping::Grouping;
use crate::{Notification, NotificationKey};

/// A bubble that is shown already is changed at most this often.
const UPDATE_EVERY: TimeDelta = TimeDelta::seconds(2);
/// Bubbles that are remembered; the oldest are left to the desktop.
const REMEMBERED: usize = 200;

/// The bubbles, and what waits to be shown.
#[derive(Debug, Default)]
pub struct Bubbles {
    shown: BTreeMap<AlertId, Bubble>,
    calm: Grouping,
    /// What is critical does not wait behind what is not.
    pressing: Grouping,
}

#[derive(Debug)]
struct Bubble {
    /// What it is about.
    alerts: Vec<Alert>,
    severity: Severity,
    shown_at: DateTime<Utc>,
    /// How it should look, when its time has come.
    waiting: Option<Notification>,
}

/// What is to be done to the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Show or change this.
    Notify(Notification),
    /// Take this away.
    Withdraw(NotificationKey),
}

impl Bubbles {
    /// A line as it is now: `alerts` are those of it that are to be told, `notification` says so. It takes the place of whatever is
    /// shown of the same alerts.
    pub fn offer(
        &mut self,
        alerts: Vec<Alert>,
        mut notification: Notification,
        now: DateTime<Utc>,
    ) -> Vec<Shown> {
        let ids: HashSet<AlertId> = alerts.iter().map(|alert| alert.id).collect();
        let is_of_line = |bubble: &Bubble| bubble.alerts.iter().any(|old| ids.contains(&old.id));
        let mut old = self.shown.iter().filter(|(_, bubble)| is_of_line(bubble)).map(|(key, _)| *key);
        let (first, others): (Option<AlertId>, Vec<AlertId>) = (old.next(), old.collect());
        let mut done: Vec<Shown> = others.into_iter().filter_map(|key| self.take(key)).collect();
        match first {
            Some(key) => {
                notification.key = NotificationKey::Line(key);
                done.extend(self.change(key, alerts, notification, now));
            }
            None => done.extend(self.begin(alerts, notification, now)),
        }
        done
    }

    fn change(
        &mut self,
        key: AlertId,
        alerts: Vec<Alert>,
        notification: Notification,
        now: DateTime<Utc>,
    ) -> Option<Shown> {
        let bubble = self.shown.get_mut(&key)?;
        let is_worse = notification.severity > bubble.severity;
        (bubble.alerts, bubble.severity) = (alerts, notification.severity);
        if is_worse || now - bubble.shown_at >= UPDATE_EVERY {
            (bubble.shown_at, bubble.waiting) = (now, None);
            return Some(Shown::Notify(notification));
        }
        bubble.waiting = Some(notification);
        None
    }

    fn begin(&mut self, alerts: Vec<Alert>, notification: Notification, now: DateTime<Utc>) -> Option<Shown> {
        let (severity, key) = (notification.severity, notification.key);
        let lane = if severity == Severity::Critical { &mut self.pressing } else { &mut self.calm };
        let notification = lane.offer(notification, now)?;
        if let NotificationKey::Line(key) = key {
            if self.shown.len() >= REMEMBERED
                && let Some(oldest) =
                    self.shown.iter().min_by_key(|(_, bubble)| bubble.shown_at).map(|(key, _)| *key)
            {
                self.shown.remove(&oldest);
            }
            self.shown.insert(key, Bubble { alerts, severity, shown_at: now, waiting: None });
        }
        Some(Shown::Notify(notification))
    }

    /// An alert that a bubble is about.
    pub fn alert(&self, id: AlertId) -> Option<&Alert> {
        self.shown.values().flat_map(|bubble| &bubble.alerts).find(|alert| alert.id == id)
    }

    /// Changes and summaries whose time has come.
    pub fn due(&mut self, now: DateTime<Utc>) -> Vec<Shown> {
        let mut due = Vec::new();
        for bubble in self.shown.values_mut().filter(|bubble| now - bubble.shown_at >= UPDATE_EVERY) {
            if let Some(notification) = bubble.waiting.take() {
                bubble.shown_at = now;
                due.push(Shown::Notify(notification));
            }
        }
        due.extend(self.calm.due(now).into_iter().chain(self.pressing.due(now)).map(Shown::Notify));
        due
    }

    /// Takes bubbles away of which nothing is `open` any more.
    pub fn settle(&mut self, is_open: impl Fn(&Alert) -> bool) -> Vec<Shown> {
        let over = self.shown.iter().filter(|(_, bubble)| !bubble.alerts.iter().any(&is_open));
        let over: Vec<AlertId> = over.map(|(key, _)| *key).collect();
        over.into_iter().filter_map(|key| self.take(key)).collect()
    }

    /// Takes everything away.
    pub fn clear(&mut self) -> Vec<Shown> {
        self.settle(|_| false)
    }

    fn take(&mut self, key: AlertId) -> Option<Shown> {
        self.shown.remove(&key).map(|_| Shown::Withdraw(NotificationKey::Line(key)))
    }
}
