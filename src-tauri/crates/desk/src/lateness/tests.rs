//! One thing that may go wrong, looked at every five seconds.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;
use chrono::TimeDelta;
use domain::alert::{AlertAction, AlertState, Stage};
use domain::task::{Actor, Promise, PromiseChannel, PromiseDraft, StatusStep, TaskStatus};
use domain::travel::TravelSource;
use domain::{PromiseId, UserId};

/// Looked at so often.
const EVERY_SECS: i64 = 5;

fn at(secs: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
}

fn task() -> Task {
    Task {
        resource: Some(ResourceId(Uuid::from_u128(2))),
        status: TaskStatus::EnRoute,
        window_end: Some(at(10_000)),
        ..crate::plain::task(1, at(0))
    }
}

fn promised(until: i64) -> Task {
    let mut task = task();
    let draft = PromiseDraft {
        id: PromiseId(Uuid::from_u128(3)),
        channel: PromiseChannel::Phone,
        from: None,
        until: at(until),
        expected: None,
    };
    task.promise(&draft, at(0), Actor::Server).expect("somebody is expected");
    task
}

fn eta(p50: i64, p90: i64) -> Eta {
    Eta {
        p50: at(p50),
        p90: at(p90),
        late_by_secs: 0,
        late_by_p90_secs: 0,
        source: TravelSource::Roads,
        fix_age_secs: 0,
    }
}

/// The company's alerts, which every desk sees.
#[derive(Default)]
struct Rows(RefCell<BTreeMap<AlertId, &'static Alert>>);

impl Rows {
    fn put(&self, alert: Alert) {
        // Rows outlive every look at them.
        self.0.borrow_mut().insert(alert.id, Box::leak(Box::new(alert)));
    }

    fn do_it(&self, verdict: &Verdict, now: DateTime<Utc>) {
        let (id, action) = match verdict {
            Verdict::Raise(alert) => return self.put((**alert).clone()),
            Verdict::Worsen(id) => (id, AlertAction::Worsen),
            Verdict::End(id) => (id, AlertAction::End),
        };
        self.act(*id, &action, now);
    }

    fn act(&self, id: AlertId, action: &AlertAction, now: DateTime<Utc>) {
        let mut alert = self.0.borrow()[&id].clone();
        alert.act(action, UserId(Uuid::from_u128(9)), now).expect("can be done");
        self.put(alert);
    }

    fn open(&self) -> usize {
        let is_open = |alert: &&&Alert| !matches!(alert.state, AlertState::Resolved { .. });
        self.0.borrow().values().filter(is_open).count()
    }

    fn only(&self) -> Alert {
        let rows = self.0.borrow();
        assert_eq!(rows.len(), 1, "one alert: {rows:?}");
        (*rows.values().next().expect("one")).clone()
    }
}

/// A desk that looks at a task's window; what it finds goes into the rows.
fn look_at_window(desk: &mut Lateness, rows: &Rows, (now, over): (i64, i64)) -> Option<Verdict> {
    let find = |id| rows.0.borrow().get(&id).copied();
    let look = Look { now: at(now), find: &find };
    let verdict = desk.window(&task(), &eta(10_000 + over, 10_000 + over), look);
    verdict.iter().for_each(|verdict| rows.do_it(verdict, at(now)));
    verdict
}

fn look_at_promise(
    desk: &mut Lateness,
    rows: &Rows,
    task: &Task,
    (now, eta): (i64, Option<Eta>),
) -> Option<Verdict> {
    let find = |id| rows.0.borrow().get(&id).copied();
    let verdict = desk.promise(task, eta.as_ref(), true, Look { now: at(now), find: &find });
    verdict.iter().for_each(|verdict| rows.do_it(verdict, at(now)));
    verdict
}

/// From `from` until `to`, `over` seconds late; what was found and when.
fn watch(
    desk: &mut Lateness,
    rows: &Rows,
    (from, to): (i64, i64),
    over: impl Fn(i64) -> i64,
) -> Vec<(i64, Verdict)> {
    let times = (from..to).step_by(EVERY_SECS as usize);
    times.filter_map(|now| Some((now, look_at_window(desk, rows, (now, over(now)))?))).collect()
}

fn is_raise(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Raise(_))
}

