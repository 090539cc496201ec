//! Coasts as a chart would show them: bays, straits, islands, and extracts with faults.

use super::NoSea;
use super::drawing::{TileId, cutting, geometry};
use super::outline::{Frame, Ring, Shoreline, WorldPoint, area, is_sea};
use super::sea::Sea;
use super::shore::Shore;
use proptest::prelude::*;

/// The tests' area: the four tiles of zoom 12 around the middle of the world, in steps of 1000 from its north-west corner.
fn at(x: i32, y: i32) -> WorldPoint {
    let step = 2.0 / 4096.0 / 1000.0;
    WorldPoint { x: 0.5 + f64::from(x - 500) * step, y: 0.5 + f64::from(y - 500) * step }
}

fn line(points: &[(i32, i32)]) -> Vec<WorldPoint> {
    points.iter().map(|(x, y)| at(*x, *y)).collect()
}

fn open(points: &[(i32, i32)]) -> Shoreline {
    Shoreline::Open(line(points))
}

fn closed(points: &[(i32, i32)]) -> Shoreline {
    Shoreline::Closed(line(points))
}

/// Clockwise on the map: around water. Turned round: around land.
const SQUARE: [(i32, i32); 4] = [(400, 400), (600, 400), (600, 600), (400, 600)];

fn reversed(points: &[(i32, i32)]) -> Vec<(i32, i32)> {
    points.iter().rev().copied().collect()
}

/// A shore with an area slightly smaller than the four tiles, as extracts are.
fn shore(shorelines: Vec<Shoreline>, roads: &[(i32, i32)]) -> Shore {
    let degrees = 360.0 / 4096.0 * 0.98;
    Shore { bounds: Some([-degrees, -degrees, degrees, degrees]), shorelines, roads: line(roads) }
}

fn sea(shorelines: Vec<Shoreline>) -> Sea {
    Sea::of(&shore(shorelines, &[]), None, 12).expect("no doubt").expect("a coast")
}

fn is_wet(sea: &Sea, x: i32, y: i32) -> bool {
    is_sea(&sea.outlines, at(x, y))
}

#[test]
fn a_bay_is_sea_and_its_capes_are_land() {
    // From the west to the east with the land in the north, once in and out around a bay.
    let sea = sea(vec![open(&[(-9, 500), (400, 500), (400, 200), (600, 200), (600, 500), (1_009, 500)])]);
    assert!(is_wet(&sea, 500, 300), "the bay");
    assert!(is_wet(&sea, 10, 990) && is_wet(&sea, 990, 990), "the open sea up to the corners");
    assert!(!is_wet(&sea, 300, 300) && !is_wet(&sea, 700, 300), "the capes");
    assert!(!is_wet(&sea, 500, 100) && !is_wet(&sea, 10, 10), "the hinterland");
    assert!(sea.outlines.iter().all(|ring| area(ring) > 0.0), "outer rings go clockwise");
}

#[test]
fn the_sea_is_on_the_right_whichever_way_the_coast_runs() {
    let north_to_south = sea(vec![open(&[(500, -9), (500, 1_009)])]);
    assert!(is_wet(&north_to_south, 100, 500) && !is_wet(&north_to_south, 900, 500), "sea in the west");
    let south_to_north = sea(vec![open(&[(500, 1_009), (500, -9)])]);
    assert!(!is_wet(&south_to_north, 100, 500) && is_wet(&south_to_north, 900, 500), "sea in the east");
    let strait = sea(vec![open(&[(-9, 300), (1_009, 300)]), open(&[(1_009, 700), (-9, 700)])]);
    assert!(is_wet(&strait, 500, 500), "between two shores");
    assert!(!is_wet(&strait, 500, 100) && !is_wet(&strait, 500, 900), "both shores");
}

#[test]
fn islands_stand_out_of_the_sea() {
    let island = closed(&reversed(&SQUARE));
    let alone = sea(vec![island.clone()]);
    assert!(is_wet(&alone, 100, 100) && !is_wet(&alone, 500, 500), "around it nothing but sea");
    let coastal = sea(vec![open(&[(-9, 200), (1_009, 200)]), island]);
    assert!(is_wet(&coastal, 300, 500) && !is_wet(&coastal, 500, 500), "off the coast");
    let middle = geometry(&coastal.outlines, TileId { z: 11, x: 1_024, y: 1_024 }, 4_096);
    assert_eq!(
        middle.iter().filter(|command| **command == 15).count(),
        2,
        "the sea, and the island as its hole"
    );
    let lagoon = sea(vec![closed(&SQUARE)]);
    assert!(!is_wet(&lagoon, 100, 100) && is_wet(&lagoon, 500, 500), "a lagoon of the sea in the land");
    let cape = sea(vec![closed(&[(-100, 800), (500, 800), (500, 400), (-100, 400)])]);
    assert!(!is_wet(&cape, 100, 600) && is_wet(&cape, 600, 600), "an island over the edge is a cape here");
    let islet_on_land = sea(vec![open(&[(-9, 700), (1_009, 700)]), closed(&reversed(&SQUARE))]);
    assert!(
        !is_wet(&islet_on_land, 500, 500) && !is_wet(&islet_on_land, 300, 300),
        "a mistake floods nothing"
    );
}

