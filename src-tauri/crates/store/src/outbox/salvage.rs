//! Saving what can be saved of a damaged outbox.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::DeviceId;
use protocol::durable::{CommandState, NeedsUser, QueuedCommand};
use rusqlite::Connection;
use serde::Serialize;

use super::device::Device;
use super::mark::{Mark, Progress};
use super::{LAYOUT, Outbox, UnreadableCommand, commands, device};
use crate::database::{self, MARK, Medium, beside, between};
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
    /// Commands of which nothing could be read, at most; `None` when not even that is known.
    pub lost: Option<usize>,
    /// Numbers go on here: none is given twice.
    next_n: u64,
}

/// What became of a damaged outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// Commands that are in the new outbox.
    pub kept: usize,
    /// Commands that are not, at most; `None` when that is not known.
    pub lost: Option<usize>,
    /// Where the damaged file is; `None` when the outbox was sound and nothing was done.
    pub aside: Option<PathBuf>,
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
        let (file, mut found) = (dir.join(LAYOUT.file), Found::default());
        let marked = Mark::read(&file, key);
        if !file.exists() {
            return Ok(found.into_salvage(None, None, marked));
        }
        let device = device::get(&fresh()?).ok();
        let numbers = commands::numbers(&fresh()?);
        found.read(&fresh()?, FORWARD, []);
        found.read(&fresh()?, BACKWARD, []);
        for &n in numbers.iter().flatten() {
            if !found.0.contains_key(&n) {
                found.read(&fresh()?, ONE, [n.cast_signed()]);
            }
        }
        Ok(found.into_salvage(device, numbers.ok(), marked))
    }

    /// Looks at `outbox.db` in `dir`; when it is damaged or gone, saves what can be saved and goes on with that: the next
    /// [`open`](Self::open) finds a sound outbox. No outbox may be open there.
    ///
    /// # Errors
    /// As [`open`](Self::open), but for damage, and as [`restore`](Self::restore).
    pub fn rescue(dir: &Path, key: &Key, now: DateTime<Utc>) -> Result<Rescued, StoreError> {
        match Outbox::open(dir, key) {
            Ok(sound) => {
                let (commands, unreadable) = commands::all(&sound.conn)?;
                return Ok(Rescued { kept: commands.len() + unreadable.len(), lost: Some(0), aside: None });
            }
            Err(StoreError::Corrupt { .. }) => {}
            Err(other) => return Err(other),
        }
        let salvage = Outbox::salvage(dir, key)?;
        let kept = salvage.commands.len() + salvage.unreadable.len();
        let (_, aside) = Outbox::restore(dir, key, &salvage, now)?;
        Ok(Rescued { kept, lost: salvage.lost, aside: Some(aside) })
    }

    /// Sets the damaged `outbox.db` aside and goes on with a new one that holds the salvaged commands; a crash on the way leaves
    /// the one or the other. The desk is a new device now, and the server can't tell which of the commands it has done already:
    /// all that were on their way are for the user to review, but for those that the server is known to have done. Answers the
    /// outbox and the damaged file's new name.
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
        between("the damaged outbox set aside");
        Ok((Outbox::open(dir, key)?, aside))
    }
}

/// Makes the new outbox in a folder of its own, which gets its name when all is in it.
pub(crate) fn prepare_restore(dir: &Path, key: &Key, salvage: &Salvage) -> Result<(), StoreError> {
    forget_restored(dir)?; // at most a leftover: the damaged outbox is still in its place
    let (half, fresh) = (dir.join(HALF), dir.join(FRESH));
    let mut outbox = Outbox::open_on(&Medium::Sealed { dir: &half, key })?;
    outbox.write(|tx| {
        for queued in &salvage.commands {
            commands::insert(tx, &for_review(queued))?;
        }
        for text in &salvage.unreadable {
            commands::insert_text(tx, (text.n, text.id), &text.data)?;
        }
        device::skip_to(tx, salvage.next_n)
    })?;
    database::empty_log(&outbox.conn)?;
    drop(outbox);
    between("a new outbox not yet named");
    std::fs::rename(&half, &fresh).map_err(|source| StoreError::File { file: half, source })
}

/// What may have reached the server under the old device would be done twice under the new one: the user decides.
fn for_review(queued: &QueuedCommand) -> QueuedCommand {
    let mut queued = queued.clone();
    match queued.state {
        CommandState::Queued | CommandState::InFlight => {
            queued.state = CommandState::NeedsUser { why: NeedsUser::Fenced };
        }
        CommandState::Acked { .. } | CommandState::NeedsUser { .. } | CommandState::Failed { .. } => {}
    }
    queued
}

/// Moves the new outbox to its place as soon as that is free.
pub(super) fn finish_restore(dir: &Path) -> Result<(), StoreError> {
    let (file, fresh) = (dir.join(LAYOUT.file), dir.join(FRESH).join(LAYOUT.file));
    if file.exists() || !fresh.exists() {
        return Ok(());
    }
    let renamed = |from: &Path, to: &Path| match std::fs::rename(from, to) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(StoreError::File { file: from.to_owned(), source })
        }
        Ok(()) | Err(_) => Ok(()),
    };
    // Its mark comes first: the damaged one's, if it is still there, would have it look damaged, too.
    renamed(&beside(&fresh, MARK), &beside(&file, MARK))?;
    between("a new outbox's mark in its place");
    renamed(&fresh, &file)?;
    between("a new outbox in its place");
    // The key check stays behind: the first opening writes another one.
    let _ = std::fs::remove_dir_all(dir.join(FRESH)); // a leftover does no harm
    Ok(())
}

/// Deletes new outboxes that never got to their place.
pub(super) fn forget_restored(dir: &Path) -> Result<(), StoreError> {
    for folder in [dir.join(HALF), dir.join(FRESH)] {
        match std::fs::remove_dir_all(&folder) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(StoreError::File { file: folder, source });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Folder of a new outbox with all that was saved.
const FRESH: &str = "outbox.restored";
/// Folder of one that is being written.
const HALF: &str = "outbox.restoring";
const FORWARD: &str = "SELECT n, id, data FROM commands ORDER BY n";
/// From behind the first damaged page.
const BACKWARD: &str = "SELECT n, id, data FROM commands ORDER BY n DESC";
/// Between damaged pages.
const ONE: &str = "SELECT n, id, data FROM commands WHERE n = ?1";

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

    /// What is lost is known in two ways: by the numbers in the index of ids, and by the mark, which has seen commands that the
    /// damaged file does not even have numbers of.
    fn into_salvage(
        self,
        device: Option<Device>,
        numbers: Option<Vec<u64>>,
        marked: Option<Progress>,
    ) -> Salvage {
        let stored_next = device.as_ref().map_or(1, |device| device.next_n);
        let past_found = self.0.keys().chain(numbers.iter().flatten()).max().map_or(1, |n| n + 1);
        let unread = numbers.map(|numbers| numbers.iter().filter(|n| !self.0.contains_key(n)).count());
        let unmarked = marked.map(|marked| {
            let found = self.0.len() as u64;
            let never_seen = marked.next_n.saturating_sub(stored_next.max(past_found)).min(marked.waiting);
            marked.waiting.saturating_sub(found).max(never_seen) as usize
        });
        let next_n = stored_next.max(past_found).max(marked.map_or(1, |marked| marked.next_n));
        let (commands, unreadable) = self.sorted();
        let device = device.map(|device| device.id);
        Salvage { device, commands, unreadable, lost: unread.max(unmarked), next_n }
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
