//! Devices: silence and batteries. These are states, not events: who is so when first looked at is worth an alert, too.

use chrono::{DateTime, TimeDelta, Utc};
use domain::resource::Battery;

use crate::rules::{Moves, Slot};

/// So many points up or down are charging or draining, not noise.
const POINTS: u8 = 5;
/// A battery that was announced so recently before the first look is still the same low battery.
pub(crate) const SAME_LOW: TimeDelta = TimeDelta::hours(12);

/// What is known of one device with regard to one battery rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charge {
    /// Below the limit since.
    Low {
        /// The first report below it.
        first: Battery,
        /// The least since.
        least: u8,
        /// It has been said, or is not to be.
        is_said: bool,
    },
    /// Still below the limit, but on the charger.
    Charging {
        /// The most since.
        most: u8,
    },
    /// Above it.
    Enough,
}

impl Charge {
    /// What a report makes of it.
    pub fn next(before: Option<Charge>, battery: Battery, below_percent: u8) -> Charge {
        let percent = battery.percent;
        let low = Charge::Low { first: battery, least: percent, is_said: false };
        match before {
            None | Some(Charge::Enough) if percent < below_percent => low,
            None | Some(Charge::Enough) => Charge::Enough,
            Some(_) if percent >= below_percent.saturating_add(POINTS) => Charge::Enough,
            Some(Charge::Low { least, .. }) if percent >= least.saturating_add(POINTS) => {
                Charge::Charging { most: percent }
            }
            Some(Charge::Low { first, least, is_said }) => {
                Charge::Low { first, least: least.min(percent), is_said }
            }
            Some(Charge::Charging { most })
                if percent.saturating_add(POINTS) <= most && percent < below_percent =>
            {
                low
            }
            Some(Charge::Charging { most }) => Charge::Charging { most: most.max(percent) },
        }
    }
}

/// What is known of one device.
#[derive(Debug, Clone, Default)]
pub(crate) struct Device {
    /// When it was last heard, by the card or by a fix.
    pub heard: Option<DateTime<Utc>>,
    pub battery: Option<Battery>,
    pub charges: Vec<(Slot, Charge)>,
    /// Silences that have been said: the rule, and since when.
    pub silences: Vec<(Slot, DateTime<Utc>)>,
}

impl Device {
    /// Nothing is known with regard to the rules; what the device said stays.
    pub fn reset(&mut self) {
        self.charges.clear();
        self.silences.clear();
    }

    /// It was heard.
    pub fn hear(&mut self, at: Option<DateTime<Utc>>) {
        self.heard = self.heard.max(at);
    }

    /// Since when it has been silent for longer than `lasts`, if that has not been said.
    pub fn silent(&self, slot: Slot, lasts: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let heard = self.heard?;
        let is_said = self.silences.contains(&(slot, heard));
        (now - heard >= lasts && !is_said).then_some(heard)
    }

    /// It has been said.
    pub fn said_silent(&mut self, slot: Slot, heard: DateTime<Utc>) {
        self.silences.retain(|(known, _)| *known != slot);
        self.silences.push((slot, heard));
    }

    /// Takes in what the battery is at; the report that it is low by, if that has not been said, and whether this is the first look.
    pub fn low(&mut self, slot: Slot, below_percent: u8) -> Option<(Battery, bool)> {
        let battery = self.battery?;
        let place = self.charges.iter().position(|(known, _)| *known == slot);
        let before = place.map(|place| self.charges[place].1);
        let next = Charge::next(before, battery, below_percent);
        match place {
            Some(place) => self.charges[place].1 = next,
            None => self.charges.push((slot, next)),
        }
        match next {
            Charge::Low { first, is_said: false, .. } => Some((first, before.is_none())),
            Charge::Low { is_said: true, .. } | Charge::Charging { .. } | Charge::Enough => None,
        }
    }

    /// It has been said, or is not to be.
    pub fn said_low(&mut self, slot: Slot) {
        for (_, charge) in self.charges.iter_mut().filter(|(known, _)| *known == slot) {
            if let Charge::Low { is_said, .. } = charge {
                *is_said = true;
            }
        }
    }

    /// Other rules: what is known of those that measure as before stays.
    pub fn on_rules(&mut self, moves: &Moves) {
        let moved = |slot: Slot| moves.moved.get(slot as usize).copied().flatten();
        let charges = std::mem::take(&mut self.charges).into_iter();
        self.charges = charges.filter_map(|(slot, charge)| Some((moved(slot)?, charge))).collect();
        let silences = std::mem::take(&mut self.silences).into_iter();
        self.silences = silences.filter_map(|(slot, heard)| Some((moved(slot)?, heard))).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(percent: u8) -> Battery {
        Battery { percent, at: DateTime::from_timestamp(1_790_000_000, 0).expect("time") }
    }

    fn lows(percents: &[u8]) -> usize {
        let mut charge = None;
        let mut lows = 0;
        for percent in percents {
            let next = Charge::next(charge, report(*percent), 20);
            let began = matches!(next, Charge::Low { .. }) && !matches!(charge, Some(Charge::Low { .. }));
            lows += usize::from(began);
            charge = Some(next);
        }
        lows
    }

    #[test]
    fn a_battery_is_low_once_until_it_has_been_charged() {
        assert_eq!(lows(&[30, 19, 20, 19, 21, 18, 17]), 1, "a point up and down is noise");
        assert_eq!(lows(&[19, 25, 24, 19]), 2, "five points above the limit and down again");
        assert_eq!(lows(&[8, 13, 15, 14, 12]), 1, "still on the charger, or just off it");
        assert_eq!(lows(&[8, 13, 15, 10]), 2, "charged a little, and it is running out again");
        assert_eq!(lows(&[50, 20, 40]), 0, "never below");
    }
}
