//! The ETA chain of one resource: what remains of the current task, then drive, then work, then drive …
//!
//! An ETA is a distribution. Its middle (P50) is the sum of the parts. Its P90 is a documented prior until the promise ledger
//! has taught better: each part adds its own spread, as independent errors do (root of the sum of squares): 40 % of a drive by
//! road, 80 % of one by the straight line, 40 % of a piece of work; at least a minute. What a fix is older than
//! [`FRESH_FIX_SECS`] is added to that in full.

use crate::estimate::{TravelTimes, Trip};
use crate::snap::Place;
use chrono::{DateTime, TimeDelta, Utc};
use domain::travel::{TravelMode, TravelSource};
use domain::{LonLat, TaskId};
use serde::{Deserialize, Serialize};

/// A fix up to this age (s) is where somebody is.
pub const FRESH_FIX_SECS: i64 = 120;
/// A moving resource whose fix is older (s) can be anywhere: unknown.
pub const OLDEST_FIX_SECS: i64 = 2 * 3600;
const ROAD_SPREAD: f64 = 0.4;
const STRAIGHT_LINE_SPREAD: f64 = 0.8;
const WORK_SPREAD: f64 = 0.4;
const LEAST_SPREAD_SECS: f64 = 60.0;
/// 100 years in seconds: longer plans are mistakes, and dates would overflow.
const LONGEST_SECS: f64 = 3.0e9;

/// Where a resource was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fix {
    /// A good fix.
    Seen {
        /// Where, and the heading if it is known.
        place: Place,
        /// When, by the corrected device time.
        time: DateTime<Utc>,
    },
    /// The resource has switched its location off.
    Private,
    /// Nothing was ever heard.
    None,
}

/// What a resource is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Driving to its first stop, since its fix at the latest.
    UnderWay,
    /// Working where the fix is; leaves after this time.
    Working {
        /// Remaining service time of the current task in seconds; 0 if it should be done already.
        remaining_secs: u32,
    },
    /// Waiting; leaves now.
    Free,
}

/// One stop of the queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// Whose arrival is asked.
    pub task: TaskId,
    /// Where.
    pub at: LonLat,
    /// Planned work in seconds.
    pub planned_secs: u32,
    /// Work can't begin earlier.
    pub window_start: Option<DateTime<Utc>>,
    /// Arrival after this is late.
    pub window_end: Option<DateTime<Utc>>,
}

/// One resource and its queue.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a> {
    /// By what it travels.
    pub mode: TravelMode,
    /// Where it was seen.
    pub fix: Fix,
    /// What it is doing.
    pub activity: Activity,
    /// What comes next, in order.
    pub stops: &'a [Stop],
}

/// When a resource will be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eta {
    /// As likely earlier as later; never before now.
    pub p50: DateTime<Utc>,
    /// Nine of ten arrive before.
    pub p90: DateTime<Utc>,
    /// Seconds after the end of the window at P50; 0 = in time or no window.
    pub late_by_secs: i64,
    /// Seconds after the end of the window at P90; 0 = in time even then, or no window.
    pub late_by_p90_secs: i64,
    /// The worst of the drives before.
    pub source: TravelSource,
    /// Age of the fix it rests on, seconds.
    pub fix_age_secs: i64,
}

/// Why there is no ETA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum Unknown {
    /// Nothing was ever heard.
    #[error("no position yet")]
    NoFix,
    /// The location is switched off.
    #[error("location is private")]
    Private,
    /// The last fix is older than two hours and the resource isn't at work.
    #[error("the last position is too old")]
    OldFix,
    /// The drive to this stop, or to one before, isn't known.
    #[error("no known way")]
    NoWay,
}

/// One line of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopEta {
    /// Whose arrival.
    pub task: TaskId,
    /// When, or why nobody knows.
    pub eta: Result<Eta, Unknown>,
}

