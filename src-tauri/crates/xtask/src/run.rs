//! `cargo xtask run`: from a checkout to the open window.

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::packages;
use crate::plan::{Done, Plan};
use crate::project::Project;
use crate::ui_steps;

const DESK: &str = "officetrack-desk";

/// What to open.
#[derive(Args)]
pub struct Options {
    /// Open the sign-in page instead of the demo company
    #[arg(long)]
    no_demo: bool,
    /// Arguments for the desk itself, in place of `--demo`
    #[arg(last = true)]
    desk_args: Vec<String>,
}

impl Options {
    fn desk_args(&self) -> Vec<String> {
        match (self.no_demo, self.desk_args.is_empty()) {
            (false, true) => vec!["--demo".to_owned()],
            _ => self.desk_args.clone(),
        }
    }
}

/// Builds what is not built and opens the desk; the desk's exit code is ours.
///
/// # Errors
/// When there is no display or a step fails.
pub fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    if !has_display() {
        bail!(
            "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set)\n\
             on a machine without a screen: xvfb-run -a -s \"-screen 0 1600x1000x24\" cargo xtask run"
        );
    }
    let mut plan = Plan::new(project, "run");
    plan.need("System packages", packages::for_run);
    ui_steps(&mut plan, project);
    plan.need("Desk", |step| {
        step.run(&mut project.build_program(DESK))?;
        Done::note("")
    });
    plan.run()?.into_result()?;
    let args = options.desk_args();
    println!("{DESK} {}", args.join(" "));
    let status = project.command(project.built(DESK)).args(args).status().context("starting the desk")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(no_demo: bool, desk_args: &[&str]) -> Vec<String> {
        Options { no_demo, desk_args: desk_args.iter().map(ToString::to_string).collect() }.desk_args()
    }

    #[test]
    fn the_demo_is_what_opens_unless_told_otherwise() {
        assert_eq!(args(false, &[]), ["--demo"], "the first thing a newcomer sees is the demo");
        assert!(args(true, &[]).is_empty(), "--no-demo opens the sign-in page");
        assert_eq!(args(false, &["--server", "x"]), ["--server", "x"], "own arguments replace ours");
    }
}
