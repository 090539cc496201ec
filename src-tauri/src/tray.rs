//! The tray icon: brings the window up, and shows whether there are alerts that nobody has looked at.

use desk::DeskStatus;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Runtime};

use crate::badge::Badge;
use crate::window::{self, TITLE};

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
        .tooltip(TITLE)
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

/// Says beside, on and under the icon how things stand.
pub fn show_status<R: Runtime>(app: &AppHandle<R>, status: DeskStatus) {
    let Some(tray) = app.tray_by_id(TRAY) else { return };
    let count = (status.unseen > 0).then(|| status.unseen.to_string());
    let icon = app.default_window_icon().map(|icon| {
        let drawn = Badge::of(status).draw(icon.rgba(), icon.width());
        Image::new_owned(drawn, icon.width(), icon.height())
    });
    let shown = tray
        .set_title(count)
        .and_then(|()| tray.set_icon(icon))
        .and_then(|()| tray.set_tooltip(Some(tooltip(status))));
    if let Err(error) = shown {
        tracing::debug!(%error, "the tray does not show how things stand");
    }
}

fn tooltip(status: DeskStatus) -> String {
    let alerts = match status {
        DeskStatus { unseen: 0, .. } => "no new alerts".to_owned(),
        DeskStatus { unseen: 1, critical: 0, .. } => "1 new alert".to_owned(),
        DeskStatus { unseen: 1, .. } => "1 new alert, critical".to_owned(),
        DeskStatus { unseen, critical: 0, .. } => format!("{unseen} new alerts"),
        DeskStatus { unseen, critical, .. } => format!("{unseen} new alerts, {critical} critical"),
    };
    let offline = if status.is_offline { "offline, " } else { "" };
    format!("{TITLE}: {offline}{alerts}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tooltip_says_it_in_words() {
        let said = |unseen, critical, is_offline| tooltip(DeskStatus { unseen, critical, is_offline });
        assert_eq!(said(0, 0, false), "OfficeTrack Desk: no new alerts", "calm");
        assert_eq!(said(1, 1, false), "OfficeTrack Desk: 1 new alert, critical", "one");
        assert_eq!(said(3, 0, true), "OfficeTrack Desk: offline, 3 new alerts", "as far as is known");
    }
}
