//! What is known of arrivals, promises and the end of the day, and what is said before it goes wrong.

use domain::alert::{Alert, AlertAction};
use domain::resource::{BreakRule, WorkingHours};
use domain::task::{PromiseChannel, PromiseDraft};
use domain::{AlertId, PromiseId};
use protocol::view::{PromiseOutlook, PromiseRisk, ResourceView, TaskView};

use super::*;
use crate::arrivals::chain_question;

/// At work until half past eleven in Monaco, which is `secs(1_800)`.
fn ana_until_half_past() -> Resource {
    let time = |hour, minute| chrono::NaiveTime::from_hms_opt(hour, minute, 0).expect("local time");
    let hours = WorkingHours { weekday: chrono::Weekday::Mon, starts: time(8, 0), ends: time(11, 30) };
    Resource { working_hours: vec![hours], ..ana() }
}

/// The lift, promised to the customer by then.
fn promised(until: i64) -> Task {
    let mut task = lift(Some(ana().id));
    let draft = PromiseDraft {
        id: PromiseId(Uuid::from_u128(60)),
        channel: PromiseChannel::Phone,
        from: None,
        until: secs(until),
        expected: None,
    };
    task.promise(&draft, now(), Actor::Server).expect("somebody is expected");
    task
}

/// Ana is seen, the way is asked and answered, and everything is told.
fn drives(day: &mut Day, lon: f64, second: i64) -> Vec<Out> {
    day.seen(lon, secs(second));
    let mut out = day.out(secs(second));
    let answers = day.answers.blocking_recv().expect("an arrival");
    day.session.on_answers(answers, secs(second));
    out.extend(day.out(secs(second)));
    out
}

/// Ana is ten kilometres away for long enough that it is certain.
fn drives_far_away(day: &mut Day) -> Vec<Out> {
    day.proven(now());
    let mut out = drives(day, 7.30, 1);
    out.extend(drives(day, 7.3001, 17));
    out
}

fn last_resource(out: &[Out]) -> ResourceView {
    let told = changed(out).into_iter().rev().find_map(|set| set.resources.first());
    told.expect("Ana is told").clone()
}

fn last_task(out: &[Out]) -> TaskView {
    let told = changed(out).into_iter().rev().find_map(|set| set.tasks.first());
    told.expect("the task is told").clone()
}

fn foreseen(out: &[Out]) -> Vec<(AlertId, AlertAction)> {
    let acts = out.iter().filter_map(|out| {
        if let Out::Foresee(alert, action) = out { Some((*alert, action.clone())) } else { None }
    });
    acts.collect()
}

#[test]
fn the_end_of_work_is_told_and_hidden_with_the_person() {
    let mut day = Day::begins(vec![ana_until_half_past().into(), lift(Some(ana().id)).into()]);
    let view = last_resource(&drives(&mut day, 7.42, 1));
    let free_at = view.free_at.expect("a drive of some minutes, and half an hour of work");
    assert!((secs(1_900)..secs(2_050)).contains(&free_at), "about 10:33: {free_at}");
    assert_eq!(
        view.over_shift_secs,
        Some((free_at - secs(1_800)).num_seconds()),
        "the shift ends at half past"
    );
    let again = drives(&mut day, 7.4201, 6);
    assert!(changed(&again).is_empty(), "some metres further nothing changes that people want to know");
    day.row(Resource { private_since: Some(secs(7)), ..ana_until_half_past() }, 2, secs(7));
    let hidden = last_resource(&day.out(secs(7)));
    assert_eq!((hidden.free_at, hidden.over_shift_secs), (None, None), "it would tell where she is");
}

#[test]
fn a_promise_stands_as_the_shown_arrival_says() {
    // Expected after some 160 seconds, at the latest after 300.
    let risk = |until: i64| {
        let mut day = Day::begins(vec![ana().into(), promised(until).into()]);
        let view = last_task(&drives(&mut day, 7.42, 1));
        let PromiseOutlook { promise, risk } = view.promise.expect("it is open");
        assert_eq!(promise, PromiseId(Uuid::from_u128(60)), "the customer's");
        risk
    };
    assert_eq!(risk(3_600), PromiseRisk::Safe, "an hour is enough");
    assert!(
        matches!(risk(220), PromiseRisk::AtRisk { over_secs: 1..=120 }),
        "one in ten is late: {:?}",
        risk(220)
    );
    assert!(
        matches!(risk(60), PromiseRisk::Breaking { over_secs: 60..=180 }),
        "a minute is not: {:?}",
        risk(60)
    );
}

