//! A made-up town: streets in a grid, a crossing a minute.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use domain::task::Priority;
use domain::{ResourceId, SkillId, TaskId};
use plan::{
    Budget, DayPlan, DayProblem, Job, Leg, Matrix, Options, PlaceNo, PlanError, Weights, Window, Worker, plan,
};
use uuid::Uuid;

/// Enough for what has a known answer.
pub const ROUNDS: u64 = 600;

/// Minutes after 08:00.
pub fn at(minutes: i64) -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse::<DateTime<Utc>>().expect("instant") + TimeDelta::minutes(minutes)
}

pub fn window(from: i64, to: i64) -> Vec<Window> {
    vec![Window { from: at(from), to: at(to) }]
}

pub fn task(number: u32) -> TaskId {
    TaskId(Uuid::from_u128(1000 + u128::from(number)))
}

pub fn worker_id(number: u32) -> ResourceId {
    ResourceId(Uuid::from_u128(u128::from(number)))
}

pub fn skill(number: u32) -> SkillId {
    SkillId(Uuid::from_u128(9000 + u128::from(number)))
}

/// Drives between crossings (x, y), a minute and 600 m each street.
pub fn streets(places: &[(i32, i32)]) -> Matrix {
    let leg = |from: &(i32, i32), to: &(i32, i32)| {
        let streets = from.0.abs_diff(to.0) + from.1.abs_diff(to.1);
        Some(Leg { secs: streets * 60, metres: streets * 600 })
    };
    let legs = places.iter().flat_map(|from| places.iter().map(move |to| leg(from, to))).collect();
    Matrix::new(places.len(), legs).expect("as many legs as places squared")
}

/// From 08:00 to 16:00, beginning and ending at the first place.
pub fn worker(number: u32) -> Worker {
    Worker {
        id: worker_id(number),
        travels: 0,
        starts_at: PlaceNo(0),
        starts: at(0),
        ends_at: Some(PlaceNo(0)),
        ends: at(480),
        breaks: Vec::new(),
        skills: Vec::new(),
        capacity: vec![10],
        fixed: Vec::new(),
    }
}

/// Ten minutes at a place, at any time.
pub fn job(number: u32, place: u32) -> Job {
    Job {
        id: task(number),
        place: PlaceNo(place),
        service_secs: 600,
        windows: Vec::new(),
        in_time_only: false,
        skills: Vec::new(),
        demand: vec![1],
        priority: Priority::Normal,
        assigned_to: None,
        locked: false,
        not_by: Vec::new(),
        promised: None,
    }
}

pub fn day(places: &[(i32, i32)], workers: Vec<Worker>, jobs: Vec<Job>) -> DayProblem {
    DayProblem { workers, jobs, matrices: vec![streets(places)], start: at(0) }
}

pub fn options(seed: u64) -> Options<'static> {
    Options { seed, budget: Budget::Rounds(ROUNDS), weights: Weights::default(), present: None }
}

pub fn try_plan(problem: &DayProblem) -> Result<DayPlan, PlanError> {
    plan(problem, &options(1), &mut |_| ControlFlow::Continue(()))
}

pub fn planned(problem: &DayProblem) -> DayPlan {
    try_plan(problem).expect("a problem without contradictions")
}

/// The tasks of a worker, by the numbers given to [`task`].
pub fn order(plan: &DayPlan, worker: u32) -> Vec<u32> {
    let route = plan.routes.iter().find(|route| route.worker == worker_id(worker)).expect("a known worker");
    route.stops.iter().map(|stop| (stop.task.0.as_u128() - 1000) as u32).collect()
}
