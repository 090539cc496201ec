//! Random schedules of faults around the real core.

use super::model::world::World;

/// Schedules of the ordinary test run; the long campaigns set `SCHEDULES`.
const SCHEDULES: u64 = 300;
const ACTIONS_PER_DESK: u32 = 25;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} has to be a number")))
}

#[test]
fn whatever_the_network_does_nothing_is_lost_doubled_or_stuck() {
    let seeds = match from_environment("SEED") {
        Some(seed) => seed..=seed,
        None => 1..=from_environment("SCHEDULES").unwrap_or(SCHEDULES),
    };
    for seed in seeds {
        if let Err(wrong) = World::new(seed, ACTIONS_PER_DESK).run() {
            panic!(
                "{wrong}\nagain with: SEED={seed} cargo test -p sync --test sync whatever_the_network_does"
            );
        }
    }
}

#[test]
fn a_server_that_forgets_receipts_is_caught() {
    let caught = (1..=100).filter(|&seed| {
        let mut world = World::new(seed, ACTIONS_PER_DESK);
        world.server.forgetful = true;
        world.run().is_err()
    });
    let caught = caught.count();
    assert!(caught > 50, "the harness itself works: {caught} of 100 schedules noticed doubled commands");
}
