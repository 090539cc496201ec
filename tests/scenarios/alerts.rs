use domain::alert::{AlertAction, AlertKind, AlertState};
use domain::entry::EntryBody;
use domain::task::TaskStatus;
use protocol::entity::EntityKind;
use protocol::field::EntryOutcome;
use protocol::view::{DeskRequest, Notice, Subject};

use crate::office::{Office, Person, at};
use crate::screen::Screen;

async fn seen_at(person: &Person, screen: &mut Screen, lon: f64, secs_ago: i64) {
    person.is_at(at(lon, 43.7354), secs_ago).await;
    let lon_e7 = (lon * 1e7).round() as i32;
    let id = person.id;
    screen.until("the dot", |screen| screen.dots.get(&id).is_some_and(|dot| dot.lon_e7 == lon_e7)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_comes_into_a_fence_and_the_desk_says_so_once() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let depot = office.fence("Depot", at(7.4200, 43.7354), 150.0);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    seen_at(&ana, &mut screen, 7.4300, 110).await;
    seen_at(&ana, &mut screen, 7.4200, 60).await;
    seen_at(&ana, &mut screen, 7.4201, 20).await;

    let entered = AlertKind::FenceEntered { resource: ana.id, poi: depot };
    screen
        .until("the alert", |screen| {
            screen.alerts.values().any(|view| view.alert.kind == entered && !view.pending)
        })
        .await;
    screen.until("her fence", |screen| screen.resources[&ana.id].inside == [depot]).await;
    let alert = screen.alerts.values().find(|view| view.alert.kind == entered).expect("there").alert.clone();
    assert!(screen.notices.contains(&Notice::AlertRaised { alert: alert.id }), "said in passing");
    assert!(office.row(EntityKind::Alert, alert.id.0).is_some(), "the server has it for everybody else");

    let notifications = desk.desktop.notifications();
    assert_eq!(notifications.len(), 1, "one notification: {notifications:?}");
    assert_eq!(notifications[0].title, "Ana Rossi entered Depot", "who and where");
    assert_eq!(notifications[0].open, Some(Subject::Alert(alert.id)), "a click opens it");

    // A second desk computes the same and gets the same alert from the server: still one.
    let (second, mut elsewhere) = office.signed_in("manager").await;
    elsewhere.until("the alert over there", |screen| screen.alerts.contains_key(&alert.id)).await;
    assert!(second.desktop.notifications().is_empty(), "what was before is no news");
    desk.ask(DeskRequest::ActOnAlerts { alerts: vec![alert.id], action: AlertAction::Acknowledge }).await;
    let seen =
        |screen: &Screen| matches!(screen.alerts[&alert.id].alert.state, AlertState::Acknowledged { .. });
    elsewhere.until("somebody has looked at it", seen).await;
    assert_eq!(office.rows(EntityKind::Alert).len(), 1, "one alert in all");
    second.desk.stop().await;
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_task_is_told() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let lift = office.task("Lift stuck", Some(ana.id));
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    let body =
        EntryBody::Task { task: lift, status: TaskStatus::Declined, reason: Some("no ladder".to_owned()) };
    let declined = ana.report(body, None).await;
    assert!(matches!(declined, EntryOutcome::Accepted { .. }), "{declined:?}");
    let refused = AlertKind::TaskRefused { task: lift, resource: ana.id };
    screen.until("the alert", |screen| screen.alerts.values().any(|view| view.alert.kind == refused)).await;
    let notifications = desk.desktop.notifications();
    assert_eq!(
        notifications.last().and_then(|last| last.open),
        Some(Subject::Task(lift)),
        "a click opens the task"
    );
    desk.desk.stop().await;
}
