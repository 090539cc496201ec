//! What is learnt from people's drives: how fast roads are, and nothing about people.

use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use eta::Sighting;
use protocol::view::SpeedsView;
use protocol::wire::PositionUpdate;

use super::Session;
use crate::arrivals::place;
use crate::speeds::KeptSpeeds;
use crate::work::is_on_site;

/// A fix whose error is larger than this (m) does not tell on which road somebody is.
const WORST_ACCURACY_M: f32 = 40.0;

impl Session {
    /// What was learnt of the roads' speeds, for people.
    pub fn speeds_view(&self) -> SpeedsView {
        self.learning.view()
    }

    /// Switches learning on or off; off, what was learnt is still used.
    pub fn set_learning(&mut self, on: bool) {
        self.learning.set_learning(on);
    }

    /// Forgets what was learnt of the roads' speeds: every way is as usual again.
    pub fn forget_speeds(&mut self, now: DateTime<Utc>) {
        self.learning.reset();
        self.ask_anew(now);
    }

    /// What is to be kept of it.
    pub fn kept_speeds(&self) -> KeptSpeeds {
        self.learning.kept()
    }

    /// The same, if anything has changed since this was asked last.
    pub fn speeds_to_keep(&mut self) -> Option<KeptSpeeds> {
        self.learning.take_unkept()
    }

    /// Learns from a newer fix: of those only who are out in a car, and not at work where they are.
    pub(super) fn learn_from(&self, update: &PositionUpdate) {
        let rows = self.picture.shown();
        let resource = update.resource;
        let by_car = rows.resources.get(&resource).is_some_and(|row| row.data.travels == TravelMode::Car);
        let is_out = self.states.get(&resource).is_some_and(|state| state.has_dot());
        let current = self.work.load(resource).and_then(|load| load.current);
        let task = current.and_then(|task| rows.tasks.get(&task));
        let works = task.is_some_and(|row| is_on_site(row.data.status));
        if !(by_car && is_out) || works {
            return self.learning.forget(resource);
        }
        if update.fix.accuracy_m.is_none_or(|metres| metres <= WORST_ACCURACY_M) {
            self.learning.see(resource, Sighting { place: place(&update.fix), time: update.fix.fix_time });
        }
    }
}
