//! Whatever comes in: an error or features, never a panic, and no feature that could not be a fence.

use geofile::{Order, Reading, read};
use proptest::prelude::*;

const VALID: [(&str, &str); 3] = [
    (
        "a.geojson",
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Tür","radius_m":80},"geometry":{"type":"Point","coordinates":[7.42,43.73]}},
        {"type":"Feature","properties":{},"geometry":{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[7.4,43.7],[7.5,43.7],[7.4,43.8],[7.4,43.7]]]}]}}]}"#,
    ),
    (
        "a.kml",
        "<?xml version=\"1.0\"?><kml><Document><Placemark><name>Tür &amp; &#228;</name><ExtendedData><Data name=\"radius\"><value>5</value></Data></ExtendedData>\
        <MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>7,43 8,43 8,44</coordinates></LinearRing></outerBoundaryIs></Polygon>\
        <Point><coordinates>7,43</coordinates></Point></MultiGeometry></Placemark></Document></kml>",
    ),
    (
        "a.wkt",
        "# lon lat Tür\nSRID=4326;POLYGON ((7 43, 8 43, 8 44));CIRCLE (43 7, 5)\nBUFFER (GEOMETRYCOLLECTION (POINT (7 43), LINESTRING Z (7 43 1, 8 43 1)), 20)\nPOINT (7 43), 5",
    ),
];

fn stands(name: &str, bytes: &[u8]) {
    for order in [None, Some(Order::LatLon)] {
        let Ok(file) = read(name, bytes, Reading { order, ..Reading::default() }) else { continue };
        assert!(!file.features.is_empty(), "a file without features is an error");
        for shape in file.features.iter().filter_map(|feature| feature.shape.as_ref().ok()) {
            assert_eq!(shape.check(), Ok(()), "what comes out can be a fence");
        }
    }
}

#[test]
fn a_file_that_is_cut_anywhere() {
    for (name, text) in VALID {
        (0..=text.len()).for_each(|end| stands(name, &text.as_bytes()[..end]));
        assert!(read(name, text.as_bytes(), Reading::default()).is_ok(), "{name} whole");
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), which in 0..3usize) {
        stands(VALID[which].0, &bytes);
    }

    #[test]
    fn any_words_of_the_formats(words in proptest::collection::vec(0..28usize, 0..60)) {
        const WORDS: [&str; 28] = [
            "POLYGON", "CIRCLE", "BUFFER", "GEOMETRYCOLLECTION", "MULTIPOINT", "SRID=4326;", "EMPTY", "(", ")", ",", " 7 43", "179.9 ", "\n",
            ";", "<kml>", "<Placemark>", "</Placemark>", "<Point>", "<coordinates>7,43", "</", "{", "}", "[", "]", "\"type\":", "\"Feature\"", "\"geometry\":", "ü",
        ];
        let text: String = words.iter().map(|word| WORDS[*word]).collect();
        VALID.iter().for_each(|(name, _)| stands(name, text.as_bytes()));
    }

    #[test]
    fn a_valid_file_with_damage(which in 0..3usize, hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (name, text) = VALID[which];
        let mut bytes = text.as_bytes().to_vec();
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        stands(name, &bytes);
    }
}
