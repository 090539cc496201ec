//! A usual day: how much a few seconds save, and how soon a cancelled search ends.

use std::ops::ControlFlow;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::task::Priority;
use domain::{ResourceId, TaskId};
use plan::{Break, Budget, DayProblem, Job, Leg, Matrix, Options, PlaceNo, Weights, Window, Worker};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::busy;

const WORKERS: u32 = 20;
const TASKS: u32 = 100;
const BUDGET_SECS: f64 = 2.0;

/// Plans the day; the longest time between two looks at the watcher is how late a cancel may be noticed.
pub fn measure() -> Result<Value> {
    let problem = problem()?;
    let start = busy();
    let (mut last, mut longest, mut first, mut rounds) = (start, 0.0_f64, None, 0);
    let spent = || (busy() - start).as_secs_f64() / BUDGET_SECS;
    let options =
        Options { seed: 1, budget: Budget::Share(&spent), weights: Weights::default(), present: None };
    let plan = plan::plan(&problem, &options, &mut |progress| {
        let now = busy();
        longest = longest.max((now - last).as_secs_f64() * 1e3);
        (last, rounds) = (now, progress.rounds);
        first.get_or_insert(progress.drive_secs);
        ControlFlow::Continue(())
    })?;
    Ok(json!({
        "secs": BUDGET_SECS, "rounds": rounds, "longest_silence_ms": longest, "unassigned": plan.unassigned.len(),
        "first_drive_min": first.unwrap_or(0) / 60, "drive_min": plan.figures.drive_secs / 60,
        "late_min": plan.figures.late_secs / 60,
    }))
}

fn problem() -> Result<DayProblem> {
    let places: Vec<(i64, i64)> = (0..i64::from(WORKERS + TASKS)).map(place).collect();
    let leg = |from: &(i64, i64), to: &(i64, i64)| {
        let metres = from.0.abs_diff(to.0) + from.1.abs_diff(to.1);
        Some(Leg { secs: (metres / 8) as u32, metres: metres as u32 })
    };
    let legs = places.iter().flat_map(|from| places.iter().map(move |to| leg(from, to)));
    Ok(DayProblem {
        workers: (0..WORKERS).map(worker).collect(),
        jobs: (0..TASKS).map(job).collect(),
        matrices: vec![Matrix::new(places.len(), legs.collect())?],
        start: minutes(0),
    })
}

fn worker(number: u32) -> Worker {
    Worker {
        id: ResourceId(Uuid::from_u128(number.into())),
        travels: 0,
        starts_at: PlaceNo(number),
        starts: minutes(0),
        ends_at: Some(PlaceNo(number)),
        ends: minutes(480),
        breaks: vec![Break { from: minutes(210), to: minutes(300), secs: 1800 }],
        skills: Vec::new(),
        capacity: Vec::new(),
        fixed: Vec::new(),
    }
}

fn job(number: u32) -> Job {
    let opens = i64::from(number * 7 % 12) * 30;
    Job {
        id: TaskId(Uuid::from_u128(number.into())),
        place: PlaceNo(WORKERS + number),
        service_secs: 1200 + number * 37 % 40 * 60,
        windows: vec![Window { from: minutes(opens), to: minutes(opens + 120) }],
        in_time_only: number.is_multiple_of(3),
        skills: Vec::new(),
        demand: Vec::new(),
        priority: Priority::Normal,
        assigned_to: None,
        locked: false,
        not_by: Vec::new(),
        promised: None,
    }
}

/// Spread over 20 km by 20 km, the same every time.
fn place(number: i64) -> (i64, i64) {
    (number * 7919 % 20_000, number * number * 104_729 % 20_000)
}

fn minutes(after_start: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(after_start)
}
