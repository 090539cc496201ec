//! Twenty people and a hundred jobs that nobody has thought about: planned, looked at, done, and taken back.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use domain::{LonLat, ResourceId, TaskId};
use tests::desktop::{Window, eventually};

use super::office::{Office, Person, Terms};
use super::{LATER, SOON, signed_in};

const PEOPLE: u32 = 20;
const TASKS: u32 = 100;
/// Along the built-up part of Monaco, from Fontvieille to Saint-Roman: there are streets everywhere near it.
const ALONG: [(f64, f64); 5] =
    [(7.4150, 43.7300), (7.4195, 43.7330), (7.4190, 43.7355), (7.4280, 43.7405), (7.4320, 43.7450)];
/// So far to either side, degrees.
const ASIDE: f64 = 0.0008;

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn a_day_is_planned_applied_and_taken_back() {
    let office = Office::open_in_the_morning().await.expect("a company");
    let people = fleet(&office).await.expect("twenty people");
    scattered(&office, &people).expect("a hundred tasks, dealt out in turn");
    let before = holders(&office).expect("the tasks");
    let window = signed_in(&office).await.expect("the desk opens");

    plans(&window).await.expect("a plan to look at");
    applies(&window).await.expect("the plan is carried out");
    let after = eventually("the moves at the server", LATER, async || {
        let now = holders(&office)?;
        Ok((now != before).then_some(now))
    });
    let after = after.await.expect("other desks see it, too");
    assert_eq!(after.len(), before.len(), "no task is lost");
    takes_back(&window).await.expect("one click takes it back");
    let back = eventually("the old day at the server", LATER, async || {
        Ok((holders(&office)? == before).then_some(()))
    });
    back.await.expect("everybody has what they had");
    window.close().await.expect("the window closes");
}

async fn fleet(office: &Office) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let person = office.person(&format!("Technician {:02}", number + 1)).await?;
        let at = place(number * 7 + 3);
        person.is_at((at.lon(), at.lat()), 5).await?;
        people.push(person);
    }
    Ok(people)
}

/// Whoever is next gets the next one, wherever it is.
fn scattered(office: &Office, people: &[Person]) -> Result<()> {
    for (number, person) in (0..TASKS).zip(people.iter().cycle()) {
        let terms = Terms { of: Some(person), minutes: 15, ends_in: None };
        office.task(&format!("Inspection {:03}", number + 1), place(number), terms)?;
    }
    Ok(())
}

/// The same place for the same number, spread like the digits of the golden ratio.
fn place(number: u32) -> LonLat {
    let spread = |step: f64| (f64::from(number) * step).fract();
    let (along, aside) = (spread(0.754_877_666) * 4.0, (spread(0.569_840_290) * 2.0 - 1.0) * ASIDE);
    let (leg, part) = (along as usize, along.fract());
    let ((from_lon, from_lat), (to_lon, to_lat)) = (ALONG[leg], ALONG[leg + 1]);
    let lon = from_lon + (to_lon - from_lon) * part - aside * 0.8;
    let lat = from_lat + (to_lat - from_lat) * part + aside * 0.5;
    LonLat::new(lon, lat).expect("a place on earth")
}

fn holders(office: &Office) -> Result<BTreeMap<TaskId, Option<ResourceId>>> {
    Ok(office.tasks()?.into_iter().map(|task| (task.id, task.resource)).collect())
}

async fn plans(window: &Window) -> Result<()> {
    window.wait_for("[data-testid='resources-row']", LATER).await?;
    window.click("[data-testid='nav-plan']", SOON).await?;
    window.click("[data-testid='make-plan']", SOON).await?;
    window.wait_for("[data-testid='apply-plan']", LATER).await?;
    let moves = window.session().all("[data-testid='plan-move']").await?;
    ensure!(!moves.is_empty(), "what was dealt out in turn can be done better");
    let figures = window.texts("[data-testid='plan-figures']").await?;
    ensure!(figures.iter().any(|text| text.contains("riving")), "it says what is saved: {figures:?}");
    window.wait_text("[data-testid='plan-basis']", "roads of the region", SOON).await?;
    window.screenshot("plan").await?;
    Ok(())
}

async fn applies(window: &Window) -> Result<()> {
    window.click("[data-testid='apply-plan']", SOON).await?;
    let undo = window.wait_for("[data-testid='plan-undo']", LATER).await;
    undo.context("it can be taken back")?;
    window.screenshot("plan-applied").await?;
    Ok(())
}

async fn takes_back(window: &Window) -> Result<()> {
    window.click("[data-testid='plan-undo']", SOON).await?;
    window.wait_text("[data-testid='plan-done']", "taken back", LATER).await?;
    Ok(())
}
