//! Two people, two desks, one task, and no server for a while.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use tests::desktop::{Bus, COMPANY, Launch, PASSWORD, Server, Window, eventually};

use super::{LATER, OPENS_WITHIN, SOON};

const TASKS: &str = "title,lon,lat,planned_minutes\nLift stuck,7.4206,43.7312,30\n";
const TITLE: &str = "[data-testid='details-title']";

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn both_change_the_same_task_offline_and_the_second_decides() {
    let mut server = Server::start(&["ana", "marc"], TASKS).await.expect("a server with two dispatchers");
    let bus = Bus::start().expect("a bus for the second desk");
    let home = tempfile::tempdir().expect("a home");
    let alone = Launch::default().arg("--no-keyring");
    let ana = Window::open(&alone.clone().home(home.path())).await.expect("the first desk opens");
    let other = alone.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let marc = Window::open(&other).await.expect("the second desk opens");
    signs_in(&ana, &server, "ana").await.expect("the first signs in");
    signs_in(&marc, &server, "marc").await.expect("the second signs in");

    server.stop();
    retitles(&ana, "Lift stuck, two people inside").await.expect("the first writes without a server");
    retitles(&marc, "Lift stuck on floor 3").await.expect("and so does the second");
    server.resume().await.expect("the server comes back");

    let (desk, other) = who_decides(&ana, &marc).await.expect("one of them has to decide");
    keeps_mine(desk).await.expect("they keep what they wrote");
    let kept = desk.wait_text(TITLE, "Lift stuck", SOON).await.expect("it is on their screen");
    other.wait_text(TITLE, &kept, LATER).await.expect("and then on the other one");
    ana.close().await.expect("the window closes");
    let left = files_with(home.path(), "two people inside").expect("the home can be read");
    assert_eq!(
        left,
        Vec::<PathBuf>::new(),
        "neither the web view's cache nor any log keeps what was on the screen"
    );
    marc.close().await.expect("the window closes");
}

async fn signs_in(window: &Window, server: &Server, user: &str) -> Result<()> {
    window.wait_for("[data-testid='server']", OPENS_WITHIN).await?;
    for (field, text) in
        [("server", server.url().as_str()), ("company", COMPANY), ("user", user), ("password", PASSWORD)]
    {
        window.fill(&format!("[data-testid='{field}']"), text, SOON).await?;
    }
    window.click("[data-testid='sign-in']", SOON).await?;
    window.wait_for("[data-testid='tasks-row']", LATER).await?;
    Ok(())
}

/// Gives the only task another title; the desk has noticed by then that the server is gone.
async fn retitles(window: &Window, title: &str) -> Result<()> {
    window.wait_for("[data-testid='offline-banner']", LATER).await?;
    window.click("[data-testid='tasks-row']", SOON).await?;
    window.click("[data-testid='edit-task']", SOON).await?;
    window.fill("[data-testid='task-title']", title, SOON).await?;
    window.click("[data-testid='save-task']", SOON).await?;
    window.wait_text(TITLE, title, SOON).await?;
    Ok(())
}

/// Files below a folder that hold a text, as UTF-8 or UTF-16.
fn files_with(folder: &Path, text: &str) -> Result<Vec<PathBuf>> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let holds = |bytes: &[u8], mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
    let (mut found, mut folders, mut read) = (Vec::new(), vec![folder.to_path_buf()], 0);
    while let Some(folder) = folders.pop() {
        // The web view's processes may still tidy up: what goes meanwhile is gone.
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let Ok(bytes) = fs::read(entry.path()) else { continue };
                read += 1;
                found.extend((holds(&bytes, text.as_bytes()) || holds(&bytes, &wide)).then(|| entry.path()));
            }
        }
    }
    ensure!(read > 0, "the desk left files to look at");
    Ok(found)
}

/// The one whose edit came second, and the other.
async fn who_decides<'w>(ana: &'w Window, marc: &'w Window) -> Result<(&'w Window, &'w Window)> {
    eventually("a change that needs a decision", LATER, async || {
        for (desk, other) in [(ana, marc), (marc, ana)] {
            let needed = "[data-testid='pending-count']:not([data-attention='0'])";
            if !desk.session().all(needed).await?.is_empty() {
                return Ok(Some((desk, other)));
            }
        }
        Ok(None)
    })
    .await
}

/// Both titles are side by side; the own one goes on top of theirs.
async fn keeps_mine(window: &Window) -> Result<()> {
    window.click("[data-testid='pending-count']", SOON).await?;
    window.click("[data-testid='queued']", SOON).await?;
    window.wait_text("[data-testid='compare-row'][data-changed='clash']", "two people inside", SOON).await?;
    window.wait_text("[data-testid='compare-row'][data-changed='clash']", "on floor 3", SOON).await?;
    window.screenshot("review").await?;
    window.click("[data-testid='retry']", SOON).await?;
    window.wait_gone("[data-testid='pending-count']", LATER).await?;
    window.click("[data-testid='nav-desk']", SOON).await?;
    Ok(())
}
