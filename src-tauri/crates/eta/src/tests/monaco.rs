use super::TRIP;
use super::{dijkstra_ms, monaco};
use crate::{GreatCircle, Place, RouteError, TravelSource, TravelTimes};
use domain::LonLat;
use proptest::prelude::*;

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("test coordinate")
}

#[test]
fn the_demo_region_has_a_town_full_of_roads() {
    let graph = monaco().graph();
    assert!(graph.node_count() > 1_500, "junctions: {}", graph.node_count());
    assert!((100_000.0..500_000.0).contains(&graph.length_m()), "roads: {} m", graph.length_m());
    assert!(graph.main_node_count as usize * 100 > graph.node_count() * 85, "nearly all of it is one piece");
    assert!(graph.bounds().contains(at(7.4246, 43.7384)), "the palace lies inside");
}

#[test]
fn from_the_station_to_the_casino() {
    let (station, casino) = (at(7.4190, 43.7385), at(7.4280, 43.7395));
    let route = monaco().route(station, casino).expect("both in town");
    assert!(
        (700.0..3_500.0).contains(&route.distance_m),
        "about 1–2 km of streets, got {}",
        route.distance_m
    );
    assert!((60.0..600.0).contains(&route.duration_secs), "some minutes, got {}", route.duration_secs);
    let kmh = route.distance_m / route.duration_secs * 3.6;
    assert!((15.0..70.0).contains(&kmh), "town speed, got {kmh}");
    for pair in route.points.windows(2).zip(route.seconds.windows(2)) {
        let mps = pair.0[0].distance_m(pair.0[1]) / f64::from(pair.1[1] - pair.1[0]).max(1e-3);
        assert!(mps < 45.0 || pair.0[0].distance_m(pair.0[1]) < 1.0, "no vehicle jumps: {mps} m/s");
    }
}

#[test]
fn every_junction_is_on_its_road() {
    let router = monaco();
    for index in (0..router.graph().main_node_count as usize).step_by(7) {
        let node = router.node_at(index).expect("below the count");
        let snap = router.snap(node).expect("a junction is on a road");
        assert!(snap.distance_m < 0.5, "junction {index} is {} m off", snap.distance_m);
    }
    assert_eq!(router.node_at(router.node_count()), None, "after the last there is none");
}

#[test]
fn out_at_sea_there_is_an_estimate_and_no_road() {
    let (boat, port) = (at(7.46, 43.70), at(7.4246, 43.7350));
    assert!(
        matches!(monaco().route(boat, port), Err(RouteError::NotOnRoad { distance_m }) if distance_m > 1_000.0),
        "a boat"
    );
    let estimate = monaco().estimate(boat.into(), port.into(), TRIP).expect("near enough for a guess");
    assert_eq!(estimate.source, TravelSource::StraightLine, "labelled as a guess");
    assert_eq!(
        Some(estimate),
        GreatCircle.estimate(boat.into(), port.into(), TRIP),
        "the same guess as without roads"
    );
    assert_eq!(monaco().estimate(at(-0.1, 51.5).into(), port.into(), TRIP), None, "from London: unknown");
}

#[test]
fn one_to_many_is_the_same_as_one_by_one() {
    let router = monaco();
    let from = router.random_node(17);
    let mut targets: Vec<LonLat> = (0..50).map(|n| router.random_node(n * 7919)).collect();
    targets.push(at(7.46, 43.70));
    let legs = router.legs(from, &targets);
    assert_eq!(legs.len(), targets.len(), "an answer for each");
    for (leg, target) in legs.iter().zip(&targets) {
        assert_eq!(*leg, router.leg(from, *target), "the same to {target:?}");
    }
    assert!(legs[50].is_err(), "the boat is not on a road");
}

#[test]
fn many_threads_ask_one_router() {
    let router = monaco();
    let ask =
        |n: u64| router.leg(router.random_node(n), router.random_node(n * 31)).map(|leg| leg.duration_secs);
    let alone: Vec<_> = (0..200).map(ask).collect();
    let together: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..200).map(ask).collect::<Vec<_>>())).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(together.iter().all(|answers| *answers == alone), "searches don't disturb each other");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn as_fast_as_dijkstra_between_junctions(from in any::<u64>(), to in any::<u64>()) {
        let graph = monaco().graph();
        let count = u64::from(graph.main_node_count);
        let (from, to) = ((from % count) as u32, (to % count) as u32);
        let expected = dijkstra_ms(graph, from, to).expect("the main component is connected") as f64;
        let (start, end) = (graph.nodes[from as usize].lon_lat(), graph.nodes[to as usize].lon_lat());
        let at_junction = |at| crate::ends::junction(graph, &monaco().snap(at).expect("a junction is on a road"));
        // The map has different junctions at the same place.
        prop_assume!(at_junction(start) == Some(from) && at_junction(end) == Some(to));
        let leg = monaco().leg(start, end).expect("the main component is connected");
        let difference_ms = leg.duration_secs * 1000.0 - expected;
        prop_assert!(difference_ms.abs() < 2.0, "off by {} ms", difference_ms);
    }

    #[test]
    fn any_place_in_town_gets_a_plausible_drive(a in (7.40..7.44, 43.725..43.75), b in (7.40..7.44, 43.725..43.75), heading in 0.0..360.0) {
        let (from, to) = (at(a.0, a.1), at(b.0, b.1));
        if let Ok(route) = monaco().route(Place::heading(from, heading), to) {
            let (start, end) = (route.points[0], route.points[route.points.len() - 1]);
            prop_assert!(route.distance_m + 0.5 >= start.distance_m(end), "no road is shorter than the straight line");
            prop_assert!(route.duration_secs * 40.0 + 1.0 >= route.distance_m, "nobody drives 144 km/h");
            let half_way = route.position_at(route.duration_secs / 2.0);
            prop_assert!(half_way.at.distance_m(start) <= route.distance_m + 0.5, "half-way is on the way");
            prop_assert!(monaco().snap(half_way.at).expect("on a road").distance_m < 1.0, "and on a road");
        }
    }
}
