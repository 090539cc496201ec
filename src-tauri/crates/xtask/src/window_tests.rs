//! The desk in its real window: the `e2e` suite under a private D-Bus session and a virtual screen.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::count;
use crate::plan::Done;
use crate::project::Project;
use crate::step::Step;
use crate::suites;

const DRIVER_VERSION: &str = "2.1.0";
const SUITE_LIMIT: Duration = Duration::from_secs(20 * 60);

/// Installs `tauri-driver` into the target folder.
///
/// # Errors
/// When it does not compile.
pub fn driver(project: &Project, step: &mut Step) -> Result<Done> {
    if is_driver(&project.target("tools/bin/tauri-driver")) {
        return Done::note("present");
    }
    let version = ["tauri-driver", "--version", DRIVER_VERSION];
    let tools = project.target("tools");
    step.run(
        project.cargo().arg("install").args(version).args(["--locked", "--force", "--root"]).arg(&tools),
    )?;
    Done::note(format!("installed {DRIVER_VERSION}"))
}

/// Runs the suite.
///
/// # Errors
/// When a story fails or none ran.
pub fn run(project: &Project, step: &mut Step) -> Result<Done> {
    let cargo = project.cargo();
    let mut suite = project.command("dbus-run-session");
    suite
        .args(["--", "xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"])
        .arg(cargo.get_program())
        // The same selection as the build step, so that nothing is compiled again.
        .args(["test", "--workspace", "--test", "e2e", "--", "--ignored", "--test-threads=1"])
        .env("RUST_BACKTRACE", "0")
        .env("NO_AT_BRIDGE", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("OFFICETRACK_DESK_BIN", project.built("officetrack-desk"))
        .env("OFFICETRACK_SERVER_BIN", project.built("officetrack-server"))
        .env("OFFICETRACK_TAURI_DRIVER", project.target("tools/bin/tauri-driver"))
        .env("OFFICETRACK_E2E_OUT", project.target("e2e"));
    let from = step.log_len()?;
    let outcome = step.run_within(&mut suite, SUITE_LIMIT);
    suites::conclude(step, outcome, from, count::cargo_tests)
}

fn is_driver(file: &Path) -> bool {
    Command::new(file).arg("--help").output().is_ok_and(|output| output.status.success())
}
