//! The interface in headless Chromium, on the dev backend: `tests/ui/*.test.mjs`, run by node's own test runner.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::count;
use crate::dev::BACKEND;
use crate::plan::Done;
use crate::project::{Project, program};
use crate::step::Step;
use crate::suites;

/// Names Chromium goes by.
pub const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

const SUITE_LIMIT: Duration = Duration::from_secs(25 * 60);

/// Runs the suite.
///
/// # Errors
/// When a tool is missing, a test fails, or none ran.
pub fn run(project: &Project, step: &mut Step) -> Result<Done> {
    let browser = browser()?;
    install(project, step)?;
    let files = test_files(project)?;
    let from = step.log_len()?;
    let mut node = project.command("node");
    node.args(["--test", "--test-concurrency=1", "--test-reporter=tap"])
        .args(&files)
        .env("OFFICETRACK_CHROMIUM", browser)
        .env("OFFICETRACK_DEV_BACKEND", project.built(BACKEND))
        .env("OFFICETRACK_SERVER", project.built("officetrack-server"))
        .env("OFFICETRACK_UI_MODULES", project.target("ui-tests/node_modules"))
        .env("OFFICETRACK_UI_OUT", project.target("ui-tests/out"));
    let outcome = step.run_within(&mut node, SUITE_LIMIT);
    suites::conclude(step, outcome, from, count::tap)
}

/// Installs playwright-core as `tests/ui/package-lock.json` says, into the target folder.
///
/// # Errors
/// When npm fails.
pub fn install(project: &Project, step: &mut Step) -> Result<Done> {
    let folder = project.target("ui-tests");
    let lock = fs::read(project.path("tests/ui/package-lock.json")).context("tests/ui/package-lock.json")?;
    let stamp = folder.join("installed.lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Done::note("present");
    }
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(project.path("tests/ui").join(name), folder.join(name))?;
    }
    step.run(project.command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    fs::write(&stamp, lock)?;
    Done::note("installed")
}

fn browser() -> Result<PathBuf> {
    env::var_os("OFFICETRACK_CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| program(BROWSERS))
        .with_context(|| format!("no browser found: install one of {}", BROWSERS.join(", ")))
}

fn test_files(project: &Project) -> Result<Vec<PathBuf>> {
    let folder = project.path("tests/ui");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    if files.is_empty() {
        bail!("{} holds no *.test.mjs", folder.display());
    }
    Ok(files)
}
