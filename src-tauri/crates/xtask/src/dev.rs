//! `cargo xtask dev`: the interface in a browser, on the dev backend, rebuilt when its sources change.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::packages;
use crate::plan::{Done, Plan};
use crate::project::Project;
use crate::ui;
use crate::ui_steps;

/// The backend that answers the interface's commands over HTTP.
pub const BACKEND: &str = "officetrack-dev-backend";

/// What the interface is made of.
const WATCHED: &[&str] = &[
    "ui/index.html",
    "ui/start.js",
    "ui/style",
    "ui/locales",
    "ui/map",
    "ui/web",
    "src-tauri/crates/domain",
    "src-tauri/crates/protocol",
];
const POLL: Duration = Duration::from_millis(700);

/// How to serve.
#[derive(Args)]
pub struct Options {
    /// Arguments for the dev backend, in place of `--demo`
    #[arg(last = true)]
    backend_args: Vec<String>,
}

/// Builds, serves and rebuilds until the backend ends.
///
/// # Errors
/// When the first build fails or the backend ends with an error.
pub fn dev(project: &Project, options: &Options) -> Result<()> {
    let mut plan = Plan::new(project, "dev");
    plan.need("System packages", packages::for_run);
    ui_steps(&mut plan, project);
    plan.need("Dev backend", |step| {
        step.run(&mut project.build_program(BACKEND))?;
        Done::note("")
    });
    plan.run()?.into_result()?;
    let mut backend = serve(project, options)?;
    let watched = watch(project, &mut backend);
    // On an error of ours the backend must not stay behind; when it has ended by itself, this does nothing.
    let _ = backend.kill();
    watched
}

fn serve(project: &Project, options: &Options) -> Result<Child> {
    let mut command: Command = project.command(project.built(BACKEND));
    if options.backend_args.is_empty() {
        command.arg("--demo");
    }
    command.args(&options.backend_args).spawn().with_context(|| format!("starting {BACKEND}"))
}

fn watch(project: &Project, backend: &mut Child) -> Result<()> {
    let mut built = newest(project)?;
    loop {
        thread::sleep(POLL);
        if let Some(status) = backend.try_wait()? {
            if status.success() {
                return Ok(());
            }
            bail!("{BACKEND} ended with {status}");
        }
        let now = newest(project)?;
        if now != built {
            built = now;
            rebuild(project)?;
        }
    }
}

fn rebuild(project: &Project) -> Result<()> {
    let mut plan = Plan::new(project, "dev-rebuild");
    plan.need("UI (WebAssembly)", |step| ui::build(project, step));
    match plan.run()?.into_result() {
        Ok(()) => println!("rebuilt: reload the page"),
        Err(error) => println!("{error:#}; waiting for the next change"),
    }
    Ok(())
}

/// The last change of any watched file, and how many there are (so that a removed file is a change too).
fn newest(project: &Project) -> Result<(SystemTime, usize)> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in WATCHED.iter().map(|path| project.path(path)).filter(|path| path.exists()) {
        if path.is_dir() { files.extend(ui::files(&path)?) } else { files.push(path) }
    }
    // An editor may replace a file between the listing and the look.
    let times = files.iter().filter_map(|file| file.metadata().ok()?.modified().ok());
    Ok((times.max().unwrap_or(SystemTime::UNIX_EPOCH), files.len()))
}
