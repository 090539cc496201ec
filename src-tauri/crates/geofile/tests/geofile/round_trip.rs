use domain::place::{Fence, FenceShape, Poi, PoiKind, PolygonArea};
use domain::schedule::Schedule;
use domain::{LonLat, PoiId};
use geofile::{Exported, Format, Reading, read, write};
use proptest::prelude::*;
use uuid::Uuid;

use super::at;

/// Degrees by which a shape may differ.
const TOLERANCE_DEG: f64 = 1e-7;
const FORMATS: [(Format, &str); 3] =
    [(Format::GeoJson, "a.geojson"), (Format::Kml, "a.kml"), (Format::Wkt, "a.wkt")];

fn place(name: &str, shape: FenceShape) -> Poi {
    Poi {
        id: PoiId(Uuid::from_u128(1)),
        name: name.to_owned(),
        kind: PoiKind::Customer,
        at: at(7.0, 43.0),
        address: String::new(),
        fence: Some(Fence { on_enter: true, dwell_secs: Some(600), ..Fence::new(shape) }),
    }
}

/// A star around a place: never crosses itself, whatever the distances.
fn ring(around: LonLat, far_m: &[f64]) -> Vec<LonLat> {
    let step = 360.0 / far_m.len() as f64;
    (0..).zip(far_m).map(|(n, far)| around.destination(f64::from(n) * step, *far)).collect()
}

fn area() -> impl Strategy<Value = PolygonArea> {
    let far = |range| proptest::collection::vec(range, 3..20);
    (-180.0..180.0f64, -70.0..70.0f64, far(500.0..9_000.0), proptest::option::of(far(20.0..90.0f64)))
        .prop_map(|(lon, lat, outer, hole)| {
            let around = at(lon, lat);
            let holes = hole.map(|far| ring(around, &far)).into_iter().collect();
            PolygonArea { outer: ring(around, &outer), holes }
        })
}

fn shape() -> impl Strategy<Value = FenceShape> {
    let place = || (-180.0..180.0f64, -80.0..80.0f64).prop_map(|(lon, lat)| at(lon, lat));
    prop_oneof![
        (place(), 1.0..400_000.0f64).prop_map(|(center, radius_m)| FenceShape::Circle { center, radius_m }),
        area().prop_map(|area| FenceShape::Polygon { area }),
        proptest::collection::vec(area(), 1..4).prop_map(|areas| FenceShape::MultiPolygon { areas }),
        (place(), proptest::collection::vec((0.0..360.0f64, 5.0..5_000.0f64), 1..20), 1.0..500.0f64)
            .prop_map(|(start, steps, half_width_m)| {
                let line = steps.iter().scan(start, |at, (bearing, far)| {
                    *at = at.destination(*bearing, *far);
                    Some(*at)
                });
                FenceShape::Corridor { line: std::iter::once(start).chain(line).collect(), half_width_m }
            }),
    ]
}

/// Points and metres of a shape in order, rings without their closing point.
fn numbers(shape: &FenceShape) -> (Vec<LonLat>, Vec<usize>, f64) {
    let areas: &[PolygonArea] = match shape {
        FenceShape::Circle { center, radius_m } => return (vec![*center], vec![1], *radius_m),
        FenceShape::Corridor { line, half_width_m } => return (line.clone(), vec![2], *half_width_m),
        FenceShape::Polygon { area } => std::slice::from_ref(area),
        FenceShape::MultiPolygon { areas } => areas,
    };
    let rings = || areas.iter().flat_map(PolygonArea::rings);
    let kind = if matches!(shape, FenceShape::Polygon { .. }) { 3 } else { 4 };
    (rings().flatten().copied().collect(), std::iter::once(kind).chain(rings().map(Vec::len)).collect(), 0.0)
}

