//! Saving what can be saved of a damaged outbox.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::DeviceId;
use protocol::durable::{CommandState, NeedsUser, QueuedCommand};
use serde::Serialize;

use super::{LAYOUT, Outbox, UnreadableCommand, commands, device};
use crate::database;
use crate::{Key, StoreError};

/// What could be read of a damaged outbox.
#[derive(Debug, Clone)]
pub struct Salvage {
    /// Who the desk was, if that could be read.
    pub device: Option<DeviceId>,
    /// Commands in order of their numbers. Those on damaged pages are lost; nobody knows how many these are.
    pub commands: Vec<QueuedCommand>,
    /// Commands of which there is only text.
    pub unreadable: Vec<UnreadableCommand>,
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
        let conn = database::open_damaged(&LAYOUT, dir, key)?;
        let device = device::get(&conn).ok().map(|device| device.id);
        let (commands, unreadable) = commands::all_readable(&conn);
        Ok(Salvage { device, commands, unreadable })
    }

    /// Sets the damaged `outbox.db` aside (it is kept, for ever) and goes on with a new one that holds the salvaged commands. The
    /// desk is a new device now, and the server can't tell which of the commands it has done already: all that were on their way
    /// are for the user to review. Answers the outbox and the damaged file's new name.
    ///
    /// # Errors
    /// When files can't be moved or written. Then the salvage is still in the caller's hands.
    pub fn restore(
        dir: &Path,
        key: &Key,
        salvage: &Salvage,
        now: DateTime<Utc>,
    ) -> Result<(Outbox, PathBuf), StoreError> {
        let aside = database::set_aside(&dir.join(LAYOUT.file), now)?;
        let mut outbox = Outbox::open(dir, key)?;
        let tx = outbox.begin()?;
        for queued in &salvage.commands {
            let mut queued = queued.clone();
            if queued.state.is_pending() {
                queued.state = CommandState::NeedsUser { why: NeedsUser::Fenced };
            }
            commands::insert(&tx, &queued)?;
            device::skip_to(&tx, queued.command.n)?;
        }
        tx.commit()?;
        Ok((outbox, aside))
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
