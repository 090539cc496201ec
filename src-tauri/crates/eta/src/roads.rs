//! Travel times by the roads of a region, for every means of transport, with learnt speeds where there are some.

mod snaps;
#[cfg(test)]
mod tests;

use crate::estimate::{Estimate, GreatCircle, TravelTimes, Trip, Way, labelled};
use crate::many::Known;
use crate::route::Leg;
use crate::router::{RouteError, Router};
use crate::snap::Place;
use crate::speeds::{Expected, SpeedModel, local_hour};
use chrono_tz::Tz;
use domain::travel::TravelMode;
use snaps::Snaps;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Learnt speeds that are learnt on one thread and used on others.
pub type SharedSpeeds = Arc<RwLock<Arc<SpeedModel>>>;

/// Up to so many pairs, a second's work, the roads of each way are looked at. Beyond, all take as much longer than usual as some of
/// them do, which is right on the whole and not for each: in `bench eta-truth` it is no better than the usual speeds.
const EXACT_PAIRS: usize = 40_000;
/// So many pairs stand for all.
const SAMPLE: usize = 400;

/// Roads by what they are travelled with.
///
/// Where the roads of a mode are missing, or don't lead there, it is the straight line, labelled as such. Learnt speeds are a
/// car's, and only its times follow them; the way stays the usually fastest.
pub struct RoadTimes {
    routers: BTreeMap<TravelMode, Arc<Router>>,
    learnt: Option<(SharedSpeeds, Tz)>,
    snaps: Mutex<Snaps>,
}

impl std::fmt::Debug for RoadTimes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoadTimes").field("modes", &self.routers.keys()).finish_non_exhaustive()
    }
}

impl RoadTimes {
    /// The usual times of these roads.
    pub fn new(routers: BTreeMap<TravelMode, Arc<Router>>) -> Self {
        Self { routers, learnt: None, snaps: Mutex::default() }
    }

    /// With the learnt speeds of cars; `zone` is where their hours are.
    #[must_use]
    pub fn with_speeds(mut self, speeds: SharedSpeeds, zone: Tz) -> Self {
        self.learnt = Some((speeds, zone));
        self
    }

    fn router(&self, mode: TravelMode) -> Option<&Router> {
        self.routers.get(&mode).map(|router| &**router)
    }

    /// Calls `answer` with what is expected of roads at that time; `None`: they are as usual.
    fn expecting<T>(&self, trip: Trip, answer: impl FnOnce(Option<Expected<'_>>) -> T) -> T {
        let Some((speeds, zone)) = self.learnt.as_ref().filter(|_| trip.mode == TravelMode::Car) else {
            return answer(None);
        };
        // The lock is let go at once: whoever learns must not wait for a large matrix.
        let speeds = Arc::clone(&speeds.read().unwrap_or_else(PoisonError::into_inner));
        answer(speeds.since().map(|_| speeds.expect(local_hour(trip.leaves, *zone), trip.leaves)))
    }

    /// The road of somebody on the move.
    fn passing(&self, router: &Router, mode: TravelMode, place: Place) -> Known {
        self.snaps().kept(mode, place).unwrap_or_else(|| router.known(place))
    }

    /// The road of a place that will be asked for again.
    fn fixed(&self, router: &Router, mode: TravelMode, place: Place) -> Known {
        if let Some(known) = self.snaps().kept(mode, place) {
            return known;
        }
        let known = router.known(place);
        self.snaps().keep(mode, known);
        known
    }

    fn snaps(&self) -> std::sync::MutexGuard<'_, Snaps> {
        self.snaps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The leg with what was learnt of its roads.
fn learnt_leg(router: &Router, from: &Known, to: &Known, expected: &Expected<'_>) -> Result<Leg, RouteError> {
    let (start, end) = router.ends_known(from, to)?;
    let drive = router.drive_between(&start, &end)?;
    Ok(Leg { duration_secs: expected.secs(&drive), distance_m: drive.leg.distance_m })
}

/// How much longer than usual the ways between some of these pairs take, all together.
fn sampled<'a>(
    router: &Router,
    pairs: impl Iterator<Item = (&'a Known, &'a Known)>,
    expected: &Expected<'_>,
) -> f64 {
    let (mut usual_secs, mut secs) = (0.0, 0.0);
    for (from, to) in pairs {
        let drive = router.ends_known(from, to).and_then(|(start, end)| router.drive_between(&start, &end));
        if let Ok(drive) = drive {
            usual_secs += drive.leg.duration_secs;
            secs += expected.secs(&drive);
        }
    }
    if usual_secs > 0.0 { secs / usual_secs } else { 1.0 }
}

fn longer(leg: Result<Leg, RouteError>, factor: f64) -> Result<Leg, RouteError> {
    leg.map(|leg| Leg { duration_secs: leg.duration_secs * factor, ..leg })
}

impl TravelTimes for RoadTimes {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        let Some(router) = self.router(trip.mode) else { return GreatCircle.estimate(from, to, trip) };
        let (start, end) = (self.passing(router, trip.mode, from), self.fixed(router, trip.mode, to));
        let leg = self.expecting(trip, |expected| match expected {
            Some(expected) => learnt_leg(router, &start, &end, &expected),
            None => router.leg_known(&start, &end),
        });
        labelled(leg, from, to)
    }

