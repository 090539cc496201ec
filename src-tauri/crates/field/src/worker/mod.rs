//! A simulated person with a phone: shift, tasks, driving, bids, privacy and lost networks, all from one seed.

mod bids;
mod forms;
mod habits;
mod motion;
mod shift;
mod spells;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::AttendanceKind;
use domain::entry::EntryBody;
use domain::{EntryGuid, LonLat, TaskId};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::handset::Handset;
use crate::random;
use crate::roads::Roads;
use bids::{Bidding, Standpoint};
use habits::Habits;
pub use habits::Mishaps;
use motion::{Receiver, Whereabouts};
pub use shift::Shifts;
use spells::{Rhythm, Spells};
use work::Doing;

/// Longest pause between two looks at the phone in the person's own time, and its bounds in real time, milliseconds.
const LOOK_EVERY_MS: f64 = 2_000.0;
const LOOK_BOUNDS_MS: (f64, f64) = (200.0, 1_000.0);
/// Somebody who stands still has at least so many seconds between two fixes.
const STANDING_FIX_SECS: u32 = 10;
/// Apart from a person's other numbers.
const HABITS: u64 = 0x6861_6269_7473;
const PRIVACY: Rhythm = Rhythm { first_secs: (60, 300), pause_secs: (600, 1_500), lasts_secs: (90, 240) };
const TUNNEL: Rhythm = Rhythm { first_secs: (90, 400), pause_secs: (300, 900), lasts_secs: (20, 75) };

/// What a simulated person is like and where the world's places are.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Same seed, same person.
    pub seed: u64,
    /// Time factor: people drive so many times faster and work so many times shorter. Reports carry real times.
    pub speed: f64,
    /// When people work.
    pub shifts: Shifts,
    /// Places to look after when there are no tasks, such as the company's POIs.
    pub places: Arc<[LonLat]>,
    /// Share of people who switch location sharing off now and then, 0…1.
    pub private_share: f64,
    /// Share of people whose network fails now and then, 0…1.
    pub offline_share: f64,
    /// How often people do what is worth an alert.
    pub mishaps: Mishaps,
}

/// What a step of a [`Worker`] asks of its phone's radio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Nothing happens before.
    pub next_at: DateTime<Utc>,
    /// Privacy was switched: what is being sent right now must not arrive.
    pub privacy_switched: bool,
}

/// One simulated person. Pure: [`Worker::step`] is all that ever happens.
#[derive(Debug, Clone)]
pub struct Worker {
    plan: Plan,
    rng: ChaCha8Rng,
    habits: Habits,
    receiver: Receiver,
    bidding: Bidding,
    privacy: Spells,
    network: Spells,
    has_opened_app: bool,
    is_on_duty: bool,
    /// Where the person last stood.
    here: LonLat,
    doing: Doing,
    /// When each new task will be looked at.
    look_at: BTreeMap<TaskId, DateTime<Utc>>,
    /// How often each task was begun; one that never goes on is left alone.
    begun: BTreeMap<TaskId, u32>,
    next_fix_at: Option<DateTime<Utc>>,
}

impl Worker {
    /// The person with the running number `number` among those of the same seed, at home or somewhere on the roads.
    pub fn new(plan: Plan, number: u64, handset: &Handset, roads: &dyn Roads) -> Self {
        let mut rng = random::of_phone(handset.id(), plan.seed, number);
        let here = handset.resource().home.unwrap_or_else(|| roads.somewhere(rng.random()));
        let is_private_type = rng.random_bool(plan.private_share.clamp(0.0, 1.0));
        let is_flaky = rng.random_bool(plan.offline_share.clamp(0.0, 1.0));
        let habits = random::of_phone(handset.id(), plan.seed ^ HABITS, number);
        Worker {
            habits: Habits::new(habits, plan.mishaps),
            receiver: Receiver::new(&mut rng),
            bidding: Bidding::default(),
            privacy: Spells::new(is_private_type.then_some(PRIVACY)),
            network: Spells::new(is_flaky.then_some(TUNNEL)),
            has_opened_app: false,
            is_on_duty: handset.resource().on_duty,
            here,
            doing: Doing::Resting { until: DateTime::<Utc>::MIN_UTC },
            look_at: BTreeMap::new(),
            begun: BTreeMap::new(),
            next_fix_at: None,
            plan,
            rng,
        }
    }

    /// Whether the phone has a network.
    pub fn is_online(&self) -> bool {
        !self.network.is_on()
    }

    /// Signed in.
    pub fn is_on_duty(&self) -> bool {
        self.is_on_duty
    }