fn is_same(a: &FenceShape, b: &FenceShape) -> bool {
    let ((a, a_parts, a_m), (b, b_parts, b_m)) = (numbers(a), numbers(b));
    let near = |(a, b): (&LonLat, &LonLat)| {
        (a.lon() - b.lon()).abs() <= TOLERANCE_DEG && (a.lat() - b.lat()).abs() <= TOLERANCE_DEG
    };
    a_parts == b_parts && (a_m - b_m).abs() <= 1e-9 && a.len() == b.len() && a.iter().zip(&b).all(near)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(shapes in proptest::collection::vec(shape(), 1..6)) {
        prop_assume!(shapes.iter().all(|shape| shape.check().is_ok()));
        let places: Vec<Poi> = shapes.iter().map(|shape| place("Port", shape.clone())).collect();
        let exported: Vec<Exported<'_>> =
            places.iter().map(|poi| Exported { poi, groups: vec!["North".to_owned()] }).collect();
        for (format, name) in FORMATS {
            let text = write(format, &exported);
            let file = read(name, text.as_bytes(), Reading::default()).expect("our own file");
            prop_assert_eq!(file.format, format);
            prop_assert!(!file.swapped, "longitude first in every format");
            prop_assert_eq!(file.features.len(), shapes.len());
            for (feature, shape) in file.features.iter().zip(&shapes) {
                let back = feature.shape.as_ref().expect("a fence");
                prop_assert!(is_same(back, shape), "{format:?}: {back:?} was {shape:?}");
            }
        }
    }
}

#[test]
fn names_and_rules_travel_and_break_nothing() {
    let wild = "A & B <i>\"'\u{1}]]> ☺";
    let poi = place(wild, FenceShape::Circle { center: at(7.0, 43.0), radius_m: 50.0 });
    let exported = Exported { poi: &poi, groups: vec!["North & South".to_owned()] };
    for (format, name) in &FORMATS[..2] {
        let text = write(*format, std::slice::from_ref(&exported));
        let file = read(name, text.as_bytes(), Reading::default()).expect("our own file");
        let feature = &file.features[0];
        let plain = feature.name.as_deref().map(|name| name.replace(' ', ""));
        assert_eq!(plain.as_deref(), Some("A&B<i>\"']]>☺"), "the name, without what can't be shown");
        let said = |name: &str| feature.properties.get(name).map(ToString::to_string).unwrap_or_default();
        assert!(
            said("on_enter").contains("true") && said("dwell_secs").contains("600"),
            "{format:?}: {feature:?}"
        );
        assert!(said("groups").contains("North & South") && said("color").contains("violet"), "{feature:?}");
        assert_eq!(feature.properties.get("schedule"), None, "always is not written");
    }
    let hours: Schedule =
        serde_json::from_str(r#"[{"weekday":"Mon","starts":"08:00:00","ends":"17:00:00"}]"#).expect("hours");
    let fence = poi.fence.clone().map(|fence| Fence { schedule: hours, ..fence });
    let at_work = Poi { fence, ..poi };
    let text = write(Format::GeoJson, &[Exported { poi: &at_work, groups: Vec::new() }]);
    assert!(text.contains("08:00:00"), "its hours are in it: {text}");
}

#[test]
fn a_circle_of_a_kml_file_is_round_for_others_too() {
    let poi = place("Port", FenceShape::Circle { center: at(7.0, 43.0), radius_m: 50.0 });
    let text = write(Format::Kml, &[Exported { poi: &poi, groups: Vec::new() }]);
    let without = text.replace("center_lon", "somewhere");
    let file = read("a.kml", without.as_bytes(), Reading::default()).expect("reads");
    let Ok(FenceShape::Polygon { area }) = &file.features[0].shape else { panic!("a polygon: {file:?}") };
    assert_eq!(area.outer.len(), 72, "a corner every five degrees");
    assert!(
        area.outer.iter().all(|corner| (corner.distance_m(at(7.0, 43.0)) - 50.0).abs() < 0.01),
        "all on the circle"
    );
}

#[test]
fn a_place_without_a_fence_is_left_out() {
    let poi =
        Poi { fence: None, ..place("Pin", FenceShape::Circle { center: at(7.0, 43.0), radius_m: 50.0 }) };
    assert_eq!(
        write(Format::Wkt, &[Exported { poi: &poi, groups: Vec::new() }]),
        "",
        "there is nothing to write"
    );
}
