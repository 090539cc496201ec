//! How fast roads really are: learnt from own drives, by class of road and local hour.
//!
//! What is kept are sums, never places or people: how long drives over a class took in an hour of the day, and how long they
//! usually would have. A factor is what one takes against the other. It is trusted as far as there are drives behind it: the
//! hour leans on the hours beside it, these on the whole day, the day on all classes, and all of it on the usual speeds, so that
//! little data moves little. How it goes just now against the hour's usual is a factor of its own that fades within the hour.

mod follow;
mod now;
mod record;
#[cfg(test)]
mod tests;

use crate::drive::Drive;
use crate::profile::RoadClass;
use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use now::Pulse;
use record::Record;
use serde::{Deserialize, Serialize};

pub use follow::{Driven, Follower, Sighting};

/// Hours of a day.
pub const HOURS: usize = 24;
/// What a class needs in an hour before its own figure is used, kilometres.
pub const ENOUGH_KM: f64 = 5.0;
/// A factor outside of this is not believed, however often it was seen.
const BELIEVABLE: (f64, f64) = (0.4, 8.0);
/// Usual seconds of driving that a figure has to be worth before it counts as much as what it leans on.
const LEANS_SECS: f64 = 600.0;
/// Usual seconds of driving after which a figure halves what it knows: roads change, and the newest drives should count.
const FULL_SECS: f64 = 200_000.0;

const CLASSES: usize = RoadClass::ALL.len();

/// What was driven.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sum {
    usual_secs: f64,
    driven_secs: f64,
    metres: f64,
}

impl Sum {
    fn with(self, other: Sum) -> Sum {
        Sum {
            usual_secs: self.usual_secs + other.usual_secs,
            driven_secs: self.driven_secs + other.driven_secs,
            metres: self.metres + other.metres,
        }
    }

    /// The factor seen, as far as there is enough behind it to move away from `otherwise`.
    fn leaning_on(self, otherwise: f64) -> f64 {
        (self.driven_secs + otherwise * LEANS_SECS) / (self.usual_secs + LEANS_SECS)
    }

    fn halved_when_full(mut self) -> Sum {
        while self.usual_secs > FULL_SECS {
            self.usual_secs /= 2.0;
            self.driven_secs /= 2.0;
            self.metres /= 2.0;
        }
        self
    }

    /// Kilometres per hour if all of it went at its usual speed.
    fn usual_kmh(self) -> f64 {
        if self.usual_secs > 0.0 { self.metres / self.usual_secs * 3.6 } else { 0.0 }
    }
}

/// How fast roads are by class and local hour, against the usual times of a [`Router`](crate::Router).
///
/// ```
/// let model = eta::SpeedModel::default();
/// let factors = model.factors(8, chrono::DateTime::UNIX_EPOCH);
/// assert_eq!(factors.of(eta::RoadClass::Primary), 1.0, "nothing learnt: the usual times");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Record", into = "Record")]
pub struct SpeedModel {
    since: Option<DateTime<Utc>>,
    sums: [[Sum; HOURS]; CLASSES],
    /// All that was ever driven by class, metres; sums forget.
    metres: [f64; CLASSES],
    /// Not kept: it is over in an hour.
    pulse: Pulse,
}

/// How much longer than usual each class takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factors([f64; CLASSES]);

/// What is known of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassSpeeds {
    /// Which.
    pub class: RoadClass,
    /// Driven kilometres.
    pub km: f64,
    /// The usual speed of what was driven, km/h.
    pub usual_kmh: f64,
    /// Speed by local hour, km/h; `None` where less than [`ENOUGH_KM`] was driven.
    pub kmh: [Option<f64>; HOURS],
}

impl Factors {
    /// Usual times.
    pub const USUAL: Factors = Factors([1.0; CLASSES]);

    /// For one class; 1 = as usual, 2 = twice as long.
    pub fn of(&self, class: RoadClass) -> f64 {
        self.0[class as usize]
    }

    /// Seconds of a drive.
    pub fn secs(&self, drive: &Drive) -> f64 {
        drive.secs(|stretch| self.of(stretch.class))
    }
}

