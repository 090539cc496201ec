//! `audit`: who did what to whom, ids only, append-only (triggers) and chained by hash per company.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, from_ms, id_of, to_i64, to_ms, to_u64};

pub(super) const TABLE: &str = "
CREATE TABLE audit (
    company BLOB NOT NULL REFERENCES company (id),
    n INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    actor BLOB NOT NULL,
    action TEXT NOT NULL,
    target BLOB NOT NULL,
    purpose TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (company, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;";

/// Who did what to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Place in the chain, from 1.
    pub n: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// User or resource; nil is the server itself.
    pub actor: Uuid,
    /// What, by a fixed name.
    pub action: String,
    /// To whom or what; nil where it is about nobody in particular.
    pub target: Uuid,
    /// Why, where a reason had to be given.
    pub purpose: String,
    /// SHA-256 over the previous row's hash and this row.
    pub hash: [u8; 32],
}

impl AuditRow {
    /// What `hash` has to be after a row with the hash `previous`.
    pub fn chained(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut sha = Sha256::new();
        sha.update(previous);
        sha.update(self.n.to_le_bytes());
        sha.update(to_ms(self.at).to_le_bytes());
        sha.update(self.actor.as_bytes());
        sha.update(self.target.as_bytes());
        for text in [&self.action, &self.purpose] {
            sha.update((text.len() as u64).to_le_bytes());
            sha.update(text.as_bytes());
        }
        sha.finalize().into()
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        n: to_u64(row.get(0)?),
        at: from_ms(row.get(1)?),
        actor: id_of(row.get(2)?),
        action: row.get(3)?,
        target: id_of(row.get(4)?),
        purpose: row.get(5)?,
        hash: row.get(6)?,
    })
}

const COLUMNS: &str = "n, at_ms, actor, action, target, purpose, hash";

impl Reader<'_> {
    /// A company's chain, oldest first.
    pub fn audit(&self, company: Uuid) -> Result<Vec<AuditRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE company = ?1 ORDER BY n");
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map([company.as_bytes()], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Appends to a company's chain; `n` and `hash` of `entry` are set here.
    pub fn append_audit(&self, company: Uuid, mut entry: AuditRow) -> Result<(), StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE company = ?1 ORDER BY n DESC LIMIT 1");
        let last = self.sql.prepare_cached(&sql)?.query_row([company.as_bytes()], row).optional()?;
        entry.n = last.as_ref().map_or(1, |last| last.n + 1);
        entry.hash = entry.chained(&last.map_or([0; 32], |last| last.hash));
        entry.at = from_ms(to_ms(entry.at));
        self.sql
            .prepare_cached(
                "INSERT INTO audit (company, n, at_ms, actor, action, target, purpose, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                company.as_bytes(),
                to_i64(entry.n),
                to_ms(entry.at),
                entry.actor.as_bytes(),
                entry.action,
                entry.target.as_bytes(),
                entry.purpose,
                entry.hash
            ])?;
        Ok(())
    }
}
