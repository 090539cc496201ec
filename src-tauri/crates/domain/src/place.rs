//! Places (POIs) and geofences.

use serde::{Deserialize, Serialize};

use crate::{GroupId, LonLat, PoiId};

/// A place; with a fence it is a geofence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Poi {
    /// Identity.
    pub id: PoiId,
    /// Its name.
    pub name: String,
    /// What kind of place.
    pub kind: PoiKind,
    /// Where its pin stands.
    pub at: LonLat,
    /// Its address as text.
    pub address: String,
    /// The area that is watched, if any.
    pub fence: Option<Fence>,
}

/// The contract's kinds of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoiKind {
    /// Just a point of interest (`POI`).
    Point,
    /// A customer's site.
    Customer,
    /// An area.
    Polygon,
    /// A distribution center.
    DistributionCenter,
    /// The area around one.
    DistributionArea,
}

/// A watched area with its rules. Editing makes a new version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fence {
    /// Starts at 1.
    pub version: u32,
    /// The area.
    pub shape: FenceShape,
    /// Whom it concerns; empty means everybody.
    pub groups: Vec<GroupId>,
    /// Alert when somebody comes in.
    pub on_enter: bool,
    /// Alert when somebody leaves.
    pub on_exit: bool,
    /// Alert when somebody has been inside for so many seconds.
    pub dwell_secs: Option<u32>,
}

/// The area of a fence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "shape")]
pub enum FenceShape {
    /// Everything within `radius_m` metres of `center`.
    Circle {
        /// Its middle.
        center: LonLat,
        /// Its radius in metres.
        radius_m: f64,
    },
    /// One ring with holes.
    Polygon {
        /// The area.
        area: PolygonArea,
    },
    /// Several areas that count as one.
    MultiPolygon {
        /// The areas.
        areas: Vec<PolygonArea>,
    },
    /// Everything within `half_width_m` metres of a line.
    Corridor {
        /// The line's points.
        line: Vec<LonLat>,
        /// Half its width in metres.
        half_width_m: f64,
    },
}

/// A ring with holes; rings may be given open or closed, in either direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolygonArea {
    /// The outer ring.
    pub outer: Vec<LonLat>,
    /// What is cut out of it.
    pub holes: Vec<Vec<LonLat>>,
}

/// Why a shape can't be a fence.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ShapeError {
    /// Not a positive, finite number of metres, or absurdly large.
    #[error("{0} m is no usable size for a fence (more than 0 m, at most 500 km)")]
    Size(f64),
    /// Too few different points.
    #[error("a ring needs at least three different points, this has {0}")]
    RingTooShort(usize),
    /// Too few different points.
    #[error("a corridor's line needs at least two different points, this has {0}")]
    LineTooShort(usize),
    /// No area at all.
    #[error("a multi-polygon needs at least one area")]
    Empty,
    /// What is inside can't be told.
    #[error("a ring around a pole can't be a fence")]
    AroundPole,
}

const MAX_SIZE_M: f64 = 500_000.0;

impl FenceShape {
    /// Whether the shape can be a fence at all.
    pub fn check(&self) -> Result<(), ShapeError> {
        match self {
            FenceShape::Circle { radius_m, .. } => check_size(*radius_m),
            FenceShape::Polygon { area } => area.check(),
            FenceShape::MultiPolygon { areas } if areas.is_empty() => Err(ShapeError::Empty),
            FenceShape::MultiPolygon { areas } => areas.iter().try_for_each(PolygonArea::check),
            FenceShape::Corridor { line, half_width_m } => match distinct(line) {
                points @ 0..2 => Err(ShapeError::LineTooShort(points)),
                _ => check_size(*half_width_m),
            },
        }
    }
}

impl PolygonArea {
    fn check(&self) -> Result<(), ShapeError> {
        std::iter::once(&self.outer).chain(&self.holes).try_for_each(|ring| match distinct(ring) {
            points @ 0..3 => Err(ShapeError::RingTooShort(points)),
            _ => Ok(()),
        })
    }
}

fn check_size(metres: f64) -> Result<(), ShapeError> {
    if metres > 0.0 && metres <= MAX_SIZE_M { Ok(()) } else { Err(ShapeError::Size(metres)) }
}

/// Number of different points, counted up to three.
fn distinct(points: &[LonLat]) -> usize {
    let mut seen: Vec<LonLat> = Vec::with_capacity(3);
    for point in points {
        if seen.len() < 3 && !seen.contains(point) {
            seen.push(*point);
        }
    }
    seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    #[test]
    fn shapes_that_enclose_nothing_are_refused() {
        let ring = vec![at(7.0, 43.0), at(7.1, 43.0), at(7.0, 43.0)];
        let polygon = FenceShape::Polygon { area: PolygonArea { outer: ring, holes: Vec::new() } };
        assert_eq!(polygon.check(), Err(ShapeError::RingTooShort(2)), "a line and back is no area");
        let circle = |radius_m| FenceShape::Circle { center: at(7.0, 43.0), radius_m };
        assert_eq!(circle(0.0).check(), Err(ShapeError::Size(0.0)), "no radius");
        assert!(circle(f64::NAN).check().is_err(), "NaN is no radius");
        assert_eq!(circle(50.0).check(), Ok(()), "fifty metres is fine");
    }
}