#[test]
fn a_promise_turns_overdue_while_nobody_moves() {
    let task = Task { resource: None, ..promised(20) };
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    day.session.on_five_seconds(secs(15));
    assert!(changed(&day.out(secs(15))).is_empty(), "still time");
    day.session.on_five_seconds(secs(25));
    let risk = last_task(&day.out(secs(25))).promise.map(|outlook| outlook.risk);
    assert_eq!(risk, Some(PromiseRisk::Overdue), "told without anybody's fix");
    let mut alerts = Vec::new();
    for second in (30..60).step_by(5) {
        day.session.on_five_seconds(secs(second));
        alerts.extend(raised(&day.out(secs(second))));
    }
    let kinds: Vec<AlertKind> = alerts.into_iter().map(|alert| alert.kind).collect();
    assert!(matches!(kinds[..], [AlertKind::PromiseAtRisk { resource: None, .. }]), "and once: {kinds:?}");
}

#[test]
fn a_late_alert_ends_when_the_drive_goes_better() {
    let task = Task { window_end: Some(secs(1_300)), ..lift(Some(ana().id)) };
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    let out = drives_far_away(&mut day);
    let late = raised(&out);
    assert_eq!(late.len(), 1, "ten kilometres in twenty minutes are too many");
    let texts: Vec<String> = notified(&out).iter().map(|told| told.body.clone()).collect();
    assert!(texts[0].starts_with("Expected 11:2") && texts[0].ends_with("window until 11:21."), "{texts:?}");
    assert_eq!(foreseen(&drives(&mut day, 7.335, 67)), [], "faster than thought: let us see");
    assert_eq!(
        foreseen(&drives(&mut day, 7.345, 131)),
        [(late[0].id, AlertAction::End)],
        "a minute later it still goes well"
    );
}

#[test]
fn who_stands_still_is_told_late_as_soon_as_it_is_certain() {
    let task = Task { window_end: Some(secs(600)), ..lift(Some(ana().id)) };
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    day.proven(now());
    assert!(raised(&drives(&mut day, 7.30, 1)).is_empty(), "one odd fix is no delay");
    day.session.on_five_seconds(secs(11));
    assert!(raised(&day.out(secs(11))).is_empty(), "not for so long yet");
    day.session.on_five_seconds(secs(16));
    day.out(secs(16));
    let answers = (0..500).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        day.answers.try_recv().ok()
    });
    day.session.on_answers(answers.expect("she is asked about again, though she has not moved"), secs(16));
    assert_eq!(raised(&day.out(secs(16))).len(), 1, "fifteen seconds are certain enough");
}

#[test]
fn what_was_foreseen_and_not_stored_is_foreseen_again() {
    let task = Task { window_end: Some(secs(600)), ..lift(Some(ana().id)) };
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    let out = drives_far_away(&mut day);
    let [alert] = &raised(&out)[..] else { panic!("late") };
    day.session.on_not_noted(vec![Session::raising(Box::new(alert.clone()), CommandId(Uuid::from_u128(1)))]);
    day.session.on_five_seconds(secs(20));
    assert!(raised(&day.out(secs(20))).is_empty(), "it may look better by now");
    let mut again = drives(&mut day, 7.3002, 22);
    again.extend(drives(&mut day, 7.3003, 38));
    let ids: Vec<AlertId> = raised(&again).iter().map(|alert| alert.id).collect();
    assert_eq!(ids, [alert.id], "it does not: the same once more");
    assert!(notified(&again).is_empty(), "but nobody is told twice");
}

/// The alert that Ana, who is far away, will be late for her only task; from the 18th second on it is open.
fn late(day: &mut Day) -> Alert {
    let out = drives_far_away(day);
    let [alert] = &raised(&out)[..] else { panic!("late") };
    day.row(alert.clone(), 1, secs(18));
    alert.clone()
}

