//! The one window.

use desk::DeskStatus;
use tauri::webview::WebviewWindowBuilder;
use tauri::{AppHandle, Manager as _, Runtime, UserAttentionType};

const MAIN: &str = "main";
/// What it is called.
pub const TITLE: &str = "OfficeTrack Desk";

/// Opens the window as `tauri.conf.json` describes it; its page can't navigate anywhere else.
///
/// # Errors
/// When the configuration has no such window or the web view can't be made.
pub fn open<R: Runtime>(app: &AppHandle<R>) -> anyhow::Result<()> {
    let windows = &app.config().app.windows;
    let config = windows
        .iter()
        .find(|window| window.label == MAIN)
        .ok_or_else(|| anyhow::anyhow!("tauri.conf.json describes no window “{MAIN}”"))?;
    WebviewWindowBuilder::from_config(app, config)?.on_navigation(is_own_page).build()?;
    Ok(())
}

/// Shows the window in front of the others.
pub fn bring_up<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the window can't be brought up");
    }
}

/// The number of unseen alerts leads the title, where task bars show it.
pub fn show_status<R: Runtime>(app: &AppHandle<R>, status: DeskStatus) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = window.set_title(&title(status)) {
        tracing::debug!(%error, "the title shows no count");
    }
}

/// Something critical has happened: the task bar says so until somebody looks.
pub fn ask_for_attention<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = window.request_user_attention(Some(UserAttentionType::Critical)) {
        tracing::debug!(%error, "the window can't ask for attention");
    }
}

fn title(status: DeskStatus) -> String {
    match status {
        DeskStatus { unseen: 0, .. } => TITLE.to_owned(),
        DeskStatus { unseen, critical: 0, .. } => format!("({unseen}) {TITLE}"),
        DeskStatus { unseen, .. } => format!("(!{unseen}) {TITLE}"),
    }
}

fn is_own_page(url: &tauri::Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_counts_and_says_what_presses() {
        let of = |unseen, critical| title(DeskStatus { unseen, critical, is_offline: false });
        assert_eq!(of(0, 0), "OfficeTrack Desk", "nothing new");
        assert_eq!(of(3, 0), "(3) OfficeTrack Desk", "three lines");
        assert_eq!(of(3, 1), "(!3) OfficeTrack Desk", "one of them critical");
    }

    #[test]
    fn the_page_stays_where_it_is() {
        let allowed = |text: &str| is_own_page(&text.parse().expect("url"));
        assert!(allowed("tauri://localhost/index.html"), "its own page");
        assert!(!allowed("https://example.com/"), "no other site");
        assert!(!allowed("file:///etc/passwd"), "no file");
        assert!(!allowed("tauri://elsewhere/"), "no other host");
    }
}
