//! Roads' speeds are learnt from people's drives, and only from those that are work.

use domain::travel::TravelMode;

use super::*;
use crate::speeds::tests::{monaco, slowly, way};
use crate::speeds::{KeptSpeeds, Learning};

/// A day on the roads of Monaco.
fn day_with_roads(rows: Vec<Entity>) -> (Day, Vec<eta::Sighting>) {
    let mut day = Day::begins(rows);
    let router = monaco();
    let drive = slowly(&way(&router));
    day.session.learning = Learning::start(KeptSpeeds::default(), Some(router), Tz::Europe__Monaco);
    (day, drive)
}

/// Ana drives; answers how many kilometres are learnt by then.
pub(super) fn drives(day: &mut Day, drive: &[eta::Sighting]) -> f64 {
    for (seq, sighting) in (1..).zip(drive) {
        let fix = Fix {
            at: sighting.place.at,
            fix_time: sighting.time,
            accuracy_m: Some(5.0),
            speed_mps: Some(8.0),
            heading_deg: sighting.place.heading_deg.map(|degrees| degrees as f32),
        };
        let update = PositionUpdate { resource: ana().id, fix, server_seq: seq };
        day.session.on_positions(vec![update], sighting.time);
    }
    day.session.learning.settle();
    day.session.speeds_view().km
}

#[test]
fn ana_drives_through_town_and_the_desk_learns_the_streets() {
    let (mut day, drive) = day_with_roads(vec![ana().into()]);
    let km = drives(&mut day, &drive);
    assert!(km > 2.0, "more than three kilometres were driven, {km} are learnt");
    assert_eq!(day.session.learning.known(), [ana().id], "her last fix is known until the next");
    let private = Resource { private_since: Some(secs(1_000)), ..ana() };
    day.row(private, 2, secs(1_000));
    assert!(day.session.learning.known().is_empty(), "private: it is forgotten at once");
    assert_eq!(drives(&mut day, &drive), km, "and nothing more is learnt from her");
}

#[test]
fn only_drives_of_work_by_car_count() {
    let off_duty = Resource { on_duty: false, ..ana() };
    let cyclist = Resource { travels: TravelMode::Bicycle, ..ana() };
    for (who, why) in [(off_duty, "off duty"), (cyclist, "a bicycle is no car")] {
        let (mut day, drive) = day_with_roads(vec![who.into()]);
        assert_eq!(drives(&mut day, &drive), 0.0, "{why}");
        assert!(day.session.learning.known().is_empty(), "{why}: nor is a place remembered for it");
    }
    let working = step(lift(Some(ana().id)), TaskStatus::InProgress, now());
    let (mut day, drive) = day_with_roads(vec![ana().into(), working.into()]);
    assert_eq!(drives(&mut day, &drive), 0.0, "who is at work is not driving, wherever the phone goes");
}

#[test]
fn people_switch_learning_off_and_start_over() {
    let (mut day, drive) = day_with_roads(vec![ana().into()]);
    let km = drives(&mut day, &drive);
    assert!(km > 0.0, "something was learnt");
    day.session.set_learning(false);
    assert!(!day.session.speeds_view().is_learning, "off");
    assert!(day.session.speeds_to_keep().is_some_and(|kept| !kept.is_learning), "and stays off when kept");
    day.session.forget_speeds(now());
    assert_eq!(day.session.speeds_view().km, 0.0, "forgotten");
    assert!(day.session.speeds_to_keep().is_some_and(|kept| kept.model.km() == 0.0), "also where it is kept");
}
