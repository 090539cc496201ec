//! Full-jitter back-off.

use rand::Rng;
use rand::rngs::StdRng;

const BASE_MS: u64 = 800;
/// No desk is to be away for more than 30 s after its line is back, a lost request included.
const CAP_MS: u64 = 20_000;
/// So long without a failure, the next failure is a first one again.
const HEALTHY_AFTER_MS: u64 = 120_000;

/// When to try again: after the n-th failure in a row at a random moment within 0.8 s × 2ⁿ⁻¹, at most 20 s.
#[derive(Debug, Clone, Default)]
pub(crate) struct Backoff {
    failures: u32,
    not_before_ms: u64,
    healthy_since_ms: Option<u64>,
}

impl Backoff {
    /// It failed; the server may have said when to come again.
    pub fn failed(&mut self, now_ms: u64, retry_after_secs: Option<u32>, rng: &mut StdRng) {
        if self.healthy_since_ms.take().is_some_and(|since| now_ms.saturating_sub(since) >= HEALTHY_AFTER_MS)
        {
            self.failures = 0;
        }
        let window_ms = (BASE_MS << self.failures.min(6)).min(CAP_MS);
        self.failures = self.failures.saturating_add(1);
        let asked_ms = retry_after_secs.map_or(0, |secs| u64::from(secs) * 1_000);
        self.not_before_ms = now_ms + asked_ms + rng.random_range(1..=window_ms);
    }

    /// It worked.
    pub fn worked(&mut self, now_ms: u64) {
        self.healthy_since_ms.get_or_insert(now_ms);
        self.not_before_ms = 0;
    }

    /// Something tells that it may work now.
    pub fn forget(&mut self) {
        *self = Backoff::default();
    }

    pub fn ready(&self, now_ms: u64) -> bool {
        now_ms >= self.not_before_ms
    }

    pub fn not_before_ms(&self) -> u64 {
        self.not_before_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn waits_grow_to_the_cap_and_start_over_after_two_healthy_minutes() {
        let (mut rng, mut backoff) = (StdRng::seed_from_u64(7), Backoff::default());
        let mut longest_ms = 0;
        for _ in 0..200 {
            backoff.failed(0, None, &mut rng);
            longest_ms = longest_ms.max(backoff.not_before_ms());
        }
        assert!(
            (10_000..=CAP_MS).contains(&longest_ms),
            "full jitter up to 20 s, longest was {longest_ms} ms"
        );
        backoff.worked(1_000);
        assert!(backoff.ready(1_000), "after a success nothing waits");
        backoff.failed(121_000, None, &mut rng);
        assert!(backoff.not_before_ms() <= 121_000 + BASE_MS, "two healthy minutes: a first failure again");
    }

    #[test]
    fn the_servers_own_wish_is_honoured() {
        let (mut rng, mut backoff) = (StdRng::seed_from_u64(7), Backoff::default());
        backoff.failed(0, Some(10), &mut rng);
        assert!(!backoff.ready(9_999), "Retry-After is a lower bound");
        backoff.forget();
        assert!(backoff.ready(0), "the user's click overrides it");
    }
}
