//! `cargo xtask bench plan [-- --instances DIR]`: how far everybody drives on Solomon's instances, against pyvroom and PyVRP.
//!
//! The objective is the distance, for all three; vehicles are unlimited up to the instance's number, and all customers are served.
//! All get the same whole numbers, hundredths of the instance's units, as distance and as time. Everybody has one thread, and
//! processor time counts: on an idle machine that is the time that passes. pyvroom has its fastest exploration level (1) and as long
//! as it wants; ours has 1 s, and again 5 s, as PyVRP has. Rounds differ by their seed, ours and theirs in turn. A checker that knows
//! no solver looks at every route.
//!
//! Without arguments the instances are those of `vrp/solomon` in the folder of `OFFICETRACK_DATA`, by default `../shared/data` beside
//! the workspace. A `BKS.json` beside that folder gives the best known distances.

#[path = "bench_plan/day.rs"]
mod day;
#[path = "bench_plan/instance.rs"]
mod instance;
#[path = "bench_plan/peers.rs"]
mod peers;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use serde_json::json;

use instance::Instance;
use peers::Peers;

/// Our budgets; PyVRP has the second one.
const SHORT_SECS: f64 = 1.0;
const LONG_SECS: f64 = 5.0;

/// Distances, ours against pyvroom and PyVRP.
#[derive(Parser)]
struct Options {
    /// Folder of instances in Solomon's format
    #[arg(long)]
    instances: Option<PathBuf>,
    /// Rounds with different seeds, ours and theirs in turn
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// Ours only, so many seconds each, for a profiler
    #[arg(long, value_name = "SECS")]
    alone: Option<f64>,
}

/// Distances of one instance by round, in the instance's units.
#[derive(Default)]
struct Distances {
    ours_1s: Vec<f64>,
    ours_5s: Vec<f64>,
    pyvroom: Vec<f64>,
    pyvrp: Vec<f64>,
    pyvroom_secs: Vec<f64>,
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.alone.is_some() || options.rounds >= 5, "a mean of fewer than 5 rounds says little");
    let folder = options.instances.unwrap_or_else(default_folder);
    let instances =
        instance::read_all(&folder).with_context(|| format!("instances of {}", folder.display()))?;
    if let Some(secs) = options.alone {
        return alone(&instances, secs);
    }
    let mut peers = Peers::start()?;
    println!("peers: {}", peers.versions);
    let mut all = Vec::new();
    for instance in &instances {
        all.push(compare(instance, &mut peers, options.rounds)?);
    }
    let mean =
        |values: fn(&Distances) -> &[f64]| mean(&all.iter().flat_map(values).copied().collect::<Vec<_>>());
    let ratio_1s = mean(|it| &it.ours_1s) / mean(|it| &it.pyvroom);
    let ratio_5s = mean(|it| &it.ours_5s) / mean(|it| &it.pyvrp);
    let day = day::measure()?;
    println!("20 workers, 100 tasks with lunch and appointments: {day}");
    let line = format!("bench plan: ratio_1s={ratio_1s:.3} ratio_5s={ratio_5s:.3}");
    if let Some(file) = std::env::var_os("OFFICETRACK_RESULT") {
        let figures: Vec<_> =
            instances.iter().zip(&all).map(|(it, distances)| as_json(it, distances)).collect();
        let result = json!({
            "bench": "plan", "line": line, "peers": peers.versions, "objective": "distance", "day": day,
            "ratio_1s": ratio_1s, "ratio_5s": ratio_5s, "threads": 1, "instances": figures,
        });
        std::fs::write(file, serde_json::to_vec_pretty(&result)?)?;
    }
    println!("{line}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn alone(instances: &[Instance], secs: f64) -> Result<()> {
    let mut total = 0.0;
    for instance in instances {
        let distance = ours(instance, 1, secs)?;
        println!("{} {distance:.2}", instance.name);
        total += distance;
    }
    println!("20 workers, 100 tasks with lunch and appointments: {}", day::measure()?);
    println!("bench plan: {total:.2} in all");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn compare(instance: &Instance, peers: &mut Peers, rounds: u64) -> Result<Distances> {
    let mut all = Distances::default();
    peers.load(instance)?;
    for seed in 1..=rounds {
        all.ours_1s.push(ours(instance, seed, SHORT_SECS)?);
        let vroom = peers.solve("pyvroom", seed, SHORT_SECS)?;
        all.pyvroom.push(instance.check(&vroom.routes).context("pyvroom")?);
        all.pyvroom_secs.push(vroom.secs);
        all.ours_5s.push(ours(instance, seed, LONG_SECS)?);
        let pyvrp = peers.solve("pyvrp", seed, LONG_SECS)?;
        all.pyvrp.push(instance.check(&pyvrp.routes).context("PyVRP")?);
    }
    println!(
        "{:6} ours {:.2} in 1 s, {:.2} in 5 s; pyvroom {:.2} in {:.2} s; PyVRP {:.2}; best known {:?}",
        instance.name,
        mean(&all.ours_1s),
        mean(&all.ours_5s),
        mean(&all.pyvroom),
        mean(&all.pyvroom_secs),
        mean(&all.pyvrp),
        instance.best_known
    );
    Ok(all)
}

/// Our distance after some processor time.
fn ours(instance: &Instance, seed: u64, secs: f64) -> Result<f64> {
    let problem = instance.problem()?;
    let start = busy();
    let spent = || (busy() - start).as_secs_f64() / secs;
    let options = plan::Options {
        seed,
        budget: plan::Budget::Share(&spent),
        weights: plan::Weights::default(),
        present: None,
    };
    let found = plan::plan(&problem, &options, &mut |_| std::ops::ControlFlow::Continue(()))?;
    let number = |task: domain::TaskId| task.0.as_u128() as usize;
    let routes = found.routes.iter().map(|route| route.stops.iter().map(|stop| number(stop.task)).collect());
    instance.check(&routes.collect::<Vec<Vec<usize>>>()).with_context(|| format!("our {}", instance.name))
}

/// Processor time of this thread.
pub fn busy() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

fn default_folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    std::env::var_os("OFFICETRACK_DATA").map_or_else(beside, PathBuf::from).join("vrp/solomon")
}

fn as_json(instance: &Instance, all: &Distances) -> serde_json::Value {
    json!({
        "name": instance.name, "best_known": instance.best_known, "ours_1s": all.ours_1s, "ours_5s": all.ours_5s,
        "pyvroom": all.pyvroom, "pyvroom_secs": all.pyvroom_secs, "pyvrp": all.pyvrp,
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
