//! A dispatcher's questions, in a land without hills: ten metres a second along the straight line, on roads.

use chrono::{DateTime, TimeDelta, Utc};
use domain::position::PositionState;
use domain::travel::{TravelMode, TravelSource};
use domain::{LonLat, PoiId, ResourceId, SkillId, TaskId};
use std::cell::Cell;
use uuid::Uuid;

use super::{Candidate, LOOKED_AT, Queued, Reason, Shortfall, Suggestion, Wanted, suggest};
use crate::chain::{Activity, Fix, Stop};
use crate::estimate::{Estimate, TravelTimes, Trip};
use crate::snap::Place;

fn clock(text: &str) -> DateTime<Utc> {
    format!("2026-03-02T{text}:00Z").parse().expect("test time")
}

fn now() -> DateTime<Utc> {
    clock("09:00")
}

/// So many kilometres east of the office.
fn east(km: f64) -> LonLat {
    let office = LonLat::new(7.42, 43.73).expect("coordinate");
    office.destination(if km < 0.0 { 270.0 } else { 90.0 }, km.abs() * 1_000.0)
}

/// The land, perhaps with a river at so many kilometres: the way over the bridge takes 20 minutes more.
#[derive(Default)]
struct Land {
    river_km: Option<f64>,
    questions: Cell<u32>,
    one_by_one: Cell<u32>,
}

impl Land {
    fn drive(&self, from: Place, to: Place) -> Option<Estimate> {
        let river = self.river_km.map(|km| east(km).lon());
        let crosses = river.is_some_and(|lon| (from.at.lon() < lon) != (to.at.lon() < lon));
        let distance_m = from.at.distance_m(to.at);
        let duration_secs = distance_m / 10.0 + if crosses { 1_200.0 } else { 0.0 };
        Some(Estimate { duration_secs, distance_m, source: TravelSource::Roads })
    }
}

impl TravelTimes for Land {
    fn estimate(&self, from: Place, to: Place, _: Trip) -> Option<Estimate> {
        self.one_by_one.set(self.one_by_one.get() + 1);
        self.drive(from, to)
    }

    fn estimates_to(&self, from: Place, to: &[Place], _: Trip) -> Vec<Option<Estimate>> {
        self.questions.set(self.questions.get() + 1);
        to.iter().map(|to| self.drive(from, *to)).collect()
    }

    fn estimates_from(&self, from: &[Place], to: Place, _: Trip) -> Vec<Option<Estimate>> {
        self.questions.set(self.questions.get() + 1);
        from.iter().map(|from| self.drive(*from, to)).collect()
    }
}

fn stop(number: u128, km: f64) -> Stop {
    let task = TaskId(Uuid::from_u128(number));
    Stop { task, at: east(km), planned_secs: 1_800, window_start: None, window_end: None }
}

fn queued(stop: Stop) -> Queued {
    Queued { stop, promised_until: None }
}

/// Half an hour of work ten kilometres east.
fn lift() -> Wanted {
    Wanted { stop: stop(1, 10.0), promised_until: None, load: 0, needs_skills: false }
}

/// Free, seen just now.
fn person(number: u128, km: f64) -> Candidate {
    Candidate {
        resource: ResourceId(Uuid::from_u128(number)),
        position: PositionState::Live,
        mode: TravelMode::Car,
        fix: Fix::Seen { place: east(km).into(), time: now() },
        activity: Activity::Free,
        queue: Vec::new(),
        breaks: Vec::new(),
        shift_end: None,
        missing_skills: Vec::new(),
        capacity: None,
        load: 0,
        open_tasks: 0,
        areas: Vec::new(),
        tasks_there: 0,
        has_declined: false,
    }
}

const ANA: u128 = 11;
const BEN: u128 = 12;
const CARLA: u128 = 13;

/// With these to go to, in order.
fn going_to(person: Candidate, stops: &[Stop]) -> Candidate {
    let open_tasks = stops.len() as u32;
    Candidate { queue: stops.iter().copied().map(queued).collect(), open_tasks, ..person }
}

fn asked(wanted: &Wanted, candidates: &[Candidate]) -> Vec<Suggestion> {
    suggest(wanted, candidates, &Land::default(), now())
}

