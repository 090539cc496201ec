//! Spells: times in which somebody is private, or has no network.

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Seconds from one spell to the next, and seconds that one lasts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rhythm {
    pub first_secs: (i64, i64),
    pub pause_secs: (i64, i64),
    pub lasts_secs: (i64, i64),
}

/// Comes and goes.
#[derive(Debug, Clone)]
pub(crate) struct Spells {
    rhythm: Option<Rhythm>,
    is_on: bool,
    changes_at: Option<DateTime<Utc>>,
}

impl Spells {
    /// `None`: never.
    pub fn new(rhythm: Option<Rhythm>) -> Self {
        Spells { rhythm, is_on: false, changes_at: None }
    }

    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether a spell has just begun (`Some(true)`) or ended.
    pub fn step(&mut self, now: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Option<bool> {
        let rhythm = self.rhythm?;
        let changes_at = *self.changes_at.get_or_insert_with(|| now + secs(rhythm.first_secs, rng));
        if now < changes_at {
            return None;
        }
        self.is_on = !self.is_on;
        let next = if self.is_on { rhythm.lasts_secs } else { rhythm.pause_secs };
        self.changes_at = Some(now + secs(next, rng));
        Some(self.is_on)
    }
}

fn secs(range: (i64, i64), rng: &mut ChaCha8Rng) -> TimeDelta {
    TimeDelta::seconds(rng.random_range(range.0..=range.1))
}
