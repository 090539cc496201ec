//! OSRM without HTTP: the wheel's Python bindings in a Python of their own, where there is one that is new enough.

use anyhow::{Context, Result};
use peers::Osrm;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SCRIPT: &str = include_str!("in_process.py");

/// The running process.
pub struct InProcess {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl InProcess {
    /// `None`: there is no Python that can load the bindings.
    pub fn start(osrm: &Osrm) -> Option<Self> {
        let python = pythons().into_iter().find(|python| can_load(python, &osrm.home))?;
        let mut process = Command::new(python)
            .args(["-u", "-c", SCRIPT])
            .arg(&osrm.data)
            .env("PYTHONPATH", &osrm.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let (questions, answers) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        Some(Self { process, questions, answers })
    }

    /// Seconds for each question of a job.
    pub fn secs(&mut self, job: &Value) -> Result<Vec<f64>> {
        writeln!(self.questions, "{job}")?;
        self.questions.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let times: Vec<f64> = serde_json::from_str(&line).context("no answer of the bindings")?;
        Ok(times)
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        // Should it have ended by itself, there is nothing left to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pythons() -> Vec<String> {
    let mut pythons: Vec<String> =
        ["python3.13", "python3.12", "python3"].iter().map(|name| (*name).to_owned()).collect();
    let kept = std::env::var_os("PYENV_ROOT").map(std::path::PathBuf::from);
    let root = kept.or_else(|| std::env::home_dir().map(|home| home.join(".pyenv")));
    let versions = root.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    for version in versions.into_iter().flatten().flatten() {
        pythons.push(version.path().join("bin/python3").to_string_lossy().into_owned());
    }
    pythons
}

fn can_load(python: &str, home: &Path) -> bool {
    let mut command = Command::new(python);
    command.args(["-c", "import osrm"]).env("PYTHONPATH", home);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