#[test]
fn late_in_time_and_late_again_are_two_alerts_one_after_the_other() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    let late = watch(&mut desk, &rows, (0, 300), |_| 200);
    assert_eq!(late.len(), 1, "one alert, however long it lasts: {late:?}");
    assert_eq!(late[0].0, 15, "after a quarter of a minute");
    let hardly = watch(&mut desk, &rows, (300, 900), |_| -59);
    assert_eq!(hardly, [], "not quite a minute early is no all-clear");
    let well = watch(&mut desk, &rows, (900, 1_500), |_| -120);
    assert!(matches!(well[..], [(960, Verdict::End(_))]), "well for a minute: it ends: {well:?}");
    assert_eq!(rows.open(), 0, "by itself");
    let again = watch(&mut desk, &rows, (1_500, 2_000), |_| 61);
    assert!(matches!(&again[..], [(1_515, Verdict::Raise(_))]), "later it is news: {again:?}");
    assert_eq!((rows.open(), rows.0.borrow().len()), (1, 2), "another alert, and only one of them is open");
}

#[test]
fn noisy_arrivals_do_not_flap() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    // Fixes throw the arrival two minutes to and fro.
    let noise = |now: i64| [150, -80, 90, -150, 30][(now / EVERY_SECS % 5) as usize];
    assert_eq!(watch(&mut desk, &rows, (0, 3_000), noise), [], "never bad for a quarter of a minute");
    watch(&mut desk, &rows, (3_000, 3_060), |_| 300);
    assert_eq!(rows.open(), 1, "now it is");
    assert_eq!(watch(&mut desk, &rows, (3_060, 6_000), noise), [], "and never well for a minute");
    // Bad and well for long enough, over and over.
    let slow = |now: i64| if now / 100 % 2 == 0 { 300 } else { -300 };
    let turns = watch(&mut desk, &rows, (6_000, 12_000), slow);
    let raised: Vec<i64> = turns.iter().filter(|(_, turn)| is_raise(turn)).map(|(now, _)| *now).collect();
    assert!(raised.windows(2).all(|two| two[1] - two[0] > 120), "two alerts are never one event: {raised:?}");
    assert!(rows.open() <= 1, "at most one is open");
}

#[test]
fn an_alert_that_did_not_end_goes_on_to_be_ended_and_hides_no_other() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    watch(&mut desk, &rows, (0, 60), |_| 300);
    let alert = rows.only();
    let end = Verdict::End(alert.id);
    // Nobody could store it: the row is as it was.
    let unstored = |desk: &mut Lateness, now: i64, over: i64| {
        let find = |id| rows.0.borrow().get(&id).copied();
        desk.window(&task(), &eta(10_000 + over, 10_000 + over), Look { now: at(now), find: &find })
    };
    (60..120).step_by(5).for_each(|now| assert_eq!(unstored(&mut desk, now, -90), None, "well, so far"));
    for now in (120..180).step_by(5) {
        assert_eq!(unstored(&mut desk, now, -90), Some(end.clone()), "it is still open: {now}");
    }
    (180..240)
        .step_by(5)
        .for_each(|now| assert_eq!(unstored(&mut desk, now, 300), None, "it is open, and right"));
    assert_eq!(watch(&mut desk, &rows, (240, 400), |_| -90), [(300, end)], "stored at last");
    let ended = rows.only();
    rows.put(Alert { state: AlertState::New, ..ended.clone() });
    assert_eq!(
        unstored(&mut desk, 400, 300),
        None,
        "the server has refused it after all: the old one is right again"
    );
    (405..440)
        .step_by(5)
        .for_each(|now| assert_eq!(unstored(&mut desk, now, 300), None, "and one is enough"));
    rows.put(ended);
    let again = watch(&mut desk, &rows, (440, 500), |_| 300);
    assert!(
        matches!(again[..], [(_, Verdict::Raise(_))]),
        "what comes after the end is another one: {again:?}"
    );
}

