//! What a list of suggestions costs: 5,000 people with three tasks each on Monaco's roads. Prints the median of some lists;
//! `cargo run --release -p eta --example suggest_cost`.

#![expect(clippy::print_stdout, reason = "the figures are the point")]
#![expect(clippy::disallowed_methods, reason = "measures how long it takes")]

use std::time::Instant;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use domain::position::PositionState;
use domain::travel::TravelMode;
use domain::{LonLat, ResourceId, TaskId};
use eta::suggest::{Candidate, Queued, Wanted, suggest};
use eta::{Activity, Fix, Profile, RoadGraph, Router, Stop};
use uuid::Uuid;

const EXTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../resources/regions/monaco/monaco.osm.pbf");
const PEOPLE: [u128; 3] = [60, 400, 5_000];
const TASKS: u128 = 3;
const LISTS: u128 = 15;

fn main() -> Result<()> {
    let graph = RoadGraph::import(&std::fs::read(EXTRACT)?, Profile::Car, &mut |_| {})?;
    let router = Router::new(graph);
    let now = DateTime::from_timestamp(1_790_000_000, 0).context("a time")?;
    for people in PEOPLE {
        let candidates: Vec<Candidate> = (0..people).map(|person| candidate(person, now)).collect();
        let mut millis: Vec<f64> = Vec::new();
        for number in 0..LISTS {
            let wanted = Wanted { stop: stop(number), promised_until: None, load: 0, needs_skills: false };
            let begun = Instant::now();
            let list = suggest(&wanted, &candidates, &router, now);
            millis.push(begun.elapsed().as_secs_f64() * 1_000.0);
            anyhow::ensure!(list.len() == candidates.len(), "somebody is missing");
        }
        millis.sort_by(f64::total_cmp);
        let (median, worst) = (millis[millis.len() / 2], millis[millis.len() - 1]);
        println!(
            "suggest: {people} people with {TASKS} tasks each: median {median:.0} ms, worst {worst:.0} ms"
        );
    }
    Ok(())
}

/// Somewhere in Monaco.
fn point(number: u128) -> LonLat {
    let turn = number as f64 * 2.399_963;
    let far = ((number % 97) as f64 / 97.0).sqrt();
    LonLat::from_e7(
        (74_220_000.0 + 80_000.0 * far * turn.cos()) as i32,
        (437_360_000.0 + 50_000.0 * far * turn.sin()) as i32,
    )
}

fn stop(number: u128) -> Stop {
    let task = TaskId(Uuid::from_u128(number));
    Stop { task, at: point(number * 7 + 3), planned_secs: 1_800, window_start: None, window_end: None }
}

fn candidate(number: u128, now: DateTime<Utc>) -> Candidate {
    let tasks = (0..TASKS).map(|task| stop(1_000 + number * TASKS + task));
    Candidate {
        resource: ResourceId(Uuid::from_u128(number)),
        position: PositionState::Live,
        mode: TravelMode::Car,
        fix: Fix::Seen { place: point(number).into(), time: now },
        activity: if number.is_multiple_of(3) { Activity::UnderWay } else { Activity::Free },
        queue: tasks.map(|stop| Queued { stop, promised_until: None }).collect(),
        breaks: Vec::new(),
        shift_end: None,
        missing_skills: Vec::new(),
        capacity: None,
        load: 0,
        open_tasks: 3,
        areas: Vec::new(),
        tasks_there: 0,
        has_declined: false,
    }
}
