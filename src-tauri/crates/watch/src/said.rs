//! What has been said: nothing is said twice.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, Severity};
use domain::{AlertId, LonLat, RuleId};

/// What was said longer ago than this can't be said again: fixes and entries are not as late.
const REMEMBERED: TimeDelta = TimeDelta::days(8);

/// An alert to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raw {
    pub id: AlertId,
    pub kind: AlertKind,
    pub severity: Severity,
    pub event_time: DateTime<Utc>,
    pub at: Option<LonLat>,
    pub rule: Option<RuleId>,
}

/// What has been said, by whomever.
#[derive(Debug, Default)]
pub(crate) struct Said {
    ids: HashMap<AlertId, DateTime<Utc>>,
    /// When a rule last said the same of the same.
    latest: HashMap<(RuleId, AlertKind), DateTime<Utc>>,
}

impl Said {
    /// An alert that exists already.
    pub fn note(&mut self, alert: &Alert) {
        self.ids.insert(alert.id, alert.event_time);
        if let Some(rule) = alert.rule {
            let latest = self.latest.entry((rule, alert.kind.unmeasured())).or_insert(alert.event_time);
            *latest = (*latest).max(alert.event_time);
        }
    }

    /// Whether a rule has said the same of the same since `from`.
    pub fn has(&self, rule: RuleId, kind: &AlertKind, from: DateTime<Utc>) -> bool {
        self.latest.get(&(rule, kind.unmeasured())).is_some_and(|at| *at >= from)
    }

    /// The alert, the first time that it is said.
    pub fn once(&mut self, raw: Raw, now: DateTime<Utc>) -> Option<Alert> {
        if self.ids.contains_key(&raw.id) {
            return None;
        }
        let times = (raw.event_time, now);
        let alert = Alert { rule: raw.rule, ..Alert::new(raw.id, raw.kind, raw.severity, times, raw.at) };
        self.note(&alert);
        Some(alert)
    }

    /// Takes it back; `false` if it never was said.
    pub fn retract(&mut self, id: AlertId) -> bool {
        let Some(event_time) = self.ids.remove(&id) else { return false };
        self.latest.retain(|_, at| *at != event_time);
        true
    }

    /// Forgets what is so old that it can't be said again.
    pub fn forget_old(&mut self, now: DateTime<Utc>) {
        self.ids.retain(|_, at| now - *at < REMEMBERED);
        self.latest.retain(|_, at| now - *at < REMEMBERED);
    }
}