fn order(list: &[Suggestion]) -> Vec<u128> {
    list.iter().map(|one| one.resource.0.as_u128()).collect()
}

fn of(list: &[Suggestion], number: u128) -> &Suggestion {
    list.iter().find(|one| one.resource.0.as_u128() == number).expect("everybody is in the list")
}

/// Minutes from now until they are expected, rounded.
fn minutes(suggestion: &Suggestion) -> i64 {
    let eta = suggestion.arrival.expect("a time is known");
    (eta.p50 - now() + TimeDelta::seconds(30)).num_minutes()
}

#[test]
fn the_nearest_is_not_the_fastest() {
    let land = Land { river_km: Some(9.0), ..Land::default() };
    let list = suggest(&lift(), &[person(ANA, 8.0), person(BEN, 18.0)], &land, now());
    assert_eq!(order(&list), [BEN, ANA], "Ana is two kilometres away, and a bridge");
    assert_eq!(list[0].reasons, [Reason::Fastest, Reason::Free], "that is what speaks for Ben");
    assert_eq!((minutes(&list[0]), minutes(&list[1])), (13, 23), "8 km of road, 2 km and the bridge");
    assert!(list[0].arrival.is_some_and(|eta| eta.p90 > eta.p50), "nobody is that sure");
    assert_eq!(
        list[1].extra_drive_secs.map(|secs| secs / 60),
        Some(23),
        "a free day gets longer by all of it"
    );
}

#[test]
fn who_passes_by_anyway_goes_before_who_has_to_go_there() {
    let ana = going_to(person(ANA, 2.0), &[stop(2, 30.0)]);
    let list = asked(&lift(), &[person(BEN, 4.0), ana]);
    assert_eq!(order(&list), [ANA, BEN], "three minutes later, but on the way");
    assert!(list[0].reasons.contains(&Reason::OnTheWay), "and that is told: {:?}", list[0].reasons);
    assert_eq!(list[0].extra_drive_secs.map(|secs| secs / 60), Some(0), "her day hardly gets longer");
    assert_eq!(list[1].reasons[0], Reason::Fastest, "Ben would be there earlier all the same");
}

#[test]
fn never_before_what_is_begun() {
    let under_way = Candidate {
        activity: Activity::UnderWay,
        ..going_to(person(ANA, 10.5), &[stop(2, 22.5), stop(3, 0.0)])
    };
    let list = asked(&lift(), std::slice::from_ref(&under_way));
    assert_eq!(minutes(&list[0]), 20 + 30 + 21, "first there, then the work there, then back");
    let until = list[0]
        .shortfalls
        .iter()
        .find_map(|what| if let Shortfall::Busy(until) = what { Some(*until) } else { None });
    let error = until.expect("she has something at hand") - clock("09:50");
    assert!(error.abs() < TimeDelta::seconds(1), "until she has been there: {until:?}");
    assert!(list[0].reasons.contains(&Reason::OnTheWay), "between both stops it is no detour");
    let waiting = Candidate { activity: Activity::Free, ..under_way };
    assert_eq!(minutes(&asked(&lift(), &[waiting])[0]), 1, "who has not set out can go there first");
    let at_work = Candidate { activity: Activity::Working { remaining_secs: 900 }, ..person(BEN, 10.0) };
    let list = asked(&lift(), &[at_work]);
    assert_eq!(minutes(&list[0]), 15, "next door, when the work is done");
    assert_eq!(list[0].shortfalls, [Shortfall::Busy(clock("09:15"))], "until then");
}

#[test]
fn a_detour_now_is_better_than_none_this_afternoon() {
    let day = [stop(2, -5.0), stop(3, -6.0), stop(4, -7.0), stop(5, -8.0), stop(6, 11.0)];
    let list = asked(&lift(), &[going_to(person(ANA, 6.0), &day)]);
    assert_eq!(minutes(&list[0]), 7, "13 minutes of driving more, but three hours earlier");
    let near = [stop(2, 5.0), stop(3, 10.0)];
    let list = asked(&lift(), &[going_to(person(ANA, 0.0), &near)]);
    assert_eq!(
        minutes(&list[0]),
        47,
        "half an hour of waiting is worth less than a detour of ten kilometres"
    );
}

