//! The desk in its window, as one story uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tempfile::TempDir;

use super::{Element, Group, Session, eventually, free_port, given};

/// The driver starts in a fraction of this; the rest is for a busy machine.
const DRIVER_STARTS_WITHIN: Duration = Duration::from_secs(30);

/// With the demo company set up first, on a busy machine without a graphics card.
const DESK_OPENS_WITHIN: Duration = Duration::from_secs(90);

const NATIVE_DRIVER: &str = "/usr/bin/WebKitWebDriver";

/// How to open the desk.
#[derive(Clone, Default)]
pub struct Launch {
    args: Vec<String>,
    env: Vec<(String, String)>,
    home: Option<PathBuf>,
}

impl Launch {
    /// Opens the desk on the embedded demo company.
    pub fn demo() -> Self {
        Self::default().arg("--demo")
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Keeps the user's files in this folder instead of a temporary one, so that a second window finds what the first left.
    #[must_use]
    pub fn home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }
}

/// An open window; closing or dropping it ends the desk, its driver and everything they started.
pub struct Window {
    session: Session,
    pictures: PathBuf,
    // Ended before the folder it works in is removed.
    _driver: Group,
    _home: Option<TempDir>,
}

impl Window {
    /// Starts a driver on free ports and opens the desk, with a home folder of its own.
    ///
    /// # Errors
    /// When a program is missing or the window does not open.
    pub async fn open(launch: &Launch) -> Result<Self> {
        let desk = given("OFFICETRACK_DESK_BIN")?;
        let pictures = given("OFFICETRACK_E2E_OUT")?;
        fs::create_dir_all(&pictures)?;
        let temporary = if launch.home.is_some() { None } else { Some(tempfile::tempdir()?) };
        let home = launch.home.clone().or_else(|| temporary.as_ref().map(|dir| dir.path().to_path_buf()));
        let home = home.context("a home folder was given or made")?;
        let port = free_port()?;
        let mut driver = Group::spawn(&mut driver_command(launch, &home, port, &pictures)?)?;
        eventually("the WebDriver", DRIVER_STARTS_WITHIN, async || {
            anyhow::ensure!(
                !driver.has_ended()?,
                "tauri-driver ended at once: see driver.log in {}",
                pictures.display()
            );
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok())
        })
        .await?;
        let options = json!({ "tauri:options": { "application": desk, "args": launch.args } });
        // The proxy listens before the driver behind it does.
        let session = eventually("the desk's window", DESK_OPENS_WITHIN, async || {
            match Session::open(&format!("http://127.0.0.1:{port}"), options.clone()).await {
                Ok(session) => Ok(Some(session)),
                Err(error) if is_early(&error) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await?;
        Ok(Self { session, pictures, _driver: driver, _home: temporary })
    }

    /// The conversation with the page, for what this type has no word for.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Waits until the page's title contains `text`.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn wait_title(&self, text: &str, within: Duration) -> Result<String> {
        eventually(&format!("a title with {text:?}"), within, async || {
            Ok(Some(self.session.title().await?).filter(|title| title.contains(text)))
        })
        .await
    }

    /// Waits for the first element a CSS selector finds.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn wait_for(&self, css: &str, within: Duration) -> Result<Element> {
        eventually(css, within, async || Ok(self.session.all(css).await?.into_iter().next())).await
    }

    /// Waits until no element is found by a CSS selector.
    ///
    /// # Errors
    /// When there still is one after the time.
    pub async fn wait_gone(&self, css: &str, within: Duration) -> Result<()> {
        let what = format!("{css} to go");
        eventually(&what, within, async || Ok(self.session.all(css).await?.is_empty().then_some(()))).await
    }

    /// Waits until the text of some element found by a CSS selector contains `text`; returns the whole text.
    ///
    /// # Errors
    /// When none does in time.
    pub async fn wait_text(&self, css: &str, text: &str, within: Duration) -> Result<String> {
        eventually(&format!("{text:?} in {css}"), within, async || {
            Ok(self.texts(css).await?.into_iter().find(|seen| seen.contains(text)))
        })
        .await
    }

    /// The texts of all elements found by a CSS selector, read at one moment.
    ///
    /// # Errors
    /// When the selector is wrong or the window is gone.
    pub async fn texts(&self, css: &str) -> Result<Vec<String>> {
        let read = "return Array.from(document.querySelectorAll(arguments[0]), found => found.innerText)";
        Ok(serde_json::from_value(self.session.script(read, json!([css])).await?)?)
    }

    /// Waits for an element and clicks it; tries again while something covers it.
    ///
    /// # Errors
    /// When it is not there, or not free, in time.
    pub async fn click(&self, css: &str, within: Duration) -> Result<()> {
        eventually(&format!("a click on {css}"), within, async || {
            let Some(element) = self.session.all(css).await?.into_iter().next() else { return Ok(None) };
            Ok(self.session.click(&element).await.ok())
        })
        .await
    }

    /// Waits for an input and replaces what is in it; tries again while another one takes its place.
    ///
    /// # Errors
    /// When it is not there in time or takes no keys.
    pub async fn fill(&self, css: &str, text: &str, within: Duration) -> Result<()> {
        eventually(&format!("{text:?} in {css}"), within, async || {
            let Some(input) = self.session.all(css).await?.into_iter().next() else { return Ok(None) };
            let filled = async {
                self.session.clear(&input).await?;
                self.session.type_text(&input, text).await
            };
            match filled.await {
                Ok(()) => Ok(Some(())),
                Err(error) if is_passing(&error) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Waits for a check box and sees that it is checked.
    ///
    /// # Errors
    /// When it is not there in time, or does not take the click.
    pub async fn check(&self, css: &str, within: Duration) -> Result<()> {
        let box_there = self.wait_for(css, within).await?;
        let is_checked =
            self.session.script("return document.querySelector(arguments[0]).checked", json!([css]));
        if is_checked.await? == json!(true) { Ok(()) } else { self.session.click(&box_there).await }
    }

    /// Saves what the window shows as `NAME.png` and returns the file.
    ///
    /// # Errors
    /// When the window is gone or the file cannot be written.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let file = self.pictures.join(format!("{name}.png"));
        fs::write(&file, self.session.screenshot().await?)?;
        Ok(file)
    }

    /// Closes the window and ends the desk.
    ///
    /// # Errors
    /// When the driver is gone already.
    pub async fn close(self) -> Result<()> {
        self.session.close().await
    }
}

/// The page is changing: another element takes its place, or it can't be used yet.
fn is_passing(error: &anyhow::Error) -> bool {
    let text = error.to_string();
    ["stale element reference", "element not interactable", "no such element"]
        .iter()
        .any(|passing| text.starts_with(passing))
}

fn driver_command(launch: &Launch, home: &Path, port: u16, pictures: &Path) -> Result<Command> {
    let mut command = Command::new(given("OFFICETRACK_TAURI_DRIVER")?);
    let log = fs::OpenOptions::new().create(true).append(true).open(pictures.join("driver.log"))?;
    command.args(["--port", &port.to_string(), "--native-port", &free_port()?.to_string()]);
    command.args(["--native-driver", NATIVE_DRIVER]);
    // The desk inherits all this from the driver.
    command.env("HOME", home);
    for (name, folder) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
    ] {
        command.env(name, home.join(folder));
    }
    command.envs(launch.env.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(command)
}

/// The driver's proxy is up, but the native driver behind it is not yet: the proxy drops the connection.
fn is_early(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<reqwest::Error>().is_some_and(|cause| !cause.is_timeout()))
}
