//! Takes strings of neighbouring stops out of routes that pass near each other.

use super::model::Model;
use super::random::Random;
use super::state::{NOBODY, State};

/// Jobs taken out at a time, on average.
const MEAN_REMOVED: f64 = 10.0;
/// The longest string.
const LONGEST: usize = 10;
/// How often a string keeps some stops in its middle.
const SPLIT: f64 = 0.5;
/// How often the kept middle stops growing.
const KEEP_ENOUGH: f64 = 0.01;

/// Takes some jobs out; which ones were is in `state.absent`.
pub fn ruin(model: &Model, state: &mut State, random: &mut Random, removed: &mut Vec<u32>) {
    let in_routes: usize = state.routes.iter().map(|route| route.stops.len()).sum();
    let in_use = state.routes.iter().filter(|route| !route.stops.is_empty()).count();
    if in_routes == 0 {
        return;
    }
    let longest = LONGEST.min(in_routes.div_ceil(in_use));
    let most = (4.0 * MEAN_REMOVED / (1.0 + longest as f64) - 1.0).max(1.0);
    let strings = (random.share() * most + 1.0) as usize;
    let seed = random.below(model.jobs.len());
    let mut ruined = 0;
    for &job in std::iter::once(&(seed as u32)).chain(&model.near[seed]) {
        if ruined >= strings {
            break;
        }
        let holder = state.holder[job as usize];
        if holder == NOBODY || state.is_touched(holder as usize) {
            continue;
        }
        let route = &state.routes[holder as usize];
        let Some(at) = route.stops[route.fixed..].iter().position(|stop| *stop == job) else { continue };
        choose_string(&route.stops[route.fixed..], at, longest, random, removed);
        state.remove(model, holder as usize, removed);
        ruined += 1;
    }
}

/// Chooses a string around `at`.
fn choose_string(stops: &[u32], at: usize, longest: usize, random: &mut Random, removed: &mut Vec<u32>) {
    removed.clear();
    let length = 1 + random.below(longest.min(stops.len()));
    let mut kept = 0;
    if length > 1 && length < stops.len() && random.share() < SPLIT {
        kept = 1;
        while length + kept < stops.len() && random.share() > KEEP_ENOUGH {
            kept += 1;
        }
    }
    let window = length + kept;
    let first = at.saturating_sub(window - 1);
    let last = at.min(stops.len() - window);
    let start = first + random.below(last - first + 1);
    let keep_from = start + random.below(length + 1);
    removed.extend_from_slice(&stops[start..keep_from]);
    removed.extend_from_slice(&stops[keep_from + kept..start + window]);
}
