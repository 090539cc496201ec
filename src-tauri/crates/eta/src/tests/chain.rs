use super::{monaco, two_tasks};
use crate::{
    Activity, Break, Chain, ChainEta, Done, Estimate, Eta, Fix, GreatCircle, Place, Stop, StopEta,
    TravelSource, TravelTimes, Trip, Unknown, chain,
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

fn of(fix: Fix, activity: Activity, stops: &[Stop]) -> Chain<'_> {
    Chain { mode: TravelMode::Car, fix, activity, stops, breaks: &[], shift_end: None }
}

fn ask(fix: Fix, activity: Activity, stops: &[Stop]) -> Vec<StopEta> {
    chain(&of(fix, activity, stops), &TenMinutes, clock("09:00:00")).stops
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
    let answers = chain(&of(seen(0), Activity::Free, &far), &GreatCircle, clock("09:00:00")).stops;
    assert!(
        answers.iter().all(|answer| answer.eta == Err(Unknown::NoWay)),
        "over the ocean, and all after it"
    );
}

#[test]
fn an_arrival_is_never_in_the_past() {
    let mut stops = two_tasks();
    stops[0].at = at(7.42, 43.73);
    let answers = chain(&of(seen(110), Activity::UnderWay, &stops), monaco(), clock("09:00:00")).stops;
    assert_eq!(eta(&answers[0]).p50, clock("09:00:00"), "already there");
    assert_eq!(eta(&answers[0]).source, TravelSource::Roads, "both on roads");
}

