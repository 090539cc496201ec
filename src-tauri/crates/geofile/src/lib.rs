//! Reads fences from GeoJSON, KML and WKT, and writes them.
//!
//! Invariants of this crate:
//!
//! * **Pure.** Bytes in, features out; text out. No file is opened here.
//! * **Each feature stands for itself**: a bad one is an error of its own, with its number and (where known) its line, and the others
//!   are read. Only what leaves no feature to speak of is an error of the whole file ([`FileFault`]).
//! * **A shape that comes out can be a fence**: it has passed [`FenceShape::check`].
//! * **No text makes it panic, recurse deeply or grow**: size, number of features and depth are limited ([`Reading`]), and XML with
//!   a document type is refused, so that no entity can expand.
//! * **What is written is read back as the same shapes**, circles and corridors included, which none of the formats has.
//!
//! ```text
//! bytes ─▶ format ─▶ geojson │ kml │ wkt ─▶ rough shapes ─▶ order of coordinates ─▶ FenceShape::check ─▶ features
//! ```
//!
//! Silently accepted: rings that are not closed, either direction, points that come twice in a row, altitudes, rings across the
//! antimeridian. A collection of areas is one fence of several areas; any other collection is a feature per member.
//!
//! The order of coordinates: GeoJSON and KML have longitude first, and are turned round only where most numbers prove that somebody
//! wrote them the other way. For WKT nobody says. A number that can only be a longitude, a `CIRCLE` (Traccar's word, which always has
//! latitude first, as all of its WKT), a comment that names both, or an `SRID=4326` (longitude first) decides for the whole file; where
//! nothing does, longitude comes first and [`FenceFile::order_unsure`] says so. The caller can force either order.
//!
//! Whose readers: the `geojson` crate for geometries, `quick-xml` for KML's XML (the shell's build brings it along anyway). WKT has a reader
//! of its own: the `wkt` crate knows neither `CIRCLE`, `BUFFER` nor `SRID`, its errors name no place, and its recursion over nested collections has
//! no limit.
//!
//! Deliberately absent: reading and writing files, rules of fences on the way in (a file of areas is not trusted with who is
//! told what), KMZ, coordinate systems other than WGS 84.

mod fault;
mod format;
mod geojson;
mod kml;
mod order;
mod pin;
mod properties;
mod rough;
mod wkt;
mod write;

use domain::place::FenceShape;

pub use fault::{Fault, FileFault};
pub use format::Format;
pub use order::Order;
pub use pin::pin;
pub use properties::Properties;
pub use write::{Exported, write};

use rough::Rough;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Forces the order of coordinates.
    pub order: Option<Order>,
    /// Bytes that are read at most.
    pub most_bytes: usize,
    /// Features that are read at most.
    pub most_features: usize,
}

impl Default for Reading {
    /// What a person can look through: 20 MB, 20,000 features; the file decides on the order.
    fn default() -> Self {
        Self { order: None, most_bytes: 20 * 1_048_576, most_features: 20_000 }
    }
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FenceFile {
    /// What kind of file it is.
    pub format: Format,
    /// Coordinates were given latitude first and have been turned round.
    pub swapped: bool,
    /// Nothing proves the order of coordinates.
    pub order_unsure: bool,
    /// Good and bad, in the order of the file.
    pub features: Vec<Feature>,
}

/// One feature of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its place in the file, from 1; the members of a mixed collection share one.
    pub number: u32,
    /// The line it begins on, from 1, where that is known.
    pub line: Option<u32>,
    /// Its name, at most 200 bytes, if it has one.
    pub name: Option<String>,
    /// What else the file says of it.
    pub properties: Properties,
    /// A shape that can be a fence, or why there is none.
    pub shape: Result<FenceShape, Fault>,
}

/// Reads a file; `name` is its file name, a hint for the format.
///
/// # Errors
/// [`FileFault`] when no feature can be told from it.
pub fn read(name: &str, bytes: &[u8], reading: Reading) -> Result<FenceFile, FileFault> {
    if bytes.len() > reading.most_bytes {
        return Err(FileFault::TooLarge(reading.most_bytes));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| FileFault::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let format = Format::of(name, text)?;
    let (found, hint) = match format {
        Format::GeoJson => (geojson::read(text, reading.most_features)?, None),
        Format::Kml => (kml::read(text, reading.most_features)?, None),
        Format::Wkt => wkt::read(text, reading.most_features)?,
    };
    if found.is_empty() {
        return Err(FileFault::Empty);
    }
    let shapes = || found.iter().filter_map(|found| found.body.as_ref().ok()).flatten();
    let decided = order::decide(shapes().flat_map(Rough::positions), hint, format, reading.order);
    let swapped = decided.order == Order::LatLon && shapes().next().is_some();
    let features = found.into_iter().flat_map(|found| found.into_features(decided.order)).collect();
    Ok(FenceFile { format, swapped, order_unsure: decided.unsure, features })
}

/// The line of a byte of `text`, from 1.
fn line_at(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).unwrap_or(u32::MAX)
}

/// The lines of bytes that are asked for in ascending order.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    fn at(&mut self, offset: usize) -> u32 {
        if let Some(between) = self.text.get(self.offset..offset) {
            self.line = self.line.saturating_add(line_at(between, between.len()) - 1);
            self.offset = offset;
        }
        self.line
    }
}