impl SpeedModel {
    /// When the first drive was learnt from.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// Kilometres learnt from.
    pub fn km(&self) -> f64 {
        self.metres.iter().sum::<f64>() / 1_000.0
    }

    /// Learns from a drive that ended in this local hour, 0–23. What it took is shared among its classes by what they were expected
    /// to take.
    pub fn learn(&mut self, driven: &Driven, local_hour: usize) {
        let hour = local_hour % HOURS;
        let usual = self.usual_factors(hour);
        let expected_secs: f64 = usual.secs(&driven.drive);
        if !(expected_secs > 0.0 && driven.secs.is_finite() && driven.secs > 0.0) {
            return;
        }
        let share = driven.secs / expected_secs;
        for stretch in &driven.drive.stretches {
            let expected_secs = stretch.usual_secs * usual.of(stretch.class);
            let sum = &mut self.sums[stretch.class as usize][hour];
            *sum = sum.with(Sum {
                usual_secs: stretch.usual_secs,
                driven_secs: expected_secs * share,
                metres: stretch.length_m,
            });
            *sum = sum.halved_when_full();
            self.metres[stretch.class as usize] += stretch.length_m;
        }
        self.pulse.feel(expected_secs, driven.secs, driven.ended);
        self.since = Some(self.since.map_or(driven.ended, |since| since.min(driven.ended)));
    }

    /// The factors for who leaves at `leaves` in this local hour, 0–23: the hour's, and how it goes just now.
    pub fn factors(&self, local_hour: usize, leaves: DateTime<Utc>) -> Factors {
        let now = self.pulse.factor(leaves);
        Factors(self.usual_factors(local_hour % HOURS).0.map(|factor| bounded(factor * now)))
    }

    /// Takes over what another one has learnt.
    pub fn merge(&mut self, other: &SpeedModel) {
        for (own, other) in self.sums.iter_mut().flatten().zip(other.sums.iter().flatten()) {
            *own = own.with(*other).halved_when_full();
        }
        for (own, other) in self.metres.iter_mut().zip(&other.metres) {
            *own += other;
        }
        self.since = self.since.into_iter().chain(other.since).min();
    }

    /// What is known of each class that was driven, the largest roads first.
    pub fn classes(&self) -> Vec<ClassSpeeds> {
        let driven = RoadClass::ALL.into_iter().filter_map(|class| {
            let hours = &self.sums[class as usize];
            let (km, usual_kmh) = (self.metres[class as usize] / 1_000.0, total(hours).usual_kmh());
            if km <= 0.0 || usual_kmh <= 0.0 {
                return None;
            }
            let kmh = |hour: usize| {
                let factor = self.usual_factors(hour).of(class);
                (hours[hour].metres >= ENOUGH_KM * 1_000.0).then_some(usual_kmh / factor)
            };
            Some(ClassSpeeds { class, km, usual_kmh, kmh: std::array::from_fn(kmh) })
        });
        driven.collect()
    }

    /// The factors of an hour without what is just now.
    fn usual_factors(&self, hour: usize) -> Factors {
        let days: [Sum; CLASSES] = std::array::from_fn(|class| total(&self.sums[class]));
        let all = bounded(total(&days).leaning_on(1.0));
        let factor = |class: usize| {
            let hours = &self.sums[class];
            let beside = hours[(hour + HOURS - 1) % HOURS].with(hours[hour]).with(hours[(hour + 1) % HOURS]);
            let around = bounded(beside.leaning_on(bounded(days[class].leaning_on(all))));
            let own = hours[hour];
            if own.metres < ENOUGH_KM * 1_000.0 { around } else { bounded(own.leaning_on(around)) }
        };
        Factors(std::array::from_fn(factor))
    }
}

/// The hour of a day, 0–23, that clocks show there.
pub fn local_hour(time: DateTime<Utc>, zone: Tz) -> usize {
    time.with_timezone(&zone).hour() as usize
}

fn total(sums: &[Sum]) -> Sum {
    sums.iter().fold(Sum::default(), |all, sum| all.with(*sum))
}

fn bounded(factor: f64) -> f64 {
    factor.clamp(BELIEVABLE.0, BELIEVABLE.1)
}
