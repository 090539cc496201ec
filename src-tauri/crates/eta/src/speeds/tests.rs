use super::*;
use crate::tests::{Open, car_town, grid, monaco};
use crate::{Place, Router};
use chrono::TimeDelta;
use domain::{LonLat, ResourceId};
use proptest::prelude::*;
use uuid::Uuid;

const ANA: ResourceId = ResourceId(Uuid::from_u128(1));

fn at(secs: i64) -> DateTime<Utc> {
    "2026-11-23T07:00:00Z".parse::<DateTime<Utc>>().expect("time") + TimeDelta::seconds(secs)
}

/// A residential street of 900 m with two side streets, usually driven at 10 m/s, and an island.
fn street() -> Router {
    Router::new(car_town(
        &[
            (&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Open::Both),
            (&[3, 13], Open::Both),
            (&[6, 16], Open::Both),
            (&[80, 81], Open::Both),
        ],
        &[],
    ))
}

/// Eastwards along the street, so many metres from its beginning.
fn east(metres: f64) -> Place {
    Place::heading(grid(0).destination(90.0, metres), 90.0)
}

fn see(follower: &mut Follower, router: &Router, place: Place, secs: i64) -> Option<Driven> {
    follower.follow(router, ANA, Sighting { place, time: at(secs) })
}

/// A drive along the whole street at so many m/s, a fix every 10 s; answers what could be told from each pair of fixes.
fn drive(router: &Router, mps: f64) -> Vec<Driven> {
    let mut follower = Follower::default();
    let step = |n: i64| see(&mut follower, router, east(20.0 + mps * 10.0 * n as f64), 10 * n);
    (0..=(860.0 / (mps * 10.0)) as i64).filter_map(step).collect()
}

/// A model of someone who has driven the street so often at so many m/s in this hour.
fn after_drives(router: &Router, mps: f64, hour: usize, times: usize) -> SpeedModel {
    let mut model = SpeedModel::default();
    let drives = drive(router, mps);
    for _ in 0..times {
        drives.iter().for_each(|driven| model.learn(driven, hour));
    }
    model
}

fn residential(model: &SpeedModel, hour: usize) -> f64 {
    model.factors(hour).of(RoadClass::Residential)
}

#[test]
fn from_fix_to_fix_it_is_told_what_was_driven() {
    let driven = drive(&street(), 5.0);
    assert!(driven.len() >= 15, "every pair of fixes tells something, got {}", driven.len());
    for leg in &driven {
        assert!((leg.secs - 10.0).abs() < 0.01, "ten seconds between two fixes, got {}", leg.secs);
        assert!((leg.drive.leg.distance_m - 50.0).abs() < 2.0, "50 m: {}", leg.drive.leg.distance_m);
        let usual: f64 = leg.drive.stretches.iter().map(|stretch| stretch.usual_secs).sum();
        assert!((usual - 5.0).abs() < 0.3, "5 s at the usual 10 m/s, got {usual}");
    }
}

#[test]
fn who_always_needs_twice_as_long_is_expected_to() {
    let router = street();
    assert_eq!(residential(&SpeedModel::default(), 8), 1.0, "nothing learnt: the usual times");
    let once = residential(&after_drives(&router, 5.0, 8, 1), 8);
    assert!((1.0..1.3).contains(&once), "one drive of a kilometre moves little: {once}");
    let often = residential(&after_drives(&router, 5.0, 8, 100), 8);
    assert!((1.85..=2.01).contains(&often), "a hundred drives are believed: {often}");
}

#[test]
fn an_hour_without_drives_leans_on_those_beside_it_and_they_on_the_day() {
    let router = street();
    let mut model = after_drives(&router, 5.0, 8, 20);
    model.merge(&after_drives(&router, 10.0, 14, 20));
    let [own, beside, far, other] = [8, 9, 21, 14].map(|hour| residential(&model, hour));
    assert!(own > beside, "its own drives count most: {own} and {beside}");
    assert!(beside > far, "then those of the hour beside: {beside} and {far}");
    assert!(far > other && far > 1.1, "then the whole day: {far}, and {other} where it is quick");
    let primary = model.factors(8).of(RoadClass::Primary);
    assert!(primary > 1.1 && primary <= far, "a class nobody drove leans on all the others: {primary}");
}

#[test]
fn waiting_counts_and_parking_does_not() {
    let router = street();
    let mut follower = Follower::default();
    let wait = |follower: &mut Follower, secs: i64| {
        see(follower, &router, east(100.0), 0);
        (1..=secs / 10)
            .for_each(|n| assert!(see(follower, &router, east(101.0), 10 * n).is_none(), "stands"));
        see(follower, &router, east(150.0), secs + 5).map(|driven| driven.secs)
    };
    assert_eq!(wait(&mut follower, 60), Some(65.0), "a minute at a red light is part of the drive");
    follower.forget(ANA);
    assert_eq!(wait(&mut follower, 600), Some(5.0), "ten minutes are a stop: it counts from when it ends");
}

