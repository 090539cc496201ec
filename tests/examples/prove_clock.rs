//! `cargo xtask prove clock`: wrong clocks lose nothing and make no time run backwards.

#![expect(clippy::print_stdout, reason = "its report is what it is for")]

use clap::Parser;
use tests::campaigns::clock;

/// Sets the clocks of desks and servers wrong, in every way and at every moment.
#[derive(Parser)]
struct Args {
    /// Only cases whose name holds this.
    #[arg(long, default_value = "")]
    only: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let only = Args::parse().only;
    let cases = clock::cases().into_iter().filter(|case| format!("{case:?}").contains(&only)).collect();
    let figures = clock::run(cases, &|line| eprintln!("{line}")).await?;
    figures.stories.iter().for_each(|story| eprintln!("{story}"));
    eprintln!("cases in which tokens were refreshed again and again: {}", figures.looped);
    println!("prove clock: cases={} lost={} negative={}", figures.cases, figures.lost, figures.negative);
    std::process::exit(i32::from(!figures.is_clean()));
}
