//! One person: what of their card matters, their way, and their device.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::GroupId;
use domain::attendance::shifts_on;
use domain::resource::{Resource, WorkingHours};

use crate::device::Device;
use crate::rules::Slot;
use crate::track::Track;

/// One person. Off duty, in private or disabled nobody is measured: their track is `None`.
#[derive(Debug)]
pub(crate) struct Person {
    pub group: GroupId,
    pub is_private: bool,
    pub track: Option<Track>,
    pub device: Device,
    /// The rules that concern them.
    pub applies: Vec<Slot>,
    hours: Vec<WorkingHours>,
    /// No shift begins before.
    shift_due: Option<DateTime<Utc>>,
}

impl Person {
    pub fn new(group: GroupId) -> Self {
        Person {
            group,
            is_private: false,
            track: None,
            device: Device::default(),
            applies: Vec::new(),
            hours: Vec::new(),
            shift_due: None,
        }
    }

    /// Takes a card in; its device may have been heard so much later than the card says.
    pub fn on_card(&mut self, card: &Resource, lag: TimeDelta, now: DateTime<Utc>) {
        self.group = card.group;
        self.is_private = card.private_since.is_some();
        if self.hours != card.working_hours {
            self.hours.clone_from(&card.working_hours);
            self.shift_due = None;
        }
        let is_measured = card.on_duty && !self.is_private && !card.disabled;
        if !is_measured {
            self.track = None;
            self.device.reset();
        } else if self.track.is_none() {
            self.track = Some(Track::new(now));
        }
        self.device.hear(card.last_heard.map(|heard| heard + lag));
        self.device.battery = card.battery;
    }

    /// The start of the shift that is on, when it is looked at for the first time.
    pub fn shift(&mut self, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.hours.is_empty() || self.shift_due.is_some_and(|due| now < due) {
            return None;
        }
        let today = now.with_timezone(&zone).date_naive();
        let days = [today.pred_opt(), Some(today), today.succ_opt()];
        let shifts = days.into_iter().flatten().flat_map(|day| shifts_on(&self.hours, day, zone));
        let (begun, to_come): (Vec<_>, Vec<_>) =
            shifts.map(|(starts, _)| starts).partition(|starts| *starts <= now);
        let tomorrow = now + TimeDelta::days(1);
        self.shift_due = Some(to_come.into_iter().min().unwrap_or(tomorrow).min(tomorrow));
        begun.into_iter().max()
    }
}
