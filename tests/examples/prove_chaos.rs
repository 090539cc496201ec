//! `cargo xtask prove chaos`: desks and a server with a bad network in between. Real sessions, real files, real server.

use std::time::Duration;

use clap::Parser;
use tests::campaigns::chaos::{self, Size};

/// The longest that draining may take for 99 of 100 desks.
const DRAIN_P99: Duration = Duration::from_secs(30);

/// Storms between desks and their server; nothing may be lost, doubled or different afterwards.
#[derive(Parser)]
struct Args {
    /// What is drawn: faults, work, weather.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Reports from the field, in all.
    #[arg(long, default_value_t = 100_000)]
    events: usize,
    /// Commands, in all.
    #[arg(long, default_value_t = 5_000)]
    commands: usize,
    /// Storms, each followed by healing and a reckoning.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Desks.
    #[arg(long, default_value_t = 4)]
    desks: usize,
    /// Phones.
    #[arg(long, default_value_t = 20)]
    people: usize,
    /// Least length of a storm, seconds.
    #[arg(long, default_value_t = 8)]
    storm_secs: u64,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the last line is the result")]
async fn main() -> anyhow::Result<()> {
    let Args { seed, events, commands, rounds, desks, people, storm_secs } = Args::parse();
    let size = Size { desks, people, rounds, events, commands, storm: Duration::from_secs(storm_secs) };
    let figures = chaos::run(size, seed, &|line| eprintln!("{line}")).await?;
    eprintln!("faults dealt out: {:?}", figures.dealt);
    eprintln!("incidents: {:?}; signed in again {} times", figures.incidents, figures.sign_ins);
    let wrongs = &figures.wrongs;
    wrongs.stories.iter().for_each(|story| eprintln!("{story}"));
    let (p99, kept) = (figures.drain_p99(), wrongs.is_empty() && figures.drain_p99() <= DRAIN_P99);
    if !kept {
        eprintln!(
            "SEED={seed} cargo xtask prove chaos -- --seed {seed} --events {events} --commands {commands} \
             --rounds {rounds} --desks {desks} --people {people} --storm-secs {storm_secs}"
        );
    }
    println!(
        "prove chaos: events={} commands={} lost={} duplicated={} diverged={} drain_p99_s={:.1}",
        figures.events,
        figures.commands,
        wrongs.lost,
        wrongs.duplicated,
        wrongs.diverged,
        p99.as_secs_f64()
    );
    std::process::exit(i32::from(!kept));
}
