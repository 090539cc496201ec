//! Who is where, and what time does to it.

use std::ops::Bound;

use chrono::{DateTime, TimeDelta, Utc};
use domain::bid::BidStatus;
use domain::{BidId, PoiId, ResourceId};
use protocol::wire::PositionUpdate;

use super::Session;
use crate::arrivals::{chain_job, place};
use crate::etas::{Answer, Job};
use crate::frames;

/// Everybody is looked at once in this time.
const ROUND: TimeDelta = TimeDelta::seconds(1);
const TICKS_PER_ROUND: usize = 10;
/// Presence is looked at every so many rounds.
const PRESENCE_ROUNDS: u64 = 5;
/// Arrivals move with the clock every so many rounds, also where nobody moves.
const ARRIVAL_ROUNDS: u64 = 60;

/// Whose turn it is to be looked at.
#[derive(Debug)]
pub struct Round {
    /// When it began.
    began: DateTime<Utc>,
    number: u64,
    /// Who was looked at last; `None` between rounds.
    after: Option<ResourceId>,
}

impl Round {
    /// The first round begins after `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { began: now, number: 0, after: None }
    }
}

impl Session {
    /// Newer fixes.
    pub fn on_positions(&mut self, updates: &[PositionUpdate], now: DateTime<Utc>) {
        // Fixes are judged by the server's time: a machine whose clock is slow must not refuse all of them.
        let now = self.at_server(now);
        for update in updates {
            self.on_position(update, now);
        }
    }

    fn on_position(&mut self, update: &PositionUpdate, now: DateTime<Utc>) {
        let resource = update.resource;
        let Some(card) = self.picture.cache().resources.get(&resource) else { return };
        if card.data.private_since.is_some() {
            return;
        }
        let before: Vec<PoiId> = self.watcher.fences().inside(resource).collect();
        let news = self.watcher.on_fix(resource, &update.fix, now);
        if !self.watcher.fences().inside(resource).eq(before) {
            self.dirty.resources.insert(resource);
        }
        if self.positions.accept(update, now) {
            self.dirty.resources.insert(resource);
            self.dirty.ways.insert(resource);
            self.look_at_dot(resource, now);
        }
        self.on_news(news);
    }

    /// Forgets where somebody is, on the screen at once.
    pub(super) fn hide(&mut self, resource: ResourceId, now: DateTime<Utc>) {
        self.positions.purge(resource);
        self.frames.hide(resource);
        self.travel.forget();
        let tasks = self.arrivals.forget(resource);
        self.dirty.tasks.extend(tasks);
        self.dirty.resources.insert(resource);
        let invited = self.picture.shown().bids.values().filter(|row| row.data.line(resource).is_some());
        self.dirty.bids.extend(invited.map(|row| row.data.id));
        self.look_at_dot(resource, now);
    }

    /// Draws, changes or takes away a dot.
    pub(super) fn look_at_dot(&mut self, resource: ResourceId, now: DateTime<Utc>) {
        let scene = self.scene(now);
        let (position, dot_state) = (scene.position(resource), scene.dot_state(resource));
        match self.positions.fix(resource).zip(dot_state) {
            Some((fix, state)) => self.frames.show(frames::dot(resource, fix, state)),
            None => self.frames.hide(resource),
        }
        let Some(before) = self.states.insert(resource, position) else { return };
        if before != position {
            self.dirty.resources.insert(resource);
            let tasks = self.work.load(resource).into_iter().flat_map(|load| &load.queue);
            self.dirty.tasks.extend(tasks);
        }
    }

