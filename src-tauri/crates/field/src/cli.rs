//! The command line.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand};
use domain::LonLat;
use field::codes::PhoneCard;
use field::fleet::{FleetConfig, FleetReport};
use field::replay::{ReplayConfig, ReplayReport, trace};
use field::{Clock, Mishaps, Shifts, Tally};
use region::Region;
use tokio_util::sync::CancellationToken;

/// Bad rows that are named one by one.
const BAD_ROWS_NAMED: usize = 50;

/// Phones of the field against an OfficeTrack server: simulated fleets and recorded traces.
#[derive(Debug, Parser)]
#[command(name = "officetrack-field", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate people who drive real roads, do their tasks, answer bids, go private and lose the network.
    Simulate(Simulate),
    /// Replay recorded traces (CSV, also gzip): t,id,lon,lat[,speed_mps,heading_deg,accuracy_m], or one track latitude,longitude.
    Replay(Replay),
}

#[derive(Debug, Args)]
struct Connection {
    /// The server, such as http://127.0.0.1:8080
    #[arg(long)]
    server: String,
    /// CSV with the connection codes (columns resource,msisdn,code), as the server's import prints it
    #[arg(long)]
    codes: PathBuf,
    /// Bound on all requests together
    #[arg(long, default_value_t = 200.0)]
    max_requests_per_sec: f64,
    /// Time factor: driving, work and recordings are so many times faster; reports carry real times
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
}

#[derive(Debug, Args)]
struct Simulate {
    #[command(flatten)]
    connection: Connection,
    /// Folder of the region whose roads are driven
    #[arg(long)]
    region: PathBuf,
    /// How many people; all codes by default
    #[arg(long)]
    resources: Option<usize>,
    /// Same seed, same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ends with everybody signing out after so many seconds; until Ctrl-C by default
    #[arg(long, value_name = "SECS")]
    duration: Option<u64>,
    /// Work only in the cards' working hours, meant in this zone (such as Europe/Monaco)
    #[arg(long, value_name = "ZONE")]
    hours_in: Option<Tz>,
    /// CSV with places to look after (columns lon,lat), such as the company's POIs
    #[arg(long)]
    places: Option<PathBuf>,
    /// So many phones fall silent at once
    #[arg(long, value_name = "PHONES")]
    outage: Option<u64>,
    /// The outage begins after so many seconds
    #[arg(long, value_name = "SECS", default_value_t = 60, requires = "outage")]
    outage_after: u64,
    /// Nobody speeds, stops for too long or calls for help
    #[arg(long)]
    calm: bool,
}

#[derive(Debug, Args)]
struct Replay {
    /// The recording
    file: PathBuf,
    #[command(flatten)]
    connection: Connection,
    /// Only the first so many vehicles
    #[arg(long)]
    limit: Option<usize>,
}

/// The end of a run.
pub struct Done {
    /// For people.
    pub summary: String,
    /// 0: all well; 1: some rows or phones were not.
    pub exit_code: ExitCode,
}

/// Runs a command to its end.
pub async fn run(cli: Cli, clock: Clock, cancel: CancellationToken) -> anyhow::Result<Done> {
    match cli.command {
        Command::Simulate(simulate) => self::simulate(simulate, clock, cancel).await,
        Command::Replay(replay) => self::replay(replay, clock, cancel).await,
    }
}

async fn simulate(args: Simulate, clock: Clock, cancel: CancellationToken) -> anyhow::Result<Done> {
    let mut phones = read_codes(&args.connection.codes)?;
    phones.truncate(args.resources.unwrap_or(usize::MAX));
    let router = Region::open(&args.region)?.router()?;
    let config = FleetConfig {
        places: args.places.as_deref().map(read_places).transpose()?.unwrap_or_default(),
        speed: args.connection.speed,
        seed: args.seed,
        max_requests_per_sec: args.connection.max_requests_per_sec,
        shifts: args.hours_in.map_or(Shifts::Always, Shifts::ByHours),
        duration: args.duration.map(Duration::from_secs),
        mishaps: if args.calm { Mishaps::NONE } else { Mishaps::USUAL },
        ..FleetConfig::new(&args.connection.server, phones, Arc::new(router))
    };
    let outage = config.outage.clone();
    let run = field::fleet::run(config, clock, cancel);
    let after = Duration::from_secs(args.outage_after);
    let report = match args.outage {
        Some(phones) => with_outage(run, || outage.silence(phones), after).await?,
        None => run.await?,
    };
    let exit_code = ExitCode::from(u8::from(!report.not_activated.is_empty()));
    Ok(Done { summary: fleet_summary(&report)?, exit_code })
}

