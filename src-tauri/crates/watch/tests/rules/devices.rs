//! Silent devices, batteries, privacy and duty.

use chrono::TimeDelta;
use domain::alert::AlertKind;
use domain::resource::Resource;
use domain::rule::{Condition, LocationRule, RuleTarget};
use watch::Heard;

use super::office::*;

#[test]
fn a_device_that_falls_silent_is_told_once_per_silence() {
    let mut watcher = watcher([rule(Condition::DeviceSilent { minutes: 30 })]);
    drive(&mut watcher, [fix(0, 0.0), fix(600, 0.0)]);
    watcher.on_card_gone(BEN);
    assert_eq!(tick(&mut watcher, minutes(39)), [], "29 minutes");
    assert_eq!(watcher.on_clock(minutes(40), Heard::Unknown), [], "our own line may be down");
    let alerts = raised(tick(&mut watcher, minutes(41)));
    assert_eq!(alerts.len(), 1, "half an hour since the last fix");
    assert_eq!(
        (&alerts[0].kind, alerts[0].event_time),
        (&AlertKind::DeviceSilent { resource: ANA }, minutes(40)),
        "dated by when it was over"
    );
    assert_eq!(tick(&mut watcher, minutes(50)), [], "said once");
    drive(&mut watcher, [fix(3_600, 0.0)]);
    assert_eq!(raised(tick(&mut watcher, minutes(91))).len(), 1, "heard in between: another silence");
}

#[test]
fn a_silence_from_before_we_looked_is_told_too() {
    let mut watcher = watcher([rule(Condition::DeviceSilent { minutes: 30 })]);
    let alerts = raised(tick(&mut watcher, minutes(60)));
    assert_eq!(alerts.len(), 2, "both cards were last heard an hour ago: that is so now");
}

#[test]
fn an_outage_says_the_same_on_every_desk() {
    let look = |first| {
        let mut watcher = watcher([rule(Condition::DeviceSilent { minutes: 30 })]);
        raised(tick(&mut watcher, minutes(first))).into_iter().map(|alert| alert.id).collect::<Vec<_>>()
    };
    assert_eq!(look(36), look(45), "whoever looks, and whenever");
}

#[test]
fn what_a_card_says_is_coarse_and_the_server_knows_better() {
    let look = |hears_everybody: bool, minute| {
        let mut watcher = watch::Watcher::new(at(0));
        watcher.set_rules([rule(Condition::DeviceSilent { minutes: 30 })]);
        if hears_everybody {
            watcher.hears_everybody();
        }
        watcher.on_card(&card(ANA), at(0));
        watcher.on_heard(ANA, minutes(2));
        raised(tick(&mut watcher, minutes(minute)))
    };
    assert_eq!(look(false, 34), [], "by the card it may have been heard up to five minutes later");
    assert_eq!(look(false, 35).len(), 1, "but not longer");
    assert_eq!(look(true, 31), [], "the server has heard it two minutes later");
    let server = look(true, 32);
    let mut desk = watcher([rule(Condition::DeviceSilent { minutes: 30 })]);
    desk.on_card_gone(BEN);
    desk.on_alert(&server[0]);
    assert_eq!(tick(&mut desk, minutes(36)), [], "a desk that has the server's alert adds none");
}

#[test]
fn a_low_battery_is_told_once_until_it_has_been_charged() {
    let mut watcher = watcher([rule(Condition::BatteryLow { below_percent: 15 })]);
    let mut say = |percent, minute| {
        raised(watcher.on_card(&with_battery(ANA, percent, minutes(minute)), minutes(minute)))
    };
    assert_eq!(say(15, 1), [], "not below");
    let alerts = say(14, 10);
    let kind = AlertKind::BatteryLow { resource: ANA, percent: 14 };
    assert_eq!((&alerts[0].kind, alerts[0].event_time), (&kind, minutes(10)), "below");
    assert_eq!(say(9, 20), [], "lower still is the same");
    assert_eq!(say(12, 25), [], "three points are noise");
    assert_eq!(say(60, 90), [], "charged");
    assert_eq!(say(10, 300).len(), 1, "and empty again");
}