#[test]
fn a_desk_asks_for_the_same_end_less_and_less_often() {
    let mut desk = Lateness::new(at(0));
    let alert = Subject::window(task().id, at(10_000)).alert(0);
    let asked: Vec<i64> = (0..20_000).step_by(5).filter(|now| desk.may_end(alert, at(*now))).collect();
    assert_eq!(
        asked,
        [0, 60, 180, 420, 900, 1_860, 3_780, 7_380, 10_980, 14_580, 18_180],
        "an hour apart at most"
    );
    let other = Subject::window(task().id, at(20_000)).alert(0);
    assert!(desk.may_end(other, at(18_185)), "each for itself");
}

#[test]
fn what_comes_and_goes_is_told_less_and_less_often() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    let turns = watch(&mut desk, &rows, (0, 4_500), |now| if now / 100 % 2 == 0 { 300 } else { -300 });
    let raised: Vec<i64> = turns.iter().filter(|(_, turn)| is_raise(turn)).map(|(now, _)| *now).collect();
    assert_eq!(raised.len(), 6, "more than twenty times bad, and six alerts: {raised:?}");
    let is_apart = |(n, two): (usize, &[i64])| two[1] - two[0] > 120 << n;
    assert!(raised.windows(2).enumerate().all(is_apart), "the time apart doubles: {raised:?}");
}

#[test]
fn an_alert_that_is_gone_hides_none_after_it() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    watch(&mut desk, &rows, (0, 300), |_| 300);
    watch(&mut desk, &rows, (300, 600), |_| -300);
    watch(&mut desk, &rows, (600, 900), |_| 300);
    let subject = Subject::window(task().id, at(10_000));
    rows.0.borrow_mut().remove(&subject.alert(0));
    let find = |id| rows.0.borrow().get(&id).copied();
    assert_eq!(subject.times(&find), 2, "the second one is still there");
    let mut other = Lateness::new(at(900));
    assert_eq!(watch(&mut other, &rows, (900, 1_200), |_| 300), [], "who begins now knows of it");
    rows.0.borrow_mut().clear();
    assert_eq!(subject.times(&|id| rows.0.borrow().get(&id).copied()), 0, "nothing is there");
}

#[test]
fn two_desks_raise_and_end_one_alert() {
    let rows = Rows::default();
    let (mut one, mut two) = (Lateness::new(at(0)), Lateness::new(at(0)));
    for now in (0..60).step_by(5) {
        look_at_window(&mut one, &rows, (now, 300));
        look_at_window(&mut two, &rows, (now, 290));
    }
    let alert = rows.only();
    assert_eq!(alert.severity, Severity::Critical, "both mean the same one");
    // A third begins only now, and sees it go well.
    let mut three = Lateness::new(at(60));
    three.on_alert(&alert);
    let ended = watch(&mut three, &rows, (100, 300), |_| -90);
    assert_eq!(ended, [(160, Verdict::End(alert.id))], "whoever sees it ends it");
    one.on_alert(&rows.only());
    assert_eq!(watch(&mut one, &rows, (300, 500), |_| -90), [], "for all of them");
    let again = watch(&mut one, &rows, (500, 600), |_| 90);
    assert!(
        again.iter().all(|(_, turn)| is_raise(turn)) && again.len() == 1,
        "and it can come again: {again:?}"
    );
}

#[test]
fn what_somebody_has_resolved_stays_quiet_until_it_has_looked_well() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    watch(&mut desk, &rows, (0, 60), |_| 300);
    let resolve = AlertAction::Resolve { note: "the customer knows".to_owned() };
    rows.act(rows.only().id, &resolve, at(60));
    desk.on_alert(&rows.only());
    assert_eq!(watch(&mut desk, &rows, (60, 900), |_| 400), [], "they know that it is late");
    let mut other = Lateness::new(at(900));
    assert_eq!(watch(&mut other, &rows, (900, 1_000), |_| 400), [], "also where the desk is started again");
    assert_eq!(watch(&mut desk, &rows, (1_000, 1_200), |_| -400), [], "well: there is nothing open to end");
    assert_eq!(watch(&mut desk, &rows, (1_200, 1_300), |_| 400).len(), 1, "late once more is news");
}

