//! A real key store on the current session bus: a private, unlocked `gnome-keyring`.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{Group, eventually, on_bus};

/// The name every key store owns on the session bus.
const BUS_NAME: &str = "org.freedesktop.secrets";
const STARTS_WITHIN: Duration = Duration::from_secs(15);

/// The key store; dropping it forgets every key.
pub struct Keyring {
    _daemon: Group,
    _folder: TempDir,
}

impl Keyring {
    /// Starts the key store, unlocked, so that it never asks anybody for a password.
    ///
    /// # Errors
    /// When `gnome-keyring-daemon` is missing or does not come up.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(["--foreground", "--unlock", "--components=secrets", "--control-directory"])
            .arg(folder.path());
        command.env("XDG_DATA_HOME", folder.path().join("data"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = Group::spawn(&mut command)?;
        // The password of the new store; closing the pipe ends it.
        daemon.0.stdin.take().context("the daemon reads the password from us")?.write_all(b"story")?;
        eventually("the key store", STARTS_WITHIN, async || {
            anyhow::ensure!(!daemon.has_ended()?, "gnome-keyring-daemon ended at once");
            Ok(on_bus(BUS_NAME)?.then_some(()))
        })
        .await?;
        Ok(Self { _daemon: daemon, _folder: folder })
    }
}
