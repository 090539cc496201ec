//! Places from CSV and GeoJSON.

use chrono::{DateTime, Utc};
use domain::place::{Fence, FenceShape, Poi, PoiKind, PolygonArea};
use domain::{CompanyId, LonLat, PoiId};
use geojson::{Feature, GeoJson, GeometryValue, Position};

use super::cells::{Cells, for_each_row};
use super::{ImportError, ImportReport, RowProblem};
use crate::admin::Admin;
use crate::secret;

/// Columns that have to be there, and those that may.
const COLUMNS: (&[&str], &[&str]) =
    (&["name", "lon", "lat"], &["kind", "address", "radius_m", "on_enter", "on_exit", "dwell_minutes"]);

/// Imports places: `name, lon, lat [, kind, address, radius_m, on_enter, on_exit, dwell_minutes]`; with a radius there is a fence.
pub fn pois_csv(
    admin: &Admin,
    company: CompanyId,
    text: &[u8],
    now: DateTime<Utc>,
) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    report.imported = for_each_row(text, COLUMNS, &mut report.problems, |cells| match place(cells, now) {
        Ok(poi) => Ok(Ok(admin.put(company, poi).map(drop)?)),
        Err(problem) => Ok(Err(problem)),
    })?;
    Ok(report)
}

fn place(cells: &Cells<'_>, now: DateTime<Utc>) -> Result<Poi, RowProblem> {
    let at = cells.required_place("lon", "lat")?;
    let rules = Rules {
        on_enter: cells.yes("on_enter")?,
        on_exit: cells.yes("on_exit")?,
        dwell_minutes: cells.parsed("dwell_minutes", "number of minutes")?,
    };
    let radius_m = cells.parsed::<f64>("radius_m", "number of metres")?;
    let fence = radius_m.map(|radius_m| rules.fence(FenceShape::Circle { center: at, radius_m }));
    if let Some(fence) = &fence {
        fence.shape.check().map_err(|error| cells.problem("radius_m", error.to_string()))?;
    }
    let kind = cells.text("kind", 40)?;
    Ok(Poi {
        id: PoiId(secret::new_id(now)),
        name: cells.name("name", 200)?,
        kind: kind_named(&kind).ok_or_else(|| cells.problem("kind", format!("there is no kind “{kind}”")))?,
        at,
        address: cells.text("address", 500)?,
        fence,
    })
}

/// The contract's kinds, however they are spelled; a point where nothing is said.
fn kind_named(text: &str) -> Option<PoiKind> {
    match text.to_lowercase().replace(['_', ' ', '-'], "").as_str() {
        "" | "poi" | "point" => Some(PoiKind::Point),
        "customer" => Some(PoiKind::Customer),
        "polygon" => Some(PoiKind::Polygon),
        "distributioncenter" => Some(PoiKind::DistributionCenter),
        "distributionarea" => Some(PoiKind::DistributionArea),
        _ => None,
    }
}

/// When a fence alerts.
#[derive(Debug, Clone, Copy, Default)]
struct Rules {
    on_enter: bool,
    on_exit: bool,
    dwell_minutes: Option<u32>,
}

impl Rules {
    /// A fence without any rule alerts on entering: else it would be a fence for nothing.
    fn fence(self, shape: FenceShape) -> Fence {
        let no_rule = !self.on_enter && !self.on_exit && self.dwell_minutes.is_none();
        Fence {
            on_enter: self.on_enter || no_rule,
            on_exit: self.on_exit,
            dwell_secs: self.dwell_minutes.map(|minutes| minutes.saturating_mul(60)),
            ..Fence::new(shape)
        }
    }
}

/// Imports the features of a GeoJSON file: points (with `radius_m` a circle), polygons, multi-polygons, lines (with `half_width_m` a
/// corridor). Properties as the columns of [`pois_csv`].
pub fn pois_geojson(
    admin: &Admin,
    company: CompanyId,
    text: &[u8],
    now: DateTime<Utc>,
) -> Result<ImportReport, ImportError> {
    let parsed: GeoJson =
        serde_json::from_slice(text).map_err(|error| ImportError::GeoJson(error.to_string()))?;
    let features = match parsed {
        GeoJson::FeatureCollection(collection) => collection.features,
        GeoJson::Feature(feature) => vec![feature],
        GeoJson::Geometry(_) => return Err(ImportError::GeoJson("a bare geometry has no name".to_owned())),
    };
    let mut report = ImportReport::default();
    for (line, feature) in (1..).zip(&features) {
        match feature_place(feature, now) {
            Ok(poi) => {
                admin.put(company, poi)?;
                report.imported += 1;
            }
            Err((column, reason)) => {
                report.problems.push(RowProblem { line, column: column.to_owned(), reason })
            }
        }
    }
    Ok(report)
}

