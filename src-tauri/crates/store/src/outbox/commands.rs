//! `commands`: the queue.

use domain::CommandId;
use protocol::durable::QueuedCommand;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::Migration;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE commands (
            n    INTEGER PRIMARY KEY,
            id   BLOB NOT NULL UNIQUE,
            data TEXT NOT NULL
        ) STRICT;",
};

/// A command that this build can't read: a damaged one, or one of another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableCommand {
    /// Its number.
    pub n: u64,
    /// Its id.
    pub id: CommandId,
    /// Its JSON, as far as it is text.
    pub data: String,
}

/// By number; the second list holds those that can't be read.
pub(super) fn all(conn: &Connection) -> Result<(Vec<QueuedCommand>, Vec<UnreadableCommand>), StoreError> {
    let mut select = conn.prepare_cached("SELECT n, id, data FROM commands ORDER BY n")?;
    let mut rows = select.query([])?;
    let (mut commands, mut unreadable) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        match read(row)?.1 {
            Ok(queued) => commands.push(queued),
            Err(text) => unreadable.push(text),
        }
    }
    Ok((commands, unreadable))
}

/// A row of number, id and data, with its number.
pub(super) fn read(row: &Row<'_>) -> Result<(u64, Result<QueuedCommand, UnreadableCommand>), StoreError> {
    let n = row.get::<_, i64>(0)?.cast_unsigned();
    let id = Uuid::from_bytes(row.get(1)?).into();
    let bytes = row.get_ref(2)?.as_bytes().map_err(rusqlite::Error::from)?;
    let unreadable = || UnreadableCommand { n, id, data: String::from_utf8_lossy(bytes).into_owned() };
    let queued: Option<QueuedCommand> = serde_json::from_slice(bytes).ok();
    Ok((n, queued.filter(|queued| queued.command.n == n).ok_or_else(unreadable)))
}

/// All numbers, read from the index of ids: other pages than the commands are on.
pub(super) fn numbers(conn: &Connection) -> Result<Vec<u64>, StoreError> {
    let mut select = conn.prepare("SELECT n FROM commands ORDER BY id")?;
    let numbers = select.query_map([], |row| Ok(row.get::<_, i64>(0)?.cast_unsigned()))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}

pub(super) fn insert(conn: &Connection, queued: &QueuedCommand) -> Result<(), StoreError> {
    let command = &queued.command;
    let mut known = conn.prepare_cached("SELECT n FROM commands WHERE id = ?1")?;
    if let Some(n) = known.query_row([command.id.0.as_bytes()], |row| row.get::<_, i64>(0)).optional()? {
        return Err(StoreError::AlreadyQueued { n: n.cast_unsigned() });
    }
    insert_text(conn, (command.n, command.id), &serde_json::to_string(queued)?)
}

pub(super) fn insert_text(
    conn: &Connection,
    (n, id): (u64, CommandId),
    data: &str,
) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached("INSERT INTO commands (n, id, data) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![n.cast_signed(), id.0.as_bytes(), data])?;
    Ok(())
}

pub(super) fn update(conn: &Connection, queued: &QueuedCommand) -> Result<(), StoreError> {
    let n = queued.command.n;
    let data = serde_json::to_string(queued)?;
    let mut update = conn.prepare_cached("UPDATE commands SET data = ?2 WHERE n = ?1")?;
    match update.execute(params![n.cast_signed(), data])? {
        0 => Err(StoreError::NoSuchCommand { n }),
        _ => Ok(()),
    }
}

pub(super) fn delete(conn: &Connection, n: u64) -> Result<(), StoreError> {
    match conn.prepare_cached("DELETE FROM commands WHERE n = ?1")?.execute([n.cast_signed()])? {
        0 => Err(StoreError::NoSuchCommand { n }),
        _ => Ok(()),
    }
}

pub(super) fn clear(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("DELETE FROM commands", [])?;
    Ok(())
}
