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
    daemon: Group,
    folder: TempDir,
}

impl Keyring {
    /// Starts the key store, unlocked, so that it never asks anybody for a password.
    ///
    /// # Errors
    /// When `gnome-keyring-daemon` is missing or does not come up.
    pub async fn start() -> Result<Self> {
        Self::start_in(tempfile::tempdir()?).await
    }

    /// Locks everything that is in it, as a desktop does with its screen.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn lock(&self) -> Result<()> {
        let lock = [
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login",
        ];
        let output = Command::new("dbus-send").args(lock).output()?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Ends and starts again, unlocked, with what was kept.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(self) -> Result<Self> {
        let Self { daemon, folder } = self;
        drop(daemon);
        eventually("its name to be free", STARTS_WITHIN, async || Ok((!on_bus(BUS_NAME)?).then_some(())))
            .await?;
        Self::start_in(folder).await
    }

    async fn start_in(folder: TempDir) -> Result<Self> {
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
        Ok(Self { daemon, folder })
    }
}
