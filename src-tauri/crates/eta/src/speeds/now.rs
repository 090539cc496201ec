//! How it goes just now, road by road: the jam of today.
//!
//! A road is known by its number in the graph, and nobody is known at all. In memory only, for as long as it says anything.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// What was seen counts half after this.
const HALF_LIFE_SECS: f64 = 900.0;
/// After this it is forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::hours(2);
/// What was seen this much later than the time in question says nothing about it.
const LATER: TimeDelta = TimeDelta::minutes(15);
/// How often what is to be forgotten is looked for, in drives over a road.
const LOOKS_EVERY: u32 = 4_096;
/// Usual seconds of driving that a road's figure has to be worth to count as much as its class.
const LEANS_SECS: f64 = 10.0;
/// A factor outside of this is not believed.
const BELIEVABLE: (f64, f64) = (0.3, 20.0);

/// The newest drives over each road.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Now {
    roads: HashMap<u32, Lately>,
    fed: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Lately {
    usual_secs: f64,
    driven_secs: f64,
    at: DateTime<Utc>,
}

impl Lately {
    /// How much of it counts at `time`.
    fn kept(&self, time: DateTime<Utc>) -> f64 {
        let age_secs = (time - self.at).num_milliseconds() as f64 / 1_000.0;
        0.5_f64.powf(age_secs.max(0.0) / HALF_LIFE_SECS)
    }
}

impl Now {
    /// Somebody took `driven_secs` for a part of a road that usually takes `usual_secs`.
    pub fn feel(&mut self, road: u32, usual_secs: f64, driven_secs: f64, at: DateTime<Utc>) {
        let lately = self.roads.entry(road).or_insert(Lately { usual_secs: 0.0, driven_secs: 0.0, at });
        let kept = lately.kept(at);
        *lately = Lately {
            usual_secs: lately.usual_secs * kept + usual_secs,
            driven_secs: lately.driven_secs * kept + driven_secs,
            at: lately.at.max(at),
        };
        self.fed = self.fed.wrapping_add(1);
        if self.fed.is_multiple_of(LOOKS_EVERY) {
            self.roads.retain(|_, lately| at - lately.at < FORGOTTEN);
        }
    }

    /// How much longer than usual a road takes who comes there at `time`; what speaks for it leans on its class.
    pub fn factor(&self, road: u32, class_factor: f64, time: DateTime<Utc>) -> f64 {
        let Some(lately) = self.roads.get(&road).filter(|lately| lately.at - time <= LATER) else {
            return class_factor;
        };
        let kept = lately.kept(time);
        let seen =
            (lately.driven_secs * kept + class_factor * LEANS_SECS) / (lately.usual_secs * kept + LEANS_SECS);
        seen.clamp(BELIEVABLE.0, BELIEVABLE.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jam_of_today_says_nothing_about_yesterday() {
        let noon = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(12);
        let mut now = Now::default();
        now.feel(7, 100.0, 400.0, noon);
        let factor = |minutes| now.factor(7, 1.2, noon + TimeDelta::minutes(minutes));
        assert!(factor(0) > 3.0, "now it is slow: {}", factor(0));
        assert_eq!(factor(-15), factor(0), "so it was just before");
        assert_eq!(factor(-16), 1.2, "of what was earlier nothing is known");
        assert_eq!(factor(-24 * 60), 1.2, "least of all of yesterday");
    }
}
