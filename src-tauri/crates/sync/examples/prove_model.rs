//! `cargo xtask prove model`: the real core against a reference server under random schedules of faults, and the mistakes that this
//! harness has to notice.

#![expect(clippy::print_stdout, reason = "its report is what it is for")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the model looks for one case and means “anything else” by the rest"
)]

#[path = "../tests/sync/model/mod.rs"]
mod model;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use model::campaign::{self, first_to_catch, in_threads};
use model::mutant::Mutant;

/// Schedules of a whole campaign.
const SEEDS: u64 = 100_000;
/// Schedules of each mistake; more where it takes more to notice it.
const MUTANT_SEEDS: u64 = 500;
const MOST_MUTANT_SEEDS: u64 = 50_000;
const USAGE: &str = "cargo xtask prove model -- [--seeds N | --seed N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => campaign(SEEDS),
        ["--seeds", number] => number.parse().map_or_else(|_| usage(), campaign),
        ["--seed", number] => number.parse().map_or_else(|_| usage(), replay),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

/// One schedule again.
fn replay(seed: u64) -> ExitCode {
    let outcome = campaign::schedule(seed, None);
    if let Err(what) = &outcome {
        println!("SEED={seed}\n{what}");
    }
    println!("prove model: seeds=1 violations={} mutants=0/0", u8::from(outcome.is_err()));
    ExitCode::from(u8::from(outcome.is_err()))
}

fn campaign(seeds: u64) -> ExitCode {
    let violations = campaign::violations(seeds, |through| {
        if through.is_multiple_of(1_000) {
            eprintln!("{through} of {seeds} schedules");
        }
    });
    for violation in violations.iter().take(10) {
        println!(
            "SEED={0}\n{1}\nagain with: cargo xtask prove model -- --seed {0}",
            violation.seed, violation.what
        );
    }
    let noticed = Mutant::ALL.into_iter().filter(|mutant| is_noticed(*mutant)).count();
    let (count, all) = (violations.len(), Mutant::ALL.len());
    println!("prove model: seeds={seeds} violations={count} mutants={noticed}/{all}");
    ExitCode::from(u8::from(count > 0 || noticed < all))
}

fn is_noticed(mutant: Mutant) -> bool {
    let Some(first) = first_to_catch(mutant, MOST_MUTANT_SEEDS) else {
        println!("mutant {}: caught 0/{MOST_MUTANT_SEEDS}", mutant.name());
        return false;
    };
    let seeds = MUTANT_SEEDS.max(first);
    println!("mutant {}: caught {}/{seeds}", mutant.name(), caught(mutant, seeds));
    true
}

/// In how many of schedules 1 to `seeds` a mistake was noticed.
fn caught(mutant: Mutant, seeds: u64) -> u64 {
    let caught = AtomicU64::new(0);
    in_threads(seeds, |seed, _| {
        caught.fetch_add(u64::from(campaign::schedule(seed, Some(mutant)).is_err()), Ordering::Relaxed);
    });
    caught.into_inner()
}
