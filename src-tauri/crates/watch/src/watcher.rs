//! The watcher: what comes in, and which alerts come of it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::alert::Alert;
use domain::bid::Bid;
use domain::place::{Poi, ShapeError};
use domain::position::Fix;
use domain::resource::Resource;
use domain::rule::LocationRule;
use domain::task::Task;
use domain::{AlertId, PoiId, ResourceId, TaskId};
use fence::FenceEngine;

use crate::measure::{Scene, Target};
use crate::person::Person;
use crate::rules::{Moves, RuleSet, Slot};
use crate::said::{Raw, Said};
use crate::states::{batteries, overstays, silences};
use crate::track::{Fired, Turn};
use crate::work::{Tasks, answered, refused};

/// A card says only so coarsely when its device was heard: it may have been heard so much later.
const CARD_LAG: TimeDelta = TimeDelta::minutes(5);
/// What was said longer ago is forgotten so often.
const FORGET_EVERY: TimeDelta = TimeDelta::hours(1);

/// What is worth telling.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// Something needs attention; the severity is the one of the rule or the fence behind it.
    Raised(Box<Alert>),
    /// An alert that was raised has turned out not to be so: a fix that came late shows it.
    Retracted(AlertId),
}

/// What silence is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Whoever had reported would have been heard.
    Proven,
    /// The connection is not known to work: silence says nothing.
    Unknown,
}

/// Watches a company's people by its fences and location rules.
#[derive(Debug)]
pub struct Watcher {
    pub(crate) since: DateTime<Utc>,
    zone: Tz,
    pub(crate) fences: FenceEngine,
    pub(crate) places: BTreeMap<PoiId, Poi>,
    pub(crate) rules: RuleSet,
    pub(crate) people: BTreeMap<ResourceId, Person>,
    pub(crate) tasks: Tasks,
    /// Where those are whom rules want others to be near.
    targets: BTreeMap<ResourceId, Target>,
    pub(crate) said: Said,
    card_lag: TimeDelta,
    forget_due: DateTime<Utc>,
}

impl Watcher {
    /// Knows nobody and no rule. What happened before `since` is no news; states (a silent device, a low battery) are.
    pub fn new(since: DateTime<Utc>) -> Self {
        Watcher {
            since,
            zone: Tz::UTC,
            fences: FenceEngine::new(),
            places: BTreeMap::new(),
            rules: RuleSet::default(),
            people: BTreeMap::new(),
            tasks: Tasks::default(),
            targets: BTreeMap::new(),
            said: Said::default(),
            card_lag: CARD_LAG,
            forget_due: since,
        }
    }

    /// The company's zone, in which the hours of rules and fences are meant.
    pub fn set_zone(&mut self, zone: Tz) {
        self.zone = zone;
        self.fences.set_zone(zone);
    }

    /// Whoever is heard is told by [`Watcher::on_heard`] at once, so that a card's word is not taken for a coarse one. For the server.
    pub fn hears_everybody(&mut self) {
        self.card_lag = TimeDelta::zero();
    }

    /// The company's zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Replaces the places. Fences that can't be watched are answered; one that is new or has changed is settled silently.
    pub fn set_places(&mut self, places: impl IntoIterator<Item = Poi>) -> Vec<(PoiId, ShapeError)> {
        self.places = places.into_iter().map(|poi| (poi.id, poi)).collect();
        let fences = self.places.values().filter_map(|poi| Some((poi.id, poi.fence.clone()?)));
        let bad = self.fences.set_fences(fences);
        let moves = self.rules.on_places(&self.places);
        self.on_moves(&moves);
        bad
    }

    /// Replaces the location rules. One that is new, or whose condition, scope or switch has changed, is settled silently: who is
    /// so already is no news. What else changes (name, hours, duration, delivery) ends no run.
    pub fn set_rules(&mut self, rules: impl IntoIterator<Item = LocationRule>) {
        let moves = self.rules.replace(rules, &self.places);
        self.on_moves(&moves);
    }

    /// An alert that exists already, whoever raised it: it is not raised again. To be told before the cards that it is about.
    pub fn on_alert(&mut self, alert: &Alert) {
        self.said.note(alert);
    }

    /// A card as it is now: privacy, duty, group, battery, last heard, hours.
    pub fn on_card(&mut self, card: &Resource, now: DateTime<Utc>) -> Vec<News> {
        self.fences.on_privacy(card.id, card.private_since.is_some(), now);
        let Self { people, rules, tasks, targets, said, zone, .. } = self;
        let is_new = !people.contains_key(&card.id);
        let person = people.entry(card.id).or_insert_with(|| Person::new(card.group));
        let group_before = person.group;
        person.on_card(card, self.card_lag, now);
        if is_new || group_before != card.group {
            let before = std::mem::replace(&mut person.applies, rules.for_whom(card.id, card.group));
            let scene = Scene {
                resource: card.id,
                rules,
                applies: &person.applies,
                tasks: tasks.of(card.id),
                targets,
                zone: *zone,
            };
            if let Some(track) = &mut person.track {
                track.on_scope(&before, &scene);
            }
        }
        let raws = batteries((card.id, person), rules, said, *zone, now);
        if person.track.is_none() {
            self.targets.remove(&card.id);
        }
        self.raised(raws, now)
    }

    /// A device was heard, whatever it said.
    pub fn on_heard(&mut self, resource: ResourceId, at: DateTime<Utc>) {
        if let Some(person) = self.people.get_mut(&resource) {
            person.device.hear(Some(at));
        }
    }

