//! The engine says what the same rules say without indexes, cells and shortcuts: over random ways and over real drives.

#[path = "reference/model.rs"]
mod model;

use chrono::{DateTime, TimeDelta};
use domain::place::{Fence, FenceShape, PolygonArea};
use domain::position::Fix;
use domain::{GroupId, LonLat, PoiId, ResourceId};
use fence::FenceEngine;
use proptest::prelude::*;
use uuid::Uuid;

use model::{Reference, Told};

const ANA: ResourceId = ResourceId(Uuid::from_u128(1));
const TEAM: GroupId = GroupId(Uuid::from_u128(2));
/// Real drives in and around Denver; see `data/README.md`.
const DRIVES: [&str; 3] = [
    include_str!("data/sample_trace_1.csv"),
    include_str!("data/sample_trace_2.csv"),
    include_str!("data/sample_trace_3.csv"),
];

fn town(lon: f64) -> Vec<(PoiId, Fence)> {
    let wrap = |lon: f64| (lon + 540.0).rem_euclid(360.0) - 180.0;
    let at = |x: f64, y: f64| LonLat::new(wrap(lon + x * 1e-5), 43.7 + y * 1e-5).expect("coordinate");
    let star = |x: f64, y: f64, far: f64, points: usize| -> Vec<LonLat> {
        let point = |i: usize| {
            let (angle, far) =
                (i as f64 / points as f64 * std::f64::consts::TAU, far * (1.0 + (i % 3) as f64 * 0.2));
            at(x + angle.cos() * far, y + angle.sin() * far)
        };
        (0..points).map(point).collect()
    };
    let area = |outer, holes| PolygonArea { outer, holes };
    let shapes = [
        FenceShape::Circle { center: at(0.0, 0.0), radius_m: 120.0 },
        FenceShape::Polygon { area: area(star(100.0, 50.0, 200.0, 60), vec![star(100.0, 50.0, 40.0, 9)]) },
        FenceShape::MultiPolygon {
            areas: vec![
                area(star(-300.0, 0.0, 90.0, 7), vec![]),
                area(star(400.0, -100.0, 150.0, 33), vec![]),
            ],
        },
        FenceShape::Corridor {
            line: vec![at(-500.0, -80.0), at(0.0, -120.0), at(500.0, -60.0)],
            half_width_m: 40.0,
        },
    ];
    let fence = |shape| Fence { on_enter: true, on_exit: true, dwell_secs: Some(120), ..Fence::new(shape) };
    (1u128..).zip(shapes).map(|(id, shape)| (PoiId(Uuid::from_u128(id)), fence(shape))).collect()
}

fn engine_says(fixes: &[Fix], fences: &[(PoiId, Fence)]) -> Vec<Told> {
    let mut engine = FenceEngine::new();
    assert!(engine.set_fences(fences.to_vec()).is_empty(), "all shapes are fine");
    let mut told: Vec<Told> = fixes
        .iter()
        .flat_map(|fix| engine.on_fix(ANA, TEAM, fix, fix.fix_time))
        .map(|event| (event.poi.0.as_u128(), event.kind, event.event_time))
        .collect();
    told.sort_by_key(|(poi, kind, time)| (*time, *poi, format!("{kind:?}")));
    told
}

fn reference_says(fixes: &[Fix], fences: &[(PoiId, Fence)]) -> Vec<Told> {
    let mut reference = Reference::default();
    fixes.iter().for_each(|fix| reference.take(fix, fences));
    reference.told.sort_by_key(|(poi, kind, time)| (*time, *poi, format!("{kind:?}")));
    reference.told
}

