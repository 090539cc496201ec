use domain::place::{FenceShape, PolygonArea};
use geofile::{Fault, FileFault};

use super::{at, only, opened, polygon, refused, triangle};

const RING: &str = "<LinearRing><coordinates>\n7.42,43.73,5 7.44,43.73,5\t7.43,43.75,5\n7.42,43.73,5 </coordinates></LinearRing>";

fn placemark(inner: &str) -> String {
    format!(
        "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><Placemark>{inner}</Placemark></Document></kml>"
    )
}

fn area() -> String {
    format!("<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>")
}

#[test]
fn placemarks_are_found_in_folders_and_under_any_prefix() {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<k:kml xmlns:k=\"http://www.opengis.net/kml/2.2\">\n<k:Document><k:Folder><k:name>Zones</k:name><k:Folder>\n\
        <k:Placemark><k:name>A &amp; B &#x263A;</k:name>{}</k:Placemark>\n\
        </k:Folder></k:Folder><k:Placemark><k:name><![CDATA[C <i>]]></k:name><k:Model/></k:Placemark></k:Document></k:kml>",
        area().replace("</", "</k:").replace('<', "<k:").replace("<k:/k:", "</k:")
    );
    let features = opened("a.kml", &text).features;
    let named: Vec<_> = features.iter().map(|feature| (feature.name.as_deref(), feature.line)).collect();
    assert_eq!(named, [(Some("A & B ☺"), Some(4)), (Some("C <i>"), Some(7))], "names and lines");
    assert_eq!(features[0].shape, Ok(triangle()), "without altitudes");
    assert_eq!(features[1].shape, Err(Fault::UnknownGeometry("Model".to_owned())), "named");
}

#[test]
fn holes_circles_corridors_and_several_areas() {
    let hole = "<innerBoundaryIs><LinearRing><coordinates>7.43,43.735 7.432,43.735 7.431,43.737</coordinates></LinearRing></innerBoundaryIs>";
    let with_hole = only("a.kml", &placemark(&area().replace("</Polygon>", &format!("{hole}</Polygon>"))));
    let Ok(FenceShape::Polygon { area: PolygonArea { holes, .. } }) = with_hole.shape else {
        panic!("{with_hole:?}")
    };
    assert_eq!(holes, [vec![at(7.43, 43.735), at(7.432, 43.735), at(7.431, 43.737)]], "the hole");

    let data = "<ExtendedData><Data name=\"radius\"><value> 80 </value></Data></ExtendedData>";
    let circle =
        only("a.kml", &placemark(&format!("{data}<Point><coordinates>7.42,43.73</coordinates></Point>")));
    assert_eq!(circle.shape, Ok(FenceShape::Circle { center: at(7.42, 43.73), radius_m: 80.0 }), "a circle");
    let schema =
        "<ExtendedData><SchemaData><SimpleData name=\"Buffer\">12.5</SimpleData></SchemaData></ExtendedData>";
    let line = "<LineString><coordinates>7.42,43.73 7.43,43.74</coordinates></LineString>";
    let corridor = only("a.kml", &placemark(&format!("{schema}{line}")));
    let expected = FenceShape::Corridor { line: vec![at(7.42, 43.73), at(7.43, 43.74)], half_width_m: 12.5 };
    assert_eq!(corridor.shape, Ok(expected), "a corridor");
    let several = only("a.kml", &placemark(&format!("<MultiGeometry>{0}{0}</MultiGeometry>", area())));
    assert!(
        matches!(&several.shape, Ok(FenceShape::MultiPolygon { areas }) if areas.len() == 2),
        "{several:?}"
    );
    assert_eq!(only("a.kml", &placemark(RING)).shape, Ok(triangle()), "a mere ring");
}

#[test]
fn a_bad_placemark_is_an_error_of_its_own() {
    let shape = |inner: &str| only("a.kml", &placemark(inner)).shape;
    assert_eq!(shape("<name>Nothing</name>"), Err(Fault::NoGeometry), "no geometry");
    assert_eq!(shape("<Point><coordinates/></Point>"), Err(Fault::NoGeometry), "an empty one");
    assert_eq!(
        shape("<Point><coordinates>7,43</coordinates></Point>"),
        Err(Fault::NoRadius(at(7.0, 43.0))),
        "no radius"
    );
    assert_eq!(
        shape("<Point><coordinates>7;43</coordinates></Point>"),
        Err(Fault::Malformed("7;43".to_owned())),
        "no comma"
    );
    assert_eq!(
        shape("<Point><coordinates>7,north</coordinates></Point>"),
        Err(Fault::NotANumber("north".to_owned())),
        "a word"
    );
    assert_eq!(
        shape("<Point><coordinates>7,inf</coordinates></Point>"),
        Err(Fault::NotANumber("inf".to_owned())),
        "infinity"
    );
    let turned =
        shape("<LinearRing><coordinates>-16.9,179.8 -16.9,179.9 -16.8,179.9</coordinates></LinearRing>");
    assert_eq!(
        turned,
        Ok(polygon(&[(179.8, -16.9), (179.9, -16.9), (179.9, -16.8)])),
        "provably turned round"
    );
}

#[test]
fn no_entity_expands_and_no_document_is_half_read() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE kml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n<kml>&b;</kml>";
    assert_eq!(refused("a.kml", bomb), FileFault::HasDoctype, "a bomb of entities");
    assert_eq!(refused("a.kml", "<kml>\n&b;</kml>"), FileFault::Malformed(2), "an entity of nowhere");
    assert_eq!(refused("a.kml", "<kml>\n<Placemark>\n"), FileFault::Malformed(3), "cut off");
    assert_eq!(refused("a.kml", "<kml>\n</Folder>"), FileFault::Malformed(2), "closed by another name");
    assert_eq!(refused("a.kml", "<html><body/></html>"), FileFault::UnknownFormat, "a web page");
    assert_eq!(refused("a.kml", "<kml><Document/></kml>"), FileFault::Empty, "nothing in it");
    assert_eq!(refused("a.kml", &"<Folder>".repeat(100_000)), FileFault::TooDeep, "a well");
}
