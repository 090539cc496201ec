//! pyvroom and PyVRP in a process of their own.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::instance::Instance;

const SCRIPT: &str = include_str!("peers.py");
const PACKAGES: [&str; 2] = ["pyvroom>=1.15,<2", "pyvrp>=0.14,<0.15"];

/// The running process.
pub struct Peers {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    instance: PathBuf,
    pub versions: Value,
}

/// What a peer found.
pub struct Found {
    /// Customers in order, by vehicle.
    pub routes: Vec<Vec<usize>>,
    /// Processor time.
    pub secs: f64,
}

impl Peers {
    /// Installs them if they are missing.
    pub fn start() -> Result<Self> {
        let home = home()?;
        let mut process = Command::new(python(&home)?)
            .args(["-u", "-c", SCRIPT])
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let questions = process.stdin.take().context("no way in")?;
        let answers = BufReader::new(process.stdout.take().context("no way out")?);
        let instance = home.join(format!("instance-{}.json", std::process::id()));
        let mut peers = Self { process, questions, answers, instance, versions: Value::Null };
        peers.versions = peers.answer()?["versions"].clone();
        Ok(peers)
    }

    /// Writes the instance down for them.
    pub fn load(&mut self, it: &Instance) -> Result<()> {
        let data = json!({
            "vehicles": it.vehicles, "capacity": it.capacity, "demand": it.demand, "opens": it.opens,
            "closes": it.closes, "service": it.service, "matrix": it.matrix,
        });
        Ok(std::fs::write(&self.instance, data.to_string())?)
    }

    /// Routes of the instance loaded last.
    pub fn solve(&mut self, name: &str, seed: u64, secs: f64) -> Result<Found> {
        writeln!(self.questions, "{name}\t{}\t{seed}\t{secs}", self.instance.display())?;
        self.questions.flush()?;
        let answer = self.answer()?;
        let secs = answer["secs"].as_f64().context("no time")?;
        let routes = serde_json::from_value(answer["routes"].clone())
            .with_context(|| format!("{name} found no routes"))?;
        Ok(Found { routes, secs })
    }

    fn answer(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the peers have ended: {}", self.process.wait()?);
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // They may have ended by themselves; there is nobody left to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.instance);
    }
}

/// Their folder below the target folder.
fn home() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(3).context("not in a target folder")?;
    Ok(target.join("peers/plan"))
}

/// The interpreter that has them.
fn python(home: &PathBuf) -> Result<PathBuf> {
    let python = home.join("bin/python");
    if !home.join("ready").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(home))?;
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