#[test]
fn what_may_be_something_else_is_not_learnt() {
    let router = street();
    let after = |place: Place, secs: i64| {
        let mut follower = Follower::default();
        see(&mut follower, &router, east(100.0), 0);
        see(&mut follower, &router, place, secs)
    };
    assert!(after(east(200.0), 10).is_some(), "100 m in 10 s are a drive");
    assert!(after(east(200.0), 90).is_none(), "a gap of a minute and a half hides anything");
    assert!(after(east(880.0), 5).is_none(), "780 m in 5 s are a jump");
    assert!(after(east(200.0), 0).is_none(), "no time has passed");
    assert!(after(east(200.0), -10).is_none(), "a fix that comes late is no news");
    let beside = Place::from(east(200.0).at.destination(0.0, 60.0));
    assert!(after(beside, 10).is_none(), "60 m beside every road");
    let far = Place::from(east(200.0).at.destination(180.0, 5_000.0));
    assert!(after(far, 30).is_none(), "out in the fields");
    assert!(after(grid(80).into(), 30).is_none(), "no road leads to the island");
    let back = Place::heading(east(20.0).at, 270.0);
    assert!(after(back, 10).is_none(), "who came back has turned round somewhere in between");
}

#[test]
fn nobody_is_remembered_longer_than_allowed() {
    let router = street();
    let mut follower = Follower::default();
    see(&mut follower, &router, east(100.0), 0);
    assert_eq!(follower.known().collect::<Vec<_>>(), [ANA], "the last fix is known");
    follower.forget(ANA);
    assert_eq!(follower.known().count(), 0, "forgotten at once");
    assert!(see(&mut follower, &router, east(200.0), 10).is_none(), "and nothing is told from before");
    follower.forget_before(at(10));
    assert_eq!(follower.known().count(), 1, "still new");
    follower.forget_before(at(11));
    assert_eq!(follower.known().count(), 0, "old fixes go by themselves");
}

#[test]
fn a_jam_is_known_where_it_is_and_is_over_soon() {
    let router = street();
    let mut model = SpeedModel::default();
    for driven in drive(&router, 10.0) {
        let yesterday = Driven { ended: driven.ended - TimeDelta::days(1), ..driven };
        (0..100).for_each(|_| model.learn(&yesterday, 8));
    }
    let snap = |metres| router.snap(east(metres)).expect("on the street");
    let way = |from, to| router.drive_between(&snap(from), &snap(to)).expect("along the street");
    let (there, elsewhere) = (way(10.0, 90.0), way(610.0, 690.0));
    let mut follower = Follower::default();
    // 80 m at 2 m/s, some cars after each other.
    for _ in 0..5 {
        for n in 0..=2 {
            if let Some(driven) = see(&mut follower, &router, east(10.0 + 40.0 * n as f64), 20 * n) {
                model.learn(&driven, 8);
            }
        }
        follower.forget(ANA);
    }
    let secs = |drive: &Drive, later: i64| model.expect(8, at(40 + later)).secs(drive);
    assert!(secs(&there, 0) > 2.0 * secs(&elsewhere, 0), "it takes longer there, and only there");
    assert!(secs(&there, 3_600) < 0.6 * secs(&there, 0), "in an hour most of it is over");
    assert!(
        (secs(&there, 36_000) - secs(&elsewhere, 36_000)).abs() < 0.5,
        "in ten hours nobody speaks of it"
    );
}

#[test]
fn absurd_times_stay_within_what_is_believable() {
    let router = street();
    let driven = drive(&router, 5.0).remove(0);
    for (secs, what) in
        [(1e12, "forever"), (1e-6, "in no time"), (f64::NAN, "not a number"), (-5.0, "backwards")]
    {
        let mut model = SpeedModel::default();
        (0..10_000).for_each(|_| model.learn(&Driven { secs, ..driven.clone() }, 8));
        let factor = residential(&model, 8);
        assert!((BELIEVABLE.0..=BELIEVABLE.1).contains(&factor), "driven {what}: {factor}");
        let expected = model.expect(8, at(0)).secs(&driven.drive);
        assert!(expected.is_finite() && (0.0..200.0).contains(&expected), "driven {what}: {expected} s");
    }
}