    /// A card is gone.
    pub fn on_card_gone(&mut self, resource: ResourceId) {
        self.people.remove(&resource);
        self.targets.remove(&resource);
        self.fences.forget(resource);
    }

    /// A task as it is now.
    pub fn on_task(&mut self, task: &Task, now: DateTime<Utc>) -> Vec<News> {
        for resource in self.tasks.put(task) {
            self.on_tasks_of(resource);
        }
        let raw = refused(task).filter(|raw| raw.event_time >= self.since);
        self.raised(raw, now)
    }

    /// A task is gone.
    pub fn on_task_gone(&mut self, task: TaskId) {
        if let Some(resource) = self.tasks.remove(task) {
            self.on_tasks_of(resource);
        }
    }

    /// A bid as it is now.
    pub fn on_bid(&mut self, bid: &Bid, now: DateTime<Utc>) -> Vec<News> {
        let raws: Vec<Raw> = answered(bid).into_iter().filter(|raw| raw.event_time >= self.since).collect();
        self.raised(raws, now)
    }

    /// A fix of somebody whose card is known.
    pub fn on_fix(&mut self, resource: ResourceId, fix: &Fix, now: DateTime<Utc>) -> Vec<News> {
        let Self { people, rules, tasks, targets, fences, zone, .. } = self;
        let Some(person) = people.get_mut(&resource).filter(|person| !person.is_private) else {
            return Vec::new();
        };
        let events = fences.on_fix(resource, person.group, fix, now);
        person.device.hear(Some(fix.fix_time.min(now)));
        let Person { track, applies, .. } = person;
        let scene = Scene { resource, rules, applies, tasks: tasks.of(resource), targets, zone: *zone };
        let turn = track.as_mut().map(|track| track.on_fix(fix, &scene, now)).unwrap_or_default();
        let is_believed = track.as_ref().is_some_and(|track| track.state.last == Some(*fix));
        let mut news = self.fence_news(&events, now);
        news.extend(self.rule_news(turn, now));
        if is_believed && !self.rules.near(resource).is_empty() {
            let fired = self.on_target(resource, fix);
            news.extend(self.rule_news(Turn { fired, undone: Vec::new() }, now));
        }
        news
    }

    /// To be called every second: what is so because time has passed.
    pub fn on_clock(&mut self, now: DateTime<Utc>, heard: Heard) -> Vec<News> {
        if now >= self.forget_due {
            self.forget_due = now + FORGET_EVERY;
            self.said.forget_old(now);
        }
        let Self { people, rules, tasks, fences, zone, since, said, .. } = self;
        let mut raws = Vec::new();
        for (resource, person) in people {
            if let Some(starts) = person.shift(*zone, now) {
                fences.on_shift(*resource, starts);
            }
            if person.track.is_none() || person.applies.is_empty() {
                continue;
            }
            raws.extend(batteries((*resource, person), rules, said, *zone, now));
            if heard == Heard::Proven {
                raws.extend(silences((*resource, person), rules, said, *zone, now));
                let overstays = overstays((*resource, person), rules, tasks.of(*resource), *zone, now);
                raws.extend(overstays.into_iter().filter(|raw| raw.event_time >= *since));
            }
        }
        let events = fences.on_clock(now);
        let mut news = self.fence_news(&events, now);
        news.extend(self.raised(raws, now));
        news
    }

    /// The fences: who is where, explanations, late data.
    pub fn fences(&self) -> &FenceEngine {
        &self.fences
    }

    /// The same to be changed: late data is taken from it. Fences, fixes and privacy come through the watcher.
    pub fn fences_mut(&mut self) -> &mut FenceEngine {
        &mut self.fences
    }

    /// Somebody whom others may come near has moved.
    fn on_target(&mut self, target: ResourceId, fix: &Fix) -> Vec<Fired> {
        let before = self.targets.get(&target).map(|known| known.fix.fix_time);
        let is_new = before.is_none_or(|before| fix.fix_time - before > fence::STALE_AFTER);
        let there = Target { fix: *fix, is_new };
        self.targets.insert(target, there);
        let Self { people, rules, tasks, targets, zone, .. } = self;
        let slots = rules.near(target);
        let mut fired = Vec::new();
        for (resource, person) in people.iter_mut().filter(|(resource, _)| **resource != target) {
            let Person { track: Some(track), applies, .. } = person else { continue };
            let concerned: Vec<Slot> =
                slots.iter().copied().filter(|slot| applies.binary_search(slot).is_ok()).collect();
            let tasks = tasks.of(*resource);
            let scene = Scene { resource: *resource, rules, applies, tasks, targets, zone: *zone };
            if !concerned.is_empty() {
                fired.extend(track.on_target(&concerned, &there, &scene));
            }
        }
        // Everybody has been looked at.
        targets.insert(target, Target { is_new: false, ..there });
        fired
    }

    fn on_moves(&mut self, moves: &Moves) {
        let Self { people, rules, tasks, targets, zone, .. } = self;
        for (resource, person) in people {
            person.applies = rules.for_whom(*resource, person.group);
            person.device.on_rules(moves);
            let tasks = tasks.of(*resource);
            let Person { track, applies, .. } = person;
            let scene = Scene { resource: *resource, rules, applies, tasks, targets, zone: *zone };
            if let Some(track) = track {
                track.on_rules(moves, &scene);
            }
        }
    }

    /// What has been concluded under other tasks is not reconsidered under these.
    fn on_tasks_of(&mut self, resource: ResourceId) {
        if let Some(track) = self.people.get_mut(&resource).and_then(|person| person.track.as_mut()) {
            track.settle();
        }
    }
}
