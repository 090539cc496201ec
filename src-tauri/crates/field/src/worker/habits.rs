//! What makes a day worth watching: batteries that run down, drivers in a hurry, stops that take too long, calls for help.
//!
//! Its random numbers are its own, so that a person with other habits does the same work on the same way.

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// How much of a battery an hour of work takes and an hour on the charger gives, per cent.
const DRAIN_PER_HOUR: f64 = 9.0;
const CHARGE_PER_HOUR: f64 = 45.0;
/// A pause below this is spent at a charger, per cent.
const CHARGES_BELOW: f64 = 30.0;
/// Share of phones that were not charged over night.
const FORGOTTEN: f64 = 0.08;
/// Somebody in a hurry drives so much faster than the road allows.
const HASTE: f64 = 1.5;
/// Seconds that a stop on the way takes, whatever the time factor: a rule counts real minutes.
const STOP_SECS: (f64, f64) = (330.0, 540.0);
/// When somebody who will call for help does, seconds after the phone was switched on.
const HELP_SECS: (i64, i64) = (300, 2_700);

/// How often people do what is worth an alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mishaps {
    /// Share of drives that somebody in a hurry makes, 0…1.
    pub speeding_share: f64,
    /// Share of ways to a task with a stop that takes too long, 0…1.
    pub stop_share: f64,
    /// Share of people who call for help, once, 0…1.
    pub help_share: f64,
}

impl Mishaps {
    /// Nothing of the kind.
    pub const NONE: Mishaps = Mishaps { speeding_share: 0.0, stop_share: 0.0, help_share: 0.0 };
    /// Rarely, but not never.
    pub const USUAL: Mishaps = Mishaps { speeding_share: 0.02, stop_share: 0.03, help_share: 0.02 };
}

/// How a way is driven.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    /// So many times as fast as the road allows.
    pub haste: f64,
    /// A stop at this share of the way, for so many seconds.
    pub stop: Option<(f64, f64)>,
}

/// One person's habits.
#[derive(Debug, Clone)]
pub(crate) struct Habits {
    rng: ChaCha8Rng,
    mishaps: Mishaps,
    battery: f64,
    seen_at: Option<DateTime<Utc>>,
    calls_after: Option<TimeDelta>,
    calls_at: Option<DateTime<Utc>>,
}

impl Habits {
    pub fn new(mut rng: ChaCha8Rng, mishaps: Mishaps) -> Self {
        let is_forgotten = rng.random_bool(FORGOTTEN);
        let battery = if is_forgotten { rng.random_range(9.0..22.0) } else { rng.random_range(55.0..100.0) };
        let calls = rng.random_bool(mishaps.help_share.clamp(0.0, 1.0));
        let after = TimeDelta::seconds(rng.random_range(HELP_SECS.0..HELP_SECS.1));
        Habits { rng, mishaps, battery, seen_at: None, calls_after: calls.then_some(after), calls_at: None }
    }

    /// What is left in the battery at `now`, per cent; `hurry` is how many times faster than real the person lives.
    pub fn battery(&mut self, is_resting: bool, hurry: f64, now: DateTime<Utc>) -> u8 {
        let since = self.seen_at.replace(now).map_or(0.0, |seen| (now - seen).as_seconds_f64().max(0.0));
        let hours = since / 3_600.0 * hurry;
        let charges = is_resting && self.battery < CHARGES_BELOW;
        self.battery += hours * if charges { CHARGE_PER_HOUR } else { -DRAIN_PER_HOUR };
        self.battery = self.battery.clamp(1.0, 100.0);
        self.battery.round() as u8
    }

    /// How the next way is driven.
    pub fn style(&mut self, is_to_a_task: bool) -> Style {
        let is_hasty = self.rng.random_bool(self.mishaps.speeding_share.clamp(0.0, 1.0));
        let stops = self.rng.random_bool(self.mishaps.stop_share.clamp(0.0, 1.0));
        let (at, secs) = (self.rng.random_range(0.2..0.7), self.rng.random_range(STOP_SECS.0..STOP_SECS.1));
        Style {
            haste: if is_hasty { HASTE } else { 1.0 },
            stop: (stops && is_to_a_task).then_some((at, secs)),
        }
    }

    /// Whether the person calls for help now: once in their life, if at all.
    pub fn calls_for_help(&mut self, now: DateTime<Utc>) -> bool {
        let Some(after) = self.calls_after else { return false };
        let due = *self.calls_at.get_or_insert(now + after);
        if now >= due {
            self.calls_after = None;
        }
        now >= due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(secs)
    }

    fn habits(seed: u64, mishaps: Mishaps) -> Habits {
        Habits::new(ChaCha8Rng::seed_from_u64(seed), mishaps)
    }

    #[test]
    fn a_battery_runs_down_at_work_and_fills_at_a_break() {
        let mut habits = habits(1, Mishaps::NONE);
        let full = habits.battery(false, 1.0, at(0));
        let later = habits.battery(false, 1.0, at(2 * 3_600));
        assert_eq!(full - later, 18, "nine points an hour");
        let empty = habits.battery(false, 1.0, at(20 * 3_600));
        assert_eq!(empty, 1, "it does not go below one");
        let charged = habits.battery(true, 1.0, at(20 * 3_600 + 1_800));
        assert!(charged > 20, "half an hour at a charger: {charged}");
    }

    #[test]
    fn the_same_seed_has_the_same_mishaps_and_none_means_none() {
        let styles = |seed, mishaps| {
            let mut habits = habits(seed, mishaps);
            (0..200).map(|_| habits.style(true)).collect::<Vec<_>>()
        };
        assert_eq!(styles(7, Mishaps::USUAL), styles(7, Mishaps::USUAL), "deterministic");
        let calm = Style { haste: 1.0, stop: None };
        assert!(styles(7, Mishaps::NONE).iter().all(|style| *style == calm), "nothing happens");
        let all = Mishaps { speeding_share: 1.0, stop_share: 1.0, help_share: 1.0 };
        assert!(styles(7, all).iter().all(|style| style.haste > 1.0 && style.stop.is_some()), "all the time");
    }

    #[test]
    fn whoever_calls_for_help_does_so_once() {
        let all = Mishaps { help_share: 1.0, ..Mishaps::NONE };
        let mut caller = habits(3, all);
        let calls = (0..3_600).filter(|secs| caller.calls_for_help(at(*secs))).count();
        assert_eq!(calls, 1, "within the first hour");
        let mut calm = habits(3, Mishaps::NONE);
        assert!(!(0..3_600).any(|secs| calm.calls_for_help(at(secs))), "or never");
    }
}
