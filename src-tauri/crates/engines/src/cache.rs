//! Answers of the last minutes, so that a chain that is asked for every second does not ask a server every second.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use domain::travel::TravelMode;
use eta::{Leg, Place};

/// How long an answer holds.
const HOLDS: TimeDelta = TimeDelta::minutes(2);
/// Most answers kept; some 2 MB.
pub(crate) const MOST: usize = 20_000;
/// Places are the same up to this share of a degree: some ten metres.
const PER_DEGREE: f64 = 10_000.0;
/// Headings are the same up to this, degrees.
const SECTOR_DEG: f64 = 45.0;

/// Where to start or end, rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Spot {
    lon: i32,
    lat: i32,
    sector: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    mode: TravelMode,
    from: Spot,
    to: Spot,
}

/// What is known of pairs: `Some(None)`: the engine knows no way.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    legs: HashMap<Key, (Option<Leg>, DateTime<Utc>)>,
    /// In the order they came; an answer that was renewed is in it twice.
    order: VecDeque<(Key, DateTime<Utc>)>,
}

impl Cache {
    pub fn get(
        &self,
        (from, to): (Place, Place),
        mode: TravelMode,
        now: DateTime<Utc>,
    ) -> Option<Option<Leg>> {
        let (leg, since) = self.legs.get(&key(from, to, mode))?;
        holds(*since, now).then_some(*leg)
    }

    pub fn put(
        &mut self,
        (from, to): (Place, Place),
        mode: TravelMode,
        leg: Option<Leg>,
        now: DateTime<Utc>,
    ) {
        let key = key(from, to, mode);
        self.legs.insert(key, (leg, now));
        self.order.push_back((key, now));
        self.drop_old(now);
    }

    /// Drops what no longer holds, and what is too much.
    pub fn drop_old(&mut self, now: DateTime<Utc>) {
        while let Some((oldest, since)) = self.order.front().copied() {
            if holds(since, now) && self.order.len() <= MOST {
                break;
            }
            self.order.pop_front();
            // Renewed ones stay: they are further back, too.
            if self.legs.get(&oldest).is_some_and(|(_, of)| *of == since) {
                self.legs.remove(&oldest);
            }
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.legs.len()
    }
}

fn holds(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now >= since && now - since < HOLDS
}

fn key(from: Place, to: Place, mode: TravelMode) -> Key {
    Key { mode, from: spot(from), to: spot(to) }
}

fn spot(place: Place) -> Spot {
    let rounded = |degrees: f64| (degrees * PER_DEGREE).round() as i32;
    let sector = |degrees: f64| ((degrees.rem_euclid(360.0) / SECTOR_DEG).round() as u8) % 8;
    Spot { lon: rounded(place.at.lon()), lat: rounded(place.at.lat()), sector: place.heading_deg.map(sector) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;

    const LEG: Option<Leg> = Some(Leg { duration_secs: 60.0, distance_m: 500.0 });

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(secs)
    }

    fn place(index: usize) -> Place {
        LonLat::new(7.0 + index as f64 / 1_000.0, 43.7).expect("a coordinate").into()
    }

    #[test]
    fn a_few_metres_make_no_other_question() {
        let mut cache = Cache::default();
        cache.put((place(0), place(1)), TravelMode::Car, LEG, at(0));
        let near = place(0).at.destination(200.0, 3.0).into();
        let get = |from, to, mode, secs| cache.get((from, to), mode, at(secs));
        assert_eq!(get(near, place(1), TravelMode::Car, 60), Some(LEG), "three metres away");
        assert_eq!(get(place(1), place(0), TravelMode::Car, 60), None, "the way back is another one");
        assert_eq!(get(place(0), place(1), TravelMode::Foot, 60), None, "and on foot, too");
        let turned = Place::heading(place(0).at, 180.0);
        assert_eq!(get(turned, place(1), TravelMode::Car, 60), None, "and in another direction");
        assert_eq!(get(place(0), place(1), TravelMode::Car, 120), None, "two minutes are over");
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let mut cache = Cache::default();
        for index in 0..MOST + 500 {
            cache.put((place(index), place(0)), TravelMode::Car, LEG, at(0));
        }
        assert_eq!(cache.len(), MOST, "full, not fuller");
        assert_eq!(cache.get((place(0), place(0)), TravelMode::Car, at(1)), None, "the oldest went");
        let newest = place(MOST + 499);
        assert_eq!(cache.get((newest, place(0)), TravelMode::Car, at(1)), Some(LEG), "the newest stays");
        for secs in 0..MOST as i64 * 2 {
            cache.put((place(1), place(0)), TravelMode::Car, LEG, at(secs));
        }
        assert!(cache.order.len() <= 200, "one pair that is renewed for ever keeps no trace of it");
        assert_eq!(cache.len(), 1, "and what is over has gone");
    }

    #[test]
    fn what_is_over_goes_without_anything_new() {
        let mut cache = Cache::default();
        cache.put((place(0), place(1)), TravelMode::Car, LEG, at(0));
        cache.put((place(1), place(2)), TravelMode::Car, LEG, at(60));
        cache.drop_old(at(119));
        assert_eq!(cache.len(), 2, "both still hold");
        cache.drop_old(at(120));
        assert_eq!(cache.len(), 1, "where somebody was two minutes ago is not kept");
        cache.drop_old(at(180));
        assert!(cache.legs.is_empty() && cache.order.is_empty(), "nor any trace of it");
    }
}
