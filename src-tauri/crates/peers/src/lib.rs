//! Programs of others that our tests and benches run against, on loopback: [`Osrm`] and [`Valhalla`], out of the wheels that their
//! projects publish on PyPI, with files made from an extract. And a [`Pretender`] that is none of them, for answers that a real server
//! doesn't give on request.
//!
//! For development only: no program that is shipped depends on this crate.
//!
//! * Everything lies below one folder (`target/peers`), by name and version; a second start finds what the first has made.
//! * What is needed: `python3` with pip, and the network for the first time. The programs run without Python.
//! * A server ends with the value that started it.

mod osrm;
mod pretender;
mod server;
mod valhalla;
mod wheel;

pub use osrm::Osrm;
pub use pretender::{Asked, Manner, Pretender};
pub use valhalla::Valhalla;

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the programs are kept: the folder in `OFFICETRACK_PEERS`, else `peers` in cargo's target folder.
fn folder() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target");
    let target = || std::env::var_os("CARGO_TARGET_DIR").map_or_else(built, PathBuf::from).join("peers");
    std::env::var_os("OFFICETRACK_PEERS").map_or_else(target, PathBuf::from)
}

/// Installs all of them into `folder`; answers with what had to be installed.
///
/// # Errors
/// When pip can't be run, or does not get a wheel.
pub fn install(folder: &Path) -> Result<Vec<String>> {
    let mut installed = Vec::new();
    for wheel in [&osrm::WHEEL, &valhalla::WHEEL] {
        if !wheel.is_in(folder) {
            wheel.home(folder)?;
            installed.push(format!("{} {}", wheel.package, wheel.version));
        }
    }
    Ok(installed)
}

/// Tests run side by side; what they all need is made once.
fn alone() -> MutexGuard<'static, ()> {
    static MAKING: Mutex<()> = Mutex::new(());
    MAKING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder for what a program makes of an extract, named after the extract and its size.
fn data_folder(home: &Path, osm: &Path, kind: &str) -> Result<PathBuf> {
    let size = std::fs::metadata(osm).with_context(|| format!("extract {}", osm.display()))?.len();
    let file = osm.file_name().unwrap_or_default().to_string_lossy();
    let name = file.strip_suffix(".osm.pbf").unwrap_or(&file);
    Ok(home.join("data").join(format!("{name}-{size}-{kind}")))
}

/// Runs a program to its end; what it says.
fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("{:?}", command.get_program()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&done.stdout);
    ensure!(done.status.success(), "{command:?}: {}\n{said}{}", done.status, text(&done.stderr));
    Ok(said)
}
