//! `cargo xtask prove partitions`: many desks whose way to the server is shut again and again. Real sessions, real files, real server.

use std::time::Duration;

use clap::Parser;
use sync::CoreConfig;
use tests::campaigns::chaos::{impatient, percentile};
use tests::campaigns::partitions::{self, Size};

/// Partitions between desks and their server; no desk may stall after one.
#[derive(Parser)]
struct Args {
    /// What is drawn: directions, lengths, work.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Desks, each with a way of its own.
    #[arg(long, default_value_t = 50)]
    desks: usize,
    /// Partitions of each.
    #[arg(long, default_value_t = 20)]
    each: usize,
    /// The longest partition, seconds.
    #[arg(long, default_value_t = 10)]
    longest_secs: u64,
    /// A desk that is not done so long after a partition is wedged, seconds.
    #[arg(long, default_value_t = 30)]
    patience_secs: u64,
    /// With the time-outs of production (20 s, 25 s) instead of short ones.
    #[arg(long)]
    production: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the last line is the result")]
async fn main() -> anyhow::Result<()> {
    let Args { seed, desks, each, longest_secs, patience_secs, production } = Args::parse();
    let core = if production { CoreConfig::default() } else { impatient() };
    let (longest, patience) = (Duration::from_secs(longest_secs), Duration::from_secs(patience_secs));
    let size = Size { desks, each, longest, patience, core };
    let figures = partitions::run(size, seed, &|line| eprintln!("{line}")).await?;
    let wrongs = &figures.wrongs;
    wrongs.stories.iter().for_each(|story| eprintln!("{story}"));
    eprintln!("commands: {}; diverged: {}", figures.commands, wrongs.diverged);
    let kept = wrongs.is_empty() && figures.wedged == 0;
    if !kept {
        eprintln!(
            "SEED={seed} cargo xtask prove partitions -- --seed {seed} --desks {desks} --each {each} \
             --longest-secs {longest_secs} --patience-secs {patience_secs}{}",
            if production { " --production" } else { "" }
        );
    }
    println!(
        "prove partitions: partitions={} wedged={} lost={} duplicated={} drain_p99_s={:.1}",
        figures.partitions,
        figures.wedged,
        wrongs.lost,
        wrongs.duplicated,
        percentile(&figures.drains, 99).as_secs_f64()
    );
    std::process::exit(i32::from(!kept));
}