    /// Lives on until `now` and reports what has happened.
    pub fn step(&mut self, handset: &mut Handset, roads: &dyn Roads, now: DateTime<Utc>) -> Look {
        let privacy_switched = self.live_spells(handset, now);
        if !self.has_opened_app {
            self.has_opened_app = self.report(handset, EntryBody::AppOpened, now)
                && self.report(handset, EntryBody::FullSync, now);
        }
        if handset.is_location_requested() {
            self.report(handset, EntryBody::Location, now);
        }
        self.keep_hours(handset, now);
        let is_resting = matches!(self.doing, Doing::Resting { .. });
        handset.set_battery(self.habits.battery(is_resting, self.plan.speed, now));
        if self.is_on_duty {
            if self.habits.calls_for_help(now) {
                self.report(handset, EntryBody::Sos, now);
            }
            self.answer_bids(handset, roads, now);
            self.work(handset, roads, now);
            self.be_tracked(handset, now);
        }
        let look_ms = (LOOK_EVERY_MS / self.plan.speed).clamp(LOOK_BOUNDS_MS.0, LOOK_BOUNDS_MS.1);
        let latest = now + TimeDelta::milliseconds(look_ms as i64);
        let next_fix_at = self.next_fix_at.filter(|_| self.is_on_duty).unwrap_or(latest);
        Look { next_at: next_fix_at.clamp(now, latest), privacy_switched }
    }

    /// Ends the day now, whatever is left.
    pub fn sign_out(&mut self, handset: &mut Handset, now: DateTime<Utc>) {
        if self.is_on_duty {
            self.is_on_duty =
                !self.report(handset, EntryBody::Attendance { kind: AttendanceKind::SignOut }, now);
        }
    }

    fn live_spells(&mut self, handset: &mut Handset, now: DateTime<Utc>) -> bool {
        if self.network.step(now, &mut self.rng) == Some(false) {
            handset.scramble(self.rng.random());
        }
        let was_private = handset.is_private();
        if let Some(on) = self.privacy.step(now, &mut self.rng)
            && (self.is_on_duty || !on)
        {
            handset.set_private(on);
        }
        handset.is_private() != was_private
    }

    fn keep_hours(&mut self, handset: &mut Handset, now: DateTime<Utc>) {
        let should_work = self.plan.shifts.is_working(&handset.resource().working_hours, now);
        if should_work && !self.is_on_duty {
            self.is_on_duty =
                self.report(handset, EntryBody::Attendance { kind: AttendanceKind::SignIn }, now);
            self.doing = Doing::Resting { until: now };
        } else if !should_work && self.is_free() {
            self.sign_out(handset, now);
        }
    }

    fn answer_bids(&mut self, handset: &mut Handset, roads: &dyn Roads, now: DateTime<Utc>) {
        let standpoint = Standpoint { at: self.whereabouts(now).at, roads };
        if let Some(answer) = self.bidding.next(handset, standpoint, now, &mut self.rng)
            && self.report(handset, answer.clone(), now)
        {
            self.bidding.reported(&answer);
        }
    }

    fn be_tracked(&mut self, handset: &mut Handset, now: DateTime<Utc>) {
        let Some(secs) = handset.profile().live_tracking_secs else { return };
        let real = self.whereabouts(now);
        let is_standing = real.speed_mps < 0.5;
        let interval_secs = if is_standing { secs.max(STANDING_FIX_SECS) } else { secs.max(1) };
        let interval = TimeDelta::seconds(i64::from(interval_secs));
        // Who sets off is not left at the pace of somebody who stands.
        let due = self.next_fix_at.map_or(now, |next| next.min(now + interval));
        self.next_fix_at = Some(due);
        if now >= due {
            if !handset.is_private() {
                let fix = self.receiver.fix(real, now, &mut self.rng);
                handset.track(fix);
            }
            self.next_fix_at = Some(now + interval);
        }
    }

    /// Reports with the phone's position; the phone decides whether that may go along. `false`: the phone's queue is full.
    fn report(&mut self, handset: &mut Handset, body: EntryBody, now: DateTime<Utc>) -> bool {
        let fix = match handset.is_private() {
            true => None,
            false => Some(self.receiver.fix(self.whereabouts(now), now, &mut self.rng)),
        };
        let guid = EntryGuid(random::new_id(now, &mut self.rng));
        handset.report(guid, body, fix, now).is_ok()
    }

    fn whereabouts(&self, now: DateTime<Utc>) -> Whereabouts {
        match self.doing.drive() {
            Some(drive) => Whereabouts::driving(drive, now),
            None => Whereabouts::standing(self.here),
        }
    }
}
