//! Files of fences: what is read of one beside what is there already, and what is written to one. Pure: texts in, texts out.

use std::collections::BTreeMap;

use domain::place::{FenceShape, Poi};
use domain::{LonLat, PoiId};
use geofile::{Exported, Fault, Feature, FileFault, Format, Order, Reading};
use protocol::view::{
    CoordinateOrder, DeskError, DeskErrorCode, FeatureFault, FeatureOutcome, FeatureView, FenceFileFault,
    FenceFileView, FenceFormat,
};

use crate::check;
use crate::rows::{Rows, Table};

/// Two places this near are in the same spot, metres.
const SAME_SPOT_M: f64 = 25.0;
/// Two shapes whose points are this near are the same, metres.
const SAME_SHAPE_M: f64 = 1.0;
/// More than [`SAME_SPOT_M`] as degrees of latitude.
const SAME_SPOT_DEG: f64 = 0.000_3;
/// Longest name that is made of a file's name, characters.
const STEM_CHARS: usize = 100;

/// What is known of a place, to find it again in a file.
pub struct Known {
    name: String,
    center: LonLat,
    shape: Option<FenceShape>,
}

/// All places that a file may have again, from south to north.
pub fn known(pois: &Table<PoiId, Poi>) -> Vec<Known> {
    let known = |poi: &Poi| {
        let shape = poi.fence.as_ref().map(|fence| fence.shape.clone());
        let center = shape.as_ref().and_then(geofile::pin).unwrap_or(poi.at);
        Known { name: poi.name.clone(), center, shape }
    };
    let mut known: Vec<Known> = pois.values().map(|row| known(&row.data)).collect();
    known.sort_by(|a, b| a.center.lat().total_cmp(&b.center.lat()));
    known
}

/// Reads a file of fences.
///
/// # Errors
/// [`DeskErrorCode::FenceFile`].
pub fn read(
    name: &str,
    text: &str,
    order: Option<CoordinateOrder>,
    known: Vec<Known>,
) -> Result<FenceFileView, DeskError> {
    let order = order.map(|order| match order {
        CoordinateOrder::LonLat => Order::LonLat,
        CoordinateOrder::LatLon => Order::LatLon,
    });
    let file = geofile::read(name, text.as_bytes(), Reading { order, ..Reading::default() })
        .map_err(|fault| DeskError::from(DeskErrorCode::FenceFile(file_fault(fault))))?;
    let (stem, is_only) = (stem(name), file.features.len() == 1);
    let view = |feature: Feature| {
        let own_name = || if is_only { stem.clone() } else { format!("{stem} {}", feature.number) };
        let name = feature.name.clone().unwrap_or_else(own_name);
        let outcome = match feature.shape {
            Ok(shape) => fence(&name, shape, &known),
            Err(fault) => FeatureOutcome::Error(feature_fault(fault)),
        };
        FeatureView { number: feature.number, line: feature.line, name, outcome }
    };
    Ok(FenceFileView {
        format: match file.format {
            Format::GeoJson => FenceFormat::Geojson,
            Format::Kml => FenceFormat::Kml,
            Format::Wkt => FenceFormat::Wkt,
        },
        swapped: file.swapped,
        order_unsure: file.order_unsure,
        features: file.features.into_iter().map(view).collect(),
    })
}

/// The fences that are asked for (all of them when none is named), each with the names of its groups.
///
/// # Errors
/// [`DeskErrorCode::BadInput`] when there is nothing to write.
pub fn chosen(rows: &Rows, pois: &[PoiId]) -> Result<Vec<(Poi, Vec<String>)>, DeskError> {
    let groups: BTreeMap<_, _> = rows.groups.iter().map(|(id, row)| (*id, row.data.name.as_str())).collect();
    let of = |poi: &Poi| {
        let concerned = poi.fence.iter().flat_map(|fence| &fence.groups);
        (poi.clone(), concerned.filter_map(|id| groups.get(id)).map(|name| (*name).to_owned()).collect())
    };
    let all = rows.pois.values().map(|row| &row.data);
    let wanted = |poi: &&Poi| poi.fence.is_some() && (pois.is_empty() || pois.contains(&poi.id));
    let chosen: Vec<(Poi, Vec<String>)> = all.filter(wanted).map(of).collect();
    check::in_range("pois", !chosen.is_empty())?;
    Ok(chosen)
}

