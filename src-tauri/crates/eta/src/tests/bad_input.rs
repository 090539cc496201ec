//! Data that nobody should have, in the forms it comes in: answers are labelled or refused, nothing panics, no number is nonsense.

use super::{Open, TRIP, built, car_town, drawing, grid, street};
use crate::assemble::{Extract, assemble};
use crate::profile::Passage;
use crate::{
    FormatError, GreatCircle, ImportError, Place, Profile, RoadGraph, RouteError, Router, TravelSource,
    TravelTimes,
};
use domain::LonLat;
use proptest::prelude::*;

/// A way of the drawn town, as fast as told.
fn at_speed(kmh: f64) -> Passage {
    Passage { forward_kmh: kmh, backward_kmh: kmh, ..street(Open::Both) }
}

/// The answer to a question is a road time that can be, or says that it is an estimate, or there is none.
fn is_honest(router: &Router, from: LonLat, to: LonLat) -> bool {
    match router.estimate(from.into(), to.into(), TRIP) {
        None => true,
        Some(estimate) if estimate.source == TravelSource::StraightLine => {
            Some(estimate) == GreatCircle.estimate(from.into(), to.into(), TRIP)
        }
        Some(estimate) => {
            let kmh = estimate.distance_m / estimate.duration_secs.max(1.0) * 3.6;
            estimate.duration_secs.is_finite() && estimate.duration_secs >= 0.0 && kmh <= 145.0
        }
    }
}

#[test]
fn a_way_without_length_is_a_junction_and_a_loop_is_left_alone() {
    let mut drawn = drawing(
        Profile::Car,
        &[
            (&[0, 1, 2, 3], street(Open::Both)),
            (&[2, 12], street(Open::Both)),
            (&[3, 3], street(Open::Both)),
            (&[1, 1, 1], street(Open::Both)),
            (&[5], street(Open::Both)),
            (&[], street(Open::Both)),
        ],
        &[],
    );
    // 12 is drawn where 2 is: a way of no length.
    let (two, twelve) =
        (drawn.table.index_of(2).expect("node 2"), drawn.table.index_of(12).expect("node 12"));
    drawn.table.at[twelve] = drawn.table.at[two];
    let router = Router::new(built(&drawn));
    let leg = router.leg(grid(0), grid(3)).expect("along the street");
    assert!((leg.distance_m - 303.7).abs() < 2.0, "loops and points add nothing: {} m", leg.distance_m);
    assert!((30.0..60.0).contains(&leg.duration_secs), "half a minute and turns: {} s", leg.duration_secs);
    let stay = router.route(grid(2), grid(2)).expect("already there");
    assert_eq!((stay.duration_secs, stay.distance_m), (0.0, 0.0), "no way takes no time");
}

#[test]
fn only_points_and_loops_are_no_roads() {
    let nothing = drawing(Profile::Car, &[(&[3, 3], street(Open::Both)), (&[5], street(Open::Both))], &[]);
    assert!(matches!(assemble(&nothing, 2), Err(ImportError::NoRoads)), "there is nowhere to go");
    let mut gone = drawing(Profile::Car, &[(&[0, 1], street(Open::Both))], &[]);
    gone.table.at.fill(None);
    assert!(matches!(assemble(&gone, 2), Err(ImportError::NoRoads)), "nor on a road whose nodes are missing");
}

#[test]
fn a_road_that_no_car_could_drive_as_tagged_takes_a_time_that_can_be() {
    for (kmh, what) in
        [(1e-9, "hardly"), (1e9, "in no time"), (f64::INFINITY, "at once"), (f64::MIN_POSITIVE, "never")]
    {
        let drawn =
            drawing(Profile::Car, &[(&[0, 1, 2], at_speed(kmh)), (&[0, 10, 11, 12, 2], at_speed(36.0))], &[]);
        let router = Router::new(built(&drawn));
        let leg = router.leg(grid(0), grid(2)).expect("two ways lead there");
        assert!(leg.duration_secs.is_finite() && leg.duration_secs <= 86_400.0, "driven {what}: {leg:?}");
        assert!(leg.distance_m <= 500.0, "driven {what}: {leg:?}");
    }
}

#[test]
fn who_can_not_get_there_by_road_is_told_an_estimate_or_nothing() {
    let router = Router::new(car_town(&[(&[0, 1, 2, 3], Open::Both), (&[80, 81], Open::Both)], &[]));
    let field = grid(1).destination(180.0, 2_000.0);
    let capital = LonLat::new(2.35, 48.85).expect("coordinate");
    for (from, to) in [(grid(0), grid(80)), (grid(0), field), (field, grid(0)), (field, field)] {
        let estimate = router.estimate(from.into(), to.into(), TRIP).expect("near enough to guess");
        assert_eq!(estimate.source, TravelSource::StraightLine, "{from:?} to {to:?} is a guess");
    }
    assert_eq!(router.estimate(grid(0).into(), capital.into(), TRIP), None, "650 km away: nothing is said");
    assert_eq!(router.leg(grid(0), grid(80)), Err(RouteError::NoRoute), "and the router says why");
    let pole = LonLat::new(0.0, 90.0).expect("coordinate");
    let from_the_pole = router.leg(pole, grid(0));
    assert!(
        matches!(from_the_pole, Err(RouteError::NotOnRoad { .. })),
        "from the pole no road leads: {from_the_pole:?}"
    );
    assert!(router.snap(Place::heading(grid(0), f64::INFINITY)).is_ok(), "a heading that is none is ignored");
}

