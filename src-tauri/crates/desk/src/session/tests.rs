//! The session without a server: rows in, views, frames, alerts and notifications out.

mod announcing;
mod clocks;
mod figures;
mod foreseeing;
mod learning;
mod moving;
mod planning;
mod storing;
mod suggesting;
mod travelling;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::access::Role;
use domain::alert::{Alert, AlertKind};
use domain::bid::{Bid, BidAnswer, Invitation, Offer};
use domain::company::{Company, Retention, User};
use domain::position::{Fix, PositionState};
use domain::resource::Resource;
use domain::rule::LocationRule;
use domain::task::{Actor, Priority, StatusStep, Task, TaskStatus};
use domain::{BidId, CommandId, CompanyId, GroupId, LonLat, ProfileId, ResourceId, TaskId, UserId};
use protocol::durable::NewCommand;
use protocol::entity::{Entity, EntityKind};
use protocol::view::{ConnectionState, DeskErrorCode, DotState, Stalled, StalledView, ViewEvent, WorkingSet};
use protocol::wire::{CommandBody, PositionUpdate, Rejection};
use sync::{Change, Freshness};
use uuid::Uuid;

use super::{Out, Session, SessionParts};
use crate::Notification;
use crate::event::QueueChange;
use crate::notify::Shown;
use crate::rows::CachedRow;

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().expect("time")
}

fn secs(secs: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(secs)
}

fn at(lon: f64) -> LonLat {
    LonLat::new(lon, 43.73).expect("coordinate")
}

fn ana() -> Resource {
    Resource {
        id: ResourceId(Uuid::from_u128(1)),
        name: "Ana Rossi".to_owned(),
        employee_number: "7".to_owned(),
        group: GroupId(Uuid::from_u128(2)),
        phone: "+377 6 12".to_owned(),
        email: "ana@example.com".to_owned(),
        skills: Vec::new(),
        working_hours: Vec::new(),
        breaks: Vec::new(),
        capacity: None,
        travels: domain::travel::TravelMode::Car,
        ui_language: "fr".to_owned(),
        profile: ProfileId(Uuid::from_u128(3)),
        home: None,
        on_duty: true,
        private_since: None,
        last_heard: Some(now()),
        battery: None,
        disabled: false,
    }
}

fn lift(resource: Option<ResourceId>) -> Task {
    Task {
        id: TaskId(Uuid::from_u128(10)),
        number: 2_401,
        title: "Lift stuck".to_owned(),
        description: String::new(),
        task_type: None,
        work_order: None,
        at: at(7.43),
        address: "1 rue du Secret".to_owned(),
        poi: None,
        customer: String::new(),
        resource,
        status: TaskStatus::NewTask,
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: now(),
    }
}

fn step(task: Task, status: TaskStatus, at: DateTime<Utc>) -> Task {
    let mut task = task;
    let by = Actor::Field(ana().id);
    task.timeline.push(StatusStep { status, at, by, reason: None });
    Task { status, ..task }
}

fn riviera() -> Company {
    Company {
        id: CompanyId(Uuid::from_u128(20)),
        name: "Riviera".to_owned(),
        zone: Tz::Europe__Monaco,
        currency: "EUR".to_owned(),
        region: "nowhere".to_owned(),
        retention: Retention::default(),
        offline_hours: 72,
    }
}

/// The rule that every company begins with.
fn silence_rule() -> LocationRule {
    let [silence, ..] = watch::default_rules(CompanyId(Uuid::from_u128(20)));
    silence
}

struct Day {
    session: Session,
    answers: tokio::sync::mpsc::Receiver<Vec<crate::etas::Answer>>,
}

impl Day {
    /// What is shown is what the server has, at this moment.
    fn proven(&mut self, at: DateTime<Utc>) {
        let state = ConnectionState::Live;
        self.session.on_freshness(Freshness {
            state,
            proof_at: Some(at),
            stalled: None,
            clock_offset_ms: Some(0),
            reason: None,
        });
    }

    /// This machine's clock is so far ahead of the server's.
    fn clock_is_ahead(&mut self, by: TimeDelta) {
        self.session.on_freshness(Freshness {
            state: ConnectionState::Live,
            proof_at: Some(now()),
            stalled: None,
            clock_offset_ms: Some(by.num_milliseconds()),
            reason: None,
        });
    }

