//! Files as people have them: read, refused, written and read back.

mod geojson;
mod hostile;
mod kml;
mod order;
mod round_trip;
mod wkt;

use domain::LonLat;
use domain::place::{FenceShape, PolygonArea, ShapeError};
use geofile::{Fault, Feature, FenceFile, FileFault, Reading, read};

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("coordinate")
}

fn opened(name: &str, text: &str) -> FenceFile {
    read(name, text.as_bytes(), Reading::default()).unwrap_or_else(|fault| panic!("{name}: {fault}: {text}"))
}

fn refused(name: &str, text: &str) -> FileFault {
    read(name, text.as_bytes(), Reading::default()).expect_err("not a file of fences")
}

/// The only feature of a text.
fn only(name: &str, text: &str) -> Feature {
    let mut features = opened(name, text).features;
    assert_eq!(features.len(), 1, "one feature: {text}");
    features.pop().expect("counted")
}

fn crosses_near(shape: &Result<FenceShape, Fault>, place: LonLat) -> bool {
    matches!(shape, Err(Fault::Shape(ShapeError::SelfIntersecting(at))) if at.distance_m(place) < 0.01)
}

fn polygon(outer: &[(f64, f64)]) -> FenceShape {
    let outer = outer.iter().map(|(lon, lat)| at(*lon, *lat)).collect();
    FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } }
}

fn triangle() -> FenceShape {
    polygon(&[(7.42, 43.73), (7.44, 43.73), (7.43, 43.75)])
}

#[test]
fn what_is_no_text_or_too_much_is_refused_as_a_whole() {
    assert_eq!(
        read("a.wkt", b"POINT (7 \xff)", Reading::default()),
        Err(FileFault::NotText),
        "Latin-1, a zip …"
    );
    let huge = vec![b' '; Reading::default().most_bytes + 1];
    assert_eq!(
        read("a.wkt", &huge, Reading::default()),
        Err(FileFault::TooLarge(20 * 1_048_576)),
        "before anything is parsed"
    );
    assert_eq!(refused("a.geojson", " \r\n"), FileFault::Empty, "nothing");
    assert_eq!(refused("a.doc", "Dear all,"), FileFault::UnknownFormat, "a letter");
    let many = "CIRCLE (1 1, 5)\n".repeat(Reading::default().most_features + 1);
    assert_eq!(refused("a.wkt", &many), FileFault::TooMany(20_000), "a flood");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_part_of_it() {
    let file =
        opened("a.wkt", "\u{feff}POINT (7.42 43.73), 80\r\nLINESTRING (7.42 43.73, 7.43 43.74), 20\r\n");
    assert!(file.features.iter().all(|feature| feature.shape.is_ok()), "{file:?}");
    assert_eq!(file.features[1].line, Some(2), "and lines are still counted");
    let json = "\u{feff}{\"type\":\"Point\",\r\n\"coordinates\":[7.42,43.73]}";
    assert_eq!(
        only("a.json", json).shape,
        Err(Fault::NoRadius(at(7.42, 43.73))),
        "a bare point, where it is"
    );
}