#[test]
fn people_see_what_was_learnt_and_from_how_much() {
    let model = after_drives(&street(), 5.0, 8, 20);
    let classes = model.classes();
    assert_eq!(classes.len(), 1, "only what was driven is told");
    let street = &classes[0];
    assert!((15.0..18.0).contains(&street.km), "20 drives of 850 m, got {} km", street.km);
    assert!((street.usual_kmh - 36.0).abs() < 1.5, "as the map says: {} km/h", street.usual_kmh);
    let learnt = street.kmh[8].expect("more than 5 km in this hour");
    assert!((18.0..25.0).contains(&learnt), "on the way from 36 to 18 km/h: {learnt}");
    assert_eq!(street.kmh[9], None, "nobody drove at nine: the figure is not its own");
    assert_eq!(model.since(), Some(at(10)), "since the first drive");
}

#[test]
fn what_is_kept_comes_back_and_what_was_tampered_with_does_not() {
    let model = after_drives(&street(), 5.0, 8, 20);
    let text = serde_json::to_string(&model).expect("plain figures");
    let again: SpeedModel = serde_json::from_str(&text).expect("its own text");
    assert_eq!(again.factors(8), model.factors(8), "the same factors");
    assert_eq!((again.km(), again.since()), (model.km(), model.since()), "from the same drives");
    assert_eq!(again.now, Now::default(), "how it went just then is not written down");
    for (part, by) in [
        ("\"version\":1", "\"version\":2"),
        ("\"hour\":8", "\"hour\":24"),
        ("\"usual_secs\":", "\"usual_secs\":-"),
        ("\"driven_secs\":", "\"driven_secs\":1e300,\"x\":"),
        ("\"Residential\"", "\"Sky\""),
    ] {
        assert!(text.contains(part), "the text has {part}");
        let tampered = text.replacen(part, by, 1);
        assert!(serde_json::from_str::<SpeedModel>(&tampered).is_err(), "{part} → {by} is refused");
    }
}

#[test]
fn two_desks_know_together_what_each_has_learnt() {
    let router = street();
    let (mut one, other) = (after_drives(&router, 5.0, 8, 10), after_drives(&router, 5.0, 8, 30));
    one.merge(&other);
    let both = after_drives(&router, 5.0, 8, 40);
    assert!((residential(&one, 8) - residential(&both, 8)).abs() < 0.02, "as if one had driven it all");
    assert!((one.km() - both.km()).abs() < 0.01, "and all the kilometres");
}

#[test]
fn the_newest_years_count() {
    let router = street();
    let mut model = after_drives(&router, 5.0, 8, 4_000);
    assert!(residential(&model, 8) > 1.9, "a slow street for long");
    let quick = drive(&router, 10.0);
    (0..8_000).for_each(|_| quick.iter().for_each(|driven| model.learn(driven, 8)));
    assert!(residential(&model, 8) < 1.3, "rebuilt, it is quick: {}", residential(&model, 8));
}

#[test]
fn hours_are_those_of_the_clocks_there() {
    let summer = "2026-07-01T22:30:00Z".parse().expect("time");
    assert_eq!(local_hour(summer, chrono_tz::Europe::Oslo), 0, "half past midnight in Oslo");
    assert_eq!(local_hour(summer, chrono_tz::Tz::UTC), 22, "and half past ten in the evening at sea");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn whatever_fixes_come_figures_stay_believable(fixes in proptest::collection::vec((any::<u64>(), -30_i64..200, proptest::option::of(0.0..360.0), 0_u128..3), 1..80)) {
        let (mut follower, mut model, mut secs) = (Follower::default(), SpeedModel::default(), 0);
        let mut here = monaco().random_node(1);
        for (random, step_secs, heading, who) in fixes {
            secs += step_secs;
            here = if random % 7 == 0 { monaco().random_node(random) } else { here.destination((random % 360) as f64, (random % 300) as f64) };
            let place = Place { at: here, heading_deg: heading };
            let sighting = Sighting { place, time: at(secs) };
            if let Some(driven) = follower.follow(monaco(), ResourceId(Uuid::from_u128(who)), sighting) {
                prop_assert!(driven.drive.leg.distance_m / driven.secs <= 70.0, "nobody flies: {:?}", driven);
                model.learn(&driven, (random % 24) as usize);
            }
        }
        let (from, to): (LonLat, LonLat) = (monaco().random_node(3), monaco().random_node(77));
        let snap = |at| monaco().snap(at).expect("a junction");
        let drive = monaco().drive_between(&snap(from), &snap(to)).expect("connected");
        let usual: f64 = drive.leg.duration_secs;
        for hour in 0..HOURS {
            let expected = model.expect(hour, at(secs)).secs(&drive);
            prop_assert!(expected >= usual * 0.29 && expected <= usual * 20.1, "{} s, usually {}", expected, usual);
        }
    }
}
