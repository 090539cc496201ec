//! Desktop notifications: their text, and how many at once.
//!
//! A text holds names of places and tasks and, where the person is not private, of people; never a phone number, an address
//! or a coordinate.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, NearTarget, Severity};
use domain::{BidId, PoiId, ResourceId, TaskId};
use protocol::view::Subject;

use crate::Notification;
use crate::rows::Rows;

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

#[derive(Debug, Clone, Copy)]
struct Held {
    count: usize,
    severity: Severity,
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
        let held = self.held.get_or_insert(Held { count: 0, severity: Severity::Info, since: now });
        held.count += 1;
        held.severity = held.severity.max(notification.severity);
        None
    }

    /// The summary of what was held back, once its time has come.
    pub fn due(&mut self, now: DateTime<Utc>) -> Option<Notification> {
        let held = self.held.filter(|held| now - held.since >= WINDOW)?;
        self.held = None;
        self.shown.push_back(now);
        Some(Notification {
            title: format!("{} more alerts", held.count),
            body: "See the list of alerts.".to_owned(),
            severity: held.severity,
            open: None,
        })
    }
}

/// The notification of an alert.
pub fn text(alert: &Alert, rows: &Rows) -> Notification {
    let names = Names(rows);
    let (title, body, open) = match &alert.kind {
        AlertKind::FenceEntered { resource, poi } => (
            format!("{} entered {}", names.person(*resource), names.place(*poi)),
            String::new(),
            alert_subject(alert),
        ),
        AlertKind::FenceLeft { resource, poi } => (
            format!("{} left {}", names.person(*resource), names.place(*poi)),
            String::new(),
            alert_subject(alert),
        ),
        AlertKind::FenceDwell { resource, poi, dwell_secs } => (
            format!("{} is still in {}", names.person(*resource), names.place(*poi)),
            format!("For more than {}.", minutes(i64::from(*dwell_secs))),
            alert_subject(alert),
        ),
        AlertKind::FenceCrossed { resource, poi } => (
            format!("{} drove through {}", names.person(*resource), names.place(*poi)),
            String::new(),
            alert_subject(alert),
        ),
        AlertKind::FenceAbsent { resource, poi, .. } => (
            format!("{} is not at {}", names.person(*resource), names.place(*poi)),
            "The shift has begun.".to_owned(),
            alert_subject(alert),
        ),
        AlertKind::Near { resource, target, .. } => (
            format!("{} is near {}", names.person(*resource), names.target(*target)),
            String::new(),
            alert_subject(alert),
        ),
        AlertKind::Speeding { resource, kmh, limit_kmh } => (
            format!("{} drives too fast", names.person(*resource)),
            format!("{kmh} km/h, where {limit_kmh} km/h are allowed."),
            alert_subject(alert),
        ),
        AlertKind::StoppedOnTask { resource, task, minutes } => (
            format!("{} does not get on with {}", names.person(*resource), names.task(*task)),
            format!("For {minutes} minutes."),
            alert_subject(alert),
        ),
        AlertKind::LeftArea { resource, poi } => (
            format!("{} has left {}", names.person(*resource), names.place(*poi)),
            String::new(),
            alert_subject(alert),
        ),
        AlertKind::BatteryLow { resource, percent } => (
            format!("{}'s battery is at {percent} %", names.person(*resource)),
            String::new(),
            alert_subject(alert),
        ),
        AlertKind::Sos { resource } => {
            (format!("{} asks for help", names.person(*resource)), String::new(), alert_subject(alert))
        }
        AlertKind::TaskLate { task, late_secs, .. } => (
            format!("{} will be late", names.task(*task)),
            format!("Expected {} after its window.", minutes(*late_secs)),
            Subject::Task(*task),
        ),
        AlertKind::TaskRefused { task, resource } => (
            format!("{} was not done", names.task(*task)),
            format!("Reported by {}.", names.person(*resource)),
            Subject::Task(*task),
        ),
        AlertKind::BidAnswered { bid, resource } => (
            format!("An offer for {}", names.bid(*bid)),
            format!("From {}.", names.person(*resource)),
            Subject::Bid(*bid),
        ),
        AlertKind::BidExpired { bid } => (
            format!("The bid for {} has expired", names.bid(*bid)),
            "Nobody was chosen.".to_owned(),
            Subject::Bid(*bid),
        ),
        AlertKind::DeviceSilent { resource } => (
            format!("Nothing heard from {}", names.person(*resource)),
            "On duty, but the device has been silent for half an hour.".to_owned(),
            Subject::Resource(*resource),
        ),
    };
    Notification { title, body, severity: alert.severity, open: Some(open) }
}

fn alert_subject(alert: &Alert) -> Subject {
    Subject::Alert(alert.id)
}

fn minutes(secs: i64) -> String {
    match (secs + 30) / 60 {
        ..=1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

struct Names<'a>(&'a Rows);

impl Names<'_> {
    fn person(&self, id: ResourceId) -> String {
        let card = self.0.resources.get(&id).map(|row| &row.data);
        let name = card.filter(|card| card.private_since.is_none()).map(|card| card.name.clone());
        name.unwrap_or_else(|| "Somebody".to_owned())
    }

    fn target(&self, target: NearTarget) -> String {
        match target {
            NearTarget::Poi(poi) => self.place(poi),
            NearTarget::Task(task) => self.task(task),
            NearTarget::Resource(resource) => self.person(resource),
        }
    }

    fn place(&self, id: PoiId) -> String {
        self.0.pois.get(&id).map_or_else(|| "a fence".to_owned(), |row| row.data.name.clone())
    }

    fn task(&self, id: TaskId) -> String {
        match self.0.tasks.get(&id).map(|row| row.data.number) {
            Some(number) if number > 0 => format!("Task {number}"),
            Some(_) | None => "A task".to_owned(),
        }
    }

    fn bid(&self, id: BidId) -> String {
        self.0.bids.get(&id).map_or_else(|| "a task".to_owned(), |row| self.task(row.data.task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
    }

    fn some(severity: Severity) -> Notification {
        Notification { title: "x".to_owned(), body: String::new(), severity, open: None }
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
