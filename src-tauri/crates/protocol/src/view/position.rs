//! Positions as binary frames (postcard).

use domain::{LonLat, ResourceId};
use serde::{Deserialize, Serialize};

/// Moved dots since the last frame (all of them in the first), encoded with postcard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PositionFrame {
    /// The backend's clock, milliseconds since the epoch.
    pub now_ms: i64,
    /// Whether this frame replaces everything before.
    pub full: bool,
    /// New and moved dots.
    pub dots: Vec<Dot>,
    /// Dots to take away at once (private, signed out, gone).
    pub gone: Vec<ResourceId>,
}

/// One resource on the map; 1e-7 degrees are about a centimetre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dot {
    /// Who.
    pub resource: ResourceId,
    /// Longitude in 1e-7 degrees.
    pub lon_e7: i32,
    /// Latitude in 1e-7 degrees.
    pub lat_e7: i32,
    /// 95 % error radius in metres, rounded.
    pub accuracy_m: u16,
    /// Course, degrees clockwise from north.
    pub heading_deg: Option<u16>,
    /// When the fix was taken, milliseconds since the epoch.
    pub fix_ms: i64,
    /// How it is drawn.
    pub state: DotState,
}

/// How a dot is drawn: each has its own colour *and* shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DotState {
    /// On duty without a task in hand.
    Free,
    /// Driving to a task.
    EnRoute,
    /// At work on site.
    Working,
    /// Will be late for its next appointment.
    Late,
    /// The fix is old.
    Stale,
    /// The device is silent.
    Silent,
}

impl Dot {
    /// Where it is.
    pub fn at(&self) -> Option<LonLat> {
        LonLat::new(f64::from(self.lon_e7) * 1e-7, f64::from(self.lat_e7) * 1e-7).ok()
    }

    /// The fixed-point form of a coordinate: (longitude, latitude) in 1e-7 degrees.
    pub fn fixed_point(at: LonLat) -> (i32, i32) {
        let fixed = |degrees: f64| (degrees * 1e7).round() as i32;
        (fixed(at.lon()), fixed(at.lat()))
    }
}

impl PositionFrame {
    /// The frame's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// Reads a frame.
    pub fn decode(bytes: &[u8]) -> Result<PositionFrame, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}
