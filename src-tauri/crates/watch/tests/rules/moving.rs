//! Near, too fast, standing still, gone from the area.

use domain::alert::{AlertKind, NearTarget};
use domain::rule::{Condition, RuleTarget};
use domain::task::TaskStatus;

use super::office::*;

fn near_depot() -> Condition {
    Condition::Near { target: RuleTarget::Poi(PLACE), within_m: 300 }
}

#[test]
fn a_van_comes_near_the_depot_once_until_it_has_been_far_away() {
    let mut watcher = watcher([rule(near_depot())]);
    let alerts = raised(drive(&mut watcher, [fix(0, 900.0), fix(30, 500.0), fix(60, 295.0)]));
    assert_eq!(alerts, [], "at 295 m the error circle reaches beyond the 300 m");
    let alerts = raised(drive(&mut watcher, [fix(90, 280.0), fix(120, 100.0)]));
    assert_eq!(alerts.len(), 1, "near for certain, said once");
    let kind = AlertKind::Near { resource: ANA, target: NearTarget::Poi(PLACE), distance_m: 280 };
    assert_eq!((&alerts[0].kind, alerts[0].event_time), (&kind, at(90)), "with the distance of that fix");
    let wobbling =
        raised(drive(&mut watcher, [fix(150, 330.0), fix(180, 280.0), fix(210, 440.0), fix(240, 250.0)]));
    assert_eq!(wobbling, [], "440 m are less than one and a half times as far");
    let back = raised(drive(&mut watcher, [fix(300, 480.0), fix(360, 250.0)]));
    assert_eq!(back.len(), 1, "480 m are more, so coming back is news");
    assert_ne!(back[0].id, alerts[0].id, "another run, another alert");
}

#[test]
fn nobody_is_announced_who_was_near_before_we_looked() {
    let mut watcher = watcher([rule(near_depot())]);
    let morning = raised(drive(&mut watcher, [fix(0, 50.0), fix(30, 40.0), fix(60, 310.0), fix(90, 200.0)]));
    assert_eq!(morning, [], "first seen in the yard, never far away since");
    let later = raised(drive(&mut watcher, [fix(150, 900.0), fix(210, 100.0)]));
    assert_eq!(later.len(), 1, "away and back is");
}

#[test]
fn coming_near_the_task_counts_only_on_the_way_to_it() {
    let mut watcher = watcher([rule(Condition::Near { target: RuleTarget::OwnTask, within_m: 500 })]);
    let past = raised(drive(&mut watcher, [fix(0, 0.0), fix(100, 4_800.0), fix(200, 0.0)]));
    assert_eq!(past, [], "passing by is not being on the way");
    assert_eq!(watcher.on_task(&job(&[(TaskStatus::EnRoute, at(210))]), at(210)), [], "sets off");
    let alerts = raised(drive(&mut watcher, [fix(240, 1_000.0), fix(300, 3_000.0), fix(360, 4_700.0)]));
    let kind = AlertKind::Near { resource: ANA, target: NearTarget::Task(JOB), distance_m: 300 };
    assert_eq!(alerts.iter().map(|alert| &alert.kind).collect::<Vec<_>>(), [&kind], "now it is");
}

#[test]
fn two_people_are_near_each_other_whoever_moves() {
    let condition = Condition::Near { target: RuleTarget::Resource(BEN), within_m: 300 };
    let mut watcher = watcher([rule(condition)]);
    assert_eq!(drive(&mut watcher, [fix(0, 0.0)]), [], "Ana stands at the depot");
    assert_eq!(watcher.on_fix(BEN, &fix(5, 2_000.0), at(5)), [], "Ben is far away");
    assert_eq!(drive(&mut watcher, [fix(30, 0.0)]), [], "still");
    let alerts = raised(watcher.on_fix(BEN, &fix(60, 100.0), at(60)));
    let kind = AlertKind::Near { resource: ANA, target: NearTarget::Resource(BEN), distance_m: 100 };
    assert_eq!(alerts.iter().map(|alert| &alert.kind).collect::<Vec<_>>(), [&kind], "Ben came to Ana");
    let apart = raised(watcher.on_fix(BEN, &fix(90, 120.0), at(90)));
    assert_eq!(apart, [], "said once");
}

#[test]
fn a_morning_in_the_same_yard_is_no_meeting() {
    let condition = Condition::Near { target: RuleTarget::Resource(BEN), within_m: 300 };
    let mut watcher = watcher([rule(condition)]);
    assert_eq!(drive(&mut watcher, [fix(0, 0.0), fix(30, 0.0)]), [], "Ana is first");
    assert_eq!(watcher.on_fix(BEN, &fix(60, 20.0), at(60)), [], "Ben switches his phone on beside her");
    assert_eq!(drive(&mut watcher, [fix(90, 0.0)]), [], "both were there before anybody looked");
}

