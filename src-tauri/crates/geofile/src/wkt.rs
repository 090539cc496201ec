//! WKT: shapes one after the other, parted by line ends or `;`, with what Traccar and PostGIS put into it.
//!
//! ```text
//! statement = [ "SRID=4326;" ] shape [ "," metres ]
//! shape     = POINT | LINESTRING | POLYGON | MULTI… | GEOMETRYCOLLECTION        each with Z, M or ZM, or EMPTY
//!           | CIRCLE ( latitude longitude , metres )                            Traccar
//!           | BUFFER ( shape , metres )                                         a circle or a corridor
//! ```
//!
//! A shape may go over several lines. After a bad one reading goes on behind the next `;`, or on the next line that begins with a
//! letter. Lines that begin with `#` or `--` are comments.

mod scan;

use crate::rough::{Found, Position, Rough, gathered};
use crate::{Fault, FileFault, Lines, Order, Properties};
use scan::Scan;

/// Geometries within geometries, at most.
const MOST_DEPTH: usize = 16;
/// Words that a statement can begin with.
const SHAPES: [&str; 10] = [
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "CIRCLE",
    "BUFFER",
    "ST_BUFFER",
];

/// Whether a text begins as WKT does.
pub(crate) fn begins(text: &str) -> bool {
    let mut scan = Scan::of(text);
    scan.skip_between();
    scan.is_at("SRID=") || SHAPES.contains(&kind(&scan.word()).as_str())
}

/// Reads all shapes, and what the file says of the order of its coordinates.
pub(crate) fn read(text: &str, most: usize) -> Result<(Vec<Found>, Option<Order>), FileFault> {
    let (mut scan, mut lines, mut found) = (Scan::of(text), Lines::of(text), Vec::new());
    let mut said = Said::default();
    loop {
        for comment in scan.skip_between() {
            said.comment = said.comment.or(order_in(comment));
        }
        if scan.is_at_end() {
            break;
        }
        if found.len() == most {
            return Err(FileFault::TooMany(most));
        }
        let line = Some(lines.at(scan.offset()));
        let system = system(&mut scan, &mut said);
        let start = scan.offset();
        let body = system.and_then(|()| statement(&mut scan, &mut said));
        if body.is_err() {
            scan.skip_statement(start);
        }
        let number = u32::try_from(found.len() + 1).unwrap_or(u32::MAX);
        found.push(Found { number, line, name: None, properties: Properties::default(), body });
    }
    Ok((found, said.order()))
}

/// What a file says of the order of its coordinates.
#[derive(Debug, Default)]
struct Said {
    comment: Option<Order>,
    has_circle: bool,
    has_srid: bool,
}

impl Said {
    fn order(&self) -> Option<Order> {
        let circle = self.has_circle.then_some(Order::LatLon);
        self.comment.or(circle).or(self.has_srid.then_some(Order::LonLat))
    }
}

/// A comment that names both.
fn order_in(comment: &str) -> Option<Order> {
    let comment = comment.to_ascii_lowercase();
    let (lat, lon) = (comment.find("lat")?, comment.find("lon").or_else(|| comment.find("lng"))?);
    Some(if lat < lon { Order::LatLon } else { Order::LonLat })
}

/// PostGIS's prefix, if it is there.
fn system(scan: &mut Scan<'_>, said: &mut Said) -> Result<(), Fault> {
    if !scan.is_at("SRID=") {
        return Ok(());
    }
    let system = scan.until(';');
    said.has_srid = system.eq_ignore_ascii_case("SRID=4326");
    if said.has_srid { Ok(()) } else { Err(Fault::unknown(system)) }
}

fn statement(scan: &mut Scan<'_>, said: &mut Said) -> Result<Vec<Rough>, Fault> {
    let mut shapes = shape(scan, said, 0)?;
    if scan.take(',') {
        let metres = scan.number()?;
        shapes.iter_mut().for_each(|shape| widen(shape, metres));
    }
    if scan.is_at_statement_end() { Ok(shapes) } else { Err(Fault::malformed(scan.rest())) }
}

/// A word without the letters of its dimensions.
fn kind(word: &str) -> String {
    let word = word.to_ascii_uppercase();
    let plain = ["ZM", "Z", "M"].iter().find_map(|suffix| word.strip_suffix(suffix));
    plain.filter(|plain| SHAPES.contains(plain)).map_or_else(|| word.clone(), str::to_owned)
}

