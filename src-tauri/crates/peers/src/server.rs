//! A server process that ends with its owner.

use anyhow::{Context, Result, bail};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often, and how many times, it is looked whether a server listens.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: usize = 400;

pub struct Server {
    process: Child,
    pub port: u16,
}

impl Server {
    /// Starts it on a free port of loopback, and waits until it listens.
    pub fn start(command: impl FnOnce(u16) -> Result<Command>) -> Result<Self> {
        // Asked for port 0 the system gives one that is free.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = command(port)?;
        let name = format!("{:?}", command.get_program());
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context(name.clone())?;
        let mut server = Self { process, port };
        for _ in 0..LOOKS {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(server);
            }
            if let Some(status) = server.process.try_wait()? {
                bail!("{name} ended: {status}");
            }
            std::thread::sleep(LOOK_EVERY);
        }
        bail!("{name} doesn't listen")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Should it have ended by itself, there is nothing left to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
