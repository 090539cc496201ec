//! Places (POIs) and geofences.

use serde::{Deserialize, Serialize};

use crate::geo::{EARTH_RADIUS_M, unwrapped};
use crate::rule::{AlertPolicy, RuleError};
use crate::schedule::Schedule;
use crate::{GroupId, LonLat, PoiId};

mod check;
mod same;

pub use check::ShapeError;

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
    /// Say when somebody drove through too fast to be seen inside: a guess between two fixes.
    #[serde(default)]
    pub on_crossed: bool,
    /// Alert when somebody's shift began so many seconds ago and they are seen to be elsewhere.
    #[serde(default)]
    pub absent_secs: Option<u32>,
    /// When the rules speak, in the company's zone. Outside it is known who is inside, and nothing is said.
    #[serde(default)]
    pub schedule: Schedule,
    /// How its alerts are delivered; `None` means to everybody, staying and absence as a warning, the rest as information.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<AlertPolicy>,
    /// How it is drawn.
    #[serde(default)]
    pub color: FenceColor,
}

/// Colours of fences, all of which stand out on the light and the dark map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "names of colours")]
pub enum FenceColor {
    #[default]
    Violet,
    Blue,
    Teal,
    Green,
    Amber,
    Red,
    Pink,
    Grey,
}

impl FenceColor {
    /// All of them, in the order in which they are offered.
    pub const ALL: [FenceColor; 8] = [
        FenceColor::Violet,
        FenceColor::Blue,
        FenceColor::Teal,
        FenceColor::Green,
        FenceColor::Amber,
        FenceColor::Red,
        FenceColor::Pink,
        FenceColor::Grey,
    ];
}

/// More groups than this are named by nobody: all are meant by naming none.
const MOST_GROUPS: usize = 1_000;

impl Fence {
    /// The first version of a fence for everybody that has no rules yet.
    pub fn new(shape: FenceShape) -> Self {
        Fence {
            version: 1,
            shape,
            groups: Vec::new(),
            on_enter: false,
            on_exit: false,
            dwell_secs: None,
            on_crossed: false,
            absent_secs: None,
            schedule: Schedule::default(),
            policy: None,
            color: FenceColor::default(),
        }
    }

    /// Whether hours and groups are no more, and the delivery within the ranges, that somebody can mean. The shape has a check of its own.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn check_rules(&self) -> Result<(), RuleError> {
        if !self.schedule.is_short() || self.groups.len() > MOST_GROUPS {
            return Err(RuleError::Limit);
        }
        self.policy.as_ref().map_or(Ok(()), AlertPolicy::check)
    }

    /// Whether any rule can ever speak.
    pub fn has_rule(&self) -> bool {
        self.on_enter
            || self.on_exit
            || self.on_crossed
            || self.dwell_secs.is_some()
            || self.absent_secs.is_some()
    }
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

/// A fence narrower than this (metres) can't be decided with an ordinary phone: its 95 % error circle is about 16 m.
pub const SMALLEST_SURE_M: f64 = 35.0;

impl FenceShape {
    /// How wide the area is in metres: a circle's diameter, a corridor's width, the shorter side of the box around a polygon (of
    /// the largest one, where there are several). With a 95 % error radius above half of it nobody can be told to be inside.
    pub fn size_m(&self) -> f64 {
        match self {
            FenceShape::Circle { radius_m, .. } => 2.0 * radius_m,
            FenceShape::Corridor { half_width_m, .. } => 2.0 * half_width_m,
            FenceShape::Polygon { area } => area.size_m(),
            FenceShape::MultiPolygon { areas } => areas.iter().map(PolygonArea::size_m).fold(0.0, f64::max),
        }
    }

    /// The size in metres, if it is so small that alerts will often be late or missing; for a warning beside the editor.
    pub fn too_small_m(&self) -> Option<f64> {
        Some(self.size_m()).filter(|size_m| *size_m < SMALLEST_SURE_M)
    }
}

impl PolygonArea {
    /// The outer ring, then the holes.
    pub fn rings(&self) -> impl Iterator<Item = &Vec<LonLat>> {
        std::iter::once(&self.outer).chain(&self.holes)
    }

    fn size_m(&self) -> f64 {
        let points = unwrapped(&self.outer);
        let span = |axis: usize| {
            let values = points.iter().map(|point| point[axis]);
            let (low, high) = values
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
            (low, high)
        };
        let ((west, east), (south, north)) = (span(0), span(1));
        let m_per_deg = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;
        let wide_m = (east - west) * m_per_deg * ((south + north) / 2.0).to_radians().cos();
        wide_m.min((north - south) * m_per_deg).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    #[test]
    fn a_fence_of_an_older_row_has_the_rules_it_had() {
        let old = r#"{"version":3,"shape":{"shape":"circle","center":{"lon":7.4,"lat":43.7},"radius_m":80.0},
            "groups":[],"on_enter":true,"on_exit":false,"dwell_secs":null}"#;
        let fence: Fence = serde_json::from_str(old).expect("rows of before these rules existed");
        let circle = FenceShape::Circle { center: at(7.4, 43.7), radius_m: 80.0 };
        assert_eq!(
            fence,
            Fence { version: 3, on_enter: true, ..Fence::new(circle) },
            "nothing was added to it"
        );
        assert!(fence.schedule.is_always(), "it speaks at any hour");
    }

    #[test]
    fn a_fence_too_small_for_a_phone_is_said_to_be() {
        let circle = |radius_m| FenceShape::Circle { center: at(7.4, 43.7), radius_m };
        assert_eq!(circle(12.0).too_small_m(), Some(24.0), "narrower than the error circle of a phone");
        assert_eq!(circle(60.0).too_small_m(), None, "wide enough");
        let outer = vec![at(179.9999, 0.0), at(-179.9999, 0.0), at(-179.9999, 0.01), at(179.9999, 0.01)];
        let strip = FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } };
        let size_m = strip.too_small_m().expect("a strip of 22 m across the date line");
        assert!((size_m - 22.2).abs() < 0.1, "not around the earth: {size_m}");
    }
}
