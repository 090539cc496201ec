//! The alert centre: who deals with what, who is told, and why something fired.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use desk::{DeskStatus, NotificationAct, NotificationKey};
use domain::alert::{Alert, AlertAction, AlertKind, AlertState, Severity, StepKind};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::rule::{AlertPolicy, Audience};
use domain::{AlertId, PoiId, ResourceId};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{
    DeskRequest, DeskResponse, ExplanationBasis, ExplanationView, NoiseSource, NotificationService,
    NotificationSettings, VerdictView,
};

use store::MemoryKeyStore;

use crate::office::{Desk, Office, Person, at, fresh, now};
use crate::screen::Screen;

const PATIENCE: Duration = Duration::from_secs(60);

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "waited in vain for {what}");
}

/// A device that the server says is silent.
fn silent(secs_ago: i64) -> Alert {
    let time = now() - TimeDelta::seconds(secs_ago);
    let kind = AlertKind::DeviceSilent { resource: ResourceId(fresh()) };
    Alert::new(AlertId(fresh()), kind, Severity::Warning, (time, time), None)
}

fn act(alert: AlertId, action: AlertAction) -> DeskRequest {
    DeskRequest::ActOnAlerts { alerts: vec![alert], action }
}

/// Waits until the desk shows an alert, and the server knows it, too.
async fn shown(screen: &mut Screen, alert: AlertId) {
    screen.until("the alert", |screen| screen.alerts.contains_key(&alert)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_deals_with_it_and_the_other_sees_who_and_when() {
    let office = Office::open().await;
    let (ours, mut here) = office.signed_in("dispatcher").await;
    let (theirs, mut there) = office.signed_in("manager").await;
    let alert = silent(0);
    office.put(alert.clone());
    shown(&mut here, alert.id).await;
    shown(&mut there, alert.id).await;
    let key = NotificationKey::Line(alert.id);
    eventually("both are told", || {
        [&ours, &theirs].iter().all(|desk| desk.desktop.notifications().iter().any(|shown| shown.key == key))
    })
    .await;
    let one = DeskStatus { unseen: 1, critical: 0, is_offline: false };
    eventually("it counts", || theirs.desktop.glance() == one).await;

    ours.desk.act_on(NotificationAct::Acknowledge(vec![alert.id])).await;
    eventually("it leaves the other desktop", || theirs.desktop.withdrawn().contains(&key)).await;
    eventually("and the count", || theirs.desktop.glance().unseen == 0).await;
    ours.ask(act(alert.id, AlertAction::Assign { to: office.user("manager") })).await;
    let assigned =
        |screen: &Screen| matches!(screen.alerts[&alert.id].alert.state, AlertState::Assigned { .. });
    there.until("it is assigned", assigned).await;
    let known = &there.alerts[&alert.id].alert;
    let dispatcher = Some(office.user("dispatcher"));
    let steps: Vec<_> = known.history.iter().map(|step| (step.by, &step.what)).collect();
    let to = office.user("manager");
    let expected =
        [AlertAction::Acknowledge, AlertAction::Assign { to }].map(|action| StepKind::Acted { action });
    assert_eq!(steps, [(dispatcher, &expected[0]), (dispatcher, &expected[1])], "who did what");
    assert!(known.history.iter().all(|step| now() - step.at < TimeDelta::minutes(2)), "and when");
    theirs.desk.stop().await;
    ours.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_runs_out_and_counts_again() {
    let office = Office::open().await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    let alert = silent(0);
    office.put(alert.clone());
    shown(&mut screen, alert.id).await;
    eventually("it is told", || desk.desktop.notifications().len() == 1).await;
    let until = now() + TimeDelta::seconds(3);
    desk.ask(act(alert.id, AlertAction::Snooze { until })).await;
    eventually("it is out of sight", || desk.desktop.glance().unseen == 0).await;
    assert!(now() < until, "the snooze still runs");
    eventually("it is told again", || desk.desktop.notifications().len() == 2).await;
    assert!(now() >= until, "not before its time");
    assert!(now() - until < TimeDelta::seconds(10), "soon after, also on a busy machine");
    eventually("and counts", || desk.desktop.glance().unseen == 1).await;
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_looks_at_is_told_to_everybody() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let depot = fence_for_managers(&office);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    let time = now() - TimeDelta::seconds(55);
    let kind = AlertKind::FenceEntered { resource: ana.id, poi: depot };
    let alert = Alert::new(AlertId(fresh()), kind, Severity::Warning, (time, time), None);
    office.put(alert.clone());
    shown(&mut screen, alert.id).await;
    assert!(desk.desktop.notifications().is_empty(), "a dispatcher is not meant");
    eventually("it has escalated", || !desk.desktop.notifications().is_empty()).await;
    let told = desk.desktop.notifications();
    assert_eq!((told.len(), told[0].severity), (1, Severity::Critical), "one severity worse: {told:?}");
    eventually("the desk presses", || desk.desktop.glance().critical == 1).await;
    desk.desk.stop().await;
}

fn fence_for_managers(office: &Office) -> PoiId {
    let center = at(7.42, 43.7354);
    let policy = AlertPolicy {
        severity: Severity::Warning,
        audience: Audience { roles: vec![domain::access::Role::Manager], users: Vec::new() },
        escalate_after_secs: Some(60),
    };
    let circle = FenceShape::Circle { center, radius_m: 150.0 };
    let poi = Poi {
        id: PoiId(fresh()),
        name: "Depot".to_owned(),
        kind: PoiKind::Customer,
        at: center,
        address: String::new(),
        fence: Some(Fence { on_enter: true, policy: Some(policy), ..Fence::new(circle) }),
    };
    let id = poi.id;
    office.put(poi);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_without_a_server_is_done_when_it_is_back() {
    let mut office = Office::open().await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    let alert = silent(0);
    office.put(alert.clone());
    shown(&mut screen, alert.id).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    eventually("the desk says so", || desk.desktop.glance().is_offline).await;
    desk.ask(act(alert.id, AlertAction::Acknowledge)).await;
    let looked = |screen: &Screen| {
        let view = &screen.alerts[&alert.id];
        view.pending && matches!(view.alert.state, AlertState::Acknowledged { .. })
    };
    screen.until("it shows at once, on its way", looked).await;
    eventually("nothing is new", || desk.desktop.glance().unseen == 0).await;
    office.start_server().await;
    desk.ask(DeskRequest::ReconnectNow).await;
    screen.until("it is done", |screen| !screen.alerts[&alert.id].pending).await;
    let Some(Entity::Alert(stored)) = office.row(EntityKind::Alert, alert.id.0) else { panic!("no alert") };
    assert!(matches!(stored.state, AlertState::Acknowledged { .. }), "the server has it: {stored:?}");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_one_bubble() {
    let office = Office::open().await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    for _ in 0..12 {
        office.put(silent(0));
    }
    screen.until("all of them", |screen| screen.alerts.len() == 12).await;
    let title = "12 devices are silent";
    eventually("what is true in the end", || {
        desk.desktop.notifications().last().is_some_and(|shown| shown.title == title)
    })
    .await;
    let (shown, gone) = (desk.desktop.notifications(), desk.desktop.withdrawn());
    let mut up: Vec<NotificationKey> = shown.iter().map(|shown| shown.key).collect();
    up.sort_unstable();
    up.dedup();
    up.retain(|key| !gone.contains(key));
    assert_eq!(up.len(), 1, "one bubble is up: {shown:?}");
    assert!(shown.len() <= 8, "and there was no flood: {shown:?}");
    assert_eq!(desk.desktop.glance().unseen, 1, "one line");
    let DeskResponse::Figures(figures) = desk.ask(DeskRequest::Figures).await else { panic!("no figures") };
    assert_eq!(figures.new_alerts, 1, "the figures count as the list does");
    desk.desk.stop().await;
}

async fn seen_at(person: &Person, screen: &mut Screen, lon: f64, secs_ago: i64) {
    person.is_at(at(lon, 43.7354), secs_ago).await;
    let lon_e7 = (lon * 1e7).round() as i32;
    let id = person.id;
    screen.until("the dot", |screen| screen.dots.get(&id).is_some_and(|dot| dot.lon_e7 == lon_e7)).await;
}

async fn explained(desk: &Desk, request: DeskRequest) -> ExplanationView {
    let answer = desk.ask(request).await;
    let DeskResponse::Explanation(view) = answer else { panic!("no explanation: {answer:?}") };
    *view
}

#[tokio::test(flavor = "multi_thread")]
async fn why_it_fired_and_why_it_did_not() {
    let mut office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let (depot, yard) =
        (office.fence("Depot", at(7.4200, 43.7354), 150.0), office.fence("Yard", at(7.4500, 43.7354), 150.0));
    // A dispatcher may look back to the beginning of the shift only, and hers has just begun.
    let (desk, mut screen) = office.signed_in("supervisor").await;
    for (lon, secs_ago) in [(7.4300, 110), (7.4200, 60), (7.4201, 20)] {
        seen_at(&ana, &mut screen, lon, secs_ago).await;
    }
    let entered = AlertKind::FenceEntered { resource: ana.id, poi: depot };
    screen.until("the alert", |screen| screen.alerts.values().any(|view| view.alert.kind == entered)).await;
    let alert = screen.alerts.values().find(|view| view.alert.kind == entered).expect("there").alert.clone();

    let why = explained(&desk, DeskRequest::ExplainAlert { alert: alert.id }).await;
    assert!(why.from_server, "the server's track was asked for");
    let VerdictView::Fired { fixes, event_time, .. } = why.verdict else { panic!("{:?}", why.verdict) };
    assert_eq!((fixes, event_time), (2, alert.event_time), "two fixes inside, the first one is the time");
    let deciding = why.fixes.iter().filter(|judged| judged.decides).count();
    assert_eq!((why.fixes.len(), deciding), (3, 2), "all three are shown, two decide");
    assert!(matches!(why.basis, ExplanationBasis::Fence { poi, .. } if poi == depot), "by which fence");
    let audited = office.admin().audit(office.company()).expect("reads");
    assert!(audited.iter().any(|row| format!("{row:?}").contains("explain")), "who asked is written down");

    let not = DeskRequest::ExplainFence { resource: ana.id, poi: yard, at: now() };
    let why_not = explained(&desk, not.clone()).await;
    let VerdictView::StayedOutside { nearest_m } = why_not.verdict else { panic!("{:?}", why_not.verdict) };
    assert!((1_000.0..2_000.0).contains(&nearest_m), "she was never near: {nearest_m}");

    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    let from_memory = explained(&desk, not).await;
    assert!(!from_memory.from_server, "from what this desk has seen");
    assert!(matches!(from_memory.verdict, VerdictView::StayedOutside { .. }), "{:?}", from_memory.verdict);
    let DeskResponse::Noise(noise) = desk.ask(DeskRequest::Noise { days: 7 }).await else {
        panic!("no noise")
    };
    assert_eq!(noise[0].source, NoiseSource::Fence(depot), "who spoke");
    assert_eq!((noise[0].alerts, noise[0].untouched), (1, 1), "once, and nobody has looked");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_what_they_want() {
    let office = Office::open().await;
    let keys = Arc::new(MemoryKeyStore::default());
    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    let paused = NotificationSettings {
        paused_until: Some(now() + TimeDelta::hours(1)),
        ..NotificationSettings::default()
    };
    let answer = desk.ask(DeskRequest::SetNotificationSettings(Box::new(paused.clone()))).await;
    let DeskResponse::Notifications { settings, service } = answer else { panic!("{answer:?}") };
    assert_eq!((*settings, service.name), (paused.clone(), None), "kept; nobody has said what shows them");
    office.put(silent(0));
    screen.until("the alert", |screen| screen.alerts.len() == 1).await;
    let critical = Alert { severity: Severity::Critical, ..silent(400) };
    office.put(Alert { raised_at: now(), ..critical });
    eventually("what is critical is told", || !desk.desktop.notifications().is_empty()).await;
    assert_eq!(desk.desktop.notifications().len(), 1, "the other one waits in the list");
    desk.ask(DeskRequest::TestNotification).await;
    let last = desk.desktop.notifications().pop().expect("shown");
    assert_eq!(last.key, NotificationKey::Example, "whatever the settings say");

    let service = |name: Option<&str>| NotificationService {
        name: name.map(str::to_owned),
        actions: name.is_some(),
        sounds: false,
    };
    desk.desk.notification_service(service(None)).await;
    screen.until("the hint", |screen| screen.service == Some(service(None))).await;
    let mut later = Screen::of(&desk.desk).await;
    later
        .until("the hint, told to a page that comes later", |screen| screen.service == Some(service(None)))
        .await;
    desk.desk.notification_service(service(Some("dunst 1.9"))).await;
    screen.until("its end", |screen| screen.service == Some(service(Some("dunst 1.9")))).await;
    desk.desk.stop().await;

    let again = office.desk(&keys);
    again.sign_in(&office, "dispatcher").await;
    let answer = again.ask(DeskRequest::NotificationSettings).await;
    let DeskResponse::Notifications { settings, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(*settings, paused, "also after a restart");
    again.desk.stop().await;
}
