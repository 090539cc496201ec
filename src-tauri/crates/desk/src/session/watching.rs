//! The watcher is told what it needs to know, and what it has noticed is raised.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ResourceId;
use watch::{Heard, News};

use super::Session;

/// What is shown has to be proven so lately for "nothing heard from" to mean the device.
const PROOF_FOR_SILENCE: TimeDelta = TimeDelta::minutes(2);

impl Session {
    /// Tells the watcher of every row, when they came all at once instead of change by change.
    pub(super) fn watch_everything(&mut self, now: DateTime<Utc>) {
        let (at, cache) = (self.at_server(now), self.picture.cache());
        let watcher = &mut self.watcher;
        // First, so that nothing is raised that is there.
        cache.alerts.values().for_each(|row| watcher.on_alert(&row.data));
        self.watch_places();
        self.watch_rules();
        let (cache, watcher) = (self.picture.cache(), &mut self.watcher);
        let mut news = Vec::new();
        for row in cache.resources.values() {
            news.extend(watcher.on_card(&row.data, at));
        }
        for row in cache.tasks.values() {
            news.extend(watcher.on_task(&row.data, at));
        }
        for row in cache.bids.values() {
            news.extend(watcher.on_bid(&row.data, at));
        }
        self.on_news(news);
    }

    /// The places have changed.
    pub(super) fn watch_places(&mut self) {
        let places = self.picture.cache().pois.values().map(|row| row.data.clone());
        for (poi, error) in self.watcher.set_places(places) {
            tracing::warn!(%poi, %error, "a fence can't be watched");
        }
    }

    /// The location rules have changed.
    pub(super) fn watch_rules(&mut self) {
        self.watcher.set_rules(self.picture.cache().rules.values().map(|row| row.data.clone()));
    }

    /// Every second: what is so because time has passed.
    pub(super) fn watch_clock(&mut self, now: DateTime<Utc>) {
        // Without a server everybody falls silent here; that says nothing about their devices.
        let is_proven = self.freshness.proof_at.is_some_and(|at| now - at < PROOF_FOR_SILENCE);
        let heard = if is_proven { Heard::Proven } else { Heard::Unknown };
        let news = self.watcher.on_clock(self.at_server(now), heard);
        self.on_news(news);
    }

    /// What the watcher has noticed.
    pub(super) fn on_news(&mut self, news: Vec<News>) {
        for news in news {
            match news {
                News::Raised(alert) => {
                    self.dirty.resources.extend(alert.kind.resource());
                    self.raise(Some(*alert));
                }
                News::Retracted(alert) => self.retract(alert),
            }
        }
    }

    /// The resource is gone.
    pub(super) fn unwatch(&mut self, resource: ResourceId) {
        self.watcher.on_card_gone(resource);
    }
}
