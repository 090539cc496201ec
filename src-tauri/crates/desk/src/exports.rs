//! Files for people: the queue as JSON, fences as crate `geofile` writes them. None is ever overwritten, and retention takes the old
//! ones away.
//!
//! The shape of an exported queue (`officetrack-desk queue 1`):
//!
//! ```json
//! {"format": "officetrack-desk queue 1", "exported_at": "2026-11-23T10:00:00Z", "company": "Riviera", "user": "dispatcher",
//!  "device": "0193…", "commands": [
//!     {"n": 7, "id": "0193…", "made_at": "2026-11-23T09:58:12Z", "kind": "task_assign", "state": {"state": "conflict"},
//!      "asks": {"type": "task_assign", "args": {"task": "0193…", "resource": "0193…"}},
//!      "server_has": {"title": "Lift stuck", "…": "…"}}],
//!  "unreadable": [{"n": 8, "text": "{\"command\":…"}], "lost": 0}
//! ```
//!
//! `asks` is the command as it would be sent, `server_has` the row that came with a conflict, `lost` the number of commands of
//! which nothing could be read. There is no token and no key in it, but what people typed is: it is theirs to look after.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::{CommandId, DeviceId};
use protocol::durable::{CommandState, NeedsUser, QueuedCommand};
use protocol::view::{DeskError, DeskErrorCode, DeskResponse, FenceFormat, QueuedState};
use protocol::wire::CommandBody;
use serde::Serialize;
use serde_json::value::RawValue;
use store::UnreadableCommand;

use crate::DeskConfig;
use crate::files::Identity;
use crate::session::queued_view;

const FORMAT: &str = "officetrack-desk queue 1";
/// A kind of exported files: how their names begin and end.
type Kind = (&'static str, &'static str);
const QUEUE: Kind = ("queue-", ".json");
const FENCES: [Kind; 3] = [("fences-", ".geojson"), ("fences-", ".kml"), ("fences-", ".wkt")];
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// Length of a stamp.
const STAMP_CHARS: usize = 16;
/// Files of the same second.
const MOST_IN_A_SECOND: u32 = 1_000;

/// What is written of a queue.
pub struct QueueExport<'a> {
    /// Whose.
    pub identity: &'a Identity,
    /// Of which desk, if that is known.
    pub device: Option<DeviceId>,
    /// The commands.
    pub commands: &'a [QueuedCommand],
    /// Commands of which there is only text.
    pub unreadable: &'a [UnreadableCommand],
    /// Commands of which there is nothing.
    pub lost: u32,
}

/// Writes a queue to a new file.
///
/// # Errors
/// [`DeskErrorCode::Storage`] when there is no folder for it or it can't be written.
pub fn save_queue(
    config: &DeskConfig,
    export: &QueueExport<'_>,
    now: DateTime<Utc>,
) -> Result<DeskResponse, DeskError> {
    let text = export.text(now).map_err(io::Error::from);
    saved(config, text.and_then(|text| save(config, QUEUE, now, text.as_bytes())))
}

/// Writes fences to a new file.
///
/// # Errors
/// [`DeskErrorCode::Storage`] when there is no folder for it or it can't be written.
pub fn save_fences(
    config: &DeskConfig,
    format: FenceFormat,
    text: &str,
    now: DateTime<Utc>,
) -> Result<DeskResponse, DeskError> {
    let [geojson, kml, wkt] = FENCES;
    let kind = match format {
        FenceFormat::Geojson => geojson,
        FenceFormat::Kml => kml,
        FenceFormat::Wkt => wkt,
    };
    saved(config, save(config, kind, now, text.as_bytes()))
}

fn saved(config: &DeskConfig, saved: io::Result<PathBuf>) -> Result<DeskResponse, DeskError> {
    let path = saved.map_err(|error| {
        tracing::error!(%error, has_folder = config.exports().is_some(), "nothing was exported");
        DeskError::from(DeskErrorCode::Storage)
    })?;
    Ok(DeskResponse::Saved { path: path.display().to_string() })
}

/// Deletes exported files from before `limit`; answers how many.
pub fn delete_older(config: &DeskConfig, limit: DateTime<Utc>) -> usize {
    let entries = config.exports().and_then(|dir| fs::read_dir(dir).ok()).into_iter().flatten().flatten();
    let old = entries.map(|entry| entry.path()).filter(|path| made_at(path).is_some_and(|at| at < limit));
    let delete = |path: &PathBuf| {
        let deleted = fs::remove_file(path);
        deleted.inspect_err(|error| tracing::error!(%error, "an old export stays")).is_ok()
    };
    old.filter(delete).count()
}

