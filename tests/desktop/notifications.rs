//! What the desktop's notification service was asked to show, seen by a real one: a private `dunst`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Group, eventually, on_bus};

/// The name every notification service owns on the session bus.
const BUS_NAME: &str = "org.freedesktop.Notifications";
const STARTS_WITHIN: Duration = Duration::from_secs(15);
/// Whoever owns the name for longer stays.
const SETTLES_WITHIN: Duration = Duration::from_millis(500);

/// One notification as the service understood it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notification {
    /// Who sent it.
    pub application: String,
    /// The heading.
    pub summary: String,
    /// The text below, which may have several lines.
    pub body: String,
    /// `LOW`, `NORMAL` or `CRITICAL`.
    pub urgency: String,
    /// Keys of the actions offered (`default` is a click on the whole).
    pub actions: Vec<String>,
}

/// A notification service of our own on the current session bus.
pub struct Notifications {
    output: PathBuf,
    // Ended before the folder it writes to is removed.
    _daemon: Group,
    _folder: TempDir,
}

impl Notifications {
    /// Starts the service and waits until it answers on the bus.
    ///
    /// # Errors
    /// When `dunst` is missing, or another service owns the bus name.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (config, output) = (folder.path().join("dunstrc"), folder.path().join("seen"));
        // Stays until clicked, so that a story can click; groups nothing, so that each is seen.
        fs::write(
            &config,
            "[global]\nstack_duplicates = false\nindicate_hidden = false\nidle_threshold = 0\n",
        )?;
        let spawn = || {
            let mut command = Command::new("stdbuf");
            command.args(["--output=L", "dunst", "-print", "-config"]).arg(&config);
            command.stdin(Stdio::null()).stdout(File::create(&output)?).stderr(Stdio::null());
            Group::spawn(&mut command)
        };
        let mut daemon = spawn()?;
        eventually(
            "the notification service: is there a screen and a session bus?",
            STARTS_WITHIN,
            async || {
                // A desk that looks for a service makes the bus start one of its own, without a screen: that one owns the name
                // until it has noticed, and ours ends.
                if daemon.has_ended()? {
                    daemon = spawn()?;
                    return Ok(None);
                }
                if !on_bus(BUS_NAME)? {
                    return Ok(None);
                }
                tokio::time::sleep(SETTLES_WITHIN).await;
                Ok((!daemon.has_ended()? && on_bus(BUS_NAME)?).then_some(()))
            },
        )
        .await?;
        Ok(Self { output, _daemon: daemon, _folder: folder })
    }

    /// All notifications so far, oldest first.
    ///
    /// # Errors
    /// When the service's output cannot be read.
    pub fn seen(&self) -> Result<Vec<Notification>> {
        Ok(parse(&fs::read_to_string(&self.output)?))
    }

    /// Waits for a notification that `wanted` accepts.
    ///
    /// # Errors
    /// When none comes in time; the message lists those that came.
    pub async fn wait_for(
        &self,
        within: Duration,
        wanted: impl Fn(&Notification) -> bool,
    ) -> Result<Notification> {
        let found =
            eventually("a notification", within, async || Ok(self.seen()?.into_iter().find(&wanted))).await;
        found.with_context(|| format!("notifications so far: {:?}", self.seen().unwrap_or_default()))
    }

    /// Bubbles on the screen.
    ///
    /// # Errors
    /// When the service does not say.
    pub fn displayed(&self) -> Result<usize> {
        let said = Command::new("dunstctl").args(["count", "displayed"]).output()?;
        ensure!(said.status.success(), "dunstctl ended with {}", said.status);
        String::from_utf8(said.stdout)?.trim().parse().context("a number of bubbles")
    }

    /// Clicks the notification on top.
    ///
    /// # Errors
    /// When the service does not take the click.
    pub fn click_top(&self) -> Result<()> {
        let status = Command::new("dunstctl").args(["action", "0"]).status()?;
        ensure!(status.success(), "dunstctl ended with {status}");
        Ok(())
    }
}

/// Reads what `dunst -print` writes: a block in braces per notification, values in quotes that are not escaped. The last one may be only
/// half written.
fn parse(output: &str) -> Vec<Notification> {
    let mut found = Vec::new();
    let whole = output.rsplit_once("\n}\n").map_or("", |(whole, _)| whole);
    for block in whole.split("\n}\n").filter(|block| block.contains("\tsummary: '")) {
        let text = |name: &str, next: &str| {
            let (_, rest) = block.split_once(&format!("\t{name}: '"))?;
            Some(rest.split_once(&format!("'\n\t{next}:"))?.0.to_owned())
        };
        let urgency = block.lines().find_map(|line| line.strip_prefix("\turgency: "));
        found.push(Notification {
            application: text("appname", "summary").unwrap_or_default(),
            summary: text("summary", "body").unwrap_or_default(),
            body: text("body", "icon").unwrap_or_default(),
            urgency: urgency.unwrap_or_default().to_owned(),
            actions: actions(block),
        });
    }
    found
}

fn actions(block: &str) -> Vec<String> {
    let Some((_, list)) = block.split_once("\tactions: {\n") else { return Vec::new() };
    let lines = list.lines().take_while(|line| line.trim() != "}");
    lines.filter_map(|line| Some(line.trim().strip_prefix('"')?.split_once('"')?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "{\n\tappname: 'OfficeTrack Desk'\n\tsummary: 'Fence entered'\n\tbody: 'it's R-17\nat noon'\n\
        \ticon: 'dialog-information'\n\turgency: NORMAL\n\tformatted: '<b>Fence entered</b>\nit's R-17'\n\tactions: {\n\
        \t\t\"default\": \"Open\"\n\t}\n\tscript_count: 0\n}\n{\n\tappname: 'x'\n\tsummary: 'y'\n\tbody: ''\n\ticon: ''\n\
        \turgency: CRITICAL\n\tactions: {}\n\tscript_count: 0\n}\n";

    #[test]
    fn quotes_and_lines_in_a_notification_survive() {
        let seen = parse(OUTPUT);
        assert_eq!(seen.len(), 2, "two blocks, two notifications: {seen:?}");
        assert_eq!(seen[0].body, "it's R-17\nat noon", "the service does not escape what it prints");
        assert_eq!(seen[0].actions, ["default"], "a click on it does something");
        let half = &OUTPUT[..OUTPUT.len() - 20];
        assert_eq!(parse(half), seen[..1], "what is not written to its end comes later");
        assert_eq!(
            (seen[1].urgency.as_str(), seen[1].actions.len()),
            ("CRITICAL", 0),
            "the second one's own values"
        );
    }
}
