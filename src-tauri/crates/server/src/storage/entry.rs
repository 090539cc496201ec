//! `entry`: every report from the field, also the refused ones, for the record and for idempotency.

use chrono::{DateTime, Utc};
use domain::attendance::AttendanceKind;
use domain::entry::EntryBody;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, to_ms};

pub(super) const TABLE: &str = "
CREATE TABLE entry (
    company BLOB NOT NULL REFERENCES company (id),
    guid BLOB NOT NULL,
    resource BLOB NOT NULL,
    code INTEGER NOT NULL,
    event_ms INTEGER NOT NULL,
    entry_ms INTEGER NOT NULL,
    data TEXT NOT NULL,
    refusal TEXT NOT NULL,
    PRIMARY KEY (company, guid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_resource ON entry (resource, event_ms);";

/// A report from the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Idempotency key.
    pub guid: Uuid,
    /// Who reported.
    pub resource: Uuid,
    /// The contract's number of its type.
    pub code: u16,
    /// When it happened.
    pub event_time: DateTime<Utc>,
    /// When it arrived.
    pub entry_time: DateTime<Utc>,
    /// JSON, without a coordinate that must not be kept.
    pub data: String,
    /// JSON of the refusal; empty when it was accepted.
    pub refusal: String,
}

impl Reader<'_> {
    /// The refusal (empty: accepted) and the owner of a stored entry.
    pub fn entry_refusal(&self, company: Uuid, guid: Uuid) -> Result<Option<(Uuid, String)>, StorageError> {
        let sql = "SELECT resource, refusal FROM entry WHERE company = ?1 AND guid = ?2";
        let key = params![company.as_bytes(), guid.as_bytes()];
        let read = |row: &rusqlite::Row<'_>| Ok((super::id_of(row.get(0)?), row.get(1)?));
        Ok(self.sql.prepare_cached(sql)?.query_row(key, read).optional()?)
    }
}

impl Tx<'_> {
    /// Takes the coordinates out of a company's entries from before `before`; the rest of an entry stays.
    pub fn forget_entry_fixes(&self, company: Uuid, before: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "UPDATE entry SET data = json_remove(data, '$.fix')
                 WHERE company = ?1 AND event_ms < ?2 AND json_extract(data, '$.fix') IS NOT NULL",
            )?
            .execute(params![company.as_bytes(), to_ms(before)])?;
        Ok(())
    }

    /// Deletes a company's reports of attendance from before `attendance`, and the others from before `other`; how many.
    pub fn delete_old_entries(
        &self,
        company: Uuid,
        attendance: DateTime<Utc>,
        other: DateTime<Utc>,
    ) -> Result<usize, StorageError> {
        let codes = [AttendanceKind::SignIn, AttendanceKind::SignOut]
            .map(|kind| EntryBody::Attendance { kind }.code());
        let sql = "DELETE FROM entry
                   WHERE company = ?1 AND event_ms < CASE WHEN code IN (?2, ?3) THEN ?4 ELSE ?5 END";
        let terms = params![company.as_bytes(), codes[0], codes[1], to_ms(attendance), to_ms(other)];
        Ok(self.sql.prepare_cached(sql)?.execute(terms)?)
    }

    /// Adds an entry.
    pub fn insert_entry(&self, company: Uuid, entry: &EntryRow) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT INTO entry (company, guid, resource, code, event_ms, entry_ms, data, refusal)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                company.as_bytes(),
                entry.guid.as_bytes(),
                entry.resource.as_bytes(),
                entry.code,
                to_ms(entry.event_time),
                to_ms(entry.entry_time),
                entry.data,
                entry.refusal
            ])?;
        Ok(())
    }
}
