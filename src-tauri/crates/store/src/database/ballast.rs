//! The ballast: a file beside the databases that holds room for the hour when the disk is full.
//!
//! While it lies there, everything may be written. When the disk is full, it is given up for what must be written all the same: what
//! the server has said of commands on their way, and the incident that tells of it. New commands and rows are refused until the disk
//! has room for the ballast again, so that they don't take that room.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::empty_log;
use crate::StoreError;

/// Room for emptying the outbox's log once ([`Layout::log_pages`](super::Layout)), so that it can begin again at its start, for the
/// index of two logs, and for an incident.
const BYTES: usize = 512 * 1024;

/// The ballast of a folder.
#[derive(Debug, Clone)]
pub(crate) struct Ballast {
    /// `None`: in memory there is nothing to hold.
    path: Option<PathBuf>,
}

impl Ballast {
    pub fn in_dir(dir: Option<&Path>) -> Self {
        Ballast { path: dir.map(|dir| dir.join("ballast")) }
    }

    /// Makes it, if it is not there.
    ///
    /// # Errors
    /// The disk is full ([`StoreError::is_full`]), or the file can't be written for another reason.
    pub fn keep(&self) -> Result<(), StoreError> {
        let Some(path) = &self.path else { return Ok(()) };
        if std::fs::metadata(path).is_ok_and(|file| file.len() == BYTES as u64) {
            return Ok(());
        }
        // Written, not only sized: a sparse file holds no room.
        let made = File::create(path).and_then(|mut file| {
            file.write_all(&[0x5A; BYTES])?;
            file.sync_all()
        });
        made.map_err(|source| {
            let _ = std::fs::remove_file(path); // half a ballast is only in the way
            let failed = StoreError::File { file: path.clone(), source };
            if failed.is_full() { StoreError::full("no room for the ballast") } else { failed }
        })
    }

    /// Gives it up; answers whether that made room.
    pub fn give_up(&self) -> bool {
        self.path.as_ref().is_some_and(|path| std::fs::remove_file(path).is_ok())
    }

    /// Makes it, if need be by emptying the log of the database that is to be written, which has to be a short one.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn keep_beside(&self, conn: &Connection) -> Result<(), StoreError> {
        match self.keep() {
            Err(error) if error.is_full() && empty_log(conn).is_ok() => self.keep(),
            kept => kept,
        }
    }

    /// Makes what room there is on a full disk for what must be written to a database with a short log; answers whether to try again.
    pub fn make_room(&self, conn: &Connection, error: &StoreError) -> bool {
        error.is_full() && (self.give_up() | empty_log(conn).is_ok())
    }
}
