//! The rest of a working day, hour by hour.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use domain::resource::{BreakRule, Resource, WorkingHours};
use domain::shift::shift_of;
use domain::travel::TravelMode;
use domain::{GroupId, ProfileId, ResourceId};
use plan::Break;
use uuid::Uuid;

use super::shifts::{Shift, rest_of_day};
use super::when::When;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time")
}

fn hours(weekday: Weekday, starts: u32, ends: u32) -> WorkingHours {
    WorkingHours { weekday, starts: clock(starts, 0), ends: clock(ends, 0) }
}

/// Somebody in Berlin who is off duty.
fn card(working_hours: Vec<WorkingHours>, breaks: Vec<BreakRule>) -> Resource {
    Resource {
        id: ResourceId(Uuid::from_u128(1)),
        name: "Ana".to_owned(),
        employee_number: "7".to_owned(),
        group: GroupId(Uuid::from_u128(2)),
        phone: String::new(),
        email: String::new(),
        skills: Vec::new(),
        working_hours,
        breaks,
        capacity: None,
        travels: TravelMode::Car,
        ui_language: "de".to_owned(),
        profile: ProfileId(Uuid::from_u128(3)),
        home: None,
        on_duty: false,
        private_since: None,
        last_heard: None,
        battery: None,
        disabled: false,
    }
}

fn on_duty(card: &Resource) -> Resource {
    Resource { on_duty: true, ..card.clone() }
}

fn rest(card: &Resource, now: &str) -> Option<Shift> {
    rest_of_day(card, &When::of(None, Tz::Europe__Berlin, at(now)).expect("now is near"))
}

const LUNCH: fn() -> BreakRule = || BreakRule { from: clock(12, 0), to: clock(14, 0), minutes: 30 };

#[test]
fn a_day_goes_from_now_to_the_end_of_the_shift_with_the_breaks_still_to_come() {
    let ana = card(vec![hours(Weekday::Mon, 8, 17)], vec![LUNCH()]);
    let shift = rest(&ana, "2026-11-23T09:00:00Z").expect("ten in the morning");
    assert_eq!(
        (shift.starts, shift.ends),
        (at("2026-11-23T09:00:00Z"), at("2026-11-23T16:00:00Z")),
        "the rest"
    );
    let lunch = Break { from: at("2026-11-23T11:00:00Z"), to: at("2026-11-23T13:00:00Z"), secs: 1_800 };
    assert_eq!(shift.breaks, [lunch], "by local time");
    let early = rest(&ana, "2026-11-23T06:00:00Z").expect("seven in the morning");
    assert_eq!(early.starts, at("2026-11-23T07:00:00Z"), "nobody begins before the shift");
    let signed_in = rest(&on_duty(&ana), "2026-11-23T06:00:00Z").expect("seven in the morning");
    assert_eq!(signed_in.starts, at("2026-11-23T06:00:00Z"), "but who is there already can");
    let afternoon = rest(&ana, "2026-11-23T13:00:01Z").expect("two in the afternoon");
    assert!(afternoon.breaks.is_empty(), "the time for lunch is over");
    assert_eq!(rest(&ana, "2026-11-23T16:00:00Z"), None, "five o'clock: the shift is over");
}

#[test]
fn a_night_is_the_work_of_the_day_it_began_on_and_clock_changes_count() {
    let rule = BreakRule { from: clock(2, 0), to: clock(4, 0), minutes: 30 };
    let night = card(vec![hours(Weekday::Sat, 22, 6)], vec![rule]);
    let autumn = rest(&night, "2026-10-24T23:30:00Z").expect("half past one on Sunday");
    assert_eq!(autumn.ends, at("2026-10-25T05:00:00Z"), "six o'clock winter time");
    let meal = Break { from: at("2026-10-25T00:00:00Z"), to: at("2026-10-25T03:00:00Z"), secs: 1_800 };
    assert_eq!(autumn.breaks, [meal], "after midnight, and the hour that comes twice is part of it");
    let spring = rest(&night, "2027-03-27T22:00:00Z").expect("eleven on Saturday");
    assert_eq!(spring.ends, at("2027-03-28T04:00:00Z"), "six o'clock summer time");
    let before = rest(&night, "2027-03-27T09:00:00Z").expect("ten on Saturday");
    assert_eq!(before.starts, at("2027-03-27T21:00:00Z"), "still to come");
    assert_eq!(rest(&night, "2027-03-28T05:00:00Z"), None, "seven on Sunday: over");
}

