//! The tray icon: brings the window up, and shows how many alerts nobody has looked at.

use tauri::menu::{Menu, MenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Runtime};

use crate::window;

const TRAY: &str = "main";
const SHOW: &str = "show";
const QUIT: &str = "quit";

/// Puts the icon up. Desktops without a tray simply don't show it.
///
/// # Errors
/// When the menu can't be made.
pub fn show<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let open = MenuItem::with_id(app, SHOW, "Show OfficeTrack Desk", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?;
    let mut tray = TrayIconBuilder::with_id(TRAY)
        .tooltip("OfficeTrack Desk")
        .menu(&Menu::with_items(app, &[&open, &quit])?)
        .on_menu_event(|app, event| match event.id().as_ref() {
            SHOW => window::bring_up(app),
            QUIT => app.exit(0),
            _ => {}
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(())
}

/// Says the number of unseen alerts beside the icon.
pub fn show_count<R: Runtime>(app: &AppHandle<R>, count: u32) {
    let Some(tray) = app.tray_by_id(TRAY) else { return };
    let title = if count == 0 { None } else { Some(count.to_string()) };
    if let Err(error) = tray.set_title(title) {
        tracing::debug!(%error, "the tray shows no count");
    }
}
