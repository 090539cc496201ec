use domain::place::FenceShape;
use geofile::{Order, Reading, read};

use super::{at, opened, triangle};

const TURNED: &str = "POLYGON ((43.73 7.42, 43.73 7.44, 43.75 7.43))";

#[test]
fn a_circle_gives_traccar_away() {
    let file = opened("a.wkt", &format!("{TURNED}\nCIRCLE (43.73 7.42, 80)\n"));
    assert_eq!(file.features[0].shape, Ok(triangle()), "turned round with the circle");
    assert!(file.swapped && !file.order_unsure, "and said to be");
    let proven = opened("a.wkt", "POINT (151 -33), 5\nCIRCLE (43.73 7.42, 80)\n");
    assert_eq!(
        proven.features[0].shape,
        Ok(FenceShape::Circle { center: at(151.0, -33.0), radius_m: 5.0 }),
        "a proof outweighs the hint"
    );
    assert_eq!(
        proven.features[1].shape,
        Ok(FenceShape::Circle { center: at(7.42, 43.73), radius_m: 80.0 }),
        "the circle is as ever"
    );
}

#[test]
fn what_nothing_proves_is_taken_as_it_stands_and_the_caller_may_say_otherwise() {
    let file = opened("a.wkt", TURNED);
    assert!(!file.swapped && file.order_unsure, "Monaco, or the sea off Somalia");
    let forced =
        read("a.wkt", TURNED.as_bytes(), Reading { order: Some(Order::LatLon), ..Reading::default() })
            .expect("reads");
    assert_eq!(forced.features[0].shape, Ok(triangle()), "as the caller said");
    assert!(forced.swapped && !forced.order_unsure, "which settles it");
    let said = opened("a.wkt", &format!("# lat, lon\n{TURNED}"));
    assert_eq!(said.features[0].shape, Ok(triangle()), "as the file says itself");
}

#[test]
fn geojson_is_turned_round_only_by_proof() {
    let collection = |coordinates: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"radius":50}},"geometry":{{"type":"Point","coordinates":{coordinates}}}}}"#
        )
    };
    let file = opened("a.geojson", &collection("[43.73,7.42]"));
    assert!(!file.swapped && !file.order_unsure, "the format says longitude first");
    let file = opened("a.geojson", &collection("[-33.9,151.2]"));
    assert!(file.swapped, "151 is no latitude");
    assert_eq!(
        file.features[0].shape,
        Ok(FenceShape::Circle { center: at(151.2, -33.9), radius_m: 50.0 }),
        "Sydney"
    );
}
