//! Numbered steps of a schema; the number is in the file's `user_version`.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{Layout, between};
use crate::StoreError;

/// What one table needs in one version of its database.
pub(crate) struct Migration {
    /// The version that has it.
    pub version: u32,
    /// Statements.
    pub sql: &'static str,
}

/// Refuses a file of a newer app.
pub(super) fn check_newest(conn: &Connection, layout: &Layout, file: &Path) -> Result<(), StoreError> {
    let (found, known) = (version(conn)?, newest(layout));
    if found > known {
        return Err(StoreError::NewerSchema { file: file.to_owned(), found, known });
    }
    Ok(())
}

/// Runs the steps that the file lacks, each version in its own transaction.
pub(super) fn migrate(conn: &mut Connection, layout: &Layout) -> Result<(), StoreError> {
    for version in version(conn)? + 1..=newest(layout) {
        let step = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for migration in layout.migrations.iter().filter(|migration| migration.version == version) {
            step.execute_batch(migration.sql)?;
        }
        step.pragma_update(None, "user_version", version)?;
        step.commit()?;
        between("a step of the schema done");
    }
    Ok(())
}

fn version(conn: &Connection) -> Result<u32, StoreError> {
    Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// The newest version of a database that this build writes.
pub(crate) fn newest(layout: &Layout) -> u32 {
    layout.migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}
