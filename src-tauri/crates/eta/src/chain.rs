//! The ETA chain of one resource: what remains of the current task, then drive, then work, then drive …
//!
//! An ETA is a distribution. Its middle (P50) is the sum of the parts. Its P90 is a prior: each part adds its own spread, as
//! independent errors do (root of the sum of squares): 70 % of a drive by road, which is what nine of ten drives of a replayed rush hour keep (`cargo xtask bench eta-truth`); 100 % of one by the
//! straight line and 40 % of a piece of work, both by guess; at least a minute. What a fix is older than
//! [`FRESH_FIX_SECS`] is added to that in full.
//!
//! Work does not begin before its window. Breaks are taken between stops ([`Break`]). A stop that can't begin before the shift ends
//! belongs to another shift: it has an arrival, but the resource is done before ([`Done`]).

mod breaks;

pub use self::breaks::Break;
use self::breaks::Breaks;
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
/// One in ten takes longer by this share.
const ROAD_SPREAD: f64 = 0.7;
const STRAIGHT_LINE_SPREAD: f64 = 1.0;
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
        /// Remaining service time of the current task in seconds, without breaks to come; 0 if it should be done already.
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
    /// Breaks of this shift, in any order; those whose latest begin has passed have been taken.
    pub breaks: &'a [Break],
    /// When the shift ends, if it is known.
    pub shift_end: Option<DateTime<Utc>>,
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

