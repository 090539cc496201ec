//! The phone's memory: what the office sent, what waits to be sent, and whether coordinates may leave.

mod upload;

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use domain::bid::Bid;
use domain::entry::{Entry, EntryBody};
use domain::form::FormDefinition;
use domain::position::{Fix, Trigger};
use domain::resource::{Profile, Resource};
use domain::task::{Actor, StatusStep, Task};
use domain::{EntryGuid, ResourceId, TaskId};
use protocol::field::FieldSync;

pub use upload::{Answer, Tally, Upload};

/// Most entries that wait; more are refused to the reporter.
pub(crate) const MAX_ENTRIES: usize = 2_000;
/// Most live-tracking fixes that wait; the oldest go first.
const MAX_FIXES: usize = 5_000;

/// The entry queue is full: the phone was without a server for very long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MAX_ENTRIES} reports wait to be sent; this one is not taken")]
pub struct QueueFull;

/// A full sync under way; tells a stale answer from a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SyncTicket(u64);

/// One activated phone, without its radio.
#[derive(Debug, Clone)]
pub struct Handset {
    sync: FieldSync,
    is_private: bool,
    /// What the server has yet to be told about privacy.
    privacy_unsent: Option<bool>,
    entries: VecDeque<Entry>,
    /// The last answered entries, for a radio that sends twice.
    answered: VecDeque<Entry>,
    fixes: VecDeque<(u64, Fix)>,
    fixes_taken: u64,
    answers: u64,
    /// Tasks whose own steps were answered, and at which count of answers.
    stepped: BTreeMap<TaskId, u64>,
    scramble: Option<u64>,
    last_event: Option<DateTime<Utc>>,
    battery_percent: Option<u8>,
    tally: Tally,
}

impl Handset {
    /// A phone that was just activated.
    pub fn new(sync: FieldSync) -> Self {
        Handset {
            is_private: sync.resource.private_since.is_some(),
            sync,
            privacy_unsent: None,
            entries: VecDeque::new(),
            answered: VecDeque::new(),
            fixes: VecDeque::new(),
            fixes_taken: 0,
            answers: 0,
            stepped: BTreeMap::new(),
            scramble: None,
            last_event: None,
            battery_percent: None,
            tally: Tally::default(),
        }
    }

    /// Its card.
    pub fn resource(&self) -> &Resource {
        &self.sync.resource
    }

    /// Whose phone it is.
    pub fn id(&self) -> ResourceId {
        self.sync.resource.id
    }

    /// What the app may do and collect.
    pub fn profile(&self) -> &Profile {
        &self.sync.profile
    }

    /// Its own tasks as it knows them, steps that still wait to be sent included.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.sync.tasks.iter().filter(|task| task.resource == Some(self.id()))
    }

    /// One of its own tasks, or one that it is invited to bid for.
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.sync.tasks.iter().find(|task| task.id == id)
    }

    /// The bids it is invited to.
    pub fn bids(&self) -> &[Bid] {
        &self.sync.bids
    }

    /// The forms it may fill.
    pub fn forms(&self) -> &[FormDefinition] {
        &self.sync.forms
    }

    /// The office asks where the phone is, and no answer waits to be sent.
    pub fn is_location_requested(&self) -> bool {
        let answers = |entry: &Entry| entry.body == EntryBody::Location;
        self.sync.location_requested && !self.entries.iter().any(answers)
    }

    /// Whether location sharing is switched off.
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// What is left in the battery, per cent; `None`: the phone does not say. It goes along with whatever is sent.
    pub fn battery_percent(&self) -> Option<u8> {
        self.battery_percent
    }

    /// The battery has so much left, per cent.
    pub fn set_battery(&mut self, percent: u8) {
        self.battery_percent = Some(percent.min(100));
    }

    /// Number of entries and fixes that wait to be sent.
    pub fn waiting(&self) -> (usize, usize) {
        (self.entries.len(), self.fixes.len())
    }

    /// What was sent and answered so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// For `since` of the next long-poll.
    pub fn seq(&self) -> u64 {
        self.sync.seq
    }

    /// Reports something that happened at `now`. The coordinate goes along only where the profile wants it on this occasion, and
    /// never while private. A step of an own task shows in [`Handset::tasks`] at once.
    pub fn report(
        &mut self,
        guid: EntryGuid,
        body: EntryBody,
        fix: Option<Fix>,
        now: DateTime<Utc>,
    ) -> Result<(), QueueFull> {
        if self.entries.len() >= MAX_ENTRIES {
            return Err(QueueFull);
        }
        let fix = fix.filter(|_| self.may_tell(body.trigger()));
        // Strictly in order: whoever sorts reports by time must not have to guess.
        let event_time = self.last_event.map_or(now, |last| now.max(last + TimeDelta::milliseconds(1)));
        self.last_event = Some(event_time);
        self.remember_step(&body, event_time);
        self.entries.push_back(Entry { guid, event_time, fix, body });
        Ok(())
    }

    /// Takes a live-tracking fix; it is dropped where the profile has no live tracking, and while private.
    pub fn track(&mut self, fix: Fix) {
        if !self.may_tell(Trigger::LiveTracking) {
            return;
        }
        if self.fixes.len() >= MAX_FIXES {
            self.fixes.pop_front();
        }
        self.fixes_taken += 1;
        self.fixes.push_back((self.fixes_taken, fix));
    }

    /// Switches location sharing off (`on`) or on again; answers whether the profile allows it. Switching it off takes every
    /// coordinate out of what still waits: from now on none leaves the phone.
    pub fn set_private(&mut self, on: bool) -> bool {
        if on && !self.sync.profile.privacy_allowed {
            return false;
        }
        if on {
            self.fixes.clear();
            self.entries.iter_mut().chain(&mut self.answered).for_each(|entry| entry.fix = None);
        }
        if self.is_private != on {
            self.is_private = on;
            self.privacy_unsent = Some(on);
        }
        true
    }

    /// A full sync begins.
    pub fn begin_sync(&self) -> SyncTicket {
        SyncTicket(self.answers)
    }

    /// Takes the answer of a full sync. What the phone did meanwhile is newer than what the server knew then, and stays.
    pub fn on_sync(&mut self, ticket: SyncTicket, mut sync: FieldSync) {
        self.stepped.retain(|_, answered| *answered > ticket.0);
        for task in &mut sync.tasks {
            let waits =
                |entry: &Entry| matches!(&entry.body, EntryBody::Task { task: id, .. } if *id == task.id);
            let is_newer_here = self.stepped.contains_key(&task.id) || self.entries.iter().any(waits);
            let known = self.sync.tasks.iter().find(|known| known.id == task.id);
            if let Some(known) = known.filter(|known| is_newer_here && known.resource == task.resource) {
                (task.status, task.timeline) = (known.status, known.timeline.clone());
            }
        }
        self.sync = sync;
    }

    fn may_tell(&self, occasion: Trigger) -> bool {
        !self.is_private && self.sync.profile.reports_on(occasion)
    }

    fn remember_step(&mut self, body: &EntryBody, now: DateTime<Utc>) {
        let EntryBody::Task { task: id, status, reason } = body else { return };
        let by = Actor::Field(self.id());
        let step = StatusStep { status: *status, at: now, by, reason: reason.clone() };
        if let Some(task) = self.sync.tasks.iter_mut().find(|task| task.id == *id) {
            // An illegal step is the server's to refuse; the phone then learns the truth with the next sync.
            let _ = task.advance(step);
        }
    }
}
