//! Phones that lie still near a border, and vans that really come and go.

use chrono::{DateTime, TimeDelta, Utc};
use domain::place::{Fence, FenceShape};
use domain::position::Fix;
use domain::{GroupId, LonLat, PoiId, ResourceId};
use fence::{EventKind, FenceEngine};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

const DEPOT: PoiId = PoiId(Uuid::from_u128(1));
const TEAM: GroupId = GroupId(Uuid::from_u128(2));
const RADIUS_M: f64 = 150.0;
/// Fixes of one phone before the next one is looked at.
const FIXES_EACH: u64 = 1_000;
/// Within so many good fixes a crossing has to be known.
const GOOD_FIXES: usize = 3;

/// What came of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Fixes of phones that lie still.
    pub fixes: u64,
    /// Transitions of theirs.
    pub false_transitions: u64,
    /// Real crossings.
    pub crossings: u64,
    /// Of those, not known within three good fixes.
    pub missed: u64,
}

/// Runs until `fixes` fixes of phones that lie still are through; one real coming and going for each phone.
pub fn run(seed: u64, fixes: u64, mut progress: impl FnMut(Outcome)) -> Outcome {
    let (mut outcome, mut phone) = (Outcome::default(), 0);
    while outcome.fixes < fixes {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ (phone << 20));
        let count = FIXES_EACH.min(fixes - outcome.fixes);
        outcome.false_transitions += lie_still(&mut random, count);
        outcome.fixes += count;
        outcome.crossings += 2;
        outcome.missed += come_and_go(&mut random);
        phone += 1;
        progress(outcome);
    }
    outcome
}

/// Transitions of a phone that does not move.
fn lie_still(random: &mut ChaCha8Rng, fixes: u64) -> u64 {
    let mut engine = engine();
    let accuracy_m = random.random_range(3.0..40.0);
    // As near to the border as it gets: there it is most tempting.
    let truth =
        depot().destination(random.random_range(0.0..360.0), RADIUS_M + random.random_range(-80.0..80.0));
    let every_secs = random.random_range(5..=30);
    let mut burst = None;
    let mut events = 0;
    for step in 0..fixes {
        burst = next_burst(burst, (accuracy_m, every_secs), random);
        let at = burst.map_or(truth, |(bearing, away_m, _)| truth.destination(bearing, away_m));
        let fix = fix(noisy(at, accuracy_m, random), step as i64 * every_secs, accuracy_m);
        events += engine.on_fix(ResourceId(Uuid::from_u128(9)), TEAM, &fix, fix.fix_time).len() as u64;
    }
    events
}

/// Bearing and distance that the fixes are off by, and how many more.
type Burst = (f64, f64, i64);

/// Reflections: now and then the fixes of up to 20 s are all off in the same direction, and claim to be as good as the others.
fn next_burst(
    burst: Option<Burst>,
    (accuracy_m, every_secs): (f64, i64),
    random: &mut ChaCha8Rng,
) -> Option<Burst> {
    match burst {
        Some((bearing, away_m, left)) if left > 1 => Some((bearing, away_m, left - 1)),
        Some(_) | None => random.random_bool(0.01).then(|| {
            let away_m = accuracy_m * random.random_range(2.0..10.0);
            (random.random_range(0.0..360.0), away_m, random.random_range(1..=(20 / every_secs).max(1)))
        }),
    }
}

/// Crossings of a van that are not known soon enough.
fn come_and_go(random: &mut ChaCha8Rng) -> u64 {
    let mut engine = engine();
    let (accuracy_m, bearing) = (random.random_range(3.0..12.0), random.random_range(0.0..360.0));
    let mut secs = 0;
    let mut drive = |metres: f64, every_secs: i64, fixes: usize, random: &mut ChaCha8Rng| -> Vec<EventKind> {
        let one = |_| {
            secs += every_secs;
            let at = noisy(depot().destination(bearing, metres), accuracy_m, random);
            let fix = fix(at, secs, accuracy_m);
            let events = engine.on_fix(ResourceId(Uuid::from_u128(9)), TEAM, &fix, fix.fix_time);
            events.into_iter().map(|event| event.kind).collect::<Vec<_>>()
        };
        (0..fixes).flat_map(one).collect()
    };
    drive(900.0, 30, 3, random);
    let came = drive(0.0, 30, GOOD_FIXES, random);
    let went = drive(900.0, 30, GOOD_FIXES, random);
    u64::from(came != [EventKind::Entered]) + u64::from(went != [EventKind::Left])
}

fn engine() -> FenceEngine {
    let circle = FenceShape::Circle { center: depot(), radius_m: RADIUS_M };
    let mut engine = FenceEngine::new();
    let bad = engine.set_fences([(DEPOT, Fence { on_enter: true, on_exit: true, ..Fence::new(circle) })]);
    assert!(bad.is_empty(), "a circle is a fence");
    engine
}

fn depot() -> LonLat {
    LonLat::from_e7(74_200_000, 437_300_000)
}

fn fix(at: LonLat, secs: i64, accuracy_m: f64) -> Fix {
    let fix_time = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(1_790_000_000 + secs);
    Fix { at, fix_time, accuracy_m: Some(accuracy_m as f32), speed_mps: None, heading_deg: None }
}

/// Off by what the accuracy says: two thirds of the fixes are within it.
fn noisy(at: LonLat, accuracy_m: f64, random: &mut ChaCha8Rng) -> LonLat {
    let sigma_m = accuracy_m / (-2.0 * 0.32f64.ln()).sqrt();
    let away_m = sigma_m * (-2.0 * random.random_range(f64::EPSILON..1.0f64).ln()).sqrt();
    at.destination(random.random_range(0.0..360.0), away_m)
}
