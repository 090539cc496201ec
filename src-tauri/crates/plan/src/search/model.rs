//! The problem as numbers: seconds from the start, workers and jobs by index.

use std::collections::BTreeMap;

use domain::TaskId;
use domain::task::Priority;

use crate::matrix::{Matrix, PlaceNo};
use crate::problem::{Assignment, DayProblem, Job, Worker};
use crate::weights::Weights;

/// The length of a drive that does not exist; two of them still fit into an `i32`.
pub const NO_WAY: i32 = 1 << 29;
/// What an unassigned task of the lowest priority costs; the next priority costs twice as much. More than any lateness.
const LEFT_OUT: i64 = 1 << 40;
/// How many neighbours of a job are looked at.
const NEIGHBOURS: usize = 200;

/// All that the search reads.
pub struct Model {
    pub jobs: Vec<JobModel>,
    pub workers: Vec<WorkerModel>,
    /// Places and one more, the end of the day of whoever goes nowhere.
    places: usize,
    /// Drives by way of travelling.
    nets: Vec<Net>,
    /// There is a way from everywhere to everywhere.
    pub is_connected: bool,
    /// Other jobs that may move, the nearest first.
    pub near: Vec<Vec<u32>>,
    pub weights: Weights,
}

/// Drives between all places, row by row.
struct Net {
    to: Vec<i32>,
    /// The same by column.
    from: Vec<i32>,
}

/// A job.
pub struct JobModel {
    pub place: usize,
    pub service: i64,
    /// The first window: from, to.
    pub window: (i64, i64),
    /// Those after it, in order.
    pub later_windows: Vec<(i64, i64)>,
    pub in_time_only: bool,
    pub promised: i64,
    pub demand: Vec<i64>,
    pub left_out: i64,
    /// By worker: what it costs that this worker has it, if it may.
    pub change: Vec<Option<i64>>,
    pub is_locked: bool,
    /// It is where it is, whether there is a way or not.
    pub is_fixed: bool,
}

/// A worker.
pub struct WorkerModel {
    /// By which net they travel.
    pub net: usize,
    pub start: i64,
    pub start_place: usize,
    pub end: i64,
    pub end_place: usize,
    /// From, to, length.
    pub breaks: Vec<(i64, i64, i64)>,
    pub capacity: Vec<i64>,
    pub fixed: Vec<u32>,
    /// Workers of the same kind are interchangeable as long as they have nothing to do.
    pub kind: usize,
}

impl Model {
    /// Of a problem that was checked.
    pub fn new(problem: &DayProblem, weights: Weights) -> Self {
        let places = problem.places() + 1;
        let nets: Vec<Net> = problem.matrices.iter().map(|matrix| net(matrix, places)).collect();
        let index: BTreeMap<TaskId, u32> = problem.jobs.iter().map(|job| job.id).zip(0..).collect();
        let workers: Vec<WorkerModel> =
            problem.workers.iter().map(|worker| worker_model(problem, worker, &index)).collect();
        let jobs = problem.jobs.iter().map(|job| job_model(problem, job, weights)).collect();
        let is_connected = nets.iter().flat_map(|net| &net.to).all(|leg| *leg < NO_WAY);
        let mut model = Self { jobs, workers, places, nets, is_connected, near: Vec::new(), weights };
        model.classify();
        model.near = (0..model.jobs.len()).map(|job| model.neighbours(job)).collect();
        model
    }

    /// Drives of a net from a place to all others, by place.
    pub fn to(&self, net: usize, from: usize) -> &[i32] {
        &self.nets[net].to[from * self.places..][..self.places]
    }

    /// Drives of a net to a place from all others, by place.
    pub fn from(&self, net: usize, to: usize) -> &[i32] {
        &self.nets[net].from[to * self.places..][..self.places]
    }

    /// One drive of a worker, seconds, or [`NO_WAY`].
    pub fn leg(&self, worker: usize, from: usize, to: usize) -> i32 {
        self.nets[self.workers[worker].net].to[from * self.places + to]
    }

    /// The orders of an assignment as indexes, by worker.
    pub fn routes_of(&self, problem: &DayProblem, assignment: &Assignment) -> Vec<Vec<u32>> {
        let index: BTreeMap<TaskId, u32> = problem.jobs.iter().map(|job| job.id).zip(0..).collect();
        let indexes =
            |tasks: &Vec<TaskId>| tasks.iter().filter_map(|task| index.get(task).copied()).collect();
        problem
            .workers
            .iter()
            .map(|worker| assignment.get(&worker.id).map(indexes).unwrap_or_default())
            .collect()
    }

