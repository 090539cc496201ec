//! `cargo xtask prove flip`: random damage to the local databases and all that lies beside them.

#![expect(clippy::print_stdout, reason = "its report is what it is for")]

use clap::Parser;
use tests::campaigns::flip;

/// Flips bytes and cuts files; what opens afterwards has to be what it was, or say what it lost.
#[derive(Parser)]
struct Args {
    /// What is drawn: where and how.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often.
    #[arg(long, default_value_t = 1_000)]
    flips: usize,
}

fn main() -> anyhow::Result<()> {
    let Args { seed, flips } = Args::parse();
    let figures = flip::run(flips, seed, &|line| eprintln!("{line}"))?;
    figures.stories.iter().take(20).for_each(|story| eprintln!("{story}"));
    if figures.silent > 0 {
        eprintln!("SEED={seed} cargo xtask prove flip -- --seed {seed} --flips {flips}");
    }
    println!("prove flip: flips={} silent={}", figures.flips, figures.silent);
    std::process::exit(i32::from(figures.silent > 0));
}
