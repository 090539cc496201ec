//! Fences from files, and to files.

use domain::LonLat;
use domain::place::FenceShape;
use serde::{Deserialize, Serialize};

/// The formats of fence files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FenceFormat {
    /// GeoJSON (RFC 7946); circles and corridors as a point or line with a radius.
    Geojson,
    /// KML 2.2.
    Kml,
    /// Well-known text, one shape a line.
    Wkt,
}

impl FenceFormat {
    /// All of them.
    pub const ALL: [FenceFormat; 3] = [FenceFormat::Geojson, FenceFormat::Kml, FenceFormat::Wkt];
}

/// What was read of a file of fences; nothing is made of it yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FenceFileView {
    /// What kind of file it is.
    pub format: FenceFormat,
    /// Coordinates were given as latitude, longitude (as some trackers write WKT) and have been turned round.
    pub swapped: bool,
    /// Its features in order, good and bad.
    pub features: Vec<FeatureView>,
}

/// One feature of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureView {
    /// Its place in the file, from 1.
    pub number: u32,
    /// The line it begins on, from 1, where that is known.
    pub line: Option<u32>,
    /// Its name; made from the file's name where it has none.
    pub name: String,
    /// What it is.
    pub outcome: FeatureOutcome,
}

/// What became of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "body")]
pub enum FeatureOutcome {
    /// It can be a fence.
    Fence {
        /// Its area.
        shape: FenceShape,
        /// Where its pin would stand.
        at: LonLat,
        /// How wide it is, metres.
        size_m: f64,
        /// So small that alerts will be late or missing.
        too_small: bool,
        /// The name of a place here that is in the same spot, if there is one.
        same_as: Option<String>,
    },
    /// It can't, and why, for people.
    Error {
        /// The reason.
        reason: String,
    },
}
