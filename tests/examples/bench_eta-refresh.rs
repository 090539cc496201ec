//! How long it takes until the arrivals of a whole fleet are new on the screen, and how long the desk's loop keeps anybody waiting
//! meanwhile: a real server with 5,000 people who have three tasks each, a real desk with its encrypted files and the roads of Monaco.
//!
//! A round moves the clock on by some minutes and everybody by some streets, so that every way is asked, every arrival is another one and
//! all of them are told. It ends when the last of the tasks has been told with its new arrival. Beside it a front end asks for the
//! preferences every few milliseconds, which the loop answers out of its memory: the longest of those answers is the worst event latency. It
//! holds what the machine itself adds; the same is measured for as long while nothing is refreshed, and told as `idle_worst_event_ms`.
//! The desk has threads of its own, as it has a process of its own at work: it does not wait for the server's.
//!
//! It is nine in the morning in Monaco. `--at 22:50` is the hardest hour: everybody's work goes beyond the end of their shift at midnight,
//! so that some round raises thousands of alerts on top.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

#[path = "bench_eta-refresh/fleet.rs"]
mod fleet;
#[path = "bench_eta-refresh/screen.rs"]
mod screen;

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Europe::Monaco;
use clap::Parser;
use serde_json::json;
use tests::campaigns::workplace::Workplace;
use tests::figures::{percentile, write_result};
use tokio::runtime::Handle;

use fleet::Fleet;
use screen::Screen;

const COMPANY: &str = "Riviera";
/// More than any drive across the town differs from another, so that every arrival is told anew.
const STEP: TimeDelta = TimeDelta::minutes(15);
/// Nothing happens for so long while the idle latency is measured.
const IDLE: Duration = Duration::from_secs(5);

/// `cargo xtask bench eta-refresh`.
#[derive(Parser)]
struct Arguments {
    /// People in the field.
    #[arg(long, default_value_t = 5_000)]
    resources: u32,
    /// Tasks of each.
    #[arg(long, default_value_t = 3)]
    tasks: u32,
    /// The time of day when it begins.
    #[arg(long, default_value = "09:00", value_parser = |text: &str| NaiveTime::parse_from_str(text, "%H:%M"))]
    at: NaiveTime,
    /// Refreshes.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

/// What one refresh took.
struct Round {
    wall_s: f64,
    told_s: f64,
    /// Round trips of the probe, milliseconds.
    probes_ms: Vec<f64>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let (office, desk) = (runtime()?, runtime()?);
    office.block_on(measure(&arguments, desk.handle()))
}

async fn measure(arguments: &Arguments, threads: &Handle) -> Result<()> {
    let mut workplace = Workplace::open(COMPANY).await?;
    let until = arguments.at - workplace.machine.wall().with_timezone(&Monaco).time();
    workplace.machine.set(if until < TimeDelta::zero() { until + TimeDelta::days(1) } else { until });
    let fleet = Fleet::hire(&workplace, arguments.resources, arguments.tasks)?;
    fleet.report(&workplace, 0)?;
    let mut screen = Screen::sign_in(&workplace, COMPANY, threads).await?;
    let stops = (arguments.resources * arguments.tasks) as usize;
    screen.until_all_expected(stops).await.context("the first arrivals")?;
    let by_road = screen.by_road();
    let idle = screen.probe_for(IDLE).await?;
    let mut rounds = Vec::new();
    for round in 1..=arguments.rounds {
        workplace.machine.set(STEP);
        let done = screen.refresh(&fleet, &workplace, round).await?;
        println!(
            "round {round}: {:.2} s to report, {:.2} s until all was told, worst event {:.1} ms",
            done.told_s,
            done.wall_s,
            worst(&done.probes_ms)
        );
        rounds.push(done);
    }
    screen.close().await;
    workplace.stop_server().await;
    report(arguments, by_road, &idle, &rounds)
}

fn report(arguments: &Arguments, by_road: usize, idle: &[f64], rounds: &[Round]) -> Result<()> {
    let wall_s = rounds.iter().map(|round| round.wall_s).fold(0.0, f64::max);
    let probes: Vec<f64> = rounds.iter().flat_map(|round| round.probes_ms.iter().copied()).collect();
    let stops = arguments.resources * arguments.tasks;
    let result = json!({
        "bench": "eta-refresh", "at": arguments.at, "resources": arguments.resources, "stops": stops, "stops_by_road": by_road,
        "wall_s": wall_s, "worst_event_ms": worst(&probes), "p99_event_ms": percentile(&probes, 0.99)?,
        "idle_worst_event_ms": worst(idle), "probes": probes.len(),
        "each_wall_s": rounds.iter().map(|round| round.wall_s).collect::<Vec<f64>>(),
    });
    write_result(&result)?;
    println!("{result:#}");
    println!(
        "bench eta-refresh: wall_s={wall_s:.2} worst_event_ms={:.1} resources={} stops={stops}",
        worst(&probes),
        arguments.resources
    );
    Ok(())
}

fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}
