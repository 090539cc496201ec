//! Who hears of an alert, and what the desktop shows of it.

use domain::alert::{Alert, AlertAction, Correction, Severity};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::rule::{AlertPolicy, Audience};
use domain::{AlertId, PoiId};
use protocol::view::{Notice, NotificationSettings, Sound};

use super::*;
use crate::NotificationKey;

fn camille() -> UserId {
    UserId(Uuid::from_u128(21))
}

fn somebody_else() -> UserId {
    UserId(Uuid::from_u128(22))
}

fn silent(n: u128, at: i64) -> Alert {
    let kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(1_000 + n)) };
    let id = AlertId(Uuid::from_u128(2_000 + n));
    Alert::new(id, kind, Severity::Warning, (secs(at), secs(at)), None)
}

fn depot(policy: Option<AlertPolicy>) -> Poi {
    let center = LonLat::new(7.42, 43.73).expect("coordinate");
    let circle = FenceShape::Circle { center, radius_m: 150.0 };
    Poi {
        id: PoiId(Uuid::from_u128(70)),
        name: "Depot".to_owned(),
        kind: PoiKind::Customer,
        at: center,
        address: String::new(),
        fence: Some(Fence { on_enter: true, policy, ..Fence::new(circle) }),
    }
}

fn entered(n: u128, at: i64, severity: Severity) -> Alert {
    let kind = AlertKind::FenceEntered { resource: ana().id, poi: depot(None).id };
    Alert::new(AlertId(Uuid::from_u128(3_000 + n)), kind, severity, (secs(at), secs(at)), None)
}

#[test]
fn in_a_storm_the_desktop_is_looked_at_less_often_but_misses_nothing() {
    let mut day = Day::begins(vec![ana().into()]);
    let (mut looks, mut announced) = (0, 0);
    // Each call for help is a line of its own.
    for n in 0..2_000 {
        let at = secs(1) + TimeDelta::microseconds(n as i64 * 100);
        let kind = AlertKind::Sos { resource: ResourceId(Uuid::from_u128(1_000 + n)) };
        let alert = Alert::new(AlertId(Uuid::from_u128(2_000 + n)), kind, Severity::Critical, (at, at), None);
        day.row(alert, 1, at);
        let out = day.out(at);
        looks += unseen(&out).map_or(0, |_| 1);
        announced += announcements(&out);
    }
    assert!((500..600).contains(&looks), "not for each of two thousand: {looks}");
    let out = day.out(secs(2));
    assert_eq!(unseen(&out), Some(2_000), "but in the end all are counted");
    assert_eq!(announced + announcements(&out), 2_000, "and announced, once each");
}

fn announcements(out: &[Out]) -> usize {
    let is_one = |out: &&Out| matches!(out, Out::Tell(ViewEvent::Notice(Notice::AlertRaised { .. })));
    out.iter().filter(is_one).count()
}

fn withdrawn(out: &[Out]) -> Vec<NotificationKey> {
    let gone = out.iter().filter_map(|out| match out {
        Out::Show(Shown::Withdraw(key)) => Some(*key),
        Out::Show(Shown::Notify(_))
        | Out::Tell(_)
        | Out::Status(_)
        | Out::Raise(_)
        | Out::Retract(_)
        | Out::Foresee(..)
        | Out::Drop(_) => None,
    });
    gone.collect()
}

fn unseen(out: &[Out]) -> Option<u32> {
    let mut told =
        out.iter().filter_map(|out| if let Out::Status(status) = out { Some(status.unseen) } else { None });
    told.next_back()
}

fn notices(out: &[Out]) -> usize {
    let is_notice = |out: &&Out| matches!(out, Out::Tell(ViewEvent::Notice(Notice::AlertRaised { .. })));
    out.iter().filter(is_notice).count()
}

