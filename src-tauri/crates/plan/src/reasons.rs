//! Why nobody comes to a task, in a dispatcher's words.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::day_plan::Reason;
use crate::evaluate::begin;
use crate::problem::{DayProblem, Job, Worker};

/// What is in the way of a task nobody comes to, what is easiest to change first; one reason at least.
pub(crate) fn reasons(problem: &DayProblem, job: &Job) -> Vec<Reason> {
    let able = problem.workers.iter().filter(|worker| job.is_within_skills(worker));
    let found: BTreeSet<Reason> = able.map(|worker| obstacle(problem, worker, job)).collect();
    if !found.is_empty() {
        return found.into_iter().collect();
    }
    let is_nowhere = |skill: &&_| !problem.workers.iter().any(|worker| worker.skills.contains(skill));
    let missing = job.skills.iter().find(is_nowhere).or(job.skills.first());
    missing.map(|skill| Reason::NoSkill(*skill)).into_iter().collect()
}

/// What keeps somebody with the skills from doing the task and nothing else.
fn obstacle(problem: &DayProblem, worker: &Worker, job: &Job) -> Reason {
    if job.not_by.contains(&worker.id) {
        return Reason::Declined;
    }
    let there = problem.leg(worker, worker.starts_at, job.place);
    let back = match worker.ends_at {
        Some(end) => problem.leg(worker, job.place, end).map(|leg| leg.secs),
        None => Some(0),
    };
    let (Some(there), Some(back)) = (there, back) else { return Reason::NoWay };
    if job.demand.iter().zip(&worker.capacity).any(|(demand, capacity)| demand > capacity) {
        return Reason::TooMuchToCarry;
    }
    let ready = worker.starts.max(problem.start) + TimeDelta::seconds(there.secs.into());
    let (begins, late_secs) = begin(job, ready);
    let ends = begins + TimeDelta::seconds((u64::from(job.service_secs) + u64::from(back)).cast_signed());
    if job.in_time_only && late_secs > 0 {
        Reason::WindowOutOfReach
    } else if ends > worker.ends {
        Reason::ShiftTooShort
    } else {
        Reason::DayFull
    }
}
