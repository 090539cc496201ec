//! The key check: a small file beside a database that tells whether a key is the database's, without telling the key.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{beside, between};
use crate::{Key, StoreError};

/// What the check of a database says.
pub(super) struct KeyCheck {
    path: PathBuf,
    stored: Option<[u8; 32]>,
}

impl KeyCheck {
    /// Reads the check of the database `file`; one that is missing or garbled says nothing.
    pub fn of(file: &Path) -> Result<Self, StoreError> {
        let path = beside(file, ".check");
        match std::fs::read(&path) {
            Ok(bytes) => Ok(KeyCheck { path, stored: bytes.try_into().ok() }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(KeyCheck { path, stored: None }),
            Err(source) => Err(StoreError::File { file: path, source }),
        }
    }

    /// It is certainly the database's key.
    pub fn proves(&self, key: &Key) -> bool {
        self.stored.is_some_and(|stored| key.fits_check(&stored))
    }

    /// It is certainly not the database's key.
    pub fn refuses(&self, key: &Key) -> bool {
        self.stored.is_some_and(|stored| !key.fits_check(&stored))
    }

    /// Writes the check, if it does not stand there already.
    pub fn write(&self, key: &Key) -> Result<(), StoreError> {
        if self.proves(key) {
            return Ok(());
        }
        replace_file(&self.path, &key.check())
    }
}

/// Writes a file whole or not at all.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let fresh = beside(path, ".new");
    let written = File::create(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        between("a new file not yet in its place");
        std::fs::rename(&fresh, path)
    });
    written.map_err(|source| StoreError::File { file: path.to_owned(), source })
}
