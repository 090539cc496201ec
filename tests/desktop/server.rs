//! The reference server as a process of its own, with a company and users, that can be stopped and started again.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Group, eventually, free_port, given};

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// The company every story here has.
pub const COMPANY: &str = "Riviera Facilities";
/// The password of every user.
pub const PASSWORD: &str = "a long password of a story";

/// A server with one company; dropping it ends it and forgets its data.
pub struct Server {
    running: Option<Group>,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// Makes a company with one dispatcher for each of `logins` and the tasks of a CSV, and starts to serve it.
    ///
    /// # Errors
    /// When the server's program is missing, refuses a row, or does not come up.
    pub async fn start(logins: &[&str], tasks: &str) -> Result<Self> {
        let mut server = Self { running: None, port: free_port()?, folder: tempfile::tempdir()? };
        server.run(&["company", "add", COMPANY, "--zone", "Europe/Monaco", "--region", "monaco"])?;
        let password = server.file("password", PASSWORD)?;
        for login in logins {
            let names = ["--company", COMPANY, "--name", login, "--role", "dispatcher"];
            let mut user = vec!["user", "add", login, "--password-file", &password];
            user.extend(names);
            server.run(&user)?;
        }
        let tasks = server.file("tasks.csv", tasks)?;
        server.run(&["import", "--company", COMPANY, "tasks", &tasks])?;
        server.resume().await?;
        Ok(server)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends the process; the data stay.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Starts the process again, at the same address.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn resume(&mut self) -> Result<()> {
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = self.command(&["serve", "--listen", &listen])?;
        let mut process = Group::spawn(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        eventually("the server", STARTS_WITHIN, async || {
            ensure!(!process.has_ended()?, "the server ended at once");
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.ok())
        })
        .await?;
        self.running = Some(process);
        Ok(())
    }

    fn command(&self, args: &[&str]) -> Result<Command> {
        let mut command = Command::new(given("OFFICETRACK_SERVER_BIN")?);
        command.args(args).env("OFFICETRACK_DATA", self.folder.path().join("server.db"));
        Ok(command)
    }

    fn run(&self, args: &[&str]) -> Result<()> {
        let output = self.command(args)?.output().context("the server's program")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "officetrack-server {}: {said}", args.join(" "));
        Ok(())
    }

    fn file(&self, name: &str, text: &str) -> Result<String> {
        let file: PathBuf = self.folder.path().join(name);
        fs::write(&file, text)?;
        Ok(file.to_string_lossy().into_owned())
    }
}