    /// Every tick: looks at the next tenth of all resources, so that time changes everybody's dot within a second, presence within
    /// five and arrivals within a minute, without ever looking at thousands at once.
    pub fn on_tick(&mut self, now: DateTime<Utc>) {
        let round = &mut self.round;
        if round.after.is_none() {
            if now - round.began < ROUND {
                return;
            }
            (round.began, round.number) = (now, round.number + 1);
        }
        let cards = &self.picture.cache().resources;
        let from = round.after.map_or(Bound::Unbounded, Bound::Excluded);
        let share = cards.len().div_ceil(TICKS_PER_ROUND);
        let turn: Vec<ResourceId> =
            cards.range((from, Bound::Unbounded)).take(share).map(|(id, _)| *id).collect();
        round.after =
            turn.last().copied().filter(|last| cards.last_key_value().is_some_and(|(id, _)| id > last));
        if round.number.is_multiple_of(PRESENCE_ROUNDS) {
            self.dirty.resources.extend(&turn);
        }
        if round.number.is_multiple_of(ARRIVAL_ROUNDS) {
            self.dirty.ways.extend(&turn);
        }
        turn.into_iter().for_each(|resource| self.look_at_dot(resource, now));
    }

    /// Every second: what is so because time has passed, snoozes that are over, and summaries of notifications.
    pub fn on_second(&mut self, now: DateTime<Utc>) {
        self.watch_clock(now);
        self.look_at_snoozes(now);
    }

    /// Every five seconds: the drives of invitees.
    pub fn on_five_seconds(&mut self, now: DateTime<Utc>) {
        let open = self.picture.shown().bids.values().filter(|row| row.data.status == BidStatus::Open);
        let open: Vec<BidId> = open.map(|row| row.data.id).collect();
        open.into_iter().for_each(|bid| self.ask_drives(bid, now));
    }

    /// Asks for the arrivals of everybody whose way may have changed.
    pub(super) fn ask_ways(&mut self, now: DateTime<Utc>) {
        for resource in std::mem::take(&mut self.dirty.ways) {
            let is_shown = self.scene(now).position(resource).has_dot();
            let fix = self.positions.fix(resource).filter(|_| is_shown);
            let load = self.work.load(resource).filter(|_| fix.is_some());
            let job = load.and_then(|load| chain_job(resource, load, fix, self.picture.shown(), now));
            match job {
                Some(job) => self.eta_thread.ask(job),
                None => {
                    let tasks = self.arrivals.forget(resource);
                    self.dirty.tasks.extend(tasks);
                }
            }
        }
    }

    /// Asks how long the invitees of a bid drive.
    pub(super) fn ask_drives(&mut self, bid: BidId, now: DateTime<Utc>) {
        let rows = self.picture.shown();
        let Some(bid) = rows.bids.get(&bid).map(|row| &row.data) else { return };
        let Some(task) = rows.tasks.get(&bid.task) else { return };
        let scene = self.scene(now);
        let visible = bid.lines.iter().filter(|line| scene.position(line.resource).has_dot());
        let from = visible.filter_map(|line| {
            let mode = rows.resources.get(&line.resource)?.data.travels;
            Some((line.resource, mode, place(self.positions.fix(line.resource)?)))
        });
        self.eta_thread.ask(Job::Drives { bid: bid.id, from: from.collect(), to: task.data.at, now });
    }

    /// What the ETA thread has found out.
    pub fn on_answer(&mut self, answer: Answer, now: DateTime<Utc>) {
        match answer {
            Answer::Chain { resource, arrivals } => {
                if !self.scene(now).position(resource).has_dot() {
                    return; // private or gone since the question
                }
                let tasks = self.arrivals.set(resource, arrivals);
                self.dirty.tasks.extend(&tasks);
                self.look_at_dot(resource, now);
                for task in tasks {
                    self.look_at_arrival(task, now);
                }
            }
            Answer::Drives { bid, secs } => {
                if self.arrivals.set_drives(bid, secs) {
                    self.dirty.bids.insert(bid);
                }
            }
        }
    }

    fn look_at_arrival(&mut self, task: domain::TaskId, now: DateTime<Utc>) {
        let Some(row) = self.picture.shown().tasks.get(&task) else { return };
        let late_secs = self.scene(now).late_secs(&row.data);
        let alert = self.lateness.arrival(&row.data, late_secs, self.at_server(now));
        self.raise(alert);
    }
}