#[test]
fn the_time_between_two_parts_of_a_shift_is_nobodys_work() {
    let ana = card(vec![hours(Weekday::Mon, 14, 18), hours(Weekday::Mon, 8, 12)], Vec::new());
    let shift = rest(&ana, "2026-11-23T09:00:00Z").expect("ten in the morning");
    assert_eq!(shift.ends, at("2026-11-23T17:00:00Z"), "the end of the second part");
    let noon = at("2026-11-23T11:00:00Z");
    assert_eq!(shift.breaks, [Break { from: noon, to: noon, secs: 7_200 }], "exactly from noon to two");
    let touching = card(vec![hours(Weekday::Mon, 8, 12), hours(Weekday::Mon, 12, 16)], Vec::new());
    let whole = rest(&touching, "2026-11-23T09:00:00Z").expect("ten in the morning");
    assert!(whole.breaks.is_empty(), "two parts without time between are one");
}

#[test]
fn who_is_on_duty_has_a_day_whatever_the_hours_say() {
    let unknown = card(Vec::new(), Vec::new());
    assert_eq!(rest(&unknown, "2026-11-23T09:00:00Z"), None, "no hours, not there");
    let there = rest(&on_duty(&unknown), "2026-11-23T09:00:00Z").expect("there");
    assert_eq!(there.ends, at("2026-11-23T23:00:00Z"), "to the end of the local day");
    let monday = on_duty(&card(vec![hours(Weekday::Mon, 8, 17)], Vec::new()));
    let over = rest(&monday, "2026-11-23T17:00:00Z").expect("still there");
    assert_eq!(
        (over.starts, over.ends),
        (over.began, over.starts),
        "after hours: what is at hand, nothing new"
    );
    let day_off = rest(&monday, "2026-11-24T09:00:00Z").expect("came in on Tuesday");
    assert_eq!(day_off.ends, at("2026-11-24T23:00:00Z"), "no hours are planned for that day");
}

#[test]
fn another_day_is_planned_by_its_hours_alone() {
    let ana = on_duty(&card(vec![hours(Weekday::Tue, 8, 17)], vec![LUNCH()]));
    let now = at("2026-11-23T09:00:00Z");
    let tomorrow = When::of(Some(at("2026-11-24T05:00:00Z")), Tz::Europe__Berlin, now).expect("near");
    let shift = rest_of_day(&ana, &tomorrow).expect("a shift");
    assert_eq!(shift.starts, at("2026-11-24T07:00:00Z"), "that she is there today says nothing of tomorrow");
    assert_eq!(shift.breaks.len(), 1, "with lunch");
    assert!(
        When::of(Some(at("2027-01-24T05:00:00Z")), Tz::Europe__Berlin, now).is_err(),
        "nobody knows January"
    );
    let past = When::of(Some(at("2026-11-20T05:00:00Z")), Tz::Europe__Berlin, now).expect("as of now");
    assert_eq!(past.start, now, "nothing is planned for the past");
}

#[test]
fn breaks_that_overlap_or_do_not_fit_make_no_contradiction() {
    let tea = BreakRule { from: clock(13, 0), to: clock(15, 0), minutes: 10 };
    let endless = BreakRule { from: clock(9, 0), to: clock(10, 0), minutes: 600 };
    let ana = card(vec![hours(Weekday::Mon, 8, 17)], vec![tea, LUNCH(), endless]);
    let breaks = rest(&ana, "2026-11-23T07:00:00Z").expect("eight in the morning").breaks;
    assert_eq!(breaks.len(), 2, "what is longer than the shift is no break of it");
    assert!(breaks[0].to <= breaks[1].from, "one after the other: {breaks:?}");
    let late = BreakRule { from: clock(16, 45), to: clock(20, 0), minutes: 15 };
    let ends = rest(&card(vec![hours(Weekday::Mon, 8, 17)], vec![late]), "2026-11-23T07:00:00Z");
    let latest = ends.expect("eight in the morning").breaks[0].to;
    assert_eq!(latest, at("2026-11-23T15:45:00Z"), "a break ends with the shift at the latest");
}

#[test]
fn a_plan_and_an_arrival_know_the_same_breaks() {
    let tea = BreakRule { from: clock(15, 45), to: clock(20, 0), minutes: 15 };
    let none = BreakRule { from: clock(10, 0), to: clock(11, 0), minutes: 0 };
    for (starts, ends) in [(8, 17), (13, 16), (13, 17), (22, 6)] {
        let ana = card(vec![hours(Weekday::Mon, starts, ends)], vec![LUNCH(), tea, none]);
        let begins = at("2026-11-23T00:00:00Z") + TimeDelta::hours(i64::from(starts) - 1);
        let planned = rest(&ana, &begins.to_rfc3339()).expect("a shift").breaks;
        let expected = shift_of(&ana, None, Tz::Europe__Berlin, begins).expect("the same shift").breaks;
        let told = |from, to, secs| (from, to, secs);
        assert_eq!(
            planned.iter().map(|one| told(one.from, one.to, one.secs)).collect::<Vec<_>>(),
            expected.iter().map(|one| told(one.from, one.to, one.secs)).collect::<Vec<_>>(),
            "from {starts} to {ends} o'clock"
        );
    }
}