/// Runs a fleet whose network fails after a while.
async fn with_outage<T>(run: impl Future<Output = T>, fail: impl FnOnce(), after: Duration) -> T {
    tokio::pin!(run);
    tokio::select! {
        ended = &mut run => return ended,
        () = tokio::time::sleep(after) => fail(),
    }
    run.await
}

async fn replay(args: Replay, clock: Clock, cancel: CancellationToken) -> anyhow::Result<Done> {
    let recording = trace::read_file(&args.file).with_context(|| args.file.display().to_string())?;
    for bad in recording.bad.iter().take(BAD_ROWS_NAMED) {
        tracing::warn!("{}:{}: {}", args.file.display(), bad.line, bad.reason);
    }
    let config = ReplayConfig {
        server_url: args.connection.server.clone(),
        phones: read_codes(&args.connection.codes)?,
        trace: recording.trace.limited(args.limit.unwrap_or(usize::MAX)),
        speed: args.connection.speed,
        max_requests_per_sec: args.connection.max_requests_per_sec,
    };
    let report = field::replay::run(config, clock, cancel).await?;
    let mut summary = replay_summary(&report)?;
    writeln!(summary, "rows: {} read, {} bad (skipped)", recording.rows, recording.bad.len())?;
    let all_well = recording.bad.is_empty() && report.not_activated.is_empty();
    Ok(Done { summary, exit_code: ExitCode::from(u8::from(!all_well)) })
}

fn read_codes(path: &Path) -> anyhow::Result<Vec<PhoneCard>> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    field::codes::read(file).with_context(|| path.display().to_string())
}

fn read_places(path: &Path) -> anyhow::Result<Vec<LonLat>> {
    let recording = trace::read_file(path).with_context(|| path.display().to_string())?;
    if let Some(bad) = recording.bad.first() {
        anyhow::bail!("{}:{}: {}", path.display(), bad.line, bad.reason);
    }
    Ok(recording
        .trace
        .vehicles
        .iter()
        .flat_map(|vehicle| &vehicle.sightings)
        .map(|sighting| sighting.at)
        .collect())
}

fn fleet_summary(report: &FleetReport) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let (entries, fixes) = report.unsent;
    writeln!(text, "phones: {} activated, {} not", report.activated, report.not_activated.len())?;
    writeln!(text, "requests: {} ({} failed)", report.requests, report.failed_requests)?;
    text.push_str(&tally_summary(&report.tally)?);
    writeln!(text, "unsent: {entries} entries, {fixes} fixes")?;
    Ok(text)
}

fn replay_summary(report: &ReplayReport) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let (entries, fixes) = report.unsent;
    writeln!(text, "vehicles: {}, at most {} at once", report.vehicles, report.most_at_once)?;
    writeln!(
        text,
        "phones: {} not activated, {} without live tracking",
        report.not_activated.len(),
        report.untracked
    )?;
    writeln!(text, "requests: {} ({} failed)", report.requests, report.failed_requests)?;
    text.push_str(&tally_summary(&report.tally)?);
    writeln!(text, "unsent: {entries} entries, {fixes} fixes")?;
    Ok(text)
}

fn tally_summary(tally: &Tally) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "entries: {} accepted, {} sent twice, {} without effect",
        tally.entries_accepted, tally.entries_duplicate, tally.entries_refused
    )?;
    writeln!(
        text,
        "fixes: {} accepted, {} refused, {} while private",
        tally.fixes_accepted, tally.fixes_refused, tally.fixes_private
    )?;
    for refusal in &tally.refusals {
        writeln!(text, "  without effect: {refusal}")?;
    }
    Ok(text)
}
