//! Noticing what needs attention. An alert's id is a hash of what it is about; only what happens after the session began counts.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, Severity};
use domain::bid::{Bid, BidLine, BidLineStatus, BidStatus};
use domain::position::PositionState;
use domain::resource::Resource;
use domain::task::{Actor, Task, TaskStatus};
use domain::{AlertId, LonLat, TaskId};
use fence::FenceEvent;
use sha2::{Digest, Sha256};

/// Lateness that is worth an alert.
const LATE_SECS: i64 = 60;
/// It has to last so long: one odd fix is no delay.
const LATE_CONFIRM: TimeDelta = TimeDelta::seconds(15);

/// What has been noticed.
#[derive(Debug)]
pub struct AlertWatch {
    since: DateTime<Utc>,
    raised: HashSet<AlertId>,
    /// Tasks that look late, since when.
    late: HashMap<TaskId, DateTime<Utc>>,
}

impl AlertWatch {
    /// Notices what happens from `since` on.
    pub fn new(since: DateTime<Utc>) -> Self {
        Self { since, raised: HashSet::new(), late: HashMap::new() }
    }

    /// Whether something of that time is news.
    pub fn is_news(&self, event_time: DateTime<Utc>) -> bool {
        event_time >= self.since
    }

    /// The alert of a fence event; `None` for a retraction.
    pub fn fence(&mut self, event: &FenceEvent, now: DateTime<Utc>) -> Option<Alert> {
        let kind = event.alert_kind()?;
        let is_dwell = matches!(kind, AlertKind::FenceDwell { .. });
        let severity = if is_dwell { Severity::Warning } else { Severity::Info };
        let raw = Raw { id: event.id, kind, severity, event_time: event.event_time, at: Some(event.at) };
        // The engine began with the session and is silent about whoever was there before: what it says is news.
        self.raise(raw, now)
    }

    /// Looks at an expected arrival: late by more than a minute, and for longer than a moment, is one alert per task and window.
    /// In between (late, but by less) the state is kept.
    pub fn arrival(&mut self, task: &Task, late_secs: Option<i64>, now: DateTime<Utc>) -> Option<Alert> {
        let (resource, window_end) = task.resource.zip(task.window_end)?;
        // A window that was over before the session began has been missed already: that is in the figures, and no news.
        let late_secs = late_secs.filter(|_| self.is_news(window_end))?;
        if late_secs <= 0 {
            self.late.remove(&task.id);
            return None;
        }
        if late_secs > LATE_SECS {
            self.late.entry(task.id).or_insert(now);
        }
        let since = *self.late.get(&task.id)?;
        if now - since < LATE_CONFIRM {
            return None;
        }
        let id = alert_id("late", &[task.id.0.as_bytes(), &millis(window_end)]);
        let kind = AlertKind::TaskLate { task: task.id, resource, late_secs };
        let raw = Raw { id, kind, severity: Severity::Critical, event_time: now, at: Some(task.at) };
        self.once(raw, now)
    }

    /// Looks at a changed task: refused by the field is an alert.
    pub fn task(&mut self, task: &Task, now: DateTime<Utc>) -> Option<Alert> {
        let step = task.timeline.last()?;
        let Actor::Field(resource) = step.by else { return None };
        if !matches!(step.status, TaskStatus::NotDone | TaskStatus::Declined) {
            return None;
        }
        let id = alert_id("refused", &[task.id.0.as_bytes(), &millis(step.at)]);
        let kind = AlertKind::TaskRefused { task: task.id, resource };
        self.once(Raw { id, kind, severity: Severity::Warning, event_time: step.at, at: Some(task.at) }, now)
    }

    /// Looks at a changed bid: the first offer, everybody's answer, and the end without a winner are alerts.
    pub fn bid(&mut self, bid: &Bid, now: DateTime<Utc>) -> Vec<Alert> {
        let raw = match bid.status {
            BidStatus::Open => answered(bid),
            BidStatus::Expired => vec![Raw {
                id: alert_id("expired", &[bid.id.0.as_bytes()]),
                kind: AlertKind::BidExpired { bid: bid.id },
                severity: Severity::Warning,
                event_time: bid.deadline,
                at: None,
            }],
            BidStatus::Closed | BidStatus::Canceled => Vec::new(),
        };
        raw.into_iter().filter_map(|raw| self.once(raw, now)).collect()
    }

    /// Looks at somebody whose position state has changed: silence after something was heard is an alert.
    pub fn position(
        &mut self,
        card: &Resource,
        before: PositionState,
        after: PositionState,
        now: DateTime<Utc>,
    ) -> Option<Alert> {
        let was_heard = matches!(before, PositionState::Live | PositionState::Stale | PositionState::NoFix);
        if !was_heard || after != PositionState::DeviceSilent {
            return None;
        }
        let heard = card.last_heard.unwrap_or(self.since);
        let id = alert_id("silent", &[card.id.0.as_bytes(), &millis(heard)]);
        let kind = AlertKind::DeviceSilent { resource: card.id };
        self.once(Raw { id, kind, severity: Severity::Warning, event_time: now, at: None }, now)
    }

    fn once(&mut self, raw: Raw, now: DateTime<Utc>) -> Option<Alert> {
        if self.is_news(raw.event_time) { self.raise(raw, now) } else { None }
    }

    fn raise(&mut self, raw: Raw, now: DateTime<Utc>) -> Option<Alert> {
        if !self.raised.insert(raw.id) {
            return None;
        }
        Some(Alert::new(raw.id, raw.kind, raw.severity, (raw.event_time, now), raw.at))
    }
}

struct Raw {
    id: AlertId,
    kind: AlertKind,
    severity: Severity,
    event_time: DateTime<Utc>,
    at: Option<LonLat>,
}

fn answered(bid: &Bid) -> Vec<Raw> {
    let offers = || bid.lines.iter().filter(|line| line.status == BidLineStatus::Bid);
    let has_answered = |line: &BidLine| !matches!(line.status, BidLineStatus::Offered | BidLineStatus::Seen);
    let raw = |what: &str, line: &BidLine| Raw {
        id: alert_id(what, &[bid.id.0.as_bytes()]),
        kind: AlertKind::BidAnswered { bid: bid.id, resource: line.resource },
        severity: Severity::Info,
        event_time: line.changed_at,
        at: None,
    };
    let first = offers().min_by_key(|line| line.changed_at).map(|line| raw("first offer", line));
    let newest = offers().max_by_key(|line| line.changed_at).filter(|_| bid.lines.len() > 1);
    let all = newest.filter(|_| bid.lines.iter().all(has_answered)).map(|line| raw("all answered", line));
    first.into_iter().chain(all).collect()
}

/// A hash of what an alert is about, as a version-8 UUID: the same on every desk.
fn alert_id(what: &str, about: &[&[u8]]) -> AlertId {
    let mut hash = Sha256::new().chain_update(what.as_bytes());
    for part in about {
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    AlertId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn millis(at: DateTime<Utc>) -> [u8; 8] {
    at.timestamp_millis().to_be_bytes()
}