#[test]
fn a_storm_is_one_bubble_that_counts() {
    let mut day = Day::begins(vec![ana().into()]);
    let mut shown = Vec::new();
    let mut gone = Vec::new();
    let mut said = 0;
    for n in 0..40 {
        let at = n as i64;
        day.row(silent(n, at), 1, secs(at));
        let out = day.out(secs(at));
        shown.extend(notified(&out).into_iter().cloned());
        gone.extend(withdrawn(&out));
        said += notices(&out);
        day.session.on_second(secs(at));
        shown.extend(notified(&day.out(secs(at))).into_iter().cloned());
    }
    day.session.on_second(secs(42));
    shown.extend(notified(&day.out(secs(42))).into_iter().cloned());
    let last = shown.last().expect("the last state");
    assert_eq!(last.title, "40 devices are silent", "what is true in the end: {shown:?}");
    assert_eq!(last.alerts.len(), 40, "a click acknowledges all of them");
    assert_eq!(gone.len(), 3, "four came before it was a storm, one of them became its bubble");
    let bubble: Vec<_> = shown.iter().filter(|shown| shown.alerts.len() >= 5).collect();
    assert!(bubble.iter().all(|shown| shown.key == last.key), "always the same bubble");
    assert!(
        bubble.len() <= 21,
        "changed every two seconds at most, not for each of the forty: {}",
        bubble.len()
    );
    assert_eq!(said, 4, "and it is no storm of words in passing either");
    assert_eq!(day.session.status().unseen, 1, "one line");
}

#[test]
fn what_somebody_else_looks_at_leaves_the_desktop() {
    let mut day = Day::begins(vec![ana().into()]);
    let mut alert = silent(1, 1);
    day.row(alert.clone(), 1, secs(1));
    let out = day.out(secs(1));
    let key = notified(&out)[0].key;
    assert_eq!(notified(&out)[0].sound, Sound::Message, "a warning's sound");
    assert_eq!(unseen(&out), Some(1), "and it counts");
    alert.act(&AlertAction::Acknowledge, somebody_else(), secs(5)).expect("looked at");
    day.row(alert, 2, secs(6));
    let out = day.out(secs(6));
    assert_eq!(withdrawn(&out), [key], "nobody needs to look any more");
    assert_eq!(unseen(&out), Some(0), "nothing is new");
    assert!(day.session.take_off_desktop().is_empty(), "nothing is left to take off");
}

#[test]
fn a_snooze_that_runs_out_is_told_within_a_second() {
    let mut day = Day::begins(vec![ana().into()]);
    let mut alert = silent(1, 1);
    day.row(alert.clone(), 1, secs(1));
    day.out(secs(1));
    alert.act(&AlertAction::Snooze { until: secs(600) }, camille(), secs(10)).expect("aside");
    day.row(alert.clone(), 2, secs(10));
    assert_eq!(unseen(&day.out(secs(10))), Some(0), "out of sight");
    day.session.on_second(secs(599));
    assert!(day.out(secs(599)).is_empty(), "not yet");
    day.session.on_second(secs(600));
    let out = day.out(secs(600));
    assert_eq!(notified(&out).len(), 1, "it is back");
    assert_eq!((unseen(&out), notices(&out)), (Some(1), 1), "counted and said");
    assert_eq!(changed(&out)[0].alerts[0].alert.id, alert.id, "the list is drawn anew");
    day.session.on_second(secs(601));
    assert!(day.out(secs(601)).is_empty(), "once");
}

#[test]
fn the_same_event_under_another_id_is_told_once() {
    let mut day = Day::begins(vec![ana().into(), depot(None).into()]);
    for (lon, at) in [(7.43, 0), (7.42, 60), (7.4201, 100)] {
        day.seen(lon, secs(at));
    }
    let out = day.out(secs(100));
    assert_eq!(notified(&out).len(), 1, "noticed here");
    let told = notified(&out)[0].alerts[0];
    let mut theirs = entered(1, 75, Severity::Info);
    day.row(theirs.clone(), 1, secs(101));
    assert_eq!(day.session.row_of(told), theirs.id, "the bubble's buttons are about their row");
    assert!(notified(&day.out(secs(101))).is_empty(), "the server saw another fix and dates it otherwise");
    theirs.correct(Correction::Unfounded, secs(102));
    day.row(theirs, 2, secs(102));
    assert!(notified(&day.out(secs(102))).is_empty(), "a correction is history");
}

#[test]
fn what_came_while_the_rows_were_fetched_anew_is_told() {
    let mut day = Day::begins(vec![ana().into(), silent(1, -10).into()]);
    let rows: [Entity; 3] = [ana().into(), silent(1, -10).into(), silent(2, 5).into()];
    let rows = rows.into_iter().map(|entity| CachedRow { entity, version: 1, at: secs(6) }).collect();
    day.session.reset(rows, secs(6));
    let out = day.out(secs(6));
    assert_eq!((notified(&out).len(), notices(&out)), (1, 1), "the one that nobody knew");
}

