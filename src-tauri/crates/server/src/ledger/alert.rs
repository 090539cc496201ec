//! Alerts as rows: each event once, whoever notices it, and worse when nobody looks.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertState, Correction};
use domain::place::Poi;
use domain::rule::{AlertPolicy, LocationRule};
use uuid::Uuid;

use super::Ledger;
use crate::storage::StorageError;

/// Two alerts that are further apart than this are not of the same event.
const LOOKED_FOR: TimeDelta = TimeDelta::minutes(2);

impl Ledger<'_, '_> {
    /// The alert of the same event that is there already, with its version. One that was taken back is none.
    pub fn same_alert(&self, alert: &Alert) -> Result<Option<(Alert, u64)>, StorageError> {
        if let Some(known) = self.load::<Alert>(alert.id.0)? {
            return Ok(Some(known));
        }
        let subject = alert.kind.resource().map_or(Uuid::nil(), |resource| resource.0);
        let span = (alert.event_time - LOOKED_FOR, alert.event_time + LOOKED_FOR);
        for id in self.tx.alerts_about(self.company.id, subject, span)? {
            let same = self.load::<Alert>(id)?.filter(|(known, _)| {
                known.is_same_event(alert) && known.correction != Some(Correction::Unfounded)
            });
            if same.is_some() {
                return Ok(same);
            }
        }
        Ok(None)
    }

    /// Whether the resource of an alert was private when it happened.
    pub fn is_private_then(&self, alert: &Alert) -> Result<bool, StorageError> {
        let Some(resource) = alert.kind.resource() else { return Ok(false) };
        let card = self.load::<domain::resource::Resource>(resource.0)?.map(|(card, _)| card);
        let since = card.and_then(|card| card.private_since);
        let gaps = self.tx.privacy_gaps(resource.0, alert.event_time, alert.event_time)?;
        Ok(since.is_some_and(|since| alert.event_time >= since) || !gaps.is_empty())
    }

    /// What a changed alert means: it is found by what happened when, and it gets worse when nobody looks.
    pub(super) fn note_alert(&mut self, alert: &Alert) -> Result<(), StorageError> {
        let subject = alert.kind.resource().map_or(Uuid::nil(), |resource| resource.0);
        self.tx.note_alert_event(self.company.id, subject, alert.event_time, alert.id.0)?;
        let due = self.escalates_at(alert)?;
        self.tx.set_escalation(self.company.id, alert.id.0, due)
    }

    /// When it gets worse, if it does: by the rule or the fence as it is now.
    fn escalates_at(&self, alert: &Alert) -> Result<Option<DateTime<Utc>>, StorageError> {
        if alert.escalated_at.is_some() || alert.correction.is_some() {
            return Ok(None);
        }
        let new_since = match alert.state {
            AlertState::New => alert.history.last().map_or(alert.raised_at, |step| step.at),
            AlertState::Snoozed { until, .. } => until,
            AlertState::Acknowledged { .. } | AlertState::Assigned { .. } | AlertState::Resolved { .. } => {
                return Ok(None);
            }
        };
        let secs = self.policy(alert)?.and_then(|policy| policy.escalate_after_secs);
        Ok(secs.map(|secs| new_since + TimeDelta::seconds(i64::from(secs))))
    }

    fn policy(&self, alert: &Alert) -> Result<Option<AlertPolicy>, StorageError> {
        if let Some(rule) = alert.rule {
            return Ok(self.load::<LocationRule>(rule.0)?.map(|(rule, _)| rule.policy));
        }
        let Some(poi) = alert.kind.fence() else { return Ok(None) };
        let place = self.load::<Poi>(poi.0)?.map(|(place, _)| place);
        Ok(place.and_then(|place| place.fence?.policy))
    }
}
