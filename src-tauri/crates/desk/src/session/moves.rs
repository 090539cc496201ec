//! Who is where, and what time does to it.

use std::ops::Bound;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Action;
use domain::alert::{Alert, AlertAction};
use domain::bid::BidStatus;
use domain::{AlertId, BidId, PoiId, ResourceId, TaskId};
use eta::ChainEta;
use protocol::view::ConnectionState;
use protocol::wire::PositionUpdate;

use super::announce::Announcer;
use super::{Out, Session};
use crate::arrivals::{chain_question, place};
use crate::etas::{Answer, Job};
use crate::frames;
use crate::lateness::{Look, Verdict, is_meant, is_moot, may_be_moot};
use crate::picture::Picture;
use crate::work::is_ahead;

/// Everybody is looked at once in this time.
const ROUND: TimeDelta = TimeDelta::seconds(1);
const TICKS_PER_ROUND: usize = 10;
/// Presence is looked at every so many rounds.
const PRESENCE_ROUNDS: u64 = 5;
/// Arrivals move with the clock every so many rounds, also where nobody moves.
const ARRIVAL_ROUNDS: u64 = 60;
/// Ways that are asked at a time: more take the loop too long.
const WAYS_AT_A_TIME: usize = 500;
/// Alerts of something foreseen that are looked at in one go: each takes some ten microseconds.
const FORESEEN_AT_A_TIME: usize = 1_000;
/// Fixes that are looked at in one go.
const POSITIONS_AT_A_TIME: usize = 250;

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
    /// Newer fixes; of very many the last ones wait for [`Session::on_waiting_positions`].
    pub fn on_positions(&mut self, updates: Vec<PositionUpdate>, now: DateTime<Utc>) {
        self.waiting_positions.extend(updates);
        self.on_waiting_positions(now);
    }

    /// Whether fixes wait to be looked at.
    pub fn has_waiting_positions(&self) -> bool {
        !self.waiting_positions.is_empty()
    }

    /// Looks at some of the fixes that wait.
    pub fn on_waiting_positions(&mut self, now: DateTime<Utc>) {
        for _ in 0..POSITIONS_AT_A_TIME {
            let Some(update) = self.waiting_positions.pop_front() else { return };
            self.on_position(&update, now);
        }
    }

    fn on_position(&mut self, update: &PositionUpdate, now: DateTime<Utc>) {
        let resource = update.resource;
        let Some(card) = self.picture.cache().resources.get(&resource) else { return };
        if card.data.private_since.is_some() {
            return;
        }
        // Fixes are judged by the server's time: a machine whose clock is slow must not refuse all of them.
        let at = self.at_server(now);
        let before: Vec<PoiId> = self.watcher.fences().inside(resource).collect();
        let news = self.watcher.on_fix(resource, &update.fix, at);
        if !self.watcher.fences().inside(resource).eq(before) {
            self.dirty.resources.insert(resource);
        }
        if self.positions.accept(update, at) {
            self.dirty.people.insert(resource);
            self.dirty.ways.insert(resource);
            self.look_at_dot(resource, now);
            self.learn_from(update);
        }
        self.on_news(news);
    }

    /// Forgets where somebody is, on the screen at once.
    pub(super) fn hide(&mut self, resource: ResourceId, now: DateTime<Utc>) {
        let was_seen = self.positions.fix(resource).is_some();
        self.positions.purge(resource);
        self.learning.forget(resource);
        self.frames.hide(resource);
        self.eta_thread.forget(resource);
        // Of whom nothing was known no question can tell.
        if was_seen {
            self.travel.forget();
        }
        self.planning.hide(resource);
        self.announcer.unraise(|alert| alert.kind.resource() == Some(resource));
        let tasks = self.arrivals.forget(resource);
        self.dirty.tasks.extend(tasks);
        self.dirty.resources.insert(resource);
        let invited = self.picture.shown().bids.values().filter(|row| row.data.line(resource).is_some());
        self.dirty.bids.extend(invited.map(|row| row.data.id));
        self.look_at_dot(resource, now);
    }

    /// Draws, changes or takes away a dot, as it is at `now` of this machine's clock.
    pub(super) fn look_at_dot(&mut self, resource: ResourceId, now: DateTime<Utc>) {
        let scene = self.scene(now);
        let (position, dot_state) = (scene.position(resource), scene.dot_state(resource));
        match self.positions.fix(resource).zip(dot_state) {
            Some((fix, state)) => self.frames.show(frames::dot(resource, fix, state)),
            None => self.frames.hide(resource),
        }
        let Some(before) = self.states.insert(resource, position) else { return };
        if before != position {
            if !position.has_dot() {
                self.learning.forget(resource);
            }
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
            self.dirty.people.extend(&turn);
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

    /// Every five seconds: the drives of invitees, promises that nobody moves for, what can't go wrong any more, and what can't be learnt
    /// from any more. Whoever stands still while something looks wrong is asked about again, so that it is told in time.
    pub fn on_five_seconds(&mut self, now: DateTime<Utc>) {
        self.learning.forget_old(self.at_server(now));
        let open = self.picture.shown().bids.values().filter(|row| row.data.status == BidStatus::Open);
        let open: Vec<BidId> = open.map(|row| row.data.id).collect();
        open.into_iter().for_each(|bid| self.ask_drives(bid, now));
        let promised = self.work.promised().to_vec();
        self.dirty.arrivals.extend(&promised);
        promised.into_iter().for_each(|task| self.look_at_task(task, now));
        self.end_what_is_moot(now);
        self.raise_again(now);
        let rows = self.picture.shown();
        // Promises are looked at by their tasks, above.
        let due = self.lateness.due(self.at_server(now)).filter_map(|of| match rows.tasks.get(&TaskId(of)) {
            Some(row) => row.data.resource,
            None => rows.resources.contains_key(&ResourceId(of)).then_some(ResourceId(of)),
        });
        self.dirty.ways.extend(due);
    }

    /// Asks for the arrivals of those whose way may have changed, some at a time.
    pub(super) fn ask_ways(&mut self, now: DateTime<Utc>) {
        for resource in self.dirty.ways.take(WAYS_AT_A_TIME) {
            match chain_question(&self.scene(now), resource) {
                Some(question) => self.eta_thread.ask(Job::Chain(question)),
                None => self.forget_way(resource),
            }
        }
    }

    fn forget_way(&mut self, resource: ResourceId) {
        self.eta_thread.forget(resource);
        let tasks = self.arrivals.forget(resource);
        self.dirty.arrivals.extend(tasks);
        self.dirty.people.insert(resource);
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
        self.eta_thread.ask(Job::Drives {
            bid: bid.id,
            from: from.collect(),
            to: task.data.at,
            now: scene.now,
        });
    }

    /// What the ETA thread has found out.
    pub fn on_answers(&mut self, answers: Vec<Answer>, now: DateTime<Utc>) {
        for answer in answers {
            match answer {
                Answer::Chain { resource, chain, shift_end } => {
                    self.on_chain(resource, (chain, shift_end), now)
                }
                Answer::Drives { bid, secs } => {
                    if self.arrivals.set_drives(bid, secs) {
                        self.dirty.bids.insert(bid);
                    }
                }
            }
        }
    }

    fn on_chain(
        &mut self,
        resource: ResourceId,
        (chain, shift_end): (ChainEta, Option<DateTime<Utc>>),
        now: DateTime<Utc>,
    ) {
        if !self.scene(now).position(resource).has_dot() {
            return; // private or gone since the question
        }
        let tasks = self.arrivals.set(resource, chain);
        self.dirty.arrivals.extend(&tasks);
        self.dirty.people.insert(resource);
        self.look_at_dot(resource, now);
        tasks.into_iter().for_each(|task| self.look_at_task(task, now));
        self.look_at_shift(resource, shift_end, now);
    }

    /// Whether a task will be done as it should be.
    fn look_at_task(&mut self, task: TaskId, now: DateTime<Utc>) {
        let at = self.at_server(now);
        let Some(task) = self.picture.shown().tasks.get(&task).map(|row| &row.data) else { return };
        let is_seen = task.resource.is_some_and(|resource| self.scene(now).position(resource).has_dot());
        let arrival =
            task.resource.filter(|_| is_seen).and_then(|resource| self.arrivals.at(task.id, resource));
        let eta = arrival.and_then(|arrival| arrival.eta.ok());
        let find = |id| find_alert(&self.picture, &self.announcer, id);
        let look = Look { now: at, find: &find };
        let ahead = eta.filter(|_| is_ahead(task.status));
        let window = ahead.and_then(|eta| self.lateness.window(task, &eta, look));
        let promise = self.lateness.promise(task, ahead.as_ref(), is_seen, look);
        window.into_iter().chain(promise).for_each(|verdict| self.carry_out(verdict, at));
    }

    /// Whether a resource will be done when their shift ends.
    fn look_at_shift(&mut self, resource: ResourceId, shift_end: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        let at = self.at_server(now);
        let Some((done, shift_end)) = self.arrivals.done(resource).zip(shift_end) else { return };
        let find = |id| find_alert(&self.picture, &self.announcer, id);
        let verdict = self.lateness.shift(resource, done, shift_end, Look { now: at, find: &find });
        verdict.into_iter().for_each(|verdict| self.carry_out(verdict, at));
    }

    /// Alerts of what can't happen any more end; of very many some are looked at, and the others next time.
    fn end_what_is_moot(&mut self, now: DateTime<Utc>) {
        let at = self.at_server(now);
        let alerts = self.picture.shown().alerts.values().map(|row| &row.data);
        self.foreseen.extend(alerts.filter(|alert| may_be_moot(alert, at)).map(|alert| alert.id));
        let looked_at = self.foreseen.take(FORESEEN_AT_A_TIME);
        let scene = self.scene(now);
        let find = |id| find_alert(&self.picture, &self.announcer, id);
        let is_moot = |id: &AlertId| find(*id).is_some_and(|alert| is_moot(alert, &scene, &find));
        let moot: Vec<AlertId> = looked_at.into_iter().filter(is_moot).collect();
        self.lateness.forget_gone(|alert| find(alert).is_some());
        moot.into_iter().for_each(|alert| self.carry_out(Verdict::End(alert), at));
    }

    fn carry_out(&mut self, verdict: Verdict, at: DateTime<Utc>) {
        // Somebody else's desk says it then.
        if !self.user.role.may(Action::HandleAlert) {
            return;
        }
        match verdict {
            Verdict::Raise(alert) => self.raise(Some(*alert)),
            // What was cached some time ago is no reason to end what others see now.
            Verdict::Worsen(_) | Verdict::End(_) if self.freshness.state != ConnectionState::Live => {}
            Verdict::Worsen(alert) => self.out.push(Out::Foresee(alert, AlertAction::Worsen)),
            Verdict::End(alert) => {
                let is_left = find_alert(&self.picture, &self.announcer, alert).is_some_and(is_meant);
                if !is_left && self.lateness.may_end(alert, at) {
                    self.out.push(Out::Foresee(alert, AlertAction::End));
                }
            }
        }
    }
}

fn find_alert<'a>(picture: &'a Picture, announcer: &'a Announcer, id: AlertId) -> Option<&'a Alert> {
    let shown = picture.shown().alerts.get(&id).map(|row| &row.data);
    shown.or_else(|| announcer.raised(id))
}