    fn estimates_to(&self, from: Place, to: &[Place], trip: Trip) -> Vec<Option<Estimate>> {
        let Some(router) = self.router(trip.mode) else { return GreatCircle.estimates_to(from, to, trip) };
        let start = self.passing(router, trip.mode, from);
        let ends: Vec<Known> = to.iter().map(|to| self.fixed(router, trip.mode, *to)).collect();
        let legs = self.expecting(trip, |expected| match expected {
            None => router.legs_to(&start, &ends),
            Some(expected) if ends.len() <= EXACT_PAIRS => {
                ends.iter().map(|end| learnt_leg(router, &start, end, &expected)).collect()
            }
            Some(expected) => {
                let some = ends.iter().step_by(ends.len() / SAMPLE).map(|end| (&start, end));
                let factor = sampled(router, some, &expected);
                router.legs_to(&start, &ends).into_iter().map(|leg| longer(leg, factor)).collect()
            }
        });
        legs.into_iter().zip(to).map(|(leg, to)| labelled(leg, from, *to)).collect()
    }

    fn estimates_from(&self, from: &[Place], to: Place, trip: Trip) -> Vec<Option<Estimate>> {
        let Some(router) = self.router(trip.mode) else { return GreatCircle.estimates_from(from, to, trip) };
        let starts: Vec<Known> = from.iter().map(|from| self.passing(router, trip.mode, *from)).collect();
        let end = self.fixed(router, trip.mode, to);
        let legs = self.expecting(trip, |expected| match expected {
            None => router.legs_from(&starts, &end),
            Some(expected) if starts.len() <= EXACT_PAIRS => {
                starts.iter().map(|start| learnt_leg(router, start, &end, &expected)).collect()
            }
            Some(expected) => {
                let some = starts.iter().step_by(starts.len() / SAMPLE).map(|start| (start, &end));
                let factor = sampled(router, some, &expected);
                router.legs_from(&starts, &end).into_iter().map(|leg| longer(leg, factor)).collect()
            }
        });
        legs.into_iter().zip(from).map(|(leg, from)| labelled(leg, *from, to)).collect()
    }

    fn estimates_between(&self, places: &[Place], trip: Trip) -> Vec<Vec<Option<Estimate>>> {
        let Some(router) = self.router(trip.mode) else { return GreatCircle.estimates_between(places, trip) };
        let known: Vec<Known> = places.iter().map(|place| self.fixed(router, trip.mode, *place)).collect();
        let pairs = known.len() * known.len();
        let rows = self.expecting(trip, |expected| match expected {
            None => router.legs_between(&known),
            Some(expected) if pairs <= EXACT_PAIRS => {
                let leg = |from: &Known, to: &Known| learnt_leg(router, from, to, &expected);
                known.iter().map(|from| known.iter().map(|to| leg(from, to)).collect()).collect()
            }
            Some(expected) => {
                // A step that has no factor in common with the width of a row meets all columns.
                let step = (pairs / SAMPLE) | 1;
                let some =
                    (0..pairs).step_by(step).map(|n| (&known[n / known.len()], &known[n % known.len()]));
                let factor = sampled(router, some, &expected);
                let mut rows = router.legs_between(&known);
                rows.iter_mut().flatten().for_each(|leg| *leg = longer(*leg, factor));
                rows
            }
        });
        let row = |(legs, from): (Vec<Result<Leg, RouteError>>, &Place)| {
            legs.into_iter().zip(places).map(|(leg, to)| labelled(leg, *from, *to)).collect()
        };
        rows.into_iter().zip(places).map(row).collect()
    }

    fn way(&self, from: Place, to: Place, trip: Trip) -> Option<Way> {
        let Some(router) = self.router(trip.mode) else { return GreatCircle.way(from, to, trip) };
        let mut way = router.way(from, to, trip)?;
        way.estimate = self.estimate(from, to, trip)?;
        Some(way)
    }
}
