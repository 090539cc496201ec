//! What fences, rules and rows have to tell becomes alerts: each once, as grave as the rule or the fence behind it says.

use chrono::{DateTime, Utc};
use domain::alert::{Alert, AlertKind};
use fence::FenceEvent;

use crate::policy;
use crate::said::Raw;
use crate::track::{Fired, Turn};
use crate::watcher::{News, Watcher};

impl Watcher {
    /// The alert of a fence event, with the severity of the fence; `None` for a retraction.
    pub fn fence_alert(&self, event: &FenceEvent, now: DateTime<Utc>) -> Option<Alert> {
        let kind = event.alert_kind()?;
        let fence = self.places.get(&event.poi).and_then(|poi| poi.fence.as_ref());
        let severity = policy::of_fence(fence, &kind).severity;
        Some(Alert::new(event.id, kind, severity, (event.event_time, now), Some(event.at)))
    }

    pub(crate) fn fence_news(&mut self, events: &[FenceEvent], now: DateTime<Utc>) -> Vec<News> {
        let mut news = Vec::new();
        for event in events {
            match self.fence_alert(event, now) {
                Some(alert) => {
                    let raw = Raw {
                        id: alert.id,
                        kind: alert.kind,
                        severity: alert.severity,
                        event_time: alert.event_time,
                        at: alert.at,
                        rule: None,
                    };
                    news.extend(self.raised([raw], now));
                }
                None if self.said.retract(event.id) => news.push(News::Retracted(event.id)),
                None => {}
            }
        }
        news
    }

    pub(crate) fn rule_news(&mut self, turn: Turn, now: DateTime<Utc>) -> Vec<News> {
        let undone = turn.undone.into_iter().filter(|id| self.said.retract(*id));
        let mut news: Vec<News> = undone.map(News::Retracted).collect();
        for fired in turn.fired {
            let Fired { id, kind, slot, event_time, first, at } = fired;
            let rule = &self.rules.at(slot).rule;
            // What was said before a restart began before what is remembered of the way.
            let is_known =
                matches!(kind, AlertKind::StoppedOnTask { .. }) && self.said.has(rule.id, &kind, first);
            if event_time < self.since || is_known {
                continue;
            }
            let raw = Raw { id, kind, severity: rule.policy.severity, event_time, at, rule: Some(rule.id) };
            news.extend(self.raised([raw], now));
        }
        news
    }

    pub(crate) fn raised(&mut self, raws: impl IntoIterator<Item = Raw>, now: DateTime<Utc>) -> Vec<News> {
        let said = &mut self.said;
        raws.into_iter()
            .filter_map(|raw| said.once(raw, now))
            .map(|alert| News::Raised(Box::new(alert)))
            .collect()
    }
}