fn shape(scan: &mut Scan<'_>, said: &mut Said, depth: usize) -> Result<Vec<Rough>, Fault> {
    if depth > MOST_DEPTH {
        return Err(Fault::TooDeep);
    }
    let rest = scan.rest();
    let word = scan.word();
    let kind = kind(&word);
    if word.is_empty() {
        return Err(Fault::malformed(rest));
    }
    if !SHAPES.contains(&kind.as_str()) {
        return Err(Fault::unknown(&word));
    }
    scan.skip_dimensions();
    if scan.takes_word("EMPTY") {
        return Err(Fault::NoGeometry);
    }
    match kind.as_str() {
        "CIRCLE" => circle(scan, said).map(|circle| vec![circle]),
        "BUFFER" | "ST_BUFFER" => buffer(scan, said, depth),
        "GEOMETRYCOLLECTION" => {
            let members = list(scan, |scan| shape(scan, said, depth + 1))?;
            Ok(gathered(members.into_iter().flatten().collect()))
        }
        "POINT" => Ok(list(scan, position)?.into_iter().map(Rough::Point).collect()),
        "MULTIPOINT" => Ok(list(scan, point_of_many)?.into_iter().map(Rough::Point).collect()),
        "LINESTRING" => Ok(vec![line(list(scan, position)?)]),
        "MULTILINESTRING" => Ok(list(scan, positions)?.into_iter().map(line).collect()),
        "POLYGON" => Ok(vec![Rough::area(list(scan, positions)?)]),
        _ => Ok(vec![Rough::Areas { areas: list(scan, |scan| list(scan, positions))?, is_multi: true }]),
    }
}

fn line(points: Vec<Position>) -> Rough {
    Rough::Line { points, half_width_m: None }
}

/// Traccar's: latitude, longitude, metres.
fn circle(scan: &mut Scan<'_>, said: &mut Said) -> Result<Rough, Fault> {
    scan.expect('(')?;
    let [lat, lon] = position(scan)?;
    scan.expect(',')?;
    let radius_m = scan.number()?;
    scan.expect(')')?;
    said.has_circle = true;
    Ok(Rough::Circle { center: [lon, lat], is_turned: true, radius_m })
}

fn buffer(scan: &mut Scan<'_>, said: &mut Said, depth: usize) -> Result<Vec<Rough>, Fault> {
    scan.expect('(')?;
    let mut shapes = shape(scan, said, depth + 1)?;
    scan.expect(',')?;
    let metres = scan.number()?;
    scan.expect(')')?;
    shapes.iter_mut().for_each(|shape| widen(shape, metres));
    Ok(shapes)
}

/// A point with a radius is a circle, a line with a width a corridor; areas are as wide as they are.
fn widen(shape: &mut Rough, metres: f64) {
    match shape {
        Rough::Point(center) => {
            *shape = Rough::Circle { center: *center, is_turned: false, radius_m: metres };
        }
        Rough::Line { half_width_m, .. } => *half_width_m = Some(metres),
        Rough::Circle { .. } | Rough::Areas { .. } => {}
    }
}

/// Things in brackets, parted by commas.
fn list<T>(
    scan: &mut Scan<'_>,
    mut one: impl FnMut(&mut Scan<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    scan.expect('(')?;
    let mut found = vec![one(scan)?];
    while scan.take(',') {
        found.push(one(scan)?);
    }
    scan.expect(')')?;
    Ok(found)
}

fn positions(scan: &mut Scan<'_>) -> Result<Vec<Position>, Fault> {
    list(scan, position)
}

/// `(7 43)` or `7 43`, both are written.
fn point_of_many(scan: &mut Scan<'_>) -> Result<Position, Fault> {
    if !scan.take('(') {
        return position(scan);
    }
    let at = position(scan)?;
    scan.expect(')')?;
    Ok(at)
}

/// Two numbers; altitude and measure are dropped.
fn position(scan: &mut Scan<'_>) -> Result<Position, Fault> {
    let position = [scan.number()?, scan.number()?];
    for _ in 0..2 {
        if !scan.is_at(",") && !scan.is_at(")") {
            scan.number()?;
        }
    }
    Ok(position)
}
