//! This tool's clock: elapsed time, and how it is written.

use std::time::{Duration, Instant};

/// A running measurement.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[expect(clippy::disallowed_methods, reason = "the one place where this command line tool asks the time")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// `0.4s`, `38s`, `4m12s`, `1h02m`.
pub fn short(duration: Duration) -> String {
    let secs = duration.as_secs();
    match secs {
        0..10 => format!("{:.1}s", duration.as_secs_f32()),
        10..60 => format!("{secs}s"),
        60..3600 => format!("{}m{:02}s", secs / 60, secs % 60),
        _ => format!("{}h{:02}m", secs / 3600, secs % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_at_a_glance() {
        let texts = [400, 38_000, 252_000, 3_720_000].map(|ms| short(Duration::from_millis(ms)));
        assert_eq!(texts, ["0.4s", "38s", "4m12s", "1h02m"], "one form per magnitude");
    }
}
