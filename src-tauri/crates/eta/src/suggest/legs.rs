//! The drives that days consist of, asked for in batches.

use chrono::{DateTime, Utc};
use domain::travel::TravelMode;

use super::Wanted;
use super::insertion::Day;
use crate::estimate::{Estimate, TravelTimes, Trip};
use crate::snap::Place;

/// The drives of one day: along its queue, and from each of its places to the task and back.
#[derive(Debug, Default)]
pub(super) struct Legs(Vec<Leg>);

#[derive(Debug, Clone, Copy)]
struct Leg {
    from: Place,
    to: Place,
    drive: Option<Estimate>,
}

impl TravelTimes for Legs {
    fn estimate(&self, from: Place, to: Place, _: Trip) -> Option<Estimate> {
        self.0.iter().find(|leg| leg.from == from && leg.to == to)?.drive
    }
}

/// The drives of each of these days, in their order.
pub(super) fn legs(days: &[&Day], wanted: &Wanted, times: &dyn TravelTimes, now: DateTime<Utc>) -> Vec<Legs> {
    let mut legs: Vec<Legs> = days.iter().map(|_| Legs::default()).collect();
    for mode in TravelMode::ALL {
        let trip = Trip { mode, leaves: now };
        let by_mode = days.iter().zip(&mut legs).filter(|(day, _)| day.mode == mode);
        let mut by_mode: Vec<(&Day, &mut Legs)> = by_mode.map(|(day, legs)| (*day, legs)).collect();
        if !by_mode.is_empty() {
            to_and_from(&mut by_mode, wanted.stop.at.into(), times, trip);
            along(&mut by_mode, times, trip);
        }
    }
    legs
}

/// From everywhere to the task, and from there to every stop: one question each.
fn to_and_from(days: &mut [(&Day, &mut Legs)], task: Place, times: &dyn TravelTimes, trip: Trip) {
    let from: Vec<Place> = days.iter().flat_map(|(day, _)| day.places()).collect();
    let to: Vec<Place> = days.iter().flat_map(|(day, _)| day.stop_places()).collect();
    let mut there = times.estimates_from(&from, task, trip).into_iter();
    let mut onward = times.estimates_to(task, &to, trip).into_iter();
    for (day, Legs(legs)) in days {
        legs.extend(day.places().map(|from| Leg { from, to: task, drive: there.next().flatten() }));
        legs.extend(day.stop_places().map(|to| Leg { from: task, to, drive: onward.next().flatten() }));
    }
}

/// From stop to stop.
fn along(days: &mut [(&Day, &mut Legs)], times: &dyn TravelTimes, trip: Trip) {
    for (day, Legs(legs)) in days {
        let pairs = day.places().zip(day.stop_places());
        legs.extend(pairs.map(|(from, to)| Leg { from, to, drive: times.estimate(from, to, trip) }));
    }
}
