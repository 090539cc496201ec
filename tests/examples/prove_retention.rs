//! `cargo xtask prove retention`: after a purge, after privacy and after a sign-out no byte of the data is left on disk.

#![expect(clippy::print_stdout, reason = "its report is what it is for")]

use clap::Parser;
use tests::campaigns::retention;

/// Searches everything on disk for what should be gone.
#[derive(Parser)]
struct Args {
    /// How often.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut markers = 0;
    for run in 1..=Args::parse().runs {
        let figures = retention::run(&|line| eprintln!("run {run}: {line}")).await?;
        figures.stories.iter().for_each(|story| eprintln!("{story}"));
        eprintln!("run {run}: {} marks were found before, {} after", figures.found_before, figures.markers);
        markers += figures.markers;
    }
    println!("prove retention: markers={markers}");
    std::process::exit(i32::from(markers > 0));
}