type Problem = (&'static str, String);

fn feature_place(feature: &Feature, now: DateTime<Utc>) -> Result<Poi, Problem> {
    let text = |name: &str| {
        feature.property(name).and_then(|value| value.as_str()).unwrap_or_default().trim().to_owned()
    };
    let name = text("name");
    if name.is_empty() || name.len() > 200 || name.starts_with(['=', '+', '-', '@', '\t']) {
        return Err(("name", "is empty, too long or begins like a formula".to_owned()));
    }
    let kind = text("kind");
    let kind = kind_named(&kind).ok_or_else(|| ("kind", format!("there is no kind “{kind}”")))?;
    let (at, shape) = shape(feature)?;
    if let Some(shape) = &shape {
        shape.check().map_err(|error| ("geometry", error.to_string()))?;
    }
    let yes = |name: &str| feature.property(name).and_then(serde_json::Value::as_bool).unwrap_or_default();
    let dwell = feature.property("dwell_minutes").and_then(serde_json::Value::as_u64);
    let rules = Rules {
        on_enter: yes("on_enter"),
        on_exit: yes("on_exit"),
        dwell_minutes: dwell.and_then(|minutes| u32::try_from(minutes).ok()),
    };
    let fence = shape.map(|shape| rules.fence(shape));
    Ok(Poi { id: PoiId(secret::new_id(now)), name, kind, at, address: text("address"), fence })
}

/// Where the pin stands, and the area.
fn shape(feature: &Feature) -> Result<(LonLat, Option<FenceShape>), Problem> {
    let metres = |name: &str| feature.property(name).and_then(serde_json::Value::as_f64);
    let geometry = feature.geometry.as_ref().ok_or_else(|| ("geometry", "is missing".to_owned()))?;
    match &geometry.value {
        GeometryValue::Point { coordinates } => {
            let at = point(coordinates)?;
            Ok((at, metres("radius_m").map(|radius_m| FenceShape::Circle { center: at, radius_m })))
        }
        GeometryValue::Polygon { coordinates } => {
            let area = area(coordinates)?;
            Ok((middle(&area.outer)?, Some(FenceShape::Polygon { area })))
        }
        GeometryValue::MultiPolygon { coordinates } => {
            let areas = coordinates.iter().map(|rings| area(rings)).collect::<Result<Vec<_>, _>>()?;
            let first = areas.first().map(|area| area.outer.as_slice()).unwrap_or_default();
            Ok((middle(first)?, Some(FenceShape::MultiPolygon { areas })))
        }
        GeometryValue::LineString { coordinates } => {
            let line = coordinates.iter().map(point).collect::<Result<Vec<_>, _>>()?;
            let half_width_m =
                metres("half_width_m").ok_or_else(|| ("half_width_m", "is missing".to_owned()))?;
            Ok((middle(&line)?, Some(FenceShape::Corridor { line, half_width_m })))
        }
        GeometryValue::MultiPoint { .. }
        | GeometryValue::MultiLineString { .. }
        | GeometryValue::GeometryCollection { .. } => {
            Err(("geometry", "only points, lines, polygons and multi-polygons can be places".to_owned()))
        }
    }
}

fn point(position: &Position) -> Result<LonLat, Problem> {
    match position.as_slice() {
        [lon, lat, ..] => LonLat::new(*lon, *lat).map_err(|error| ("geometry", error.to_string())),
        _ => Err(("geometry", "a position needs two numbers".to_owned())),
    }
}

fn area(rings: &[Vec<Position>]) -> Result<PolygonArea, Problem> {
    let mut rings = rings.iter().map(|ring| ring.iter().map(point).collect::<Result<Vec<_>, _>>());
    let outer = rings.next().ok_or_else(|| ("geometry", "a polygon needs a ring".to_owned()))??;
    Ok(PolygonArea { outer, holes: rings.collect::<Result<_, _>>()? })
}

/// Somewhere in the middle, for the pin: the mean of the points.
fn middle(points: &[LonLat]) -> Result<LonLat, Problem> {
    let count = points.len() as f64;
    let mean = |of: fn(LonLat) -> f64| points.iter().map(|&at| of(at)).sum::<f64>() / count;
    LonLat::new(mean(LonLat::lon), mean(LonLat::lat)).map_err(|_| ("geometry", "has no points".to_owned()))
}