    fn neighbours(&self, job: usize) -> Vec<u32> {
        let place = self.jobs[job].place;
        // For whom it is nearest: a street that only cyclists take joins two jobs, too.
        let mut away = vec![NO_WAY; self.places];
        for net in 0..self.nets.len() {
            let drives = self.to(net, place).iter().zip(self.from(net, place));
            away.iter_mut().zip(drives).for_each(|(away, (to, from))| *away = (*away).min(*to).min(*from));
        }
        let away = |other: &u32| (away[self.jobs[*other as usize].place], *other);
        let mut near: Vec<u32> = (0..self.jobs.len() as u32).filter(|other| *other as usize != job).collect();
        near.sort_unstable_by_key(away);
        near.truncate(NEIGHBOURS);
        near
    }

    /// Gives workers without differences the same kind.
    fn classify(&mut self) {
        for this in 0..self.workers.len() {
            let same = (0..this).find(|other| self.are_alike(*other, this));
            self.workers[this].kind = same.map_or(this, |other| self.workers[other].kind);
        }
    }

    fn are_alike(&self, one: usize, other: usize) -> bool {
        let (a, b) = (&self.workers[one], &self.workers[other]);
        (a.net, a.start, a.start_place, a.end, a.end_place)
            == (b.net, b.start, b.start_place, b.end, b.end_place)
            && (&a.breaks, &a.capacity, &a.fixed) == (&b.breaks, &b.capacity, &b.fixed)
            && self.jobs.iter().all(|job| job.change[one] == job.change[other])
    }
}

/// Row by row, with a last row and column of zeros.
fn net(matrix: &Matrix, places: usize) -> Net {
    let known = places - 1;
    let mut to = vec![0; places * places];
    for (row, column) in (0..known).flat_map(|row| (0..known).map(move |column| (row, column))) {
        let leg = matrix.leg(place_no(row), place_no(column));
        to[row * places + column] = leg.map_or(NO_WAY, |leg| leg.secs as i32);
    }
    let from = (0..places * places).map(|cell| to[cell % places * places + cell / places]).collect();
    Net { to, from }
}

fn place_no(place: usize) -> PlaceNo {
    PlaceNo(place as u32)
}

fn worker_model(problem: &DayProblem, worker: &Worker, index: &BTreeMap<TaskId, u32>) -> WorkerModel {
    let secs = |time| problem.secs(time);
    WorkerModel {
        net: worker.travels,
        start: secs(worker.starts).max(0),
        start_place: worker.starts_at.0 as usize,
        end: secs(worker.ends),
        end_place: worker.ends_at.map_or(problem.places(), |place| place.0 as usize),
        breaks: worker.breaks.iter().map(|it| (secs(it.from), secs(it.to), i64::from(it.secs))).collect(),
        capacity: worker.capacity.iter().map(|&amount| i64::from(amount)).collect(),
        fixed: worker.fixed.iter().filter_map(|task| index.get(task).copied()).collect(),
        kind: 0,
    }
}

fn job_model(problem: &DayProblem, job: &Job, weights: Weights) -> JobModel {
    let always = (i64::MIN / 4, i64::MAX / 4);
    let mut windows = job.windows.iter().map(|window| (problem.secs(window.from), problem.secs(window.to)));
    JobModel {
        place: job.place.0 as usize,
        service: job.service_secs.into(),
        window: windows.next().unwrap_or(always),
        later_windows: windows.collect(),
        in_time_only: job.in_time_only,
        promised: job.promised.map_or(always.1, |time| problem.secs(time)),
        demand: job.demand.iter().map(|&amount| i64::from(amount)).collect(),
        left_out: LEFT_OUT << rank(job.priority),
        change: problem.workers.iter().map(|worker| change(job, worker, weights)).collect(),
        is_locked: job.locked,
        is_fixed: problem.workers.iter().any(|worker| worker.fixed.contains(&job.id)),
    }
}

/// What it costs that this worker has the job; `None` if it must not.
fn change(job: &Job, worker: &Worker, weights: Weights) -> Option<i64> {
    let is_able = job.may_go_to(worker);
    match job.assigned_to {
        Some(owner) if owner == worker.id => (is_able || job.locked).then_some(0),
        Some(_) if job.locked => None,
        Some(_) => is_able.then_some(weights.change_secs.into()),
        None => is_able.then_some(0),
    }
}

/// Tasks without a priority are normal ones.
fn rank(priority: Priority) -> u32 {
    match priority {
        Priority::Lowest => 0,
        Priority::Low => 1,
        Priority::NotSet | Priority::Normal => 2,
        Priority::High => 3,
        Priority::Highest => 4,
        Priority::Urgent => 5,
    }
}
