//! Stories in the real window: the built desk, its web view, a screen, a session bus and a notification daemon.

mod arrivals;
mod bubbles;
mod fences;
mod office;
mod planning;
mod two_desks;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::desktop::{COMPANY, Launch, Notifications, PASSWORD, Window, eventually};

use self::office::Office;

/// Opening includes starting the web view's processes on a busy machine without a graphics card.
const OPENS_WITHIN: Duration = Duration::from_secs(90);
/// What answers a click on such a machine.
const SOON: Duration = Duration::from_secs(30);
/// What needs people to drive or the server to come back.
const LATER: Duration = Duration::from_secs(180);

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn a_dispatchers_day() {
    let window = Window::open(&Launch::demo()).await.expect("the desk opens");
    opens_on_the_demo(&window).await.expect("the demo is there");
    sees_people_move(&window).await.expect("people move");
    creates_and_assigns(&window).await.expect("a task is created and assigned");
    sets_a_winner(&window).await.expect("a bid has a winner");
    works_through_an_outage(&window).await.expect("the outage costs nothing");
    window.close().await.expect("the window closes");
}

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn somebody_enters_a_fence_and_the_desktop_says_so() {
    let notifications = Notifications::start().await.expect("a notification daemon");
    let window = Window::open(&Launch::demo()).await.expect("the desk opens");
    opens_on_the_demo(&window).await.expect("the demo is there");
    let entered = notifications.wait_for(LATER, |seen| seen.summary.contains("entered")).await;
    let entered = entered.expect("a simulated person enters a fence and a notification comes up");
    assert_eq!(entered.application, "OfficeTrack Desk", "it says who speaks");
    window.click("[data-testid='tab-alerts']", SOON).await.expect("the alerts open");
    window.wait_for("[data-testid='alerts-row']", SOON).await.expect("and it is in the alert list too");
    window.screenshot("alerts").await.expect("a picture");
    window.close().await.expect("the window closes");
}

/// The desk on an office's server, with its dispatcher signed in.
async fn signed_in(office: &Office) -> Result<Window> {
    let window = Window::open(&Launch::default().arg("--no-keyring")).await?;
    window.wait_for("[data-testid='server']", OPENS_WITHIN).await?;
    let url = office.url();
    for (field, text) in
        [("server", url.as_str()), ("company", COMPANY), ("user", "ana"), ("password", PASSWORD)]
    {
        window.fill(&format!("[data-testid='{field}']"), text, SOON).await?;
    }
    window.click("[data-testid='sign-in']", SOON).await?;
    window.wait_for("[data-testid='resources-row']", LATER).await?;
    Ok(window)
}

async fn opens_on_the_demo(window: &Window) -> Result<()> {
    window.wait_title("OfficeTrack", OPENS_WITHIN).await?;
    window.wait_for("[data-testid='demo-bar']", OPENS_WITHIN).await?;
    window.wait_for("[data-testid='resources-row']", OPENS_WITHIN).await?;
    window.wait_text("[data-testid='freshness']", "updated", SOON).await?;
    window.screenshot("opens").await?;
    Ok(())
}

/// The list's second line and the drawn map both change while nobody touches the desk.
async fn sees_people_move(window: &Window) -> Result<()> {
    window.wait_for("[data-testid='map']", SOON).await?;
    let before = window.session().screenshot().await?;
    eventually("somebody moving on the map", LATER, async || {
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok((window.session().screenshot().await? != before).then_some(()))
    })
    .await
}

async fn creates_and_assigns(window: &Window) -> Result<()> {
    window.click("[data-testid='new-task']", SOON).await?;
    window.fill("[data-testid='task-title']", "Window jammed, story", SOON).await?;
    choose_second(window, "[data-testid='task-poi']").await?;
    window.click("[data-testid='save-task']", SOON).await?;
    window.wait_text("[data-testid='details-title']", "Window jammed, story", SOON).await?;
    window.click("[data-testid='assign']", SOON).await?;
    window.click("[data-testid='assign-candidate']", SOON).await?;
    window.wait_for("[data-testid='undo']", SOON).await?;
    window.wait_for("[data-testid='unassign']", SOON).await?;
    window.screenshot("assigned").await?;
    window.wait_text("[data-testid='timeline']", "Acknowledged", LATER).await?;
    Ok(())
}

async fn sets_a_winner(window: &Window) -> Result<()> {
    window.click("[data-testid='tab-bids']", SOON).await?;
    let standing = open_bids_with_offers(window).await?;
    ensure!(standing > 0, "the demo has offers that stand");
    window.click("[data-testid='set-winner']", LATER).await?;
    window.click("[data-testid='winner-dialog'] [data-testid='confirm']", SOON).await?;
    eventually("one bid less with standing offers, or a winner shown", SOON, async || {
        let won = !window.session().all("[data-testid='bid-row'].won").await?.is_empty();
        Ok((won || open_bids_with_offers(window).await? < standing).then_some(()))
    })
    .await?;
    window.screenshot("winner").await?;
    Ok(())
}

async fn open_bids_with_offers(window: &Window) -> Result<usize> {
    eventually("offers", LATER, async || {
        let offers = window.session().all("[data-testid='set-winner']").await?.len();
        Ok((offers > 0).then_some(offers))
    })
    .await
}

async fn works_through_an_outage(window: &Window) -> Result<()> {
    window.click("[data-testid='demo-server']", SOON).await?;
    window.wait_for("[data-testid='offline-banner']", LATER).await?;
    window.click("[data-testid='tab-tasks']", SOON).await?;
    window.click("[data-testid='new-task']", SOON).await?;
    window.fill("[data-testid='task-title']", "Written without a server", SOON).await?;
    choose_second(window, "[data-testid='task-poi']").await?;
    window.click("[data-testid='save-task']", SOON).await?;
    window.wait_text("[data-testid='details-title']", "Written without a server", SOON).await?;
    let waiting = window.wait_for("[data-testid='pending-count']", SOON).await;
    waiting.context("the header says that something waits")?;
    window.screenshot("offline").await?;
    window.click("[data-testid='demo-server']", SOON).await?;
    window.wait_gone("[data-testid='offline-banner']", LATER).await?;
    window.wait_gone("[data-testid='pending-count']", LATER).await?;
    window.screenshot("back").await?;
    Ok(())
}

/// Chooses a list's second option: the first one says that nothing is chosen.
async fn choose_second(window: &Window, css: &str) -> Result<()> {
    window.wait_for(css, SOON).await?;
    let choose = "const list = document.querySelector(arguments[0]); list.selectedIndex = 1; \
                  list.dispatchEvent(new Event('change', { bubbles: true }));";
    window.session().script(choose, json!([css])).await?;
    Ok(())
}