impl QueueExport<'_> {
    fn text(&self, now: DateTime<Utc>) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&QueueFile {
            format: FORMAT,
            exported_at: now,
            company: &self.identity.company,
            user: &self.identity.user,
            device: self.device,
            commands: self.commands.iter().map(CommandEntry::of).collect(),
            unreadable: self
                .unreadable
                .iter()
                .map(|lost| UnreadableEntry { n: lost.n, text: &lost.data })
                .collect(),
            lost: self.lost,
        })
    }
}

#[derive(Serialize)]
struct QueueFile<'a> {
    format: &'static str,
    exported_at: DateTime<Utc>,
    company: &'a str,
    user: &'a str,
    device: Option<DeviceId>,
    commands: Vec<CommandEntry<'a>>,
    unreadable: Vec<UnreadableEntry<'a>>,
    lost: u32,
}

#[derive(Serialize)]
struct CommandEntry<'a> {
    n: u64,
    id: CommandId,
    made_at: DateTime<Utc>,
    kind: String,
    state: QueuedState,
    asks: &'a CommandBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_has: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct UnreadableEntry<'a> {
    n: u64,
    text: &'a str,
}

impl<'a> CommandEntry<'a> {
    fn of(queued: &'a QueuedCommand) -> Self {
        let view = queued_view(queued);
        let told = match &queued.state {
            CommandState::NeedsUser { why: NeedsUser::Conflict { current } } => current.as_deref(),
            CommandState::NeedsUser { .. }
            | CommandState::Queued
            | CommandState::InFlight
            | CommandState::Acked { .. }
            | CommandState::Failed { .. } => None,
        };
        Self {
            n: view.n,
            id: queued.command.id,
            made_at: view.at,
            kind: view.kind,
            state: view.state,
            asks: &queued.command.body,
            server_has: told.and_then(|item| item.data.as_deref()),
        }
    }
}

/// Writes a file that was not there before; answers its path.
fn save(
    config: &DeskConfig,
    (prefix, ending): Kind,
    now: DateTime<Utc>,
    bytes: &[u8],
) -> io::Result<PathBuf> {
    let dir = config.exports().ok_or(ErrorKind::NotFound)?;
    fs::create_dir_all(&dir)?;
    let stamp = now.format(STAMP);
    let names = (2..MOST_IN_A_SECOND).map(|count| format!("{prefix}{stamp}-{count}{ending}"));
    for name in std::iter::once(format!("{prefix}{stamp}{ending}")).chain(names) {
        let path = dir.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// When an export was made, by its name; `None` for files that are none.
fn made_at(path: &Path) -> Option<DateTime<Utc>> {
    let name = path.file_name()?.to_str()?;
    let kinds = std::iter::once(QUEUE).chain(FENCES);
    let middles = kinds.filter_map(|(prefix, ending)| name.strip_prefix(prefix)?.strip_suffix(ending));
    let stamp = middles.into_iter().find_map(|middle| middle.get(..STAMP_CHARS))?;
    NaiveDateTime::parse_from_str(stamp, STAMP).ok().map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().expect("time")
    }

    #[test]
    fn nothing_is_overwritten_and_only_old_exports_go() {
        let dir = tempfile::tempdir().expect("a folder");
        let config = DeskConfig {
            data_dir: None,
            exports_dir: Some(dir.path().to_owned()),
            region_roots: Vec::new(),
            keys: crate::KeyPolicy::MemoryOnly,
        };
        let first = save(&config, QUEUE, now(), b"one").expect("written");
        let second = save(&config, QUEUE, now(), b"two").expect("written");
        let fences = save_fences(&config, FenceFormat::Kml, "<kml/>", now()).expect("written");
        let DeskResponse::Saved { path: fences } = fences else { panic!("a path: {fences:?}") };
        assert_eq!(fs::read(&first).expect("there"), b"one", "the second export took another name");
        let later = save(&config, QUEUE, now() + TimeDelta::days(80), b"three").expect("written");
        let own = dir.path().join("queue-for-the-printer.json");
        fs::write(&own, "mine").expect("written");
        assert_eq!(delete_older(&config, now() + TimeDelta::days(1)), 3, "all of the first day");
        assert!(!Path::new(&fences).exists(), "fences as well");
        assert!(!first.exists() && !second.exists() && later.exists(), "and no other");
        assert!(own.exists(), "a file that somebody else put there is not ours to delete");
    }
}
