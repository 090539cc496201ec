//! What the form of a fence holds, what is wrong with it, and measures of shapes.

use domain::place::{FenceColor, FenceShape, PoiKind};
use domain::{GroupId, LonLat};

use crate::words::{shape_error_text, t};

/// Longest name, as the server has it, bytes.
const NAME_BYTES: usize = 200;
/// Longest address, bytes.
const ADDRESS_BYTES: usize = 500;
/// Longest time of a rule, minutes: a day.
const MINUTES_MAX: u32 = 1_440;

/// A rule with a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timed {
    /// Whether it is on.
    pub on: bool,
    /// Its minutes, as typed.
    pub minutes: String,
}

impl Timed {
    pub(super) fn of(secs: Option<u32>, usual_minutes: u32) -> Self {
        let minutes = secs.map_or(usual_minutes, |secs| secs.div_ceil(60));
        Self { on: secs.is_some(), minutes: minutes.to_string() }
    }

    /// Its seconds; `filled` keeps seconds that the field does not show. `Err` for what is no time.
    pub(super) fn secs(&self, filled: Option<u32>) -> Result<Option<u32>, ()> {
        if !self.on {
            return Ok(None);
        }
        if filled.is_some() && *self == Timed::of(filled, 0) {
            return Ok(filled);
        }
        let minutes = self.minutes.trim().parse::<u32>().map_err(|_| ())?;
        if (1..=MINUTES_MAX).contains(&minutes) { Ok(Some(minutes * 60)) } else { Err(()) }
    }
}

/// What is checked before it is sent.
pub(super) struct Checked<'a> {
    pub name: &'a str,
    pub address: &'a str,
    /// Whether there is an area.
    pub watched: bool,
    pub shape: Option<&'a FenceShape>,
    pub drawing: bool,
    pub dwell: &'a Timed,
    pub absent: &'a Timed,
}

/// What is wrong, by field; `None` means right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Problems {
    pub name: Option<String>,
    pub address: Option<String>,
    pub shape: Option<String>,
    pub dwell: Option<String>,
    pub absent: Option<String>,
}

impl Problems {
    pub(super) fn of(checked: &Checked<'_>) -> Self {
        let said = |wrong: bool, key: &'static str| wrong.then(|| t(key).to_owned());
        let shape = match checked.shape {
            _ if !checked.watched => None,
            _ if checked.drawing => Some(t("fence-unfinished").to_owned()),
            None => Some(t("fence-no-shape").to_owned()),
            Some(shape) => shape.check().err().map(|error| shape_error_text(&error)),
        };
        let name = checked.name.trim();
        let minutes = |timed: &Timed| said(checked.watched && timed.secs(None).is_err(), "fence-minutes");
        Self {
            name: said(name.is_empty() || name.len() > NAME_BYTES, "fence-name-wrong"),
            address: said(checked.address.trim().len() > ADDRESS_BYTES, "fence-address-wrong"),
            shape,
            dwell: minutes(checked.dwell),
            absent: minutes(checked.absent),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        *self == Problems::default()
    }
}

/// The middle of a shape: where its pin stands by itself.
pub(super) fn middle(shape: &FenceShape) -> LonLat {
    let points = match shape {
        FenceShape::Circle { center, .. } => return *center,
        FenceShape::Corridor { line, .. } => {
            return line.get(line.len() / 2).copied().unwrap_or_else(|| LonLat::from_e7(0, 0));
        }
        FenceShape::Polygon { area } => &area.outer,
        FenceShape::MultiPolygon { areas } => match areas.iter().max_by_key(|area| area.outer.len()) {
            Some(area) => &area.outer,
            None => return LonLat::from_e7(0, 0),
        },
    };
    let unrolled = domain::geo::unwrapped(points);
    let span = |axis: usize| {
        let values = unrolled.iter().map(|point| point[axis]);
        let (low, high) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
        (low + high) / 2.0
    };
    let lon = (span(0) + 540.0).rem_euclid(360.0) - 180.0;
    LonLat::new(lon, span(1)).unwrap_or_else(|_| LonLat::from_e7(0, 0))
}

/// The number of a shape that people type: a circle's radius, a corridor's half width, in metres.
pub(super) fn number_of(shape: &FenceShape) -> Option<f64> {
    match shape {
        FenceShape::Circle { radius_m, .. } => Some(*radius_m),
        FenceShape::Corridor { half_width_m, .. } => Some(*half_width_m),
        FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. } => None,
    }
}

