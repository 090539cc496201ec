//! How well promises were kept.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::task::Promise;
use domain::{PoiId, TaskId};
use serde::{Deserialize, Serialize};

/// Promises over some days, as far as their tasks are cached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromiseReportView {
    /// From then on.
    pub since: DateTime<Utc>,
    /// The zone that hours are meant in.
    pub zone: Tz,
    /// All together.
    pub all: PromiseFigures,
    /// By the local hour of the promised time, 0–23; hours without promises are left out.
    pub by_hour: Vec<(u8, PromiseFigures)>,
    /// By the area that the task lies in, most promises first; `None`: in none.
    pub by_area: Vec<(Option<PoiId>, PromiseFigures)>,
    /// The promises themselves, the open ones first, then the newest, at most 500.
    pub lines: Vec<PromiseLine>,
}

/// What became of some promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PromiseFigures {
    /// All of them.
    pub told: u32,
    /// Still to be kept.
    pub open: u32,
    /// Somebody came in time.
    pub kept: u32,
    /// Somebody came later.
    pub broken: u32,
    /// The customer was told another time, or that nobody comes.
    pub taken_back: u32,
    /// Of those where the arrival was expected and somebody came: how far off that was, whichever way, median seconds.
    pub error_p50_secs: Option<i64>,
    /// The same, nine of ten.
    pub error_p90_secs: Option<i64>,
    /// Of those, how many came before the time that nine of ten were to come before, per cent; 90 is right.
    pub within_p90_pct: Option<u8>,
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseLine {
    /// Whose.
    pub task: TaskId,
    /// What was told, and what became of it.
    pub promise: Promise,
}
