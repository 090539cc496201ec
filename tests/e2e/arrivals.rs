//! A job comes in: who could go and why, the arrival counts down, and the desk warns before it is too late.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use domain::LonLat;
use tests::desktop::{Notification, Notifications, Window, eventually};

use super::office::{Office, Person, Terms};
use super::{LATER, SOON, signed_in};

const TITLE: &str = "Lift stuck, two people inside";
/// On the Place du Palais.
const JOB: (f64, f64) = (7.4206, 43.7312);
/// Three streets away, and half way along them.
const NEAR: (f64, f64) = (7.4153, 43.7296);
const NEARER: (f64, f64) = (7.4174, 43.7303);
/// At the other end of the principality, and in Nice, half an hour away.
const FAR: (f64, f64) = (7.4389, 43.7489);
const FARTHEST: (f64, f64) = (7.2620, 43.7034);
/// Enough for all that comes before he drives away, and too little from Nice.
const WINDOW: TimeDelta = TimeDelta::minutes(20);
const BETWEEN_FIXES: Duration = Duration::from_secs(2);

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn somebody_is_suggested_assigned_and_runs_late() {
    let notifications = Notifications::start().await.expect("a notification daemon");
    let office = Office::open(0).await.expect("a company");
    let ben = office.person("Ben Ferri").await.expect("somebody near");
    let carla = office.person("Carla Conti").await.expect("somebody far away");
    ben.is_at(NEAR, 2).await.expect("Ben is near");
    carla.is_at(FAR, 2).await.expect("Carla is far away");
    let window = signed_in(&office).await.expect("the desk opens");
    let at = LonLat::new(JOB.0, JOB.1).expect("a place");
    office.task(TITLE, at, Terms { of: None, minutes: 30, ends_in: Some(WINDOW) }).expect("the job comes in");

    suggests_the_nearer_one(&window).await.expect("a list with reasons");
    assigns_the_first(&window).await.expect("one click assigns");
    counts_down(&window, &ben).await.expect("the arrival follows him");
    warns_when_he_drives_away(&window, &ben, &notifications).await.expect("late, and told");
    window.close().await.expect("the window closes");
}

async fn suggests_the_nearer_one(window: &Window) -> Result<()> {
    window.click("[data-testid='tab-tasks']", SOON).await?;
    window.click("[data-testid='tasks-row']", SOON).await?;
    window.wait_text("[data-testid='details-title']", TITLE, SOON).await?;
    window.click("[data-testid='assign']", SOON).await?;
    let list = eventually("both people with their arrivals", LATER, async || {
        let list = window.texts("[data-testid='candidate']").await?;
        Ok((list.len() == 2 && list[0].contains("Ben Ferri")).then_some(list))
    })
    .await?;
    ensure!(list[1].contains("Carla Conti"), "the farther one comes second: {list:?}");
    let reasons = window.texts("[data-testid='candidate'] [data-testid='whys']").await?;
    ensure!(!reasons.is_empty(), "and it is said why: {list:?}");
    window.screenshot("suggestions").await?;
    Ok(())
}

async fn assigns_the_first(window: &Window) -> Result<()> {
    window.click("[data-testid='assign-candidate']", SOON).await?;
    window.wait_for("[data-testid='unassign']", SOON).await?;
    Ok(())
}

/// Nearer is earlier, as the details say it.
async fn counts_down(window: &Window, ben: &Person) -> Result<()> {
    let metres = async || -> Result<Option<u32>> {
        let texts = window.texts("[data-testid='eta-text']").await?;
        Ok(texts.first().and_then(|text| metres_in(text)))
    };
    let before = eventually("an arrival with its distance", LATER, async || metres().await).await?;
    ben.is_at(NEARER, 0).await?;
    let after = eventually("a shorter way", LATER, async || Ok(metres().await?.filter(|now| *now < before)));
    after.await.context("the arrival follows whoever drives")?;
    window.wait_text("[data-testid='eta-left']", "in ", SOON).await?;
    window.screenshot("counting-down").await?;
    Ok(())
}

async fn warns_when_he_drives_away(
    window: &Window,
    ben: &Person,
    notifications: &Notifications,
) -> Result<()> {
    ensure!(window.texts("[data-testid='eta-late']").await?.is_empty(), "he is in time until now");
    let is_late = |seen: &Notification| seen.summary.contains("will be late");
    ensure!(!notifications.seen()?.iter().any(is_late), "and nobody says otherwise");
    // Two that agree: one fix alone that far away is quarantined.
    ben.is_at(FARTHEST, 0).await?;
    tokio::time::sleep(BETWEEN_FIXES).await;
    ben.is_at(FARTHEST, 0).await?;
    let late = notifications.wait_for(LATER, is_late).await?;
    // On the desktop a task goes by its number: what it is about is for the window.
    ensure!(late.summary.contains("Task 1"), "it says which task: {late:?}");
    ensure!(late.body.contains("Expected"), "and when he is expected: {late:?}");
    window.wait_for("[data-testid='eta-late']", LATER).await?;
    window.screenshot("late").await?;
    Ok(())
}

/// The way in an arrival's text: `740 m` or `1.2 km`.
fn metres_in(text: &str) -> Option<u32> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).find_map(|pair| {
        let number: f64 = pair[0].parse().ok()?;
        match pair[1] {
            "m" => Some(number as u32),
            "km" => Some((number * 1_000.0) as u32),
            _ => None,
        }
    })
}