#[test]
fn a_restart_does_not_tell_a_low_battery_again() {
    let low = rule(Condition::BatteryLow { below_percent: 15 });
    let mut before = watcher([low.clone()]);
    let alerts = raised(before.on_card(&with_battery(ANA, 14, minutes(10)), minutes(10)));
    let mut after = watch::Watcher::new(minutes(30));
    after.set_rules([low]);
    after.on_alert(&alerts[0]);
    let lower = with_battery(ANA, 11, minutes(31));
    assert_eq!(after.on_card(&lower, minutes(31)), [], "the alert of before is known");
}

#[test]
fn nothing_of_somebody_private_is_measured() {
    let near = LocationRule {
        min_duration_secs: 60,
        ..rule(Condition::Near { target: RuleTarget::Poi(PLACE), within_m: 300 })
    };
    let silent = LocationRule { id: domain::RuleId(id(0xF)), ..rule(Condition::DeviceSilent { minutes: 5 }) };
    let mut watcher = watcher([near, silent]);
    watcher.on_card_gone(BEN);
    drive(&mut watcher, [fix(0, 900.0), fix(30, 200.0)]);
    let private = Resource { private_since: Some(at(40)), ..card(ANA) };
    assert_eq!(watcher.on_card(&private, at(40)), [], "in the middle of a run");
    assert_eq!(drive(&mut watcher, [fix(60, 200.0), fix(100, 200.0)]), [], "not measured");
    assert_eq!(tick(&mut watcher, minutes(20)), [], "nor called silent");
    let back = Resource { last_heard: Some(minutes(20)), ..card(ANA) };
    assert_eq!(watcher.on_card(&back, minutes(20)), [], "sharing again");
    assert_eq!(
        drive(&mut watcher, [fix(1_205, 200.0), fix(1_300, 200.0)]),
        [],
        "was near before we looked again"
    );
}

#[test]
fn a_fix_from_before_the_shift_does_not_count() {
    let mut watcher = watcher([rule(Condition::Near { target: RuleTarget::Poi(PLACE), within_m: 300 })]);
    watcher.on_card(&Resource { on_duty: false, ..card(ANA) }, at(0));
    drive(&mut watcher, [fix(10, 900.0)]);
    watcher.on_card(&card(ANA), at(20));
    let late = raised(drive(&mut watcher, [fix(15, 900.0), fix(30, 100.0)]));
    assert_eq!(late, [], "the first fix on duty is the first look");
}

#[test]
fn hours_are_the_companys_also_when_the_clocks_change() {
    // Sunday 02:00–03:00 in Berlin. On 2026-10-25 at 03:00 the clocks go back to 02:00: the hour comes twice, the first one counts.
    let night = domain::resource::WorkingHours {
        weekday: chrono::Weekday::Sun,
        starts: chrono::NaiveTime::from_hms_opt(2, 0, 0).expect("time"),
        ends: chrono::NaiveTime::from_hms_opt(3, 0, 0).expect("time"),
    };
    let schedule = domain::schedule::Schedule { hours: vec![night] };
    let fast = LocationRule { schedule, ..rule(Condition::Speeding { limit_kmh: 80 }) };
    let told = |start: &str| {
        let start: chrono::DateTime<chrono::Utc> = start.parse().expect("time");
        let mut watcher = watch::Watcher::new(start);
        watcher.set_zone(chrono_tz::Europe::Berlin);
        watcher.set_rules([fast.clone()]);
        watcher.on_card(&card(ANA), start);
        let at = |secs: i64, kmh| domain::position::Fix {
            fix_time: start + TimeDelta::seconds(secs),
            ..driving(0, 0.0, kmh)
        };
        [at(1, 50.0), at(30, 120.0)]
            .iter()
            .map(|fix| watcher.on_fix(ANA, fix, fix.fix_time).len())
            .sum::<usize>()
    };
    assert_eq!(told("2026-10-25T00:10:00Z"), 1, "02:10 summer time");
    assert_eq!(told("2026-10-25T01:10:00Z"), 1, "02:10 winter time: three o'clock comes only now");
    assert_eq!(told("2026-10-25T02:10:00Z"), 0, "03:10");
    assert_eq!(told("2026-10-24T23:50:00Z"), 0, "01:50");
}
