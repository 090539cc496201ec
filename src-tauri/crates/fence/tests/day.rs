//! What the engine says over a dispatcher's day.

mod depot;

use chrono::{DateTime, TimeDelta};
use domain::place::Fence;
use domain::position::Fix;
use domain::{GroupId, PoiId};
use fence::{Confidence, EventKind, FenceEngine, FenceEvent, Presence};
use proptest::prelude::*;
use uuid::Uuid;

use depot::*;

#[test]
fn a_van_comes_to_the_depot_and_goes_again() {
    let mut engine = engine(circle(100.0));
    let came = feed(&mut engine, &arrival());
    assert_eq!(kinds(&came), [EventKind::Entered], "confirmed with the second fix, not 30 s later");
    assert_eq!(came[0].event_time, time(30), "the entry is when the first fix of the run was taken");
    assert_eq!(
        (came[0].confidence, came[0].why.fixes),
        (Confidence::Witnessed, 2),
        "and it can be explained"
    );
    assert_eq!(engine.inside(ANA).collect::<Vec<_>>(), [DEPOT], "it is in the depot");
    let went = feed(&mut engine, &[fix(300, 200.0), fix(330, 500.0), fix(360, 900.0)]);
    assert_eq!(kinds(&went), [EventKind::Left], "gone for a minute");
    assert_eq!(went[0].event_time, time(300), "since the first fix outside");
    assert_eq!(engine.inside(ANA).count(), 0, "it is nowhere");
}

#[test]
fn somebody_who_was_there_when_the_desk_opened_is_no_news() {
    let mut engine = engine(circle(100.0));
    let events = feed(&mut engine, &[fix(0, 10.0), fix(30, 10.0), fix(60, 10.0)]);
    assert!(events.is_empty(), "nobody came in");
    assert_eq!(engine.inside(ANA).count(), 1, "but it is known who is in");
    let went = feed(&mut engine, &[fix(300, 300.0), fix(360, 300.0)]);
    assert_eq!(kinds(&went), [EventKind::Left], "leaving is news");
}

#[test]
fn the_same_event_has_the_same_id_everywhere() {
    let at_the_desk = feed(&mut engine(circle(100.0)), &arrival());
    let at_the_server = feed(&mut engine(circle(100.0)), &arrival());
    assert_eq!(at_the_desk[0].id, at_the_server[0].id, "one alert, whoever computes it");
    let mut next_day = arrival();
    next_day.iter_mut().for_each(|fix| fix.fix_time += TimeDelta::days(1));
    let tomorrow = feed(&mut engine(circle(100.0)), &next_day);
    assert_ne!(tomorrow[0].id, at_the_desk[0].id, "another visit is another alert");
}

#[test]
fn silence_is_no_exit() {
    let mut engine = engine(circle(100.0));
    feed(&mut engine, &arrival());
    assert!(engine.on_clock(time(4_000)).is_empty(), "an hour of nothing is no event");
    assert_eq!(engine.presence(ANA, DEPOT, time(4_000)), Presence::Stale, "it is said that nothing is known");
    let first_news = feed(&mut engine, &[fix(7_200, 900.0), fix(7_260, 900.0)]);
    assert_eq!(kinds(&first_news), [EventKind::Left], "fixes outside are an exit");
    assert_eq!(first_news[0].confidence, Confidence::AfterGap, "whose time is not known");
}

#[test]
fn a_gap_ends_a_run_that_was_not_confirmed() {
    let mut engine = engine(circle(100.0));
    let events = feed(&mut engine, &[fix(0, 900.0), fix(60, 10.0), fix(900, 10.0)]);
    assert!(events.is_empty(), "one fix before and one after a gap are not a run");
}