/// When a resource has done all that this shift has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// As likely earlier as later; never before now.
    pub p50: DateTime<Utc>,
    /// Nine of ten are done before.
    pub p90: DateTime<Utc>,
    /// Seconds from the end of the shift to `p50`, negative before it; `None`: no shift is known.
    pub over_shift_secs: Option<i64>,
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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StopEta {
    /// Whose arrival.
    pub task: TaskId,
    /// When, or why nobody knows.
    pub eta: Result<Eta, Unknown>,
    /// Seconds of driving until there, earlier stops included, as far as the ways are known.
    pub drive_secs: f64,
    /// Metres of that.
    pub distance_m: f64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainEta {
    /// All stops in their order. A stop that isn't known makes all later ones unknown.
    pub stops: Vec<StopEta>,
    /// When all is done that begins in this shift.
    pub done: Result<Done, Unknown>,
}

/// The arrivals at all stops, and when the resource is done; one pass, one drive per stop.
pub fn chain(chain: &Chain<'_>, times: &dyn TravelTimes, now: DateTime<Utc>) -> ChainEta {
    let mut breaks = Breaks::ahead(chain.breaks, now);
    let mut state = Clock::start(chain, &mut breaks, now);
    let mut done = state;
    let mut stops = Vec::with_capacity(chain.stops.len());
    let mut driven = (0.0, 0.0);
    for stop in chain.stops {
        let arrival = state.and_then(|clock| clock.drive(stop, (times, chain.mode), now));
        state = arrival.map(|(clock, eta)| clock.work(stop, &eta, &mut breaks));
        driven = state.map_or(driven, |clock| clock.driven);
        let (drive_secs, distance_m) = driven;
        stops.push(StopEta { task: stop.task, eta: arrival.map(|(_, eta)| eta), drive_secs, distance_m });
        let is_of_this_shift = stop.window_start.zip(chain.shift_end).is_none_or(|(start, end)| start < end);
        if is_of_this_shift {
            done = state;
        }
    }
    ChainEta { stops, done: done.map(|clock| clock.done(chain.shift_end, now)) }
}

/// Where the resource stands while its queue is worked off.
#[derive(Debug, Clone, Copy)]
struct Clock {
    place: Place,
    /// P50 of being ready to leave `place`.
    ready: DateTime<Utc>,
    /// It is on the road already: no break comes before the first stop.
    under_way: bool,
    variance: f64,
    /// Spread that doesn't average out, seconds.
    blind_secs: f64,
    source: TravelSource,
    fix_age_secs: i64,
    /// Seconds and metres of driving so far.
    driven: (f64, f64),
    /// What is due when it leaves, seconds of breaks.
    rest_secs: f64,
}

impl Clock {
    fn start(chain: &Chain<'_>, breaks: &mut Breaks, now: DateTime<Utc>) -> Result<Self, Unknown> {
        let (place, time) = match chain.fix {
            Fix::Seen { place, time } => (place, time),
            Fix::Private => return Err(Unknown::Private),
            Fix::None => return Err(Unknown::NoFix),
        };
        let fix_age_secs = (now - time).num_seconds().max(0);
        let is_old = fix_age_secs > OLDEST_FIX_SECS;
        let stale_secs = (fix_age_secs - FRESH_FIX_SECS).max(0) as f64;
        let (ready, variance, blind_secs) = match chain.activity {
            Activity::UnderWay | Activity::Free if is_old => return Err(Unknown::OldFix),
            // The way driven since a fresh fix counts; of an older one nobody knows.
            Activity::UnderWay => {
                (now - TimeDelta::seconds(fix_age_secs.min(FRESH_FIX_SECS)), 0.0, stale_secs)
            }
            Activity::Free => (now, 0.0, stale_secs),
            // Who works at a place stays there, however old the fix.
            Activity::Working { remaining_secs } => (
                breaks.in_work(later(now, f64::from(remaining_secs))),
                (f64::from(remaining_secs) * WORK_SPREAD).powi(2),
                0.0,
            ),
        };
        let under_way = chain.activity == Activity::UnderWay;
        let rest_secs = if under_way { 0.0 } else { breaks.due(ready) };
        let (source, driven) = (TravelSource::Roads, (0.0, 0.0));
        Ok(Self { place, ready, under_way, variance, blind_secs, source, fix_age_secs, driven, rest_secs })
    }

    /// Drives to a stop: the clock there, and the arrival.
    fn drive(
        mut self,
        stop: &Stop,
        (times, mode): (&dyn TravelTimes, TravelMode),
        now: DateTime<Utc>,
    ) -> Result<(Self, Eta), Unknown> {
        let leaves = if self.under_way { self.ready } else { later(self.ready, self.rest_secs) };
        let drive = times
            .estimate(self.place, stop.at.into(), Trip { mode, leaves })
            .filter(|drive| drive.duration_secs.is_finite() && drive.duration_secs >= 0.0)
            .ok_or(Unknown::NoWay)?;
        let share = if drive.source.is_by_road() { ROAD_SPREAD } else { STRAIGHT_LINE_SPREAD };
        self.variance += (drive.duration_secs * share).powi(2);
        self.source = self.source.max(drive.source);
        self.driven = (self.driven.0 + drive.duration_secs, self.driven.1 + drive.distance_m);
        self.place = stop.at.into();
        let p50 = later(leaves, drive.duration_secs).max(now);
        let p90 = self.p90(p50);
        let late =
            |arrival: DateTime<Utc>| stop.window_end.map_or(0, |end| (arrival - end).num_seconds().max(0));
        let (source, fix_age_secs) = (self.source, self.fix_age_secs);
        let (late_by_secs, late_by_p90_secs) = (late(p50), late(p90));
        Ok((self, Eta { p50, p90, late_by_secs, late_by_p90_secs, source, fix_age_secs }))
    }

    /// Does what is to be done at a stop.
    fn work(mut self, stop: &Stop, arrival: &Eta, breaks: &mut Breaks) -> Self {
        let planned_secs = f64::from(stop.planned_secs);
        let opens = stop.window_start.map_or(arrival.p50, |start| start.max(arrival.p50));
        let begins = breaks.on_arrival(arrival.p50, opens, planned_secs);
        self.ready = breaks.in_work(later(begins, planned_secs));
        self.rest_secs = breaks.due(self.ready);
        self.variance += (planned_secs * WORK_SPREAD).powi(2);
        self.under_way = false;
        self
    }

    /// Nobody takes a break before going home: what is due then does not count.
    fn done(&self, shift_end: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Done {
        let p50 = self.ready.max(now);
        Done {
            p50,
            p90: self.p90(p50),
            over_shift_secs: shift_end.map(|end| (p50 - end).num_seconds()),
            source: self.source,
            fix_age_secs: self.fix_age_secs,
        }
    }

    fn p90(&self, p50: DateTime<Utc>) -> DateTime<Utc> {
        later(p50, self.variance.sqrt().max(LEAST_SPREAD_SECS) + self.blind_secs)
    }
}

fn later(time: DateTime<Utc>, secs: f64) -> DateTime<Utc> {
    let delta = TimeDelta::milliseconds((secs.clamp(0.0, LONGEST_SECS) * 1000.0) as i64);
    time.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
