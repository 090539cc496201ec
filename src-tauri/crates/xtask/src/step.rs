//! One step: its log, its progress line, and the commands it runs.

use std::fs::{self, File};
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::clock::{Stopwatch, short};
use crate::processes;

const TICK: Duration = Duration::from_millis(200);
/// Without a terminal, a long step says this often that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// Longest progress line; longer ones would wrap and could not be redrawn in place.
const LINE_CHARS: usize = 78;

/// Tests a suite ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that were skipped.
    pub skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// A step under way.
pub struct Step {
    title: &'static str,
    position: (usize, usize),
    started: Stopwatch,
    log: File,
    log_path: PathBuf,
    counts: Counts,
    on_terminal: bool,
    next_heartbeat: Duration,
}

impl Step {
    /// Opens the step's log in `logs` and shows its line; `position` is (this step, steps in all).
    ///
    /// # Errors
    /// When the log cannot be created.
    pub fn start(title: &'static str, position: (usize, usize), logs: &Path) -> Result<Self> {
        let log_path = logs.join(format!("{:02}-{}.log", position.0, file_name(title)));
        let log = File::create(&log_path).with_context(|| format!("creating {}", log_path.display()))?;
        let on_terminal = std::io::stdout().is_terminal();
        let started = Stopwatch::start();
        let counts = Counts::default();
        let step =
            Self { title, position, started, log, log_path, counts, on_terminal, next_heartbeat: HEARTBEAT };
        if on_terminal {
            step.draw("");
        } else {
            println!("{} …", step.head());
        }
        Ok(step)
    }

    /// The step's title.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Where the output of this step's commands is.
    pub fn log_path(&self) -> &Path {
        &self.log_path
    }

    /// Tests counted so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Sets what a suite counted, kept even when the step then fails.
    pub fn count(&mut self, counts: Counts) {
        self.counts = counts;
    }

    /// Writes a line to the log.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn note(&mut self, line: &str) -> Result<()> {
        writeln!(self.log, "{line}").context("writing the step's log")
    }

    /// Runs a command to its end, its output going to the log.
    ///
    /// # Errors
    /// When it cannot be started or does not succeed.
    pub fn run(&mut self, command: &mut Command) -> Result<()> {
        self.run_within(command, Duration::MAX)
    }

    /// As [`Step::run`], but ends the command and everything it started after `limit`.
    ///
    /// # Errors
    /// As [`Step::run`], and when the limit is reached.
    pub fn run_within(&mut self, command: &mut Command, limit: Duration) -> Result<()> {
        let name =
            Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        self.note(&format!("$ {name} {}", args.join(" ")))?;
        command.stdout(self.log.try_clone()?).stderr(self.log.try_clone()?);
        if !self.on_terminal {
            command.stdin(Stdio::null());
        }
        let child = command.spawn().with_context(|| format!("starting {name}"))?;
        self.wait(child, &name, limit)
    }

    /// The log's text from byte `from` on.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log_text(&self, from: u64) -> Result<String> {
        let mut file = File::open(&self.log_path)?;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The log's length in bytes: where the next command's output will start.
    ///
    /// # Errors
    /// When the log cannot be examined.
    pub fn log_len(&self) -> Result<u64> {
        Ok(fs::metadata(&self.log_path)?.len())
    }

    /// The last lines of the log.
    pub fn tail(&self, lines: usize) -> String {
        let text = self.log_text(0).unwrap_or_default();
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// Replaces the progress line by the result; returns the time taken.
    pub fn end(self, result: &str, note: &str) -> String {
        let time = short(self.started.elapsed());
        let note = note.lines().next().unwrap_or_default();
        let clear = if self.on_terminal { "\r\x1b[2K" } else { "" };
        println!(
            "{clear}{} … {time}  {result}{}{note}",
            self.head(),
            if note.is_empty() { "" } else { ": " }
        );
        time
    }

    fn wait(&mut self, mut child: Child, name: &str, limit: Duration) -> Result<()> {
        let running = Stopwatch::start();
        loop {
            if let Some(status) = child.try_wait()? {
                if status.success() {
                    return Ok(());
                }
                bail!("{name} ended with {status}");
            }
            if running.elapsed() > limit {
                processes::end_tree(child.id());
                child.wait()?;
                bail!("{name} was ended after {}", short(limit));
            }
            self.tick();
            thread::sleep(TICK);
        }
    }

    fn tick(&mut self) {
        if self.on_terminal {
            self.draw(&self.last_line());
        } else if self.started.elapsed() >= self.next_heartbeat {
            println!("{} … {}  {}", self.head(), short(self.started.elapsed()), self.last_line());
            self.next_heartbeat += HEARTBEAT;
        }
    }

    fn head(&self) -> String {
        format!("[{}/{}] {}", self.position.0, self.position.1, self.title)
    }

    fn draw(&self, activity: &str) {
        let line = format!("{} … {}  {activity}", self.head(), short(self.started.elapsed()));
        let visible: String = line.chars().take(LINE_CHARS).collect();
        let mut out = std::io::stdout();
        // A progress line that cannot be drawn is no reason to fail the step.
        let _ = write!(out, "\r\x1b[2K{visible}").and_then(|()| out.flush());
    }

    fn last_line(&self) -> String {
        let from = self.log_len().unwrap_or(0).saturating_sub(400);
        let text = self.log_text(from).unwrap_or_default();
        let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        line.chars().filter(|c| !c.is_control()).collect()
    }
}

/// `UI (WebAssembly)` becomes `ui-webassembly`.
fn file_name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(dir: &Path) -> Step {
        Step::start("Unit tests", (1, 2), dir).expect("a log in a temporary folder")
    }

    #[test]
    fn a_failing_command_leaves_its_output_in_the_tail() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut step = step(dir.path());
        let failure = step.run(Command::new("sh").args(["-c", "echo first; echo the reason >&2; exit 3"]));
        assert!(failure.is_err(), "a non-zero exit fails the step");
        assert!(
            step.tail(1).contains("the reason"),
            "what the command said last is what the reader sees first"
        );
        assert!(step.log_path().ends_with("01-unit-tests.log"), "the log is named after the step");
    }

    #[test]
    fn a_command_that_hangs_is_ended_with_its_children() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let running = Stopwatch::start();
        let failure = step(dir.path())
            .run_within(Command::new("sh").args(["-c", "sleep 60 & wait"]), Duration::from_millis(300))
            .expect_err("the limit is reached");
        assert!(
            failure.to_string().contains("was ended after"),
            "the message says that time ran out: {failure}"
        );
        assert!(running.elapsed() < Duration::from_secs(30), "the step does not wait for the child");
    }
}
