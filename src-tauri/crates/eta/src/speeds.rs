//! How fast roads really are: learnt from own drives, by class of road and local hour.
//!
//! What is kept are sums, never places or people: how long drives over a class took in an hour of the day, and how long they
//! usually would have. A factor is what one takes against the other. It is trusted as far as there are drives behind it: the
//! hour leans on the hours beside it, these on the whole day, the day on all classes, and all of it on the usual speeds, so that
//! little data moves little. How a road goes just now counts more than that, and fades within the hour.

mod follow;
mod now;
mod record;
#[cfg(test)]
mod tests;

use crate::drive::Drive;
use crate::profile::RoadClass;
use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use now::Now;
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

    fn without(self, other: Sum) -> Sum {
        Sum {
            usual_secs: (self.usual_secs - other.usual_secs).max(0.0),
            driven_secs: (self.driven_secs - other.driven_secs).max(0.0),
            metres: (self.metres - other.metres).max(0.0),
        }
    }

    fn half(self) -> Sum {
        Sum {
            usual_secs: self.usual_secs / 2.0,
            driven_secs: self.driven_secs / 2.0,
            metres: self.metres / 2.0,
        }
    }

    fn halved_when_full(mut self) -> Sum {
        while self.usual_secs > FULL_SECS {
            self = self.half();
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
/// assert_eq!(model.factors(8).of(eta::RoadClass::Primary), 1.0, "nothing learnt: the usual times");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Record", into = "Record")]
pub struct SpeedModel {
    since: Option<DateTime<Utc>>,
    sums: [[Sum; HOURS]; CLASSES],
    /// All that was ever driven by class, metres; sums forget.
    metres: [f64; CLASSES],
    /// Not written down: it is over in an hour.
    now: Now,
}

/// How much longer than usual each class takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factors([f64; CLASSES]);

/// What drives are expected to take at some time.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    now: &'a Now,
    factors: Factors,
    leaves: DateTime<Utc>,
}

impl Expected<'_> {
    /// Seconds of a drive on the roads that the speeds were learnt on.
    pub fn secs(&self, drive: &Drive) -> f64 {
        drive.secs(|stretch| self.now.factor(stretch.road, self.factors.of(stretch.class), self.leaves))
    }
}

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
        let usual = self.factors(hour);
        let expected_secs = usual.secs(&driven.drive);
        if !(expected_secs > 0.0 && driven.secs.is_finite() && driven.secs > 0.0) {
            return;
        }
        let share = driven.secs / expected_secs;
        for stretch in &driven.drive.stretches {
            let driven_secs = stretch.usual_secs * usual.of(stretch.class) * share;
            let sum = &mut self.sums[stretch.class as usize][hour];
            *sum = sum.with(Sum { usual_secs: stretch.usual_secs, driven_secs, metres: stretch.length_m });
            *sum = sum.halved_when_full();
            self.metres[stretch.class as usize] += stretch.length_m;
            self.now.feel(stretch.road, stretch.usual_secs, driven_secs, driven.ended);
        }
        self.since = Some(self.since.map_or(driven.ended, |since| since.min(driven.ended)));
    }

    /// What drives take for who leaves at `leaves` in this local hour, 0–23: by how their roads go just now, else by class and hour.
    pub fn expect(&self, local_hour: usize, leaves: DateTime<Utc>) -> Expected<'_> {
        Expected { now: &self.now, factors: self.factors(local_hour), leaves }
    }

    /// Takes over what another one has learnt of classes and hours.
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
                let factor = self.factors(hour).of(class);
                (hours[hour].metres >= ENOUGH_KM * 1_000.0).then_some(usual_kmh / factor)
            };
            Some(ClassSpeeds { class, km, usual_kmh, kmh: std::array::from_fn(kmh) })
        });
        driven.collect()
    }

    /// The factors of a local hour, 0–23, whatever is just now. Nothing counts twice: what an hour leans on is what the others know.
    pub fn factors(&self, local_hour: usize) -> Factors {
        let hour = local_hour % HOURS;
        let (before, after) = ((hour + HOURS - 1) % HOURS, (hour + 1) % HOURS);
        let days: [Sum; CLASSES] = std::array::from_fn(|class| total(&self.sums[class]));
        let all = total(&days);
        Factors(std::array::from_fn(|class| {
            let hours = &self.sums[class];
            let own = if hours[hour].metres < ENOUGH_KM * 1_000.0 { Sum::default() } else { hours[hour] };
            let beside = hours[before].with(hours[after]);
            let any_class = bounded(all.without(days[class]).leaning_on(1.0));
            let day = bounded(days[class].without(own).without(beside).leaning_on(any_class));
            let around = bounded(beside.half().leaning_on(day));
            bounded(own.leaning_on(around))
        }))
    }
}

fn total(sums: &[Sum]) -> Sum {
    sums.iter().fold(Sum::default(), |all, sum| all.with(*sum))
}

/// The hour of a day, 0–23, that clocks show there.
pub fn local_hour(time: DateTime<Utc>, zone: Tz) -> usize {
    time.with_timezone(&zone).hour() as usize
}

fn bounded(factor: f64) -> f64 {
    factor.clamp(BELIEVABLE.0, BELIEVABLE.1)
}
