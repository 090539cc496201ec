use super::{Open, built, dijkstra_ms, drawing, grid, street, town};
use crate::{Place, Profile, RouteError, Router};
use domain::LonLat;
use proptest::prelude::*;

fn secs(router: &Router, from: impl Into<Place>, to: impl Into<Place>) -> f64 {
    router.route(from, to).expect("a way in town").duration_secs
}

/// A point `east_m` and `north_m` metres from a grid node.
fn near(id: i64, east_m: f64, north_m: f64) -> LonLat {
    grid(id).destination(90.0, east_m).destination(0.0, north_m)
}

/// 0 – 1 – 2, with a block 1 – 11 – 12 – 2 above.
fn two_ways(direct: Open) -> Router {
    Router::new(town(&[(&[0, 1], Open::Both), (&[1, 2], direct), (&[1, 11, 12, 2], Open::Both)]))
}

#[test]
fn a_one_way_street_is_driven_one_way_only() {
    let both = two_ways(Open::Both);
    assert!((secs(&both, grid(2), grid(0)) - 20.2).abs() < 0.5, "straight back over 200 m");
    let one_way = two_ways(Open::Forward);
    assert!((secs(&one_way, grid(0), grid(2)) - 20.2).abs() < 0.5, "with the arrow nothing changes");
    assert!((secs(&one_way, grid(2), grid(0)) - 40.3).abs() < 0.5, "against it, around the block: 400 m");
    let reverse = two_ways(Open::Backward);
    assert!((secs(&reverse, grid(0), grid(2)) - 40.3).abs() < 0.5, "drawn against the arrow works as well");
}

#[test]
fn both_ends_on_the_same_road() {
    let router = two_ways(Open::Both);
    let route = router.route(near(0, 20.0, 3.0), near(0, 70.0, -3.0)).expect("50 m down the road");
    assert!(
        (route.distance_m - 50.0).abs() < 0.5,
        "only the part between counts, got {} m",
        route.distance_m
    );
    assert!((route.duration_secs - 5.0).abs() < 0.1, "5 s, got {}", route.duration_secs);
    let back = router.route(near(0, 70.0, 0.0), near(0, 20.0, 0.0)).expect("and back");
    assert!((back.duration_secs - 5.0).abs() < 0.1, "the same way back, got {}", back.duration_secs);
    let stay = router.route(near(0, 70.0, 0.0), near(0, 70.0, 0.0)).expect("already there");
    assert_eq!((stay.duration_secs, stay.points.len()), (0.0, 2), "no time, still a drawable shape");
}

#[test]
fn behind_oneself_on_a_one_way_road_means_around_the_block() {
    let router = two_ways(Open::Forward);
    let ahead = secs(&router, near(1, 20.0, 0.0), near(1, 80.0, 0.0));
    assert!((ahead - 6.0).abs() < 0.2, "60 m ahead, got {ahead} s");
    let behind = secs(&router, near(1, 80.0, 0.0), near(1, 20.0, 0.0));
    assert!((behind - 34.3).abs() < 0.5, "20 m to the corner, 300 m around, 20 m in; got {behind} s");
}

#[test]
fn a_loop_road_can_be_driven_around() {
    let router = Router::new(town(&[(&[0, 1], Open::Both), (&[1, 2, 12, 11, 1], Open::Forward)]));
    let to_12 = secs(&router, grid(1), near(12, -50.0, 0.0));
    assert!((to_12 - 25.2).abs() < 0.5, "250 m around the loop, got {to_12} s");
    let home = secs(&router, near(12, -50.0, 0.0), grid(1));
    assert!((home - 15.1).abs() < 0.5, "150 m on, never backwards; got {home} s");
}

#[test]
fn the_faster_of_two_roads_between_the_same_corners_is_taken() {
    let router = Router::new(town(&[(&[0, 1], Open::Both), (&[0, 10, 11, 1], Open::Both)]));
    assert!((secs(&router, grid(0), grid(1)) - 10.1).abs() < 0.2, "100 m direct instead of 300 m");
    let from_the_long_one = secs(&router, near(10, 50.0, 0.0), grid(1));
    assert!((from_the_long_one - 15.0).abs() < 0.3, "who is on the longer one starts on it");
}

#[test]
fn an_island_has_no_road_to_the_mainland() {
    let router = Router::new(town(&[(&[0, 1, 2, 3], Open::Both), (&[80, 81], Open::Both)]));
    assert_eq!(router.leg(grid(0), grid(80)), Err(RouteError::NoRoute), "no bridge");
    assert!(router.leg(grid(80), grid(81)).is_ok(), "on the island one can drive");
    let on_mainland = |random| grid(0).distance_m(router.random_node(random)) < 400.0;
    assert!((0..20).all(on_mainland), "a random walk stays on the largest part");
}

#[test]
fn who_stands_beside_a_cut_off_yard_means_the_street() {
    // The yard 21–22 lies 100 m north of the street 1…4 and isn't connected.
    let router = Router::new(town(&[(&[1, 2, 3, 4], Open::Both), (&[12, 13], Open::Both)]));
    let leg = router.leg(near(12, 30.0, 20.0), grid(4)).expect("the street is 120 m away");
    assert!((leg.distance_m - 170.0).abs() < 3.0, "from the street below the yard, got {} m", leg.distance_m);
}

#[test]
fn far_from_any_road_is_said_with_the_distance() {
    let router = two_ways(Open::Both);
    let field = near(0, 0.0, -1_000.0);
    match router.route(field, grid(2)) {
        Err(RouteError::NotOnRoad { distance_m }) => {
            assert!((distance_m - 1_000.0).abs() < 5.0, "{distance_m} m off")
        }
        other => panic!("1 km into the fields is not on a road: {other:?}"),
    }
    assert!(router.snap(near(0, 0.0, -240.0)).is_ok(), "240 m is still taken as the road");
    assert!(router.snap(near(0, 0.0, -260.0)).is_err(), "260 m is not");
}

