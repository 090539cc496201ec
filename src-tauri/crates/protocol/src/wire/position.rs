//! Positions, tracks and contact data.

use chrono::{DateTime, Utc};
use domain::ResourceId;
use domain::position::Fix;
use serde::{Deserialize, Serialize};

/// The newest fix of a resource. Newer means a greater `(fix_time, server_seq)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PositionUpdate {
    /// Who.
    pub resource: ResourceId,
    /// The fix.
    pub fix: Fix,
    /// Order of arrival at the server.
    pub server_seq: u64,
}

/// `GET /v1/positions`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PositionsResponse {
    /// The newest fix of each visible resource.
    pub positions: Vec<PositionUpdate>,
    /// The server's clock.
    pub server_time: DateTime<Utc>,
}

/// `GET /v1/resources/{id}/track?from&to&purpose`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackResponse {
    /// Fixes by fix time; thinned evenly to at most 5,000.
    pub fixes: Vec<Fix>,
    /// Stretches without coordinates, with the reason.
    pub gaps: Vec<TrackGap>,
}

/// A labelled gap in a track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackGap {
    /// Begin.
    pub from: DateTime<Utc>,
    /// End; `None` means it goes on.
    pub to: Option<DateTime<Utc>>,
    /// Why.
    pub reason: GapReason,
}

/// Why a track has a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// Location sharing was switched off.
    Private,
}

/// `GET /v1/whereabouts?at&purpose`: where everybody was at a past moment; audited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhereaboutsResponse {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Of whom something is known: the last fix from before the moment, at most half an hour old then.
    pub fixes: Vec<(ResourceId, Fix)>,
    /// Who had switched the location off then.
    pub private: Vec<ResourceId>,
}

/// `POST /v1/resources/{id}/contact`: the unmasked contact data; audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactResponse {
    /// Phone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
}
