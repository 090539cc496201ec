//! Random schedules of faults around the real core; `cargo xtask prove model` runs many more of them.

use super::model::campaign;
use super::model::mutant::Mutant;

/// Schedules of the ordinary test run: what an unoptimised build gets through in about 25 s of one core.
const SCHEDULES: u64 = 900;
/// A mistake has to be noticed within so many schedules.
const MUTANT_SCHEDULES: u64 = 200;

#[test]
fn whatever_the_network_does_nothing_is_lost_doubled_or_stuck() {
    let violations = campaign::violations(SCHEDULES, |_| {});
    if let Some(first) = violations.first() {
        panic!(
            "{} of {SCHEDULES} schedules broke a promise\n{}\nSEED={seed}; again with: cargo xtask prove model -- --seed {seed}",
            violations.len(),
            first.what,
            seed = first.seed
        );
    }
}

#[test]
fn every_mistake_is_noticed() {
    for mutant in Mutant::ALL {
        let noticed = campaign::first_to_catch(mutant, MUTANT_SCHEDULES);
        assert!(noticed.is_some(), "{}: none of {MUTANT_SCHEDULES} schedules noticed it", mutant.name());
    }
}
