//! `credential`: how users prove who they are. Never part of the feed.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, id_of, to_i64, to_u64};

pub(super) const TABLE: &str = "
CREATE TABLE credential (
    user BLOB NOT NULL PRIMARY KEY,
    company BLOB NOT NULL REFERENCES company (id),
    login TEXT NOT NULL COLLATE NOCASE,
    password_hash TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    view_since INTEGER NOT NULL,
    UNIQUE (company, login)
) STRICT, WITHOUT ROWID;";

/// How a user proves who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRow {
    /// Who.
    pub user: Uuid,
    /// Of which tenant.
    pub company: Uuid,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// May not sign in any more.
    pub disabled: bool,
    /// The change since which the user's view has been what it is; an older cursor is of another view.
    pub view_since: u64,
}

const COLUMNS: &str = "user, company, password_hash, disabled, view_since";

fn row(row: &Row<'_>) -> rusqlite::Result<CredentialRow> {
    Ok(CredentialRow {
        user: id_of(row.get(0)?),
        company: id_of(row.get(1)?),
        password_hash: row.get(2)?,
        disabled: row.get(3)?,
        view_since: to_u64(row.get(4)?),
    })
}

impl Reader<'_> {
    /// By user.
    pub fn credential(&self, user: Uuid) -> Result<Option<CredentialRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM credential WHERE user = ?1");
        Ok(self.sql.prepare_cached(&sql)?.query_row([user.as_bytes()], row).optional()?)
    }

    /// By the name to sign in with; case does not matter.
    pub fn credential_of_login(
        &self,
        company: Uuid,
        login: &str,
    ) -> Result<Option<CredentialRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM credential WHERE company = ?1 AND login = ?2");
        Ok(self.sql.prepare_cached(&sql)?.query_row(params![company.as_bytes(), login], row).optional()?)
    }
}

impl Tx<'_> {
    /// Adds a user's credential.
    pub fn insert_credential(&self, credential: &CredentialRow, login: &str) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("INSERT INTO credential (user, company, login, password_hash, disabled, view_since) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                credential.user.as_bytes(),
                credential.company.as_bytes(),
                login,
                credential.password_hash,
                credential.disabled,
                to_i64(credential.view_since)
            ])?;
        Ok(())
    }

    /// Bars a user, or lets them in again.
    pub fn set_user_disabled(&self, user: Uuid, disabled: bool) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("UPDATE credential SET disabled = ?2 WHERE user = ?1")?
            .execute(params![user.as_bytes(), disabled])?;
        Ok(())
    }

    /// Notes since which change the user's view is what it is.
    pub fn set_view_since(&self, user: Uuid, seq: u64) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("UPDATE credential SET view_since = ?2 WHERE user = ?1")?
            .execute(params![user.as_bytes(), to_i64(seq)])?;
        Ok(())
    }
}
