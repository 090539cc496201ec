//! A fence is drawn, somebody enters it, the desktop says so; and an outage that silences everybody is one line.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::place::{FenceShape, Poi};
use tests::desktop::{Notifications, Window, eventually};

use super::office::{Office, Person};
use super::{LATER, SOON, signed_in};

const NAME: &str = "Fort Antoine";
/// Longer than a rule needs to call a device silent.
const BEHIND_SECS: i64 = 45 * 60;
/// Before the first fix of the drive.
const SHIFT_BEGAN_SECS: i64 = 10 * 60;
const FLEET: usize = 40;

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn a_fence_is_drawn_and_somebody_enters_it() {
    let notifications = Notifications::start().await.expect("a notification daemon");
    // A dispatcher may look back to where the shift began: it has begun before he drives.
    let office = Office::open(SHIFT_BEGAN_SECS).await.expect("a company");
    let ben = office.person("Ben Ferri").await.expect("somebody in the field");
    office.catch_up();
    let window = signed_in(&office).await.expect("the desk opens");

    let fence = draws_a_circle(&window, &office).await.expect("a fence is drawn and saved");
    enters(&ben, &fence).await.expect("Ben drives there");
    let entered = notifications.wait_for(LATER, |seen| seen.summary.contains("entered")).await;
    let entered = entered.expect("the desktop says so");
    assert_eq!(entered.summary, format!("Ben Ferri entered {NAME}"), "who and where");
    assert!(
        entered.actions.iter().any(|action| action == "acknowledge"),
        "it can be acknowledged from the notification: {:?}",
        entered.actions
    );

    why_it_fired(&window).await.expect("the fixes say why");
    acknowledges(&window).await.expect("it is acknowledged in the alert centre");
    window.close().await.expect("the window closes");
}

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn forty_devices_fall_silent_and_that_is_one_line() {
    let notifications = Notifications::start().await.expect("a notification daemon");
    let office = Office::open(BEHIND_SECS).await.expect("a company, some time ago");
    for number in 1..=FLEET {
        office.person(&format!("Driver {number:02}")).await.expect("a fleet");
    }
    let window = signed_in(&office).await.expect("the desk opens");
    office.catch_up();
    let said = notifications.wait_for(LATER, |seen| seen.summary.contains("40 devices")).await;
    said.expect("one bubble for all of them");
    window.click("[data-testid='nav-alerts']", SOON).await.expect("the alert centre opens");
    one_line(&window).await.expect("one entry with forty members");
    window.close().await.expect("the window closes");
}

/// From the middle of the map outwards; a rule, a name, saved.
async fn draws_a_circle(window: &Window, office: &Office) -> Result<Poi> {
    window.click("[data-testid='draw-fence']", SOON).await?;
    window.wait_for("[data-testid='fence-form']", SOON).await?;
    let map = window.wait_for("[data-testid='map']", SOON).await?;
    window.session().drag(&map, (300.0, 220.0), (360.0, 220.0)).await?;
    window.fill("[data-testid='fence-name']", NAME, SOON).await?;
    window.check("[data-testid='fence-enter']", SOON).await?;
    window.screenshot("fence-drawn").await?;
    window.click("[data-testid='save-fence']", SOON).await?;
    let places = || office.places();
    eventually("the fence at the server", LATER, async || {
        Ok(places()?.into_iter().find(|poi| poi.name == NAME))
    })
    .await
}

/// Outside for certain, then inside for as long as the confirmation takes.
async fn enters(person: &Person, fence: &Poi) -> Result<()> {
    let shape = fence.fence.as_ref().map(|fence| &fence.shape);
    let Some(FenceShape::Circle { center, radius_m }) = shape else {
        anyhow::bail!("a circle was drawn: {shape:?}");
    };
    ensure!((20.0..2_000.0).contains(radius_m), "of a size that a person means: {radius_m}");
    let away = center.destination(90.0, radius_m * 2.0 + 300.0);
    for (place, secs_ago) in [(away, 120), (*center, 60), (*center, 30), (*center, 5)] {
        person.is_at((place.lon(), place.lat()), secs_ago).await?;
    }
    Ok(())
}

async fn why_it_fired(window: &Window) -> Result<()> {
    window.click("[data-testid='nav-alerts']", SOON).await?;
    window.click("[data-testid='alerts-row']", SOON).await?;
    window.click("[data-testid='why-ask']", SOON).await?;
    window.wait_for("[data-testid='verdict']", LATER).await?;
    eventually("the fixes that decided", SOON, async || {
        let deciding = window.session().all("[data-testid='why-fix'][data-decides='true']").await?;
        Ok((deciding.len() >= 2).then_some(()))
    })
    .await?;
    // The map draws the error circles with its next frame.
    tokio::time::sleep(Duration::from_secs(2)).await;
    window.screenshot("why-it-fired").await?;
    Ok(())
}

async fn acknowledges(window: &Window) -> Result<()> {
    window.click("[data-testid='act-acknowledge']", SOON).await?;
    let history = window.wait_text("[data-testid='alert-history']", "Ana", SOON).await;
    history.context("who did it is in the history")?;
    Ok(())
}

async fn one_line(window: &Window) -> Result<()> {
    let line = window.wait_text("[data-testid='alerts-row']", "40", LATER).await?;
    let rows = window.session().all("[data-testid='alerts-row']").await?;
    ensure!(rows.len() == 1, "the outage is one entry, not {}: {line}", rows.len());
    window.screenshot("outage").await?;
    Ok(())
}
