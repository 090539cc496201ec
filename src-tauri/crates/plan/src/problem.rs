//! The question: who is there, what is to be done, and how long the drives take.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::task::Priority;
use domain::{ResourceId, SkillId, TaskId};

use crate::error::PlanError;
use crate::matrix::{Leg, Matrix, PlaceNo};

/// Times further from the start of the plan are mistakes, seconds: four weeks.
const FARTHEST_SECS: i64 = 28 * 86_400;

/// Who has what, in which order. Who is not named has nothing.
pub type Assignment = BTreeMap<ResourceId, Vec<TaskId>>;

/// A day to plan, from some moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct DayProblem {
    /// Who can work.
    pub workers: Vec<Worker>,
    /// What is to be done, with what is already begun.
    pub jobs: Vec<Job>,
    /// The drives between all places named, one matrix for each way of travelling; all of the same places.
    pub matrices: Vec<Matrix>,
    /// Nothing is planned before.
    pub start: DateTime<Utc>,
}

/// Somebody who can work.
#[derive(Debug, Clone, PartialEq)]
pub struct Worker {
    /// Who.
    pub id: ResourceId,
    /// By which of the problem's matrices they travel, counted from 0.
    pub travels: usize,
    /// Where they are when they begin.
    pub starts_at: PlaceNo,
    /// When they can begin; never before the start of the problem.
    pub starts: DateTime<Utc>,
    /// Where they go after the last task; `None`: the day ends there.
    pub ends_at: Option<PlaceNo>,
    /// End of the shift: they are at `ends_at`, or have done the last task.
    pub ends: DateTime<Utc>,
    /// Breaks, in order.
    pub breaks: Vec<Break>,
    /// What they are able to do.
    pub skills: Vec<SkillId>,
    /// What they can carry, by dimension; as many dimensions as every demand has.
    pub capacity: Vec<u32>,
    /// Tasks that stay first and in this order: begun, or fixed by the dispatcher.
    pub fixed: Vec<TaskId>,
}

/// A break, taken between two tasks. Whose day ends before `to` needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// Begins not earlier.
    pub from: DateTime<Utc>,
    /// Begins not later.
    pub to: DateTime<Utc>,
    /// Takes so many seconds.
    pub secs: u32,
}

/// A task to plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Which.
    pub id: TaskId,
    /// Where.
    pub place: PlaceNo,
    /// Work in seconds; of a task that is begun, what remains.
    pub service_secs: u32,
    /// The work begins in one of these, in order; empty: at any time.
    pub windows: Vec<Window>,
    /// Rather not at all than late. Otherwise late is possible, and costs.
    pub in_time_only: bool,
    /// What a worker has to be able to do.
    pub skills: Vec<SkillId>,
    /// What has to be carried, by dimension.
    pub demand: Vec<u32>,
    /// What matters more when not everything can be done.
    pub priority: Priority,
    /// Who has it now.
    pub assigned_to: Option<ResourceId>,
    /// It stays with whom it is assigned to; the order may change.
    pub locked: bool,
    /// Who must not get it: they have declined it.
    pub not_by: Vec<ResourceId>,
    /// The customer was told that somebody comes by then.
    pub promised: Option<DateTime<Utc>>,
}

/// When work may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Not earlier: who comes before waits.
    pub from: DateTime<Utc>,
    /// Later is late.
    pub to: DateTime<Utc>,
}

impl Job {
    /// Whether somebody has the skills, and has not declined it.
    pub(crate) fn may_go_to(&self, worker: &Worker) -> bool {
        self.is_within_skills(worker) && !self.not_by.contains(&worker.id)
    }

    /// Whether somebody has the skills.
    pub(crate) fn is_within_skills(&self, worker: &Worker) -> bool {
        self.skills.iter().all(|skill| worker.skills.contains(skill))
    }
}

