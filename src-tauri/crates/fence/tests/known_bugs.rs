//! Bugs that other products have or had, each by its number in their tracker, and two wishes that theirs left open.

mod depot;

use chrono::TimeDelta;
use domain::place::{Fence, FenceShape, PolygonArea};
use domain::position::Fix;
use domain::{LonLat, PoiId};
use fence::{EventKind, FenceEngine, FenceEvent, Settings, Verdict};
use uuid::Uuid;

use depot::*;

/// Traccar #2189: a vehicle parked at the border flaps between inside and outside.
#[test]
fn traccar_2189_no_flapping_at_the_border() {
    let mut engine = engine(circle(100.0));
    let wobble = [-30.0, 12.0, -4.0, 25.0, -18.0, 7.0, -40.0, 30.0, 3.0, -9.0, 22.0, -26.0];
    let parked: Vec<Fix> = (0..2_000).map(|i| fix(i * 10, 100.0 + wobble[i as usize % 12])).collect();
    let events = feed(&mut engine, &[&[fix(-60, 900.0)], parked.as_slice()].concat());
    assert!(events.len() <= 1, "at most one entry, never in and out: {:?}", kinds(&events));
}

/// Traccar #2264: a fix stamped in the future froze the device for good.
#[test]
fn traccar_2264_a_future_fix_does_not_freeze_the_device() {
    let mut engine = engine(circle(100.0));
    let from_the_future = Fix { fix_time: time(0) + TimeDelta::days(400), ..fix(0, 5_000.0) };
    assert!(engine.on_fix(ANA, TEAM, &from_the_future, time(0)).is_empty(), "its clock is wrong");
    assert_eq!(kinds(&feed(&mut engine, &arrival())), [EventKind::Entered], "later fixes count");
    let a_little_ahead = Fix { fix_time: time(150), ..fix(0, 10.0) };
    engine.on_fix(ANA, TEAM, &a_little_ahead, time(61));
    let went = feed(&mut engine, &[fix(70, 300.0), fix(100, 300.0), fix(135, 300.0)]);
    assert!(went.iter().any(|event| event.kind == EventKind::Left), "nor does one that is a minute ahead");
}

/// Traccar #3779: an event is missed when the fixes arrive in another order than they were taken.
#[test]
fn traccar_3779_no_event_is_missed_when_fixes_overtake_each_other() {
    let mut engine = engine(circle(100.0));
    let shuffled = [fix(0, 900.0), fix(30, 600.0), fix(60, 10.0), fix(45, 20.0), fix(78, 10.0)];
    let arrive = |fix: &Fix| engine.on_fix(ANA, TEAM, fix, time(80));
    let came: Vec<FenceEvent> = shuffled.iter().flat_map(arrive).collect();
    assert_eq!(kinds(&came), [EventKind::Entered], "the overtaken fix is part of the run");
    assert_eq!(came[0].event_time, time(45), "and its beginning");
}

/// Home Assistant #175663: somebody between two zones 72 m apart flaps from one to the other.
#[test]
fn home_assistant_175663_between_two_zones_nobody_flaps() {
    let office = PoiId(Uuid::from_u128(4));
    let shape = FenceShape::Circle { center: depot().destination(90.0, 72.0), radius_m: 30.0 };
    let mut engine = FenceEngine::new();
    let both = [(DEPOT, circle(30.0)), (office, Fence { shape, ..circle(30.0) })];
    assert!(engine.set_fences(both).is_empty(), "both shapes are fine");
    let swing = [20.0, 52.0, 36.0, 25.0, 47.0, 36.0, 60.0, 12.0];
    let fixes: Vec<Fix> = (0..1_000)
        .map(|i| Fix { accuracy_m: Some(15.0), ..fix(i * 20, swing[i as usize % swing.len()]) })
        .collect();
    let events = feed(&mut engine, &[&[fix(-60, 900.0)], fixes.as_slice()].concat());
    assert!(events.is_empty(), "neither zone is certain: {:?}", kinds(&events));
}

/// Home Assistant #110027: poor accuracy pulled a person in from three miles away.
#[test]
fn home_assistant_110027_poor_accuracy_pulls_nobody_in() {
    let mut engine = engine(circle(100.0));
    let vague = |secs, metres| Fix { accuracy_m: Some(5_000.0), ..fix(secs, metres) };
    let far: Vec<Fix> = (1..20).map(|i| vague(i * 30, if i % 2 == 0 { 0.0 } else { 4_800.0 })).collect();
    let events = feed(&mut engine, &[&[fix(0, 4_800.0)], far.as_slice()].concat());
    assert!(events.is_empty(), "an error circle of miles says nothing");
    assert_eq!(engine.inside(ANA).count(), 0, "nobody is in");
}

/// Home Assistant #110439: re-entered while leaving.
#[test]
fn home_assistant_110439_leaving_does_not_enter_again() {
    let mut engine = engine(circle(100.0));
    feed(&mut engine, &arrival());
    let drive: Vec<Fix> = (0..30).map(|i| fix(100 + i * 5, 60.0 + i as f64 * 12.0)).collect();
    assert_eq!(kinds(&feed(&mut engine, &drive)), [EventKind::Left], "one exit, no entry on the way out");
}