#[test]
fn the_place_in_the_queue_is_one_that_makes_nobody_late() {
    let tight = Stop { window_end: Some(clock("09:12")), ..stop(2, -5.0) };
    let list = asked(&lift(), &[going_to(person(ANA, 0.0), &[tight])]);
    assert_eq!(minutes(&list[0]), 8 + 30 + 25, "first the appointment, then this");
    assert_eq!(list[0].shortfalls, [], "so nobody is late");
    let urgent = Wanted { stop: Stop { window_end: Some(clock("09:20")), ..lift().stop }, ..lift() };
    let list = asked(&urgent, &[going_to(person(ANA, 0.0), &[tight]), person(BEN, 21.0)]);
    assert_eq!(order(&list), [BEN, ANA], "nearly too late is better than somebody else too late");
    let ana = &of(&list, ANA).shortfalls;
    assert_eq!(ana[..], [Shortfall::MakesLate(vec![tight.task])], "and this is why");
    let far = asked(&urgent, &[person(BEN, 28.0)]);
    assert!(
        matches!(far[0].shortfalls[..], [Shortfall::Late(late)] if (595..=605).contains(&late)),
        "half an hour of road is ten minutes too long: {:?}",
        far[0].shortfalls
    );
}

#[test]
fn what_is_late_anyway_is_nobodys_fault() {
    let late = Stop { window_end: Some(clock("08:00")), ..stop(2, 12.0) };
    let list = asked(&lift(), &[going_to(person(ANA, 14.0), &[late])]);
    let blames = |one: &Suggestion| one.shortfalls.iter().any(|what| matches!(what, Shortfall::MakesLate(_)));
    assert!(!blames(&list[0]), "an hour late already, and this comes after it: {:?}", list[0].shortfalls);
    let told = Queued { stop: stop(2, 13.0), promised_until: Some(clock("09:05")) };
    let pressed = Wanted { promised_until: Some(clock("09:08")), ..lift() };
    let list = asked(&pressed, &[Candidate { queue: vec![told], ..person(ANA, 13.5) }]);
    assert_eq!(list[0].reasons.first(), Some(&Reason::Fastest), "{:?}", list[0]);
    assert!(
        blames(&list[0]) || list[0].shortfalls.iter().any(|what| matches!(what, Shortfall::BreaksPromise(_))),
        "one of both promises can't be kept: {:?}",
        list[0].shortfalls
    );
}

#[test]
fn a_promise_weighs_more_than_some_minutes() {
    let told = Wanted { promised_until: Some(clock("09:25")), ..lift() };
    let slow = Candidate { mode: TravelMode::Bicycle, ..person(ANA, -7.0) };
    let list = asked(&told, &[slow, person(BEN, 2.0)]);
    assert!(list[0].reasons.contains(&Reason::KeepsPromise), "Ben keeps it: {:?}", list[0].reasons);
    assert!(
        matches!(of(&list, ANA).shortfalls[..], [Shortfall::BreaksPromise(over)] if (190..=210).contains(&over)),
        "Ana would come three minutes too late: {:?}",
        of(&list, ANA).shortfalls
    );
    let fixed = Wanted { stop: Stop { window_end: Some(clock("10:00")), ..told.stop }, ..told };
    assert!(asked(&fixed, &[person(BEN, 2.0)])[0].reasons.contains(&Reason::InTime), "the window as well");
}

#[test]
fn a_private_person_is_listed_without_a_number() {
    let area = PoiId(Uuid::from_u128(50));
    let private = PositionState::Private { since: clock("08:00") };
    let ana = Candidate { position: private, areas: vec![area], tasks_there: 2, ..person(ANA, 10.0) };
    let list = asked(&lift(), &[ana, person(BEN, 100.0)]);
    assert_eq!(order(&list), [BEN, ANA], "below those of whom something is known");
    let ana = of(&list, ANA);
    assert_eq!(
        (ana.arrival, ana.drive, ana.extra_drive_secs),
        (None, None, None),
        "no number, whatever was handed in"
    );
    assert_eq!(ana.shortfalls, [Shortfall::Private], "and why");
    assert_eq!(ana.reasons, [Reason::Free, Reason::KnowsThePlace(2)], "no word of an area she is in");
}

