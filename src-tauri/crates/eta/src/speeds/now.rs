//! How it goes just now: rain, snow, a holiday, the jam of today.

use super::LEANS_SECS;
use chrono::{DateTime, TimeDelta, Utc};

/// What was seen counts half after this.
const HALF_LIFE_SECS: f64 = 600.0;
/// What holds now holds half as much for who leaves so much later.
const FADES_SECS: f64 = 1_800.0;
/// Today is not believed to be further from other days than this.
const BELIEVABLE: (f64, f64) = (0.5, 4.0);

/// The newest drives against what was expected of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pulse {
    expected_secs: f64,
    driven_secs: f64,
    at: Option<DateTime<Utc>>,
}

impl Pulse {
    /// A drive that ended `at` took `driven_secs` instead of `expected_secs`.
    pub fn feel(&mut self, expected_secs: f64, driven_secs: f64, at: DateTime<Utc>) {
        let age_secs = self.at.map_or(0.0, |before| secs(at - before));
        let kept = 0.5_f64.powf(age_secs / HALF_LIFE_SECS);
        self.expected_secs = self.expected_secs * kept + expected_secs;
        self.driven_secs = self.driven_secs * kept + driven_secs;
        self.at = self.at.max(Some(at));
    }

    /// How much longer than expected it takes who leaves at `leaves`.
    pub fn factor(&self, leaves: DateTime<Utc>) -> f64 {
        let Some(at) = self.at else { return 1.0 };
        let age_secs = secs(leaves - at);
        let kept = 0.5_f64.powf(age_secs / HALF_LIFE_SECS);
        let seen = (self.driven_secs * kept + LEANS_SECS) / (self.expected_secs * kept + LEANS_SECS);
        seen.clamp(BELIEVABLE.0, BELIEVABLE.1).powf(0.5_f64.powf(age_secs / FADES_SECS))
    }
}

fn secs(time: TimeDelta) -> f64 {
    (time.num_milliseconds() as f64 / 1_000.0).max(0.0)
}
