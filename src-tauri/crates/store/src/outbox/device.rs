//! `device`: who this desk is to the server, and the number of its next command; always one row.

use domain::DeviceId;
use rand::TryRngCore;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::Migration;
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

/// A new outbox is a new device.
pub(super) fn ensure(conn: &Connection) -> Result<(), StoreError> {
    let count: i64 = conn.query_row("SELECT count(*) FROM device", [], |row| row.get(0))?;
    if count == 0 {
        conn.execute(
            "INSERT INTO device (one, id, epoch, next_n) VALUES (1, ?1, 1, 1)",
            params![random()?.0.as_bytes()],
        )?;
    }
    Ok(())
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

/// Numbers go on after `n`.
pub(super) fn skip_to(conn: &Connection, n: u64) -> Result<(), StoreError> {
    conn.execute("UPDATE device SET next_n = max(next_n, ?1)", [n.saturating_add(1).cast_signed()])?;
    Ok(())
}

fn random() -> Result<DeviceId, StoreError> {
    let mut bytes = [0; 16];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(|_| StoreError::NoRandomness)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().into())
}
