//! Travel times of this desk: the engine that was chosen over the roads of the installed region.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::LonLat;
use domain::travel::TravelMode;
use engines::{Layered, SharedTimes};
use eta::{Estimate, GreatCircle, Place, RoadTimes, Router, SharedSpeeds, TravelTimes, Trip, Way};
use protocol::view::{EngineSettings, EngineTestView};

use crate::regions::OpenRegion;

/// A way that is worth asking an engine for, metres by road: within reach of every region, and no mere street.
const SHORT_WAY_M: std::ops::RangeInclusive<f64> = 500.0..=5_000.0;
/// So many pairs of junctions are looked at for one.
const PAIRS: u64 = 50;

/// What the region knows by itself, whatever region that is.
pub struct OwnTimes(RwLock<SharedTimes>);

impl OwnTimes {
    /// Of this region, with what was learnt of its roads by the hours of the zone; the straight line without one.
    pub fn new(region: Option<&OpenRegion>, learnt: (SharedSpeeds, Tz)) -> Self {
        Self(RwLock::new(times(region, learnt)))
    }

    /// Of another region or zone from now on. What is being worked out is worked out as it began.
    pub fn set(&self, region: Option<&OpenRegion>, learnt: (SharedSpeeds, Tz)) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = times(region, learnt);
    }

    fn now(&self) -> SharedTimes {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn times(region: Option<&OpenRegion>, (speeds, zone): (SharedSpeeds, Tz)) -> SharedTimes {
    match region {
        Some(region) => Arc::new(RoadTimes::new(region.routers.clone()).with_speeds(speeds, zone)),
        None => Arc::new(GreatCircle),
    }
}

impl TravelTimes for OwnTimes {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        self.now().estimate(from, to, trip)
    }

    fn estimates_to(&self, from: Place, to: &[Place], trip: Trip) -> Vec<Option<Estimate>> {
        self.now().estimates_to(from, to, trip)
    }

    fn estimates_from(&self, from: &[Place], to: Place, trip: Trip) -> Vec<Option<Estimate>> {
        self.now().estimates_from(from, to, trip)
    }

    fn estimates_between(&self, places: &[Place], trip: Trip) -> Vec<Vec<Option<Estimate>>> {
        self.now().estimates_between(places, trip)
    }

    fn way(&self, from: Place, to: Place, trip: Trip) -> Option<Way> {
        self.now().way(from, to, trip)
    }
}

/// One way in this region, to try an engine with. No position of anybody is in it.
pub struct Trial {
    /// Travel times as they are.
    pub times: Arc<Layered>,
    /// The roads for cars, where they are installed.
    pub router: Option<Arc<Router>>,
    /// Where tasks are, for where they are not.
    pub sites: Vec<LonLat>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Trial {
    /// What the engine says; `None`: nothing is known of this region, not even two places. Waits for the network.
    pub fn run(&self, settings: &EngineSettings) -> Option<EngineTestView> {
        let (from, to) = self.router.as_deref().and_then(short_way).or_else(|| two_of(&self.sites))?;
        let trip = Trip { mode: TravelMode::Car, leaves: self.now };
        Some(self.times.test(settings, from.into(), to.into(), trip))
    }
}

/// Between two junctions that reach each other.
fn short_way(router: &Router) -> Option<(LonLat, LonLat)> {
    let pairs = (0..PAIRS).map(|n| (router.random_node(n * 7_919), router.random_node(n * 104_729 + 1)));
    let is_short = |(from, to): &(LonLat, LonLat)| {
        router.leg(*from, *to).is_ok_and(|leg| SHORT_WAY_M.contains(&leg.distance_m))
    };
    let mut pairs = pairs.peekable();
    let any = pairs.peek().copied();
    pairs.find(is_short).or(any)
}

fn two_of(sites: &[LonLat]) -> Option<(LonLat, LonLat)> {
    let (first, rest) = sites.split_first()?;
    let other = rest.iter().find(|site| SHORT_WAY_M.contains(&site.distance_m(*first)));
    other.or_else(|| rest.iter().find(|site| *site != first)).map(|other| (*first, *other))
}