#[test]
fn what_the_server_noticed_first_is_not_raised_again() {
    let mut day = Day::begins(vec![ana().into(), depot(None).into()]);
    day.row(entered(1, 75, Severity::Info), 1, secs(99));
    assert_eq!(notified(&day.out(secs(99))).len(), 1, "told");
    for (lon, at) in [(7.43, 0), (7.42, 60), (7.4201, 100)] {
        day.seen(lon, secs(at));
    }
    let out = day.out(secs(100));
    assert!(notified(&out).is_empty(), "known already");
    assert!(!out.iter().any(|out| matches!(out, Out::Raise(_))), "the server has it");
}

#[test]
fn a_policy_says_for_whom_until_nobody_looks() {
    let audience = Audience { roles: vec![Role::Manager], users: Vec::new() };
    let policy = AlertPolicy { audience, ..AlertPolicy::of(Severity::Warning) };
    let mut day = Day::begins(vec![ana().into(), depot(Some(policy)).into()]);
    let mut alert = entered(1, 10, Severity::Warning);
    day.row(alert.clone(), 1, secs(10));
    let out = day.out(secs(10));
    assert!(notified(&out).is_empty(), "managers are told, a dispatcher is not");
    assert_eq!((unseen(&out), notices(&out)), (Some(1), 0), "it is in the list all the same");
    assert!(alert.escalate(secs(300)), "nobody looked");
    day.row(alert, 2, secs(300));
    let out = day.out(secs(300));
    assert_eq!(notified(&out).len(), 1, "now everybody is told");
    assert_eq!(notified(&out)[0].severity, Severity::Critical, "and it is worse");
}

#[test]
fn data_that_came_too_late_is_no_news() {
    let mut day = Day::begins(vec![ana().into()]);
    let mut found = silent(1, 1);
    found.correct(Correction::FoundLate, secs(20));
    day.row(found, 1, secs(20));
    let out = day.out(secs(20));
    assert!(notified(&out).is_empty() && notices(&out) == 0, "history");
    assert_eq!(unseen(&out), None, "and nothing to look at");
}

#[test]
fn who_wants_discretion_gets_no_names() {
    let mut day = Day::begins(vec![ana().into(), depot(None).into()]);
    let discreet = NotificationSettings { discreet: true, ..NotificationSettings::default() };
    day.session.set_notification_settings(discreet);
    day.row(entered(1, 10, Severity::Info), 1, secs(10));
    let out = day.out(secs(10));
    assert_eq!(notified(&out)[0].title, "Somebody entered a fence", "nothing for a passer-by");
    assert_eq!(notified(&out)[0].sound, Sound::Silent, "information is silent unless asked for");
}

#[test]
fn what_is_critical_does_not_wait_behind_what_is_not() {
    let mut day = Day::begins(vec![ana().into()]);
    for n in 0..10 {
        let answered = AlertKind::BidExpired { bid: BidId(Uuid::from_u128(n)) };
        let at = n as i64 * 200 - 2_000;
        let id = AlertId(Uuid::from_u128(4_000 + n));
        let alert = Alert::new(id, answered, Severity::Info, (secs(at), secs(1)), None);
        day.row(alert, 1, secs(1));
    }
    assert_eq!(notified(&day.out(secs(1))).len(), 5, "five one by one");
    let kind = AlertKind::Sos { resource: ana().id };
    let id = AlertId(Uuid::from_u128(5_000));
    day.row(Alert::new(id, kind, Severity::Critical, (secs(2), secs(2)), None), 1, secs(2));
    assert_eq!(notified(&day.out(secs(2)))[0].title, "Ana Rossi asks for help", "at once");
}

#[test]
fn of_many_alerts_those_that_can_be_dealt_with_are() {
    let mut day = Day::begins(vec![ana().into()]);
    let (open, mut done) = (silent(1, 1), silent(2, 400));
    done.act(&AlertAction::Resolve { note: String::new() }, somebody_else(), secs(401)).expect("done");
    day.row(open.clone(), 1, secs(402));
    day.row(done.clone(), 1, secs(402));
    let mut ids = (0..).map(|n| CommandId(Uuid::from_u128(6_000 + n)));
    let mut id = || ids.next().expect("endless");
    let assign = AlertAction::Assign { to: camille() };
    let both =
        day.session.act_on(&[open.id, done.id, open.id], &assign, &mut id, secs(403)).expect("one of them");
    assert_eq!(both.len(), 1, "what is resolved is passed over, and once is enough");
    let refused =
        day.session.act_on(&[done.id], &assign, &mut id, secs(403)).expect_err("nothing can be done");
    assert!(matches!(refused.code, DeskErrorCode::Refused(Rejection::Alert(_))), "and says why: {refused:?}");
}