#[test]
fn what_was_over_before_the_session_began_is_no_news() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(20_000)));
    assert_eq!(watch(&mut desk, &rows, (20_000, 20_100), |_| 10_500), [], "missed hours ago");
}

#[test]
fn an_earlier_visit_in_time_does_not_end_an_alert_about_the_next_one() {
    use TaskStatus::*;
    let by = Actor::Field(ResourceId(Uuid::from_u128(2)));
    let is_moot = |steps: &[(TaskStatus, i64)]| {
        let step = |(status, secs): &(TaskStatus, i64)| StatusStep {
            status: *status,
            at: at(*secs),
            by,
            reason: None,
        };
        let status = steps.last().expect("a step").0;
        let task = Task { status, timeline: steps.iter().map(step).collect(), ..task() };
        moot::is_window_moot(&task, |_| true)
    };
    let first = [(Arrived, 5_000), (InProgress, 5_100)];
    assert!(is_moot(&first), "there in time");
    let away = [&first[..], &[(Suspended, 6_000)]].concat();
    assert!(!is_moot(&away), "somebody has to come again");
    let late = [&away[..], &[(Arrived, 11_000), (InProgress, 11_100)]].concat();
    assert!(!is_moot(&late), "the second time it was too late");
    assert!(!is_moot(&[&late[..], &[(Closed, 12_000)]].concat()), "and that stays true");
    let again = [&away[..], &[(Arrived, 9_000), (InProgress, 10_500)]].concat();
    assert!(is_moot(&again), "there in time both times");
}

#[test]
fn a_promise_is_at_risk_before_it_breaks() {
    let (rows, mut desk, task) = (Rows::default(), Lateness::new(at(0)), promised(4_000));
    let mut look = |now, p50, p90| look_at_promise(&mut desk, &rows, &task, (now, Some(eta(p50, p90))));
    (0..60).step_by(5).for_each(|now| assert_eq!(look(now, 3_000, 3_900), None, "nine in ten come in time"));
    (60..120).step_by(5).for_each(|now| drop(look(now, 3_500, 4_300)));
    assert_eq!(rows.only().severity, Severity::Warning, "one in ten does not");
    let kind = AlertKind::PromiseAtRisk {
        task: task.id,
        promise: PromiseId(Uuid::from_u128(3)),
        resource: task.resource,
        over_secs: 300,
    };
    assert_eq!(rows.only().kind, kind, "five minutes late then");
    (120..180).step_by(5).for_each(|now| drop(look(now, 4_050, 4_600)));
    assert_eq!(
        rows.only().severity,
        Severity::Critical,
        "now it is more likely than not: the same alert, worse"
    );
    (180..300).step_by(5).for_each(|now| drop(look(now, 3_000, 3_900)));
    assert_eq!(rows.only().state, AlertState::Resolved { by: None, at: at(240) }, "well for a minute");
}

#[test]
fn an_acknowledged_risk_is_nobodys_news_when_it_gets_worse() {
    let (rows, mut desk, task) = (Rows::default(), Lateness::new(at(0)), promised(4_000));
    let mut look = |now, p50, p90| look_at_promise(&mut desk, &rows, &task, (now, Some(eta(p50, p90))));
    (0..60).step_by(5).for_each(|now| drop(look(now, 3_500, 4_300)));
    rows.act(rows.only().id, &AlertAction::Acknowledge, at(60));
    (60..120).step_by(5).for_each(|now| assert_eq!(look(now, 4_500, 5_300), None, "somebody is at it"));
    assert_eq!(rows.only().stage(at(120)), Stage::Acknowledged, "as before");
}

