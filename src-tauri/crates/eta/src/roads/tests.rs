use super::*;
use crate::estimate::Trip;
use crate::speeds::{Follower, Sighting};
use crate::tests::{Open, car_town, grid, monaco};
use chrono::{DateTime, TimeDelta, Utc};
use domain::travel::TravelSource;
use domain::{LonLat, ResourceId};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-11-23T07:00:00Z".parse().expect("time")
}

fn trip(mode: TravelMode) -> Trip {
    Trip { mode, leaves: now() }
}

/// A street of 900 m, and an island.
fn street() -> Arc<Router> {
    let ways: [(&[i64], Open); 2] = [(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Open::Both), (&[80, 81], Open::Both)];
    Arc::new(Router::new(car_town(&ways, &[])))
}

fn by_car(router: Arc<Router>) -> RoadTimes {
    RoadTimes::new(BTreeMap::from([(TravelMode::Car, router)]))
}

/// Everybody crawled along the street for the last hour, at half the usual speed.
fn crawled(router: &Router) -> SharedSpeeds {
    let (mut follower, mut model) = (Follower::default(), SpeedModel::default());
    let who = ResourceId(Uuid::from_u128(1));
    for round in 0..40 {
        for n in 0..17 {
            let place = Place::heading(grid(0).destination(90.0, 20.0 + 50.0 * f64::from(n)), 90.0);
            let time = now() - TimeDelta::seconds(i64::from(40 - round) * 180 - i64::from(n) * 10);
            if let Some(driven) = follower.follow(router, who, Sighting { place, time }) {
                model.learn(&driven, local_hour(time, Tz::UTC));
            }
        }
    }
    Arc::new(RwLock::new(Arc::new(model)))
}

fn secs(times: &RoadTimes, from: LonLat, to: LonLat, trip: Trip) -> f64 {
    times.estimate(from.into(), to.into(), trip).expect("near enough").duration_secs
}

#[test]
fn who_crawls_every_morning_is_expected_later() {
    let router = street();
    let usual = by_car(router.clone());
    let learnt = by_car(router.clone()).with_speeds(crawled(&router), Tz::UTC);
    let (from, to) = (grid(1), grid(8));
    let car = trip(TravelMode::Car);
    let (before, after) = (secs(&usual, from, to, car), secs(&learnt, from, to, car));
    assert!((1.6..2.1).contains(&(after / before)), "about twice as long: {before} and {after} s");
    let estimate = learnt.estimate(from.into(), to.into(), car).expect("a street");
    assert_eq!(estimate.source, TravelSource::Roads, "it is by road as before");
    assert!((estimate.distance_m - 708.7).abs() < 3.0, "and as far: {} m", estimate.distance_m);
    let way = learnt.way(from.into(), to.into(), car).expect("a street");
    assert_eq!(way.estimate, estimate, "the way that is drawn takes what is told");
    assert!(way.points.len() > 2, "and has its points");
}

#[test]
fn one_by_one_or_all_at_once_is_the_same() {
    let router = street();
    let learnt = by_car(router.clone()).with_speeds(crawled(&router), Tz::UTC);
    let field = grid(5).destination(180.0, 3_000.0);
    let places: Vec<Place> = [grid(1), grid(4), grid(9), grid(80), field].map(Place::from).to_vec();
    for times in [by_car(router.clone()), learnt] {
        let between = times.estimates_between(&places, trip(TravelMode::Car));
        for (row, from) in places.iter().enumerate() {
            let to_all = times.estimates_to(*from, &places, trip(TravelMode::Car));
            let from_all = times.estimates_from(&places, *from, trip(TravelMode::Car));
            for (column, to) in places.iter().enumerate() {
                let alone = times.estimate(*from, *to, trip(TravelMode::Car));
                assert_eq!(to_all[column], alone, "to many, {row} to {column}");
                assert_eq!(between[row][column], alone, "between all, {row} to {column}");
                let back = times.estimate(*to, *from, trip(TravelMode::Car));
                assert_eq!(from_all[column], back, "from many, {column} to {row}");
            }
        }
        let source = |row: usize, column: usize| between[row][column].map(|estimate| estimate.source);
        assert_eq!(source(0, 2), Some(TravelSource::Roads), "along the street");
        assert_eq!(source(0, 3), Some(TravelSource::StraightLine), "no road to the island: it says so");
        assert_eq!(source(4, 0), Some(TravelSource::StraightLine), "nor out of the fields");
    }
}