#[test]
fn who_cannot_is_below_who_can_and_off_duty_is_last() {
    let weld = SkillId(Uuid::from_u128(60));
    let wanted = Wanted { load: 3, needs_skills: true, ..lift() };
    let people = [
        Candidate { position: PositionState::OffDuty, fix: Fix::None, ..person(21, 10.0) },
        Candidate { missing_skills: vec![weld], ..person(22, 10.0) },
        Candidate { capacity: Some(4), load: 2, ..person(23, 10.0) },
        Candidate { position: PositionState::NoFix, fix: Fix::None, ..person(24, 10.0) },
        Candidate { capacity: Some(5), load: 2, ..person(25, 60.0) },
    ];
    let list = asked(&wanted, &people);
    assert_eq!(order(&list), [25, 24, 23, 22, 21], "can, unknown, can't carry, lacks a skill, off duty");
    assert_eq!(of(&list, 21).shortfalls, [Shortfall::OffDuty], "nothing else is said of who is at home");
    assert_eq!(of(&list, 21).reasons, [Reason::HasSkills], "and nothing that sounds like being there");
    assert_eq!(of(&list, 22).shortfalls, [Shortfall::MissingSkills(vec![weld])], "by name");
    assert_eq!(of(&list, 23).shortfalls, [Shortfall::TooMuchToCarry], "two and three are more than four");
    assert_eq!(of(&list, 24).shortfalls, [Shortfall::NoLocation], "nobody knows where");
    assert_eq!(list[0].reasons[..2], [Reason::Fastest, Reason::HasSkills], "of those who can");
}

#[test]
fn an_old_position_counts_as_what_it_is() {
    let seen =
        |age_secs: i64, km| Fix::Seen { place: east(km).into(), time: now() - TimeDelta::seconds(age_secs) };
    let stale = Candidate { fix: seen(600, 8.0), position: PositionState::Stale, ..person(ANA, 0.0) };
    let lost =
        Candidate { fix: seen(9_000, 10.0), position: PositionState::DeviceSilent, ..person(BEN, 0.0) };
    let list = asked(&lift(), &[stale, lost, person(CARLA, 6.0)]);
    assert_eq!(order(&list), [CARLA, ANA, BEN], "three minutes later, but known");
    assert_eq!(of(&list, ANA).shortfalls, [Shortfall::StaleLocation(600)], "ten minutes old");
    assert_eq!(of(&list, BEN).shortfalls, [Shortfall::StaleLocation(9_000)], "too old for a time");
    assert_eq!(of(&list, BEN).arrival, None, "unknown beats a wrong number");
    let at_work = Candidate {
        fix: seen(9_000, 10.0),
        activity: Activity::Working { remaining_secs: 0 },
        ..person(ANA, 0.0)
    };
    assert_eq!(
        asked(&lift(), &[at_work])[0].shortfalls,
        [Shortfall::Busy(now())],
        "who works stays where they are"
    );
}

#[test]
fn the_shift_has_an_end() {
    let ana = Candidate { shift_end: Some(clock("09:25")), ..person(ANA, 9.0) };
    let list = asked(&lift(), &[ana.clone(), person(BEN, 0.0)]);
    assert_eq!(order(&list), [BEN, ANA], "15 minutes are better than overtime");
    let tight = Candidate { shift_end: Some(clock("09:20")), ..ana };
    assert!(
        matches!(asked(&lift(), &[tight])[0].shortfalls[..], [Shortfall::OutsideShift(over)] if (690..=710).contains(&over)),
        "two minutes of driving, thirty of work: twelve too many"
    );
}

