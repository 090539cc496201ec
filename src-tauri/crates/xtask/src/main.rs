//! `cargo xtask`: the project's commands, each of which gets what it needs and says how far it is.
//!
//! Every command works from a fresh clone: missing system packages, the WebAssembly compiler and test tools are
//! installed on the way. Output of the tools goes to logs below the target folder; a failing step shows the end of its.
//!
//! Deliberately absent: releases and packages of the application.
#![expect(clippy::print_stdout, reason = "a command line tool talks to the terminal")]

mod clock;
mod count;
mod dev;
mod engines;
mod lint;
mod measure;
mod packages;
mod plan;
mod processes;
mod project;
mod run;
mod step;
mod suites;
mod ui;
mod ui_tests;
mod wasm;
mod window_tests;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::measure::Kind;
use crate::project::Project;

/// The commands of OfficeTrack Desk.
#[derive(Parser)]
#[command(name = "cargo xtask", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Subcommand)]
enum Commands {
    /// Build everything and open the desk (by default on the demo company)
    Run(run::Options),
    /// Serve the interface to a browser and rebuild it on change
    Dev(dev::Options),
    /// Check everything that continuous integration checks
    Test(suites::Options),
    /// Check format, lints and the import rules
    Lint,
    /// Build the interface into ui/dist
    Ui,
    /// Install what building and testing need: packages, compilers, drivers
    Setup,
    /// Measure: without a name, list what can be measured
    Bench(measure::Options),
    /// Show a property holds over a long run: without a name, list what can be shown
    Prove(measure::Options),
}

fn main() -> ExitCode {
    match dispatch(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli) -> Result<ExitCode> {
    let project = Project::find()?;
    let done = |()| ExitCode::SUCCESS;
    match cli.command {
        Commands::Run(options) => run::run(&project, &options),
        Commands::Dev(options) => dev::dev(&project, &options).map(done),
        Commands::Test(options) => suites::test(&project, &options).map(done),
        Commands::Lint => lint::lint(&project).map(done),
        Commands::Ui => ui_only(&project).map(done),
        Commands::Setup => suites::setup(&project).map(done),
        Commands::Bench(options) => measure::measure(&project, Kind::Bench, &options).map(done),
        Commands::Prove(options) => measure::measure(&project, Kind::Prove, &options).map(done),
    }
}

fn ui_only(project: &Project) -> Result<()> {
    let mut plan = plan::Plan::new(project, "ui");
    ui_steps(&mut plan, project);
    plan.run()?.into_result()
}

/// The two steps that make `ui/dist`.
fn ui_steps<'a>(plan: &mut plan::Plan<'a>, project: &'a Project) {
    plan.need("WebAssembly compiler", |step| wasm::ensure(project, step));
    plan.need("UI (WebAssembly)", |step| ui::build(project, step));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
