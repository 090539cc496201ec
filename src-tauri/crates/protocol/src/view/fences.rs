//! Fences from files, and to files.

use domain::LonLat;
use domain::place::{FenceShape, ShapeError};
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

/// The order of the two numbers of a coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoordinateOrder {
    /// Longitude first, as the formats have it.
    LonLat,
    /// Latitude first, as some trackers write WKT.
    LatLon,
}

/// What was read of a file of fences; nothing is made of it yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FenceFileView {
    /// What kind of file it is.
    pub format: FenceFormat,
    /// Coordinates were given as latitude, longitude (as some trackers write WKT) and have been turned round.
    pub swapped: bool,
    /// Nothing in the file proves the order of its coordinates: people should look at the map, and may ask for the other one.
    pub order_unsure: bool,
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
    /// It can't, and why.
    Error(FeatureFault),
}

/// Why a feature of a file can't be a fence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault", content = "value")]
pub enum FeatureFault {
    /// Its shape is no area that can be watched.
    Shape(ShapeError),
    /// These two numbers, finite and in the order of the file, are no place on the earth.
    OffEarth {
        /// The first number.
        x: f64,
        /// The second number.
        y: f64,
    },
    /// This should be a finite number.
    NotANumber(String),
    /// A kind of geometry that can't be a fence, by its name in the file.
    UnknownGeometry(String),
    /// There is no geometry, or an empty one.
    NoGeometry,
    /// A point needs a radius to be a circle.
    NoRadius,
    /// A line needs a width to be a corridor.
    NoWidth,
    /// Geometries within geometries, too deep.
    TooDeep,
    /// It can't be read from this piece of its text on (at most 40 characters).
    Malformed(String),
}

/// Why a file of fences can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault", content = "value")]
pub enum FenceFileFault {
    /// More megabytes than this.
    TooLarge(u32),
    /// More features than this.
    TooMany(u32),
    /// Not UTF-8 text.
    NotText,
    /// Neither GeoJSON nor KML nor WKT.
    UnknownFormat,
    /// A file of that format with nothing in it.
    Empty,
    /// It breaks its format; on this line, from 1, where that is known.
    Malformed(Option<u32>),
    /// A KML file with a document type: entities of its own are not read.
    HasDoctype,
    /// Things within things, too deep.
    TooDeep,
}
