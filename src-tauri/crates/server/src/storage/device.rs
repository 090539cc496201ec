//! `device`: the desks that send commands.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, id_of, to_i64, to_u64};

pub(super) const TABLE: &str = "
CREATE TABLE device (
    id BLOB NOT NULL PRIMARY KEY,
    company BLOB NOT NULL REFERENCES company (id),
    epoch INTEGER NOT NULL,
    acked_through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;";

/// A desk that sends commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceRow {
    /// Identity.
    pub id: Uuid,
    /// The tenant it works for.
    pub company: Uuid,
    /// Raised whenever its outbox was restored or recreated; an older one is a clone.
    pub epoch: u64,
    /// Receipts up to this number were pruned.
    pub acked_through: u64,
}

fn row(row: &Row<'_>) -> rusqlite::Result<DeviceRow> {
    Ok(DeviceRow {
        id: id_of(row.get(0)?),
        company: id_of(row.get(1)?),
        epoch: to_u64(row.get(2)?),
        acked_through: to_u64(row.get(3)?),
    })
}

impl Reader<'_> {
    /// The desk with that id.
    pub fn device(&self, id: Uuid) -> Result<Option<DeviceRow>, StorageError> {
        let sql = "SELECT id, company, epoch, acked_through FROM device WHERE id = ?1";
        Ok(self.sql.prepare_cached(sql)?.query_row([id.as_bytes()], row).optional()?)
    }
}

impl Tx<'_> {
    /// Adds or replaces a desk.
    pub fn put_device(&self, device: &DeviceRow) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT INTO device (id, company, epoch, acked_through) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET company = ?2, epoch = ?3, acked_through = ?4",
            )?
            .execute(params![
                device.id.as_bytes(),
                device.company.as_bytes(),
                to_i64(device.epoch),
                to_i64(device.acked_through)
            ])?;
        Ok(())
    }
}