/// OwnTracks ios #76: false transitions at poor accuracy.
#[test]
fn owntracks_ios_76_a_coarse_fix_moves_nobody() {
    let mut engine = engine(circle(100.0));
    feed(&mut engine, &arrival());
    let coarse: Vec<Fix> = (2..40).map(|i| Fix { accuracy_m: Some(120.0), ..fix(i * 30, 300.0) }).collect();
    assert!(feed(&mut engine, &coarse).is_empty(), "300 m away give or take 200 m may still be at the gate");
    assert_eq!(engine.inside(ANA).count(), 1, "so it stays inside");
}

/// Tile38 #650: a polygon across ±180°.
#[test]
fn tile38_650_a_fence_on_the_date_line_works() {
    let at = |lon: f64, lat: f64| LonLat::new(lon, lat).expect("coordinate");
    let outer = vec![at(179.99, -16.8), at(-179.99, -16.8), at(-179.99, -16.78), at(179.99, -16.78)];
    let area = PolygonArea { outer, holes: Vec::new() };
    let mut engine = engine(Fence { shape: FenceShape::Polygon { area }, ..circle(1.0) });
    let sail = |secs, lon| Fix { at: at(lon, -16.79), ..fix(secs, 0.0) };
    let came =
        feed(&mut engine, &[sail(0, 179.97), sail(200, 179.995), sail(400, -179.995), sail(500, -179.991)]);
    assert_eq!(kinds(&came), [EventKind::Entered], "in on one side, on to the other");
    let went = feed(&mut engine, &[sail(900, -179.97), sail(1_000, -179.95)]);
    assert_eq!(kinds(&went), [EventKind::Left], "out on the other side");
}

/// Traccar #3779, as its reporter met it: of five ways through a fence of 120 m, with a fix every 100 m, one left no trace.
#[test]
fn traccar_3779_a_short_way_through_is_a_crossing() {
    let mut engine = engine(Fence { on_crossed: true, ..circle(60.0) });
    let mut traces = Vec::new();
    for round in 0..20i64 {
        // The fixes of each round lie a little differently.
        let start = round * 600;
        let way = (0..7).map(|step| {
            let metres = -320.0 + 5.0 * round as f64 + 100.0 * step as f64;
            let (bearing, metres) = if metres < 0.0 { (270.0, -metres) } else { (90.0, metres) };
            Fix { at: depot().destination(bearing, metres), ..fix(start + step * 8, 0.0) }
        });
        traces.push(kinds(&feed(&mut engine, &way.collect::<Vec<_>>())));
    }
    let visits = traces.iter().flatten().filter(|kind| **kind != EventKind::Crossed).count();
    assert_eq!(visits, 0, "nobody stayed for half a minute: {traces:?}");
    let told = traces.iter().filter(|trace| trace.as_slice() == [EventKind::Crossed]).count();
    assert_eq!(told, 17, "each way is a crossing, but for three with a fix on the border itself: {traces:?}");
}

/// Traccar #6019, a wish: a yard beside a busy road shall not cry for everybody who drives past; how long one has to be there can be
/// chosen.
#[test]
fn traccar_6019_driving_past_is_no_visit() {
    let mut engine = engine(circle(100.0));
    let past = [fix(0, 900.0), fix(50, 20.0), fix(60, 40.0), fix(70, 300.0), fix(140, 900.0)];
    assert!(feed(&mut engine, &past).is_empty(), "twenty seconds on the road beside it");
    let stop = [fix(0, 900.0), fix(60, 10.0), fix(120, 10.0), fix(170, 900.0), fix(240, 900.0)];
    let patient = Settings { enter_confirm: TimeDelta::minutes(2), ..Settings::default() };
    assert_eq!(
        kinds(&engine.what_if(ANA, TEAM, &stop, Settings::default())),
        [EventKind::Entered, EventKind::Left],
        "a minute's stop is a visit"
    );
    assert!(engine.what_if(ANA, TEAM, &stop, patient).is_empty(), "unless two minutes are asked for");
}

/// Traccar #3609, a wish: fixes that wander down the road for a moment are no exit; how long one has to be gone can be chosen.
#[test]
fn traccar_3609_wandering_fixes_are_no_exit() {
    let mut engine = engine(circle(100.0));
    feed(&mut engine, &arrival());
    let wandering = [fix(900, 10.0), fix(910, 260.0), fix(940, 300.0), fix(960, 15.0), fix(1_020, 10.0)];
    assert!(feed(&mut engine, &wandering).is_empty(), "half a minute down the road, and back");
    assert_eq!(engine.inside(ANA).count(), 1, "it was there all the time");
    let why = engine.explain(ANA, DEPOT, time(940)).expect("watched");
    assert!(matches!(why.verdict, Verdict::Unconfirmed(_)), "and that can be shown: {:?}", why.verdict);
}