/// The text of a file with these fences.
pub fn text(chosen: &[(Poi, Vec<String>)], format: FenceFormat) -> String {
    let format = match format {
        FenceFormat::Geojson => Format::GeoJson,
        FenceFormat::Kml => Format::Kml,
        FenceFormat::Wkt => Format::Wkt,
    };
    let exported: Vec<Exported<'_>> =
        chosen.iter().map(|(poi, groups)| Exported { poi, groups: groups.clone() }).collect();
    geofile::write(format, &exported)
}

fn fence(name: &str, shape: FenceShape, known: &[Known]) -> FeatureOutcome {
    let Some(at) = geofile::pin(&shape) else { return FeatureOutcome::Error(FeatureFault::NoGeometry) };
    let same_as = same_spot(known, at).find(|place| {
        is_same_name(&place.name, name)
            || place.shape.as_ref().is_some_and(|own| own.is_same_within(&shape, SAME_SHAPE_M))
    });
    FeatureOutcome::Fence {
        at,
        size_m: shape.size_m(),
        too_small: shape.too_small_m().is_some(),
        same_as: same_as.map(|place| place.name.clone()),
        shape,
    }
}

/// Places near `at`, of those sorted by latitude.
fn same_spot(known: &[Known], at: LonLat) -> impl Iterator<Item = &Known> {
    let from = known.partition_point(|place| place.center.lat() < at.lat() - SAME_SPOT_DEG);
    let near =
        known.iter().skip(from).take_while(move |place| place.center.lat() <= at.lat() + SAME_SPOT_DEG);
    near.filter(move |place| place.center.distance_m(at) <= SAME_SPOT_M)
}

fn is_same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// A file's name without folder and ending.
fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain: String = stem.chars().filter(|letter| !letter.is_control()).take(STEM_CHARS).collect();
    plain.trim().to_owned()
}

fn feature_fault(fault: Fault) -> FeatureFault {
    match fault {
        Fault::Shape(error) => FeatureFault::Shape(error),
        Fault::OffEarth { x, y } => FeatureFault::OffEarth { x, y },
        Fault::NotANumber(text) => FeatureFault::NotANumber(text),
        Fault::UnknownGeometry(name) => FeatureFault::UnknownGeometry(name),
        Fault::NoGeometry => FeatureFault::NoGeometry,
        Fault::NoRadius(_) => FeatureFault::NoRadius,
        Fault::NoWidth => FeatureFault::NoWidth,
        Fault::TooDeep => FeatureFault::TooDeep,
        Fault::Malformed(text) => FeatureFault::Malformed(text),
    }
}

