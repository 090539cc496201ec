//! The plan the search starts from.

use super::model::Model;
use super::recreate::insert_cheapest;
use super::state::{NOBODY, State};

/// Takes over the present orders as far as they are possible; what is locked comes before what is not.
pub fn take_present(model: &Model, state: &mut State, present: &[Vec<u32>]) {
    for locked in [true, false] {
        for (route, jobs) in present.iter().enumerate() {
            take_order(model, state, route, jobs, locked);
        }
    }
    let absent: Vec<u32> = state.absent.iter().copied().filter(|job| is_absent(state, *job)).collect();
    state.absent = absent;
}

/// Gives jobs that nobody has to whom they cost least: locked ones first, then those that matter more or have less time.
pub fn fill(model: &Model, state: &mut State) {
    let mut jobs = std::mem::take(&mut state.absent);
    jobs.sort_by_key(|job| {
        let it = &model.jobs[*job as usize];
        (!it.is_locked, std::cmp::Reverse(it.left_out), it.last_window().1)
    });
    jobs.retain(|&job| !insert_cheapest(model, state, job, &mut || false));
    state.absent = jobs;
}

fn take_order(model: &Model, state: &mut State, route: usize, jobs: &[u32], locked: bool) {
    let mut at = state.routes[route].fixed;
    for &job in jobs {
        let it = &model.jobs[job as usize];
        if let Some(there) = state.routes[route].stops.iter().position(|stop| *stop == job) {
            at = at.max(there + 1);
            continue;
        }
        let may = it.change[route].is_some() && state.routes[route].has_room(model, job);
        if !may || it.is_fixed || it.is_locked != locked || !is_absent(state, job) {
            continue;
        }
        let spot = state.routes[route].best_spot(model, job, (at..=at, i64::MAX / 4), || false);
        if let Some(spot) = spot {
            state.insert(model, job, route, spot);
            at = spot.at + 1;
        }
    }
}

fn is_absent(state: &State, job: u32) -> bool {
    state.holder[job as usize] == NOBODY
}
