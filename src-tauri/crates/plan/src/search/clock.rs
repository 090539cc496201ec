//! One step of a worker's day: drive, wait, rest, work.

use super::model::{JobModel, Model, WorkerModel};

/// Where a worker stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Free from then on.
    pub free: i64,
    /// The break to be taken next.
    pub next_break: usize,
}

/// What is wrong with one or several steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trouble {
    /// What lateness costs.
    pub cost: i64,
    /// Seconds beyond what must not be: shift, breaks, windows of jobs that can't be late.
    pub excess: i64,
}

impl Trouble {
    /// A second of what must not be, in seconds of driving; only what was like that before is.
    const EXCESS: i64 = 1 << 24;

    /// As costs.
    pub fn total(self) -> i64 {
        self.cost + self.excess * Self::EXCESS
    }
}

impl std::ops::Add for Trouble {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { cost: self.cost + other.cost, excess: self.excess + other.excess }
    }
}

impl JobModel {
    /// The last window: from, to.
    pub fn last_window(&self) -> (i64, i64) {
        self.later_windows.last().copied().unwrap_or(self.window)
    }

    /// When work begins for somebody who is ready at this time, and how late that is.
    pub fn begin(&self, ready: i64) -> (i64, i64) {
        if ready <= self.window.1 {
            return (ready.max(self.window.0), 0);
        }
        let next = self.later_windows.iter().find(|(_, to)| ready <= *to);
        next.map_or_else(|| (ready, ready - self.last_window().1), |(from, _)| (ready.max(*from), 0))
    }

    /// The latest time to be ready so that work begins at `begin` at the latest and in time; `None`: never.
    pub fn latest_ready(&self, begin: i64) -> Option<i64> {
        let later = self.later_windows.iter().rev();
        later.chain([&self.window]).find(|(from, _)| *from <= begin).map(|(_, to)| begin.min(*to))
    }

    /// Later than this it is not worth coming.
    pub fn latest(&self) -> i64 {
        if self.in_time_only && !self.is_locked { self.last_window().1 } else { i64::MAX }
    }

    fn trouble(&self, arrives: i64, late: i64, model: &Model) -> Trouble {
        let broken = (arrives - self.promised).max(0);
        if late == 0 && broken == 0 {
            return Trouble::default();
        }
        let weights = &model.weights;
        let promise = if broken > 0 { i64::from(weights.broken_promise_secs) } else { 0 };
        let cost = late.max(broken) * i64::from(weights.late) + promise;
        Trouble { cost, excess: if self.in_time_only { late } else { 0 } }
    }
}

/// Drives to a job and does it.
pub fn work(
    model: &Model,
    worker: &WorkerModel,
    job: &JobModel,
    from: Moment,
    drive: i64,
) -> (Moment, Trouble) {
    if from.next_break == worker.breaks.len() {
        let arrives = from.free + drive;
        let (begin, late) = job.begin(arrives);
        let after = Moment { free: begin + job.service, next_break: from.next_break };
        return (after, job.trouble(arrives, late, model));
    }
    rest_and_work(model, worker, job, from, drive)
}

/// Breaks are put off as long as nobody loses by it: they are taken while waiting, or when after the job it would be too late; then
/// at the stop if one can be there in time, else before the drive.
fn rest_and_work(
    model: &Model,
    worker: &WorkerModel,
    job: &JobModel,
    from: Moment,
    drive: i64,
) -> (Moment, Trouble) {
    let mut arrives = from.free + drive;
    let (mut ready, mut next_break, mut missed) = (arrives, from.next_break, 0);
    while let Some(&(earliest, latest, secs)) = worker.breaks.get(next_break) {
        let begin = job.begin(ready).0;
        let here = ready.max(earliest);
        let costs_nothing = ready <= latest && here + secs <= begin;
        if !costs_nothing && begin + job.service <= latest {
            break;
        }
        if ready > latest && ready == arrives {
            let rests = (arrives - drive).max(earliest);
            missed += (rests - latest).max(0);
            arrives = rests + secs + drive;
            ready = arrives;
        } else {
            missed += (here - latest).max(0);
            ready = here + secs;
        }
        next_break += 1;
    }
    let (begin, late) = job.begin(ready);
    let trouble = job.trouble(arrives, late, model) + Trouble { cost: 0, excess: missed };
    (Moment { free: begin + job.service, next_break }, trouble)
}

/// Drives to the end of the day.
pub fn go_home(worker: &WorkerModel, from: Moment, drive: i64) -> Trouble {
    let (mut free, mut missed) = (from.free, 0);
    for &(earliest, latest, secs) in &worker.breaks[from.next_break..] {
        if free + drive <= latest {
            break;
        }
        let rests = free.max(earliest);
        missed += (rests - latest).max(0);
        free = rests + secs;
    }
    Trouble { cost: 0, excess: missed + (free + drive - worker.end).max(0) }
}
