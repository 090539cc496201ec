//! The system's clocks: the one place of the desk that may read them.

use std::time::Instant;

use desk::{Clock, Now};

/// The wall clock, and a monotonic one that starts with the process.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts the monotonic clock.
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub fn new() -> Self {
        SystemClock { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    fn now(&self) -> Now {
        let mono_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { wall: chrono::Utc::now(), mono_ms }
    }
}