fn file_fault(fault: FileFault) -> FenceFileFault {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    match fault {
        FileFault::TooLarge(bytes) => FenceFileFault::TooLarge(number(bytes / 1_048_576)),
        FileFault::TooMany(features) => FenceFileFault::TooMany(number(features)),
        FileFault::NotText => FenceFileFault::NotText,
        FileFault::UnknownFormat => FenceFileFault::UnknownFormat,
        FileFault::Empty => FenceFileFault::Empty,
        FileFault::Malformed(line) => FenceFileFault::Malformed(Some(line)),
        FileFault::HasDoctype => FenceFileFault::HasDoctype,
        FileFault::TooDeep => FenceFileFault::TooDeep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::GroupId;
    use domain::place::{Fence, PoiKind, PolygonArea};
    use domain::resource::Group;
    use protocol::entity::Entity;
    use uuid::Uuid;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    fn place(n: u128, name: &str, shape: FenceShape) -> Poi {
        let fence = Fence { groups: vec![GroupId(Uuid::from_u128(9))], ..Fence::new(shape) };
        Poi {
            id: PoiId(Uuid::from_u128(n)),
            name: name.to_owned(),
            kind: PoiKind::Point,
            at: at(0.0, 0.0),
            address: String::new(),
            fence: Some(fence),
        }
    }

    fn rows(places: &[Poi]) -> Rows {
        let mut rows = Rows::default();
        places.iter().for_each(|poi| rows.put(Entity::Poi(poi.clone()), 1));
        let north = Group { id: GroupId(Uuid::from_u128(9)), name: "North".to_owned() };
        rows.put(Entity::Group(north), 1);
        rows
    }

    fn same_as(known: &[Poi], text: &str) -> Vec<Option<String>> {
        let view = read("zones.wkt", text, None, super::known(&rows(known).pois)).expect("reads");
        let same = |feature: FeatureView| match feature.outcome {
            FeatureOutcome::Fence { same_as, .. } => same_as,
            FeatureOutcome::Error(fault) => panic!("a fence: {fault:?}"),
        };
        view.features.into_iter().map(same).collect()
    }

    #[test]
    fn a_place_that_is_there_is_found_by_spot_and_name_or_shape() {
        let circle = |radius_m| FenceShape::Circle { center: at(7.42, 43.73), radius_m };
        let near = "BUFFER (POINT (7.4201 43.73), 300)";
        assert_eq!(
            same_as(&[place(1, "Zones", circle(80.0))], near),
            [Some("Zones".to_owned())],
            "by the file's name"
        );
        assert_eq!(
            same_as(&[place(1, "Port", circle(80.0))], near),
            [None],
            "another name and another shape"
        );
        let same = "BUFFER (POINT (7.42 43.73), 80)";
        assert_eq!(
            same_as(&[place(1, "Port", circle(80.2))], same),
            [Some("Port".to_owned())],
            "by its shape"
        );
        let far = "BUFFER (POINT (7.4205 43.73), 80)";
        assert_eq!(same_as(&[place(1, "Zones", circle(80.0))], far), [None], "forty metres away");
        let ring = vec![at(7.0, 43.0), at(7.1, 43.0), at(7.1, 43.1), at(7.0, 43.0)];
        let area = FenceShape::Polygon { area: PolygonArea { outer: ring, holes: Vec::new() } };
        let again = "POLYGON ((7 43, 7.1 43, 7.1 43.1))\nPOLYGON ((7 43, 7.1 43.1, 7.1 43))";
        assert_eq!(
            same_as(&[place(1, "Park", area)], again),
            [Some("Park".to_owned()), None],
            "closed or not, but in order"
        );
    }

    #[test]
    fn names_are_made_of_the_files_and_faults_are_values() {
        let view =
            read("C:\\maps\\Old port.v2.wkt", "CIRCLE (43.73 7.42, 10)\nPOINT (7 43)", None, Vec::new());
        let view = view.expect("reads");
        let names: Vec<&str> = view.features.iter().map(|feature| feature.name.as_str()).collect();
        assert_eq!(names, ["Old port.v2 1", "Old port.v2 2"], "numbered");
        assert!(view.swapped && view.format == FenceFormat::Wkt, "Traccar's");
        let FeatureOutcome::Fence { at: pin, size_m, too_small, .. } = view.features[0].outcome else {
            panic!("a fence")
        };
        assert_eq!((pin, size_m, too_small), (at(7.42, 43.73), 20.0, true), "smaller than a phone can tell");
        assert_eq!(view.features[1].outcome, FeatureOutcome::Error(FeatureFault::NoRadius), "a mere point");
        let refused = read("a.kml", "<kml>", None, Vec::new()).expect_err("cut off");
        assert_eq!(
            refused.code,
            DeskErrorCode::FenceFile(FenceFileFault::Malformed(Some(1))),
            "with its line"
        );
        let huge = " ".repeat(20 * 1_048_576 + 1);
        let refused = read("a.kml", &huge, None, Vec::new()).expect_err("too large");
        assert_eq!(
            refused.code,
            DeskErrorCode::FenceFile(FenceFileFault::TooLarge(20)),
            "before it is looked at"
        );
    }

    #[test]
    fn what_is_exported_is_what_was_asked_for() {
        let circle = FenceShape::Circle { center: at(7.42, 43.73), radius_m: 80.0 };
        let pin = Poi { fence: None, ..place(3, "Pin", circle.clone()) };
        let rows = rows(&[place(1, "Port", circle.clone()), place(2, "Park", circle), pin]);
        let all = chosen(&rows, &[]).expect("two");
        assert_eq!(all.len(), 2, "all that have a fence");
        assert!(text(&all, FenceFormat::Geojson).contains(r#""groups":["North"]"#), "groups by their names");
        let one = chosen(&rows, &[PoiId(Uuid::from_u128(2))]).expect("one");
        let kml = text(&one, FenceFormat::Kml);
        assert!(kml.contains("Park") && !kml.contains("Port"), "only what was named: {kml}");
        let none = chosen(&rows, &[PoiId(Uuid::from_u128(3))]).expect_err("nothing to write");
        assert_eq!(none.code, DeskErrorCode::BadInput, "a pin is no fence");
    }
}
