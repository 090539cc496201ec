//! shapely in a process of its own, which does one round at a time.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::Hit;
use super::data::Fences;

const SCRIPT: &str = include_str!("shapely_rounds.py");
const PACKAGES: [&str; 2] = ["shapely>=2,<3", "numpy"];

/// The running process.
pub struct Peer {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub versions: String,
}

/// What one round of shapely took.
pub struct Round {
    /// Looking up boxes and asking the polygons.
    pub secs: f64,
    /// Making geometries of the coordinates.
    pub points_secs: f64,
}

impl Peer {
    /// Installs shapely if it is missing, and reads the points.
    pub fn start(points: &Path) -> Result<Self> {
        let mut process = Command::new(python()?)
            .args(["-u", "-c", SCRIPT])
            .arg(points)
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let questions = process.stdin.take().context("no way in")?;
        let answers = BufReader::new(process.stdout.take().context("no way out")?);
        let mut peer = Self { process, questions, answers, versions: String::new() };
        peer.versions = peer.answer()?["versions"].as_str().context("no versions")?.to_owned();
        Ok(peer)
    }

    /// Reads and prepares fences, without those that we refuse; the seconds that the tree and the preparing take.
    pub fn load(&mut self, fences: &Fences) -> Result<f64> {
        let refused = serde_json::to_string(&fences.refused)?.replace(char::is_whitespace, "");
        let answer = self.ask(&format!("load {refused} {}", fences.file.display()))?;
        ensure!(answer["fences"] == fences.areas.len(), "both sides have the same fences: {answer}");
        answer["build"].as_f64().context("no build")
    }

    /// One measured round.
    pub fn round(&mut self) -> Result<Round> {
        let answer = self.ask("round")?;
        let secs = |name: &str| answer[name].as_f64().with_context(|| format!("no {name}"));
        Ok(Round { secs: secs("query")? + secs("contains")?, points_secs: secs("points")? })
    }

    /// All hits, in order.
    pub fn hits(&mut self) -> Result<Vec<Hit>> {
        let answer = self.ask("hits")?;
        let number =
            |hit: &Value, index: usize| hit[index].as_u64().and_then(|number| u32::try_from(number).ok());
        let hits = answer["hits"].as_array().context("no hits")?.iter();
        hits.map(|hit| number(hit, 0).zip(number(hit, 1)).context("no hit")).collect()
    }

    fn ask(&mut self, question: &str) -> Result<Value> {
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("shapely has ended: {}", self.process.wait()?);
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The interpreter that has shapely, in the target folder.
fn python() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(3).context("not in a target folder")?;
    let home = target.join("peers/shapely");
    let python = home.join("bin/python");
    if !home.join("ready").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
        std::fs::write(home.join("ready"), PACKAGES.join("\n"))?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdout(Stdio::null()).status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
