//! Limits on what one caller may ask for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::auth::token::TokenHash;

/// Largest body of a request, bytes.
pub(crate) const BODY_BYTES: usize = 4 * 1024 * 1024;
/// Commands in a batch.
pub(crate) const COMMANDS: usize = 500;
/// Entries in a batch.
pub(crate) const ENTRIES: usize = 500;
/// Fixes in a batch.
pub(crate) const FIXES: usize = 1_000;
/// Changes on a page.
pub(crate) const CHANGES: usize = 1_000;
/// Fixes in an answer about a track.
pub(crate) const TRACK_FIXES: usize = 5_000;
/// Fixes that are taken again for one answer about other settings.
pub(crate) const WHAT_IF_FIXES: u64 = 1_000_000;
/// What-ifs that are computed at once; others wait.
pub(crate) const WHAT_IFS: usize = 2;

/// Requests per second that a token may make for long.
const PER_SECOND: f64 = 100.0;
/// Requests that it may make at once.
const BURST: f64 = 400.0;
/// Tokens remembered before the idle ones are dropped.
const REMEMBERED: usize = 20_000;

/// A leaky bucket per token.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(Mutex<HashMap<TokenHash, Bucket>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: f64,
    at: Instant,
}

impl RateLimits {
    /// Counts a request; if it is one too many, how long to wait.
    pub fn count(&self, token: TokenHash) -> Result<(), Duration> {
        let now = Instant::now();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > REMEMBERED {
            buckets.retain(|_, bucket| bucket.drained(now) > 0.0);
        }
        let bucket = buckets.entry(token).or_insert(Bucket { level: 0.0, at: now });
        let level = bucket.drained(now);
        if level + 1.0 > BURST {
            return Err(Duration::from_secs_f64((level + 1.0 - BURST) / PER_SECOND));
        }
        *bucket = Bucket { level: level + 1.0, at: now };
        Ok(())
    }
}

impl Bucket {
    fn drained(&self, now: Instant) -> f64 {
        (self.level - now.duration_since(self.at).as_secs_f64() * PER_SECOND).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_is_slowed_down_and_told_when_to_come_again() {
        let limits = RateLimits::default();
        let (flooder, other) = (TokenHash::of("a"), TokenHash::of("b"));
        let refused = (0..1_000).find_map(|_| limits.count(flooder).err());
        assert!(
            refused.is_some_and(|wait| wait <= Duration::from_secs(1)),
            "soon again, but not now: {refused:?}"
        );
        assert!(limits.count(other).is_ok(), "others are not held up");
    }
}
