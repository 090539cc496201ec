use domain::place::{FenceShape, PolygonArea, ShapeError};
use geofile::{Fault, FileFault};

use super::{at, crosses_near, only, opened, polygon, refused, triangle};

fn feature(properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

fn ring(ring: &str) -> Result<FenceShape, Fault> {
    only("a.geojson", &format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#)).shape
}

#[test]
fn every_geometry_that_can_be_a_fence_is_one() {
    let circle = only(
        "a.geojson",
        &feature(r#"{"title":"Port","radius":80}"#, r#"{"type":"Point","coordinates":[7.42,43.73,12]}"#),
    );
    assert_eq!(circle.name.as_deref(), Some("Port"), "the title, where there is no name");
    assert_eq!(
        circle.shape,
        Ok(FenceShape::Circle { center: at(7.42, 43.73), radius_m: 80.0 }),
        "without the altitude"
    );
    for width in ["half_width_m", "buffer", "radius_m", "polylineDistance"] {
        let line = feature(
            &format!(r#"{{"{width}":"15"}}"#),
            r#"{"type":"LineString","coordinates":[[7.42,43.73],[7.42,43.73],[7.43,43.74]]}"#,
        );
        let corridor =
            FenceShape::Corridor { line: vec![at(7.42, 43.73), at(7.43, 43.74)], half_width_m: 15.0 };
        assert_eq!(only("a.geojson", &line).shape, Ok(corridor), "{width}, and no point twice in a row");
    }
    let areas =
        r#"{"type":"MultiPolygon","coordinates":[[[[7.42,43.73],[7.44,43.73],[7.43,43.75],[7.42,43.73]]]]}"#;
    let FenceShape::Polygon { area } = triangle() else { panic!("a polygon") };
    assert_eq!(
        only("a.geojson", areas).shape,
        Ok(FenceShape::MultiPolygon { areas: vec![area] }),
        "one of several is still several"
    );
}

#[test]
fn rings_may_be_open_turned_and_across_the_date_line() {
    assert_eq!(ring("[[7.42,43.73],[7.44,43.73],[7.43,43.75]]"), Ok(triangle()), "not closed");
    assert_eq!(
        ring("[[7.42,43.73],[7.44,43.73],[7.44,43.73],[7.43,43.75],[7.42,43.73]]"),
        Ok(triangle()),
        "a point twice"
    );
    let turned = polygon(&[(7.42, 43.73), (7.43, 43.75), (7.44, 43.73)]);
    assert_eq!(
        ring("[[7.42,43.73],[7.43,43.75],[7.44,43.73],[7.42,43.73]]"),
        Ok(turned),
        "the other way round"
    );
    let fiji = polygon(&[(179.9, -16.9), (-179.9, -16.9), (-179.9, -16.7), (179.9, -16.7)]);
    assert_eq!(
        ring("[[179.9,-16.9],[-179.9,-16.9],[-179.9,-16.7],[179.9,-16.7],[179.9,-16.9]]"),
        Ok(fiji),
        "Fiji"
    );
}

#[test]
fn a_shape_that_can_not_be_a_fence_says_why_and_where() {
    let shape = |error| Err(Fault::Shape(error));
    let knot = ring("[[7,43],[7.2,43.2],[7.2,43],[7,43.2],[7,43]]");
    assert!(crosses_near(&knot, at(7.1, 43.1)), "a bow-tie, at its knot: {knot:?}");
    assert_eq!(ring("[[7,43],[7.1,43],[7,43]]"), shape(ShapeError::RingTooShort(2)), "there and back");
    assert_eq!(ring("[]"), shape(ShapeError::RingTooShort(0)), "nothing");
    assert_eq!(
        ring("[[0,80],[120,80],[-120,80],[0,80]]"),
        shape(ShapeError::AroundPole),
        "around the north pole"
    );
    let holes = "[[0,0],[1,0],[1,1],[0,1],[0,0]],[[2,2],[3,2],[3,3],[2,2]]";
    assert_eq!(ring(holes), shape(ShapeError::HoleOutside(at(2.0, 2.0))), "a hole elsewhere");
    assert_eq!(
        ring("[[7,43],[7.1,143],[7,44]]"),
        Err(Fault::OffEarth { x: 7.1, y: 143.0 }),
        "north of the pole"
    );
    let circle = |radius: &str| {
        only(
            "a.geojson",
            &feature(&format!(r#"{{"radius":{radius}}}"#), r#"{"type":"Point","coordinates":[7,43]}"#),
        )
        .shape
    };
    assert_eq!(circle("-5"), shape(ShapeError::Size(-5.0)), "less than nothing");
    assert_eq!(circle("900000"), shape(ShapeError::Size(900_000.0)), "a continent");
    assert_eq!(circle("\"NaN\""), Err(Fault::NotANumber("NaN".to_owned())), "no number");
}

#[test]
fn a_flood_of_points_is_refused_and_the_rest_read() {
    let point = |n: u32| format!("[{},{}]", f64::from(n) * 1e-5, f64::from(n % 2) * 1e-5);
    let flood: Vec<String> = (0..200_001).map(point).collect();
    let flood = feature("{}", &format!(r#"{{"type":"Polygon","coordinates":[[{}]]}}"#, flood.join(",")));
    let good = feature(
        "{}",
        r#"{"type":"Polygon","coordinates":[[[7.42,43.73],[7.44,43.73],[7.43,43.75],[7.42,43.73]]]}"#,
    );
    let file = opened("a.geojson", &format!(r#"{{"type":"FeatureCollection","features":[{flood},{good}]}}"#));
    let shapes: Vec<_> = file.features.into_iter().map(|feature| feature.shape).collect();
    assert_eq!(
        shapes,
        [Err(Fault::Shape(ShapeError::TooManyPoints(200_001))), Ok(triangle())],
        "each by itself"
    );
}

#[test]
fn bad_features_are_named_by_number_and_line_and_spoil_no_other() {
    let text = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"name":"One"},"geometry":{"type":"TIN","coordinates":[]}},
        {"type":"Feature","properties":null,"id":"two","geometry":null},
        {"type":"Feature","properties":{"name":"Three"},
         "geometry":{"type":"Polygon","coordinates":[[[7.42,"north"],[7.44,43.73],[7.43,43.75]]]}},
        "four",
        {"type":"Feature","properties":{"name":"Five"},"geometry":{"type":"LineString","coordinates":[[7,43],[8,43]]}},
        {"type":"Feature","properties":{"name":"Six"},"geometry":{"type":"Polygon","coordinates":[[[7.42,43.73],[7.44,43.73],[7.43,43.75]]]}}
    ]}"#;
    let features = opened("a.geojson", text).features;
    let places: Vec<_> = features.iter().map(|feature| (feature.number, feature.line)).collect();
    let expected = [2, 3, 4, 6, 7, 8].map(Some);
    assert_eq!(places, (1..).zip(expected).collect::<Vec<_>>(), "numbers and lines");
    assert_eq!(features[0].shape, Err(Fault::UnknownGeometry("TIN".to_owned())), "by its name");
    assert_eq!(
        (features[1].name.as_deref(), &features[1].shape),
        (Some("two"), &Err(Fault::NoGeometry)),
        "by its id"
    );
    assert!(
        matches!(&features[2].shape, Err(Fault::Malformed(text)) if text.contains("north")),
        "{features:?}"
    );
    assert!(matches!(&features[3].shape, Err(Fault::Malformed(_))), "not even an object");
    assert_eq!(features[4].shape, Err(Fault::NoWidth), "a mere line");
    assert_eq!(features[5].shape, Ok(triangle()), "and the good one");
}

#[test]
fn a_collection_of_areas_is_one_fence_and_a_mixed_one_several() {
    let area = r#"{"type":"Polygon","coordinates":[[[7.42,43.73],[7.44,43.73],[7.43,43.75]]]}"#;
    let point = r#"{"type":"Point","coordinates":[7,43]}"#;
    let collection =
        |members: &[&str]| format!(r#"{{"type":"GeometryCollection","geometries":[{}]}}"#, members.join(","));
    let FenceShape::Polygon { area: own } = triangle() else { panic!("a polygon") };
    let both = PolygonArea { ..own.clone() };
    let nested = only("a.geojson", &collection(&[area, &collection(&[area])]));
    assert_eq!(nested.shape, Ok(FenceShape::MultiPolygon { areas: vec![own, both] }), "however deep");
    let mixed =
        opened("a.geojson", &feature(r#"{"name":"Site","radius":50}"#, &collection(&[area, point]))).features;
    let names: Vec<_> = mixed.iter().map(|feature| feature.name.as_deref()).collect();
    assert_eq!(names, [Some("Site (1)"), Some("Site (2)")], "each with a name of its own");
    assert_eq!(
        mixed[1].shape,
        Ok(FenceShape::Circle { center: at(7.0, 43.0), radius_m: 50.0 }),
        "the circle"
    );
    assert_eq!(only("a.geojson", &collection(&[])).shape, Err(Fault::NoGeometry), "an empty one");
}

#[test]
fn what_is_no_geojson_is_said_with_its_line() {
    assert_eq!(refused("a.geojson", "{\n\"type\": \"Feature\",\n"), FileFault::Malformed(3), "cut off");
    assert_eq!(
        refused("a.geojson", "{\"type\":\"FeatureCollection\",\n\"features\":[NaN]}"),
        FileFault::Malformed(2),
        "no JSON"
    );
    assert_eq!(
        refused("a.json", r#"{"type":"Topology","objects":{}}"#),
        FileFault::UnknownFormat,
        "TopoJSON"
    );
    assert_eq!(
        refused("a.json", r#"{"type":"FeatureCollection","features":[]}"#),
        FileFault::Empty,
        "nothing in it"
    );
    let deep = format!(r#"{{"type":"Point","coordinates":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refused("a.json", &deep), FileFault::TooDeep, "a well");
}
