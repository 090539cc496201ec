//! Who needs many ways asks few questions.

use super::*;
use domain::position::PositionState;
use domain::{ResourceId, TaskId};
use eta::suggest::{Candidate, Queued, Suggestion, Wanted, suggest};
use eta::{Activity, Fix, Stop};
use std::time::Duration;

const PEOPLE: usize = 60;
const TASKS: usize = 3;

fn stop(n: usize) -> Stop {
    let task = TaskId(uuid::Uuid::from_u128(n as u128));
    Stop { task, at: place(n).at, planned_secs: 600, window_start: None, window_end: None }
}

/// Under way in a day of their own.
fn candidate(n: usize) -> Candidate {
    let tasks = (0..TASKS).map(|task| stop(PEOPLE + n * TASKS + task));
    Candidate {
        resource: ResourceId(uuid::Uuid::from_u128(n as u128)),
        position: PositionState::Live,
        mode: TravelMode::Car,
        fix: Fix::Seen { place: place(n), time: TRIP.leaves },
        activity: Activity::UnderWay,
        queue: tasks.map(|stop| Queued { stop, promised_until: None }).collect(),
        breaks: Vec::new(),
        shift_end: None,
        missing_skills: Vec::new(),
        capacity: None,
        load: 0,
        open_tasks: TASKS as u32,
        areas: Vec::new(),
        tasks_there: 0,
        has_declined: false,
    }
}

/// Who could go to a task in the middle of all.
fn suggestions(desk: &Desk) -> Vec<Suggestion> {
    let candidates: Vec<Candidate> = (0..PEOPLE).map(candidate).collect();
    let wanted = Wanted { stop: stop(1_000), promised_until: None, load: 0, needs_skills: false };
    suggest(&wanted, &candidates, &desk.times.moment(), TRIP.leaves)
}

fn sources(list: &[Suggestion]) -> Vec<Option<TravelSource>> {
    list.iter().map(|one| one.drive.map(|drive| drive.source)).collect()
}

/// Ways that have nothing to do with each other.
fn apart(count: usize) -> Vec<(Place, Place)> {
    (0..count).map(|n| (place(n), place(500 + n))).collect()
}

#[test]
fn a_list_of_suggestions_takes_a_handful_of_tables() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    assert!(desk.times.moment().has_engine(), "there is somebody to ask");
    let list = suggestions(&desk);
    assert_eq!(list.len(), PEOPLE, "everybody is in it");
    assert!(sources(&list).iter().all(|source| *source == Some(TravelSource::Osrm)), "by the engine's word");
    assert_eq!(desk.own.asked(), 0, "it left nothing open");
    let asked = server.asked();
    assert!(asked.len() <= 6, "600 drives of 60 days in six tables at most: {}", asked.len());
    for asked in &asked {
        let (from, to) = sides(&asked.path);
        assert!(from.len() <= 100 && to.len() <= 100, "never more than a server takes");
        assert!(from.len() * to.len() <= 2_500, "nor a large table for few drives");
    }
    suggestions(&desk);
    assert_eq!(server.asked().len(), asked.len(), "the same list a moment later asks nothing");
}

#[test]
fn a_list_of_suggestions_waits_once_for_a_server_that_is_slow() {
    let server = Pretender::start(|_| Manner::Stalls).expect("a port");
    // Later it answers, and a busy machine takes its time for that.
    let desk = Desk::asks(osrm(&server));
    let (list, waited) = faults::timed(|| suggestions(&desk));
    assert!(sources(&list).iter().all(|source| *source == Some(TravelSource::Roads)), "labelled as our own");
    assert!(waited >= Duration::from_millis(1_990), "it had its time: {waited:?}");
    assert_eq!(server.asked().len(), 1, "one time, and not one for each drive: then it was left alone");
    desk.clock.passes(30);
    server.now(good_osrm);
    let list = suggestions(&desk);
    assert!(sources(&list).iter().all(|source| *source == Some(TravelSource::Osrm)), "and asked again later");
}

#[test]
fn a_server_that_breaks_down_between_two_tables_keeps_what_it_said() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    desk.times.moment().told(&apart(50), TRIP.mode);
    server.now(|_| Manner::Says { status: 503, body: String::new() });
    let told = desk.times.moment().told(&apart(200), TRIP.mode);
    let known = told.iter().take_while(|drive| drive.is_some()).count();
    assert_eq!(known, 50, "what it said before still holds");
    assert!(told[known..].iter().all(Option::is_none), "the rest is left open");
    assert_eq!(server.asked().len(), 2, "of three tables that were missing only the first was tried");
    assert_eq!(desk.source(199, 699), TravelSource::Roads, "and comes from elsewhere");
}

#[test]
fn what_a_table_leaves_open_is_not_asked_one_by_one() {
    let server = Pretender::start(|asked| {
        let Manner::Says { body, .. } = good_osrm(asked) else { panic!("it answers") };
        says(body.replace("3600.0", "null"))
    });
    let server = server.expect("a port");
    let desk = Desk::asks(osrm(&server));
    let list = suggestions(&desk);
    assert!(sources(&list).iter().all(|source| *source == Some(TravelSource::Roads)), "our own roads know");
    assert!(server.asked().len() <= 6, "no drive was asked twice: {}", server.asked().len());
}

#[test]
fn of_a_table_only_what_was_asked_for_is_kept() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    let ways = apart(50);
    assert!(desk.times.moment().told(&ways, TRIP.mode).iter().all(Option::is_some), "all at once");
    desk.times.moment().told(&ways, TRIP.mode);
    assert_eq!(server.asked().len(), 1, "fifty drives, one table, once");
    desk.source(0, 501);
    assert_eq!(server.asked().len(), 2, "thousands of drives that nobody needs would drive out the others");
}

#[test]
fn without_an_engine_nothing_is_told_and_nobody_is_asked() {
    let desk = Desk::asks(EngineSettings::default());
    assert!(!desk.times.moment().has_engine(), "there is nobody to ask");
    assert_eq!(
        desk.times.moment().told(&apart(3), TRIP.mode),
        [None, None, None],
        "the region is asked drive by drive"
    );
    assert_eq!(desk.own.asked(), 0, "and was not asked yet");
}
