//! How the base map looks, light and dark: quiet enough that markers stand out, complete enough to find an address.
//!
//! Written for OpenMapTiles layers with names in `name` or `name:latin`. All areas come before all lines, because
//! neighbouring layers of one kind are drawn in one go: a tile costs two draw calls. Line joints are not rounded by the
//! renderer, so lines stay below ten points. Zoom levels are those of 512-point tiles, one less than the map's.

use walkers::{
    Color, Filter, Float, Layout, Paint, Style, StyleLayer, Value, json, linear_zoom_interpolation,
};

use crate::palette::Theme;

/// The colours of the base map.
struct Ground {
    land: &'static str,
    residential: &'static str,
    commercial: &'static str,
    wood: &'static str,
    grass: &'static str,
    sand: &'static str,
    water: &'static str,
    building: &'static str,
    aeroway: &'static str,
    casing: &'static str,
    motorway: &'static str,
    primary: &'static str,
    street: &'static str,
    path: &'static str,
    rail: &'static str,
    border: &'static str,
    label: &'static str,
    street_label: &'static str,
    water_label: &'static str,
    halo: &'static str,
}

const LIGHT: Ground = Ground {
    land: "#f2f1ec",
    residential: "#ebe9e4",
    commercial: "#e9e5e6",
    wood: "#d3e3cb",
    grass: "#e0ebd6",
    sand: "#f3ead3",
    water: "#b4d2e8",
    building: "#dcd8d1",
    aeroway: "#dddde6",
    casing: "#cbc6bd",
    motorway: "#f2c57c",
    primary: "#fae3ad",
    street: "#ffffff",
    path: "#c9bfb0",
    rail: "#b3aea8",
    border: "#9b8aa5",
    label: "#333b44",
    street_label: "#525a63",
    water_label: "#33688c",
    halo: "#f8f7f3",
};

const DARK: Ground = Ground {
    land: "#1b2028",
    residential: "#1f252e",
    commercial: "#23262f",
    wood: "#1c2b27",
    grass: "#1e2e28",
    sand: "#2b2a26",
    water: "#12293d",
    building: "#2a313c",
    aeroway: "#2a2f3c",
    casing: "#161a21",
    motorway: "#7a6136",
    primary: "#5b5440",
    street: "#3d4653",
    path: "#37404c",
    rail: "#4b5058",
    border: "#6f6480",
    label: "#d3dae2",
    street_label: "#aab4c0",
    water_label: "#7fb2d6",
    halo: "#161b22",
};

/// The style of a theme.
pub(crate) fn style(theme: Theme) -> Style {
    let ground = match theme {
        Theme::Light => &LIGHT,
        Theme::Dark => &DARK,
    };
    let mut layers = vec![background(ground)];
    layers.extend(areas(ground));
    layers.extend(lines(ground));
    layers.extend(labels(ground));
    Style { layers }
}

fn background(ground: &Ground) -> StyleLayer {
    let paint = Paint { background_color: color(ground.land), ..Paint::default() };
    StyleLayer::Background { paint }
}

fn areas(g: &Ground) -> Vec<StyleLayer> {
    vec![
        area("landuse", class(&["residential", "suburb", "neighbourhood", "quarter"]), g.residential),
        area(
            "landuse",
            class(&["commercial", "industrial", "retail", "railway", "hospital", "school"]),
            g.commercial,
        ),
        area("landcover", class(&["wood", "forest"]), g.wood),
        area("landcover", class(&["grass", "farmland", "wetland"]), g.grass),
        area("landcover", class(&["sand", "rock"]), g.sand),
        area("landuse", class(&["cemetery", "pitch", "stadium", "playground"]), g.grass),
        area("park", json!(["==", "$type", "Polygon"]), g.grass),
        area("aeroway", json!(["==", "$type", "Polygon"]), g.aeroway),
        area("water", json!(["==", "$type", "Polygon"]), g.water),
        area("building", json!(["==", "$type", "Polygon"]), g.building),
    ]
}