    fn begins(rows: Vec<Entity>) -> Self {
        let company = riviera();
        let user = User {
            id: UserId(Uuid::from_u128(21)),
            company: company.id,
            login: "dispatcher".to_owned(),
            name: "Camille".to_owned(),
            role: Role::Dispatcher,
            groups: Vec::new(),
        };
        let parts = SessionParts {
            user,
            company,
            rows: rows.into_iter().map(|entity| CachedRow { entity, version: 1, at: now() }).collect(),
            region: None,
            speeds: crate::speeds::KeptSpeeds::default(),
            demo: None,
            offline: false,
            durable: true,
            proof_at: None,
            clock_offset_ms: None,
            clock: std::sync::Arc::new(now),
        };
        let (session, answers) = Session::begin(parts, now());
        let mut day = Day { session, answers };
        day.out(now());
        day
    }

    fn row(&mut self, row: impl Into<Entity>, version: u64, at: DateTime<Utc>) {
        let row: Entity = row.into();
        let change = Change { kind: row.kind(), id: row.id(), version, at, cause: None, row: Some(row) };
        self.session.on_changes(vec![change], &[], at);
    }

    fn seen(&mut self, lon: f64, when: DateTime<Utc>) {
        let fix =
            Fix { at: at(lon), fix_time: when, accuracy_m: Some(5.0), speed_mps: None, heading_deg: None };
        let server_seq = when.timestamp() as u64;
        self.session.on_positions(vec![PositionUpdate { resource: ana().id, fix, server_seq }], when);
    }

    /// Flushes and takes what is to be done outside.
    fn out(&mut self, now: DateTime<Utc>) -> Vec<Out> {
        self.session.flush(now);
        self.session.take_out(now)
    }

    fn raised(&mut self, now: DateTime<Utc>) -> Vec<AlertKind> {
        let raised = |out| if let Out::Raise(alert) = out { Some(alert.kind) } else { None };
        self.out(now).into_iter().filter_map(raised).collect()
    }
}

fn raised(out: &[Out]) -> Vec<Alert> {
    let alerts =
        out.iter().filter_map(|out| if let Out::Raise(alert) = out { Some((**alert).clone()) } else { None });
    alerts.collect()
}

fn notified(out: &[Out]) -> Vec<&Notification> {
    let shown = out.iter().filter_map(|out| match out {
        Out::Show(Shown::Notify(notification)) => Some(notification),
        Out::Show(Shown::Withdraw(_))
        | Out::Tell(_)
        | Out::Status(_)
        | Out::Raise(_)
        | Out::Retract(_)
        | Out::Foresee(..)
        | Out::Drop(_) => None,
    });
    shown.collect()
}

fn changed(out: &[Out]) -> Vec<&WorkingSet> {
    let sets = out
        .iter()
        .filter_map(|out| if let Out::Tell(ViewEvent::Changed(set)) = out { Some(set) } else { None });
    sets.map(|set| set.as_ref()).collect()
}

#[test]
fn only_what_changed_is_told() {
    let mut day = Day::begins(vec![ana().into(), lift(None).into()]);
    assert!(day.out(secs(1)).is_empty(), "nothing happened, nothing is told");
    day.row(Task { priority: Priority::Urgent, ..lift(None) }, 2, secs(2));
    let out = day.out(secs(2));
    let told = changed(&out);
    assert_eq!((told.len(), told[0].tasks.len(), told[0].resources.len()), (1, 1, 0), "one row of one kind");
    assert_eq!(told[0].tasks[0].version, 2, "with its new version");
    day.row(lift(None), 1, secs(3));
    assert!(changed(&day.out(secs(3))).is_empty(), "an older version that comes late changes nothing");
}

#[test]
fn a_fix_moves_the_dot_and_hardly_anything_else() {
    let mut day = Day::begins(vec![ana().into()]);
    day.seen(7.42, secs(1));
    assert_eq!(changed(&day.out(secs(1))).len(), 1, "the first fix: Ana is live");
    assert_eq!(day.session.frames().take(secs(1)).dots.len(), 1, "and has a dot");
    day.seen(7.4201, secs(6));
    assert!(changed(&day.out(secs(6))).is_empty(), "five seconds later no panel changes");
    assert_eq!(day.session.frames().take(secs(6)).dots.len(), 1, "the dot moves");
    day.session.on_tick(secs(6 + 180));
    let frame = day.session.frames().take(secs(6 + 180));
    assert_eq!(frame.dots[0].state, DotState::Stale, "three minutes later it is drawn as old");
}

