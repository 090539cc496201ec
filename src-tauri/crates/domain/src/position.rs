//! Where a resource is, and how much of that may be believed and shown.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::LonLat;
use crate::resource::Resource;

/// One satellite (or network) fix as the device reported it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// Where.
    pub at: LonLat,
    /// When the device took it (the device's clock).
    pub fix_time: DateTime<Utc>,
    /// Radius of the device's error circle in metres as reported; absent or ≤ 0 means unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f32>,
    /// Ground speed in metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f32>,
    /// Course over ground, degrees clockwise from north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f32>,
}

/// Accuracy assumed where a device reports none, in metres.
pub const UNKNOWN_ACCURACY_M: f32 = 100.0;
/// Factor from the 68 % radius that phones report to a 95 % radius.
pub const ACCURACY_95_FACTOR: f32 = 1.62;
/// A fix older than this is refused into current state.
pub const FIX_TOO_OLD: TimeDelta = TimeDelta::days(7);
/// A fix further in the future than this is refused into current state.
pub const FIX_TOO_EARLY: TimeDelta = TimeDelta::minutes(2);

impl Fix {
    /// 95 % error radius in metres.
    pub fn accuracy_95_m(&self) -> f32 {
        match self.accuracy_m {
            Some(metres) if metres > 0.0 && metres.is_finite() => metres * ACCURACY_95_FACTOR,
            Some(_) | None => UNKNOWN_ACCURACY_M,
        }
    }

    /// Whether the device's clock is so far off the server's that the fix can't be ordered by time.
    pub fn time_suspect(&self, server_now: DateTime<Utc>) -> bool {
        self.fix_time <= server_now - FIX_TOO_OLD || self.fix_time >= server_now + FIX_TOO_EARLY
    }
}

/// What made the phone report its location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A task entry (acknowledged, en route, arrived, started, closed …).
    TaskEntry,
    /// A sign-in or sign-out.
    AttendanceEntry,
    /// An answer to a bid.
    BidResponse,
    /// A filled form.
    FormFilled,
    /// The office asked.
    LocationRequest,
    /// The app came to the foreground.
    AppOpened,
    /// The phone asked for a full sync.
    FullSync,
    /// Live tracking, where the profile allows it.
    LiveTracking,
    /// Somebody asks for help; reported whatever the profile says, unless location sharing is off.
    Sos,
}

impl Trigger {
    /// The seven occasions on which every phone reports, in the order of the product's manual.
    pub const SEVEN: [Trigger; 7] = [
        Trigger::TaskEntry,
        Trigger::AttendanceEntry,
        Trigger::BidResponse,
        Trigger::FormFilled,
        Trigger::LocationRequest,
        Trigger::AppOpened,
        Trigger::FullSync,
    ];
}

/// What the desk may say about a resource's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum PositionState {
    /// A fresh fix.
    Live,
    /// The last fix is old: shown with its age and a growing uncertainty ring.
    Stale,
    /// The device talks but has no fix.
    NoFix,
    /// The person switched location sharing off; no coordinate exists from then on.
    Private {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Signed out (or never signed in today).
    OffDuty,
    /// On duty, but nothing heard from the device for a long time.
    DeviceSilent,
}

/// A fix older than this is stale.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(2);
/// A device on duty not heard from for this long is silent.
pub const SILENT_AFTER: TimeDelta = TimeDelta::minutes(30);

impl PositionState {
    /// The state of `resource` at `now`, given its last fix (if any).
    pub fn of(resource: &Resource, last_fix: Option<&Fix>, now: DateTime<Utc>) -> PositionState {
        if let Some(since) = resource.private_since {
            return PositionState::Private { since };
        }
        if !resource.on_duty {
            return PositionState::OffDuty;
        }
        let heard = resource.last_heard.max(last_fix.map(|fix| fix.fix_time));
        if heard.is_none_or(|at| now - at > SILENT_AFTER) {
            return PositionState::DeviceSilent;
        }
        match last_fix {
            None => PositionState::NoFix,
            Some(fix) if now - fix.fix_time > STALE_AFTER => PositionState::Stale,
            Some(_) => PositionState::Live,
        }
    }

    /// Whether a dot may be drawn at all.
    pub fn has_dot(self) -> bool {
        matches!(self, PositionState::Live | PositionState::Stale | PositionState::DeviceSilent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::tests::resource;

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().expect("time")
    }

    fn fix(age: TimeDelta) -> Fix {
        let at = LonLat::new(7.42, 43.73).expect("coordinate");
        Fix { at, fix_time: now() - age, accuracy_m: None, speed_mps: None, heading_deg: None }
    }

    #[test]
    fn privacy_beats_everything_and_leaves_no_dot() {
        let since = now() - TimeDelta::minutes(5);
        let resource =
            crate::resource::Resource { private_since: Some(since), on_duty: true, ..resource("Ana") };
        let state = PositionState::of(&resource, Some(&fix(TimeDelta::seconds(1))), now());
        assert_eq!(state, PositionState::Private { since }, "a fresh fix must not win over privacy");
        assert!(!state.has_dot(), "a private resource has no dot");
    }

    #[test]
    fn a_fix_ages_from_live_to_stale_to_silent() {
        let resource = crate::resource::Resource { on_duty: true, ..resource("Ana") };
        let state = |age| PositionState::of(&resource, Some(&fix(age)), now());
        assert_eq!(state(TimeDelta::seconds(30)), PositionState::Live, "half a minute is live");
        assert_eq!(state(TimeDelta::minutes(3)), PositionState::Stale, "three minutes is stale");
        assert_eq!(
            state(TimeDelta::minutes(31)),
            PositionState::DeviceSilent,
            "half an hour of nothing is silence"
        );
        assert_eq!(PositionState::of(&resource, None, now()), PositionState::DeviceSilent, "never heard");
    }

    #[test]
    fn unknown_accuracy_counts_as_a_hundred_metres() {
        let unknown = Fix { accuracy_m: Some(0.0), ..fix(TimeDelta::zero()) };
        assert_eq!(unknown.accuracy_95_m(), UNKNOWN_ACCURACY_M, "≤ 0 means unknown");
        let known = Fix { accuracy_m: Some(10.0), ..unknown };
        assert!((known.accuracy_95_m() - 16.2).abs() < 1e-4, "68 % radius is widened to 95 %");
    }
}
