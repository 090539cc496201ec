//! Schedules, crossings, absences, late data, explanations: what the engine says beyond coming and going.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use domain::place::{Fence, FenceShape};
use domain::position::Fix;
use domain::resource::WorkingHours;
use domain::schedule::Schedule;
use domain::{GroupId, LonLat, PoiId, ResourceId};
use fence::{
    Correction, EventKind, FenceEngine, FenceEvent, LateData, Rejected, Said, Settings, Standing, Verdict,
};
use uuid::Uuid;

const ANA: ResourceId = ResourceId(Uuid::from_u128(1));
const TEAM: GroupId = GroupId(Uuid::from_u128(2));
const DEPOT: PoiId = PoiId(Uuid::from_u128(3));

/// Monday 2026-11-23, seconds after 08:00 in Berlin.
fn time(secs: i64) -> DateTime<Utc> {
    "2026-11-23T07:00:00Z".parse::<DateTime<Utc>>().expect("instant") + TimeDelta::seconds(secs)
}

fn depot() -> LonLat {
    LonLat::new(7.42, 43.73).expect("coordinate")
}

fn circle() -> Fence {
    let shape = FenceShape::Circle { center: depot(), radius_m: 100.0 };
    Fence { on_enter: true, on_exit: true, ..Fence::new(shape) }
}

/// A fix `metres` east of the depot's middle, good to 5 m (68 %).
fn fix(secs: i64, metres: f64) -> Fix {
    let (bearing, metres) = if metres < 0.0 { (270.0, -metres) } else { (90.0, metres) };
    let at = depot().destination(bearing, metres);
    Fix { at, fix_time: time(secs), accuracy_m: Some(5.0), speed_mps: None, heading_deg: None }
}

fn engine(fence: Fence) -> FenceEngine {
    let mut engine = FenceEngine::new();
    engine.set_zone(Tz::Europe__Berlin);
    assert!(engine.set_fences([(DEPOT, fence)]).is_empty(), "the depot's shape is fine");
    engine
}

fn feed(engine: &mut FenceEngine, fixes: &[Fix]) -> Vec<FenceEvent> {
    let one = |fix: &Fix| engine.on_fix(ANA, TEAM, fix, fix.fix_time + TimeDelta::seconds(1));
    fixes.iter().flat_map(one).collect()
}

