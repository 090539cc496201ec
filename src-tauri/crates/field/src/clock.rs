//! Where the time comes from.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// Tells the time; the shells pass the machine's clock, tests their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;