#[test]
fn a_promise_that_nobody_moves_for() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    let task = Task { resource: None, status: TaskStatus::NewTask, ..promised(4_000) };
    let mut look = |now| look_at_promise(&mut desk, &rows, &task, (now, None));
    (0..2_195)
        .step_by(5)
        .for_each(|now| assert_eq!(look(now), None, "{now}: more than half an hour is left"));
    (2_195..2_300).step_by(5).for_each(|now| drop(look(now)));
    let alert = rows.only();
    assert_eq!(alert.severity, Severity::Warning, "nobody has it, and the time comes nearer");
    (4_000..4_060).step_by(5).for_each(|now| drop(look(now)));
    assert_eq!(rows.only().severity, Severity::Critical, "overdue");
}

#[test]
fn of_a_person_nothing_is_known_only_that_the_time_is_over_counts() {
    let (rows, mut desk, task) = (Rows::default(), Lateness::new(at(0)), promised(4_000));
    let find = |id| rows.0.borrow().get(&id).copied();
    for now in (0..4_000).step_by(50) {
        let verdict = desk.promise(&task, None, false, Look { now: at(now), find: &find });
        assert_eq!(verdict, None, "{now}: unknown is neither good nor bad");
    }
    let overdue: Vec<Verdict> = (4_001..4_060)
        .step_by(5)
        .filter_map(|now| desk.promise(&task, None, false, Look { now: at(now), find: &find }))
        .collect();
    let [Verdict::Raise(alert)] = &overdue[..] else { panic!("it is overdue: {overdue:?}") };
    assert_eq!((alert.severity, alert.at), (Severity::Critical, None), "without a place: they are private");
}

#[test]
fn a_kept_promise_is_not_looked_at() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    let mut task = promised(4_000);
    task.advance(StatusStep {
        status: TaskStatus::Arrived,
        at: at(3_000),
        by: Actor::Field(ResourceId(Uuid::from_u128(2))),
        reason: None,
    })
    .expect("arrives");
    assert!(task.open_promise().is_none(), "kept: {:?}", task.promises.first().map(Promise::arrived));
    for now in (4_100..4_200).step_by(5) {
        assert_eq!(look_at_promise(&mut desk, &rows, &task, (now, None)), None, "somebody is there");
    }
}

#[test]
fn a_shift_that_is_too_short_is_told_once() {
    let (rows, mut desk) = (Rows::default(), Lateness::new(at(0)));
    let find = |id| rows.0.borrow().get(&id).copied();
    let end = at(10_000);
    let mut look = |now: i64, over: i64| {
        let done = Done {
            p50: end + TimeDelta::seconds(over),
            p90: end + TimeDelta::seconds(over + 600),
            over_shift_secs: Some(over),
            source: TravelSource::Roads,
            fix_age_secs: 0,
        };
        let verdict =
            desk.shift(ResourceId(Uuid::from_u128(2)), &done, end, Look { now: at(now), find: &find });
        verdict.iter().for_each(|verdict| rows.do_it(verdict, at(now)));
        verdict
    };
    (0..100).step_by(5).for_each(|now| assert_eq!(look(now, 300), None, "five minutes are no matter"));
    let told: Vec<Verdict> = (100..400).step_by(5).filter_map(|now| look(now, 900)).collect();
    assert_eq!(told.len(), 1, "a quarter of an hour is, once");
    assert_eq!((rows.only().severity, rows.only().at), (Severity::Info, None), "good to know, and no place");
    let ended: Vec<Verdict> = (400..600).step_by(5).filter_map(|now| look(now, 200)).collect();
    assert_eq!(ended, [Verdict::End(rows.only().id)], "somebody else took a task over");
}

#[test]
fn of_an_alert_that_is_gone_nothing_is_remembered() {
    let mut desk = Lateness::new(at(0));
    let [gone, there] = [10_000, 20_000].map(|until| Subject::window(task().id, at(until)).alert(0));
    assert!(desk.may_end(gone, at(0)) && desk.may_end(there, at(0)), "both end");
    desk.forget_gone(|alert| alert == there);
    assert_eq!(desk.ending.keys().collect::<Vec<_>>(), [&there], "a desk may run for months");
    assert!(!desk.may_end(there, at(30)), "the other one is still left alone for a minute");
}