fn kinds(events: &[FenceEvent]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

fn monday_from_nine() -> Schedule {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("time");
    Schedule { hours: vec![WorkingHours { weekday: Weekday::Mon, starts: at(9), ends: at(17) }] }
}

#[test]
fn outside_its_hours_a_fence_is_silent_and_knows_all_the_same() {
    let mut engine = engine(Fence { schedule: monday_from_nine(), ..circle() });
    let early = feed(&mut engine, &[fix(0, 900.0), fix(30, 10.0), fix(60, 10.0)]);
    assert!(early.is_empty(), "half past eight is before the hours");
    assert_eq!(engine.inside(ANA).count(), 1, "but it is known that Ana is there");
    let later = feed(&mut engine, &[fix(4_000, 10.0), fix(4_060, 900.0), fix(4_130, 900.0)]);
    assert_eq!(kinds(&later), [EventKind::Left], "after nine her leaving is said");
    let why = engine.explain(ANA, DEPOT, time(45)).expect("the fence is watched");
    assert!(
        matches!(why.verdict, Verdict::OutsideHours(_)),
        "and why nothing was said before: {:?}",
        why.verdict
    );
}

#[test]
fn a_fast_drive_through_is_a_crossing_and_neither_entry_nor_exit() {
    let mut engine = engine(Fence { on_crossed: true, ..circle() });
    let events = feed(&mut engine, &[fix(0, -400.0), fix(30, 400.0)]);
    assert_eq!(kinds(&events), [EventKind::Crossed], "800 m in 30 s, right through");
    assert_eq!(events[0].confidence, fence::Confidence::Inferred, "nobody was seen inside");
    assert!(
        (events[0].event_time - time(15)).abs() <= TimeDelta::seconds(2),
        "half way: {}",
        events[0].event_time
    );
    assert!(events[0].at.distance_m(depot()) < 20.0, "in the middle of it");
    let seen_once = feed(&mut engine, &[fix(45, 0.0), fix(60, -400.0)]);
    assert_eq!(kinds(&seen_once), [EventKind::Crossed], "one fix inside is too few for an entry");
    let slow = feed(&mut engine, &[fix(400, 400.0)]);
    assert!(slow.is_empty(), "over minutes the way is anybody's guess");
}

#[test]
fn who_is_seen_elsewhere_when_the_shift_has_begun_is_absent() {
    let mut engine = engine(Fence { absent_secs: Some(600), ..circle() });
    feed(&mut engine, &[fix(0, 900.0)]);
    engine.on_shift(ANA, time(0));
    assert!(engine.on_clock(time(599)).is_empty(), "ten minutes are granted");
    assert!(engine.on_clock(time(605)).is_empty(), "where she was before says nothing");
    feed(&mut engine, &[fix(610, 900.0)]);
    let absent = engine.on_clock(time(611));
    assert_eq!(kinds(&absent), [EventKind::Absent { secs: 600 }], "now she is seen elsewhere");
    assert_eq!(absent[0].event_time, time(600), "since the grace was over");
    engine.on_shift(ANA, time(0));
    assert!(engine.on_clock(time(620)).is_empty(), "it is said once");
}

#[test]
fn who_is_there_or_not_heard_of_is_not_absent() {
    let rule = Fence { absent_secs: Some(600), ..circle() };
    let mut there = engine(rule.clone());
    feed(&mut there, &[fix(0, 10.0), fix(300, 10.0), fix(590, 10.0), fix(610, 10.0)]);
    there.on_shift(ANA, time(0));
    assert!(there.on_clock(time(620)).is_empty(), "she is at the depot");
    let mut silent = engine(rule);
    feed(&mut silent, &[fix(0, 900.0)]);
    silent.on_shift(ANA, time(0));
    assert!(silent.on_clock(time(1_200)).is_empty(), "nothing heard for twenty minutes is no absence");
}

#[test]
fn late_fixes_correct_the_history_and_never_alert() {
    let mut engine = engine(circle());
    feed(&mut engine, &[fix(0, 900.0), fix(600, 900.0)]);
    let visit = [fix(200, 10.0), fix(260, 10.0), fix(400, 600.0), fix(470, 600.0)];
    let late: Vec<FenceEvent> =
        visit.iter().flat_map(|fix| engine.on_fix(ANA, TEAM, fix, time(610))).collect();
    assert!(late.is_empty(), "ten minutes late is no live alert");
    let from = LateData { resource: ANA, group: TEAM, from: time(200) };
    assert_eq!(engine.take_late(), [from], "the track has to be looked at again");
    assert!(engine.take_late().is_empty(), "once");
    let track = [&[fix(0, 900.0)], &visit[..], &[fix(600, 900.0)]].concat();
    let wrong = Said { id: domain::AlertId(Uuid::from_u128(5)), event_time: time(300) };
    let corrections = engine.recompute(&from, &track, &[wrong]);
    let kinds: Vec<Option<EventKind>> = corrections
        .iter()
        .map(|correction| match correction {
            Correction::Missed(event) => Some(event.kind),
            Correction::Unfounded(id) => (*id == wrong.id).then_some(EventKind::Retracted),
        })
        .collect();
    let expected = [EventKind::Retracted, EventKind::Entered, EventKind::Left].map(Some);
    assert_eq!(kinds, expected, "what was wrong, and the visit that nobody saw");
}

#[test]
fn it_can_be_asked_why_something_fired_and_why_not() {
    let mut engine = engine(circle());
    feed(&mut engine, &[fix(0, 900.0), fix(30, 10.0), fix(60, 10.0)]);
    let fired = engine.explain(ANA, DEPOT, time(40)).expect("watched");
    let Verdict::Fired(event) = &fired.verdict else { panic!("it fired: {:?}", fired.verdict) };
    assert_eq!((event.kind, fired.fixes.len()), (EventKind::Entered, 3), "with the fixes that decided");
    assert!(fired.fixes[1].evidence.dist_m < -89.0, "and their distances");
    assert_eq!(fired.fixes[1].standing, Standing::Entering { since: time(30), fixes: 1 }, "step by step");

    let mut coarse = self::engine(circle());
    let poor = |secs| Fix { accuracy_m: Some(500.0), ..fix(secs, 10.0) };
    feed(&mut coarse, &[poor(0), poor(30), poor(60)]);
    let refused = coarse.explain(ANA, DEPOT, time(30)).expect("watched");
    assert_eq!(refused.verdict, Verdict::AllRefused(Rejected::PoorAccuracy), "no fix was good enough");
    let never = coarse.explain(ANA, DEPOT, time(9_000)).expect("watched");
    assert_eq!(never.verdict, Verdict::NoFix, "nothing is known of that time");
    assert!(coarse.explain(ANA, PoiId(Uuid::from_u128(99)), time(0)).is_none(), "no such fence");
    coarse.on_privacy(ANA, true, time(70));
    let private = coarse.explain(ANA, DEPOT, time(30)).expect("watched");
    assert_eq!(
        (private.verdict, private.fixes.len()),
        (Verdict::Private, 0),
        "nothing is told of somebody private"
    );
}

#[test]
fn a_run_that_is_too_short_is_named() {
    let mut engine = engine(circle());
    feed(&mut engine, &[fix(0, 900.0), fix(30, 10.0), fix(50, 10.0)]);
    let why = engine.explain(ANA, DEPOT, time(55)).expect("watched");
    let entering = Standing::Entering { since: time(30), fixes: 2 };
    assert_eq!(why.verdict, Verdict::Unconfirmed(entering), "20 s are not 30 s");
}

#[test]
fn what_would_other_settings_have_said() {
    let engine = engine(circle());
    let short = [fix(0, 900.0), fix(30, 10.0), fix(50, 10.0), fix(60, 500.0), fix(90, 500.0)];
    let said = |settings| kinds(&engine.what_if(ANA, TEAM, &short, settings));
    assert!(said(Settings::default()).is_empty(), "as it is");
    let quicker = Settings {
        enter_confirm: TimeDelta::seconds(15),
        leave_confirm: TimeDelta::seconds(30),
        ..Settings::default()
    };
    assert_eq!(said(quicker), [EventKind::Entered, EventKind::Left], "twice as quick");
    let stricter = Settings { worst_accuracy_m: 5.0, ..quicker };
    assert!(said(stricter).is_empty(), "a limit that no fix meets");
}