#[test]
fn a_speeding_van_is_told_once_with_its_highest_speed() {
    let fast =
        domain::rule::LocationRule { min_duration_secs: 20, ..rule(Condition::Speeding { limit_kmh: 80 }) };
    let mut watcher = watcher([fast]);
    let short = raised(drive(
        &mut watcher,
        [driving(0, 0.0, 60.0), driving(10, 200.0, 95.0), driving(20, 400.0, 70.0)],
    ));
    assert_eq!(short, [], "overtaking for ten seconds");
    let run = [
        driving(30, 600.0, 90.0),
        driving(40, 900.0, 104.0),
        driving(50, 1_200.0, 97.0),
        driving(60, 1_500.0, 110.0),
    ];
    let alerts = raised(drive(&mut watcher, run));
    assert_eq!(alerts.len(), 1, "twenty seconds of it");
    let kind = AlertKind::Speeding { resource: ANA, kmh: 104, limit_kmh: 80 };
    assert_eq!(
        (&alerts[0].kind, alerts[0].event_time),
        (&kind, at(30)),
        "the highest speed until then, dated by its begin"
    );
    let wobbling = raised(drive(
        &mut watcher,
        [driving(70, 1_800.0, 76.0), driving(80, 2_000.0, 95.0), driving(110, 2_800.0, 95.0)],
    ));
    assert_eq!(wobbling, [], "76 is not ten per cent below 80: the same run");
    let again = [driving(120, 3_000.0, 60.0), driving(130, 3_300.0, 95.0), driving(150, 3_800.0, 95.0)];
    assert_eq!(raised(drive(&mut watcher, again)).len(), 1, "after a town it is another one");
}

#[test]
fn a_speed_that_the_phone_does_not_say_is_what_two_good_fixes_prove() {
    let mut watcher = watcher([rule(Condition::Speeding { limit_kmh: 80 })]);
    let slow = [fix(0, 0.0), fix(30, 600.0)];
    assert_eq!(raised(drive(&mut watcher, slow)), [], "72 km/h");
    let alerts = raised(drive(&mut watcher, [fix(60, 1_400.0)]));
    let kind = AlertKind::Speeding { resource: ANA, kmh: 95, limit_kmh: 80 };
    assert_eq!(
        alerts.iter().map(|alert| &alert.kind).collect::<Vec<_>>(),
        [&kind],
        "96 km/h less the errors"
    );
    let gap = raised(drive(&mut watcher, [fix(400, 1_400.0), fix(900, 14_000.0)]));
    assert_eq!(gap, [], "over eight minutes anything may have happened");
}

#[test]
fn a_phone_that_jumps_about_is_not_believed() {
    let mut watcher = watcher([rule(near_depot())]);
    let jump =
        raised(drive(&mut watcher, [fix(0, 9_000.0), fix(10, 9_000.0), fix(20, 50.0), fix(30, 9_000.0)]));
    assert_eq!(jump, [], "nine kilometres in ten seconds and back");
}

#[test]
fn standing_on_the_way_is_told_after_the_rules_minutes() {
    let mut watcher = watcher([rule(Condition::StoppedOnTask { minutes: 10 })]);
    drive(&mut watcher, [fix(0, 0.0), fix(60, 10.0)]);
    watcher.on_task(&job(&[(TaskStatus::EnRoute, at(90))]), at(90));
    let way = [fix(120, 1_000.0), fix(240, 1_020.0), fix(480, 1_060.0), fix(719, 1_010.0)];
    assert_eq!(raised(drive(&mut watcher, way)), [], "not quite ten minutes within 100 m");
    let alerts = raised(drive(&mut watcher, [fix(725, 1_030.0), fix(900, 1_030.0)]));
    let kind = AlertKind::StoppedOnTask { resource: ANA, task: JOB, minutes: 10 };
    assert_eq!(alerts.len(), 1, "once");
    assert_eq!((&alerts[0].kind, alerts[0].event_time), (&kind, at(720)), "dated by when the time was over");
    let on = raised(drive(&mut watcher, [fix(960, 3_000.0), fix(1_080, 3_000.0)]));
    assert_eq!(on, [], "driving on");
}

#[test]
fn staying_on_site_for_longer_than_planned_is_told_by_the_clock() {
    let mut watcher = watcher([rule(Condition::StoppedOnTask { minutes: 20 })]);
    let arrived = job(&[
        (TaskStatus::EnRoute, at(0)),
        (TaskStatus::Arrived, minutes(5)),
        (TaskStatus::InProgress, minutes(7)),
    ]);
    watcher.on_task(&arrived, minutes(7));
    assert_eq!(tick(&mut watcher, minutes(54)), [], "30 minutes planned and 20 on top are not over");
    let alerts = raised(tick(&mut watcher, minutes(55)));
    let kind = AlertKind::StoppedOnTask { resource: ANA, task: JOB, minutes: 50 };
    assert_eq!((&alerts[0].kind, alerts[0].event_time), (&kind, minutes(55)), "since the arrival");
    assert_eq!(tick(&mut watcher, minutes(56)), [], "once");
}

#[test]
fn whoever_leaves_the_planned_area_on_duty_is_told_after_two_fixes() {
    let mut watcher = watcher([rule(Condition::LeftArea { poi: PLACE })]);
    let day = [fix(0, 50.0), fix(60, 230.0), fix(120, 100.0), fix(180, 300.0)];
    assert_eq!(raised(drive(&mut watcher, day)), [], "once at the gate, once outside: one fix is none");
    let alerts = raised(drive(&mut watcher, [fix(240, 320.0), fix(300, 900.0)]));
    let kind = AlertKind::LeftArea { resource: ANA, poi: PLACE };
    assert_eq!(alerts.len(), 1, "a minute later it is certain");
    assert_eq!((&alerts[0].kind, alerts[0].event_time), (&kind, at(180)), "dated by the first fix outside");
    let mut late = super::office::watcher([rule(Condition::LeftArea { poi: PLACE })]);
    let outside = raised(drive(&mut late, [fix(0, 900.0), fix(120, 900.0), fix(240, 900.0)]));
    assert_eq!(outside, [], "who was never inside has not left");
}
