//! The words of a notification.

use chrono_tz::Tz;
use domain::alert::{Alert, AlertKind, AlertTopic, NearTarget, Severity};
use domain::{AlertId, BidId, PoiId, ResourceId, TaskId};
use protocol::view::{Sound, Subject};

use super::foreseen::foreseen;
use crate::rows::Rows;
use crate::{Notification, NotificationKey};

/// A line of many alerts.
#[derive(Debug, Clone)]
pub struct Storm {
    /// What they have in common.
    pub topic: AlertTopic,
    /// The fence that they are about.
    pub fence: Option<PoiId>,
    /// Those that somebody has to look at; never empty.
    pub alerts: Vec<AlertId>,
    /// The worst of them.
    pub severity: Severity,
}

/// The notification of one alert; `discreet` leaves names and times out. Times are told in the company's zone.
pub fn of_alert(alert: &Alert, (rows, zone): (&Rows, Tz), discreet: bool) -> Notification {
    let names = Names { rows, discreet };
    Notification {
        key: NotificationKey::Line(alert.id),
        title: first_upper(names.title(&alert.kind)),
        body: foreseen(alert, rows, zone)
            .map_or_else(|| names.body(alert), |body| if discreet { String::new() } else { body }),
        severity: alert.severity,
        sound: Sound::Silent,
        open: Some(subject(alert)),
        alerts: vec![alert.id],
    }
}

/// The notification of a storm; `discreet` leaves names out. `lead` names the line.
pub fn of_storm(lead: AlertId, storm: Storm, rows: &Rows, discreet: bool) -> Notification {
    let names = Names { rows, discreet };
    let place = storm.fence.map_or_else(|| "a place".to_owned(), |poi| names.place(poi));
    Notification {
        key: NotificationKey::Line(lead),
        title: storm_title(storm.topic, storm.alerts.len(), &place),
        body: "One after the other: see the list of alerts.".to_owned(),
        severity: storm.severity,
        sound: Sound::Silent,
        open: Some(Subject::Alert(lead)),
        alerts: storm.alerts,
    }
}

/// An example, so that people see and hear what they will get.
pub fn example(sound: Sound) -> Notification {
    Notification {
        key: NotificationKey::Example,
        title: "This is what an alert looks like".to_owned(),
        body: "Nothing has happened.".to_owned(),
        severity: Severity::Warning,
        sound,
        open: None,
        alerts: Vec::new(),
    }
}

/// What a click opens: what can be acted on, else the alert itself.
fn subject(alert: &Alert) -> Subject {
    match alert.kind {
        AlertKind::TaskLate { task, .. }
        | AlertKind::PromiseAtRisk { task, .. }
        | AlertKind::TaskRefused { task, .. } => Subject::Task(task),
        AlertKind::BidAnswered { bid, .. } | AlertKind::BidExpired { bid } => Subject::Bid(bid),
        AlertKind::DeviceSilent { resource } | AlertKind::ShiftOverrun { resource, .. } => {
            Subject::Resource(resource)
        }
        AlertKind::FenceEntered { .. }
        | AlertKind::FenceLeft { .. }
        | AlertKind::FenceDwell { .. }
        | AlertKind::FenceCrossed { .. }
        | AlertKind::FenceAbsent { .. }
        | AlertKind::Near { .. }
        | AlertKind::Speeding { .. }
        | AlertKind::StoppedOnTask { .. }
        | AlertKind::LeftArea { .. }
        | AlertKind::BatteryLow { .. }
        | AlertKind::Sos { .. } => Subject::Alert(alert.id),
    }
}

fn storm_title(topic: AlertTopic, count: usize, place: &str) -> String {
    match topic {
        AlertTopic::Sos => format!("{count} people ask for help"),
        AlertTopic::FenceEntered => format!("{count} people entered {place}"),
        AlertTopic::FenceLeft => format!("{count} people left {place}"),
        AlertTopic::FenceDwell => format!("{count} people are still in {place}"),
        AlertTopic::FenceCrossed => format!("{count} people drove through {place}"),
        AlertTopic::FenceAbsent => format!("{count} people are not at {place}"),
        AlertTopic::Near => format!("{count} people are near"),
        AlertTopic::Speeding => format!("{count} people drive too fast"),
        AlertTopic::StoppedOnTask => format!("{count} people do not get on with their tasks"),
        AlertTopic::LeftArea => format!("{count} people have left {place}"),
        AlertTopic::DeviceSilent => format!("{count} devices are silent"),
        AlertTopic::BatteryLow => format!("{count} batteries are low"),
        AlertTopic::TaskLate => format!("{count} tasks will be late"),
        AlertTopic::PromiseAtRisk => format!("{count} promises are at risk"),
        AlertTopic::ShiftOverrun => format!("{count} people will work beyond their shift"),
        AlertTopic::TaskRefused => format!("{count} tasks were not done"),
        AlertTopic::BidAnswered => format!("{count} offers have come"),
        AlertTopic::BidExpired => format!("{count} bids have expired"),
    }
}

