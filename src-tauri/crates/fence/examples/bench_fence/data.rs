//! Points and fences from files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use domain::place::{Fence, FenceShape, PolygonArea};
use domain::position::Fix;
use domain::{LonLat, PoiId, ResourceId};
use serde_json::Value;
use uuid::Uuid;

/// As a phone with a clear sky says.
const ACCURACY_M: f32 = 5.0;
/// Points are reported as live tracking does, so many seconds apart, or later if nobody drives that fast.
const INTERVAL_SECS: f64 = 10.0;
const SPEED_MPS: f64 = 15.0;

/// Where the data is when no file is named.
pub fn folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    std::env::var_os("OFFICETRACK_DATA").map_or_else(beside, PathBuf::from)
}

/// The points as fixes, in the order of the file.
pub struct Points {
    pub fixes: Vec<(ResourceId, Fix)>,
}

/// Polygons with their numbers in the file.
pub struct Fences {
    pub file: PathBuf,
    pub areas: Vec<(u32, FenceShape)>,
    /// Numbers of those that can't be fences; the peer leaves them out too.
    pub refused: Vec<u32>,
}

impl Points {
    pub fn read(file: &Path) -> Result<Self> {
        let text = text(file)?;
        let mut lines = text.lines();
        let header: Vec<String> = lines.next().context("empty")?.split(',').map(str::to_lowercase).collect();
        let column = |names: &[&str]| header.iter().position(|column| names.contains(&column.trim()));
        let lat = column(&["latitude", "lat", "y"]).context("no column latitude")?;
        let lon = column(&["longitude", "lon", "lng", "x"]).context("no column longitude")?;
        let track = column(&["trackid", "track", "id", "vehicle"]);
        let (mut fixes, mut last) = (Vec::new(), BTreeMap::new());
        for line in lines.filter(|line| !line.is_empty()) {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |index: usize| cells.get(index).and_then(|cell| cell.trim().parse::<f64>().ok());
            let (Some(lon), Some(lat)) = (number(lon), number(lat)) else { bail!("no point: {line:?}") };
            let track = track.and_then(|index| cells.get(index)).copied().unwrap_or_default().to_owned();
            let tracks = last.len() as u128;
            let (resource, before) =
                last.entry(track).or_insert_with(|| (ResourceId(Uuid::from_u128(tracks + 1)), None));
            let fix = next(*before, LonLat::new(lon, lat)?)?;
            *before = Some(fix);
            fixes.push((*resource, fix));
        }
        Ok(Self { fixes })
    }
}

/// The fix at `at` after the one before it in its track.
fn next(before: Option<Fix>, at: LonLat) -> Result<Fix> {
    let start = DateTime::<Utc>::from_timestamp(1_790_000_000, 0).context("time")?;
    let fix_time = before.map_or(start, |before| {
        let secs = (before.at.distance_m(at) / SPEED_MPS).ceil().max(INTERVAL_SECS);
        before.fix_time + TimeDelta::seconds(secs as i64)
    });
    Ok(Fix { at, fix_time, accuracy_m: Some(ACCURACY_M), speed_mps: None, heading_deg: None })
}

impl Fences {
    pub fn read(file: &Path) -> Result<Self> {
        let json: Value = serde_json::from_str(&text(file)?)?;
        let features = json["features"].as_array().context("no features")?;
        let mut fences = Self { file: file.to_owned(), areas: Vec::new(), refused: Vec::new() };
        for (number, feature) in (0..).zip(features) {
            match shape(&feature["geometry"]).filter(|shape| shape.check().is_ok()) {
                Some(shape) => fences.areas.push((number, shape)),
                None => fences.refused.push(number),
            }
        }
        Ok(fences)
    }
}

fn shape(geometry: &Value) -> Option<FenceShape> {
    let coordinates = &geometry["coordinates"];
    match geometry["type"].as_str()? {
        "Polygon" => Some(FenceShape::Polygon { area: area(coordinates)? }),
        "MultiPolygon" => {
            let areas = coordinates.as_array()?.iter().map(area).collect::<Option<_>>()?;
            Some(FenceShape::MultiPolygon { areas })
        }
        _ => None,
    }
}

fn area(rings: &Value) -> Option<PolygonArea> {
    let point = |point: &Value| LonLat::new(point[0].as_f64()?, point[1].as_f64()?).ok();
    let ring = |ring: &Value| ring.as_array()?.iter().map(point).collect::<Option<Vec<_>>>();
    let mut rings = rings.as_array()?.iter().map(ring).collect::<Option<Vec<_>>>()?.into_iter();
    Some(PolygonArea { outer: rings.next()?, holes: rings.collect() })
}

/// A fence with all the rules that need state, its number in its id.
pub fn fence_of(number: u32, shape: &FenceShape) -> (PoiId, Fence) {
    let rules = Fence { on_enter: true, on_exit: true, dwell_secs: Some(300), ..Fence::new(shape.clone()) };
    (PoiId(Uuid::from_u128(u128::from(number))), rules)
}

fn text(file: &Path) -> Result<String> {
    let mut text = String::new();
    let mut open = File::open(file)?;
    if file.extension().is_some_and(|ending| ending == "gz") {
        flate2::read::MultiGzDecoder::new(open).read_to_string(&mut text)?;
    } else {
        open.read_to_string(&mut text)?;
    }
    Ok(text)
}
