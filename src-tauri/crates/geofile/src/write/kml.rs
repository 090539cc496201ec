//! KML 2.2. A circle is drawn as a polygon, for programs that know no circles; its centre and radius are beside it.

use std::fmt::Write as _;

use domain::LonLat;
use domain::place::{Fence, FenceShape, PolygonArea};
use quick_xml::escape::escape;
use serde_json::Value;

use super::{Exported, closed, rings, said};

/// Corners of a polygon that stands for a circle.
const CORNERS: u32 = 72;

pub(super) fn write(fenced: &[(&Exported<'_>, &Fence)]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n",
    );
    for &(place, fence) in fenced {
        text.push_str("<Placemark>");
        element(&mut text, "name", &place.poi.name);
        text.push_str("<ExtendedData>");
        for (name, value) in said((place, fence)).into_iter().chain(measures(&fence.shape)) {
            let value = if let Value::String(value) = value { value } else { value.to_string() };
            // Writing to a text never fails.
            let _ = write!(text, "<Data name=\"{name}\">");
            element(&mut text, "value", &value);
            text.push_str("</Data>");
        }
        text.push_str("</ExtendedData>");
        geometry(&mut text, &fence.shape);
        text.push_str("</Placemark>\n");
    }
    text.push_str("</Document>\n</kml>\n");
    text
}

/// What the geometry alone can't say.
fn measures(shape: &FenceShape) -> Vec<(&'static str, Value)> {
    match shape {
        FenceShape::Circle { center, radius_m } => vec![
            ("center_lon", center.lon().into()),
            ("center_lat", center.lat().into()),
            ("radius_m", (*radius_m).into()),
        ],
        FenceShape::Corridor { half_width_m, .. } => vec![("half_width_m", (*half_width_m).into())],
        FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. } => Vec::new(),
    }
}

fn geometry(text: &mut String, shape: &FenceShape) {
    match shape {
        FenceShape::Circle { center, radius_m } => {
            let corner = |n: u32| center.destination(f64::from(n) * 360.0 / f64::from(CORNERS), *radius_m);
            let ring: Vec<LonLat> = (0..CORNERS).map(corner).collect();
            text.push_str("<Polygon>");
            border(text, "outerBoundaryIs", closed(&ring));
            text.push_str("</Polygon>");
        }
        FenceShape::Corridor { line, .. } => {
            text.push_str("<LineString><tessellate>1</tessellate>");
            coordinates(text, line.iter().copied());
            text.push_str("</LineString>");
        }
        FenceShape::Polygon { area } => polygon(text, area),
        FenceShape::MultiPolygon { areas } => {
            text.push_str("<MultiGeometry>");
            areas.iter().for_each(|area| polygon(text, area));
            text.push_str("</MultiGeometry>");
        }
    }
}

fn polygon(text: &mut String, area: &PolygonArea) {
    text.push_str("<Polygon>");
    for (n, ring) in rings(area).enumerate() {
        border(text, if n == 0 { "outerBoundaryIs" } else { "innerBoundaryIs" }, ring);
    }
    text.push_str("</Polygon>");
}

fn border(text: &mut String, name: &str, ring: impl Iterator<Item = LonLat>) {
    let _ = write!(text, "<{name}><LinearRing>");
    coordinates(text, ring);
    let _ = write!(text, "</LinearRing></{name}>");
}

fn coordinates(text: &mut String, points: impl Iterator<Item = LonLat>) {
    let points: Vec<String> = points.map(|at| format!("{},{}", at.lon(), at.lat())).collect();
    let _ = write!(text, "<coordinates>{}</coordinates>", points.join(" "));
}

/// An element with text; what XML has no way to write is left out.
fn element(text: &mut String, name: &str, content: &str) {
    let writable = |letter: &char| {
        matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..) && *letter != '\u{fffe}'
    };
    let content: String = content.chars().filter(writable).collect();
    let _ = write!(text, "<{name}>{}</{name}>", escape(content));
}