#[test]
fn the_heading_chooses_the_carriageway() {
    // Two parallel one-way roads 100 m apart, tied together at the ends.
    let router = Router::new(town(&[
        (&[0, 1, 2], Open::Forward),
        (&[10, 11, 12], Open::Backward),
        (&[0, 10], Open::Both),
        (&[2, 12], Open::Both),
    ]));
    let between = near(1, 0.0, 45.0);
    let lat = |place: Place| router.snap(place).expect("near both roads").at.lat();
    assert!((lat(between.into()) - grid(1).lat()).abs() < 1e-6, "without a heading the nearer one");
    assert!((lat(Place::heading(between, 90.0)) - grid(1).lat()).abs() < 1e-6, "eastbound: the southern one");
    assert!(
        (lat(Place::heading(between, 270.0)) - grid(11).lat()).abs() < 1e-6,
        "westbound: the northern one"
    );
    assert!(router.snap(Place::heading(between, f64::NAN)).is_ok(), "a broken compass is no heading");
}

#[test]
fn a_vehicle_moves_along_its_route() {
    let router = two_ways(Open::Both);
    let route = router.route(grid(0), grid(12)).expect("around the corner");
    assert_eq!(route.points.len(), route.seconds.len(), "a time for each point");
    assert!(route.seconds.windows(2).all(|pair| pair[0] <= pair[1]), "time never runs back");
    assert!(
        (f64::from(route.seconds[route.seconds.len() - 1]) - route.duration_secs).abs() < 0.01,
        "ends on time"
    );
    let early = route.position_at(5.0);
    assert!((early.at.distance_m(grid(0)) - 50.0).abs() < 1.5, "50 m after 5 s");
    assert!(
        (early.heading_deg - 90.0).abs() < 1.0 && (early.speed_mps - 10.0).abs() < 0.3,
        "east at 36 km/h: {early:?}"
    );
    assert!(route.position_at(-3.0).at.distance_m(grid(0)) < 0.1, "before the start: at the start");
    let parked = route.position_at(1e6);
    assert!(parked.at.distance_m(grid(12)) < 0.1 && parked.speed_mps == 0.0, "afterwards: parked at the end");
}

#[test]
fn a_bollard_and_a_gap_in_the_extract_can_not_be_passed() {
    let both = street(Open::Both);
    let mut town =
        drawing(Profile::Foot, &[(&[0, 1, 2, 3, 4], both), (&[0, 10, 11, 12, 13, 14, 4], both)], &[]);
    let open = Router::new(built(&town));
    assert!((secs(&open, grid(1), grid(3)) - 20.2).abs() < 0.5, "straight through");
    let two = town.table.index_of(2).expect("node 2");
    town.table.stops[two].is_blocked = true;
    let blocked = Router::new(built(&town));
    assert!((secs(&blocked, grid(1), grid(3)) - 80.6).abs() < 1.0, "back and around past the bollard");
    town.table.at[two] = None;
    let cut = Router::new(built(&town));
    assert!(cut.snap(grid(2)).expect("the street beyond").distance_m > 50.0, "the missing piece is no road");
}

fn drawn_way() -> impl Strategy<Value = (Vec<i64>, Open)> {
    let step = prop_oneof![Just(1_i64), Just(-1), Just(10), Just(-10), Just(11)];
    let open = prop_oneof![3 => Just(Open::Both), 1 => Just(Open::Forward), 1 => Just(Open::Backward)];
    (0_i64..80, proptest::collection::vec(step, 1..9), open).prop_map(|(start, steps, open)| {
        let mut refs = vec![start];
        for step in steps {
            let here = refs[refs.len() - 1];
            let next = here + step;
            // Steps over the edge of the grid would cross other streets without a junction.
            if (0..90).contains(&next) && (next.rem_euclid(10) - here.rem_euclid(10)).abs() <= 1 {
                refs.push(next);
            }
        }
        (refs, open)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn the_router_finds_what_dijkstra_finds(ways in proptest::collection::vec(drawn_way(), 8..40), pairs in proptest::collection::vec((0_usize..500, 0_usize..500), 20)) {
        let mut ways: Vec<(&[i64], Open)> = ways.iter().map(|(refs, open)| (refs.as_slice(), *open)).collect();
        ways.push((&[0, 1, 2], Open::Both));
        let router = Router::new(town(&ways));
        let graph = router.graph();
        for (from, to) in pairs {
            let (from, to) = (from % graph.node_count(), to % graph.node_count());
            let (start, end) = (graph.nodes[from].lon_lat(), graph.nodes[to].lon_lat());
            let expected = dijkstra_ms(graph, from as u32, to as u32);
            if router.snap(start).expect("a road").component != router.snap(end).expect("a road").component {
                continue;
            }
            let leg = router.leg(start, end).expect("same component");
            let expected = expected.expect("same component") as f64 / 1000.0;
            prop_assert!((leg.duration_secs - expected).abs() < 0.002, "{} → {}: {} s, not {} s", from, to, leg.duration_secs, expected);
            let route = router.route(start, end).expect("same component");
            prop_assert!((route.duration_secs - leg.duration_secs).abs() < 1e-9, "with and without shape");
            prop_assert!((route.distance_m - leg.distance_m).abs() < 0.1 + leg.distance_m * 1e-4, "same length");
            prop_assert!((route.points[0].distance_m(start) < 1.0) && route.points[route.points.len() - 1].distance_m(end) < 1.0, "from door to door");
        }
    }
}