#[test]
fn an_alert_about_another_window_ends_at_once() {
    let task = Task { window_end: Some(secs(600)), ..lift(Some(ana().id)) };
    let mut day = Day::begins(vec![ana().into(), task.clone().into()]);
    let alert = late(&mut day);
    day.session.on_five_seconds(secs(20));
    assert_eq!(foreseen(&day.out(secs(20))), [], "it is still so");
    day.row(Task { window_end: Some(secs(7_200)), ..task }, 2, secs(21));
    day.session.on_five_seconds(secs(25));
    assert_eq!(
        foreseen(&day.out(secs(25))),
        [(alert.id, AlertAction::End)],
        "the customer said later is fine"
    );
    day.session.on_five_seconds(secs(30));
    assert_eq!(foreseen(&day.out(secs(30))), [], "said once, whatever the server makes of it");
}

/// When the end of something is asked for, looked at every five seconds.
fn ends(day: &mut Day, (from, to): (i64, i64)) -> Vec<i64> {
    let mut at = Vec::new();
    for second in (from..to).step_by(5) {
        day.session.on_five_seconds(secs(second));
        at.extend(foreseen(&day.out(secs(second))).iter().map(|_| second));
    }
    at
}

#[test]
fn an_end_that_was_not_stored_is_asked_for_again_but_not_all_the_time() {
    let task = Task { window_end: Some(secs(600)), ..lift(Some(ana().id)) };
    let mut day = Day::begins(vec![ana().into(), task.clone().into()]);
    let alert = late(&mut day);
    day.row(Task { window_end: Some(secs(7_200)), ..task }, 2, secs(21));
    assert_eq!(ends(&mut day, (25, 400)), [25, 85, 205], "the disk is full: after one minute, then two");
    let mut ended = alert.clone();
    ended.act(&AlertAction::End, UserId(Uuid::from_u128(21)), secs(400)).expect("ends");
    day.row(ended.clone(), 2, secs(400));
    assert_eq!(ends(&mut day, (405, 3_000)), [0; 0], "done is done");
    ended.act(&AlertAction::Reopen, UserId(Uuid::from_u128(22)), secs(3_000)).expect("is open again");
    day.row(ended.clone(), 3, secs(3_000));
    assert_eq!(ends(&mut day, (3_005, 7_000)), [0; 0], "who makes it new again means it");
    let later = Task { window_end: Some(secs(7_200)), ..lift(Some(ana().id)) };
    let mut other = Day::begins(vec![ana().into(), later.into(), ended.into()]);
    other.proven(secs(7_000));
    assert_eq!(ends(&mut other, (7_005, 9_000)), [0; 0], "on every desk, and whenever it is started");
}

#[test]
fn what_was_made_new_again_stays_so_also_while_the_drive_goes_well() {
    let task = Task { window_end: Some(secs(1_300)), ..lift(Some(ana().id)) };
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    let alert = late(&mut day);
    drives(&mut day, 7.335, 67);
    assert_eq!(foreseen(&drives(&mut day, 7.345, 131)).len(), 1, "it goes well");
    let mut row = alert.clone();
    row.act(&AlertAction::End, UserId(Uuid::from_u128(21)), secs(131)).expect("ends");
    day.row(row.clone(), 2, secs(131));
    row.act(&AlertAction::Reopen, UserId(Uuid::from_u128(22)), secs(140)).expect("is open again");
    day.row(row, 3, secs(140));
    for (second, lon) in [(200, 7.350), (270, 7.355), (340, 7.360)] {
        assert_eq!(foreseen(&drives(&mut day, lon, second)), [], "{second}: somebody wants to see it");
    }
}

#[test]
fn who_arrives_too_late_leaves_the_alert_to_people() {
    let task = Task { window_end: Some(secs(600)), ..lift(Some(ana().id)) };
    for (arrives, ends) in [(590, 1), (700, 0)] {
        let mut day = Day::begins(vec![ana().into(), task.clone().into()]);
        late(&mut day);
        day.row(step(task.clone(), TaskStatus::Arrived, secs(arrives)), 2, secs(arrives));
        day.session.on_five_seconds(secs(arrives + 5));
        assert_eq!(foreseen(&day.out(secs(arrives + 5))).len(), ends, "arrived after {arrives} s");
    }
}

