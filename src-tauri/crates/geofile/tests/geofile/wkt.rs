use domain::place::FenceShape;
use geofile::{Fault, FileFault};

use super::{at, crosses_near, only, opened, refused, triangle};

#[test]
fn a_shape_a_line_several_by_semicolons_and_one_over_many_lines() {
    let text = "POLYGON((7.42 43.73,7.44 43.73,7.43 43.75,7.42 43.73))\n\n\
        polygon z ((7.42 43.73 1, 7.44 43.73 1, 7.43 43.75 1)); POINT M (7 43 9), 50\n\
        MULTIPOLYGON (\n  ((7.42 43.73, 7.44 43.73, 7.43 43.75)),\n  ((8 43, 8.1 43, 8 43.1))\n)\n";
    let features = opened("a.wkt", text).features;
    let lines: Vec<_> = features.iter().map(|feature| feature.line).collect();
    assert_eq!(lines, [1, 3, 3, 4].map(Some), "where each begins");
    assert_eq!(features[0].shape, Ok(triangle()), "closed");
    assert_eq!(features[1].shape, Ok(triangle()), "open, with altitudes");
    assert_eq!(
        features[2].shape,
        Ok(FenceShape::Circle { center: at(7.0, 43.0), radius_m: 50.0 }),
        "a radius behind"
    );
    assert!(
        matches!(&features[3].shape, Ok(FenceShape::MultiPolygon { areas }) if areas.len() == 2),
        "over lines"
    );
}

#[test]
fn circles_corridors_collections_and_systems() {
    let circle = FenceShape::Circle { center: at(7.42, 43.73), radius_m: 80.5 };
    assert_eq!(only("a", "CIRCLE (43.73 7.42, 80.5)").shape, Ok(circle.clone()), "Traccar's, latitude first");
    assert_eq!(only("a", "BUFFER(POINT(7.42 43.73),80.5)").shape, Ok(circle), "ours, longitude first");
    let corridor = FenceShape::Corridor { line: vec![at(7.42, 43.73), at(7.43, 43.74)], half_width_m: 20.0 };
    assert_eq!(
        only("a", "LINESTRING (7.42 43.73, 7.43 43.74), 20").shape,
        Ok(corridor.clone()),
        "a width behind"
    );
    assert_eq!(
        only("a", "ST_Buffer (LINESTRING (7.42 43.73, 7.43 43.74), 2e1)").shape,
        Ok(corridor),
        "in a function"
    );
    let lines = opened("a", "MULTILINESTRING ((7.42 43.73, 7.43 43.74), (8 43, 9 43)), 20").features;
    assert_eq!(lines.len(), 2, "a corridor each");
    let points = opened("a", "BUFFER (MULTIPOINT ((7 43), 8 43), 20)").features;
    assert!(
        points.iter().all(|feature| feature.shape.is_ok()) && points.len() == 2,
        "a circle each: {points:?}"
    );
    let areas = only(
        "a",
        "GEOMETRYCOLLECTION (POLYGON ((7 43, 8 43, 8 44)), GEOMETRYCOLLECTION (POLYGON ((9 43, 10 43, 10 44))))",
    );
    assert!(matches!(&areas.shape, Ok(FenceShape::MultiPolygon { areas }) if areas.len() == 2), "{areas:?}");
    let ewkt = "SRID=4326;POLYGON((7.42 43.73,7.44 43.73,7.43 43.75))";
    let file = opened("a", ewkt);
    assert_eq!(
        (file.features[0].shape.clone(), file.order_unsure),
        (Ok(triangle()), false),
        "PostGIS has longitude first"
    );
}

#[test]
fn a_bad_shape_is_an_error_of_its_own_and_reading_goes_on() {
    let text = "%%\nPOLYGON ((7.42 43.73, 7.44 43.73\nTIN (((0 0)))\nPOINT (nan 43), 5\nPOLYGON EMPTY\nPOLYGON ((7 43, 7.2 43.2, 7.2 43, 7 43.2)) POINT (1 1)\n\
        SRID=3857;POLYGON((1 1,2 1,2 2))\nPOLYGON ((7 43, 7.2 43.2, 7.2 43, 7 43.2))\nPOINT (7 43)\nLINESTRING (7 43, 8 43)\n\
        POLYGON ((7.42 43.73, 7.44 43.73, 7.43 43.75))\n";
    let mut features = opened("a.wkt", text).features;
    assert_eq!(features.pop().map(|last| last.shape), Some(Ok(triangle())), "the good one is read");
    let knot = features.remove(7).shape;
    assert!(crosses_near(&knot, at(7.1, 43.1)), "at its knot: {knot:?}");
    let faults: Vec<Fault> =
        features.into_iter().map(|feature| feature.shape.expect_err("a bad one")).collect();
    let expected = [
        Fault::Malformed("%%".to_owned()),
        Fault::NotANumber("TIN".to_owned()),
        Fault::UnknownGeometry("TIN".to_owned()),
        Fault::NotANumber("nan".to_owned()),
        Fault::NoGeometry,
        Fault::Malformed("POINT (1 1)".to_owned()),
        Fault::UnknownGeometry("SRID=3857".to_owned()),
        Fault::NoRadius(at(7.0, 43.0)),
        Fault::NoWidth,
    ];
    assert_eq!(faults, expected, "each with its own reason");
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let deep = "GEOMETRYCOLLECTION (".repeat(100_000);
    assert_eq!(only("a", &deep).shape, Err(Fault::TooDeep), "a well");
    assert_eq!(only("a", &"BUFFER(".repeat(100_000)).shape, Err(Fault::TooDeep), "of the other kind");
    assert_eq!(refused("a.wkt", "# nothing\n;;\n"), FileFault::Empty, "only a comment");
}