#[test]
fn one_guess_makes_all_later_ones_guesses() {
    let mut stops = two_tasks().to_vec();
    stops.insert(1, Stop { task: TaskId(uuid::Uuid::from_u128(9)), at: at(7.46, 43.70), ..stops[0] });
    let answers = chain(&of(seen(0), Activity::Free, &stops), monaco(), clock("09:00:00")).stops;
    let qualities: Vec<_> = answers.iter().map(|answer| eta(answer).source).collect();
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

/// Half an hour of rest, to be begun between these times.
fn rest(from: &str, to: &str) -> Break {
    Break { from: clock(from), to: clock(to), secs: 1_800 }
}

/// Two stops of half an hour, ten minutes apart, asked at nine.
fn with_breaks(activity: Activity, stops: &[Stop], breaks: &[Break]) -> ChainEta {
    chain(&Chain { breaks, ..of(seen(0), activity, stops) }, &TenMinutes, clock("09:00:00"))
}

fn arrivals(answer: &ChainEta) -> Vec<DateTime<Utc>> {
    answer.stops.iter().map(|stop| eta(stop).p50).collect()
}

fn done(answer: &ChainEta) -> Done {
    answer.done.expect("the end is known")
}

#[test]
fn metres_and_seconds_add_up_along_the_way() {
    let answers = ask(seen(0), Activity::Free, &two_tasks());
    let driven: Vec<_> = answers.iter().map(|stop| (stop.drive_secs, stop.distance_m)).collect();
    assert_eq!(
        driven,
        [(600.0, 5_000.0), (1_200.0, 10_000.0)],
        "the second drive comes on top, work does not"
    );
}

#[test]
fn a_break_is_taken_before_leaving_once_it_is_due() {
    let stops = two_tasks();
    let answer = with_breaks(Activity::Free, &stops, &[rest("09:30:00", "11:00:00")]);
    assert_eq!(
        arrivals(&answer),
        [clock("09:10:00"), clock("10:20:00")],
        "work until 09:40, the break until 10:10, then the drive"
    );
    let now = with_breaks(Activity::Free, &stops, &[rest("08:30:00", "09:30:00")]);
    assert_eq!(arrivals(&now)[0], clock("09:40:00"), "who is free while it is due takes it first");
    let on_the_road = with_breaks(Activity::UnderWay, &stops, &[rest("08:30:00", "10:00:00")]);
    assert_eq!(
        arrivals(&on_the_road),
        [clock("09:10:00"), clock("10:20:00")],
        "nobody stops on the road: it comes after the first stop"
    );
    let over = with_breaks(Activity::Free, &stops, &[rest("07:00:00", "08:59:59")]);
    assert_eq!(arrivals(&over)[0], clock("09:10:00"), "that one has been taken");
}

#[test]
fn waiting_for_a_window_is_a_break_that_costs_nothing() {
    let mut stops = two_tasks();
    stops[0].window_start = Some(clock("10:00:00"));
    let answer = with_breaks(Activity::Free, &stops, &[rest("09:15:00", "12:00:00")]);
    assert_eq!(
        arrivals(&answer),
        [clock("09:10:00"), clock("10:40:00")],
        "fifty minutes in front of the door are enough for half an hour of rest"
    );
    stops[0].window_start = Some(clock("09:20:00"));
    let short = with_breaks(Activity::Free, &stops, &[rest("09:15:00", "12:00:00")]);
    assert_eq!(arrivals(&short)[1], clock("10:30:00"), "ten minutes are not: it comes after the work");
}

#[test]
fn a_break_that_would_begin_too_late_comes_before_the_work_or_interrupts_it() {
    let mut stops = two_tasks();
    stops[0].planned_secs = 3 * 3_600;
    let before = with_breaks(Activity::Free, &stops, &[rest("09:05:00", "10:00:00")]);
    assert_eq!(
        arrivals(&before),
        [clock("09:10:00"), clock("12:50:00")],
        "there at ten past nine, rest, three hours of work until 12:40"
    );
    let within = with_breaks(Activity::Free, &stops, &[rest("10:00:00", "11:00:00")]);
    assert_eq!(arrivals(&within)[1], clock("12:50:00"), "in the middle of the work it takes as long");
    let working = Activity::Working { remaining_secs: 7_200 };
    let current = with_breaks(working, &two_tasks(), &[rest("09:30:00", "10:00:00")]);
    assert_eq!(arrivals(&current)[0], clock("11:40:00"), "also in that of the task at hand");
}

#[test]
fn the_end_of_work_against_the_end_of_the_shift() {
    let stops = two_tasks();
    let input = Chain { shift_end: Some(clock("10:15:00")), ..of(seen(0), Activity::Free, &stops) };
    let answer = chain(&input, &TenMinutes, clock("09:00:00"));
    assert_eq!(done(&answer).p50, clock("10:20:00"), "two drives of ten minutes, twice half an hour of work");
    assert_eq!(done(&answer).over_shift_secs, Some(300), "five minutes too long");
    assert!(done(&answer).p90 > done(&answer).p50, "and perhaps longer");
    let rests = [rest("10:00:00", "12:00:00")];
    let tired = chain(&Chain { breaks: &rests, ..input }, &TenMinutes, clock("09:00:00"));
    assert_eq!(done(&tired).p50, clock("10:20:00"), "nobody rests before going home");
    let early = chain(&Chain { shift_end: Some(clock("17:00:00")), ..input }, &TenMinutes, clock("09:00:00"));
    assert_eq!(done(&early).over_shift_secs, Some(-24_000), "time left is told, too");
    let at_work =
        chain(&of(seen(0), Activity::Working { remaining_secs: 600 }, &[]), &TenMinutes, clock("09:00:00"));
    assert_eq!(
        (done(&at_work).p50, done(&at_work).over_shift_secs),
        (clock("09:10:00"), None),
        "with nothing to drive to, the task at hand is all; no shift, no overrun"
    );
}

#[test]
fn tomorrows_appointment_is_not_this_shifts_work() {
    let mut stops = two_tasks();
    stops[1].window_start = Some(clock("08:00:00") + TimeDelta::days(1));
    let input = Chain { shift_end: Some(clock("17:00:00")), ..of(seen(0), Activity::Free, &stops) };
    let answer = chain(&input, &TenMinutes, clock("09:00:00"));
    assert_eq!(done(&answer).p50, clock("09:40:00"), "done when today's is done");
    assert!(answer.stops[1].eta.is_ok(), "it has an arrival all the same");
}

#[test]
fn nothing_is_said_of_the_end_when_something_on_the_way_is_unknown() {
    let mut stops = two_tasks();
    stops[1].at = at(-74.0, 40.7);
    let answer = chain(&of(seen(0), Activity::Free, &stops), &GreatCircle, clock("09:00:00"));
    assert!(answer.stops[0].eta.is_ok(), "the first is near");
    assert_eq!(answer.done, Err(Unknown::NoWay), "the second is beyond the sea, and so is the evening");
    let private = chain(&of(Fix::Private, Activity::Free, &stops), &GreatCircle, clock("09:00:00"));
    assert_eq!(private.done, Err(Unknown::Private), "of somebody private nothing at all");
}

#[test]
fn absurd_input_gives_no_absurd_answer() {
    let mut stops = two_tasks();
    stops[0].planned_secs = 0;
    stops[0].window_start = Some(clock("08:00:00") - TimeDelta::days(9));
    stops[0].window_end = Some(clock("08:30:00") - TimeDelta::days(9));
    let late = with_breaks(Activity::Free, &stops, &[]);
    assert_eq!(
        arrivals(&late)[1],
        clock("09:20:00"),
        "a task of no minutes in a window long over: just drives"
    );
    assert_eq!(
        eta(&late.stops[0]).late_by_secs,
        9 * 86_400 + 2_400,
        "late by all of nine days and forty minutes"
    );
    stops[0].window_start = Some(clock("20:00:00"));
    stops[0].window_end = Some(clock("08:00:00"));
    let upside_down = with_breaks(Activity::Free, &stops, &[]);
    assert_eq!(
        arrivals(&upside_down)[1],
        clock("20:10:00"),
        "a window that ends before it begins is waited for"
    );
    let odd = [
        Break { from: clock("12:00:00"), to: clock("09:30:00"), secs: 600 },
        Break { from: clock("09:00:00"), to: clock("23:00:00"), secs: 0 },
        Break { from: clock("09:00:00"), to: clock("23:00:00"), secs: u32::MAX },
    ];
    let tired = with_breaks(Activity::Free, &two_tasks(), &odd);
    assert!(
        arrivals(&tired)[0] > clock("09:10:00") && done(&tired).p90 > done(&tired).p50,
        "a break of a century is a mistake, but still a date"
    );
    let backwards = Chain { shift_end: Some(DateTime::<Utc>::MIN_UTC), ..of(seen(0), Activity::Free, &[]) };
    let ended = chain(&backwards, &TenMinutes, clock("09:00:00"));
    assert!(done(&ended).over_shift_secs.is_some_and(|secs| secs > 0), "a shift that ended long ago is over");
}

/// A road engine out of its mind.
struct Nonsense(f64);

impl TravelTimes for Nonsense {
    fn estimate(&self, _: Place, _: Place, _: Trip) -> Option<Estimate> {
        Some(Estimate { duration_secs: self.0, distance_m: 1.0, source: TravelSource::Osrm })
    }
}

#[test]
fn a_nonsensical_drive_is_no_arrival() {
    for secs in [f64::NAN, f64::INFINITY, -5.0] {
        let answer = chain(&of(seen(0), Activity::Free, &two_tasks()), &Nonsense(secs), clock("09:00:00"));
        assert_eq!(answer.stops[0].eta, Err(Unknown::NoWay), "{secs} seconds are no drive");
    }
}

/// Drives as long as the hour says: ten minutes, an hour at nine.
struct RushHour;

impl TravelTimes for RushHour {
    fn estimate(&self, _: Place, _: Place, trip: Trip) -> Option<Estimate> {
        let is_rush = trip.leaves >= clock("09:00:00") && trip.leaves < clock("10:00:00");
        let duration_secs = if is_rush && trip.mode == TravelMode::Car { 3_600.0 } else { 600.0 };
        Some(Estimate { duration_secs, distance_m: 1.0, source: TravelSource::Roads })
    }
}

#[test]
fn each_drive_is_asked_for_the_hour_and_the_mode_in_which_it_is_driven() {
    let stops = two_tasks();
    let by =
        |mode| chain(&Chain { mode, ..of(seen(0), Activity::Free, &stops) }, &RushHour, clock("09:00:00"));
    assert_eq!(
        arrivals(&by(TravelMode::Car)),
        [clock("10:00:00"), clock("10:40:00")],
        "the first drive in the rush, the second after it"
    );
    assert_eq!(arrivals(&by(TravelMode::Bicycle))[0], clock("09:10:00"), "a bicycle does not mind");
}
