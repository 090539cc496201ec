//! Drives between fixed stops, remembered for a while.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::LonLat;
use domain::travel::TravelMode;
use eta::{Estimate, Fix, Place, TravelTimes, Trip};

use super::ChainQuestion;

/// So many at most; some six megabytes.
const MOST_LEGS: usize = 50_000;
/// A drive is asked again after so long: roads get other speeds, and engines come back.
const WORTH: TimeDelta = TimeDelta::minutes(10);

/// The ends of a drive, by what, and in which hour.
type Key = ([u64; 4], TravelMode, i64);

/// What was answered lately.
#[derive(Debug, Default)]
pub(super) struct Legs {
    known: HashMap<Key, (Option<Estimate>, DateTime<Utc>)>,
}

impl Legs {
    fn get(&self, key: &Key, now: DateTime<Utc>) -> Option<Option<Estimate>> {
        let (drive, asked) = self.known.get(key)?;
        is_worth(*asked, now).then_some(*drive)
    }

    fn keep(&mut self, key: Key, drive: Option<Estimate>, now: DateTime<Utc>) {
        if self.known.len() >= MOST_LEGS {
            self.known.retain(|_, (_, asked)| is_worth(*asked, now));
        }
        if self.known.len() >= MOST_LEGS {
            self.known.clear();
        }
        self.known.insert(key, (drive, now));
    }
}

fn is_worth(asked: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - asked).abs() < WORTH
}

/// Travel times of one chain: the drive from where somebody is now is asked, those between stops are remembered.
pub(super) struct Remembered<'a> {
    times: &'a dyn TravelTimes,
    legs: RefCell<&'a mut Legs>,
    /// Where somebody is now: a place that nobody asks for again.
    start: Option<Place>,
    now: DateTime<Utc>,
}

impl<'a> Remembered<'a> {
    pub fn new(times: &'a dyn TravelTimes, legs: &'a mut Legs, question: &ChainQuestion) -> Self {
        let start = match question.fix {
            Fix::Seen { place, .. } => Some(place),
            Fix::Private | Fix::None => None,
        };
        Self { times, legs: RefCell::new(legs), start, now: question.now }
    }
}

impl TravelTimes for Remembered<'_> {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        if self.start == Some(from) || from.heading_deg.is_some() || to.heading_deg.is_some() {
            return self.times.estimate(from, to, trip);
        }
        let key = key(from.at, to.at, trip);
        if let Some(drive) = self.legs.borrow().get(&key, self.now) {
            return drive;
        }
        let drive = self.times.estimate(from, to, trip);
        self.legs.borrow_mut().keep(key, drive, self.now);
        drive
    }
}

fn key(from: LonLat, to: LonLat, trip: Trip) -> Key {
    let ends = [from.lon(), from.lat(), to.lon(), to.lat()].map(f64::to_bits);
    (ends, trip.mode, trip.leaves.timestamp().div_euclid(3_600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut legs = Legs::default();
        let key = |n: usize| ([n as u64, 0, 0, 0], TravelMode::Car, 0);
        let old = DateTime::UNIX_EPOCH;
        (0..MOST_LEGS - 10).for_each(|n| legs.keep(key(n), None, old));
        let now = old + WORTH;
        (0..11).for_each(|n| legs.keep(key(MOST_LEGS + n), None, now));
        assert_eq!(legs.known.len(), 11, "when there is no room left, what is old goes first");
        (0..MOST_LEGS).for_each(|n| legs.keep(key(n), None, now));
        assert!(legs.known.len() <= MOST_LEGS, "never more than so many: {}", legs.known.len());
        assert_eq!(legs.get(&key(MOST_LEGS - 1), now), Some(None), "the newest is there, unknown as it is");
    }
}
