//! GeoJSON: each feature is parsed on its own, so that a bad one spoils no other.

use geojson::{Geometry, GeometryValue, Position as Coordinates};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::rough::{Found, Position, Rough, gathered};
use crate::{Fault, FileFault, Lines, Properties};

/// Brackets within brackets, at most; `serde_json` stops at 128.
const MOST_DEPTH: usize = 100;
/// The geometries of RFC 7946.
const GEOMETRIES: [&str; 7] =
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"];

#[derive(Deserialize)]
struct Root<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    features: Option<Vec<&'a RawValue>>,
}

/// Reads a feature collection, a feature or a bare geometry.
pub(crate) fn read(text: &str, most: usize) -> Result<Vec<Found>, FileFault> {
    if depth(text) > MOST_DEPTH {
        return Err(FileFault::TooDeep);
    }
    let root: Root<'_> = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    let kind = root.kind.unwrap_or_default();
    if kind == "FeatureCollection" {
        return features(text, &root.features.unwrap_or_default(), most);
    }
    if kind != "Feature" && !GEOMETRIES.contains(&kind.as_str()) {
        return Err(FileFault::UnknownFormat);
    }
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    let line = Lines::of(text).at(text.len() - text.trim_start().len());
    let feature = if kind == "Feature" {
        object
    } else {
        Map::from_iter([("geometry".to_owned(), Value::Object(object))])
    };
    Ok(vec![found((1, line), Ok(feature))])
}

fn features(text: &str, features: &[&RawValue], most: usize) -> Result<Vec<Found>, FileFault> {
    if features.len() > most {
        return Err(FileFault::TooMany(most));
    }
    let mut lines = Lines::of(text);
    let one = |(number, raw): (u32, &&RawValue)| {
        let offset = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let object = serde_json::from_str(raw.get()).map_err(|_| Fault::malformed(raw.get()));
        found((number, lines.at(offset)), object)
    };
    Ok((1..).zip(features).map(one).collect())
}

fn damaged(error: &serde_json::Error) -> FileFault {
    FileFault::Malformed(u32::try_from(error.line()).unwrap_or(u32::MAX))
}

fn found((number, line): (u32, u32), feature: Result<Map<String, Value>, Fault>) -> Found {
    let line = Some(line);
    let mut feature = match feature {
        Ok(feature) => feature,
        Err(fault) => {
            let properties = Properties::default();
            return Found { number, line, name: None, properties, body: Err(fault) };
        }
    };
    let properties = match feature.remove("properties") {
        Some(Value::Object(own)) => Properties::new(own),
        Some(_) | None => Properties::default(),
    };
    let id = feature.remove("id").map(|id| Properties::new(Map::from_iter([("id".to_owned(), id)])));
    let name = properties.name().or_else(|| id.and_then(|id| id.name()));
    let body = match feature.remove("geometry") {
        None | Some(Value::Null) => Err(Fault::NoGeometry),
        Some(geometry) => geometry_of(geometry).and_then(|geometry| shapes(geometry.value, &properties)),
    };
    Found { number, line, name, properties, body }
}

fn geometry_of(geometry: Value) -> Result<Geometry, Fault> {
    if let Some(name) = unknown(&geometry) {
        return Err(Fault::unknown(&name));
    }
    let coordinates = geometry.get("coordinates").or_else(|| geometry.get("geometries"));
    let text = coordinates.unwrap_or(&geometry).to_string();
    serde_json::from_value(geometry).map_err(|_| Fault::malformed(&text))
}

/// The first geometry in it that nobody knows.
fn unknown(geometry: &Value) -> Option<String> {
    let kind = geometry.get("type").and_then(Value::as_str)?;
    if !GEOMETRIES.contains(&kind) {
        return Some(kind.to_owned());
    }
    geometry.get("geometries").and_then(Value::as_array)?.iter().find_map(unknown)
}

fn shapes(geometry: GeometryValue, properties: &Properties) -> Result<Vec<Rough>, Fault> {
    match geometry {
        GeometryValue::Point { coordinates } => Ok(vec![point(&coordinates, properties)?]),
        GeometryValue::MultiPoint { coordinates } => {
            coordinates.iter().map(|coordinates| point(coordinates, properties)).collect()
        }
        GeometryValue::LineString { coordinates } => Ok(vec![corridor(&coordinates, properties)?]),
        GeometryValue::MultiLineString { coordinates } => {
            coordinates.iter().map(|line| corridor(line, properties)).collect()
        }
        GeometryValue::Polygon { coordinates } if coordinates.is_empty() => Err(Fault::NoGeometry),
        GeometryValue::Polygon { coordinates } => Ok(vec![Rough::area(rings(&coordinates)?)]),
        GeometryValue::MultiPolygon { coordinates } if coordinates.is_empty() => Err(Fault::NoGeometry),
        GeometryValue::MultiPolygon { coordinates } => {
            let areas = coordinates.iter().map(|area| rings(area)).collect::<Result<_, _>>()?;
            Ok(vec![Rough::Areas { areas, is_multi: true }])
        }
        GeometryValue::GeometryCollection { geometries } => {
            let members = geometries.into_iter().map(|member| shapes(member.value, properties));
            let members: Vec<Vec<Rough>> = members.collect::<Result<_, _>>()?;
            Ok(gathered(members.into_iter().flatten().collect()))
        }
    }
}

fn point(coordinates: &Coordinates, properties: &Properties) -> Result<Rough, Fault> {
    let center = position(coordinates)?;
    Ok(match properties.radius_m()? {
        Some(radius_m) => Rough::Circle { center, is_turned: false, radius_m },
        None => Rough::Point(center),
    })
}

fn corridor(line: &[Coordinates], properties: &Properties) -> Result<Rough, Fault> {
    if line.is_empty() {
        return Err(Fault::NoGeometry);
    }
    let points = line.iter().map(position).collect::<Result<_, _>>()?;
    Ok(Rough::Line { points, half_width_m: properties.half_width_m()? })
}

fn rings(rings: &[Vec<Coordinates>]) -> Result<Vec<Vec<Position>>, Fault> {
    rings.iter().map(|ring| ring.iter().map(position).collect()).collect()
}

/// Altitudes and what comes behind them are dropped.
fn position(coordinates: &Coordinates) -> Result<Position, Fault> {
    match coordinates.as_slice() {
        [x, y, ..] => Ok([*x, *y]),
        [x] => Err(Fault::malformed(&format!("[{x}]"))),
        [] => Err(Fault::NoGeometry),
    }
}

/// How deep brackets are nested.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
