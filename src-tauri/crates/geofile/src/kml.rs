//! KML: placemarks with their geometries, wherever they are, whatever prefix their names have.

mod tree;

use crate::properties::{finite, tidy};
use crate::rough::{Found, Position, Rough, gathered};
use crate::{Fault, FileFault, Lines, Properties};
use tree::Element;

/// Reads all placemarks.
pub(crate) fn read(text: &str, most: usize) -> Result<Vec<Found>, FileFault> {
    let root = tree::parse(text)?;
    if !["kml", "Folder", "Document", "Placemark"].contains(&root.name.as_str()) {
        return Err(FileFault::UnknownFormat);
    }
    let mut placemarks = Vec::new();
    root.all("Placemark", &mut placemarks);
    if placemarks.len() > most {
        return Err(FileFault::TooMany(most));
    }
    let mut lines = Lines::of(text);
    Ok((1..).zip(placemarks).map(|(number, mark)| found((number, lines.at(mark.offset)), mark)).collect())
}

fn found((number, line): (u32, u32), mark: &Element) -> Found {
    let properties = properties(mark);
    let name = mark.child("name").and_then(|name| tidy(&name.text)).or_else(|| properties.name());
    Found { number, line: Some(line), name, body: body(mark, &properties), properties }
}

/// Data of both kinds: `<Data name=…><value>` and `<SimpleData name=…>`.
fn properties(mark: &Element) -> Properties {
    let mut properties = Properties::default();
    let mut data = Vec::new();
    for extended in mark.children.iter().filter(|child| child.name == "ExtendedData") {
        extended.all("Data", &mut data);
        extended.all("SimpleData", &mut data);
    }
    for one in data {
        let value = one.child("value").map_or(&one.text, |value| &value.text);
        if let Some(name) = &one.key {
            properties.put(name, value);
        }
    }
    properties
}

/// What can be the geometry of a placemark; the last three can't be a fence.
const GEOMETRIES: [&str; 8] =
    ["Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Model", "Track", "MultiTrack"];

fn body(mark: &Element, properties: &Properties) -> Result<Vec<Rough>, Fault> {
    let geometry = mark.children.iter().find(|child| GEOMETRIES.contains(&child.name.as_str()));
    shapes(geometry.ok_or(Fault::NoGeometry)?, properties)
}

fn shapes(geometry: &Element, properties: &Properties) -> Result<Vec<Rough>, Fault> {
    match geometry.name.as_str() {
        "Polygon" => Ok(vec![polygon(geometry, properties)?]),
        "LinearRing" => Ok(vec![Rough::area(vec![coordinates(geometry)?])]),
        "LineString" => {
            let points = coordinates(geometry)?;
            Ok(vec![Rough::Line { points, half_width_m: properties.half_width_m()? }])
        }
        "Point" => {
            let center = *coordinates(geometry)?.first().ok_or(Fault::NoGeometry)?;
            Ok(vec![match properties.radius_m()? {
                Some(radius_m) => Rough::Circle { center, is_turned: false, radius_m },
                None => Rough::Point(center),
            }])
        }
        "MultiGeometry" => {
            let members = geometry.children.iter().map(|member| shapes(member, properties));
            let members: Vec<Vec<Rough>> = members.collect::<Result<_, _>>()?;
            Ok(gathered(members.into_iter().flatten().collect()))
        }
        other => Err(Fault::unknown(other)),
    }
}

/// A ring with holes, unless the data say that it stands for a circle.
fn polygon(polygon: &Element, properties: &Properties) -> Result<Rough, Fault> {
    let center = (properties.number("center_lon")?, properties.number("center_lat")?);
    if let ((Some(lon), Some(lat)), Some(radius_m)) = (center, properties.radius_m()?) {
        return Ok(Rough::Circle { center: [lon, lat], is_turned: true, radius_m });
    }
    let of = |name: &'static str| {
        let borders = polygon.children.iter().filter(move |child| child.name == name);
        // More than one ring in a border is against the schema, and found in the wild.
        borders.flat_map(|border| border.children.iter().filter(|child| child.name == "LinearRing"))
    };
    let mut rings = vec![coordinates(of("outerBoundaryIs").next().ok_or(Fault::NoGeometry)?)?];
    for hole in of("innerBoundaryIs") {
        rings.push(coordinates(hole)?);
    }
    Ok(Rough::area(rings))
}

/// `lon,lat[,altitude]`, parted by blanks.
fn coordinates(geometry: &Element) -> Result<Vec<Position>, Fault> {
    let text = geometry.child("coordinates").map_or("", |coordinates| coordinates.text.as_str());
    let points: Vec<Position> = text.split_whitespace().map(position).collect::<Result<_, _>>()?;
    if points.is_empty() { Err(Fault::NoGeometry) } else { Ok(points) }
}

fn position(text: &str) -> Result<Position, Fault> {
    let mut numbers = text.split(',');
    match (numbers.next(), numbers.next()) {
        (Some(x), Some(y)) => Ok([finite(x)?, finite(y)?]),
        (_, _) => Err(Fault::malformed(text)),
    }
}