fn lines(g: &Ground) -> Vec<StyleLayer> {
    const MOTORWAY: &[(f64, f64)] = &[(5.0, 0.6), (10.0, 1.8), (13.0, 3.4), (15.0, 6.0), (17.0, 9.0)];
    const PRIMARY: &[(f64, f64)] = &[(7.0, 0.5), (11.0, 1.4), (13.0, 2.8), (15.0, 5.5), (17.0, 9.0)];
    const TERTIARY: &[(f64, f64)] = &[(9.0, 0.4), (12.0, 1.4), (14.0, 3.0), (16.0, 6.5), (17.0, 8.5)];
    const MINOR: &[(f64, f64)] = &[(12.0, 0.6), (13.0, 1.2), (14.0, 2.2), (16.0, 6.0), (17.0, 8.0)];
    const SERVICE: &[(f64, f64)] = &[(13.0, 0.5), (14.0, 1.0), (17.0, 4.5)];
    const PATH: &[(f64, f64)] = &[(13.0, 0.6), (15.0, 1.0), (17.0, 1.8)];
    let (motorway, primary) = (["motorway"], ["trunk", "primary"]);
    let (tertiary, minor) = (["secondary", "tertiary"], ["minor", "residential", "unclassified"]);
    let service = ["service", "track"];
    vec![
        line(
            "waterway",
            class(&["river", "stream", "canal"]),
            g.water,
            &[(8.0, 0.5), (14.0, 1.6), (17.0, 4.0)],
            0.0,
        ),
        road(12, &["path", "pedestrian", "footway"], g.path, PATH, 0.0),
        road(13, &service, g.casing, SERVICE, 1.2),
        road(12, &minor, g.casing, MINOR, 1.4),
        road(9, &tertiary, g.casing, TERTIARY, 1.4),
        road(7, &primary, g.casing, PRIMARY, 1.6),
        road(5, &motorway, g.casing, MOTORWAY, 1.6),
        road(13, &service, g.street, SERVICE, 0.0),
        road(12, &minor, g.street, MINOR, 0.0),
        road(9, &tertiary, g.street, TERTIARY, 0.0),
        road(7, &primary, g.primary, PRIMARY, 0.0),
        road(5, &motorway, g.motorway, MOTORWAY, 0.0),
        road(11, &["rail", "transit"], g.rail, &[(11.0, 0.6), (14.0, 1.2), (17.0, 2.4)], 0.0),
        line("boundary", json!(["<=", "admin_level", 4]), g.border, &[(3.0, 0.8), (12.0, 1.6)], 0.0),
    ]
}

fn labels(g: &Ground) -> Vec<StyleLayer> {
    let streets = class(&["motorway", "trunk", "primary", "secondary", "tertiary"]);
    let minor = class(&["minor", "residential", "unclassified", "service", "pedestrian", "path"]);
    let water = json!(["any", ["has", "name:latin"], ["has", "name"]]);
    vec![
        label("housenumber", json!(["has", "housenumber"]), (g.street_label, g.halo), (10.5, 16.6)),
        label("transportation_name", minor, (g.street_label, g.halo), (11.0, 14.6)),
        label("transportation_name", streets, (g.street_label, g.halo), (11.5, 13.0)),
        label("water_name", water, (g.water_label, g.halo), (12.0, 9.0)),
        label("place", class(&["suburb", "quarter", "neighbourhood"]), (g.label, g.halo), (12.5, 11.5)),
        label("place", class(&["village", "hamlet"]), (g.label, g.halo), (13.0, 10.0)),
        label("place", class(&["town"]), (g.label, g.halo), (14.0, 7.0)),
        label("place", class(&["city"]), (g.label, g.halo), (16.0, 3.0)),
        label("place", class(&["country"]), (g.label, g.halo), (16.0, 1.0)),
    ]
}

fn class(names: &[&str]) -> Value {
    let mut filter = vec![json!("in"), json!("class")];
    filter.extend(names.iter().map(|name| json!(name)));
    Value::Array(filter)
}

fn area(layer: &str, filter: Value, fill: &str) -> StyleLayer {
    let paint = Paint { fill_color: color(fill), ..Paint::default() };
    StyleLayer::Fill { source_layer: layer.into(), filter: Some(Filter(filter)), paint }
}

/// Roads of some classes from a zoom level on, `extra_pt` wider than `widths`.
fn road(from_zoom: u8, classes: &[&str], stroke: &str, widths: &[(f64, f64)], extra_pt: f64) -> StyleLayer {
    let filter = json!(["all", [">=", ["zoom"], from_zoom], class(classes)]);
    line("transportation", filter, stroke, widths, extra_pt)
}

fn line(layer: &str, filter: Value, stroke: &str, widths: &[(f64, f64)], extra_pt: f64) -> StyleLayer {
    let stops: Vec<_> = widths.iter().map(|(zoom, width)| (*zoom, width + extra_pt)).collect();
    let paint = Paint {
        line_color: color(stroke),
        line_width: Some(linear_zoom_interpolation(&stops)),
        ..Paint::default()
    };
    StyleLayer::Line { source_layer: layer.into(), filter: Some(Filter(filter)), paint }
}

fn label(
    layer: &str,
    filter: Value,
    (text, halo): (&str, &str),
    (size_pt, from_zoom): (f64, f32),
) -> StyleLayer {
    let name = json!(["coalesce", ["get", "name:latin"], ["get", "name"], ["get", "housenumber"]]);
    StyleLayer::Symbol {
        source_layer: layer.into(),
        minzoom: Some(from_zoom),
        filter: Some(Filter(filter)),
        layout: Layout {
            text_field: Some(name),
            text_size: Some(Float(json!(size_pt))),
            text_padding: Some(Float(json!(4.0))),
        },
        paint: Some(Paint {
            text_color: color(text),
            text_halo_color: color(halo),
            text_halo_width: Some(Float(json!(1.2))),
            ..Paint::default()
        }),
    }
}

fn color(hex: &str) -> Option<Color> {
    Some(Color(json!(hex)))
}

#[cfg(test)]
mod tests;
