//! The search: ruin a part of the plan, build it again, keep what is better, and what is a little worse at first.

mod clock;
mod model;
mod random;
mod recreate;
mod route;
mod ruin;
mod start;
mod state;

use std::ops::ControlFlow;

pub use model::Model;

use crate::options::{Budget, Progress};
use random::Random;
use recreate::{Blinks, recreate};
use ruin::ruin;
use state::State;

/// Rounds between two looks at the clock; a round of a day with hundreds of tasks takes far less than a millisecond.
const ROUNDS_BETWEEN: u64 = 20;
/// At first a plan may be worse by about this share of the mean drive to a job, at last by the other.
const HOT: f64 = 2.0;
const COLD: f64 = 0.01;

/// What the search found.
pub struct Found {
    /// By worker, jobs in order.
    pub routes: Vec<Vec<u32>>,
    /// The watcher had enough before the budget was spent.
    pub is_cancelled: bool,
}

/// Called between rounds.
type Watch<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

/// The best plan so far.
struct Best {
    routes: Vec<Vec<u32>>,
    cost: i64,
    unassigned: usize,
    drive_secs: i64,
}

impl Best {
    fn of(state: &State) -> Self {
        let mut best = Self { routes: Vec::new(), cost: i64::MAX, unassigned: 0, drive_secs: 0 };
        best.take(state);
        best
    }

    fn take(&mut self, state: &State) {
        self.cost = state.cost;
        self.unassigned = state.absent.len();
        self.drive_secs = state.routes.iter().map(route::Route::drive_secs).sum();
        self.routes.resize(state.routes.len(), Vec::new());
        self.routes.iter_mut().zip(&state.routes).for_each(|(best, route)| best.clone_from(&route.stops));
    }

    fn progress(&self, rounds: u64, share: f64) -> Progress {
        Progress { rounds, share, unassigned: self.unassigned, drive_secs: self.drive_secs }
    }
}

/// Searches until the budget is spent or the watcher has enough; `present` is where it starts.
pub fn search(model: &Model, present: &[Vec<u32>], seed: u64, budget: Budget<'_>, watch: Watch<'_>) -> Found {
    let mut state = State::new(model);
    start::take_present(model, &mut state, present);
    start::fill(model, &mut state);
    let mut best = Best::of(&state);
    let mut random = Random::new(seed);
    let mut annealing = Annealing::new(model, &state, &mut random);
    let mut rounds = 0;
    let is_cancelled = loop {
        let share = match budget {
            Budget::Rounds(most) => rounds as f64 / most.max(1) as f64,
            Budget::Share(spent) => spent(),
        };
        let is_enough = watch(&best.progress(rounds, share.clamp(0.0, 1.0))).is_break();
        if is_enough || share >= 1.0 || model.jobs.is_empty() {
            break is_enough && share < 1.0;
        }
        annealing.cool(share);
        for _ in 0..ROUNDS_BETWEEN {
            annealing.round(model, &mut state, &mut random, &mut best);
        }
        rounds += ROUNDS_BETWEEN;
    };
    Found { routes: best.routes, is_cancelled }
}

/// What is kept between rounds.
struct Annealing {
    hottest: f64,
    temperature: f64,
    blinks: Blinks,
    removed: Vec<u32>,
}

impl Annealing {
    fn new(model: &Model, state: &State, random: &mut Random) -> Self {
        let drive_secs: i64 = state.routes.iter().map(route::Route::drive_secs).sum();
        let hottest = HOT * (drive_secs as f64 / model.jobs.len().max(1) as f64).max(1.0);
        Self { hottest, temperature: hottest, blinks: Blinks::new(random), removed: Vec::new() }
    }

    fn cool(&mut self, share: f64) {
        self.temperature = self.hottest * (COLD / HOT).powf(share.clamp(0.0, 1.0));
    }

    fn round(&mut self, model: &Model, state: &mut State, random: &mut Random, best: &mut Best) {
        state.begin();
        let cost = state.cost;
        ruin(model, state, random, &mut self.removed);
        recreate(model, state, random, &mut self.blinks);
        let worse = (state.cost - cost) as f64;
        let is_too_dear = worse > 0.0 && worse >= -self.temperature * random.share().ln();
        if is_too_dear || state.breaks_more() {
            state.undo();
        } else if state.cost < best.cost {
            best.take(state);
        }
    }
}