#[test]
fn privacy_suspends_and_is_no_exit() {
    let mut engine = engine(circle(100.0));
    feed(&mut engine, &arrival());
    engine.on_privacy(ANA, true, time(100));
    let private: Vec<Fix> = (10..20).map(|i| fix(i * 30, 900.0)).collect();
    assert!(feed(&mut engine, &private).is_empty(), "nothing is concluded while private");
    assert_eq!(engine.inside(ANA).count(), 0, "nor is anything said");
    assert_eq!(engine.presence(ANA, DEPOT, time(700)), Presence::Suspended, "but that it is suspended");
    engine.on_privacy(ANA, false, time(700));
    let late = [fix(650, 10.0), fix(690, 10.0)];
    let back = feed(&mut engine, &[&late[..], &[fix(710, 900.0), fix(800, 900.0)]].concat());
    assert!(
        back.is_empty(),
        "neither fixes of the private time nor being elsewhere afterwards are news: {back:?}"
    );
    let again = feed(&mut engine, &[fix(900, 10.0), fix(930, 10.0)]);
    assert_eq!(kinds(&again), [EventKind::Entered], "from then on all is as before");
}

#[test]
fn staying_too_long_is_told_once() {
    let mut engine = engine(Fence { dwell_secs: Some(300), on_enter: false, ..circle(100.0) });
    assert!(feed(&mut engine, &arrival()).is_empty(), "nobody wants to hear of entries here");
    assert!(engine.on_clock(time(329)).is_empty(), "not yet");
    let due = engine.on_clock(time(331));
    assert_eq!(kinds(&due), [EventKind::Dwelt { secs: 300 }], "due by the clock alone");
    assert_eq!(due[0].event_time, time(330), "the rule's time after the first fix inside");
    assert!(engine.on_clock(time(400)).is_empty(), "once");
    assert!(feed(&mut engine, &[fix(410, 10.0)]).is_empty(), "and no fix repeats it");
}

#[test]
fn an_edited_fence_is_settled_silently_and_an_unchanged_one_keeps_its_state() {
    let mut engine = engine(circle(100.0));
    feed(&mut engine, &arrival());
    engine.set_fences([(DEPOT, circle(100.0))]);
    assert_eq!(engine.inside(ANA).count(), 1, "same version, same state");
    engine.set_fences([(DEPOT, Fence { version: 2, ..circle(150.0) })]);
    let events = feed(&mut engine, &[fix(100, 10.0), fix(140, 10.0)]);
    assert!(events.is_empty(), "nobody moved, only the fence did");
    assert_eq!(engine.inside(ANA).count(), 1, "still inside");
    engine.set_fences([]);
    assert_eq!(engine.inside(ANA).count(), 0, "no fence, nobody in it");
}

#[test]
fn a_bad_shape_is_named_and_the_others_are_watched() {
    let mut engine = FenceEngine::new();
    let broken = PoiId(Uuid::from_u128(9));
    let bad = engine.set_fences([(broken, circle(f64::NAN)), (DEPOT, circle(100.0))]);
    assert_eq!(bad.iter().map(|(poi, _)| *poi).collect::<Vec<_>>(), [broken], "only the broken one");
    assert_eq!(feed(&mut engine, &arrival()).len(), 1, "the depot is watched");
}

#[test]
fn a_fence_for_one_team_does_not_concern_the_other() {
    let other = GroupId(Uuid::from_u128(77));
    let mut engine = engine(Fence { groups: vec![other], ..circle(100.0) });
    assert!(feed(&mut engine, &arrival()).is_empty(), "not this team's fence");
}

#[test]
fn a_tiny_fence_is_said_to_be_undecidable() {
    let mut engine = engine(circle(10.0));
    let coarse = |secs| Fix { accuracy_m: Some(30.0), ..fix(secs, 0.0) };
    assert!(
        feed(&mut engine, &[fix(0, 900.0), coarse(30), coarse(60), coarse(90)]).is_empty(),
        "can't be told"
    );
    assert_eq!(engine.presence(ANA, DEPOT, time(91)), Presence::NotDecidable, "and that is said");
}