pub(super) fn minutes(secs: i64) -> String {
    match (secs + 30) / 60 {
        ..=1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

fn first_upper(text: String) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

struct Names<'a> {
    rows: &'a Rows,
    discreet: bool,
}

impl Names<'_> {
    fn title(&self, kind: &AlertKind) -> String {
        let person = |id: &ResourceId| self.person(*id);
        let place = |id: &PoiId| self.place(*id);
        match kind {
            AlertKind::FenceEntered { resource, poi } => {
                format!("{} entered {}", person(resource), place(poi))
            }
            AlertKind::FenceLeft { resource, poi } => format!("{} left {}", person(resource), place(poi)),
            AlertKind::FenceDwell { resource, poi, .. } => {
                format!("{} is still in {}", person(resource), place(poi))
            }
            AlertKind::FenceCrossed { resource, poi } => {
                format!("{} drove through {}", person(resource), place(poi))
            }
            AlertKind::FenceAbsent { resource, poi, .. } => {
                format!("{} is not at {}", person(resource), place(poi))
            }
            AlertKind::Near { resource, target, .. } => {
                format!("{} is near {}", person(resource), self.target(*target))
            }
            AlertKind::Speeding { resource, .. } => format!("{} drives too fast", person(resource)),
            AlertKind::StoppedOnTask { resource, task, .. } => {
                format!("{} does not get on with {}", person(resource), self.task(*task))
            }
            AlertKind::LeftArea { resource, poi } => format!("{} has left {}", person(resource), place(poi)),
            AlertKind::BatteryLow { resource, percent } => {
                format!("{}’s battery is at {percent} %", person(resource))
            }
            AlertKind::Sos { resource } => format!("{} asks for help", person(resource)),
            AlertKind::TaskLate { task, .. } => format!("{} will be late", self.task(*task)),
            AlertKind::PromiseAtRisk { task, .. } => {
                format!("The promise for {} is at risk", self.task(*task))
            }
            AlertKind::ShiftOverrun { resource, .. } => {
                format!("{} will work beyond the shift", person(resource))
            }
            AlertKind::TaskRefused { task, .. } => format!("{} was not done", self.task(*task)),
            AlertKind::BidAnswered { bid, .. } => format!("An offer for {}", self.bid(*bid)),
            AlertKind::BidExpired { bid } => format!("The bid for {} has expired", self.bid(*bid)),
            AlertKind::DeviceSilent { resource } => format!("Nothing heard from {}", person(resource)),
        }
    }

    fn body(&self, alert: &Alert) -> String {
        match &alert.kind {
            AlertKind::FenceDwell { dwell_secs, .. } => {
                format!("For more than {}.", minutes(i64::from(*dwell_secs)))
            }
            AlertKind::FenceAbsent { .. } => "The shift has begun.".to_owned(),
            AlertKind::Speeding { kmh, limit_kmh, .. } => {
                format!("{kmh} km/h, where {limit_kmh} km/h are allowed.")
            }
            AlertKind::StoppedOnTask { minutes, .. } => format!("For {minutes} minutes."),
            AlertKind::TaskRefused { resource, .. } => format!("Reported by {}.", self.person(*resource)),
            AlertKind::BidAnswered { resource, .. } => format!("From {}.", self.person(*resource)),
            AlertKind::BidExpired { .. } => "Nobody was chosen.".to_owned(),
            AlertKind::DeviceSilent { .. } if alert.rule.is_none() => {
                "On duty, but the device has been silent for half an hour.".to_owned()
            }
            AlertKind::DeviceSilent { .. } => "On duty, but the device is silent.".to_owned(),
            // See `foreseen`.
            AlertKind::TaskLate { .. } | AlertKind::PromiseAtRisk { .. } | AlertKind::ShiftOverrun { .. } => {
                String::new()
            }
            AlertKind::FenceEntered { .. }
            | AlertKind::FenceLeft { .. }
            | AlertKind::FenceCrossed { .. }
            | AlertKind::Near { .. }
            | AlertKind::LeftArea { .. }
            | AlertKind::BatteryLow { .. }
            | AlertKind::Sos { .. } => String::new(),
        }
    }

    fn person(&self, id: ResourceId) -> String {
        let card = self.rows.resources.get(&id).map(|row| &row.data);
        let named = card.filter(|card| !self.discreet && card.private_since.is_none());
        named.map_or_else(|| "somebody".to_owned(), |card| card.name.clone())
    }

    fn target(&self, target: NearTarget) -> String {
        match target {
            NearTarget::Poi(poi) => self.place(poi),
            NearTarget::Task(task) => self.task(task),
            NearTarget::Resource(resource) => self.person(resource),
        }
    }

    fn place(&self, id: PoiId) -> String {
        let poi = self.rows.pois.get(&id).map(|row| &row.data);
        match (poi, self.discreet) {
            (Some(poi), false) => poi.name.clone(),
            (Some(poi), true) if poi.fence.is_none() => "a place".to_owned(),
            (Some(_), true) | (None, _) => "a fence".to_owned(),
        }
    }

    fn task(&self, id: TaskId) -> String {
        match self.rows.tasks.get(&id).map(|row| row.data.number) {
            Some(number) if number > 0 && !self.discreet => format!("Task {number}"),
            Some(_) | None => "a task".to_owned(),
        }
    }

    fn bid(&self, id: BidId) -> String {
        self.rows.bids.get(&id).map_or_else(|| "a task".to_owned(), |row| self.task(row.data.task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;
    use domain::place::{Fence, FenceShape, Poi, PoiKind};
    use protocol::entity::Entity;
    use uuid::Uuid;

    fn depot() -> Poi {
        let center = LonLat::new(7.42, 43.73).expect("coordinate");
        Poi {
            id: PoiId(Uuid::from_u128(2)),
            name: "Depot".to_owned(),
            kind: PoiKind::Customer,
            at: center,
            address: "1 rue du Secret".to_owned(),
            fence: Some(Fence::new(FenceShape::Circle { center, radius_m: 80.0 })),
        }
    }

    fn of(kind: AlertKind, discreet: bool) -> Notification {
        let mut rows = Rows::default();
        rows.put(Entity::Poi(depot()), 1);
        let time = "2026-11-23T10:00:00Z".parse().expect("time");
        let alert = Alert::new(AlertId(Uuid::from_u128(9)), kind, Severity::Info, (time, time), None);
        of_alert(&alert, (&rows, Tz::Europe__Monaco), discreet)
    }

    #[test]
    fn a_discreet_text_names_nobody_and_no_place() {
        let kind = AlertKind::FenceEntered { resource: ResourceId(Uuid::from_u128(1)), poi: depot().id };
        assert_eq!(
            of(kind.clone(), false).title,
            "Somebody entered Depot",
            "whoever is not known has no name"
        );
        assert_eq!(of(kind, true).title, "Somebody entered a fence", "nothing that a passer-by can use");
        let late = AlertKind::TaskLate {
            task: TaskId(Uuid::from_u128(3)),
            resource: ResourceId(Uuid::from_u128(1)),
            late_secs: 600,
        };
        assert_eq!(of(late, true).title, "A task will be late", "begins like a sentence");
    }

    #[test]
    fn a_storm_says_how_many_and_where() {
        let storm = |topic, fence| Storm {
            topic,
            fence,
            alerts: (0..40).map(|n| AlertId(Uuid::from_u128(n))).collect(),
            severity: Severity::Warning,
        };
        let mut rows = Rows::default();
        rows.put(Entity::Poi(depot()), 1);
        let lead = AlertId(Uuid::from_u128(0));
        let silent = of_storm(lead, storm(AlertTopic::DeviceSilent, None), &rows, false);
        assert_eq!(silent.title, "40 devices are silent", "one line");
        let entered = storm(AlertTopic::FenceEntered, Some(depot().id));
        assert_eq!(of_storm(lead, entered.clone(), &rows, false).title, "40 people entered Depot", "where");
        assert_eq!(of_storm(lead, entered, &rows, true).title, "40 people entered a fence", "discreetly");
    }
}
