//! `cargo xtask lint`: format, clippy, and the rules about who may import whom.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::plan::{Done, Plan};
use crate::project::{Project, program};
use crate::step::Step;
use crate::suites;

const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

/// Runs the three checks.
///
/// # Errors
/// When one of them fails.
pub fn lint(project: &Project) -> Result<()> {
    let mut plan = Plan::new(project, "lint");
    plan.check("Format", |step| format(project, step));
    plan.check("Clippy", |step| clippy(project, step));
    plan.check("Import rules", |step| {
        suites::cargo_suite(project, step, &["--workspace", "--test", "architecture"])
    });
    plan.run()?.into_result()
}

/// `cargo fmt --check` over the workspace.
///
/// # Errors
/// When a file is not formatted.
pub fn format(project: &Project, step: &mut Step) -> Result<Done> {
    component(step, "rustfmt", "cargo-fmt")?;
    step.run(project.cargo().args(["fmt", "--all", "--check"]))?;
    Done::note("")
}

/// Clippy over the workspace and its tests; every warning is an error.
///
/// # Errors
/// When there is a warning.
pub fn clippy(project: &Project, step: &mut Step) -> Result<Done> {
    component(step, "clippy", "cargo-clippy")?;
    step.run(project.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    Done::note("")
}

/// A minimal Rust installation lacks these two.
fn component(step: &mut Step, name: &str, file: &str) -> Result<()> {
    let works =
        |name: &str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    if works(file) || program(&["rustup"]).is_none() {
        return Ok(());
    }
    step.run_within(Command::new("rustup").args(["component", "add", name]), RUSTUP_LIMIT)
}
