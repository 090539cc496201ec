//! `session` and `access_token`: who is signed in on which desk. Tokens are stored as SHA-256 only.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, from_ms, id_of, to_ms};
use crate::auth::token::TokenHash;

pub(super) const TABLE: &str = "
CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    company BLOB NOT NULL REFERENCES company (id),
    user BLOB NOT NULL,
    device BLOB NOT NULL,
    refresh BLOB NOT NULL UNIQUE,
    refresh_next BLOB NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_refresh_next ON session (refresh_next);
CREATE INDEX session_user ON session (user);
CREATE TABLE access_token (
    hash BLOB NOT NULL PRIMARY KEY,
    session BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_token_session ON access_token (session);";

/// A desk that somebody is signed in on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Identity.
    pub id: Uuid,
    /// Tenant.
    pub company: Uuid,
    /// Who.
    pub user: Uuid,
    /// On which desk.
    pub device: Uuid,
    /// The refresh token in use.
    pub refresh: TokenHash,
    /// The one handed out for it, not used yet; `refresh` itself when there is none.
    pub refresh_next: TokenHash,
    /// When the session ends unless it is refreshed.
    pub expires_at: DateTime<Utc>,
}

/// An access token with its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// The session.
    pub session: SessionRow,
    /// When the token runs out.
    pub expires_at: DateTime<Utc>,
}

const COLUMNS: &str = "s.id, s.company, s.user, s.device, s.refresh, s.refresh_next, s.expires_ms";

fn row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        id: id_of(row.get(0)?),
        company: id_of(row.get(1)?),
        user: id_of(row.get(2)?),
        device: id_of(row.get(3)?),
        refresh: TokenHash(row.get(4)?),
        refresh_next: TokenHash(row.get(5)?),
        expires_at: from_ms(row.get(6)?),
    })
}

impl Reader<'_> {
    /// The access token with that hash.
    pub fn access(&self, hash: &TokenHash) -> Result<Option<AccessRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS}, a.expires_ms FROM access_token a JOIN session s ON s.id = a.session WHERE a.hash = ?1"
        );
        let read = |columns: &Row<'_>| {
            Ok(AccessRow { session: row(columns)?, expires_at: from_ms(columns.get(7)?) })
        };
        Ok(self.sql.prepare_cached(&sql)?.query_row([hash.0], read).optional()?)
    }

    /// The session that a refresh token belongs to, whether in use or handed out next.
    pub fn session_of_refresh(&self, hash: &TokenHash) -> Result<Option<SessionRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM session s WHERE s.refresh = ?1 OR s.refresh_next = ?1");
        Ok(self.sql.prepare_cached(&sql)?.query_row([hash.0], row).optional()?)
    }
}

impl Reader<'_> {
    /// Whether the session has not been ended.
    pub fn session_exists(&self, id: Uuid) -> Result<bool, StorageError> {
        Ok(self.sql.prepare_cached("SELECT 1 FROM session WHERE id = ?1")?.exists([id.as_bytes()])?)
    }
}

impl Tx<'_> {
    /// Adds a session.
    pub fn insert_session(&self, session: &SessionRow) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("INSERT INTO session (id, company, user, device, refresh, refresh_next, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                session.id.as_bytes(),
                session.company.as_bytes(),
                session.user.as_bytes(),
                session.device.as_bytes(),
                session.refresh.0,
                session.refresh_next.0,
                to_ms(session.expires_at)
            ])?;
        Ok(())
    }

    /// Stores a session's refresh tokens and its end.
    pub fn update_session(&self, session: &SessionRow) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "UPDATE session SET refresh = ?2, refresh_next = ?3, expires_ms = ?4 WHERE id = ?1",
            )?
            .execute(params![
                session.id.as_bytes(),
                session.refresh.0,
                session.refresh_next.0,
                to_ms(session.expires_at)
            ])?;
        Ok(())
    }

    /// Adds an access token.
    pub fn insert_access(
        &self,
        hash: &TokenHash,
        session: Uuid,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("INSERT INTO access_token (hash, session, expires_ms) VALUES (?1, ?2, ?3)")?
            .execute(params![hash.0, session.as_bytes(), to_ms(expires_at)])?;
        Ok(())
    }

    /// Ends a session and all its tokens.
    pub fn delete_session(&self, id: Uuid) -> Result<(), StorageError> {
        self.sql.prepare_cached("DELETE FROM session WHERE id = ?1")?.execute([id.as_bytes()])?;
        Ok(())
    }

    /// Ends all sessions of a user.
    pub fn delete_sessions_of(&self, user: Uuid) -> Result<(), StorageError> {
        self.sql.prepare_cached("DELETE FROM session WHERE user = ?1")?.execute([user.as_bytes()])?;
        Ok(())
    }

    /// Forgets tokens and sessions that ran out before `now`.
    pub fn delete_expired_sessions(&self, now: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql.prepare_cached("DELETE FROM access_token WHERE expires_ms < ?1")?.execute([to_ms(now)])?;
        self.sql.prepare_cached("DELETE FROM session WHERE expires_ms < ?1")?.execute([to_ms(now)])?;
        Ok(())
    }
}
