//! One company's watcher with the rows that are handed to it as a whole, and what it has to tell.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::place::Poi;
use domain::rule::LocationRule;
use domain::{PoiId, ResourceId, RuleId};
use fence::LateData;
use protocol::entity::{Entity, EntityKind};
use uuid::Uuid;
use watch::{Heard, News, Watcher};

use super::inbox::Input;
use super::save::RowsOf;

/// One company's watcher.
#[derive(Debug)]
pub(super) struct Watched {
    pub watcher: Watcher,
    places: BTreeMap<PoiId, Poi>,
    rules: BTreeMap<RuleId, LocationRule>,
    places_changed: bool,
    rules_changed: bool,
    /// Since when places and rules are as they are.
    as_is_since: HashMap<Uuid, DateTime<Utc>>,
    news: Vec<News>,
    /// Tracks that have to be computed again.
    pub late: BTreeMap<ResourceId, LateData>,
    /// Which rows events have become.
    pub rows_of: RowsOf,
}

impl Watched {
    /// Knows nothing yet; what happened before `since` is no news.
    pub fn new(since: DateTime<Utc>) -> Self {
        let mut watcher = Watcher::new(since);
        watcher.hears_everybody();
        Watched {
            watcher,
            places: BTreeMap::new(),
            rules: BTreeMap::new(),
            places_changed: false,
            rules_changed: false,
            as_is_since: HashMap::new(),
            news: Vec::new(),
            late: BTreeMap::new(),
            rows_of: RowsOf::default(),
        }
    }

    pub fn on_input(&mut self, input: Input, now: DateTime<Utc>) {
        match input {
            Input::Fixes { resource, fixes, at, .. } => {
                self.refresh(now);
                self.watcher.on_heard(resource, at);
                for fix in fixes {
                    self.news.extend(self.watcher.on_fix(resource, &fix, at));
                }
            }
            Input::Heard { resource, at, .. } => self.watcher.on_heard(resource, at),
            Input::Rows { changed, gone, .. } => {
                changed.into_iter().for_each(|row| self.on_row(row, now));
                gone.into_iter().for_each(|(kind, id)| self.on_gone(kind, id));
            }
        }
    }

    /// A row as it is since `at`.
    pub fn on_row(&mut self, row: Entity, at: DateTime<Utc>) {
        match row {
            Entity::Company(company) => self.watcher.set_zone(company.zone),
            Entity::Resource(card) => {
                self.refresh(at);
                self.news.extend(self.watcher.on_card(&card, at));
            }
            Entity::Task(task) => self.news.extend(self.watcher.on_task(&task, at)),
            Entity::Bid(bid) => self.news.extend(self.watcher.on_bid(&bid, at)),
            Entity::Alert(alert) => self.watcher.on_alert(&alert),
            Entity::Poi(poi) => {
                self.as_is_since.insert(poi.id.0, at);
                self.places.insert(poi.id, poi);
                self.places_changed = true;
            }
            Entity::Rule(rule) => {
                self.as_is_since.insert(rule.id.0, at);
                self.rules.insert(rule.id, rule);
                self.rules_changed = true;
            }
            Entity::User(_)
            | Entity::Group(_)
            | Entity::Skill(_)
            | Entity::Profile(_)
            | Entity::TaskType(_)
            | Entity::Attendance(_)
            | Entity::Form(_)
            | Entity::Submission(_) => {}
        }
    }

    fn on_gone(&mut self, kind: EntityKind, id: Uuid) {
        self.as_is_since.remove(&id);
        match kind {
            EntityKind::Resource => self.watcher.on_card_gone(ResourceId(id)),
            EntityKind::Task => self.watcher.on_task_gone(id.into()),
            EntityKind::Poi => self.places_changed |= self.places.remove(&PoiId(id)).is_some(),
            EntityKind::Rule => self.rules_changed |= self.rules.remove(&RuleId(id)).is_some(),
            EntityKind::Company
            | EntityKind::User
            | EntityKind::Group
            | EntityKind::Skill
            | EntityKind::Profile
            | EntityKind::TaskType
            | EntityKind::Bid
            | EntityKind::Attendance
            | EntityKind::Form
            | EntityKind::Submission
            | EntityKind::Alert => {}
        }
    }

    /// Hands places and rules over where they have changed.
    pub fn refresh(&mut self, now: DateTime<Utc>) {
        if std::mem::take(&mut self.places_changed) {
            for (poi, error) in self.watcher.set_places(self.places.values().cloned()) {
                tracing::warn!(%poi, %error, %now, "a fence can't be watched");
            }
        }
        if std::mem::take(&mut self.rules_changed) {
            self.watcher.set_rules(self.rules.values().cloned());
        }
    }

    pub fn on_clock(&mut self, now: DateTime<Utc>, heard: Heard) {
        self.news.extend(self.watcher.on_clock(now, heard));
        for late in self.watcher.fences_mut().take_late() {
            let known = self.late.entry(late.resource).or_insert(late);
            known.from = known.from.min(late.from);
        }
    }

    /// Since when the place or rule is as it is; `None` for one that is not there.
    pub fn as_is_since(&self, id: Uuid) -> Option<DateTime<Utc>> {
        self.as_is_since.get(&id).copied()
    }

    /// What is worth telling.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// It could not be told yet.
    pub fn put_back(&mut self, mut news: Vec<News>) {
        news.append(&mut self.news);
        self.news = news;
    }
}
