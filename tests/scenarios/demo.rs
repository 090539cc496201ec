use std::path::PathBuf;
use std::sync::Arc;

use desk::{DeskConfig, KeyPolicy, SystemClock};
use domain::access::Role;
use protocol::view::{DeskRequest, SessionView};

use crate::office::{Desk, Desktop, draft};
use crate::screen::Screen;

fn desk() -> Desk {
    let regions = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/resources/regions")];
    let launcher = Arc::new(demo::Launcher::new(regions.clone()));
    let config =
        DeskConfig { data_dir: None, exports_dir: None, region_roots: regions, keys: KeyPolicy::MemoryOnly };
    let desktop = Arc::new(Desktop::default());
    let desk = desk::start(config, desktop.clone(), Some(launcher), Arc::new(SystemClock::new()));
    Desk { desk, desktop }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_moves_loses_its_server_and_catches_up() {
    let desk = desk();
    desk.ask(DeskRequest::ExploreDemo { role: Role::Dispatcher }).await;
    let mut screen = Screen::of(&desk.desk).await;
    screen.until("the demo company", |screen| screen.is_live() && screen.resources.len() == 60).await;
    let Some(SessionView::SignedIn(signed_in)) = &screen.session else { panic!("somebody is signed in") };
    assert!(signed_in.demo && !signed_in.durable, "it says that it is the demo and leaves nothing behind");
    assert_eq!(signed_in.base_map.as_ref().map(|map| map.source.as_str()), Some("monaco"), "on its map");
    assert!(desk.desk.tile("monaco", 14, 8529, 5974).await.is_some(), "with tiles");
    screen.until("dots", |screen| screen.dots.len() > 30).await;
    let before = screen.dots.clone();
    let has_moved = |screen: &Screen| {
        screen
            .dots
            .iter()
            .filter(|(id, dot)| before.get(id).is_some_and(|was| was.lon_e7 != dot.lon_e7))
            .count()
            >= 5
    };
    screen.until("movement", has_moved).await;

    desk.ask(DeskRequest::DemoServer { running: false }).await;
    screen.until("being offline", Screen::is_offline).await;
    let leak = draft("Leak in the cellar");
    desk.ask(DeskRequest::CreateTask(leak.clone())).await;
    screen.until("the queue", |screen| screen.queue.len() == 1 && screen.tasks.contains_key(&leak.id)).await;
    desk.ask(DeskRequest::DemoServer { running: true }).await;
    desk.ask(DeskRequest::ReconnectNow).await;
    screen.until("the queue to drain", |screen| screen.queue.is_empty() && screen.is_live()).await;
    assert!(screen.tasks[&leak.id].task.number > 0, "the server has numbered the task");
    desk.ask(DeskRequest::SignOut { discard_queue: false }).await;
    screen
        .until("the sign-in page", |screen| matches!(screen.session, Some(SessionView::SignedOut { .. })))
        .await;
    screen.until("an empty map", |screen| screen.dots.is_empty()).await;
    desk.desk.stop().await;
}
