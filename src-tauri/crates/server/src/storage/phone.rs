//! `phone`: how each resource's phone is tied to its card. Codes and tokens are stored as SHA-256 only; empty means none.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, from_ms, id_of, to_i64, to_ms, to_u64};
use crate::auth::token::TokenHash;

pub(super) const TABLE: &str = "
CREATE TABLE phone (
    resource BLOB NOT NULL PRIMARY KEY,
    company BLOB NOT NULL REFERENCES company (id),
    code BLOB NOT NULL,
    token BLOB NOT NULL,
    seq INTEGER NOT NULL,
    location_requested INTEGER NOT NULL,
    last_attendance_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX phone_code ON phone (code) WHERE code != x'';
CREATE UNIQUE INDEX phone_token ON phone (token) WHERE token != x'';";

/// How a phone is tied to its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRow {
    /// Whose.
    pub resource: Uuid,
    /// Tenant.
    pub company: Uuid,
    /// The connection code, until it is used.
    pub code: Option<TokenHash>,
    /// The phone's token, once it is active.
    pub token: Option<TokenHash>,
    /// The newest change that concerns this phone.
    pub seq: u64,
    /// The office asks where it is.
    pub location_requested: bool,
    /// Event time of the newest sign-in or sign-out.
    pub last_attendance: DateTime<Utc>,
}

const COLUMNS: &str =
    "resource, company, NULLIF(code, x''), NULLIF(token, x''), seq, location_requested, last_attendance_ms";

fn row(row: &Row<'_>) -> rusqlite::Result<PhoneRow> {
    Ok(PhoneRow {
        resource: id_of(row.get(0)?),
        company: id_of(row.get(1)?),
        code: row.get::<_, Option<[u8; 32]>>(2)?.map(TokenHash),
        token: row.get::<_, Option<[u8; 32]>>(3)?.map(TokenHash),
        seq: to_u64(row.get(4)?),
        location_requested: row.get(5)?,
        last_attendance: from_ms(row.get(6)?),
    })
}

impl Reader<'_> {
    /// The phone of a resource.
    pub fn phone(&self, resource: Uuid) -> Result<Option<PhoneRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM phone WHERE resource = ?1");
        Ok(self.sql.prepare_cached(&sql)?.query_row([resource.as_bytes()], row).optional()?)
    }

    /// The phone that an unused connection code is for.
    pub fn phone_of_code(&self, code: &TokenHash) -> Result<Option<PhoneRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM phone WHERE code = ?1");
        Ok(self.sql.prepare_cached(&sql)?.query_row([code.0], row).optional()?)
    }

    /// The phone that carries a token.
    pub fn phone_of_token(&self, token: &TokenHash) -> Result<Option<PhoneRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM phone WHERE token = ?1");
        Ok(self.sql.prepare_cached(&sql)?.query_row([token.0], row).optional()?)
    }
}

impl Tx<'_> {
    /// Adds or replaces a phone.
    pub fn put_phone(&self, phone: &PhoneRow) -> Result<(), StorageError> {
        let bytes = |hash: &Option<TokenHash>| hash.as_ref().map(|hash| hash.0.to_vec()).unwrap_or_default();
        self.sql
            .prepare_cached(
                "INSERT INTO phone (resource, company, code, token, seq, location_requested, last_attendance_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (resource) DO UPDATE
                 SET code = ?3, token = ?4, seq = ?5, location_requested = ?6, last_attendance_ms = ?7",
            )?
            .execute(params![
                phone.resource.as_bytes(),
                phone.company.as_bytes(),
                bytes(&phone.code),
                bytes(&phone.token),
                to_i64(phone.seq),
                phone.location_requested,
                to_ms(phone.last_attendance)
            ])?;
        Ok(())
    }

    /// Notes when a resource signed in or out last.
    pub fn note_attendance(&self, resource: Uuid, at: DateTime<Utc>) -> Result<(), StorageError> {
        let sql = "UPDATE phone SET last_attendance_ms = ?2 WHERE resource = ?1 AND last_attendance_ms < ?2";
        self.sql.prepare_cached(sql)?.execute(params![resource.as_bytes(), to_ms(at)])?;
        Ok(())
    }

    /// Notes that a change concerns a phone. Its number only ever grows, also where no change of the feed is behind it.
    pub fn touch_phone(&self, resource: Uuid, seq: u64) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("UPDATE phone SET seq = MAX(seq + 1, ?2) WHERE resource = ?1")?
            .execute(params![resource.as_bytes(), to_i64(seq)])?;
        Ok(())
    }

    /// Notes that a change concerns every phone of a company.
    pub fn touch_all_phones(&self, company: Uuid, seq: u64) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("UPDATE phone SET seq = MAX(seq + 1, ?2) WHERE company = ?1")?
            .execute(params![company.as_bytes(), to_i64(seq)])?;
        Ok(())
    }
}
