//! What turns cost and where they are forbidden.

use super::{OPEN, Open, built, car_town, drawing, grid, street};
use crate::graph::Manner;
use crate::profile::{Passage, Profile, RoadClass};
use crate::restriction::{Member, Restriction, Sign, Via};
use crate::tags::Tags;
use crate::{Place, Router};
use domain::LonLat;

fn secs(router: &Router, from: impl Into<Place>, to: impl Into<Place>) -> f64 {
    router.route(from, to).expect("a way in town").duration_secs
}

fn near(id: i64, east_m: f64, north_m: f64) -> LonLat {
    grid(id).destination(90.0, east_m).destination(0.0, north_m)
}

/// A street 0–1–2, one to the north 1–11–21 and one to the south 11–1 doesn't reach; the block 1–2–12–11.
const BLOCK: [(&[i64], Open); 4] = [
    (&[10, 11], Open::Both),
    (&[11, 12, 13], Open::Both),
    (&[11, 21, 22, 12], Open::Both),
    (&[11, 1, 2, 12], Open::Both),
];

fn block(restrictions: &[Restriction]) -> Router {
    Router::new(car_town(&BLOCK, restrictions))
}

fn at_node(sign: Sign, from_way: i64, node: i64, to_way: i64) -> Restriction {
    Restriction { sign, from_way, via: Via::Node(node), to_way }
}

#[test]
fn straight_on_is_faster_than_a_turn_and_right_than_left() {
    let town = block(&[]);
    let from = near(10, 20.0, 0.0);
    let straight = secs(&town, from, near(11, 20.0, 0.0));
    let right = secs(&town, from, near(11, 0.0, -20.0));
    let left = secs(&town, from, near(11, 0.0, 20.0));
    assert!((straight - 10.05).abs() < 0.3, "100 m straight on, got {straight} s");
    assert!((2.0..6.0).contains(&(right - straight)), "a right turn slows down, got {right} s");
    assert!((2.0..6.0).contains(&(left - right)), "a left turn waits for the oncoming, got {left} s");
}

#[test]
fn a_forbidden_left_turn_is_driven_around() {
    let free = secs(&block(&[]), near(10, 50.0, 0.0), near(11, 0.0, 50.0));
    let town = block(&[at_node(Sign::No, 0, 11, 2)]);
    let signed = secs(&town, near(10, 50.0, 0.0), near(11, 0.0, 50.0));
    assert!(signed > free + 15.0, "not left, but around the block: {signed} s instead of {free} s");
    let other = secs(&town, near(12, -50.0, 0.0), near(11, 0.0, 50.0));
    assert!(other < free + 5.0, "the sign is for one street only: {other} s");
}

#[test]
fn only_straight_on_forbids_the_others() {
    let town = block(&[at_node(Sign::Only, 0, 11, 1)]);
    assert!((secs(&town, near(10, 50.0, 0.0), near(11, 50.0, 0.0)) - 10.05).abs() < 0.3, "straight on");
    for north_m in [50.0, -50.0] {
        let turned = secs(&town, near(10, 50.0, 0.0), near(11, 0.0, north_m));
        assert!(turned > 25.0, "neither left nor right: {turned} s");
    }
}

#[test]
fn a_sign_without_its_road_says_nothing() {
    let free = secs(&block(&[]), near(10, 50.0, 0.0), near(11, 0.0, 50.0));
    for lost in [at_node(Sign::Only, 0, 11, 99), at_node(Sign::No, 99, 11, 2), at_node(Sign::No, 0, 7_777, 2)]
    {
        assert_eq!(secs(&block(&[lost]), near(10, 50.0, 0.0), near(11, 0.0, 50.0)), free, "{lost:?}");
    }
}

#[test]
fn a_sign_over_a_road_counts_only_for_those_who_came_that_way() {
    // 0–1–2 with 11 above 1 and 12 above 2: from 11 over the piece 1–2 not back up to 12.
    let ways: [(&[i64], Open); 5] = [
        (&[0, 1], Open::Both),
        (&[1, 2], Open::Both),
        (&[2, 3, 13, 12], Open::Both),
        (&[21, 11, 1], Open::Both),
        (&[2, 12, 22], Open::Both),
    ];
    let sign = Restriction { sign: Sign::No, from_way: 3, via: Via::Way(1), to_way: 4 };
    let (free, town) = (Router::new(car_town(&ways, &[])), Router::new(car_town(&ways, &[sign])));
    let (north, goal) = (near(11, 0.0, -50.0), near(2, 0.0, 50.0));
    assert!(secs(&town, north, goal) > secs(&free, north, goal) + 15.0, "from the north one has to drive on");
    let west = near(0, 50.0, 0.0);
    assert_eq!(secs(&town, west, goal), secs(&free, west, goal), "from the west the turn is allowed");
    let on_it = near(1, 50.0, 0.0);
    assert_eq!(secs(&town, on_it, goal), secs(&free, on_it, goal), "who starts in between is free");
    assert!(
        (secs(&town, north, near(1, 60.0, 0.0)) - secs(&free, north, near(1, 60.0, 0.0))).abs() < 1e-9,
        "the piece itself is reached as ever"
    );
}

