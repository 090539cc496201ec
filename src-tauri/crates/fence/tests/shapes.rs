//! Shapes of all sizes, across the date line and towards the poles: what the index says of a place is what the shape says.

use domain::place::{Fence, FenceShape, PolygonArea, ShapeError};
use domain::{LonLat, PoiId};
use fence::{FenceEngine, PreparedShape};
use proptest::prelude::*;
use uuid::Uuid;

fn at(lon: f64, lat: f64) -> LonLat {
    let wrapped = (lon + 540.0).rem_euclid(360.0) - 180.0;
    LonLat::new(wrapped, lat.clamp(-90.0, 90.0)).expect("coordinate")
}

/// A star around a place, `size` degrees wide.
fn star(lon: f64, lat: f64, size: f64, points: usize) -> Vec<LonLat> {
    let point = |i: usize| {
        let angle = i as f64 / points as f64 * std::f64::consts::TAU;
        let far = size / 2.0 * (1.0 - 0.4 * ((i * 7) % 5) as f64 / 5.0 * f64::from(i.is_multiple_of(2)));
        at(lon + angle.cos() * far, lat + angle.sin() * far)
    };
    (0..points).map(point).collect()
}

fn polygon(outer: Vec<LonLat>, holes: Vec<Vec<LonLat>>) -> FenceShape {
    FenceShape::Polygon { area: PolygonArea { outer, holes } }
}

/// One of each kind around a place, about `size` degrees wide.
fn shapes(lon: f64, lat: f64, size: f64) -> Vec<FenceShape> {
    let width_m = size * 111_000.0;
    let area = |lon| PolygonArea { outer: star(lon, lat, size / 2.0, 31), holes: Vec::new() };
    vec![
        FenceShape::Circle { center: at(lon, lat), radius_m: width_m / 2.0 },
        polygon(star(lon, lat, size, 5_001), vec![star(lon, lat, size / 5.0, 12)]),
        FenceShape::MultiPolygon { areas: vec![area(lon - size), area(lon + size / 2.0)] },
        FenceShape::Corridor {
            line: vec![at(lon - size, lat), at(lon, lat + size / 3.0), at(lon + size, lat)],
            half_width_m: width_m / 20.0,
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_index_says_what_the_shape_says(
        lon in prop_oneof![-180.0..180.0f64, Just(180.0), Just(0.0)],
        lat in -84.0..84.0f64,
        size in prop_oneof![0.0005..0.01f64, 0.01..0.3f64, 0.3..4.0f64],
        places in proptest::collection::vec((-1.2..1.2f64, -0.8..0.8f64), 300),
    ) {
        let shapes = shapes(lon, lat, size);
        let mut engine = FenceEngine::new();
        let fence = |(id, shape): (u128, &FenceShape)| (PoiId(Uuid::from_u128(id)), Fence::new(shape.clone()));
        let bad = engine.set_fences((0..).zip(&shapes).map(fence));
        prop_assert!(bad.is_empty(), "{bad:?}");
        let prepared: Vec<PreparedShape> =
            shapes.iter().map(|shape| PreparedShape::new(shape).expect("checked")).collect();
        for (x, y) in places {
            let place = at(lon + x * size, lat + y * size);
            let said: Vec<u128> = engine.containing(place).map(|poi| poi.0.as_u128()).collect();
            let asked = (0..).zip(&prepared).filter(|(_, shape)| shape.contains(place));
            prop_assert_eq!(said, asked.map(|(id, _)| id).collect::<Vec<u128>>(), "at {:?}", place);
        }
    }
}

#[test]
fn what_is_no_area_is_refused_by_name_and_the_others_are_watched() {
    let poi = |id: u128| PoiId(Uuid::from_u128(id));
    let circle = |radius_m| FenceShape::Circle { center: at(7.0, 43.0), radius_m };
    let knot = vec![at(7.0, 43.0), at(7.2, 43.2), at(7.2, 43.0), at(7.0, 43.2)];
    let pole = vec![at(0.0, 80.0), at(120.0, 80.0), at(-120.0, 80.0)];
    let shapes = [
        circle(f64::NAN),
        circle(f64::INFINITY),
        circle(1e9),
        polygon(knot, Vec::new()),
        polygon(pole, Vec::new()),
        polygon(star(7.0, 43.0, 1.0, 200_001), Vec::new()),
        circle(100.0),
    ];
    let mut engine = FenceEngine::new();
    let fences = (0..).zip(shapes).map(|(id, shape)| (poi(id), Fence::new(shape)));
    let bad = engine.set_fences(fences);
    let refused: Vec<PoiId> = bad.iter().map(|(poi, _)| *poi).collect();
    assert_eq!(refused, [0, 1, 2, 3, 4, 5].map(poi), "each by its own name, in the order given");
    assert!(matches!(bad[3].1, ShapeError::SelfIntersecting(_)), "and why: {:?}", bad[3].1);
    assert!(LonLat::new(f64::NAN, 43.0).is_err(), "a point that is no number can't even be made");
    assert_eq!(engine.containing(at(7.0, 43.0)).collect::<Vec<_>>(), [poi(6)], "the good one is watched");
}
