//! Gives jobs that nobody has to whom they cost least.

use super::model::Model;
use super::random::Random;
use super::state::State;

/// One position in so many is passed over, so that the cheapest does not always win.
const PASSED_OVER: f64 = 0.01;
/// No more jobs are tried at a time: when much is left out, each round tries others.
const TRIED: usize = 60;

/// Positions passed over, by the distance to the next one.
pub struct Blinks(u32);

impl Blinks {
    pub fn new(random: &mut Random) -> Self {
        Self(distance(random))
    }

    fn next(&mut self, random: &mut Random) -> bool {
        let now = self.0 == 0;
        self.0 = if now { distance(random) } else { self.0 - 1 };
        now
    }
}

fn distance(random: &mut Random) -> u32 {
    (random.share().ln() / (1.0 - PASSED_OVER).ln()) as u32
}

/// Inserts what is absent, as far as there is a place for it.
pub fn recreate(model: &Model, state: &mut State, random: &mut Random, blinks: &mut Blinks) {
    let mut jobs = std::mem::take(&mut state.absent);
    sort(model, &mut jobs, random);
    let mut tried = 0;
    jobs.retain(|&job| {
        tried += 1;
        tried > TRIED || !insert_cheapest(model, state, job, &mut || blinks.next(random))
    });
    state.absent = jobs;
}

/// Whether a place was found.
pub fn insert_cheapest(model: &Model, state: &mut State, job: u32, skips: &mut dyn FnMut() -> bool) -> bool {
    let it = &model.jobs[job as usize];
    let (mut best, mut limit) = (None, i64::MAX / 4);
    let mut seen_idle = usize::MAX;
    for (index, route) in state.routes.iter().enumerate() {
        let Some(change) = it.change[index] else { continue };
        if route.stops.is_empty() {
            let kind = model.workers[index].kind;
            if std::mem::replace(&mut seen_idle, kind) == kind {
                continue;
            }
        }
        if !route.has_room(model, job) {
            continue;
        }
        if let Some(spot) = route.best_spot(model, job, (route.positions(), limit - change), &mut *skips) {
            limit = spot.cost + change;
            best = Some((index, spot));
        }
    }
    if let Some((route, spot)) = best {
        state.insert(model, job, route, spot);
    }
    best.is_some()
}

/// One of several orders; hard ones first finds places for more, a random one finds other places.
fn sort(model: &Model, jobs: &mut [u32], random: &mut Random) {
    random.shuffle(jobs);
    let job = |index: &u32| &model.jobs[*index as usize];
    let window = |index: &u32| job(index).last_window();
    let far = |index: &u32| {
        let place = job(index).place;
        model.leg(0, model.workers[0].start_place, place)
    };
    match random.below(17) {
        0..4 => {}
        4..8 => jobs.sort_by_key(|index| std::cmp::Reverse(job(index).demand.iter().sum::<i64>())),
        8..10 => jobs.sort_by_key(|index| std::cmp::Reverse(far(index))),
        10 => jobs.sort_by_key(far),
        11..13 => jobs.sort_by_key(|index| window(index).1 - window(index).0),
        13..15 => jobs.sort_by_key(|index| window(index).0),
        _ => jobs.sort_by_key(|index| window(index).1),
    }
    if random.below(2) == 0 {
        jobs.sort_by_key(|index| std::cmp::Reverse(job(index).left_out));
    }
}
