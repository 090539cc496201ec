use super::{monaco, two_tasks};
use crate::{
    Activity, Chain, Estimate, Eta, Fix, GreatCircle, Place, Stop, StopEta, TravelSource, TravelTimes, Trip,
    Unknown, chain,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::travel::TravelMode;
use domain::{LonLat, TaskId};

fn clock(text: &str) -> DateTime<Utc> {
    format!("2026-03-02T{text}Z").parse().expect("test time")
}

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("test coordinate")
}

/// Every drive takes ten minutes by road.
struct TenMinutes;

impl TravelTimes for TenMinutes {
    fn estimate(&self, _: Place, _: Place, _: Trip) -> Option<Estimate> {
        Some(Estimate { duration_secs: 600.0, distance_m: 5_000.0, source: TravelSource::Roads })
    }
}

fn seen(age_secs: i64) -> Fix {
    Fix::Seen { place: at(7.42, 43.73).into(), time: clock("09:00:00") - TimeDelta::seconds(age_secs) }
}

fn ask(fix: Fix, activity: Activity, stops: &[Stop]) -> Vec<StopEta> {
    chain(&Chain { mode: TravelMode::Car, fix, activity, stops }, &TenMinutes, clock("09:00:00"))
}

fn eta(answer: &StopEta) -> Eta {
    answer.eta.expect("an ETA is known")
}

#[test]
fn a_morning_with_two_tasks() {
    let answers = ask(seen(0), Activity::Free, &two_tasks());
    assert_eq!(eta(&answers[0]).p50, clock("09:10:00"), "ten minutes to the first");
    assert_eq!(eta(&answers[1]).p50, clock("09:50:00"), "half an hour of work, ten more minutes of driving");
    assert_eq!(answers[1].task, two_tasks()[1].task, "answers keep the order of the queue");
    let spread = |index: usize| eta(&answers[index]).p90 - eta(&answers[index]).p50;
    assert!(spread(0) >= TimeDelta::seconds(60), "nobody is that sure");
    assert!(spread(1) > spread(0), "what lies behind is less certain");
}

#[test]
fn remaining_work_comes_before_the_drive() {
    let answers = ask(seen(5_000), Activity::Working { remaining_secs: 900 }, &two_tasks());
    assert_eq!(eta(&answers[0]).p50, clock("09:25:00"), "15 minutes of work, 10 of driving");
    assert_eq!(eta(&answers[0]).fix_age_secs, 5_000, "who works stays where he is, but the age is told");
    let done = ask(seen(0), Activity::Working { remaining_secs: 0 }, &two_tasks());
    assert_eq!(eta(&done[0]).p50, clock("09:10:00"), "overdue work ends now");
}

#[test]
fn lateness_is_seen_before_it_happens() {
    let mut stops = two_tasks();
    stops[0].window_end = Some(clock("09:08:00"));
    stops[1].window_end = Some(clock("09:52:00"));
    let answers = ask(seen(0), Activity::Free, &stops);
    assert_eq!(eta(&answers[0]).late_by_secs, 120, "two minutes late at the first");
    assert_eq!(eta(&answers[1]).late_by_secs, 0, "probably in time at the second");
    assert!(eta(&answers[1]).late_by_p90_secs > 0, "but not surely");
    stops[0].window_start = Some(clock("10:00:00"));
    stops[0].window_end = None;
    let waiting = ask(seen(0), Activity::Free, &stops);
    assert_eq!(eta(&waiting[0]).p50, clock("09:10:00"), "arrives early and waits");
    assert_eq!(eta(&waiting[1]).p50, clock("10:40:00"), "work begins with the window");
}

#[test]
fn an_old_fix_widens_and_then_says_unknown() {
    let stops = two_tasks();
    let first = |age| eta(&ask(seen(age), Activity::UnderWay, &stops)[0]);
    assert_eq!(first(90).p50, clock("09:08:30"), "the 90 s driven since the fix count");
    assert_eq!(first(90).p90 - first(90).p50, first(0).p90 - first(0).p50, "fresh enough: no wider");
    assert_eq!(first(720).p50, clock("09:08:00"), "of an old fix only two minutes are believed");
    let widened = (first(720).p90 - first(720).p50) - (first(0).p90 - first(0).p50);
    assert_eq!(widened, TimeDelta::seconds(600), "the ten minutes nobody saw go into the P90");
    let lost = ask(seen(7_201), Activity::UnderWay, &stops);
    assert!(lost.iter().all(|answer| answer.eta == Err(Unknown::OldFix)), "after two hours: unknown");
    let future = eta(&ask(seen(-30), Activity::UnderWay, &stops)[0]);
    assert_eq!(
        (future.p50, future.fix_age_secs),
        (clock("09:10:00"), 0),
        "a fix from the future is as of now"
    );
}

#[test]
fn unknown_has_a_reason() {
    let stops = two_tasks();
    assert_eq!(
        ask(Fix::Private, Activity::Free, &stops)[1].eta,
        Err(Unknown::Private),
        "location switched off"
    );
    assert_eq!(ask(Fix::None, Activity::Free, &stops)[0].eta, Err(Unknown::NoFix), "never seen");
    assert!(ask(seen(0), Activity::Free, &[]).is_empty(), "an empty queue has no ETA");
    let mut far = stops;
    far[0].at = at(-74.0, 40.7);
    let input = Chain { mode: TravelMode::Car, fix: seen(0), activity: Activity::Free, stops: &far };
    let answers = chain(&input, &GreatCircle, clock("09:00:00"));
    assert!(
        answers.iter().all(|answer| answer.eta == Err(Unknown::NoWay)),
        "over the ocean, and all after it"
    );
}

#[test]
fn an_arrival_is_never_in_the_past() {
    let mut stops = two_tasks();
    stops[0].at = at(7.42, 43.73);
    let input = Chain { mode: TravelMode::Car, fix: seen(110), activity: Activity::UnderWay, stops: &stops };
    let answers = chain(&input, monaco(), clock("09:00:00"));
    assert_eq!(eta(&answers[0]).p50, clock("09:00:00"), "already there");
    assert_eq!(eta(&answers[0]).source, TravelSource::Roads, "both on roads");
}

#[test]
fn one_guess_makes_all_later_ones_guesses() {
    let mut stops = two_tasks().to_vec();
    stops.insert(1, Stop { task: TaskId(uuid::Uuid::from_u128(9)), at: at(7.46, 43.70), ..stops[0] });
    let input = Chain { mode: TravelMode::Car, fix: seen(0), activity: Activity::Free, stops: &stops };
    let qualities: Vec<_> =
        chain(&input, monaco(), clock("09:00:00")).iter().map(|answer| eta(answer).source).collect();
    assert_eq!(
        qualities,
        [TravelSource::Roads, TravelSource::StraightLine, TravelSource::StraightLine],
        "labelled from the boat on"
    );
}

#[test]
fn absurd_plans_do_not_overflow() {
    let mut stops = two_tasks();
    stops[0].planned_secs = u32::MAX;
    let answers = ask(seen(0), Activity::Working { remaining_secs: u32::MAX }, &stops);
    assert!(eta(&answers[1]).p90 > eta(&answers[1]).p50, "still dates, in the far future");
}