#[test]
fn a_large_fleet_is_asked_and_told_some_at_a_time() {
    let rows = (0..1_200u128).flat_map(|n| {
        let id = ResourceId(Uuid::from_u128(10_000 + n));
        let task = Task { id: TaskId(Uuid::from_u128(20_000 + n)), ..lift(Some(id)) };
        [Entity::from(Resource { id, ..ana() }), Entity::from(task)]
    });
    let mut day = Day::begins(rows.collect());
    assert_eq!(day.session.dirty.ways.len(), 700, "five hundred with the first tick");
    day.out(secs(1));
    assert_eq!(day.session.dirty.ways.len(), 200, "five hundred with the next");
    let all: Vec<TaskId> = day.session.picture().shown().tasks.keys().copied().collect();
    day.session.dirty.arrivals.extend(&all);
    let urgent = TaskId(Uuid::from_u128(21_199));
    let task =
        Task { id: urgent, priority: Priority::Urgent, ..lift(Some(ResourceId(Uuid::from_u128(11_199)))) };
    day.row(task, 2, secs(2));
    let told = last_task(&day.out(secs(2)));
    assert_eq!(told.task.id, urgent, "what somebody has done is told at once, whatever waits");
    assert_eq!(day.session.dirty.arrivals.len(), 800, "four hundred arrivals were looked at meanwhile");
}

fn numbered(n: u128) -> Task {
    Task { id: TaskId(Uuid::from_u128(n)), ..lift(Some(ana().id)) }
}

#[test]
fn the_plan_says_the_order_and_what_is_for_tomorrow_waits() {
    let whenever = numbered(11);
    let appointment = Task { window_end: Some(secs(900)), ..numbered(12) };
    let planned = Task { planned_start: Some(secs(300)), window_end: Some(secs(9_000)), ..numbered(13) };
    let tomorrow = Task { planned_start: Some(secs(86_400)), ..numbered(14) };
    let rows = [&whenever, &appointment, &planned, &tomorrow].map(|task| Entity::from(task.clone()));
    let mut day = Day::begins(rows.into_iter().chain([ana_until_half_past().into()]).collect());
    day.seen(7.42, secs(1));
    let question = chain_question(&day.session.scene(secs(1)), ana().id).expect("there is something to do");
    let order: Vec<TaskId> = question.stops.iter().map(|stop| stop.task).collect();
    assert_eq!(
        order,
        [planned.id, appointment.id, whenever.id, tomorrow.id],
        "by the plan, by the appointment, when there is time, tomorrow"
    );
    assert_eq!(question.stops[0].window_start, None, "a plan alone holds nobody up");
    assert_eq!(question.stops[3].window_start, Some(secs(86_400)), "but nobody works tomorrow's plan today");
    assert_eq!(question.shift_end, Some(secs(1_800)), "half past eleven");
}

#[test]
fn a_break_within_the_work_is_no_work() {
    let left = |breaks: Vec<BreakRule>| {
        let task = step(numbered(11), TaskStatus::InProgress, secs(-1_200));
        let mut day = Day::begins(vec![Resource { breaks, ..ana_until_half_past() }.into(), task.into()]);
        day.seen(7.43, secs(0));
        chain_question(&day.session.scene(secs(0)), ana().id).expect("she is at work").activity
    };
    let rest = |from, to| BreakRule {
        from: chrono::NaiveTime::from_hms_opt(10, from, 0).expect("local time"),
        to: chrono::NaiveTime::from_hms_opt(10, to, 0).expect("local time"),
        minutes: 5,
    };
    let working = |remaining_secs| eta::Activity::Working { remaining_secs };
    assert_eq!(left(Vec::new()), working(600), "twenty of thirty minutes are done");
    assert_eq!(left(vec![rest(45, 50)]), working(900), "of the twenty, five were rest");
    assert_eq!(left(vec![rest(30, 35)]), working(600), "that was before the work");
}