#[test]
fn privacy_takes_everything_back_at_once() {
    let task = step(lift(Some(ana().id)), TaskStatus::EnRoute, now());
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    day.seen(7.42, secs(1));
    day.out(secs(1));
    let answer = day.answers.blocking_recv().expect("an arrival");
    day.session.on_answers(answer, secs(1));
    day.out(secs(1));
    day.session.frames().take(secs(1));

    day.row(Resource { private_since: Some(secs(2)), ..ana() }, 2, secs(2));
    let frame = day.session.frames().take(secs(2));
    assert_eq!(frame.gone, [ana().id], "the dot goes with the row that says so");
    let out = day.out(secs(2));
    let told = changed(&out)[0];
    assert_eq!(told.resources[0].position, PositionState::Private { since: secs(2) }, "“private since …”");
    assert_eq!(told.resources[0].fix_time, None, "no trace of the last fix");
    let private = protocol::view::EtaView::Unknown { because: protocol::view::EtaUnknown::Private };
    assert_eq!(told.tasks[0].eta, Some(private), "no arrival either");
    day.seen(7.43, secs(3));
    assert!(!day.session.frames().is_due(), "a fix that comes regardless is not shown");
}

#[test]
fn what_was_before_is_no_news() {
    let refused = step(lift(Some(ana().id)), TaskStatus::Declined, secs(-3_600));
    let mut day = Day::begins(vec![ana().into()]);
    day.row(refused.clone(), 2, secs(1));
    assert_eq!(day.raised(secs(1)), [], "an hour ago somebody else was told");
    day.row(step(refused, TaskStatus::NotDone, secs(2)), 3, secs(2));
    let kind = AlertKind::TaskRefused { task: lift(None).id, resource: ana().id };
    assert_eq!(day.raised(secs(2)), [kind], "this is now");
}

#[test]
fn the_first_offer_and_the_last_answer_are_told() {
    let ben = ResourceId(Uuid::from_u128(5));
    let invitation = Invitation {
        id: BidId(Uuid::from_u128(30)),
        task: lift(None).id,
        invite: vec![ana().id, ben],
        deadline: secs(600),
    };
    let mut bid = Bid::open(invitation, UserId(Uuid::from_u128(21)), now()).expect("opens");
    let mut day = Day::begins(vec![ana().into(), lift(None).into(), bid.clone().into()]);
    let offer = || BidAnswer::Bid(Offer { eta_secs: None, price_minor: None, comment: String::new() });
    bid.answer(ana().id, offer(), secs(5)).expect("answers");
    day.row(bid.clone(), 2, secs(5));
    assert_eq!(
        day.raised(secs(5)),
        [AlertKind::BidAnswered { bid: bid.id, resource: ana().id }],
        "the first"
    );
    day.row(bid.clone(), 3, secs(6));
    assert_eq!(day.raised(secs(6)), [], "the same again is nothing new");
    bid.answer(ben, BidAnswer::Declined, secs(7)).expect("answers");
    day.row(bid.clone(), 4, secs(7));
    assert_eq!(day.raised(secs(7)).len(), 1, "everybody has answered");
}

#[test]
fn a_silent_device_is_told_once() {
    let mut day = Day::begins(vec![ana().into(), silence_rule().into()]);
    day.seen(7.42, secs(1));
    day.out(secs(1));
    day.proven(secs(1_800));
    day.session.on_second(secs(1_802));
    assert_eq!(day.raised(secs(1_802)), [], "her card may lag behind what the server has heard");
    day.proven(secs(2_100));
    day.session.on_second(secs(2_102));
    assert_eq!(day.raised(secs(2_102)), [AlertKind::DeviceSilent { resource: ana().id }], "half an hour");
    day.session.on_second(secs(2_103));
    assert_eq!(day.raised(secs(2_103)), [], "still silent is no news");
}

#[test]
fn without_a_server_nobodys_device_is_called_silent() {
    let mut day = Day::begins(vec![ana().into(), silence_rule().into()]);
    day.seen(7.42, secs(1));
    day.proven(secs(2));
    day.out(secs(2));
    day.session.on_second(secs(1_802));
    assert_eq!(day.raised(secs(1_802)), [], "half an hour without news says nothing about her phone");
}

#[test]
fn lateness_is_told_before_it_happens_and_only_once() {
    let task = Task { window_end: Some(secs(30)), ..lift(Some(ana().id)) };
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    let mut told = Vec::new();
    for second in [1, 10, 20, 40, 60] {
        day.seen(7.30 + 0.0001 * f64::from(second), secs(i64::from(second)));
        day.out(secs(i64::from(second)));
        while let Ok(answer) = {
            std::thread::sleep(std::time::Duration::from_millis(20));
            day.answers.try_recv()
        } {
            day.session.on_answers(answer, secs(i64::from(second)));
        }
        told.extend(day.raised(secs(i64::from(second))));
    }
    let late = |kind: &AlertKind| matches!(kind, AlertKind::TaskLate { late_secs, .. } if *late_secs > 60);
    assert_eq!(told.iter().filter(|kind| late(kind)).count(), 1, "ten kilometres in half a minute: {told:?}");
}

