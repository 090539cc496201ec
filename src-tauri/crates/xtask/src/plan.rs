//! A plan: named steps with a progress line each, a log per step, and a table at the end.
//!
//! A *required* step that fails ends the plan; a *check* that fails is remembered and the plan goes on, so that one run
//! shows everything that is wrong.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::clock::{Stopwatch, short};
use crate::project::Project;
use crate::step::{Counts, Step};

type Action<'a> = Box<dyn FnOnce(&mut Step) -> Result<Done> + 'a>;

/// What a step that worked reports.
#[derive(Default)]
pub struct Done {
    /// A few words for the table.
    pub note: String,
    /// Tests run, for a suite.
    pub counts: Counts,
}

impl Done {
    /// Nothing to count, a few words to show.
    pub fn note(note: impl Into<String>) -> Result<Self> {
        Ok(Self { note: note.into(), counts: Counts::default() })
    }
}

struct Planned<'a> {
    title: &'static str,
    required: bool,
    action: Action<'a>,
}

struct Row {
    title: &'static str,
    result: &'static str,
    time: String,
    note: String,
}

/// Steps to run in order.
pub struct Plan<'a> {
    project: &'a Project,
    name: &'static str,
    steps: Vec<Planned<'a>>,
}

/// What a finished plan leaves to say.
pub struct Report {
    /// Tests of all suites; a step that failed without counting counts as one failure.
    pub counts: Counts,
    failed: Vec<&'static str>,
}

impl Report {
    /// An error naming the failed steps, if any.
    ///
    /// # Errors
    /// When a step failed.
    pub fn into_result(self) -> Result<()> {
        if self.failed.is_empty() {
            return Ok(());
        }
        bail!("failed: {}", self.failed.join(", "))
    }
}

impl<'a> Plan<'a> {
    /// An empty plan; `name` is also the folder its logs go to.
    pub fn new(project: &'a Project, name: &'static str) -> Self {
        Self { project, name, steps: Vec::new() }
    }

    /// Adds a step the later ones need.
    pub fn need(&mut self, title: &'static str, action: impl FnOnce(&mut Step) -> Result<Done> + 'a) {
        self.steps.push(Planned { title, required: true, action: Box::new(action) });
    }

    /// Adds a step whose failure does not stop the others.
    pub fn check(&mut self, title: &'static str, action: impl FnOnce(&mut Step) -> Result<Done> + 'a) {
        self.steps.push(Planned { title, required: false, action: Box::new(action) });
    }

    /// Runs the steps and prints the table.
    ///
    /// # Errors
    /// Only when logs cannot be written; failed steps are in the report.
    pub fn run(self) -> Result<Report> {
        let logs = self.project.target("xtask/logs").join(self.name);
        fs::create_dir_all(&logs).with_context(|| format!("creating {}", logs.display()))?;
        let whole = Stopwatch::start();
        let total = self.steps.len();
        let mut rows = Vec::new();
        let mut report = Report { counts: Counts::default(), failed: Vec::new() };
        let mut stopped = false;
        for (index, planned) in self.steps.into_iter().enumerate() {
            let title = planned.title;
            if stopped {
                rows.push(Row { title, result: "not run", time: String::new(), note: String::new() });
                continue;
            }
            let mut step = Step::start(title, (index + 1, total), &logs)?;
            let outcome = (planned.action)(&mut step);
            rows.push(finish(step, outcome, &mut report));
            stopped = planned.required && rows.last().is_some_and(|row| row.result == "FAILED");
        }
        print!("{}", table(self.name, &rows, &short(whole.elapsed())));
        Ok(report)
    }
}

fn finish(step: Step, outcome: Result<Done>, report: &mut Report) -> Row {
    let title = step.title();
    let counts = outcome.as_ref().map_or_else(|_| step.counts(), |done| done.counts);
    report.counts += counts;
    let (result, note, detail) = match outcome {
        Ok(done) => ("ok", done.note, String::new()),
        Err(error) => {
            report.failed.push(title);
            report.counts.failed += u64::from(counts.failed == 0);
            let detail = format!("{}\nfull log: {}\n", step.tail(40), step.log_path().display());
            ("FAILED", format!("{error:#}"), detail)
        }
    };
    let time = step.end(result, &note);
    if !detail.is_empty() {
        println!("{detail}");
    }
    Row { title, result, time, note }
}

fn table(name: &str, rows: &[Row], total_time: &str) -> String {
    let width = rows.iter().map(|row| row.title.chars().count()).max().unwrap_or(0);
    let mut text = String::from("\n");
    for row in rows {
        let note = row.note.lines().next().unwrap_or_default();
        let line = format!("  {:width$}  {:7}  {:>7}  {note}", row.title, row.result, row.time);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {:width$}  {:7}  {total_time:>7}\n", format!("{name} in all"), "");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_every_step_in_line() {
        let row = |title, result, note: &str| Row { title, result, time: "1.0s".into(), note: note.into() };
        let text =
            table("test", &[row("Format", "ok", ""), row("End to end", "FAILED", "two\nlines")], "2.0s");
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(
            lines.len(),
            3,
            "one line per step and one for the whole, even when a note has more lines"
        );
        assert_eq!(lines[0].find("ok"), lines[1].find("FAILED"), "columns stand under each other");
    }
}
