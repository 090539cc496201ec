//! How many notifications come one by one.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::Severity;
use protocol::view::Sound;

use crate::{Notification, NotificationKey};

/// So many notifications may come one by one within [`WINDOW`]; what comes on top is counted and told in one.
const ONE_BY_ONE: usize = 5;
/// The time looked at.
const WINDOW: TimeDelta = TimeDelta::seconds(10);

/// Lets single notifications through and makes one of many.
#[derive(Debug, Default)]
pub struct Grouping {
    shown: VecDeque<DateTime<Utc>>,
    held: Option<Held>,
}

#[derive(Debug, Clone)]
struct Held {
    count: usize,
    severity: Severity,
    sound: Sound,
    since: DateTime<Utc>,
}

impl Grouping {
    /// A notification that may be shown now; `None` when it is held back for a summary.
    pub fn offer(&mut self, notification: Notification, now: DateTime<Utc>) -> Option<Notification> {
        while self.shown.front().is_some_and(|at| now - *at >= WINDOW) {
            self.shown.pop_front();
        }
        if self.held.is_none() && self.shown.len() < ONE_BY_ONE {
            self.shown.push_back(now);
            return Some(notification);
        }
        let Notification { severity, sound, .. } = notification;
        let held = self.held.get_or_insert(Held { count: 0, severity, sound, since: now });
        held.count += 1;
        if severity > held.severity {
            (held.severity, held.sound) = (severity, sound);
        }
        None
    }

    /// The summary of what was held back, once its time has come.
    pub fn due(&mut self, now: DateTime<Utc>) -> Option<Notification> {
        let held = self.held.take_if(|held| now - held.since >= WINDOW)?;
        self.shown.push_back(now);
        let title = match held.count {
            1 => "1 more alert".to_owned(),
            count => format!("{count} more alerts"),
        };
        Some(Notification {
            key: NotificationKey::More(held.severity),
            title,
            body: "See the list of alerts.".to_owned(),
            severity: held.severity,
            sound: held.sound,
            open: None,
            alerts: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
    }

    fn some(severity: Severity) -> Notification {
        Notification {
            key: NotificationKey::Example,
            title: "x".to_owned(),
            body: String::new(),
            severity,
            sound: Sound::Silent,
            open: None,
            alerts: Vec::new(),
        }
    }

    #[test]
    fn a_busy_minute_is_five_notifications_and_a_summary() {
        let mut grouping = Grouping::default();
        let shown = (0..12).filter(|_| grouping.offer(some(Severity::Info), at(0)).is_some()).count();
        assert_eq!(shown, 5, "the first five come one by one");
        assert!(grouping.due(at(9)).is_none(), "the rest waits for more to come");
        grouping.offer(some(Severity::Critical), at(9));
        let summary = grouping.due(at(10)).expect("after ten seconds they are told");
        assert_eq!(summary.title, "8 more alerts", "seven and one");
        assert_eq!(summary.severity, Severity::Critical, "as pressing as the worst of them");
        assert!(grouping.due(at(30)).is_none(), "told once");
        assert!(grouping.offer(some(Severity::Info), at(30)).is_some(), "calm again: one by one");
    }
}
