//! Wheels: zip archives that happen to hold programs, too.

use crate::output;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A wheel, and the programs in it that are wanted.
pub struct Wheel {
    pub package: &'static str,
    pub version: &'static str,
    /// The folder of its programs, within it.
    pub bin: &'static str,
    pub programs: &'static [&'static str],
}

/// Both wheels are made for Python's stable interface from here on; what runs on this machine does not matter.
const PYTHON: &str = "3.12";

impl Wheel {
    /// Whether it is installed.
    pub fn is_in(&self, folder: &Path) -> bool {
        let bin = self.place(folder).join(self.bin);
        self.programs.iter().all(|program| bin.join(program).is_file())
    }

    /// The folder of the unpacked wheel; installs it if it is not there.
    pub fn home(&self, folder: &Path) -> Result<PathBuf> {
        let home = self.place(folder);
        if self.is_in(folder) {
            return Ok(home);
        }
        std::fs::create_dir_all(folder)?;
        // Complete or absent, also when two suites install at the same time.
        let made = folder.join(format!(".installing-{}-{}", self.package, std::process::id()));
        std::fs::create_dir_all(&made)?;
        self.unpack(&made).with_context(|| format!("installing {} {}", self.package, self.version))?;
        if std::fs::rename(&made, &home).is_err() {
            std::fs::remove_dir_all(&made)?;
        }
        anyhow::ensure!(self.is_in(folder), "{} holds no {:?}", home.display(), self.programs);
        Ok(home)
    }

    fn place(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}-{}", self.package, self.version))
    }

    fn unpack(&self, made: &Path) -> Result<()> {
        let wanted = ["--no-deps", "--python-version", PYTHON, "--only-binary=:all:", "--dest"];
        output(
            Command::new("python3")
                .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
                .args(wanted)
                .arg(made)
                .arg(format!("{}=={}", self.package, self.version)),
        )?;
        let is_wheel = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "whl");
        let mut files = std::fs::read_dir(made)?.flatten().map(|entry| entry.path());
        let wheel = files.find(is_wheel).context("pip left no wheel")?;
        output(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(made))?;
        std::fs::remove_file(wheel)?;
        // Unpacking by hand loses the rights.
        for program in self.programs {
            output(Command::new("chmod").arg("+x").arg(made.join(self.bin).join(program)))?;
        }
        Ok(())
    }
}
