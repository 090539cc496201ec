//! Travel times with a label that says what they rest on.

use crate::many::Known;
use crate::route::Leg;
use crate::router::{RouteError, Router};
use crate::snap::Place;
use chrono::{DateTime, Utc};
use domain::LonLat;
use domain::travel::{TravelMode, TravelSource};
use serde::{Deserialize, Serialize};

/// A travel time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Travel time in seconds.
    pub duration_secs: f64,
    /// Way in metres.
    pub distance_m: f64,
    /// What it rests on.
    pub source: TravelSource,
}

/// Beyond this a straight line says nothing about the drive: there may be a sea or a border between. Metres.
pub const MAX_STRAIGHT_LINE_M: f64 = 200_000.0;
/// Roads are this much longer than the straight line, a usual value for European road networks.
const DETOUR_FACTOR: f64 = 1.4;
/// (way up to here in metres, km/h on this stretch): short ways are town ways, long ones use faster roads.
const USUAL_SPEEDS: [(f64, f64); 3] = [(5_000.0, 25.0), (30_000.0, 50.0), (f64::INFINITY, 80.0)];

/// How and when somebody travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trip {
    /// By what.
    pub mode: TravelMode,
    /// When they leave, for whoever knows how roads fare at that hour.
    pub leaves: DateTime<Utc>,
}

/// A way that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// At least two points; just the ends where the way is only estimated.
    pub points: Vec<LonLat>,
    /// What it takes.
    pub estimate: Estimate,
}

/// Anything that knows travel times: the local road graph, the straight line, a remote engine.
pub trait TravelTimes {
    /// The travel time; `None` where it isn't known well enough to be shown to anyone.
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate>;

    /// [`TravelTimes::estimate`] from one place to each of many, in their order. Worth having where many cost less than
    /// one by one.
    fn estimates_to(&self, from: Place, to: &[Place], trip: Trip) -> Vec<Option<Estimate>> {
        to.iter().map(|to| self.estimate(from, *to, trip)).collect()
    }

    /// [`TravelTimes::estimate`] from each of many places to one, in their order.
    fn estimates_from(&self, from: &[Place], to: Place, trip: Trip) -> Vec<Option<Estimate>> {
        from.iter().map(|from| self.estimate(*from, to, trip)).collect()
    }

    /// [`TravelTimes::estimate`] from each of many places to each of the same, row by row.
    fn estimates_between(&self, places: &[Place], trip: Trip) -> Vec<Vec<Option<Estimate>>> {
        places.iter().map(|from| self.estimates_to(*from, places, trip)).collect()
    }

    /// Whether an engine is asked over the network, so that [`TravelTimes::told`] is worth preparing for.
    fn has_engine(&self) -> bool {
        false
    }

    /// What the engine says of these ways, whatever the hour: all of them together, in their order. It costs as much as a few single
    /// questions; `None` is a way to ask [`TravelTimes::estimate`] about. Who has no engine says nothing.
    fn told(&self, ways: &[(Place, Place)], _: TravelMode) -> Vec<Option<Estimate>> {
        vec![None; ways.len()]
    }

    /// The way with its points; the straight line where nothing better is known.
    fn way(&self, from: Place, to: Place, trip: Trip) -> Option<Way> {
        let estimate = self.estimate(from, to, trip)?;
        Some(Way { points: vec![from.at, to.at], estimate })
    }
}

/// Travel times from the straight line only, for where there is no road graph.
#[derive(Debug, Clone, Copy, Default)]
pub struct GreatCircle;

impl TravelTimes for GreatCircle {
    fn estimate(&self, from: Place, to: Place, _: Trip) -> Option<Estimate> {
        straight_line(from.at, to.at)
    }
}

impl TravelTimes for Router {
    /// By road where both ends are on connected roads, else by the straight line, labelled as such; the graph is of one mode, and
    /// knows no hours.
    fn estimate(&self, from: Place, to: Place, _: Trip) -> Option<Estimate> {
        labelled(self.leg(from, to), from, to)
    }

