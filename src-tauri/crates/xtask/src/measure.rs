//! `cargo xtask bench` and `prove`: programs that measure something or show that a property holds.
//!
//! `benches/router.rs` of a crate is `cargo xtask bench router`; where a measurement needs more than `cargo bench` gives, an
//! example `examples/bench_router.rs` is the same. `examples/prove_outbox.rs` is `cargo xtask prove outbox`. The program's
//! last line starts with `bench router:`. It may write its figures as JSON to the file named by `OFFICETRACK_RESULT`, which
//! is `target/bench/router.json`; otherwise that file gets the last line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::plan::{Done, Plan};
use crate::project::Project;

/// Where crates lie.
const CRATES: &[&str] = &["src-tauri/crates", "ui"];
/// The crate of whole-system suites, with the campaigns that need server, desk and files together.
const WHOLE_SYSTEM: &str = "tests";

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

/// A program to run, by its place in a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Program {
    package: String,
    /// `--bench` or `--example`.
    selector: &'static str,
    target: String,
}

impl Program {
    fn command(&self, project: &Project, args: &[String]) -> Command {
        let mut cargo = project.cargo();
        match self.selector {
            "--bench" => cargo.arg("bench"),
            _ => cargo.args(["run", "--release"]),
        };
        cargo.args(["--package", &self.package, self.selector, &self.target, "--"]).args(args);
        cargo
    }
}

/// Lists, or runs the one named.
///
/// # Errors
/// When there is none of that name, it fails, or it does not end with its line.
pub fn measure(project: &Project, kind: Kind, options: &Options) -> Result<()> {
    let known = known(project, kind)?;
    let Some(name) = &options.name else {
        println!("{}", list(kind, &known));
        return Ok(());
    };
    let program =
        known.get(name).with_context(|| format!("no {} {name:?}\n{}", kind.word(), list(kind, &known)))?;
    let result = project.target(kind.word()).join(format!("{name}.json"));
    let mut plan = Plan::new(project, kind.word());
    plan.need("Build and run", |step| {
        prepare(&result)?;
        step.run(program.command(project, &options.args).env("OFFICETRACK_RESULT", &result))?;
        let line = closing_line(&step.tail(1), kind, name)?;
        if !result.exists() {
            fs::write(&result, as_json(kind, name, &line))?;
        }
        Done::note(line)
    });
    let report = plan.run()?;
    println!("figures: {}", result.display());
    report.into_result()
}

/// Names and their programs, from the files of all crates.
fn known(project: &Project, kind: Kind) -> Result<BTreeMap<String, Program>> {
    let mut known = BTreeMap::new();
    for folder in crates(project)? {
        let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (place, selector) in [("benches", "--bench"), ("examples", "--example")] {
            let Ok(files) = fs::read_dir(folder.join(place)) else { continue };
            known.extend(files.flatten().filter_map(|file| {
                let target = file.path().file_name()?.to_str()?.strip_suffix(".rs")?.to_owned();
                let name = name_of(&target, selector, kind)?;
                Some((name, Program { package: package.clone(), selector, target }))
            }));
        }
    }
    Ok(known)
}

/// The folders of the crates, each named as its package.
fn crates(project: &Project) -> Result<Vec<PathBuf>> {
    let mut folders = vec![project.path(WHOLE_SYSTEM)];
    for parent in CRATES {
        folders.extend(fs::read_dir(project.path(parent))?.flatten().map(|entry| entry.path()));
    }
    Ok(folders)
}

/// The name a bench or example goes by, if it is of this kind.
fn name_of(target: &str, selector: &str, kind: Kind) -> Option<String> {
    match (selector, kind) {
        ("--bench", Kind::Bench) => Some(target.to_owned()),
        ("--bench", Kind::Prove) => None,
        _ => Some(target.strip_prefix(kind.word())?.strip_prefix('_')?.to_owned()),
    }
}

fn list(kind: Kind, known: &BTreeMap<String, Program>) -> String {
    if known.is_empty() {
        return format!("there is no {} yet: it would be an example named {0}_NAME of a crate", kind.word());
    }
    let lines: Vec<String> =
        known.iter().map(|(name, program)| format!("  {name}  (crate {})", program.package)).collect();
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

fn as_json(kind: Kind, name: &str, line: &str) -> String {
    let escaped = line.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{{\"{}\": \"{name}\", \"line\": \"{escaped}\"}}\n", kind.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_by_its_file() {
        let name = |target, selector, kind| name_of(target, selector, kind);
        assert_eq!(
            name("router", "--bench", Kind::Bench).as_deref(),
            Some("router"),
            "a bench by its own name"
        );
        assert_eq!(
            name("bench_soak", "--example", Kind::Bench).as_deref(),
            Some("soak"),
            "the prefix says what it is"
        );
        assert_eq!(name("prove_outbox", "--example", Kind::Bench), None, "the other command's");
        assert_eq!(name("import", "--example", Kind::Prove), None, "an example for readers");
    }

    #[test]
    fn a_quoted_word_stays_json() {
        assert_eq!(
            as_json(Kind::Bench, "x", r#"bench x: "a\b""#),
            "{\"bench\": \"x\", \"line\": \"bench x: \\\"a\\\\b\\\"\"}\n",
            "quotes and backslashes are escaped"
        );
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
