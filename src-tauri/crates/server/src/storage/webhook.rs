//! `webhook`: where a company takes messages to its customers. The secret has to be readable: it signs what is sent.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx};

pub(super) const TABLE: &str = "
CREATE TABLE webhook (
    company BLOB NOT NULL PRIMARY KEY REFERENCES company (id),
    url TEXT NOT NULL,
    secret TEXT NOT NULL
) STRICT, WITHOUT ROWID;";

/// Where a company takes messages.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// The address.
    pub url: String,
    /// What signs the messages.
    pub secret: String,
}

impl std::fmt::Debug for WebhookRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookRow").finish_non_exhaustive()
    }
}

impl Reader<'_> {
    /// A company's webhook.
    pub fn webhook(&self, company: Uuid) -> Result<Option<WebhookRow>, StorageError> {
        let found = self
            .sql
            .prepare_cached("SELECT url, secret FROM webhook WHERE company = ?1")?
            .query_row([company.as_bytes()], |row| Ok(WebhookRow { url: row.get(0)?, secret: row.get(1)? }));
        Ok(found.optional()?)
    }
}

impl Tx<'_> {
    /// Sets or replaces a company's webhook.
    pub fn put_webhook(&self, company: Uuid, webhook: &WebhookRow) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT INTO webhook (company, url, secret) VALUES (?1, ?2, ?3)
                 ON CONFLICT (company) DO UPDATE SET url = ?2, secret = ?3",
            )?
            .execute(params![company.as_bytes(), webhook.url, webhook.secret])?;
        Ok(())
    }

    /// Takes a company's webhook away; whether there was one.
    pub fn delete_webhook(&self, company: Uuid) -> Result<bool, StorageError> {
        let sql = "DELETE FROM webhook WHERE company = ?1";
        Ok(self.sql.prepare_cached(sql)?.execute([company.as_bytes()])? > 0)
    }
}
