//! `alert_event`: what happened to whom and when, so that two alerts of one event are found; `escalation`: which alerts get worse when
//! nobody looks at them.

use chrono::{DateTime, Utc};
use rusqlite::params;
use uuid::Uuid;

use super::{Reader, StorageError, Tx, id_of, to_ms};

pub(super) const TABLE: &str = "
CREATE TABLE alert_event (
    company BLOB NOT NULL REFERENCES company (id),
    subject BLOB NOT NULL,
    event_ms INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (company, subject, event_ms, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_event_id ON alert_event (id);
CREATE TABLE escalation (
    alert BLOB NOT NULL PRIMARY KEY,
    company BLOB NOT NULL REFERENCES company (id),
    due_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX escalation_due ON escalation (due_ms);";

/// The alerts of before this table.
pub(super) const FILL: &str = "
INSERT OR IGNORE INTO alert_event (company, subject, event_ms, id)
SELECT company, subject, CAST(round(unixepoch(json_extract(data, '$.event_time'), 'subsec') * 1000) AS INTEGER), id
FROM entity WHERE kind = 'alert' AND deleted = 0;";

impl Reader<'_> {
    /// The alerts about a resource (nil: about none) that happened in a time range, both ends included.
    pub fn alerts_about(
        &self,
        company: Uuid,
        subject: Uuid,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Uuid>, StorageError> {
        let sql = "SELECT id FROM alert_event WHERE company = ?1 AND subject = ?2 AND event_ms BETWEEN ?3 AND ?4 ORDER BY event_ms, id";
        let mut statement = self.sql.prepare_cached(sql)?;
        let key = params![company.as_bytes(), subject.as_bytes(), to_ms(from), to_ms(to)];
        let rows = statement.query_map(key, |row| Ok(id_of(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All of a company's alerts that happened since then.
    pub fn alerts_since(&self, company: Uuid, from: DateTime<Utc>) -> Result<Vec<Uuid>, StorageError> {
        let sql = "SELECT id FROM alert_event WHERE company = ?1 AND event_ms >= ?2";
        let mut statement = self.sql.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![company.as_bytes(), to_ms(from)], |row| Ok(id_of(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Company and id of the alerts that nobody has looked at in time.
    pub fn escalations_due(&self, now: DateTime<Utc>) -> Result<Vec<(Uuid, Uuid)>, StorageError> {
        let sql = "SELECT company, alert FROM escalation WHERE due_ms <= ?1";
        let mut statement = self.sql.prepare_cached(sql)?;
        let rows = statement.query_map([to_ms(now)], |row| Ok((id_of(row.get(0)?), id_of(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Notes when something happened to a resource (nil: to none).
    pub fn note_alert_event(
        &self,
        company: Uuid,
        subject: Uuid,
        at: DateTime<Utc>,
        alert: Uuid,
    ) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO alert_event (company, subject, event_ms, id) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![company.as_bytes(), subject.as_bytes(), to_ms(at), alert.as_bytes()])?;
        Ok(())
    }

    /// The alert is gone.
    pub fn forget_alert_event(&self, alert: Uuid) -> Result<(), StorageError> {
        self.sql.prepare_cached("DELETE FROM alert_event WHERE id = ?1")?.execute([alert.as_bytes()])?;
        self.sql.prepare_cached("DELETE FROM escalation WHERE alert = ?1")?.execute([alert.as_bytes()])?;
        Ok(())
    }

    /// Sets when an alert gets worse; `None` for one that does not.
    pub fn set_escalation(
        &self,
        company: Uuid,
        alert: Uuid,
        due: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError> {
        let Some(due) = due else {
            self.sql
                .prepare_cached("DELETE FROM escalation WHERE alert = ?1")?
                .execute([alert.as_bytes()])?;
            return Ok(());
        };
        self.sql
            .prepare_cached(
                "INSERT INTO escalation (alert, company, due_ms) VALUES (?1, ?2, ?3) ON CONFLICT (alert) DO UPDATE SET due_ms = ?3",
            )?
            .execute(params![alert.as_bytes(), company.as_bytes(), to_ms(due)])?;
        Ok(())
    }
}
