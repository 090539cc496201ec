//! The shell: the window, the desktop's notifications and the files' places around the controller of crate `desk`.
//!
//! Invariants:
//!
//! * **The only crate that names `tauri`.** Everything it decides is about the desktop; what a request
//!   means is decided in `desk`.
//! * **Two commands, one of them typed.** [`commands::request`] passes one of the closed list
//!   [`protocol::view::DeskRequest`] on and its answer back; [`commands::subscribe`] ties a page to the controller's events.
//! * **The web view has no network.** It loads what is built into the program and asks `tiles://` for the base map; the
//!   content security policy in `tauri.conf.json` allows nothing else, navigation is denied.
//! * **One instance.** A second start hands its subject (`task/<id>`) to the first and ends. Such an argument can bring
//!   something up, never change anything.
//!
//! Deliberately absent: the notification service on D-Bus (crate `notifier`), SQL, HTTP, business rules, an updater, plugins for files, shell or network.

mod arguments;
mod badge;
mod commands;
mod demo_launcher;
mod effects;
mod places;
mod route;
mod tiles;
mod tray;
mod window;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser as _;
use desk::{Desk, DeskConfig, KeyPolicy};
use protocol::view::DeskRequest;
use tauri::{AppHandle, Manager as _, RunEvent};

use crate::arguments::Arguments;
use crate::effects::DesktopEffects;

/// Opens the desk and runs it until its window is closed.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_env_filter(arguments.log_filter()).with_writer(std::io::stderr).init();
    match build(arguments) {
        Ok(app) => {
            app.run(on_run_event);
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the desk can't start");
            ExitCode::FAILURE
        }
    }
}

fn build(arguments: Arguments) -> anyhow::Result<tauri::App> {
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _folder| {
            route::second_start(app, &arguments)
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .register_asynchronous_uri_scheme_protocol(tiles::SCHEME, tiles::answer)
        .invoke_handler(tauri::generate_handler![commands::request, commands::subscribe])
        .setup(move |app| Ok(start_desk(app.handle(), arguments)?))
        .build(tauri::generate_context!())
        .context("building the window")
}

/// Starts the controller inside Tauri's tokio runtime and gives it to the commands, then opens the window.
fn start_desk(app: &AppHandle, arguments: Arguments) -> anyhow::Result<()> {
    let config = DeskConfig {
        data_dir: Some(places::data_dir(app, arguments.data_dir.as_deref())?),
        exports_dir: places::exports_dir(app, arguments.data_dir.as_deref()),
        region_roots: places::region_roots(app)?,
        keys: if arguments.no_keyring { KeyPolicy::MemoryOnly } else { KeyPolicy::OsKeyring },
    };
    let (effects, heard) = DesktopEffects::start(app.clone());
    let demo = demo_launcher::launcher(&config.region_roots);
    let desk = {
        let _runtime = tauri::async_runtime::handle().inner().enter();
        desk::start(config, Arc::new(effects), demo, Arc::new(desk::SystemClock::new()))
    };
    app.manage(desk);
    effects::listen(app, heard);
    tray::show(app)?;
    window::open(app)?;
    route::first_start(app, arguments.open);
    if let Some(role) = arguments.demo.map(domain::access::Role::from) {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            if let Err(error) = app.state::<Desk>().request(DeskRequest::ExploreDemo { role }).await {
                tracing::error!(%error, "the demo did not start");
            }
        });
    }
    Ok(())
}

fn on_run_event(app: &AppHandle, event: RunEvent) {
    if matches!(event, RunEvent::Exit) {
        tauri::async_runtime::block_on(app.state::<Desk>().stop());
    }
}
