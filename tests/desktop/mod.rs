//! The desk as a dispatcher meets it: the real window driven by WebDriver, and the notifications the desktop shows.
//!
//! Works inside a session bus with a screen; `cargo xtask test` makes both.

mod bus;
mod keyring;
mod notifications;
mod server;
mod webdriver;
mod window;

pub use bus::Bus;
pub use keyring::Keyring;
pub use notifications::{Notification, Notifications};
pub use server::{COMPANY, PASSWORD, Server};
pub use webdriver::{Element, Session};
pub use window::{Launch, Window};

use std::env;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};

const POLL: Duration = Duration::from_millis(100);

/// Asks until there is an answer: `Some` ends the wait, `None` asks again.
///
/// # Errors
/// After `within`, an error that names `what` was awaited; an error of `probe` at once.
pub async fn eventually<T>(
    what: &str,
    within: Duration,
    mut probe: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let asking = async {
        loop {
            if let Some(answer) = probe().await? {
                return Ok(answer);
            }
            tokio::time::sleep(POLL).await;
        }
    };
    match tokio::time::timeout(within, asking).await {
        Ok(answer) => answer,
        Err(_) => bail!("waited {within:?} in vain for {what}"),
    }
}

/// A path `cargo xtask test` passes on.
fn given(variable: &str) -> Result<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .with_context(|| format!("{variable} is not set: run `cargo xtask test`"))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Whether somebody owns a name on the session bus.
fn on_bus(name: &str) -> Result<bool> {
    let ask = [
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.DBus",
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus.NameHasOwner",
    ];
    let output = Command::new("dbus-send").args(ask).arg(format!("string:{name}")).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).contains("boolean true"))
}

/// A child process that is ended, with all it started, when the story ends, however it ends.
struct Group(Child);

impl Group {
    fn spawn(command: &mut Command) -> Result<Self> {
        use std::os::unix::process::CommandExt;
        let child = command.process_group(0).spawn();
        child.map(Self).with_context(|| format!("starting {}", command.get_program().to_string_lossy()))
    }

    fn has_ended(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // What has ended by itself need not be ended: failures here are of no interest.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).output();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_with_the_answer_or_with_what_was_awaited() {
        let mut asked = 0;
        let answer = eventually("three", Duration::from_secs(5), async || {
            asked += 1;
            Ok((asked == 3).then_some("here"))
        });
        assert_eq!(
            answer.await.expect("it comes at the third time"),
            "here",
            "asked until there is an answer"
        );
        let in_vain = eventually("rain", Duration::from_millis(50), async || Ok(None::<()>)).await;
        let message = in_vain.expect_err("it never comes").to_string();
        assert!(message.contains("rain"), "the message says what was awaited: {message}");
    }
}
