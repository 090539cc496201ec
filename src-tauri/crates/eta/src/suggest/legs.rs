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
    let task = wanted.stop.at.into();
    let mut legs: Vec<Legs> = days.iter().map(|day| Legs::open(day, task)).collect();
    for mode in TravelMode::ALL {
        let trip = Trip { mode, leaves: now };
        let by_mode = days.iter().zip(&mut legs).filter(|(day, _)| day.mode == mode);
        let open: Vec<&mut Leg> = by_mode.flat_map(|(_, Legs(legs))| legs).collect();
        if !open.is_empty() {
            ask(open, task, times, trip);
        }
    }
    legs
}

impl Legs {
    /// Everything is still to be asked.
    fn open(day: &Day, task: Place) -> Self {
        let there = day.places().map(|from| (from, task));
        let onward = day.stop_places().map(|to| (task, to));
        let along = day.places().zip(day.stop_places());
        Legs(there.chain(onward).chain(along).map(|(from, to)| Leg { from, to, drive: None }).collect())
    }
}

/// An engine is asked about all of them together; what it leaves open: from everywhere to the task, and from there to every stop, one
/// question each, then from stop to stop.
fn ask(mut legs: Vec<&mut Leg>, task: Place, times: &dyn TravelTimes, trip: Trip) {
    let ways: Vec<(Place, Place)> = legs.iter().map(|leg| (leg.from, leg.to)).collect();
    answered(&mut legs, times.told(&ways, trip.mode));
    legs.retain(|leg| leg.drive.is_none());
    let (mut there, rest): (Vec<&mut Leg>, Vec<&mut Leg>) = legs.into_iter().partition(|leg| leg.to == task);
    let (mut onward, along): (Vec<&mut Leg>, Vec<&mut Leg>) =
        rest.into_iter().partition(|leg| leg.from == task);
    let from: Vec<Place> = there.iter().map(|leg| leg.from).collect();
    answered(&mut there, times.estimates_from(&from, task, trip));
    let to: Vec<Place> = onward.iter().map(|leg| leg.to).collect();
    answered(&mut onward, times.estimates_to(task, &to, trip));
    for leg in along {
        leg.drive = times.estimate(leg.from, leg.to, trip);
    }
}

/// In their order.
fn answered(legs: &mut [&mut Leg], drives: Vec<Option<Estimate>>) {
    for (leg, drive) in legs.iter_mut().zip(drives) {
        leg.drive = drive;
    }
}
