//! A compiler for `wasm32-unknown-unknown`: rustup's target, else Debian's newer Rust with its own sources.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::packages;
use crate::plan::Done;
use crate::project::{Project, program};
use crate::step::Step;

/// The target triple of the interface.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Without a network `rustup target add` waits for very long.
const RUSTUP_LIMIT: Duration = Duration::from_secs(20);

/// Overrides the choice: `rustup` or `debian`.
const CHOICE: &str = "OFFICETRACK_WASM";

/// Where the compiler for the interface comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The Rust that runs this tool, with the target's standard library beside it.
    Rustup,
    /// Debian's `rustc-web`, which builds the standard library from `rust-web-src`.
    Debian,
}

impl Toolchain {
    fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "debian",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Rustup, Self::Debian].into_iter().find(|toolchain| toolchain.name() == text.trim())
    }

    fn ready(self) -> bool {
        match self {
            Self::Rustup => target_beside_rustc(),
            Self::Debian => packages::present(packages::WASM),
        }
    }

    /// A cargo command that compiles for the target, into a target folder of its own.
    pub fn cargo(self, project: &Project) -> Command {
        let mut command = match self {
            Self::Rustup => project.cargo(),
            Self::Debian => debian_cargo(project),
        };
        command.env("CARGO_TARGET_DIR", project.target("ui"));
        command.env_remove("CARGO_ENCODED_RUSTFLAGS");
        command.env("RUSTFLAGS", "--cfg getrandom_backend=\"wasm_js\" --cfg erase_components");
        command
    }

    /// Arguments `cargo build` needs on top of package, profile and target.
    pub fn build_args(self) -> &'static [&'static str] {
        match self {
            Self::Rustup => &[],
            Self::Debian => &["-Zbuild-std=std,panic_abort"],
        }
    }
}

/// Finds or installs a compiler for the interface and remembers the choice in the target folder.
///
/// # Errors
/// When neither way works.
pub fn ensure(project: &Project, step: &mut Step) -> Result<Done> {
    let toolchain = choose(project, step)?;
    let memory = project.target("xtask/wasm-toolchain");
    fs::create_dir_all(project.target("xtask"))?;
    fs::write(&memory, toolchain.name()).with_context(|| format!("writing {}", memory.display()))?;
    Done::note(match toolchain {
        Toolchain::Rustup => "this Rust's own wasm32-unknown-unknown target",
        Toolchain::Debian => "Debian's rustc-web with -Zbuild-std",
    })
}

/// The choice made by [`ensure`].
///
/// # Errors
/// When no choice was made yet.
pub fn chosen(project: &Project) -> Result<Toolchain> {
    fs::read_to_string(project.target("xtask/wasm-toolchain"))
        .ok()
        .and_then(|text| Toolchain::parse(&text))
        .context("no WebAssembly toolchain was chosen yet")
}

fn choose(project: &Project, step: &mut Step) -> Result<Toolchain> {
    if let Ok(text) = env::var(CHOICE) {
        let toolchain =
            Toolchain::parse(&text).with_context(|| format!("{CHOICE} is rustup or debian, not {text:?}"))?;
        install(toolchain, step)?;
        return Ok(toolchain);
    }
    if let Some(toolchain) = chosen(project).ok().filter(|toolchain| toolchain.ready()) {
        return Ok(toolchain);
    }
    match install(Toolchain::Rustup, step) {
        Ok(()) => Ok(Toolchain::Rustup),
        Err(error) => {
            step.note(&format!("rustup's target is not to be had ({error:#}); trying Debian's packages"))?;
            install(Toolchain::Debian, step)?;
            Ok(Toolchain::Debian)
        }
    }
}

fn install(toolchain: Toolchain, step: &mut Step) -> Result<()> {
    if toolchain.ready() {
        return Ok(());
    }
    match toolchain {
        Toolchain::Rustup => {
            program(&["rustup"]).context("rustup is not installed")?;
            step.run_within(Command::new("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT)?;
        }
        Toolchain::Debian => {
            packages::ensure(step, packages::WASM.to_vec())?;
        }
    }
    if toolchain.ready() {
        return Ok(());
    }
    bail!(
        "no compiler for {TARGET}: run `rustup target add {TARGET}`, or install {}",
        packages::WASM.join(" ")
    )
}

fn target_beside_rustc() -> bool {
    let Ok(output) = Command::new("rustc").args(["--print", "sysroot"]).output() else { return false };
    let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !sysroot.is_empty() && Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir()
}

fn debian_cargo(project: &Project) -> Command {
    let mut command = project.command("/usr/bin/cargo");
    // The other Rust's proxies and libraries must not reach this one.
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTDOC", "RUSTC_WRAPPER", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command.env("RUSTC_BOOTSTRAP", "1");
    command.env("RUSTC", "/usr/bin/rustc");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_choice_reads_back() {
        for toolchain in [Toolchain::Rustup, Toolchain::Debian] {
            let text = format!("{}\n", toolchain.name());
            assert_eq!(Toolchain::parse(&text), Some(toolchain), "what is written is what is read");
        }
        assert_eq!(Toolchain::parse("nightly"), None, "an unknown word is no choice");
    }
}
