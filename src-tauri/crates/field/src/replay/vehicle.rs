//! One vehicle of a recording in the hands of a phone.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::EntryGuid;
use domain::attendance::AttendanceKind;
use domain::entry::EntryBody;
use domain::position::Fix;
use rand_chacha::ChaCha8Rng;
use tokio_util::sync::CancellationToken;

use super::trace::Sighting;
use crate::handset::Handset;
use crate::radio::Radio;
use crate::random;

/// How long after the last row the rest may take to be sent, without a single success in between.
const GIVE_UP: Duration = Duration::from_secs(60);
/// While a pause after a failure is on, the radio is asked so often.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Where the recording's time lies in ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeline {
    pub first_secs: f64,
    pub started_at: DateTime<Utc>,
    pub speed: f64,
}

impl Timeline {
    /// When something of the recording happens.
    fn at(&self, secs: f64) -> DateTime<Utc> {
        let millis = (secs - self.first_secs) / self.speed * 1_000.0;
        self.started_at + TimeDelta::milliseconds(millis as i64)
    }
}

/// A phone that rides along.
pub(super) struct Passenger {
    handset: Handset,
    radio: Radio,
    ids: ChaCha8Rng,
}

impl Passenger {
    pub fn new(handset: Handset, radio: Radio) -> Self {
        // A second replay of the same recording must make other guids.
        let seed = (radio.clock)().timestamp_millis().cast_unsigned();
        let ids = random::of_phone(handset.id(), seed, 1);
        Passenger { handset, radio, ids }
    }

    pub fn parts(&self) -> (&Radio, &Handset) {
        (&self.radio, &self.handset)
    }

    /// From the sign-in at the first row to the sign-out at the last, and until all is sent.
    pub async fn ride(&mut self, sightings: &[Sighting], timeline: Timeline, cancel: &CancellationToken) {
        for (index, sighting) in sightings.iter().enumerate() {
            let at = timeline.at(sighting.secs);
            if !self.send_until(at, cancel).await {
                return;
            }
            let fix = fix(sighting, at);
            if index == 0 {
                self.report(AttendanceKind::SignIn, fix);
            }
            self.handset.track(fix);
            if index + 1 == sightings.len() {
                self.report(AttendanceKind::SignOut, fix);
            }
        }
        self.send_the_rest(cancel).await;
    }

    fn report(&mut self, kind: AttendanceKind, fix: Fix) {
        let guid = EntryGuid(random::new_id(fix.fix_time, &mut self.ids));
        if self.handset.report(guid, EntryBody::Attendance { kind }, Some(fix), fix.fix_time).is_err() {
            tracing::warn!(resource = %self.handset.id(), "too much waits to be sent");
        }
    }

    /// Sends what waits until it is `at`; `false`: cancelled, or the phone is off the list.
    async fn send_until(&mut self, at: DateTime<Utc>, cancel: &CancellationToken) -> bool {
        loop {
            let left = (at - (self.radio.clock)()).to_std().unwrap_or_default();
            if left.is_zero() || self.radio.is_dead {
                return !cancel.is_cancelled() && !self.radio.is_dead;
            }
            tokio::select! {
                () = cancel.cancelled() => return false,
                () = self.radio.work(&mut self.handset) => {}
                () = tokio::time::sleep(left.min(ASK_AGAIN)) => {}
            }
        }
    }

    async fn send_the_rest(&mut self, cancel: &CancellationToken) {
        let mut last_success = tokio::time::Instant::now();
        while self.handset.has_upload() && !self.radio.is_dead && last_success.elapsed() < GIVE_UP {
            let before = self.handset.waiting();
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.radio.work(&mut self.handset) => {}
                () = tokio::time::sleep(ASK_AGAIN) => {}
            }
            if self.handset.waiting() != before {
                last_success = tokio::time::Instant::now();
            }
        }
    }
}

fn fix(sighting: &Sighting, fix_time: DateTime<Utc>) -> Fix {
    Fix {
        at: sighting.at,
        fix_time,
        accuracy_m: sighting.accuracy_m,
        speed_mps: sighting.speed_mps,
        heading_deg: sighting.heading_deg,
    }
}