#[test]
fn notifications_hold_no_phone_and_no_address() {
    let mut day = Day::begins(vec![ana().into(), lift(Some(ana().id)).into()]);
    day.row(step(lift(Some(ana().id)), TaskStatus::Declined, secs(1)), 2, secs(1));
    let first = day.out(secs(1));
    let private = Resource { private_since: Some(secs(2)), ..ana() };
    day.row(private, 2, secs(2));
    day.row(step(lift(Some(ana().id)), TaskStatus::NotDone, secs(3)), 3, secs(3));
    let second = day.out(secs(3));
    let texts: Vec<String> = notified(&first)
        .into_iter()
        .chain(notified(&second))
        .map(|notification| format!("{} {}", notification.title, notification.body))
        .collect();
    assert_eq!(texts.len(), 2, "two refusals: {texts:?}");
    assert!(texts[0].contains("Task 2401") && texts[0].contains("Ana Rossi"), "which and by whom: {texts:?}");
    assert!(texts[1].contains("by somebody"), "a private person is not named: {texts:?}");
    for secret in ["+377", "rue du Secret", "example.com"] {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{secret} is nobody's business: {texts:?}");
    }
}

#[test]
fn refusals_need_no_server() {
    let mut day = Day::begins(vec![ana().into(), lift(None).into()]);
    let id = CommandId(Uuid::from_u128(40));
    let unknown = TaskId(Uuid::from_u128(99));
    let assign = CommandBody::TaskAssign { task: unknown, resource: Some(ana().id), choice: None };
    let refused = day.session.prepare(assign, id, secs(1)).expect_err("there is no such task");
    assert_eq!(refused.code, DeskErrorCode::Refused(Rejection::NotFound), "by the rules of the domain");
    let note = CommandBody::TaskNote { task: lift(None).id, text: "x".repeat(2_001) };
    let refused = day.session.prepare(note, id, secs(1)).expect_err("too long");
    assert_eq!(
        (refused.code, refused.detail.as_deref()),
        (DeskErrorCode::BadInput, Some("text")),
        "names the field"
    );
    let assign = CommandBody::TaskAssign { task: lift(None).id, resource: Some(ana().id), choice: None };
    let prepared = day.session.prepare(assign, id, secs(1)).expect("fine");
    assert_eq!(prepared.command.if_match, Some(1), "with the version that the user sees");
}

#[test]
fn a_stall_is_told_at_once_and_so_is_its_end() {
    let mut day = Day::begins(vec![ana().into()]);
    day.session.take_out(now());
    let stalled = StalledView { what: Stalled::Queue, since: secs(5) };
    let freshness = |stalled| Freshness {
        state: ConnectionState::Live,
        proof_at: Some(secs(5)),
        stalled,
        clock_offset_ms: Some(0),
        reason: None,
    };
    for expected in [Some(stalled), None] {
        day.session.on_freshness(freshness(expected));
        let told = day.session.take_out(now()).into_iter().filter_map(|out| {
            if let Out::Tell(ViewEvent::Connection(view)) = out { Some(view.stalled) } else { None }
        });
        assert_eq!(told.collect::<Vec<_>>(), [expected], "connected is not the same as getting on");
    }
}

#[test]
fn what_was_stored_meanwhile_outlives_older_news_of_the_queue() {
    let mut day = Day::begins(vec![ana().into(), lift(None).into()]);
    let note = |text: &str| NewCommand {
        id: CommandId(Uuid::from_u128(7)),
        body: CommandBody::TaskNote { task: lift(None).id, text: text.to_owned() },
        if_match: None,
        valid_until: None,
        depends_on: None,
    };
    let change = QueueChange { gone: Vec::new(), new: vec![(3, note("call back"))] };
    day.session.on_stored(change, now());
    day.session.on_queue(Vec::new());
    let queued =
        |day: &Day| day.session.picture().queue().iter().map(|one| one.command.n).collect::<Vec<_>>();
    assert_eq!(queued(&day), [3], "the news were older than the command");
    let told = day.session.picture().queue().to_vec();
    day.session.on_queue(told);
    day.session.on_queue(Vec::new());
    assert_eq!(queued(&day), [0; 0], "once it was told of, its absence means that it is confirmed");
}
