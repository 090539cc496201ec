//! `cargo xtask prove kill`: `kill -9` of a real desk's backend at random moments, over and over on the same files.

#![expect(clippy::print_stdout, reason = "its report is what it is for")]

use std::process::Command;

use clap::{Parser, Subcommand};
use tests::campaigns::kill::{self, Size};

/// Kills a desk's backend; nothing that its user was told is kept may be lost, and no file may be damaged.
#[derive(Parser)]
struct Args {
    /// What is drawn: the moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often.
    #[arg(long, default_value_t = 2_000)]
    loops: usize,
    #[command(subcommand)]
    process: Option<Process>,
}

#[derive(Subcommand)]
enum Process {
    /// The process that is killed
    #[command(hide = true)]
    Child,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Args { seed, loops, process } = Args::parse();
    if let Some(Process::Child) = process {
        return kill::live().await;
    }
    let executable = std::env::current_exe()?;
    let victim = || {
        let mut command = Command::new(&executable);
        command.arg("child");
        command
    };
    let figures = kill::run(Size { loops, seed }, &victim, &|line| eprintln!("{line}")).await?;
    figures.stories.iter().take(20).for_each(|story| eprintln!("{story}"));
    let kept = figures.is_clean();
    if !kept {
        eprintln!("SEED={seed} cargo xtask prove kill -- --seed {seed} --loops {loops}");
        eprintln!("duplicated={} ahead={}", figures.duplicated, figures.ahead);
    }
    println!("prove kill: loops={} lost={} corrupt={}", figures.loops, figures.lost, figures.corrupt);
    std::process::exit(i32::from(!kept));
}
