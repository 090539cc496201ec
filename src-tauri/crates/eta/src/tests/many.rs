use super::TRIP;
use super::{Open, car_town, grid, monaco};
use crate::{Leg, Place, Router, Snap, TravelSource, TravelTimes};
use domain::LonLat;
use proptest::prelude::*;

/// A place about in the middle of the roads of Monaco.
fn somewhere(number: u64) -> LonLat {
    let (a, b) = (monaco().random_node(number), monaco().random_node(number.wrapping_mul(0x9E37_79B9)));
    a.destination(a.bearing_deg(b), (number % 60) as f64)
}

fn snaps(numbers: impl Iterator<Item = u64>) -> Vec<Snap> {
    numbers.filter_map(|number| monaco().snap_main(somewhere(number)).ok()).collect()
}

fn is_same(one: Option<Leg>, other: Option<Leg>) -> bool {
    match (one, other) {
        // Of two ways of the same weight either may be found: their times can differ, not their order.
        (Some(one), Some(other)) => {
            (one.duration_secs - other.duration_secs).abs() <= 0.02 * one.duration_secs.max(1.0)
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[test]
fn a_matrix_is_the_same_as_pair_by_pair() {
    let (from, to) = (snaps((0..60).map(|n| n * 7_919)), snaps((0..70).map(|n| n * 104_729 + 3)));
    let matrix = monaco().matrix(&from, &to);
    assert_eq!(matrix.size(), (from.len(), to.len()), "a row for each start, a column for each end");
    let mut exact = 0;
    for (row, start) in from.iter().enumerate() {
        let legs = monaco().one_to_many(start, &to);
        for (column, end) in to.iter().enumerate() {
            let alone = monaco().leg_between(start, end).ok();
            let pair = matrix.leg(row, column);
            assert!(is_same(pair, alone), "row {row} column {column}: {pair:?} and alone {alone:?}");
            assert!(
                is_same(legs[column], alone),
                "one to many, column {column}: {:?}, {alone:?}",
                legs[column]
            );
            exact += usize::from(pair == alone && legs[column] == alone);
        }
    }
    assert!(exact * 1_000 >= from.len() * to.len() * 995, "ways of the same weight are rare: {exact} exact");
    assert_eq!(matrix.leg(from.len(), 0), None, "there is no such start");
    assert_eq!(matrix.leg(0, to.len()), None, "nor such an end");
}

#[test]
fn many_to_one_is_the_same_as_one_by_one() {
    let (from, to) = (snaps((0..80).map(|n| n * 611_953)), snaps(std::iter::once(42)));
    let legs = monaco().many_to_one(&from, &to[0]);
    for (start, leg) in from.iter().zip(&legs) {
        assert!(is_same(*leg, monaco().leg_between(start, &to[0]).ok()), "from {start:?}");
    }
}

#[test]
fn no_places_give_no_answers() {
    let one = snaps(std::iter::once(1));
    assert_eq!(monaco().matrix(&[], &one).size(), (0, 1), "no starts");
    assert_eq!(monaco().matrix(&one, &[]).leg(0, 0), None, "no ends");
    assert!(monaco().one_to_many(&one[0], &[]).is_empty(), "nowhere to go");
}

#[test]
fn islands_have_no_way_in_a_matrix_and_a_label_in_estimates() {
    let router = Router::new(car_town(&[(&[0, 1, 2, 3], Open::Both), (&[80, 81], Open::Both)], &[]));
    let snap = |id| router.snap(grid(id)).expect("on a road");
    let all = [snap(0), snap(3), snap(80), snap(81)];
    let matrix = router.matrix(&all, &all);
    for (row, start) in all.iter().enumerate() {
        for (column, end) in all.iter().enumerate() {
            let connected = start.is_on_main() == end.is_on_main();
            assert_eq!(matrix.leg(row, column).is_some(), connected, "from {row} to {column}");
        }
    }
    let estimates = router.estimates_to(grid(0).into(), &[grid(3).into(), grid(80).into()], TRIP);
    let quality = |index: usize| estimates[index].map(|estimate| estimate.source);
    assert_eq!(quality(0), Some(TravelSource::Roads), "along the street");
    assert_eq!(quality(1), Some(TravelSource::StraightLine), "to the island: a guess that says so");
}

#[test]
fn a_stop_beside_an_island_is_put_on_the_mainland() {
    let ways: [(&[i64], Open); 2] = [(&[1, 2, 3, 4], Open::Both), (&[12, 13], Open::Both)];
    let router = Router::new(car_town(&ways, &[]));
    let beside = grid(12).destination(90.0, 30.0).destination(0.0, 20.0);
    assert!(!router.snap(beside).expect("the yard is nearest").is_on_main(), "the yard is an island");
    assert!(router.snap_main(beside).expect("120 m off").is_on_main(), "the street is meant");
    let far = router.snap_main(grid(12).destination(0.0, 200.0)).expect("the yard is in reach");
    assert!(!far.is_on_main(), "where only the island is near, it is taken, and labelled");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn batches_of_estimates_are_the_same_as_single_ones(from in any::<u64>(), to in proptest::collection::vec(any::<u64>(), 1..20), heading in proptest::option::of(0.0..360.0)) {
        let from = Place { at: somewhere(from), heading_deg: heading };
        let to: Vec<Place> = to.into_iter().map(|number| somewhere(number).into()).collect();
        let (out, back) = (monaco().estimates_to(from, &to, TRIP), monaco().estimates_from(&to, from, TRIP));
        for (index, place) in to.iter().enumerate() {
            for (batch, single) in [(out[index], monaco().estimate(from, *place, TRIP)), (back[index], monaco().estimate(*place, from, TRIP))] {
                let (batch, single) = (batch.expect("in town"), single.expect("in town"));
                prop_assert_eq!(batch.source, single.source, "the same label");
                prop_assert!((batch.duration_secs - single.duration_secs).abs() <= 0.02 * single.duration_secs.max(1.0), "{:?} and {:?}", batch, single);
            }
        }
    }
}