#[test]
fn without_a_coast_there_is_no_sea() {
    assert_eq!(Sea::of(&shore(Vec::new(), &[(500, 500)]), None, 12), Ok(None), "inland");
    let far = vec![open(&[(5_000, 500), (6_000, 500)])];
    assert_eq!(Sea::of(&shore(far, &[(500, 500)]), None, 12), Ok(None), "a coast elsewhere");
    let nowhere = Shore { bounds: None, ..shore(vec![closed(&SQUARE)], &[]) };
    assert_eq!(Sea::of(&nowhere, None, 12), Err(NoSea::UnknownArea), "not known where the extract ends");
}

#[test]
fn a_coast_cut_at_the_border_goes_on_and_a_gap_leaves_the_sea_out() {
    let cut = sea(vec![open(&[(20, 500), (500, 480), (985, 500)])]);
    assert!(is_wet(&cut, 2, 505) && !is_wet(&cut, 2, 495), "straight on to the west");
    assert!(is_wet(&cut, 998, 505) && !is_wet(&cut, 998, 495), "straight on to the east");
    let refused = |shorelines| Sea::of(&shore(shorelines, &[]), None, 12).expect_err("in doubt");
    assert_eq!(refused(vec![open(&[(-9, 500), (500, 500)])]), NoSea::Gap, "ends in the midst");
    let against = vec![open(&[(-9, 300), (1_009, 300)]), open(&[(-9, 700), (1_009, 700)])];
    assert_eq!(refused(against), NoSea::Contradiction, "both shores have their sea in the south");
}

#[test]
fn streets_are_not_flooded() {
    let streets = [(100, 800), (500, 900), (900, 700), (500, 501), (300, 490)];
    let right = Sea::of(&shore(vec![open(&[(1_009, 500), (-9, 500)])], &streets), None, 12);
    assert!(matches!(right, Ok(Some(_))), "one bridge of five streets is fine: {right:?}");
    let wrong = Sea::of(&shore(vec![open(&[(-9, 500), (1_009, 500)])], &streets), None, 12);
    assert_eq!(wrong, Err(NoSea::RoadsInSea), "drawn the wrong way round, four of five would be in the sea");
}

#[test]
fn a_grid_too_coarse_for_the_sea_draws_nothing() {
    let lagoon = sea(vec![closed(&SQUARE)]);
    assert!(geometry(&lagoon.outlines, TileId { z: 0, x: 0, y: 0 }, 4_096).is_empty(), "less than a pixel");
    assert!(
        !geometry(&lagoon.outlines, TileId { z: 12, x: 2_048, y: 2_048 }, 4_096).is_empty(),
        "seen in its tile"
    );
}

proptest! {
    /// Whatever a ring and a frame look like, cutting keeps sea sea and land land.
    #[test]
    fn cutting_keeps_every_place(
        radii in proptest::collection::vec(50..480_i32, 5..40),
        (left, top, width, height) in (0..700_i32, 0..700_i32, 30..300_i32, 30..300_i32),
        is_island: bool,
        (right, down) in (0.01..0.99_f64, 0.01..0.99_f64),
    ) {
        let turn = std::f64::consts::TAU / radii.len() as f64;
        let mut ring: Ring = radii.iter().enumerate().map(|(index, radius)| {
            let (sin, cos) = (turn * index as f64).sin_cos();
            let reach = f64::from(*radius) * 2.0 / 4096.0 / 1000.0;
            WorldPoint { x: 0.5 + cos * reach, y: 0.5 + sin * reach }
        }).collect();
        let mut outlines = Vec::new();
        if is_island {
            ring.reverse();
            outlines.push(line(&[(0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000)]));
        }
        outlines.push(ring);
        let frame = Frame { min: at(left, top), max: at(left + width, top + height) };
        let place = WorldPoint { x: frame.min.x + right * frame.width(), y: frame.min.y + down * frame.height() };
        let inside = cutting(&outlines, &frame).expect("simple rings");
        prop_assert_eq!(is_sea(&outlines, place), is_sea(&inside, place), "outlines {:?} at {:?}", outlines, place);
    }
}