/// A small town with all that a file of roads can have: one-way streets, a loop, an island.
fn small() -> RoadGraph {
    let ways: [(&[i64], Open); 5] = [
        (&[0, 1, 2, 3], Open::Both),
        (&[3, 13, 12, 2], Open::Forward),
        (&[1, 11, 12], Open::Both),
        (&[11, 10, 0], Open::Backward),
        (&[80, 81, 82], Open::Both),
    ];
    car_town(&ways, &[])
}

/// Where the payload begins, and the checksum before it.
const HEADER: usize = 22;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// Damage that a checksum finds is found by it; damage with a right checksum is what an attacker or a bug leaves.
    #[test]
    fn a_file_with_turned_bytes_and_a_right_checksum_never_panics(turned in proptest::collection::vec((0.0..1.0_f64, 1_u8..), 1..4)) {
        let mut bytes = small().to_bytes();
        for (place, by) in turned {
            let index = HEADER + ((bytes.len() - HEADER) as f64 * place) as usize;
            bytes[index] ^= by;
        }
        let checksum = crc32fast::hash(&bytes[HEADER..]).to_le_bytes();
        bytes[HEADER - 4..HEADER].copy_from_slice(&checksum);
        match RoadGraph::from_bytes(&bytes) {
            Err(error) => prop_assert!(matches!(error, FormatError::Corrupt(_)), "{:?}", error),
            Ok(graph) => {
                // What still makes sense is asked like any other.
                let router = Router::new(graph);
                for (from, to) in [(0, 3), (3, 0), (13, 1), (10, 82), (82, 80)] {
                    let estimate = router.estimate(grid(from).into(), grid(to).into(), TRIP);
                    prop_assert!(estimate.is_none_or(|estimate| estimate.duration_secs.is_finite()), "{:?}", estimate);
                    let _ = router.route(grid(from), grid(to));
                }
            }
        }
    }

    #[test]
    fn tags_of_any_kind_give_speeds_that_can_be(value in "[0-9.;:a-zA-Z|@ -]{0,12}", key in 0_usize..5) {
        let key = ["maxspeed", "maxspeed:forward", "source:maxspeed", "maxspeed:advisory", "width"][key];
        let tags = [("highway", "primary"), (key, value.as_str())];
        if let Some(passage) = Profile::Car.passage(&crate::tags::Tags::new(tags)) {
            for kmh in [passage.forward_kmh, passage.backward_kmh] {
                prop_assert!((0.0..=140.0).contains(&kmh), "{}={}: {} km/h", key, value, kmh);
            }
        }
    }

    #[test]
    fn a_town_with_any_speeds_answers_honestly(speeds in proptest::collection::vec(prop_oneof![Just(0.0), Just(-50.0), Just(f64::NAN), Just(99_999.0), 1.0..140.0], 4), from in 0_i64..30, to in 0_i64..30) {
        let kmh = |index: usize| -> f64 { speeds[index] };
        let ways: [(&[i64], Passage); 4] = [
            (&[0, 1, 2], at_speed(kmh(0))),
            (&[2, 12, 22], at_speed(kmh(1))),
            (&[22, 21, 20, 10, 0], at_speed(kmh(2))),
            (&[1, 11, 21], at_speed(kmh(3))),
        ];
        let drawn: Extract = drawing(Profile::Car, &ways, &[]);
        if let Ok(mut graph) = assemble(&drawn, 2) {
            graph.prepare(&mut |_| std::ops::ControlFlow::Continue(())).expect("nobody stops it");
            let router = Router::new(graph);
            let all_believable = speeds.iter().all(|kmh| kmh.is_nan() || *kmh <= 140.0);
            if all_believable {
                prop_assert!(is_honest(&router, grid(from), grid(to)), "{:?}", router.estimate(grid(from).into(), grid(to).into(), TRIP));
            }
        }
    }
}

#[test]
fn signs_that_mean_nothing_leave_the_usual_speed_of_the_road() {
    let kmh = |sign: &str| {
        let tags = [("highway", "residential"), ("maxspeed", sign)];
        Profile::Car.passage(&crate::tags::Tags::new(tags)).expect("a street").forward_kmh
    };
    for sign in ["99999", "-30", "-1", "0", "fast", "", "1e9", "NaN", "inf"] {
        assert!((kmh(sign) - 25.0).abs() < 0.1, "maxspeed={sign} is no speed: {} km/h", kmh(sign));
    }
    assert!((kmh("walk") - 5.6).abs() < 0.1, "walking pace is one: {} km/h", kmh("walk"));
}