    fn estimates_to(&self, from: Place, to: &[Place], _: Trip) -> Vec<Option<Estimate>> {
        let ends: Vec<Known> = to.iter().map(|to| self.known(*to)).collect();
        let legs = self.legs_to(&self.known(from), &ends);
        legs.into_iter().zip(to).map(|(leg, to)| labelled(leg, from, *to)).collect()
    }

    fn estimates_from(&self, from: &[Place], to: Place, _: Trip) -> Vec<Option<Estimate>> {
        let starts: Vec<Known> = from.iter().map(|from| self.known(*from)).collect();
        let legs = self.legs_from(&starts, &self.known(to));
        legs.into_iter().zip(from).map(|(leg, from)| labelled(leg, *from, to)).collect()
    }

    fn estimates_between(&self, places: &[Place], _: Trip) -> Vec<Vec<Option<Estimate>>> {
        let known: Vec<Known> = places.iter().map(|place| self.known(*place)).collect();
        let row = |(legs, from): (Vec<Result<Leg, RouteError>>, &Place)| {
            legs.into_iter().zip(places).map(|(leg, to)| labelled(leg, *from, *to)).collect()
        };
        self.legs_between(&known).into_iter().zip(places).map(row).collect()
    }

    fn way(&self, from: Place, to: Place, trip: Trip) -> Option<Way> {
        match self.route(from, to) {
            Ok(route) => {
                let leg = Leg { duration_secs: route.duration_secs, distance_m: route.distance_m };
                Some(Way { points: route.points, estimate: labelled(Ok(leg), from, to)? })
            }
            Err(RouteError::NotOnRoad { .. } | RouteError::NoRoute) => GreatCircle.way(from, to, trip),
        }
    }
}

pub(crate) fn labelled(leg: Result<Leg, RouteError>, from: Place, to: Place) -> Option<Estimate> {
    match leg {
        Ok(Leg { duration_secs, distance_m }) => {
            Some(Estimate { duration_secs, distance_m, source: TravelSource::Roads })
        }
        Err(RouteError::NotOnRoad { .. } | RouteError::NoRoute) => straight_line(from.at, to.at),
    }
}

fn straight_line(from: LonLat, to: LonLat) -> Option<Estimate> {
    let direct_m = from.distance_m(to);
    if direct_m > MAX_STRAIGHT_LINE_M {
        return None;
    }
    let distance_m = direct_m * DETOUR_FACTOR;
    let (mut duration_secs, mut done_m) = (0.0, 0.0);
    for (until_m, kmh) in USUAL_SPEEDS {
        let stretch_m = distance_m.min(until_m) - done_m;
        if stretch_m > 0.0 {
            duration_secs += stretch_m / (kmh / 3.6);
            done_m += stretch_m;
        }
    }
    Some(Estimate { duration_secs, distance_m, source: TravelSource::StraightLine })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRIP: Trip = Trip { mode: TravelMode::Car, leaves: DateTime::UNIX_EPOCH };

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("test coordinate")
    }

    #[test]
    fn across_the_sea_is_unknown() {
        let (nice, ajaccio) = (at(7.26, 43.70), at(8.74, 41.92));
        assert_eq!(
            GreatCircle.estimate(nice.into(), ajaccio.into(), TRIP),
            None,
            "230 km of sea: no number at all"
        );
        let near = GreatCircle.estimate(nice.into(), at(7.42, 43.73).into(), TRIP).expect("13 km away");
        assert_eq!(near.source, TravelSource::StraightLine, "a guess must say so");
    }

    proptest! {
        #[test]
        fn farther_takes_longer(metres in 1.0..150_000.0, more in 1.0..10_000.0, bearing in 0.0..360.0) {
            let from = at(7.42, 43.73);
            let time = |metres| GreatCircle.estimate(from.into(), from.destination(bearing, metres).into(), TRIP);
            let (near, far) = (time(metres).expect("in range"), time(metres + more).expect("in range"));
            prop_assert!(near.duration_secs < far.duration_secs, "{} m more must take longer", more);
            let kmh = far.distance_m / far.duration_secs * 3.6;
            prop_assert!((24.9..=80.1).contains(&kmh), "plausible speed, got {} km/h", kmh);
        }
    }
}