/// The shape with another number; `None` where it has none, or the text is no usable one.
pub(super) fn with_number(shape: &FenceShape, typed: &str) -> Option<FenceShape> {
    let metres = typed.trim().replace(',', ".").parse::<f64>().ok().filter(|metres| *metres >= 1.0)?;
    let shape = match shape {
        FenceShape::Circle { center, .. } => FenceShape::Circle { center: *center, radius_m: metres },
        FenceShape::Corridor { line, .. } => {
            FenceShape::Corridor { line: line.clone(), half_width_m: metres }
        }
        FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. } => return None,
    };
    shape.check().is_ok().then_some(shape)
}

/// How many points a shape has that can be moved.
pub(super) fn points_of(shape: &FenceShape) -> usize {
    match shape {
        FenceShape::Circle { .. } => 1,
        FenceShape::Corridor { line, .. } => line.len(),
        FenceShape::Polygon { area } => area.rings().map(Vec::len).sum(),
        FenceShape::MultiPolygon { areas } => areas.iter().flat_map(|area| area.rings()).map(Vec::len).sum(),
    }
}

/// The kinds of places as they are offered.
pub(super) const KINDS: [PoiKind; 5] = [
    PoiKind::Customer,
    PoiKind::Polygon,
    PoiKind::DistributionCenter,
    PoiKind::DistributionArea,
    PoiKind::Point,
];

/// The name of a colour in values and for tests.
pub(super) fn color_name(color: FenceColor) -> String {
    format!("{color:?}").to_lowercase()
}

/// Groups in a stable order, so that the order in which they were ticked is no change.
pub(super) fn sorted(mut groups: Vec<GroupId>) -> Vec<GroupId> {
    groups.sort_unstable();
    groups
}

#[cfg(test)]
mod tests {
    use domain::place::PolygonArea;

    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    #[test]
    fn seconds_that_the_field_does_not_show_are_no_change() {
        let filled = Timed::of(Some(90), 15);
        assert_eq!(filled.minutes, "2", "shown in minutes");
        assert_eq!(filled.secs(Some(90)), Ok(Some(90)), "left alone it stays");
        let typed = Timed { on: true, minutes: "3".to_owned() };
        assert_eq!(typed.secs(Some(90)), Ok(Some(180)), "typed it counts");
        assert_eq!(Timed { on: false, ..typed.clone() }.secs(Some(90)), Ok(None), "switched off it is none");
        assert_eq!(Timed { minutes: "soon".to_owned(), ..typed.clone() }.secs(None), Err(()), "no number");
        assert_eq!(Timed { minutes: "1441".to_owned(), ..typed }.secs(None), Err(()), "longer than a day");
    }

    #[test]
    fn what_is_wrong_is_said_beside_its_field() {
        let (off, on) = (Timed::of(None, 15), Timed { on: true, minutes: String::new() });
        let bow_tie = FenceShape::Polygon {
            area: PolygonArea {
                outer: vec![at(0.0, 0.0), at(1.0, 1.0), at(1.0, 0.0), at(0.0, 1.0)],
                holes: Vec::new(),
            },
        };
        let checked = Checked {
            name: "  ",
            address: "",
            watched: true,
            shape: Some(&bow_tie),
            drawing: false,
            dwell: &on,
            absent: &off,
        };
        let problems = Problems::of(&checked);
        assert!(
            problems.name.is_some() && problems.shape.is_some() && problems.dwell.is_some(),
            "{problems:?}"
        );
        assert!(problems.address.is_none() && problems.absent.is_none(), "the rest is right: {problems:?}");
        let fine = Checked { name: "Harbour", watched: false, ..checked };
        assert!(Problems::of(&fine).is_none(), "without an area its rules don't matter");
        let missing = Problems::of(&Checked { watched: true, shape: None, dwell: &off, ..fine });
        assert!(missing.shape.is_some(), "nothing was drawn");
    }

    #[test]
    fn numbers_are_typed_into_circles_and_corridors() {
        let circle = FenceShape::Circle { center: at(7.42, 43.73), radius_m: 80.0 };
        let wider = with_number(&circle, " 120,5 ").expect("with a comma, too");
        assert_eq!(number_of(&wider), Some(120.5), "as typed");
        for nonsense in ["", "0", "-5", "NaN", "inf", "1e9"] {
            assert_eq!(with_number(&circle, nonsense), None, "{nonsense:?} is no radius");
        }
    }

    #[test]
    fn the_middle_of_an_island_at_the_date_line_is_there() {
        let outer = vec![at(179.9, -17.0), at(-179.9, -17.0), at(-179.9, -16.8), at(179.9, -16.8)];
        let pin = middle(&FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } });
        assert!(pin.lon().abs() > 179.99 && (pin.lat() + 16.9).abs() < 1e-9, "not in Africa: {pin:?}");
    }
}
