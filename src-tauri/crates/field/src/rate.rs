//! A bound on requests per second, shared by everything that talks to one server.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A token bucket: so many requests per second, in the order of asking, a second's worth at once after a pause.
#[derive(Debug)]
pub struct Rate {
    interval: Duration,
    /// When the next request may go.
    next: Mutex<Option<Instant>>,
}

impl Rate {
    /// At most `per_sec` requests per second; less than one per 1,000 seconds counts as that.
    pub fn new(per_sec: f64) -> Self {
        let per_sec = if per_sec.is_finite() { per_sec.max(0.001) } else { 1e6 };
        Rate { interval: Duration::from_secs_f64(1.0 / per_sec), next: Mutex::new(None) }
    }

    /// Waits for this request's turn.
    pub async fn acquire(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let earliest = Instant::now().checked_sub(Duration::from_secs(1)).unwrap_or_else(Instant::now);
            let turn = next.map_or(earliest, |next| next.max(earliest));
            *next = Some(turn + self.interval);
            turn
        };
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn thirty_requests_at_twenty_a_second_take_at_least_half_a_second() {
        let (rate, start) = (Rate::new(20.0), Instant::now());
        for _ in 0..31 {
            rate.acquire().await;
        }
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(450), "a second's worth at once, then one by one: {took:?}");
    }
}
