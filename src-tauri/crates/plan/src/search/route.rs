//! The day of one worker: its stops, and what is needed to judge one more in no time.

use std::ops::RangeInclusive;

use super::clock::{Moment, Trouble, go_home, work};
use super::model::{Model, NO_WAY};

/// What a drive that is not known costs: a plan with one is worse than any without.
const GAP: i64 = 1 << 48;

/// Stops in order, with times.
#[derive(Debug, Clone, Default)]
pub struct Route {
    pub worker: usize,
    pub stops: Vec<u32>,
    /// So many of the first stops never move.
    pub fixed: usize,
    /// Start, places of the stops, end.
    places: Vec<u32>,
    /// `legs[i]` leads to stop `i`; the last one to the end. A drive that is not known counts nothing.
    legs: Vec<i64>,
    /// Before leaving for stop `i`.
    moments: Vec<Moment>,
    /// The trouble at stop `i`, and on the way home.
    own: Vec<Trouble>,
    /// What is ahead at stop `i`, and on the way home.
    back: Vec<Back>,
    /// Drives that are not known.
    gaps: i64,
    load: Vec<i64>,
    /// Drives and trouble.
    cost: i64,
}

/// What is ahead at a stop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Back {
    /// The trouble there and at all stops after it.
    after: Trouble,
    /// The latest arrival with which nothing costs from there on; breaks left aside.
    calm: i64,
    /// The same for what must not be.
    hard: i64,
}

/// Where another job would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub cost: i64,
    pub at: usize,
}

impl Route {
    /// The day of a worker with nothing but what is fixed.
    pub fn new(model: &Model, worker: usize) -> Self {
        let mut route = Self { worker, ..Self::default() };
        for &job in &model.workers[worker].fixed {
            let place = route
                .stops
                .last()
                .map_or(model.workers[worker].start_place, |last| model.jobs[*last as usize].place);
            // What can't be reached is not driven to; the plan says so.
            if model.leg(worker, place, model.jobs[job as usize].place) < NO_WAY {
                route.stops.push(job);
            }
        }
        route.fixed = route.stops.len();
        route.update(model, 0);
        route
    }

    /// Drives and trouble, in seconds of driving.
    pub fn cost(&self) -> i64 {
        self.cost
    }

    /// Seconds beyond what must not be.
    pub fn excess(&self) -> i64 {
        self.back[0].after.excess
    }

    /// Drives that are not known.
    pub fn gaps(&self) -> i64 {
        self.gaps
    }

    /// Seconds of driving.
    pub fn drive_secs(&self) -> i64 {
        self.legs.iter().sum()
    }

    pub fn insert(&mut self, model: &Model, job: u32, at: usize) {
        self.stops.insert(at, job);
        self.update(model, at);
    }

    /// Keeps the stops for which this holds, and the fixed ones.
    pub fn retain(&mut self, model: &Model, mut keep: impl FnMut(u32) -> bool) {
        let (fixed, mut index, mut first) = (self.fixed, 0, usize::MAX);
        self.stops.retain(|job| {
            let is_kept = index < fixed || keep(*job);
            if !is_kept {
                first = first.min(index);
            }
            index += 1;
            is_kept
        });
        self.update(model, first.min(self.stops.len()));
    }

    /// Takes over stops, times and all.
    pub fn copy_from(&mut self, other: &Self) {
        self.worker = other.worker;
        self.fixed = other.fixed;
        self.cost = other.cost;
        self.gaps = other.gaps;
        self.stops.clone_from(&other.stops);
        self.places.clone_from(&other.places);
        self.legs.clone_from(&other.legs);
        self.moments.clone_from(&other.moments);
        self.own.clone_from(&other.own);
        self.back.clone_from(&other.back);
        self.load.clone_from(&other.load);
    }

    /// Whether there is room for the job's demand.
    pub fn has_room(&self, model: &Model, job: u32) -> bool {
        let it = &model.jobs[job as usize];
        let capacity = &model.workers[self.worker].capacity;
        it.is_locked
            || it
                .demand
                .iter()
                .zip(&self.load)
                .zip(capacity)
                .all(|((more, load), most)| *more == 0 || load + more <= *most)
    }

    /// The cheapest of some positions for a job that this worker may do and carry, if it costs less than `limit`; `skips` passes over
    /// a position now and then. A locked job gets a place whatever it breaks.
    pub fn best_spot(
        &self,
        model: &Model,
        job: u32,
        (positions, mut limit): (RangeInclusive<usize>, i64),
        mut skips: impl FnMut() -> bool,
    ) -> Option<Spot> {
        let it = &model.jobs[job as usize];
        let net = model.workers[self.worker].net;
        let (to, from) = (model.to(net, it.place), model.from(net, it.place));
        let latest = it.latest();
        let mut best = None;
        for at in positions {
            if self.moments[at].free > latest {
                break;
            }
            let there = i64::from(from[self.places[at] as usize]);
            let on = i64::from(to[self.places[at + 1] as usize]);
            let detour = there + on - self.legs[at] - self.price_of_gap(model, at);
            if detour >= limit || there.max(on) >= NO_WAY.into() || skips() {
                continue;
            }
            let more = self.trouble_at(model, job, at, (there, on));
            if more.excess > 0 && !it.is_locked {
                continue;
            }
            let cost = detour + more.total();
            if cost < limit {
                limit = cost;
                best = Some(Spot { cost, at });
            }
        }
        best
    }

