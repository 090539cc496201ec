//! Many schedules at once, and what came of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::mutant::Mutant;
use super::world::World;

/// Threads of a campaign.
const THREADS: u64 = 2;
/// What each desk of a schedule does.
const ACTIONS_PER_DESK: u32 = 25;

/// Runs one schedule; the error says what is wrong.
pub fn schedule(seed: u64, mutant: Option<Mutant>) -> Result<(), String> {
    World::new(seed, ACTIONS_PER_DESK, mutant).run()
}

/// A schedule that broke a promise.
#[derive(Debug, Clone)]
pub struct Violation {
    pub seed: u64,
    pub what: String,
}

/// Runs schedules 1 to `seeds` of the product as it is; answers those that broke a promise. `done` is told how many are through.
pub fn violations(seeds: u64, done: impl Fn(u64) + Sync) -> Vec<Violation> {
    let found = Mutex::new(Vec::new());
    in_threads(seeds, |seed, through| {
        if let Err(what) = schedule(seed, None) {
            found.lock().unwrap_or_else(PoisonError::into_inner).push(Violation { seed, what });
        }
        done(through);
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The first of schedules 1 to `most` that notices a mistake.
pub fn first_to_catch(mutant: Mutant, most: u64) -> Option<u64> {
    (1..=most).find(|&seed| schedule(seed, Some(mutant)).is_err())
}

/// Calls `run` with each of seeds 1 to `seeds` and with how many are through.
pub fn in_threads(seeds: u64, run: impl Fn(u64, u64) + Sync) {
    let (next, through) = (AtomicU64::new(1), AtomicU64::new(0));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > seeds {
                return;
            }
            run(seed, through.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
    });
}