#[test]
fn only_cars_are_learnt_from_and_for() {
    let router = street();
    let modes = [TravelMode::Car, TravelMode::Foot].map(|mode| (mode, router.clone()));
    let learnt = RoadTimes::new(BTreeMap::from(modes)).with_speeds(crawled(&router), Tz::UTC);
    let of = |mode| learnt.estimate(grid(1).into(), grid(8).into(), trip(mode)).expect("a street");
    let walk = router.leg(grid(1), grid(8)).expect("a street");
    assert_eq!(of(TravelMode::Foot).duration_secs, walk.duration_secs, "a jam is nothing to who walks");
    assert_eq!(
        of(TravelMode::Bicycle).source,
        TravelSource::StraightLine,
        "no roads for bicycles: it says so"
    );
}

#[test]
fn a_large_matrix_is_about_as_right_as_a_small_one() {
    let router = monaco();
    let (mut model, who) = (SpeedModel::default(), ResourceId(Uuid::from_u128(1)));
    // A slow morning in town: routes that are driven at half speed.
    for n in 0..300_u64 {
        let Ok(route) = router.route(router.random_node(n * 7), router.random_node(n * 13 + 1)) else {
            continue;
        };
        let mut follower = Follower::default();
        for step in 0..(route.duration_secs / 5.0) as i64 {
            let point = route.position_at(step as f64 * 5.0);
            let sighting = Sighting {
                place: Place::heading(point.at, point.heading_deg),
                time: now() - TimeDelta::hours(5) + TimeDelta::seconds(step * 10),
            };
            if let Some(driven) = follower.follow(router, who, sighting) {
                model.learn(&driven, 7);
            }
        }
    }
    let pbf = router.graph().to_bytes();
    let own = Arc::new(Router::new(crate::RoadGraph::from_bytes(&pbf).expect("its own bytes")));
    let times = by_car(own).with_speeds(Arc::new(RwLock::new(Arc::new(model))), Tz::UTC);
    let places: Vec<Place> = (0..210).map(|n| router.random_node(n * 31).into()).collect();
    assert!(places.len() * places.len() > EXACT_PAIRS, "too many pairs to look at each");
    let all = times.estimates_between(&places, trip(TravelMode::Car));
    let few = times.estimates_between(&places[..20], trip(TravelMode::Car));
    let mut off: Vec<f64> = Vec::new();
    for (row, estimates) in few.iter().enumerate() {
        for (column, exact) in estimates.iter().enumerate() {
            let (exact, about) = (exact.expect("in town"), all[row][column].expect("in town"));
            if row != column && exact.duration_secs > 30.0 {
                off.push((about.duration_secs / exact.duration_secs - 1.0).abs());
            }
        }
    }
    off.sort_by(f64::total_cmp);
    assert!(off[off.len() / 2] < 0.1, "within a tenth for half of them, {} off", off[off.len() / 2]);
}

#[test]
fn roads_of_places_are_kept_but_not_for_ever() {
    let times = by_car(street());
    let stop = |n: u32| Place::from(grid(0).destination(90.0, f64::from(n) * 0.01));
    for n in 0..40_000 {
        times.estimate(grid(3).into(), stop(n), trip(TravelMode::Car));
    }
    let kept = times.snaps().len();
    assert!((8_192..=2 * 8_192).contains(&kept), "bounded, however many are asked for: {kept}");
    times.estimate(Place::heading(grid(3), 90.0), stop(1), trip(TravelMode::Car));
    let heading = times.snaps().kept(TravelMode::Car, Place::heading(grid(3), 90.0));
    assert!(heading.is_none(), "where somebody on the move was is not kept");
}
