//! What a given order of tasks comes to, minute by minute.
//!
//! The search has its own, faster way to the same figures; this one is simple, and checks it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::TaskId;

use crate::day_plan::{BreakPlan, DayPlan, Fault, Figures, Reason, RoutePlan, StopPlan, Unassigned};
use crate::error::PlanError;
use crate::matrix::{Leg, PlaceNo};
use crate::problem::{Assignment, DayProblem, Job, Worker};
use crate::reasons::reasons;

/// The day of everybody under a given assignment, right or wrong: what should not be is in [`RoutePlan::faults`].
///
/// # Errors
/// When the problem contradicts itself, or the assignment names somebody or something unknown, or a task twice.
pub fn evaluate(problem: &DayProblem, assignment: &Assignment) -> Result<DayPlan, PlanError> {
    problem.check()?;
    let jobs: BTreeMap<TaskId, &Job> = problem.jobs.iter().map(|job| (job.id, job)).collect();
    check(problem, assignment, &jobs)?;
    let mut skipped = BTreeMap::new();
    let mut routes = Vec::with_capacity(problem.workers.len());
    for worker in &problem.workers {
        let tasks = assignment.get(&worker.id).map_or(&[][..], Vec::as_slice);
        let order: Vec<&Job> = tasks.iter().filter_map(|task| jobs.get(task).copied()).collect();
        let mut walk = Walk::new(problem, worker);
        for job in &order {
            if !walk.go(job) {
                skipped.insert(job.id, worker.id);
            }
        }
        routes.push(walk.finish(&order));
    }
    let there: BTreeSet<TaskId> =
        routes.iter().flat_map(|route| route.stops.iter().map(|stop| stop.task)).collect();
    let left = problem.jobs.iter().filter(|job| !there.contains(&job.id));
    let unassigned = left.map(|job| {
        let holder = skipped.get(&job.id).copied();
        let reasons = if holder.is_some() { vec![Reason::NoWay] } else { reasons(problem, job) };
        Unassigned { task: job.id, holder, reasons }
    });
    let unassigned = unassigned.collect();
    Ok(DayPlan { figures: sums(&routes), routes, unassigned, is_cancelled: false })
}

fn check(
    problem: &DayProblem,
    assignment: &Assignment,
    jobs: &BTreeMap<TaskId, &Job>,
) -> Result<(), PlanError> {
    let mut seen = BTreeSet::new();
    for (worker, tasks) in assignment {
        if !problem.workers.iter().any(|it| it.id == *worker) {
            return Err(PlanError::UnknownWorker(*worker));
        }
        for task in tasks {
            if !jobs.contains_key(task) {
                return Err(PlanError::UnknownTask(*task));
            }
            if !seen.insert(*task) {
                return Err(PlanError::TaskTwice(*task));
            }
        }
    }
    Ok(())
}

fn sums(routes: &[RoutePlan]) -> Figures {
    let mut sums = Figures::default();
    for route in routes {
        sums.drive_secs += route.drive_secs;
        sums.metres += route.metres;
        sums.overtime_secs += route.overtime_secs;
        for stop in &route.stops {
            sums.waiting_secs += stop.waiting_secs;
            sums.late_secs += stop.late_secs.max(stop.broken_promise_secs);
            sums.broken_promises += u32::from(stop.broken_promise_secs > 0);
        }
    }
    sums
}

/// One worker on the way through the day.
struct Walk<'a> {
    problem: &'a DayProblem,
    worker: &'a Worker,
    at: PlaceNo,
    free: DateTime<Utc>,
    route: RoutePlan,
}

impl<'a> Walk<'a> {
    fn new(problem: &'a DayProblem, worker: &'a Worker) -> Self {
        let free = worker.starts.max(problem.start);
        let route = RoutePlan {
            worker: worker.id,
            stops: Vec::new(),
            breaks: Vec::new(),
            ends: free,
            drive_secs: 0,
            metres: 0,
            overtime_secs: 0,
            faults: Vec::new(),
        };
        Self { problem, worker, at: worker.starts_at, free, route }
    }

    /// Goes to the job and does it, if there is a way.
    fn go(&mut self, job: &Job) -> bool {
        let Some(leg) = self.problem.leg(self.worker, self.at, job.place) else { return false };
        let drive = TimeDelta::seconds(leg.secs.into());
        let service = TimeDelta::seconds(job.service_secs.into());
        let (mut ready, mut rested_here) = (self.free + drive, 0);
        while let Some(next) = self.worker.breaks.get(self.route.breaks.len()) {
            let length = TimeDelta::seconds(next.secs.into());
            let begins = begin(job, ready).0;
            let is_free_of_charge = ready <= next.to && ready.max(next.from) + length <= begins;
            let is_last_chance = begins + service > next.to;
            if !is_free_of_charge && !is_last_chance {
                break;
            }
            if ready > next.to && rested_here == 0 {
                self.rest(self.free, length);
                self.free = self.route.breaks.last().map_or(self.free, |it| it.ends);
                ready = self.free + drive;
            } else {
                self.rest(ready, length);
                let ends = self.route.breaks.last().map_or(ready, |it| it.ends);
                rested_here += next.secs;
                ready = ends;
            }
        }
        self.arrive(job, leg, ready, rested_here);
        true
    }

