//! The desk's interface in the web view: Leptos panels around a canvas that hosts the map.
//!
//! * Panels read [`state::Desk`] and ask the backend; nobody else changes rows.
//! * One [`backend::Backend`] trait with two implementations: Tauri IPC in the window, HTTP in a browser.
//! * Every text comes from the message catalogue (`ui/locales`); every colour and size from the tokens (`ui/style`).
//! * Lists are windowed, rows have their own signals: a change touches one row.
//!
//! Deliberately absent: rules (crate `domain`), the network beyond the backend, drawing of the map (crate `map`).

pub mod app;
pub mod backend;
pub mod clock;
pub mod format;
pub mod kit;
#[cfg(target_arch = "wasm32")]
pub mod map_host;
pub mod map_link;
pub mod panels;
pub mod shortcuts;
pub mod state;
pub mod words;

/// Called by the page when the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