impl DayProblem {
    /// Finds contradictions.
    ///
    /// # Errors
    /// The first one found; see [`PlanError`].
    pub fn check(&self) -> Result<(), PlanError> {
        let first = self.workers.first().ok_or(PlanError::NoWorkers)?;
        if self.matrices.iter().any(|matrix| matrix.places() != self.places()) {
            return Err(PlanError::MatricesDiffer);
        }
        let dimensions = first.capacity.len();
        let mut workers = BTreeSet::new();
        for worker in &self.workers {
            if !workers.insert(worker.id) {
                return Err(PlanError::WorkerTwice(worker.id));
            }
            self.check_worker(worker, dimensions)?;
        }
        let mut jobs = BTreeMap::new();
        for job in &self.jobs {
            if jobs.insert(job.id, job).is_some() {
                return Err(PlanError::TaskTwice(job.id));
            }
            self.check_job(job, dimensions)?;
            match job.assigned_to {
                Some(worker) if !workers.contains(&worker) => return Err(PlanError::UnknownWorker(worker)),
                None if job.locked => return Err(PlanError::LockedToNobody(job.id)),
                Some(_) | None => {}
            }
        }
        self.check_fixed(&jobs)
    }

    /// The drive of a worker, if there is a way; from a place to itself it is nothing.
    pub fn leg(&self, worker: &Worker, from: PlaceNo, to: PlaceNo) -> Option<Leg> {
        self.matrices.get(worker.travels)?.leg(from, to)
    }

    /// Number of places.
    pub(crate) fn places(&self) -> usize {
        self.matrices.first().map_or(0, Matrix::places)
    }

    /// Seconds from the start of the problem.
    pub(crate) fn secs(&self, time: DateTime<Utc>) -> i64 {
        (time - self.start).num_seconds()
    }

    fn check_worker(&self, worker: &Worker, dimensions: usize) -> Result<(), PlanError> {
        if worker.travels >= self.matrices.len() {
            return Err(PlanError::NoSuchMatrix(worker.travels));
        }
        self.check_place(worker.starts_at)?;
        worker.ends_at.map_or(Ok(()), |place| self.check_place(place))?;
        if worker.capacity.len() != dimensions {
            return Err(PlanError::Dimensions);
        }
        let in_order = worker.breaks.iter().all(|it| it.from <= it.to && i64::from(it.secs) <= FARTHEST_SECS)
            && worker.breaks.windows(2).all(|pair| pair[0].to <= pair[1].from);
        let mut times =
            worker.breaks.iter().flat_map(|it| [it.from, it.to]).chain([worker.starts, worker.ends]);
        if worker.starts <= worker.ends && in_order && times.all(|time| self.is_near(time)) {
            Ok(())
        } else {
            Err(PlanError::BadHours(worker.id))
        }
    }

    fn check_job(&self, job: &Job, dimensions: usize) -> Result<(), PlanError> {
        self.check_place(job.place)?;
        if job.demand.len() != dimensions {
            return Err(PlanError::Dimensions);
        }
        let in_order = job.windows.iter().all(|window| window.from <= window.to)
            && job.windows.windows(2).all(|pair| pair[0].to < pair[1].from);
        let mut times = job.windows.iter().flat_map(|it| [it.from, it.to]).chain(job.promised);
        if in_order && i64::from(job.service_secs) <= FARTHEST_SECS && times.all(|time| self.is_near(time)) {
            Ok(())
        } else {
            Err(PlanError::BadTimes(job.id))
        }
    }

    fn check_fixed(&self, jobs: &BTreeMap<TaskId, &Job>) -> Result<(), PlanError> {
        let mut fixed = BTreeSet::new();
        for worker in &self.workers {
            for &task in &worker.fixed {
                let job = jobs.get(&task).ok_or(PlanError::UnknownTask(task))?;
                if !fixed.insert(task) {
                    return Err(PlanError::TaskTwice(task));
                }
                if job.assigned_to.is_some_and(|other| other != worker.id) {
                    return Err(PlanError::FixedElsewhere(task));
                }
            }
        }
        Ok(())
    }

    fn check_place(&self, place: PlaceNo) -> Result<(), PlanError> {
        let known = (place.0 as usize) < self.places();
        if known { Ok(()) } else { Err(PlanError::NoSuchPlace(place.0)) }
    }

    fn is_near(&self, time: DateTime<Utc>) -> bool {
        self.secs(time).abs() <= FARTHEST_SECS
    }
}