    fn arrive(&mut self, job: &Job, leg: Leg, ready: DateTime<Utc>, rested_here: u32) {
        let arrives = self.free + TimeDelta::seconds(leg.secs.into());
        let (starts, late_secs) = begin(job, ready);
        let leaves = starts + TimeDelta::seconds(job.service_secs.into());
        if job.in_time_only && late_secs > 0 {
            self.route.faults.push(Fault::TooLate(job.id, late_secs));
        }
        self.route.stops.push(StopPlan {
            task: job.id,
            arrives,
            starts,
            leaves,
            drive_secs: leg.secs.into(),
            metres: leg.metres.into(),
            waiting_secs: secs_after(starts, arrives).saturating_sub(rested_here.into()),
            late_secs,
            broken_promise_secs: job.promised.map_or(0, |promised| secs_after(arrives, promised)),
        });
        self.drive(leg);
        (self.at, self.free) = (job.place, leaves);
    }

    /// The next break, not before this time.
    fn rest(&mut self, ready: DateTime<Utc>, length: TimeDelta) {
        let next = self.worker.breaks[self.route.breaks.len()];
        let starts = ready.max(next.from);
        if starts > next.to {
            self.route.faults.push(Fault::LateBreak(secs_after(starts, next.to)));
        }
        self.route.breaks.push(BreakPlan { starts, ends: starts + length });
    }

    fn drive(&mut self, leg: Leg) {
        self.route.drive_secs += u64::from(leg.secs);
        self.route.metres += u64::from(leg.metres);
    }

    fn finish(mut self, order: &[&Job]) -> RoutePlan {
        self.go_home();
        self.route.ends = self.free;
        self.route.overtime_secs = secs_after(self.free, self.worker.ends);
        if self.route.overtime_secs > 0 {
            self.route.faults.push(Fault::Overtime(self.route.overtime_secs));
        }
        self.find_faults(order);
        self.route
    }

    fn go_home(&mut self) {
        let way = self.worker.ends_at.map(|end| self.problem.leg(self.worker, self.at, end));
        if way == Some(None) {
            self.route.faults.push(Fault::NoWayBack);
        }
        let leg = way.flatten().unwrap_or(Leg { secs: 0, metres: 0 });
        let drive = TimeDelta::seconds(leg.secs.into());
        while let Some(next) = self.worker.breaks.get(self.route.breaks.len()) {
            if self.free + drive <= next.to {
                break;
            }
            self.rest(self.free, TimeDelta::seconds(next.secs.into()));
            self.free = self.route.breaks.last().map_or(self.free, |it| it.ends);
        }
        self.drive(leg);
        self.free += drive;
    }

    /// What does not depend on times.
    fn find_faults(&mut self, order: &[&Job]) {
        let worker = self.worker;
        for job in order {
            let is_fixed = worker.fixed.contains(&job.id);
            let is_others = job.assigned_to.is_some_and(|owner| owner != worker.id);
            if job.locked && is_others {
                self.route.faults.push(Fault::Locked(job.id));
            }
            if is_fixed || (job.locked && !is_others) {
                continue;
            }
            if !job.is_within_skills(worker) {
                self.route.faults.push(Fault::Skill(job.id));
            }
            if job.not_by.contains(&worker.id) {
                self.route.faults.push(Fault::Declined(job.id));
            }
        }
        let beginning: Vec<TaskId> = order.iter().take(worker.fixed.len()).map(|job| job.id).collect();
        if beginning != worker.fixed {
            self.route.faults.push(Fault::Fixed);
        }
        let is_overloaded = (0..worker.capacity.len()).any(|dimension| {
            let load: u64 = order.iter().map(|job| u64::from(job.demand[dimension])).sum();
            load > worker.capacity[dimension].into()
        });
        if is_overloaded {
            self.route.faults.push(Fault::Load);
        }
    }
}

/// When work begins for somebody who is ready, and how many seconds late that is.
pub(crate) fn begin(job: &Job, ready: DateTime<Utc>) -> (DateTime<Utc>, u64) {
    match job.windows.iter().find(|window| ready <= window.to) {
        Some(window) => (ready.max(window.from), 0),
        None => (ready, job.windows.last().map_or(0, |last| secs_after(ready, last.to))),
    }
}

/// Seconds from `from` to `time`; 0 if it is before.
fn secs_after(time: DateTime<Utc>, from: DateTime<Utc>) -> u64 {
    (time - from).num_seconds().max(0).unsigned_abs()
}