#[test]
fn before_the_window_opens_nobody_is_better_for_the_time() {
    let later = Stop { window_start: Some(clock("14:00")), window_end: Some(clock("15:00")), ..lift().stop };
    let passing = going_to(person(ANA, -20.0), &[stop(2, 9.8)]);
    let list = asked(&Wanted { stop: later, ..lift() }, &[person(BEN, 8.0), passing]);
    assert_eq!(
        order(&list),
        [ANA, BEN],
        "both wait for two o'clock; she drives 20 seconds for it, he three minutes"
    );
}

#[test]
fn who_said_no_before_is_asked_later() {
    let ana = Candidate { has_declined: true, ..person(ANA, 10.0) };
    let list = asked(&lift(), &[ana, person(BEN, -5.0)]);
    assert_eq!(order(&list), [BEN, ANA], "25 minutes are better than asking her again");
    assert_eq!(list[1].shortfalls, [Shortfall::DeclinedBefore], "and this is why");
}

#[test]
fn of_two_as_near_the_one_with_less_to_do_and_who_knows_the_place() {
    let busy = |number| Candidate { open_tasks: 4, ..person(number, 12.0) };
    let knows = Candidate { tasks_there: 3, ..person(CARLA, 12.0) };
    let list = asked(&lift(), &[busy(ANA), person(BEN, 12.0), knows, busy(14)]);
    assert_eq!(order(&list), [CARLA, BEN, ANA, 14], "the same three minutes for all");
    assert_eq!(
        list[0].reasons,
        [Reason::Fastest, Reason::Free, Reason::KnowsThePlace(3), Reason::LittleToDo],
        "what speaks for Carla"
    );
    assert!(!list[2].reasons.contains(&Reason::LittleToDo), "Ana has more than most");
}

#[test]
fn whose_it_is_already_is_looked_at_like_everybody() {
    let ana = Candidate { activity: Activity::UnderWay, ..going_to(person(ANA, 5.0), &[lift().stop]) };
    let list = asked(&lift(), &[ana]);
    assert_eq!(minutes(&list[0]), 8, "she is on her way to this very task: not after it, and not twice");
    assert!(list[0].shortfalls.is_empty(), "so she is busy with nothing else: {:?}", list[0].shortfalls);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let mut people: Vec<Candidate> = (0..40).map(|n| person(100 + n, (n % 4) as f64)).collect();
    let first = asked(&lift(), &people);
    people.reverse();
    assert_eq!(asked(&lift(), &people), first, "whatever the order in which people are handed in");
}

#[test]
fn drives_are_asked_for_in_batches() {
    let land = Land::default();
    let people: Vec<Candidate> = (0..50)
        .map(|n| going_to(person(100 + n, n as f64), &[stop(1_000 + n, 5.0), stop(2_000 + n, 6.0)]))
        .collect();
    suggest(&lift(), &people, &land, now());
    assert_eq!(land.questions.get(), 2, "one to the task and one from it, for all who drive");
    assert_eq!(
        land.one_by_one.get(),
        99,
        "and one for each drive before them; one of these begins at the task"
    );
}

#[test]
fn of_thousands_the_nearest_are_looked_at_and_the_others_say_so() {
    let people: Vec<Candidate> =
        (0..LOOKED_AT as u128 + 50).map(|n| person(1_000 + n, n as f64 * 0.05)).collect();
    let list = asked(&lift(), &people);
    assert_eq!(list.len(), people.len(), "nobody is left out");
    let (near, far) = list.split_at(LOOKED_AT);
    let is_rough = |one: &Suggestion| one.shortfalls.contains(&Shortfall::EstimateOnly);
    assert!(!near.iter().any(is_rough), "the nearest along the roads");
    assert!(far.iter().all(is_rough), "the others say what they rest on");
    assert!(
        far.iter().all(|one| one.arrival.is_some() && one.extra_drive_secs.is_none()),
        "and what is not known"
    );
}

#[test]
fn nobody_to_ask_is_an_empty_list() {
    assert!(asked(&lift(), &[]).is_empty(), "and no panic");
    let absurd = Stop { planned_secs: u32::MAX, window_end: Some(DateTime::<Utc>::MIN_UTC), ..stop(2, 3.0) };
    let list = asked(&lift(), &[going_to(person(ANA, 0.0), &[absurd])]);
    assert_eq!(list.len(), 1, "absurd plans are still dates, far away");
}