/// The ETAs of all stops, in their order. A stop that isn't known makes all later ones unknown.
pub fn chain(chain: &Chain<'_>, times: &dyn TravelTimes, now: DateTime<Utc>) -> Vec<StopEta> {
    let mut state = Clock::start(chain, now);
    chain
        .stops
        .iter()
        .map(|stop| StopEta { task: stop.task, eta: advance(&mut state, stop, (times, chain.mode), now) })
        .collect()
}

/// Where the resource stands while its queue is worked off.
#[derive(Debug, Clone, Copy)]
struct Clock {
    place: Place,
    /// P50 of leaving `place`.
    leaves: DateTime<Utc>,
    variance: f64,
    /// Spread that doesn't average out, seconds.
    blind_secs: f64,
    source: TravelSource,
    fix_age_secs: i64,
}

impl Clock {
    fn start(chain: &Chain<'_>, now: DateTime<Utc>) -> Result<Self, Unknown> {
        let (place, time) = match chain.fix {
            Fix::Seen { place, time } => (place, time),
            Fix::Private => return Err(Unknown::Private),
            Fix::None => return Err(Unknown::NoFix),
        };
        let fix_age_secs = (now - time).num_seconds().max(0);
        let is_old = fix_age_secs > OLDEST_FIX_SECS;
        let stale_secs = (fix_age_secs - FRESH_FIX_SECS).max(0) as f64;
        let (leaves, variance, blind_secs) = match chain.activity {
            Activity::UnderWay | Activity::Free if is_old => return Err(Unknown::OldFix),
            // The way driven since a fresh fix counts; of an older one nobody knows.
            Activity::UnderWay => {
                (now - TimeDelta::seconds(fix_age_secs.min(FRESH_FIX_SECS)), 0.0, stale_secs)
            }
            Activity::Free => (now, 0.0, stale_secs),
            // Who works at a place stays there, however old the fix.
            Activity::Working { remaining_secs } => (
                later(now, f64::from(remaining_secs)),
                (f64::from(remaining_secs) * WORK_SPREAD).powi(2),
                0.0,
            ),
        };
        Ok(Self { place, leaves, variance, blind_secs, source: TravelSource::Roads, fix_age_secs })
    }
}

fn advance(
    state: &mut Result<Clock, Unknown>,
    stop: &Stop,
    (times, mode): (&dyn TravelTimes, TravelMode),
    now: DateTime<Utc>,
) -> Result<Eta, Unknown> {
    let mut clock = (*state)?;
    let trip = Trip { mode, leaves: clock.leaves };
    let Some(drive) =
        times.estimate(clock.place, stop.at.into(), trip).filter(|drive| drive.duration_secs.is_finite())
    else {
        *state = Err(Unknown::NoWay);
        return Err(Unknown::NoWay);
    };
    let share = if drive.source.is_by_road() { ROAD_SPREAD } else { STRAIGHT_LINE_SPREAD };
    clock.variance += (drive.duration_secs * share).powi(2);
    clock.source = clock.source.max(drive.source);
    let p50 = later(clock.leaves, drive.duration_secs).max(now);
    let p90 = later(p50, clock.variance.sqrt().max(LEAST_SPREAD_SECS) + clock.blind_secs);
    let late = |arrival: DateTime<Utc>| stop.window_end.map_or(0, |end| (arrival - end).num_seconds().max(0));
    let eta = Eta {
        p50,
        p90,
        late_by_secs: late(p50),
        late_by_p90_secs: late(p90),
        source: clock.source,
        fix_age_secs: clock.fix_age_secs,
    };
    let begins = stop.window_start.map_or(p50, |start| start.max(p50));
    clock.place = stop.at.into();
    clock.leaves = later(begins, f64::from(stop.planned_secs));
    clock.variance += (f64::from(stop.planned_secs) * WORK_SPREAD).powi(2);
    *state = Ok(clock);
    Ok(eta)
}

fn later(time: DateTime<Utc>, secs: f64) -> DateTime<Utc> {
    let delta = TimeDelta::milliseconds((secs.clamp(0.0, LONGEST_SECS) * 1000.0) as i64);
    time.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
