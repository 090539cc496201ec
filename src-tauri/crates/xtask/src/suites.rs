//! `cargo xtask test`: every check, and what the checks need.
//!
//! Clippy, the build and the tests all select the whole workspace, so that cargo settles on one set of features and
//! compiles each dependency once.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::count;
use crate::plan::{Done, Plan};
use crate::project::Project;
use crate::step::{Counts, Step};
use crate::{engines, lint, packages, ui_steps, ui_tests, wasm, window_tests};

const SUITE_LIMIT: Duration = Duration::from_secs(30 * 60);

/// What to leave out.
#[derive(Args)]
pub struct Options {
    /// Leave out the suites in Chromium and in the real window
    #[arg(long)]
    no_screen: bool,
}

/// Runs all checks and ends with one line `N passed, N failed`.
///
/// # Errors
/// When a check fails.
pub fn test(project: &Project, options: &Options) -> Result<()> {
    let mut plan = Plan::new(project, "test");
    plan.need("System packages", packages::for_tests);
    plan.check("Format", |step| lint::format(project, step));
    ui_steps(&mut plan, project);
    plan.check("Clippy", |step| lint::clippy(project, step));
    plan.need("Build", |step| {
        step.run(project.cargo().args(["build", "--workspace", "--lib", "--bins", "--tests", "--examples"]))?;
        Done::note("")
    });
    plan.check("Unit, property and scenario tests", |step| {
        cargo_suite(project, step, &["--workspace", "--no-fail-fast"])
    });
    plan.check("OSRM and Valhalla", |step| engines::install(project, step));
    plan.check("Engines: OSRM and Valhalla, live", |step| engines::run(project, step));
    if !options.no_screen {
        plan.check("UI tests in Chromium", |step| ui_tests::run(project, step));
        plan.check("WebDriver for the window", |step| window_tests::driver(project, step));
        plan.check("End to end in the real window", |step| window_tests::run(project, step));
    }
    let report = plan.run()?;
    println!("{}", total(report.counts));
    report.into_result()
}

/// Installs what building and testing need, and builds nothing.
///
/// # Errors
/// When something cannot be installed.
pub fn setup(project: &Project) -> Result<()> {
    let mut plan = Plan::new(project, "setup");
    plan.need("System packages", packages::for_tests);
    plan.check("WebAssembly compiler", |step| wasm::ensure(project, step));
    plan.check("OSRM and Valhalla", |step| engines::install(project, step));
    plan.check("Playwright", |step| ui_tests::install(project, step));
    plan.check("WebDriver for the window", |step| window_tests::driver(project, step));
    plan.run()?.into_result()
}

/// Runs `cargo test` with these arguments and counts.
///
/// # Errors
/// When a test fails or none ran.
pub fn cargo_suite(project: &Project, step: &mut Step, args: &[&str]) -> Result<Done> {
    let from = step.log_len()?;
    let outcome = step.run_within(tests(project).args(args), SUITE_LIMIT);
    conclude(step, outcome, from, count::cargo_tests)
}

/// `cargo test`. A failure says what it is in its message; the backtrace of an async story would only push that out of the lines that
/// are shown.
pub fn tests(project: &Project) -> Command {
    let mut cargo = project.cargo();
    cargo.arg("test").env("RUST_BACKTRACE", "0");
    cargo
}

/// Counts what a suite wrote to the log since byte `from`, and turns its exit and its counts into one result.
///
/// # Errors
/// When the suite failed, a test failed, or none ran.
pub fn conclude(step: &mut Step, outcome: Result<()>, from: u64, read: fn(&str) -> Counts) -> Result<Done> {
    let counts = read(&step.log_text(from)?);
    step.count(counts);
    if counts.failed > 0 {
        bail!("{}", total(counts));
    }
    outcome?;
    count::assert_ran(step.title(), counts)?;
    Ok(Done { note: total(counts), counts })
}

fn total(counts: Counts) -> String {
    let Counts { passed, failed, skipped } = counts;
    let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
    format!("{passed} passed, {failed} failed{skipped}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conclude_with(script: &str) -> (Result<Done>, Counts) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut step = Step::start("Suite", (1, 1), dir.path()).expect("a step");
        let outcome = step.run(Command::new("sh").args(["-c", script]));
        let done = conclude(&mut step, outcome, 0, count::cargo_tests);
        (done, step.counts())
    }

    #[test]
    fn a_suite_that_runs_nothing_fails() {
        let (done, _) = conclude_with("printf 'test %s: ok. 0 passed; 0 failed; 3 ignored' result");
        assert!(
            done.is_err_and(|error| error.to_string().contains("no test ran")),
            "zero tests prove nothing"
        );
    }

    #[test]
    fn a_suite_that_dies_after_passing_tests_fails() {
        let (done, counts) =
            conclude_with("printf 'test %s: ok. 4 passed; 0 failed; 0 ignored' result; exit 1");
        assert!(done.is_err(), "the exit code counts, not only the lines");
        assert_eq!(counts.passed, 4, "what passed is still in the total");
    }

    #[test]
    fn the_closing_line_reads_as_promised() {
        assert_eq!(
            total(Counts { passed: 7, failed: 0, skipped: 0 }),
            "7 passed, 0 failed",
            "nothing skipped"
        );
        assert_eq!(
            total(Counts { passed: 7, failed: 1, skipped: 2 }),
            "7 passed, 1 failed, 2 skipped",
            "all three"
        );
    }
}
