//! What would a fence have said under other settings?

use domain::PoiId;
use serde::{Deserialize, Serialize};

/// `POST /v1/what-if`: the last days again, under other settings. Counts only, no coordinates; audited.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIfRequest {
    /// Which fence.
    pub poi: PoiId,
    /// So many days back, 1–14.
    pub days: u16,
    /// The settings to try.
    pub settings: ConfirmSettings,
}

/// The figures that an entry or exit goes by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSettings {
    /// Shortest run that confirms an entry, seconds, 0–3,600.
    pub enter_confirm_secs: u32,
    /// Shortest run that confirms an exit, seconds, 0–3,600.
    pub leave_confirm_secs: u32,
    /// How far beyond the border one has to be to have left, metres, 0–1,000.
    pub leave_margin_m: f64,
    /// How long one has to be inside for a dwell alert, seconds; `None` leaves it as it is.
    pub dwell_secs: Option<u32>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIfResponse {
    /// Days looked at.
    pub days: u16,
    /// People with a track in them.
    pub resources: u32,
    /// Fixes in all.
    pub fixes: u64,
    /// Under the settings in force.
    pub now: FenceCounts,
    /// Under those to try.
    pub then: FenceCounts,
}

/// How often a fence speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FenceCounts {
    /// Entries.
    pub entered: u32,
    /// Exits.
    pub left: u32,
    /// Stays beyond the dwell time.
    pub dwelt: u32,
    /// Drive-throughs.
    pub crossed: u32,
    /// Entries within five minutes of the same person's exit: most likely nobody moved.
    pub flaps: u32,
}