#[test]
fn one_wild_fix_is_not_believed_but_two_are() {
    let mut engine = engine(circle(100.0));
    let events = feed(&mut engine, &[fix(0, 50_000.0), fix(5, 0.0), fix(10, 50_100.0), fix(40, 50_200.0)]);
    assert!(events.is_empty(), "a jump of 50 km in 5 s is a receiver's dream");
    let moved = feed(&mut engine, &[fix(50, 5.0), fix(60, 5.0), fix(90, 5.0)]);
    assert_eq!(kinds(&moved), [EventKind::Entered], "two fixes that agree are believed, from the first on");
    assert_eq!(moved[0].event_time, time(50), "from the first on");
}

#[test]
fn an_entry_that_a_late_fix_disproves_is_taken_back() {
    let mut engine = engine(circle(100.0));
    let came = feed(&mut engine, &[fix(0, 900.0), fix(40, 10.0), fix(69, 10.0), fix(70, 10.0)]);
    assert_eq!(kinds(&came), [EventKind::Entered], "as far as was known");
    let late = engine.on_fix(ANA, TEAM, &fix(55, 400.0), time(72));
    assert_eq!(kinds(&late), [EventKind::Retracted], "it was out again in between");
    assert_eq!(late[0].id, came[0].id, "the alert that goes is named");
    assert_eq!(engine.inside(ANA).count(), 0, "and nobody is in, yet");
}

/// A random drive past, into and out of the depot: a fix every few seconds.
fn any_drive() -> impl Strategy<Value = Vec<Fix>> {
    proptest::collection::vec((2i64..20, -60.0..60.0f64, 3.0..60.0f32), 1..80).prop_map(|steps| {
        let (mut secs, mut metres) = (0, 150.0f64);
        let drive = steps.into_iter().map(|(after, by, accuracy)| {
            (secs, metres) = (secs + after, (metres + by).clamp(-400.0, 400.0));
            Fix { accuracy_m: Some(accuracy), ..fix(secs, metres) }
        });
        drive.collect()
    })
}

/// The events that stand: what was said, less what was taken back.
fn standing(events: &[FenceEvent]) -> Vec<(domain::AlertId, EventKind)> {
    let mut stand: Vec<(domain::AlertId, EventKind)> = Vec::new();
    for event in events {
        if event.kind == EventKind::Retracted {
            stand.retain(|(id, _)| *id != event.id);
        } else {
            stand.push((event.id, event.kind));
        }
    }
    stand.sort_unstable_by_key(|(id, _)| *id);
    stand
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter_within_the_buffer(
        drive in any_drive(),
        delays in proptest::collection::vec(0i64..15, 80),
        doubled in 0usize..80,
    ) {
        let fence = || Fence { dwell_secs: Some(60), ..circle(120.0) };
        let mut in_order = engine(fence());
        let mut expected = feed(&mut in_order, &drive);

        let mut arrivals: Vec<(i64, Fix)> =
            drive.iter().zip(&delays).map(|(fix, delay)| (fix.fix_time.timestamp() + delay, *fix)).collect();
        if let Some(double) = drive.get(doubled) {
            arrivals.push((double.fix_time.timestamp() + 14, *double));
        }
        arrivals.sort_by_key(|(at, _)| *at);
        let mut shuffled = engine(fence());
        let now = |at: i64| DateTime::from_timestamp(at, 0).expect("time");
        let mut said: Vec<FenceEvent> =
            arrivals.iter().flat_map(|(at, fix)| shuffled.on_fix(ANA, TEAM, fix, now(*at))).collect();
        // A stay is due by the clock: both are looked at at the same time.
        if let Some((last, _)) = arrivals.last() {
            expected.extend(in_order.on_clock(now(*last)));
            said.extend(shuffled.on_clock(now(*last)));
        }

        prop_assert_eq!(standing(&said), standing(&expected), "the same events stand");
        prop_assert_eq!(shuffled.inside(ANA).count(), in_order.inside(ANA).count(), "and the same state");
    }

    #[test]
    fn entries_and_exits_alternate(drive in any_drive()) {
        let mut engine = engine(circle(120.0));
        let events = feed(&mut engine, &drive);
        let alternate = events.windows(2).all(|pair| pair[0].kind != pair[1].kind && pair[0].event_time < pair[1].event_time);
        prop_assert!(alternate, "{:?}", kinds(&events));
    }
}