/// A walk or drive around the town: (seconds, metres, bearing, accuracy) from fix to fix, with pauses and long gaps.
fn any_way(lon: f64) -> impl Strategy<Value = Vec<Fix>> {
    let step = (prop_oneof![9 => 2i64..40, 1 => 500i64..900], 0.0..120.0f64, 0.0..360.0f64, 2.0..70.0f32);
    let start = (-600.0..600.0f64, -300.0..300.0f64);
    (start, proptest::collection::vec(step, 1..150)).prop_map(move |((x, y), steps)| {
        let wrap = |lon: f64| (lon + 540.0).rem_euclid(360.0) - 180.0;
        let mut at = LonLat::new(wrap(lon + x * 1e-5), 43.7 + y * 1e-5).expect("coordinate");
        let mut time = DateTime::from_timestamp(1_790_000_000, 0).expect("time");
        let drive = steps.into_iter().map(|(secs, metres, bearing, accuracy)| {
            (time, at) = (time + TimeDelta::seconds(secs), at.destination(bearing, metres));
            Fix { at, fix_time: time, accuracy_m: Some(accuracy), speed_mps: None, heading_deg: None }
        });
        drive.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn the_engine_says_what_the_rules_say(way in any_way(7.4)) {
        prop_assert_eq!(engine_says(&way, &town(7.4)), reference_says(&way, &town(7.4)));
    }

    #[test]
    fn and_on_the_date_line_too(way in any_way(180.0)) {
        prop_assert_eq!(engine_says(&way, &town(180.0)), reference_says(&way, &town(180.0)));
    }
}

/// The same numbers each time, between 0 and 1.
fn scattered(number: usize) -> f64 {
    (number as f64 * 0.618_033_988_749_895).fract()
}

/// A drive at about 12 m/s with fixes of all qualities, and standing still at every hundredth point.
fn drive(csv: &str) -> Vec<Fix> {
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let points = csv.lines().skip(1).filter_map(|line| line.split_once(','));
    let points: Vec<LonLat> =
        points.map(|(lat, lon)| LonLat::new(number(lon), number(lat)).expect("coordinate")).collect();
    let (mut time, mut before) = (DateTime::from_timestamp(1_790_000_000, 0).expect("time"), points[0]);
    let mut fixes = Vec::new();
    for (index, at) in points.into_iter().enumerate() {
        time += TimeDelta::seconds((before.distance_m(at) / 12.0).ceil() as i64 + 1);
        before = at;
        let stops = if index % 100 == 50 { 30 } else { 1 };
        for stop in 0..stops {
            time += TimeDelta::seconds(if stop > 0 { 7 } else { 0 });
            let (turn, off) = (scattered(index * 31 + stop) * 360.0, scattered(index * 17 + stop * 3));
            let accuracy_m = 3.0 + 60.0 * scattered(index * 7 + stop).powi(4);
            let at = at.destination(turn, off * accuracy_m * 0.7);
            let accuracy_m = Some(accuracy_m as f32);
            fixes.push(Fix { at, fix_time: time, accuracy_m, speed_mps: None, heading_deg: None });
        }
    }
    fixes
}

/// Circles, polygons, corridors of all sizes along a drive.
fn fences_along(fixes: &[Fix]) -> Vec<(PoiId, Fence)> {
    let one = |(number, fix): (usize, &Fix)| {
        let size_m = 30.0 + 600.0 * scattered(number * 5).powi(2);
        let middle = fix.at.destination(scattered(number) * 360.0, scattered(number * 3) * size_m * 1.2);
        let around = |from: f64, far_m: f64| middle.destination(from, far_m);
        let ring = |count: usize, size_m: f64| -> Vec<LonLat> {
            let point =
                |i: usize| around(i as f64 * 360.0 / count as f64, size_m * (1.0 + 0.3 * scattered(i * 11)));
            (0..count).map(point).collect()
        };
        let shape = match number % 4 {
            0 => FenceShape::Circle { center: middle, radius_m: size_m },
            1 => FenceShape::Corridor {
                line: vec![around(40.0, 3.0 * size_m), middle, around(200.0, 2.0 * size_m)],
                half_width_m: size_m / 3.0,
            },
            2 => FenceShape::Polygon {
                area: PolygonArea { outer: ring(9 + number % 80, size_m), holes: vec![] },
            },
            _ => {
                let holes = vec![ring(7, size_m / 3.0)];
                FenceShape::Polygon { area: PolygonArea { outer: ring(40, size_m), holes } }
            }
        };
        let rules = Fence { on_enter: true, on_exit: true, dwell_secs: Some(90), ..Fence::new(shape) };
        (PoiId(Uuid::from_u128(number as u128 + 1)), rules)
    };
    fixes.iter().step_by(25).enumerate().map(one).collect()
}

#[test]
fn and_what_they_say_over_real_drives() {
    for csv in DRIVES {
        let fixes = drive(csv);
        let fences = fences_along(&fixes);
        let (engine, reference) = (engine_says(&fixes, &fences), reference_says(&fixes, &fences));
        assert!(reference.len() > 50, "the drive leads through many fences: {}", reference.len());
        assert_eq!(engine, reference, "over {} fixes and {} fences", fixes.len(), fences.len());
    }
}
