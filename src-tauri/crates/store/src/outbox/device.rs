//! `device`: who this desk is to the server, and the number of its next command; always one row.

use domain::DeviceId;
use rand::TryRngCore;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::Migration;
use super::mark::Progress;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE device (
            one    INTEGER PRIMARY KEY CHECK (one = 1),
            id     BLOB NOT NULL,
            epoch  INTEGER NOT NULL,
            next_n INTEGER NOT NULL
        ) STRICT;",
};

pub(super) const COUNT_CHANGES: Migration =
    Migration { version: 2, sql: "ALTER TABLE device ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;" };

pub(super) struct Device {
    pub id: DeviceId,
    pub epoch: u64,
    pub next_n: u64,
}

pub(super) fn get(conn: &Connection) -> Result<Device, StoreError> {
    let mut select = conn.prepare_cached("SELECT id, epoch, next_n FROM device")?;
    let device = select.query_row([], |row| {
        let (epoch, next_n): (i64, i64) = (row.get(1)?, row.get(2)?);
        let id = Uuid::from_bytes(row.get(0)?).into();
        Ok(Device { id, epoch: epoch.cast_unsigned(), next_n: next_n.cast_unsigned() })
    });
    Ok(device?)
}

pub(super) fn is_known(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.query_row("SELECT count(*) FROM device", [], |row| row.get::<_, i64>(0))? > 0)
}

/// A new outbox is a new device.
pub(super) fn make(conn: &Connection) -> Result<(), StoreError> {
    let mut insert =
        conn.prepare("INSERT INTO device (one, id, epoch, next_n, changes) VALUES (1, ?1, 1, 1, 0)")?;
    insert.execute(params![random()?.0.as_bytes()])?;
    Ok(())
}

/// Counts the transaction that it is part of.
pub(super) fn count_change(conn: &Connection) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE device SET changes = changes + 1")?.execute([])?;
    Ok(())
}

pub(super) fn progress(conn: &Connection) -> Result<Progress, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT changes, next_n, (SELECT count(*) FROM commands) FROM device")?;
    let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(i64::cast_unsigned);
    let progress = select.query_row([], |row| {
        Ok(Progress { changes: number(row, 0)?, next_n: number(row, 1)?, waiting: number(row, 2)? })
    });
    Ok(progress?)
}

/// From now on another device, in its first epoch; numbers go on.
pub(super) fn replace(conn: &Connection, id: DeviceId) -> Result<(), StoreError> {
    conn.execute("UPDATE device SET id = ?1, epoch = 1", [id.0.as_bytes()])?;
    Ok(())
}

pub(super) fn take_number(conn: &Connection) -> Result<u64, StoreError> {
    let mut update = conn.prepare_cached("UPDATE device SET next_n = next_n + 1 RETURNING next_n - 1")?;
    Ok(update.query_row([], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

/// Numbers go on with `next_n`, or where they are if that is further.
pub(super) fn skip_to(conn: &Connection, next_n: u64) -> Result<(), StoreError> {
    conn.execute("UPDATE device SET next_n = max(next_n, ?1)", [next_n.cast_signed()])?;
    Ok(())
}

fn random() -> Result<DeviceId, StoreError> {
    let mut bytes = [0; 16];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(|_| StoreError::NoRandomness)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().into())
}
