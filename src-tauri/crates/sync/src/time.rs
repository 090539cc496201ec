//! Time as the core sees it.

use chrono::{DateTime, Utc};

/// One moment on two clocks: the wall's, which may jump, and a monotonic one, which deadlines use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The machine's wall clock.
    pub wall: DateTime<Utc>,
    /// Milliseconds since some fixed moment of this process; never goes back.
    pub mono_ms: u64,
}

/// Where a shell takes its time from.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Now;
}
