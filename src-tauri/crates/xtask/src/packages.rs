//! System packages: what is missing on Debian and Ubuntu is installed; elsewhere the list is shown.

use std::io::IsTerminal;
use std::process::Command;

use anyhow::{Result, bail};

use crate::plan::Done;
use crate::project::program;
use crate::step::Step;

/// What the desktop window is built with and runs on.
pub const RUN: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libssl-dev",
];

/// What the end-to-end and interface suites use on top.
pub const TEST: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "dunst",
    "libgl1-mesa-dri",
    "at-spi2-core",
    "gnome-keyring",
    "fonts-dejavu-core",
];

/// Debian's newer Rust for WebAssembly, with the sources of its standard library.
pub const WASM: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// Programs that may have come another way than by a package, and the package otherwise.
const TEST_PROGRAMS: &[(&[&str], &str)] =
    &[(&["node"], "nodejs"), (&["npm"], "npm"), (crate::ui_tests::BROWSERS, "chromium")];

/// Brings Python along; what is measured and tested against comes as wheels.
const PIP: &str = "python3-pip";

/// Makes the packages for the desktop window present.
///
/// # Errors
/// When a package is missing and cannot be installed.
pub fn for_run(step: &mut Step) -> Result<Done> {
    ensure(step, RUN.to_vec())
}

/// Makes the packages for the window and for all suites present.
///
/// # Errors
/// When a package is missing and cannot be installed.
pub fn for_tests(step: &mut Step) -> Result<Done> {
    let by_program =
        TEST_PROGRAMS.iter().filter(|(names, _)| program(names).is_none()).map(|(_, package)| *package);
    let pip = (!has_pip()).then_some(PIP);
    ensure(step, RUN.iter().chain(TEST).copied().chain(by_program).chain(pip).collect())
}

/// Whether some Python here has pip, Debian's or another.
fn has_pip() -> bool {
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    pip.is_ok_and(|output| output.status.success())
}

/// Installs what is missing of `wanted`.
///
/// # Errors
/// When a package is missing and cannot be installed.
pub fn ensure(step: &mut Step, wanted: Vec<&str>) -> Result<Done> {
    if program(&["dpkg-query"]).is_none() || program(&["apt-get"]).is_none() {
        return Done::note(format!("not Debian or Ubuntu: install what corresponds to {}", wanted.join(" ")));
    }
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        return Done::note("all present");
    }
    let count = missing.len();
    install(step, &missing)?;
    Done::note(format!("installed {count}: {}", missing.join(" ")))
}

/// Whether all of `wanted` are installed (false where there is no dpkg).
pub fn present(wanted: &[&str]) -> bool {
    program(&["dpkg-query"]).is_some() && missing(wanted).is_ok_and(|missing| missing.is_empty())
}

fn missing<'a>(wanted: &[&'a str]) -> Result<Vec<&'a str>> {
    let query = Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Abbrev}\n"])
        .args(wanted)
        .output()?;
    let installed = String::from_utf8_lossy(&query.stdout).into_owned();
    Ok(not_in(&installed, wanted))
}

/// The packages `dpkg-query` does not report as installed (`ii`).
fn not_in<'a>(installed: &str, wanted: &[&'a str]) -> Vec<&'a str> {
    let is_in = |package: &&str| {
        installed.lines().any(|line| {
            line.split_once(' ').is_some_and(|(name, status)| name == *package && status.starts_with("ii"))
        })
    };
    wanted.iter().filter(|package| !is_in(package)).copied().collect()
}

fn install(step: &mut Step, missing: &[&str]) -> Result<()> {
    let Some(prefix) = root_prefix() else {
        bail!(
            "these packages are missing and only root can install them: sudo apt-get install {}",
            missing.join(" ")
        );
    };
    let apt = |args: &[&str]| {
        let mut words = prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let mut command = Command::new(words.next().unwrap_or("env"));
        command.args(words).args(["-o", "DPkg::Lock::Timeout=120"]).args(args);
        command
    };
    // Old lists may still serve when the network does not.
    if let Err(error) = step.run(&mut apt(&["update"])) {
        step.note(&format!("going on with the package lists that are here: {error}"))?;
    }
    step.run(apt(&["install", "-y", "--no-install-recommends"]).args(missing))
}

/// How to become root: nothing when we are, `sudo` when it asks nothing or somebody is there to answer.
fn root_prefix() -> Option<&'static [&'static str]> {
    let succeeds = |program: &str, args: &[&str]| {
        Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
    };
    let user = Command::new("id").arg("-u").output().ok()?;
    if user.stdout.trim_ascii() == b"0" {
        return Some(&[]);
    }
    program(&["sudo"])?;
    if succeeds("sudo", &["-n", "true"]) {
        return Some(&["sudo", "-n"]);
    }
    std::io::stdin().is_terminal().then_some(&["sudo"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fully_installed_packages_count() {
        let report = "xvfb ii \nlibssl-dev ii \nlibssl-dev ii \ndunst rc \n";
        let missing = not_in(report, &["xvfb", "libssl-dev", "dunst", "npm"]);
        assert_eq!(missing, ["dunst", "npm"], "removed-but-configured and unknown packages are missing");
    }
}
