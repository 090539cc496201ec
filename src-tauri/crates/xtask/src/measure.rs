//! `cargo xtask bench` and `prove`: programs that measure something or show that a property holds.
//!
//! Each is an example of a crate, named by its file: `examples/bench_router.rs` is `cargo xtask bench router`. Its last line
//! starts with `bench router:`; the figures go as JSON to the file named by `OFFICETRACK_RESULT`, which is
//! `target/bench/router.json`. The same with `prove`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::plan::{Done, Plan};
use crate::project::Project;

/// Where crates lie.
const CRATES: &[&str] = &["src-tauri/crates", "ui"];

/// Which of the two commands.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A measurement.
    Bench,
    /// A property over a long run.
    Prove,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Bench => "bench",
            Self::Prove => "prove",
        }
    }
}

/// What to run.
#[derive(Args)]
pub struct Options {
    /// Which one; leave out for the list
    name: Option<String>,
    /// Arguments for the program
    #[arg(last = true)]
    args: Vec<String>,
}

/// Lists, or runs the one named.
///
/// # Errors
/// When there is none of that name, it fails, or it does not leave its line and its figures.
pub fn measure(project: &Project, kind: Kind, options: &Options) -> Result<()> {
    let known = known(project, kind)?;
    let Some(name) = &options.name else {
        println!("{}", list(kind, &known));
        return Ok(());
    };
    let package =
        known.get(name).with_context(|| format!("no {} {name:?}\n{}", kind.word(), list(kind, &known)))?;
    let example = format!("{}_{name}", kind.word());
    let result = project.target(kind.word()).join(format!("{name}.json"));
    let mut plan = Plan::new(project, kind.word());
    plan.need("Build", |step| {
        step.run(project.cargo().args(["build", "--release", "--package", package, "--example", &example]))?;
        Done::note("")
    });
    plan.need("Run", |step| {
        prepare(&result)?;
        let program = project.target("release/examples").join(&example);
        step.run(project.command(program).args(&options.args).env("OFFICETRACK_RESULT", &result))?;
        let line = closing_line(&step.tail(1), kind, name)?;
        check_figures(&result)?;
        Done::note(line)
    });
    let report = plan.run()?;
    println!("figures: {}", result.display());
    report.into_result()
}

/// Names and their packages, from the example files of all crates.
fn known(project: &Project, kind: Kind) -> Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    for folder in CRATES {
        for entry in fs::read_dir(project.path(folder))?.flatten() {
            let Ok(examples) = fs::read_dir(entry.path().join("examples")) else { continue };
            let package = entry.file_name().to_string_lossy().into_owned();
            let names = examples.flatten().filter_map(|file| example_name(&file.path(), kind));
            known.extend(names.map(|name| (name, package.clone())));
        }
    }
    Ok(known)
}

fn example_name(file: &Path, kind: Kind) -> Option<String> {
    let name = file.file_name()?.to_str()?.strip_suffix(".rs")?;
    Some(name.strip_prefix(kind.word())?.strip_prefix('_')?.to_owned())
}

fn list(kind: Kind, known: &BTreeMap<String, String>) -> String {
    if known.is_empty() {
        return format!("there is no {} yet: it would be an example named {0}_NAME of a crate", kind.word());
    }
    let lines: Vec<String> =
        known.iter().map(|(name, package)| format!("  {name}  (crate {package})")).collect();
    format!("cargo xtask {} NAME, where NAME is one of\n{}", kind.word(), lines.join("\n"))
}

fn prepare(result: &Path) -> Result<()> {
    if let Some(folder) = result.parent() {
        fs::create_dir_all(folder)?;
    }
    // Old figures must not pass for new ones.
    if result.exists() {
        fs::remove_file(result)?;
    }
    Ok(())
}

fn closing_line(last: &str, kind: Kind, name: &str) -> Result<String> {
    let expected = format!("{} {name}:", kind.word());
    if !last.starts_with(&expected) {
        bail!("the last line should start with {expected:?}, but is {last:?}");
    }
    Ok(last.to_owned())
}

fn check_figures(result: &Path) -> Result<()> {
    let text = fs::read_to_string(result).with_context(|| format!("no figures in {}", result.display()))?;
    if !text.trim_start().starts_with(['{', '[']) {
        bail!("{} is not JSON", result.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_named_by_its_file() {
        let name = |file: &str| example_name(Path::new(file), Kind::Bench);
        assert_eq!(
            name("eta/examples/bench_router.rs").as_deref(),
            Some("router"),
            "the prefix says what it is"
        );
        assert_eq!(name("eta/examples/prove_router.rs"), None, "the other command's");
        assert_eq!(name("eta/examples/bench_router.json"), None, "not a program");
    }

    #[test]
    fn a_program_that_did_not_finish_its_line_fails() {
        assert!(
            closing_line("bench router: 1,000 routes in 3 ms", Kind::Bench, "router").is_ok(),
            "as promised"
        );
        assert!(
            closing_line("thread panicked", Kind::Bench, "router").is_err(),
            "any other last line is no result"
        );
    }
}
