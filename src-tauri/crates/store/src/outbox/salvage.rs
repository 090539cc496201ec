//! Saving what can be saved of a damaged outbox.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::DeviceId;
use protocol::durable::{CommandState, NeedsUser, QueuedCommand};
use rusqlite::Connection;
use serde::Serialize;

use super::{LAYOUT, Outbox, UnreadableCommand, commands, device};
use crate::database::{self, Medium};
use crate::{Key, StoreError};

/// What could be read of a damaged outbox.
#[derive(Debug, Clone)]
pub struct Salvage {
    /// Who the desk was, if that could be read.
    pub device: Option<DeviceId>,
    /// Commands in order of their numbers.
    pub commands: Vec<QueuedCommand>,
    /// Commands of which there is only text.
    pub unreadable: Vec<UnreadableCommand>,
    /// Commands of which nothing could be read; `None` when that many are not even known.
    pub lost: Option<usize>,
}

impl Salvage {
    /// Everything as JSON text, as [`Outbox::export`].
    ///
    /// # Errors
    /// [`StoreError::Encoding`], which no command that was ever read can cause.
    pub fn export(&self) -> Result<String, StoreError> {
        export(self.device, &self.commands, &self.unreadable)
    }
}

impl Outbox {
    /// Reads what can be read of a damaged `outbox.db` in `dir`. The file stays.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], and when the file can't be opened at all. Damage is no error: it makes the answer shorter.
    pub fn salvage(dir: &Path, key: &Key) -> Result<Salvage, StoreError> {
        // SQLCipher refuses everything after the first damaged page it meets: each attempt needs its own connection.
        let fresh = || database::open_damaged(&LAYOUT, dir, key);
        let device = device::get(&fresh()?).ok().map(|device| device.id);
        let numbers = commands::numbers(&fresh()?);
        let mut found = Found::default();
        found.read(&fresh()?, FORWARD, []);
        found.read(&fresh()?, BACKWARD, []);
        for &n in numbers.iter().flatten() {
            if !found.0.contains_key(&n) {
                found.read(&fresh()?, ONE, [n.cast_signed()]);
            }
        }
        let lost = numbers.ok().map(|numbers| numbers.iter().filter(|n| !found.0.contains_key(n)).count());
        let (commands, unreadable) = found.sorted();
        Ok(Salvage { device, commands, unreadable, lost })
    }

    /// Sets the damaged `outbox.db` aside and goes on with a new one that holds the salvaged commands; a crash on the way leaves
    /// the one or the other. The desk is a new device now, and the server can't tell which of the commands it has done already:
    /// all that were on their way are for the user to review. Answers the outbox and the damaged file's new name.
    ///
    /// # Errors
    /// When files can't be moved or written. Then the salvage is still in the caller's hands.
    pub fn restore(
        dir: &Path,
        key: &Key,
        salvage: &Salvage,
        now: DateTime<Utc>,
    ) -> Result<(Outbox, PathBuf), StoreError> {
        prepare_restore(dir, key, salvage)?;
        let aside = database::set_aside(&dir.join(LAYOUT.file), now)?;
        Ok((Outbox::open(dir, key)?, aside))
    }
}

/// Makes the new outbox in a folder of its own.
pub(crate) fn prepare_restore(dir: &Path, key: &Key, salvage: &Salvage) -> Result<(), StoreError> {
    let fresh = dir.join(FRESH);
    match std::fs::remove_dir_all(&fresh) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            return Err(StoreError::File { file: fresh, source });
        }
        Ok(()) | Err(_) => {} // at most a leftover: the damaged outbox is still in its place
    }
    let mut outbox = Outbox::open_on(&Medium::Sealed { dir: &fresh, key })?;
    let tx = outbox.begin()?;
    for queued in &salvage.commands {
        let mut queued = queued.clone();
        if queued.state.is_pending() {
            queued.state = CommandState::NeedsUser { why: NeedsUser::Fenced };
        }
        commands::insert(&tx, &queued)?;
        device::skip_to(&tx, queued.command.n)?;
    }
    for lost in &salvage.unreadable {
        device::skip_to(&tx, lost.n)?;
    }
    tx.commit()?;
    database::empty_log(&outbox.conn)
}

/// Moves the new outbox to its place as soon as that is free.
pub(super) fn finish_restore(dir: &Path) -> Result<(), StoreError> {
    let (file, fresh) = (dir.join(LAYOUT.file), dir.join(FRESH).join(LAYOUT.file));
    if file.exists() || !fresh.exists() {
        return Ok(());
    }
    // The key check stays behind: the first opening writes another one.
    std::fs::rename(&fresh, &file).map_err(|source| StoreError::File { file: fresh, source })?;
    let _ = std::fs::remove_dir_all(dir.join(FRESH)); // a leftover does no harm
    Ok(())
}

/// Folder of an outbox that is being restored.
const FRESH: &str = "outbox.restored";
const FORWARD: &str = "SELECT n, data FROM commands ORDER BY n";
/// From behind the first damaged page.
const BACKWARD: &str = "SELECT n, data FROM commands ORDER BY n DESC";
/// Between damaged pages.
const ONE: &str = "SELECT n, data FROM commands WHERE n = ?1";

#[derive(Default)]
struct Found(BTreeMap<u64, Result<QueuedCommand, UnreadableCommand>>);

impl Found {
    /// As many as come before the first damaged page.
    fn read(&mut self, conn: &Connection, sql: &str, params: impl rusqlite::Params) {
        let Ok(mut select) = conn.prepare(sql) else { return };
        let Ok(mut rows) = select.query(params) else { return };
        while let Ok(Some(row)) = rows.next() {
            let Ok((n, read)) = commands::read(row) else { return };
            self.0.insert(n, read);
        }
    }

    fn sorted(self) -> (Vec<QueuedCommand>, Vec<UnreadableCommand>) {
        let (mut commands, mut unreadable) = (Vec::new(), Vec::new());
        for read in self.0.into_values() {
            match read {
                Ok(queued) => commands.push(queued),
                Err(text) => unreadable.push(text),
            }
        }
        (commands, unreadable)
    }
}

#[derive(Serialize)]
struct Export<'a> {
    device: Option<DeviceId>,
    commands: &'a [QueuedCommand],
    unreadable: Vec<UnreadableExport<'a>>,
}

#[derive(Serialize)]
struct UnreadableExport<'a> {
    n: u64,
    data: &'a str,
}

pub(super) fn export(
    device: Option<DeviceId>,
    commands: &[QueuedCommand],
    unreadable: &[UnreadableCommand],
) -> Result<String, StoreError> {
    let unreadable =
        unreadable.iter().map(|command| UnreadableExport { n: command.n, data: &command.data }).collect();
    Ok(serde_json::to_string_pretty(&Export { device, commands, unreadable })?)
}
