//! Setting a damaged database aside, so that a fresh one can take its place.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{MARK, beside, between};
use crate::StoreError;

/// What a database consists of. The log goes first: a fresh database must never find it. Mark and check go last: they tell that the
/// rest is missing, or what it is.
const PARTS: [&str; 5] = ["-wal", "-shm", "", MARK, ".check"];

const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// Renames a database with its log and its key check; answers the database's new name.
pub(crate) fn set_aside(file: &Path, now: DateTime<Utc>) -> Result<PathBuf, StoreError> {
    let aside = free_name(file, now);
    for suffix in PARTS {
        let from = beside(file, suffix);
        match std::fs::rename(&from, beside(&aside, suffix)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(StoreError::File { file: from, source }),
        }
        between("a part set aside");
    }
    Ok(aside)
}

/// Deletes a database with all that lies beside it, and what was set aside of it.
pub(crate) fn delete(file: &Path) -> Result<(), StoreError> {
    // In the other order than they are set aside: what says that there is a database must not outlive it.
    for suffix in PARTS.iter().rev() {
        let part = beside(file, suffix);
        match std::fs::remove_file(&part) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(StoreError::File { file: part, source }),
        }
        between("a part deleted");
    }
    delete_older(file, DateTime::<Utc>::MAX_UTC).map(|_| ())
}

fn free_name(file: &Path, now: DateTime<Utc>) -> PathBuf {
    let first = beside(file, &format!(".damaged-{}", now.format(STAMP)));
    let others = (2..u32::MAX).map(|count| beside(&first, &format!("-{count}")));
    std::iter::once(first.clone()).chain(others).find(|name| !name.exists()).unwrap_or(first)
}

/// Deletes what was set aside of `file` before `limit`; answers how many databases.
pub(crate) fn delete_older(file: &Path, limit: DateTime<Utc>) -> Result<usize, StoreError> {
    let (Some(dir), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else {
        return Ok(0);
    };
    let failed = |source| StoreError::File { file: dir.to_owned(), source };
    let prefix = format!("{name}.damaged-");
    let mut deleted = 0;
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let stamp =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(&prefix));
        if stamp.and_then(stamped_at).is_some_and(|at| at < limit) {
            std::fs::remove_file(&path).map_err(|source| StoreError::File { file: path.clone(), source })?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

fn stamped_at(stamp: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(stamp.get(..16)?, STAMP).ok().map(|at| at.and_utc())
}
