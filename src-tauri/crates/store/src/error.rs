//! Why the store could not do it.

use std::io::ErrorKind;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store could not do it. Nothing of the transaction has happened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file belongs to another key. It is left as it is.
    #[error("{} does not open with this key", file.display())]
    WrongKey {
        /// The database.
        file: PathBuf,
    },
    /// The key is the right one, but the file is damaged. It is left as it is.
    #[error("{} is damaged", file.display())]
    Corrupt {
        /// The database.
        file: PathBuf,
    },
    /// A newer version of the app has written the file. It is left as it is.
    #[error("{} has schema {found}; this version of the app knows {known}", file.display())]
    NewerSchema {
        /// The database.
        file: PathBuf,
        /// The file's schema.
        found: u32,
        /// The newest schema of this build.
        known: u32,
    },
    /// It may work later; no reason to touch the file.
    #[error("the database can't be used right now ({why}): {source}")]
    Unavailable {
        /// What is in the way.
        why: Unavailable,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// An open database turned out to be damaged: open it again to have it dealt with.
    #[error("the database is damaged: {0}")]
    Damaged(rusqlite::Error),
    /// No command of that number is in the outbox.
    #[error("the outbox holds no command {n}")]
    NoSuchCommand {
        /// The number.
        n: u64,
    },
    /// A command of that id is in the outbox already.
    #[error("the outbox holds that command already, as {n}")]
    AlreadyQueued {
        /// Its number.
        n: u64,
    },
    /// A stored value is not what this build writes.
    #[error("a stored {what} is unreadable")]
    Unreadable {
        /// What it should be.
        what: &'static str,
    },
    /// A value has no JSON form.
    #[error("a value can't be stored: {0}")]
    Encoding(#[from] serde_json::Error),
    /// A file beside the database could not be read, written or moved.
    #[error("{}: {source}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// The SQLite in this build has a known bug that loses data.
    #[error("SQLite {found} is too old: before 3.51.3 its write-ahead log can corrupt the file")]
    OldSqlite {
        /// Its version number, as 3051003.
        found: i32,
    },
    /// Anything else is a mistake of this crate.
    #[error("the database refused: {0}")]
    Sql(rusqlite::Error),
}

/// What is in the way for the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unavailable {
    /// Somebody else writes.
    #[error("in use")]
    Busy,
    /// The disk is full.
    #[error("disk full")]
    Full,
    /// The file or its folder can't be opened.
    #[error("can't be opened")]
    CantOpen,
    /// The disk failed to read or write.
    #[error("input/output error")]
    Io,
    /// Only reading is allowed.
    #[error("read-only")]
    ReadOnly,
    /// No memory left.
    #[error("out of memory")]
    Memory,
}

impl StoreError {
    /// The disk is full: it works again when there is room.
    pub fn is_full(&self) -> bool {
        match self {
            StoreError::Unavailable { why, .. } => *why == Unavailable::Full,
            StoreError::File { source, .. } => {
                matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
            }
            StoreError::WrongKey { .. }
            | StoreError::Corrupt { .. }
            | StoreError::NewerSchema { .. }
            | StoreError::Damaged(_)
            | StoreError::NoSuchCommand { .. }
            | StoreError::AlreadyQueued { .. }
            | StoreError::Unreadable { .. }
            | StoreError::Encoding(_)
            | StoreError::NoRandomness
            | StoreError::OldSqlite { .. }
            | StoreError::Sql(_) => false,
        }
    }

    pub(crate) fn full(what: &str) -> Self {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        rusqlite::Error::SqliteFailure(code, Some(what.to_owned())).into()
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        let Some(failure) = source.sqlite_error() else { return StoreError::Sql(source) };
        let code = match failure.extended_code {
            // The index of the write-ahead log finds no room: SQLite has no better word for it.
            rusqlite::ffi::SQLITE_IOERR_SHMSIZE => ErrorCode::DiskFull,
            _ => failure.code,
        };
        match (code, in_the_way(code)) {
            (ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt, _) => StoreError::Damaged(source),
            (_, Some(why)) => StoreError::Unavailable { why, source },
            (_, None) => StoreError::Sql(source),
        }
    }
}

fn in_the_way(code: ErrorCode) -> Option<Unavailable> {
    const BUSY: &[ErrorCode] =
        &[ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked, ErrorCode::FileLockingProtocolFailed];
    const CANT_OPEN: &[ErrorCode] = &[ErrorCode::CannotOpen, ErrorCode::PermissionDenied];
    let reasons: [(&[ErrorCode], Unavailable); 6] = [
        (BUSY, Unavailable::Busy),
        (CANT_OPEN, Unavailable::CantOpen),
        (&[ErrorCode::DiskFull], Unavailable::Full),
        (&[ErrorCode::SystemIoFailure], Unavailable::Io),
        (&[ErrorCode::ReadOnly], Unavailable::ReadOnly),
        (&[ErrorCode::OutOfMemory], Unavailable::Memory),
    ];
    reasons.into_iter().find(|(codes, _)| codes.contains(&code)).map(|(_, why)| why)
}
