//! Real routing servers, OSRM and Valhalla: the adapters of crate `engines` are tested against them.

use std::time::Duration;

use anyhow::Result;

use crate::count;
use crate::plan::Done;
use crate::project::Project;
use crate::step::Step;
use crate::suites;

const SUITE_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Programs of others; the benches find them there, too.
const PEERS: &str = "peers";

/// Installs both into the target folder.
///
/// # Errors
/// When pip is missing, or does not get them.
pub fn install(project: &Project, step: &mut Step) -> Result<Done> {
    let installed = peers::install(&project.target(PEERS))?;
    if installed.is_empty() {
        return Done::note("present");
    }
    let note = format!("installed {}", installed.join(", "));
    step.note(&note)?;
    Done::note(note)
}

/// Runs the suite.
///
/// # Errors
/// When a test fails or none ran.
pub fn run(project: &Project, step: &mut Step) -> Result<Done> {
    let mut suite = suites::tests(project);
    suite
        // The same selection as the build step, so that nothing is compiled again.
        .args(["--workspace", "--test", "engines-live", "--", "--ignored", "--nocapture"])
        .env("OFFICETRACK_PEERS", project.target(PEERS));
    let from = step.log_len()?;
    let outcome = step.run_within(&mut suite, SUITE_LIMIT);
    suites::conclude(step, outcome, from, count::cargo_tests)
}
