//! `session`: who signed in last, for opening the cached data without a server; one row or none.

use chrono::{DateTime, Utc};
use domain::company::{Company, User};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::Migration;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 2,
    sql: "
        CREATE TABLE session (
            one  INTEGER PRIMARY KEY CHECK (one = 1),
            data TEXT NOT NULL
        ) STRICT;",
};

/// Who signed in last. Tokens are not in here: they belong to the [`KeyStore`](crate::KeyStore).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// The server's base URL.
    pub server: String,
    /// Who.
    pub user: User,
    /// Their company.
    pub company: Company,
    /// Without a server, cached data opens until then.
    pub offline_until: DateTime<Utc>,
}

pub(super) fn get(conn: &Connection) -> Result<Option<StoredSession>, StoreError> {
    let text = conn.query_row("SELECT data FROM session", [], |row| row.get::<_, String>(0)).optional()?;
    let read =
        |text: String| serde_json::from_str(&text).map_err(|_| StoreError::Unreadable { what: "session" });
    text.map(read).transpose()
}

pub(super) fn set(conn: &Connection, session: Option<&StoredSession>) -> Result<(), StoreError> {
    conn.execute("DELETE FROM session", [])?;
    if let Some(session) = session {
        let text = serde_json::to_string(session)?;
        conn.execute("INSERT INTO session (one, data) VALUES (1, ?1)", params![text])?;
    }
    Ok(())
}
