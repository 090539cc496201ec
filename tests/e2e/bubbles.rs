//! The shell's notifier and a real notification service, without a window: a bubble is changed, taken away and clicked.

use std::time::Duration;

use anyhow::{Context, Result};
use desk::{Notification, NotificationAct, NotificationKey};
use domain::AlertId;
use domain::alert::Severity;
use notifier::Told;
use protocol::view::{Sound, Subject};
use tests::desktop::{Notifications, eventually};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::SOON;

/// Nobody clicks faster, and listening to a bubble begins a moment after it is up.
const A_PERSON_NEEDS: Duration = Duration::from_millis(500);

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn a_bubble_is_changed_taken_away_and_clicked() {
    let service = Notifications::start().await.expect("a notification daemon");
    let (told, mut heard) = mpsc::channel(16);
    let (notifier, worker) = notifier::new(told);
    let working = tokio::spawn(worker.run());
    let Told::Service(found) = next(&mut heard).await.expect("the service is looked at") else {
        panic!("the service comes first")
    };
    assert!(found.name.is_some_and(|name| name.starts_with("dunst")) && found.actions, "it shows buttons");

    notifier.show(silent(1, "4 devices are silent"));
    notifier.show(silent(1, "5 <devices> & more are silent"));
    let seen = service.wait_for(SOON, |seen| seen.summary.starts_with("5 ")).await;
    let mut seen = seen.expect("both are shown");
    // The service prints them in no order.
    seen.actions.sort();
    assert_eq!(seen.actions, ["acknowledge", "default", "open", "snooze"], "with its buttons");
    assert_eq!(seen.urgency, "CRITICAL", "as bad as the alert");
    until_displayed(&service, 1).await.expect("in one bubble");
    notifier.withdraw(key(1));
    until_displayed(&service, 0).await.expect("it is taken away");

    notifier.show(silent(2, "6 devices are silent"));
    service.wait_for(SOON, |seen| seen.summary.starts_with("6 ")).await.expect("it is shown");
    until_displayed(&service, 1).await.expect("it is up");
    tokio::time::sleep(A_PERSON_NEEDS).await;
    service.click_top().expect("a click");
    let act = NotificationAct::Open(Subject::Alert(alert(2)));
    assert_eq!(next(&mut heard).await.expect("the click comes back"), Told::Act(act), "for that bubble");
    until_displayed(&service, 0).await.expect("it has served");

    drop(service);
    let Told::Service(lost) = next(&mut heard).await.expect("the service ends") else { panic!("no act") };
    assert_eq!(lost.name, None, "and that is told");
    drop(notifier);
    tokio::time::timeout(SOON, working).await.expect("the worker ends too").expect("cleanly");
}

fn alert(n: u128) -> AlertId {
    AlertId(Uuid::from_u128(n))
}

fn key(n: u128) -> NotificationKey {
    NotificationKey::Line(alert(n))
}

fn silent(n: u128, title: &str) -> Notification {
    Notification {
        key: key(n),
        title: title.to_owned(),
        body: "Depot & <yard>".to_owned(),
        severity: Severity::Critical,
        sound: Sound::Silent,
        open: Some(Subject::Alert(alert(n))),
        alerts: vec![alert(n)],
    }
}

async fn next(heard: &mut mpsc::Receiver<Told>) -> Result<Told> {
    tokio::time::timeout(SOON, heard.recv()).await.context("in time")?.context("the worker runs")
}

async fn until_displayed(service: &Notifications, count: usize) -> Result<()> {
    eventually("the bubbles on the screen", SOON, async || Ok((service.displayed()? == count).then_some(())))
        .await
}
