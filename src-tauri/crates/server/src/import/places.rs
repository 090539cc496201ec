//! Places from CSV and GeoJSON.

use chrono::{DateTime, Utc};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::{CompanyId, LonLat, PoiId};
use geofile::{Fault, Feature, Format, Properties, Reading};
use serde_json::Value;

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
    let dwell_minutes = cells.parsed::<u32>("dwell_minutes", "number of minutes")?;
    let rules = Rules {
        on_enter: cells.yes("on_enter")?,
        on_exit: cells.yes("on_exit")?,
        dwell_secs: dwell_minutes.map(|minutes| minutes.saturating_mul(60)),
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
    dwell_secs: Option<u32>,
}

impl Rules {
    /// A fence without any rule alerts on entering: else it would be a fence for nothing.
    fn fence(self, shape: FenceShape) -> Fence {
        let no_rule = !self.on_enter && !self.on_exit && self.dwell_secs.is_none();
        Fence {
            on_enter: self.on_enter || no_rule,
            on_exit: self.on_exit,
            dwell_secs: self.dwell_secs,
            ..Fence::new(shape)
        }
    }
}

/// Imports the features of a GeoJSON file as crate `geofile` reads them; points without a radius are places without a fence. Properties
/// as the columns of [`pois_csv`], or as a desk exports them.
pub fn pois_geojson(
    admin: &Admin,
    company: CompanyId,
    text: &[u8],
    now: DateTime<Utc>,
) -> Result<ImportReport, ImportError> {
    // Who runs the server chose the file.
    let reading = Reading { most_bytes: usize::MAX, most_features: usize::MAX, ..Reading::default() };
    let file = geofile::read("places.geojson", text, reading);
    let file = file.map_err(|fault| ImportError::GeoJson(fault.to_string()))?;
    if file.format != Format::GeoJson {
        return Err(ImportError::GeoJson("the file has another format".to_owned()));
    }
    let mut report = ImportReport::default();
    for feature in file.features {
        let line = u64::from(feature.number);
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

fn feature_place(feature: Feature, now: DateTime<Utc>) -> Result<Poi, Problem> {
    let said = &feature.properties;
    let name = feature.name.unwrap_or_default();
    if name.is_empty() || name.starts_with(['=', '+', '-', '@']) {
        return Err(("name", "is empty or begins like a formula".to_owned()));
    }
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let kind = text("kind");
    let kind = kind_named(&kind).ok_or_else(|| ("kind", format!("there is no kind “{kind}”")))?;
    let (at, shape) = match feature.shape {
        Ok(shape) => (geofile::pin(&shape), Some(shape)),
        Err(Fault::NoRadius(at)) => (Some(at), None),
        Err(fault) => return Err(("geometry", fault.to_string())),
    };
    let at: LonLat = at.ok_or_else(|| ("geometry", "has no points".to_owned()))?;
    let rules = rules(said).map_err(|fault| ("dwell_minutes", fault.to_string()))?;
    let fence = shape.map(|shape| rules.fence(shape));
    Ok(Poi { id: PoiId(secret::new_id(now)), name, kind, at, address: text("address"), fence })
}

fn rules(said: &Properties) -> Result<Rules, Fault> {
    let yes = |name: &str| said.get(name).and_then(Value::as_bool).unwrap_or_default();
    let dwell_secs = match said.number("dwell_secs")? {
        Some(secs) => Some(secs),
        None => said.number("dwell_minutes")?.map(|minutes| minutes * 60.0),
    };
    // A cast of a float stops at the ends of its range.
    let dwell_secs = dwell_secs.filter(|secs| *secs > 0.0).map(|secs| secs as u32);
    Ok(Rules { on_enter: yes("on_enter"), on_exit: yes("on_exit"), dwell_secs })
}
