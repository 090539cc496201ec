//! Storms: many alerts of one cause are one line of the list.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Alert, AlertTopic};
use crate::{AlertId, PoiId, RuleId};

/// So many alerts make a storm.
pub const STORM_SIZE: usize = 5;
/// Alerts of a storm follow each other within this.
pub const STORM_GAP: TimeDelta = TimeDelta::minutes(3);

/// One line of the alert list: an alert, or a storm of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertEntry {
    /// The first one: names the line. Stays the same while a storm grows.
    pub lead: AlertId,
    /// All of them by event time, the first one included.
    pub members: Vec<AlertId>,
    /// What they have in common.
    pub topic: AlertTopic,
    /// When the first one happened.
    pub first_at: DateTime<Utc>,
    /// When the last one happened.
    pub last_at: DateTime<Utc>,
}

impl AlertEntry {
    /// Whether it is more than one alert.
    pub fn is_storm(&self) -> bool {
        self.members.len() > 1
    }
}

type Cause = (AlertTopic, Option<PoiId>, Option<RuleId>);

/// The lines of a list, newest (by its last alert) first. Alerts of the same kind, fence and rule that follow each other
/// closely are one line when they are many; a call for help is always a line of its own.
///
/// Pure and without memory: every desk sees the same storms.
pub fn entries<'a>(alerts: impl IntoIterator<Item = &'a Alert>) -> Vec<AlertEntry> {
    let mut causes: BTreeMap<Cause, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        let cause = (alert.kind.topic(), alert.kind.fence(), alert.rule);
        causes.entry(cause).or_default().push(alert);
    }
    let mut entries = Vec::new();
    for ((topic, ..), mut alerts) in causes {
        alerts.sort_by_key(|alert| (alert.event_time, alert.id));
        for run in alerts.chunk_by(|one, next| next.event_time - one.event_time <= STORM_GAP) {
            if topic != AlertTopic::Sos && run.len() >= STORM_SIZE {
                entries.extend(entry(topic, run));
            } else {
                entries.extend(run.chunks(1).filter_map(|alone| entry(topic, alone)));
            }
        }
    }
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.last_at, entry.lead)));
    entries
}

fn entry(topic: AlertTopic, run: &[&Alert]) -> Option<AlertEntry> {
    let (first, last) = (run.first()?, run.last()?);
    Some(AlertEntry {
        lead: first.id,
        members: run.iter().map(|alert| alert.id).collect(),
        topic,
        first_at: first.event_time,
        last_at: last.event_time,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResourceId;
    use crate::alert::{AlertKind, Severity};
    use uuid::Uuid;

    fn silent(n: u128, secs: i64) -> Alert {
        let time = DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time");
        let kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(n)) };
        Alert::new(AlertId(Uuid::from_u128(n)), kind, Severity::Warning, (time, time), None)
    }

    #[test]
    fn an_outage_is_one_line_with_forty_members() {
        let outage: Vec<Alert> = (0..40).map(|n| silent(n, n as i64 * 10)).collect();
        let lines = entries(&outage);
        assert_eq!(lines.len(), 1, "one cause, one line");
        assert_eq!(lines[0].members.len(), 40, "with everybody in it");
        assert_eq!(lines[0].lead, AlertId(Uuid::from_u128(0)), "named by the first");
    }

    #[test]
    fn a_few_are_a_few_lines_newest_first() {
        let alerts: Vec<Alert> = (0..4).map(|n| silent(n, n as i64)).collect();
        let lines = entries(&alerts);
        assert_eq!(lines.len(), 4, "four are no storm");
        assert_eq!(lines[0].lead, AlertId(Uuid::from_u128(3)), "the newest on top");
        let apart: Vec<Alert> = (0..10).map(|n| silent(n, n as i64 * 600)).collect();
        assert_eq!(entries(&apart).len(), 10, "ten minutes apart have nothing to do with each other");
    }

    #[test]
    fn calls_for_help_are_never_lumped_together() {
        let calls: Vec<Alert> = (0..9)
            .map(|n| {
                let resource = ResourceId(Uuid::from_u128(n));
                Alert { kind: AlertKind::Sos { resource }, ..silent(n, 0) }
            })
            .collect();
        assert_eq!(entries(&calls).len(), 9, "each of them is a person");
    }
}
