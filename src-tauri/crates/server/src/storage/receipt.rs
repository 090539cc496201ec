//! `receipt`: what became of each command, until the desk says that it knows.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, to_i64};
use crate::auth::token::TokenHash;

pub(super) const TABLE: &str = "
CREATE TABLE receipt (
    device BLOB NOT NULL REFERENCES device (id),
    epoch INTEGER NOT NULL,
    n INTEGER NOT NULL,
    body_hash BLOB NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (device, epoch, n)
) STRICT, WITHOUT ROWID;";

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRow {
    /// Hash of the command, so that the number can't be used for another one.
    pub body_hash: TokenHash,
    /// The outcome as it was answered, JSON.
    pub outcome: String,
}

impl Reader<'_> {
    /// The receipt of a desk's command.
    pub fn receipt(&self, device: Uuid, epoch: u64, n: u64) -> Result<Option<ReceiptRow>, StorageError> {
        let sql = "SELECT body_hash, outcome FROM receipt WHERE device = ?1 AND epoch = ?2 AND n = ?3";
        let key = params![device.as_bytes(), to_i64(epoch), to_i64(n)];
        let read = |row: &rusqlite::Row<'_>| {
            Ok(ReceiptRow { body_hash: TokenHash(row.get(0)?), outcome: row.get(1)? })
        };
        Ok(self.sql.prepare_cached(sql)?.query_row(key, read).optional()?)
    }
}

impl Tx<'_> {
    /// Adds a receipt.
    pub fn insert_receipt(
        &self,
        device: Uuid,
        epoch: u64,
        n: u64,
        receipt: &ReceiptRow,
    ) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT INTO receipt (device, epoch, n, body_hash, outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                device.as_bytes(),
                to_i64(epoch),
                to_i64(n),
                receipt.body_hash.0,
                receipt.outcome
            ])?;
        Ok(())
    }

    /// Forgets the receipts of `device` up to `through` in `epoch`, and all of older epochs. Never by age.
    pub fn delete_receipts(&self, device: Uuid, epoch: u64, through: u64) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "DELETE FROM receipt WHERE device = ?1 AND (epoch < ?2 OR (epoch = ?2 AND n <= ?3))",
            )?
            .execute(params![device.as_bytes(), to_i64(epoch), to_i64(through)])?;
        Ok(())
    }

    /// Takes the rows that are deleted now out of the conflicts of a company's receipts; the receipts stay. Answers how
    /// many.
    pub fn blank_receipts_of_deleted(&self, company: Uuid) -> Result<usize, StorageError> {
        let blanked = self
            .sql
            .prepare_cached(
                "UPDATE receipt SET outcome = json_set(outcome, '$.conflict.current', NULL)
                 WHERE json_extract(outcome, '$.conflict.current.id') IS NOT NULL AND EXISTS (
                     SELECT 1 FROM entity
                     WHERE entity.company = ?1 AND entity.deleted = 1
                         AND entity.kind = json_extract(outcome, '$.conflict.current.type')
                         AND entity.id = unhex(replace(json_extract(outcome, '$.conflict.current.id'), '-', ''))
                 )",
            )?
            .execute([company.as_bytes()])?;
        Ok(blanked)
    }
}