#[test]
fn one_turns_round_only_where_the_road_ends() {
    let ways: [(&[i64], Open); 2] = [(&[0, 1, 2, 3], Open::Both), (&[1, 11], Open::Both)];
    let town = Router::new(car_town(&ways, &[]));
    let east = Place::heading(near(1, 50.0, 0.0), 90.0);
    let back = secs(&town, east, near(0, 50.0, 0.0));
    assert!((27.0..33.0).contains(&back), "turning round in the street takes its time: {back} s");
    let around = secs(&town, near(0, 50.0, 0.0), near(0, 40.0, 0.0));
    assert!((around - 1.0).abs() < 0.1, "who stands may go either way: {around} s");
    let one_way: [(&[i64], Open); 2] = [(&[0, 1], Open::Forward), (&[1, 2, 12, 11, 10, 0], Open::Both)];
    let town = Router::new(car_town(&one_way, &[]));
    let behind = secs(&town, near(0, 60.0, 0.0), near(0, 40.0, 0.0));
    assert!(behind > 55.0, "not back against the arrow, but around: {behind} s");
}

#[test]
fn private_yards_are_no_short_cut() {
    let yard = Passage { manner: Manner { is_restricted: true, ..OPEN }, ..street(Open::Both) };
    let roads: [(&[i64], Passage); 2] =
        [(&[0, 10, 20, 21, 22, 12, 2], street(Open::Both)), (&[0, 1, 2], yard)];
    let town = Router::new(built(&drawing(Profile::Car, &roads, &[])));
    let through = town.route(near(10, 0.0, 50.0), near(12, 0.0, 50.0)).expect("a way");
    assert!(
        (through.distance_m - 300.0).abs() < 5.0,
        "around, not through the yard: {} m",
        through.distance_m
    );
    let into = town.route(near(10, 0.0, 50.0), near(1, 0.0, 0.0)).expect("a way");
    assert!(
        (into.distance_m - 250.0).abs() < 5.0,
        "who is expected in the yard drives in: {} m",
        into.distance_m
    );
    assert!(into.duration_secs < 60.0, "and its time is the time of driving: {} s", into.duration_secs);
}

#[test]
fn a_ferry_takes_as_long_as_its_timetable_says() {
    let line = |whole_secs| Passage {
        class: RoadClass::Ferry,
        manner: Manner { is_start: false, ..OPEN },
        whole_secs,
        ..street(Open::Both)
    };
    let crossing = |whole_secs| {
        let roads: [(&[i64], Passage); 3] =
            [(&[0, 1], street(Open::Both)), (&[1, 2, 3], line(whole_secs)), (&[3, 4], street(Open::Both))];
        Router::new(built(&drawing(Profile::Car, &roads, &[])))
    };
    let town = crossing(Some(300.0));
    let over = secs(&town, grid(0), grid(4));
    assert!((320.0..335.0).contains(&over), "5 minutes on the water, 20 s of streets, got {over} s");
    let snapped = town.snap(near(2, 0.0, 0.0)).expect("the pier");
    assert!((snapped.distance_m - 100.0).abs() < 2.0, "nobody starts on the water: {} m", snapped.distance_m);
    let absurd = secs(&crossing(Some(1.0)), grid(0), grid(4));
    assert!((35.0..60.0).contains(&absurd), "200 m in a second is not believed: {absurd} s");
}

fn read(tags: &[(&'static str, &'static str)], members: &[(&'static str, bool, i64)]) -> Option<Restriction> {
    let members = members.iter().map(|(role, is_way, id)| Member { role, is_way: *is_way, id: *id });
    Restriction::read(Profile::Car, &Tags::new(tags.iter().copied()), members)
}

#[test]
fn signs_are_read_from_relations() {
    let usual = [("from", true, 1), ("via", false, 2), ("to", true, 3)];
    let kind = ("type", "restriction");
    let left = Some(at_node(Sign::No, 1, 2, 3));
    assert_eq!(read(&[kind, ("restriction", "no_left_turn")], &usual), left, "for everyone");
    assert_eq!(read(&[kind, ("restriction:motorcar", "no_left_turn")], &usual), left, "for cars");
    assert_eq!(
        read(&[("type", "restriction:motor_vehicle"), ("restriction", "no_left_turn")], &usual),
        left,
        "old style"
    );
    let only = read(&[kind, ("restriction", "only_straight_on")], &usual);
    assert_eq!(only, Some(at_node(Sign::Only, 1, 2, 3)), "only");
    assert_eq!(
        read(&[kind, ("restriction", "no_entry"), ("except", "psv;motorcar")], &usual),
        None,
        "cars are excepted"
    );
    assert_eq!(read(&[kind, ("restriction:hgv", "no_left_turn")], &usual), None, "for lorries");
    assert_eq!(
        read(&[kind, ("restriction:conditional", "no_left_turn @ (07:00-09:00)")], &usual),
        None,
        "at some hours"
    );
    assert_eq!(read(&[("type", "route"), ("restriction", "no_left_turn")], &usual), None, "no restriction");
    let over = [("from", true, 1), ("via", true, 2), ("to", true, 3)];
    let expected = Restriction { sign: Sign::No, from_way: 1, via: Via::Way(2), to_way: 3 };
    assert_eq!(read(&[kind, ("restriction", "no_u_turn")], &over), Some(expected), "over a road");
    assert_eq!(read(&[kind, ("restriction", "no_u_turn")], &usual[..2]), None, "the end is missing");
}

#[test]
fn a_ring_without_an_exit_is_driven_both_ways() {
    let town = Router::new(car_town(&[(&[0, 10, 20, 21, 22, 12, 2, 1, 0], Open::Both)], &[]));
    let short = secs(&town, near(0, 30.0, 0.0), near(1, 30.0, 0.0));
    assert!((short - 10.1).abs() < 0.3, "100 m east, got {short} s");
    let back = secs(&town, near(1, 30.0, 0.0), near(0, 30.0, 0.0));
    assert!((back - 10.1).abs() < 0.3, "and 100 m west, got {back} s");
}
