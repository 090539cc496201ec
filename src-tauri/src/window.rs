//! The one window.

use tauri::webview::WebviewWindowBuilder;
use tauri::{AppHandle, Manager as _, Runtime};

const MAIN: &str = "main";
const TITLE: &str = "OfficeTrack Desk";

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
pub fn show_count<R: Runtime>(app: &AppHandle<R>, count: u32) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let title = if count == 0 { TITLE.to_owned() } else { format!("({count}) {TITLE}") };
    if let Err(error) = window.set_title(&title) {
        tracing::debug!(%error, "the title shows no count");
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
    fn the_page_stays_where_it_is() {
        let allowed = |text: &str| is_own_page(&text.parse().expect("url"));
        assert!(allowed("tauri://localhost/index.html"), "its own page");
        assert!(!allowed("https://example.com/"), "no other site");
        assert!(!allowed("file:///etc/passwd"), "no file");
        assert!(!allowed("tauri://elsewhere/"), "no other host");
    }
}
