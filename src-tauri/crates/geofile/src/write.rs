//! Fences as text.

mod geojson;
mod kml;
mod wkt;

use domain::LonLat;
use domain::place::{Fence, Poi, PolygonArea};

use crate::Format;

/// A place with its fence, and what only others know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported<'a> {
    /// The place; one without a fence is left out.
    pub poi: &'a Poi,
    /// The names of the groups that its fence concerns.
    pub groups: Vec<String>,
}

/// Writes the fences of these places, one feature each; reading it back gives the same shapes in the same order.
///
/// GeoJSON and KML carry names, rules, colour, hours and groups; WKT has only shapes.
pub fn write(format: Format, places: &[Exported<'_>]) -> String {
    let fenced: Vec<(&Exported<'_>, &Fence)> =
        places.iter().filter_map(|place| Some((place, place.poi.fence.as_ref()?))).collect();
    match format {
        Format::GeoJson => geojson::write(&fenced),
        Format::Kml => kml::write(&fenced),
        Format::Wkt => wkt::write(&fenced),
    }
}

/// A ring that ends where it begins, as all formats want it.
fn closed(ring: &[LonLat]) -> impl Iterator<Item = LonLat> {
    let end = ring.first().filter(|first| Some(first) != ring.last().as_ref());
    ring.iter().chain(end).copied()
}

/// All rings of an area, closed, the outer one first.
fn rings(area: &PolygonArea) -> impl Iterator<Item = impl Iterator<Item = LonLat>> {
    area.rings().map(|ring| closed(ring))
}

/// What is said of a fence beside its shape, by name.
fn said((place, fence): (&Exported<'_>, &Fence)) -> Vec<(&'static str, serde_json::Value)> {
    use serde_json::json;
    let mut said = vec![
        ("kind", json!(place.poi.kind)),
        ("address", json!(place.poi.address)),
        ("on_enter", json!(fence.on_enter)),
        ("on_exit", json!(fence.on_exit)),
        ("on_crossed", json!(fence.on_crossed)),
        ("dwell_secs", json!(fence.dwell_secs)),
        ("absent_secs", json!(fence.absent_secs)),
        ("color", json!(fence.color)),
        ("schedule", json!(fence.schedule)),
        ("groups", json!(place.groups)),
    ];
    said.retain(|(_, value)| {
        !value.is_null() && value.as_str() != Some("") && value.as_array().is_none_or(|list| !list.is_empty())
    });
    said
}
