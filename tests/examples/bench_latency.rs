//! How long it takes from a phone's report to the bubble on the desktop: the POST of the report that confirms a fence event, through the
//! real server, the real sync session, the real controller with its encrypted files and the shell's notifier, to the `Notify` call that a
//! notification service of our own gets on a private session bus. Beside it a fleet reports a thousand times a second.
//!
//! The confirmation rule (two fixes, thirty seconds) is not in the figures: the clock starts with the report that fulfils it. Each event has
//! a person and a fence of its own, and they come so far apart that the limit of notifications (five in ten seconds, of critical ones
//! another five) lets all of them through: what is held back on purpose says nothing about speed. So a minute has 54 samples, and its
//! 99th percentile is the slowest of them.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

#[path = "bench_latency/desktop.rs"]
mod desktop;
#[path = "bench_latency/fleet.rs"]
mod fleet;
#[path = "bench_latency/workplace.rs"]
mod workplace;

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser;
use serde_json::json;
use tests::desktop::Bus;
use tests::figures::{percentile, write_result};

use desktop::Desktop;
use fleet::Fleet;
use workplace::Workplace;

/// Two kinds of notifications have five in ten seconds each; this stays below.
const EVENT_EVERY: Duration = Duration::from_millis(1_100);

/// `cargo xtask bench latency`.
#[derive(Parser)]
struct Arguments {
    /// For so long, seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Reports of the fleet per second.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// Phones of the fleet.
    #[arg(long, default_value_t = 500)]
    phones: u32,
}

/// Says to the bench that its session bus is one of its own.
const ON_OUR_BUS: &str = "OFFICETRACK_BENCH_ON_OUR_BUS";

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if std::env::var_os(ON_OUR_BUS).is_none() {
        return on_our_bus();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(&arguments))
}

/// Starts this program again with a bus of its own: the notifier takes the bus from the environment.
fn on_our_bus() -> Result<()> {
    let bus = Bus::start()?;
    let mut bench = Command::new(std::env::current_exe()?);
    bench
        .args(std::env::args_os().skip(1))
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .env(ON_OUR_BUS, "1");
    let ended = bench.status()?;
    ensure!(ended.success(), "on a bus of its own the bench ended with {ended}");
    Ok(())
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let events = (Duration::from_secs(arguments.seconds).as_millis() / EVENT_EVERY.as_millis()) as usize;
    ensure!(events > 0, "too short for a single event");
    let workplace = Workplace::open(events).await?;
    let desktop = Desktop::start().await?;
    let desk = workplace.desk(&desktop).await?;
    let fleet = Fleet::hire(&workplace, arguments.phones).await?;
    let reporting = fleet.report(arguments.rate, Duration::from_secs(arguments.seconds));
    let walking = workplace.walk(EVENT_EVERY);
    let (reports, posted) = tokio::join!(reporting, walking);
    let (reports, posted) = (reports?, posted?);
    let seen = desktop.wait_for(posted.len()).await;
    desk.stop().await;
    workplace.close().await;

    let after = |at: &dyn Fn(&desktop::Seen) -> tokio::time::Instant| -> Vec<f64> {
        let pairs = posted.iter().filter_map(|walk| Some((walk.posted_at, at(seen.get(&walk.title)?))));
        pairs.map(|(from, to)| (to - from).as_secs_f64() * 1_000.0).collect()
    };
    let (to_bus, to_shell) = (after(&|seen| seen.on_bus), after(&|seen| seen.at_shell));
    ensure!(to_bus.len() == posted.len(), "{} of {} events were shown", to_bus.len(), posted.len());
    let result = json!({
        "bench": "latency", "seconds": arguments.seconds, "reports": reports, "events": posted.len(),
        "p50_ms": percentile(&to_bus, 0.50)?, "p99_ms": percentile(&to_bus, 0.99)?,
        "to_shell_p50_ms": percentile(&to_shell, 0.50)?, "to_shell_p99_ms": percentile(&to_shell, 0.99)?,
        "each_ms": to_bus,
    });
    write_result(&result)?;
    println!(
        "bench latency: p50_ms={:.0} p99_ms={:.0} reports={reports}",
        percentile(&to_bus, 0.50)?,
        percentile(&to_bus, 0.99)?
    );
    Ok(())
}