    /// All positions where a job may go.
    pub fn positions(&self) -> RangeInclusive<usize> {
        self.fixed..=self.stops.len()
    }

    fn price_of_gap(&self, model: &Model, at: usize) -> i64 {
        let (from, to) = (self.places[at] as usize, self.places[at + 1] as usize);
        let is_gap = self.gaps > 0 && model.leg(self.worker, from, to) >= NO_WAY;
        if is_gap { GAP } else { 0 }
    }

    /// The trouble that a job at this position adds.
    fn trouble_at(&self, model: &Model, job: u32, at: usize, (there, on): (i64, i64)) -> Trouble {
        let worker = &model.workers[self.worker];
        let Back { after: old, calm, hard } = self.back[at];
        let (moment, own) = work(model, worker, &model.jobs[job as usize], self.moments[at], there);
        let arrival = moment.free + on;
        if own.excess == 0 && old == Trouble::default() && worker.breaks.is_empty() && arrival <= calm {
            return own;
        }
        if old.excess == 0 && arrival > hard && !model.jobs[job as usize].is_locked {
            return Trouble { cost: 0, excess: arrival - hard };
        }
        let new = own + self.rest_of_day(model, moment, at, on);
        Trouble { cost: new.cost - old.cost, excess: new.excess - old.excess }
    }

    /// The trouble of stop `at` and those after it for somebody who sets out there at another time.
    fn rest_of_day(&self, model: &Model, mut moment: Moment, at: usize, mut drive: i64) -> Trouble {
        let worker = &model.workers[self.worker];
        let mut total = Trouble::default();
        for (index, job) in self.stops.iter().enumerate().skip(at) {
            let (next, trouble) = work(model, worker, &model.jobs[*job as usize], moment, drive);
            total = total + trouble;
            if next == self.moments[index + 1] {
                return total + self.back[index + 1].after;
            }
            moment = next;
            drive = self.legs[index + 1];
        }
        total + go_home(worker, moment, drive)
    }

    /// Computes everything that follows from the stops; those before `at` are as they were.
    fn update(&mut self, model: &Model, at: usize) {
        let worker = &model.workers[self.worker];
        self.places.truncate(at + 1);
        if at == 0 {
            self.places.clear();
            self.places.push(worker.start_place as u32);
        }
        self.places.extend(self.stops[at..].iter().map(|job| model.jobs[*job as usize].place as u32));
        self.places.push(worker.end_place as u32);
        self.legs.truncate(at);
        let leg = |pair: &[u32]| model.leg(self.worker, pair[0] as usize, pair[1] as usize);
        let legs = self.places[at..].windows(2).map(leg);
        self.legs.extend(legs.map(|leg| if leg < NO_WAY { i64::from(leg) } else { 0 }));
        self.gaps = if model.is_connected { 0 } else { self.count_gaps(model) };
        self.load.clear();
        self.load.resize(worker.capacity.len(), 0);
        for job in &self.stops {
            let demand = &model.jobs[*job as usize].demand;
            self.load.iter_mut().zip(demand).for_each(|(load, more)| *load += more);
        }
        self.run(model, at);
        self.run_back(model, at);
        self.cost = self.drive_secs() + self.back[0].after.total() + self.gaps * GAP;
    }

    fn count_gaps(&self, model: &Model) -> i64 {
        let is_gap = |pair: &&[u32]| model.leg(self.worker, pair[0] as usize, pair[1] as usize) >= NO_WAY;
        self.places.windows(2).filter(is_gap).count() as i64
    }

    /// Times forward from stop `at`.
    fn run(&mut self, model: &Model, at: usize) {
        let worker = &model.workers[self.worker];
        self.moments.truncate(at + 1);
        self.own.truncate(at);
        if at == 0 {
            self.moments.clear();
            self.moments.push(Moment { free: worker.start, next_break: 0 });
        }
        let mut moment = self.moments[at];
        for (job, leg) in self.stops[at..].iter().zip(&self.legs[at..]) {
            let trouble;
            (moment, trouble) = work(model, worker, &model.jobs[*job as usize], moment, *leg);
            self.moments.push(moment);
            self.own.push(trouble);
        }
        self.own.push(go_home(worker, moment, self.legs[self.stops.len()]));
    }

    /// What follows from the end of the day backward, as far as it changes before stop `at`.
    fn run_back(&mut self, model: &Model, at: usize) {
        let (count, end) = (self.stops.len(), model.workers[self.worker].end);
        self.back.resize(count + 1, Back::default());
        self.back[count] = Back { after: self.own[count], calm: end, hard: end };
        for index in (0..count).rev() {
            let next = self.back[index + 1];
            let job = &model.jobs[self.stops[index] as usize];
            let on = job.service + self.legs[index + 1];
            let in_time = |begin| job.latest_ready(begin).unwrap_or(i64::MIN / 4);
            let begin = next.hard - on;
            let new = Back {
                after: self.own[index] + next.after,
                calm: in_time(next.calm - on).min(job.promised),
                hard: if job.in_time_only { in_time(begin) } else { begin },
            };
            if index + 1 < at && self.back[index] == new {
                return;
            }
            self.back[index] = new;
        }
    }
}
