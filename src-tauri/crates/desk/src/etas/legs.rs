//! Drives between fixed stops, remembered for a while.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::travel::TravelMode;
use eta::{Estimate, Place, TravelTimes, Trip};

use super::ChainQuestion;
use super::ahead::Ahead;

/// So many at most of each; some six megabytes.
const MOST_LEGS: usize = 50_000;
/// A drive is asked again after so long: roads get other speeds, and engines come back.
const WORTH: TimeDelta = TimeDelta::minutes(10);

/// The ends of a drive, by what, and in which hour; `None`: in any.
type Key = ([u64; 4], TravelMode, Option<i64>);

/// What was answered lately. Engines know no hours, so what they have told is kept apart.
#[derive(Debug, Default)]
pub(super) struct Legs {
    told: Kept,
    by_hour: Kept,
}

impl Legs {
    /// What an engine has told lately.
    pub fn told(&self, way: (Place, Place), mode: TravelMode, now: DateTime<Utc>) -> Option<Estimate> {
        self.told.get(&key(way, mode, None), now).flatten()
    }

    /// Keeps what an engine has told.
    pub fn keep_told(&mut self, way: (Place, Place), mode: TravelMode, drive: Estimate, now: DateTime<Utc>) {
        self.told.keep(key(way, mode, None), Some(drive), now);
    }
}

/// Answers, as many as may be.
#[derive(Debug, Default)]
struct Kept(HashMap<Key, (Option<Estimate>, DateTime<Utc>)>);

impl Kept {
    fn get(&self, key: &Key, now: DateTime<Utc>) -> Option<Option<Estimate>> {
        let (drive, asked) = self.0.get(key)?;
        is_worth(*asked, now).then_some(*drive)
    }

    fn keep(&mut self, key: Key, drive: Option<Estimate>, now: DateTime<Utc>) {
        if self.0.len() >= MOST_LEGS {
            self.0.retain(|_, (_, asked)| is_worth(*asked, now));
        }
        if self.0.len() >= MOST_LEGS {
            self.0.clear();
        }
        self.0.insert(key, (drive, now));
    }
}

fn is_worth(asked: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - asked).abs() < WORTH
}

/// Whether nobody asks for this drive again: from where somebody is now, or with a heading.
pub(super) fn is_passing(start: Option<Place>, (from, to): (Place, Place)) -> bool {
    start == Some(from) || from.heading_deg.is_some() || to.heading_deg.is_some()
}

/// Travel times of one chain: the drive from where somebody is now is asked, those between stops are remembered. What was told
/// ahead is not asked again.
pub(super) struct Remembered<'a> {
    pub times: &'a dyn TravelTimes,
    pub ahead: &'a Ahead,
    pub legs: RefCell<&'a mut Legs>,
    pub question: &'a ChainQuestion,
}

impl TravelTimes for Remembered<'_> {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        let (way, now) = ((from, to), self.question.now);
        if is_passing(self.question.start(), way) {
            let told = self.ahead.passing(way, trip.mode);
            return told.or_else(|| self.times.estimate(from, to, trip));
        }
        if let Some(told) = self.legs.borrow().told(way, trip.mode, now) {
            return Some(told);
        }
        let key = key(way, trip.mode, Some(trip.leaves.timestamp().div_euclid(3_600)));
        if let Some(drive) = self.legs.borrow().by_hour.get(&key, now) {
            return drive;
        }
        let drive = self.times.estimate(from, to, trip);
        self.legs.borrow_mut().by_hour.keep(key, drive, now);
        drive
    }
}

fn key(way: (Place, Place), mode: TravelMode, hour: Option<i64>) -> Key {
    (ends(way), mode, hour)
}

/// The ends of a drive, bit by bit, as far as they are places.
pub(super) fn ends((from, to): (Place, Place)) -> [u64; 4] {
    [from.at.lon(), from.at.lat(), to.at.lon(), to.at.lat()].map(f64::to_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut legs = Kept::default();
        let key = |n: usize| ([n as u64, 0, 0, 0], TravelMode::Car, Some(0));
        let old = DateTime::UNIX_EPOCH;
        (0..MOST_LEGS - 10).for_each(|n| legs.keep(key(n), None, old));
        let now = old + WORTH;
        (0..11).for_each(|n| legs.keep(key(MOST_LEGS + n), None, now));
        assert_eq!(legs.0.len(), 11, "when there is no room left, what is old goes first");
        (0..MOST_LEGS).for_each(|n| legs.keep(key(n), None, now));
        assert!(legs.0.len() <= MOST_LEGS, "never more than so many: {}", legs.0.len());
        assert_eq!(legs.get(&key(MOST_LEGS - 1), now), Some(None), "the newest is there, unknown as it is");
    }
}
