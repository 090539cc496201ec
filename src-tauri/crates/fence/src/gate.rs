//! The input gate: what a fix has to pass before anything is concluded from it.

use chrono::{DateTime, Utc};
use domain::position::{FIX_TOO_EARLY, FIX_TOO_OLD, Fix};

use crate::extent::M_PER_DEG;
use crate::track::Timed;
use crate::watch::Watch;

const TOO_OLD_US: i64 = -FIX_TOO_OLD.num_seconds() * 1_000_000;
const TOO_EARLY_US: i64 = FIX_TOO_EARLY.num_seconds() * 1_000_000;

/// Nobody moves faster than this (metres per second, about 250 km/h).
pub const MAX_SPEED_MPS: f64 = 70.0;

/// Why nothing is concluded from a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Longitude and latitude are exactly zero: what a receiver without a fix reports.
    #[error("0°, 0° is what a receiver without a fix reports")]
    NullIsland,
    /// Older than a week or in the future: the device's clock is wrong.
    #[error("the time of the fix can't be: the device's clock is wrong")]
    TimeSuspect,
    /// The error circle is too large to conclude anything.
    #[error("the fix is too inaccurate")]
    PoorAccuracy,
}

/// Whether something may be concluded from a fix that arrives at `now`. `zero_is_real`: something is fenced at 0°, 0°.
/// `worst_accuracy_m`: the largest 95 % radius that counts. Coordinates are on earth and finite by their type; a jump is judged
/// against other fixes by [`too_fast`].
pub fn gate(
    fix: &Fix,
    zero_is_real: bool,
    worst_accuracy_m: f64,
    now: DateTime<Utc>,
) -> Result<(), Rejected> {
    if fix.time_suspect(now) {
        return Err(Rejected::TimeSuspect);
    }
    gate_in_time(fix, f64::from(fix.accuracy_95_m()), zero_is_real, worst_accuracy_m)
}

/// The same of a fix and a clock in microseconds.
pub(crate) fn gate_us(timed: &Timed, watch: &Watch, now_us: i64) -> Result<(), Rejected> {
    let ahead_us = timed.at_us.saturating_sub(now_us);
    if ahead_us <= TOO_OLD_US || ahead_us >= TOO_EARLY_US {
        return Err(Rejected::TimeSuspect);
    }
    let worst_accuracy_m = watch.settings.worst_accuracy_m;
    gate_in_time(&timed.fix, f64::from(timed.acc95_m), watch.zero_is_fenced, worst_accuracy_m)
}

/// The same of a fix whose time can be.
fn gate_in_time(fix: &Fix, acc95_m: f64, zero_is_real: bool, worst_accuracy_m: f64) -> Result<(), Rejected> {
    if !zero_is_real && fix.at.lon() == 0.0 && fix.at.lat() == 0.0 {
        return Err(Rejected::NullIsland);
    }
    if acc95_m > worst_accuracy_m {
        return Err(Rejected::PoorAccuracy);
    }
    Ok(())
}

/// Whether nobody could have come from one fix to the other. The part of the way that both error circles explain does not count,
/// nor does less than a second between them.
pub fn too_fast(from: &Fix, to: &Fix) -> bool {
    jumps(from, to, (to.fix_time - from.fix_time).num_milliseconds())
}

/// The same of fixes so many milliseconds apart.
pub(crate) fn jumps(from: &Fix, to: &Fix, apart_ms: i64) -> bool {
    let secs = apart_ms.abs() as f64 / 1000.0;
    let limit_m = MAX_SPEED_MPS * secs.max(1.0);
    // Along the meridian and the parallel is longer than straight on: nearly always that settles it without a sine.
    let by_degrees_m =
        ((to.at.lon() - from.at.lon()).abs() + (to.at.lat() - from.at.lat()).abs()) * M_PER_DEG;
    if by_degrees_m <= limit_m {
        return false;
    }
    let error_m = f64::from(from.accuracy_95_m()) + f64::from(to.accuracy_95_m());
    from.at.distance_m(to.at) - error_m > limit_m
}
