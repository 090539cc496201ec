//! The mark: a small file beside the outbox that tells how far it has come.
//!
//! SQLite takes damage at the end of a write-ahead log for a crash and goes on without what comes after it: commands that people were
//! told are kept would be gone, and nobody would know. So each transaction counts itself, and once it is durable the count is noted
//! here. An outbox that has counted less than its mark has lost something.
//!
//! The mark may lag behind (a crash between the two), and one that is missing or garbled says nothing.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::database::{MARK, Medium, beside};
use crate::{Key, StoreError};

const NUMBERS: usize = 3 * 8;
const SEAL: usize = 32;

/// How far an outbox has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Transactions so far.
    pub changes: u64,
    /// The number of the next command.
    pub next_n: u64,
    /// Commands in the queue.
    pub waiting: u64,
}

/// Where the progress of an open outbox is noted.
#[derive(Debug)]
pub(super) struct Mark {
    file: File,
    key: Key,
}

impl Mark {
    /// What is noted of the outbox `file`, if that can be read.
    pub fn read(file: &Path, key: &Key) -> Option<Progress> {
        let bytes = std::fs::read(beside(file, MARK)).ok()?;
        let (numbers, seal) = bytes.split_at_checked(NUMBERS)?;
        if !key.fits_seal(numbers, seal.try_into().ok()?) {
            return None;
        }
        let number = |at: usize| Some(u64::from_be_bytes(*numbers.get(at * 8..)?.first_chunk()?));
        Some(Progress { changes: number(0)?, next_n: number(1)?, waiting: number(2)? })
    }

    /// Opens the mark of an outbox; one in memory has none.
    pub fn open(file: Option<&Path>, medium: &Medium<'_>) -> Result<Option<Self>, StoreError> {
        let (Some(file), Medium::Sealed { key, .. }) = (file, medium) else { return Ok(None) };
        let path = beside(file, MARK);
        match OpenOptions::new().write(true).create(true).truncate(false).open(&path) {
            Ok(file) => Ok(Some(Mark { file, key: (*key).clone() })),
            Err(source) => Err(StoreError::File { file: path, source }),
        }
    }

    /// Notes what is durable already. In place and without waiting for the disk: after a power cut an older mark is as good.
    pub fn note(&mut self, progress: Progress) {
        let mut bytes = Vec::with_capacity(NUMBERS + SEAL);
        for number in [progress.changes, progress.next_n, progress.waiting] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.key.seal(&bytes));
        // The transaction stands whatever becomes of its mark.
        let _ = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(&bytes));
    }
}
