//! `cargo xtask prove quiet`: phones that lie still near a border never come or go, real crossings are known within three good fixes.

#[path = "../tests/quiet/campaign.rs"]
mod campaign;

use clap::Parser;

/// Stationary phones and real crossings.
#[derive(Parser)]
struct Options {
    /// Fixes of phones that lie still
    #[arg(long, default_value_t = 1_000_000)]
    fixes: u64,
    /// Where the random numbers begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[expect(clippy::print_stdout, reason = "a campaign prints its result")]
fn main() -> anyhow::Result<()> {
    let Options { fixes, seed } = Options::parse();
    let outcome = campaign::run(seed, fixes, |so_far| {
        if so_far.fixes % 100_000 == 0 {
            eprintln!("{so_far:?}");
        }
    });
    let campaign::Outcome { fixes, false_transitions, crossings, missed } = outcome;
    println!("{crossings} real crossings");
    println!("prove quiet: fixes={fixes} false={false_transitions} missed={missed}");
    anyhow::ensure!(
        false_transitions == 0 && missed == 0,
        "SEED={seed} cargo xtask prove quiet -- --seed {seed} --fixes {fixes}"
    );
    Ok(())
}
