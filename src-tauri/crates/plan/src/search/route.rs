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
    /// Of stop `i` and all after it.
    after: Vec<Trouble>,
    /// The latest arrival at stop `i` with which nothing costs from there on; breaks left aside.
    calm: Vec<i64>,
    /// The same for what must not be.
    hard: Vec<i64>,
    /// Drives that are not known.
    gaps: i64,
    load: Vec<i64>,
    /// Drives and trouble.
    cost: i64,
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
            let place = route.stops.last().map_or(model.workers[worker].start_place, |last| {
                model.jobs[*last as usize].place
            });
            // What can't be reached is not driven to; the plan says so.
            if model.leg(place, model.jobs[job as usize].place) < NO_WAY {
                route.stops.push(job);
            }
        }
        route.fixed = route.stops.len();
        route.update(model);
        route
    }

    /// Drives and trouble, in seconds of driving.
    pub fn cost(&self) -> i64 {
        self.cost
    }

    /// Seconds of driving.
    pub fn drive_secs(&self) -> i64 {
        self.legs.iter().sum()
    }

    pub fn insert(&mut self, model: &Model, job: u32, at: usize) {
        self.stops.insert(at, job);
        self.update(model);
    }

    /// Keeps the stops for which this holds, and the fixed ones.
    pub fn retain(&mut self, model: &Model, mut keep: impl FnMut(u32) -> bool) {
        let (fixed, mut index) = (self.fixed, 0);
        self.stops.retain(|job| {
            index += 1;
            index <= fixed || keep(*job)
        });
        self.update(model);
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
        self.after.clone_from(&other.after);
        self.calm.clone_from(&other.calm);
        self.hard.clone_from(&other.hard);
        self.load.clone_from(&other.load);
    }

    /// Whether there is room for the job's demand.
    pub fn has_room(&self, model: &Model, job: u32) -> bool {
        let it = &model.jobs[job as usize];
        let capacity = &model.workers[self.worker].capacity;
        it.is_locked
            || it.demand.iter().zip(&self.load).zip(capacity).all(|((more, load), most)| *more == 0 || load + more <= *most)
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
        let (to, from) = (model.to(it.place), model.from(it.place));
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
        let is_gap = self.gaps > 0
            && model.leg(self.places[at] as usize, self.places[at + 1] as usize) >= NO_WAY;
        if is_gap { GAP } else { 0 }
    }

    /// The trouble that a job at this position adds.
    fn trouble_at(&self, model: &Model, job: u32, at: usize, (there, on): (i64, i64)) -> Trouble {
        let worker = &model.workers[self.worker];
        let old = self.after[at];
        let (moment, own) = work(model, worker, &model.jobs[job as usize], self.moments[at], there);
        let arrival = moment.free + on;
        if own.excess == 0 && old == Trouble::default() && worker.breaks.is_empty() && arrival <= self.calm[at] {
            return own;
        }
        if old.excess == 0 && arrival > self.hard[at] && !model.jobs[job as usize].is_locked {
            return Trouble { cost: 0, excess: arrival - self.hard[at] };
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
                return total + self.after[index + 1];
            }
            moment = next;
            drive = self.legs[index + 1];
        }
        total + go_home(worker, moment, drive)
    }

    /// Computes everything from the stops.
    fn update(&mut self, model: &Model) {
        let worker = &model.workers[self.worker];
        self.places.clear();
        self.places.push(worker.start_place as u32);
        self.places.extend(self.stops.iter().map(|job| model.jobs[*job as usize].place as u32));
        self.places.push(worker.end_place as u32);
        self.legs.clear();
        self.gaps = 0;
        for pair in self.places.windows(2) {
            let leg = model.leg(pair[0] as usize, pair[1] as usize);
            self.gaps += i64::from(leg >= NO_WAY);
            self.legs.push(if leg < NO_WAY { leg.into() } else { 0 });
        }
        self.load.clear();
        self.load.resize(worker.capacity.len(), 0);
        for job in &self.stops {
            let demand = &model.jobs[*job as usize].demand;
            self.load.iter_mut().zip(demand).for_each(|(load, more)| *load += more);
        }
        self.run(model);
        self.run_back(model);
        self.cost = self.drive_secs() + self.after[0].total() + self.gaps * GAP;
    }

    /// Times forward; `after` holds each stop's own trouble for now.
    fn run(&mut self, model: &Model) {
        let worker = &model.workers[self.worker];
        let mut moment = Moment { free: worker.start, next_break: 0 };
        self.moments.clear();
        self.after.clear();
        self.moments.push(moment);
        for (job, leg) in self.stops.iter().zip(&self.legs) {
            let trouble;
            (moment, trouble) = work(model, worker, &model.jobs[*job as usize], moment, *leg);
            self.moments.push(moment);
            self.after.push(trouble);
        }
        self.after.push(go_home(worker, moment, self.legs[self.stops.len()]));
    }

    /// What follows from the end of the day backward.
    fn run_back(&mut self, model: &Model) {
        let (count, end) = (self.stops.len(), model.workers[self.worker].end);
        for times in [&mut self.calm, &mut self.hard] {
            times.clear();
            times.resize(count + 1, end);
        }
        for index in (0..count).rev() {
            self.after[index] = self.after[index] + self.after[index + 1];
            let job = &model.jobs[self.stops[index] as usize];
            let on = job.service + self.legs[index + 1];
            let in_time = |begin| job.latest_ready(begin).unwrap_or(i64::MIN / 4);
            self.calm[index] = in_time(self.calm[index + 1] - on).min(job.promised);
            let begin = self.hard[index + 1] - on;
            self.hard[index] = if job.in_time_only { in_time(begin) } else { begin };
        }
    }
}
