//! A session bus of its own: a second desk beside the first, as on another person's machine.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::Group;

/// A session bus; dropping it ends it.
pub struct Bus {
    address: String,
    _daemon: Group,
}

impl Bus {
    /// Starts a bus.
    ///
    /// # Errors
    /// When `dbus-daemon` is missing or does not tell its address.
    pub fn start() -> Result<Self> {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address=1"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut daemon = Group::spawn(&mut command)?;
        let told = daemon.0.stdout.take().context("the bus tells its address to us")?;
        let mut address = String::new();
        BufReader::new(told).read_line(&mut address)?;
        ensure!(!address.trim().is_empty(), "the bus told no address");
        Ok(Self { address: address.trim().to_owned(), _daemon: daemon })
    }

    /// What `DBUS_SESSION_BUS_ADDRESS` has to be for programs of this bus.
    pub fn address(&self) -> &str {
        &self.address
    }
}
