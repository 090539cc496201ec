//! Plans as a dispatcher asks for them and reads them.

use chrono::{NaiveTime, TimeDelta, Weekday};
use domain::resource::Resource;
use domain::resource::WorkingHours;
use domain::task::AssignError;
use domain::travel::{TravelMode, TravelSource};
use domain::{GroupId, ProfileId, ResourceId};
use protocol::view::{PlanFigures, PlanMoveView};
use uuid::Uuid;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn task(n: u128) -> TaskId {
    TaskId(Uuid::from_u128(n))
}

fn person(n: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(n))
}

fn card(n: u128, group: u128, starts: Option<u32>) -> Resource {
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    let hours =
        starts.map(|starts| WorkingHours { weekday: Weekday::Sat, starts: hour(starts), ends: hour(18) });
    Resource {
        id: person(n),
        name: format!("Person {n}"),
        employee_number: n.to_string(),
        group: GroupId(Uuid::from_u128(group)),
        phone: String::new(),
        email: String::new(),
        skills: Vec::new(),
        working_hours: hours.into_iter().collect(),
        breaks: Vec::new(),
        capacity: None,
        travels: TravelMode::Car,
        ui_language: "en".to_owned(),
        profile: ProfileId(Uuid::nil()),
        home: None,
        on_duty: false,
        private_since: None,
        last_heard: None,
        battery: None,
        disabled: false,
    }
}

#[test]
fn tomorrow_begins_with_the_first_shift_of_whom_is_planned() {
    let here = (chrono_tz::Europe::Monaco, at("2026-11-27T15:00:00Z"));
    let cards = [card(1, 7, Some(5)), card(2, 8, Some(7)), card(3, 9, None)];
    let from = |form: &PlanForm| form.request(cards.iter(), Vec::new(), here).from;
    let all = PlanForm { start: PlanStart::Tomorrow, ..PlanForm::default() };
    assert_eq!(from(&all), Some(at("2026-11-28T04:00:00Z")), "05:00 in Monaco, an hour ahead of UTC");
    let group = PlanForm { groups: [GroupId(Uuid::from_u128(8))].into(), ..all.clone() };
    assert_eq!(from(&group), Some(at("2026-11-28T06:00:00Z")), "the early shift is not in this group");
    let nobody_knows = PlanForm { people: [person(3)].into(), ..all.clone() };
    assert_eq!(from(&nobody_knows), Some(at("2026-11-28T05:00:00Z")), "no hours are known: from 06:00 on");
    assert_eq!(from(&PlanForm::default()), None, "from now on needs no time");
    let asked = group.request(cards.iter(), vec![task(4)], here);
    assert_eq!(
        (asked.locked, asked.groups.len()),
        (vec![task(4)], 1),
        "what is locked and who is meant is handed on"
    );
}

fn moved(n: u128, from: Option<u128>, to: Option<u128>, after: Option<&str>) -> PlanMoveView {
    PlanMoveView {
        task: task(n),
        from: from.map(person),
        to: to.map(person),
        arrives_before: None,
        arrives_after: after.map(at),
        is_chosen: true,
    }
}

fn plan(before: PlanFigures, after: PlanFigures) -> PlanView {
    PlanView {
        plan: 1,
        from: at("2026-11-27T08:00:00Z"),
        made_at: at("2026-11-27T08:00:00Z"),
        is_cancelled: false,
        source: TravelSource::Roads,
        days: Vec::new(),
        moves: vec![moved(1, None, Some(2), None)],
        left_out: Vec::new(),
        not_planned: Vec::new(),
        before,
        after,
        broken_promises: Vec::new(),
        mended_promises: Vec::new(),
    }
}

#[test]
fn less_is_better_and_a_few_seconds_are_nothing() {
    let before = PlanFigures {
        drive_secs: 7_200,
        late_tasks: 3,
        left_out: 0,
        waiting_secs: 600,
        ..PlanFigures::default()
    };
    let after = PlanFigures {
        drive_secs: 5_400,
        late_tasks: 0,
        left_out: 1,
        waiting_secs: 612,
        ..PlanFigures::default()
    };
    let found = figures(&plan(before, after));
    let trend = |figure| found.iter().find(|line| line.0 == figure).map(|line| line.3);
    assert_eq!(trend(Figure::Drive), Some(Trend::Better), "half an hour less on the road");
    assert_eq!(trend(Figure::LateTasks), Some(Trend::Better), "nobody is late");
    assert_eq!(trend(Figure::LeftOut), Some(Trend::Worse), "but a task is left out");
    assert_eq!(trend(Figure::Waiting), Some(Trend::Same), "12 seconds are not felt");
    assert_eq!(found.map(|line| line.0), Figure::ALL, "every figure is there once, in order");
}

#[test]
fn moves_are_read_person_by_person() {
    let moves = [
        moved(1, Some(1), Some(2), Some("2026-11-27T12:00:00Z")),
        moved(2, Some(2), None, None),
        moved(3, None, Some(1), Some("2026-11-27T09:00:00Z")),
        moved(4, None, Some(2), Some("2026-11-27T10:00:00Z")),
    ];
    // By name the second person comes first.
    let name_of = |id: ResourceId| if id == person(2) { "Ana".to_owned() } else { "Bruno".to_owned() };
    let heaps = by_person(&moves, name_of);
    let read: Vec<(Option<ResourceId>, Vec<TaskId>)> =
        heaps.into_iter().map(|(who, own)| (who, own.iter().map(|moved| moved.task).collect())).collect();
    let expected = vec![
        (Some(person(2)), vec![task(4), task(1)]),
        (Some(person(1)), vec![task(3)]),
        (None, vec![task(2)]),
    ];
    assert_eq!(read, expected, "by name, each in the order of the day, nobody last");
}

#[test]
fn a_plan_grows_old() {
    let plan = plan(PlanFigures::default(), PlanFigures::default());
    assert!(!is_old(&plan, plan.made_at + TimeDelta::minutes(9)), "nine minutes are fine");
    assert!(is_old(&plan, plan.made_at + TimeDelta::minutes(11)), "eleven are not");
    assert_eq!(changed_since(&plan, |_| None), 1, "a task that is gone can't move");
}

#[test]
fn what_stays_is_told_with_its_reason_once() {
    let over = Rejection::Assign(AssignError::Over(domain::task::TaskStatus::Closed));
    let kept = vec![(task(1), over.clone()), (task(2), over), (task(3), Rejection::NotFound)];
    let until = at("2026-11-27T08:05:00Z");
    let applied = Applied { plan: 1, moved: 4, kept, until, is_undone: false, is_partial: false };
    let text = applied_text(&applied);
    assert!(text.starts_with("4 tasks moved."), "how many moved comes first: {text}");
    assert!(text.contains("3 stay"), "then how many did not: {text}");
    assert_eq!(text.matches("; ").count(), 1, "two reasons, each of them once: {text}");
    let all = applied_text(&Applied { kept: Vec::new(), ..applied });
    assert_eq!(all, "4 tasks moved.", "nothing is said of nothing");
}
