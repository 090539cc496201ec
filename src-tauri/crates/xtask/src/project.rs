//! Where things are: the checkout, the target folder, and commands that run inside them.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

/// The checkout and the folder build output goes to.
pub struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// Finds the checkout from cargo's environment, else from the current folder upwards.
    ///
    /// # Errors
    /// When no folder upwards holds the workspace.
    pub fn find() -> Result<Self> {
        let here = env::current_dir().context("the current folder is not readable")?;
        let start = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| here.clone(), PathBuf::from);
        let root = start
            .ancestors()
            .find(|dir| dir.join("src-tauri/crates/xtask").is_dir())
            .context("run this inside the OfficeTrack Desk checkout")?
            .to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) if !dir.is_empty() => here.join(dir),
            _ => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// A path inside the checkout.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path inside the target folder.
    pub fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// A built program of the dev profile.
    pub fn built(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// The cargo that runs this tool.
    pub fn cargo(&self) -> Command {
        self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// Builds one program, with the features it has in a build of the whole workspace.
    ///
    /// Selecting its package alone would settle on other features of shared dependencies, and `run` and `test` would
    /// each compile Tauri anew.
    pub fn build_program(&self, name: &str) -> Command {
        let mut cargo = self.cargo();
        cargo.args(["build", "--workspace", "--bin", name]);
        cargo
    }

    /// A command in the checkout, without what `cargo run` added to the environment about *this* package.
    ///
    /// Some build scripts watch those variables; passing them on would rebuild their crates on every switch between
    /// `cargo` and `cargo xtask`.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
                .iter()
                .any(|own| text.starts_with(own))
            {
                command.env_remove(&name);
            }
        }
        command
    }
}

/// The first of these programs found in `PATH`, with its full path.
pub fn program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names
        .iter()
        .flat_map(|name| {
            env::split_paths(&path).map(move |dir| dir.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        })
        .find(|file| file.is_file())
}
