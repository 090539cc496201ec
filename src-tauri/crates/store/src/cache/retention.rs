//! `purged`, and taking away what was kept for long enough.
//!
//! `purged` holds ids and versions of rows that went here before the server's tombstone came: without them the sums would differ
//! and a resync would bring the rows back.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::bid::BidStatus;
use domain::company::Retention;
use protocol::entity::{Entity, EntityKind, EntityType};
use protocol::wire::Item;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{Cache, Migration, incidents, notified, positions, strange};
use crate::{StoreError, database};

pub(super) const CREATE: Migration = Migration {
    version: 2,
    sql: "
        CREATE TABLE purged (
            type    TEXT NOT NULL,
            id      BLOB NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (type, id)
        ) STRICT, WITHOUT ROWID;",
};

/// What a purge has taken away (or a preview would).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purge {
    /// Rows, by type. Cards, places, forms and settings are current as long as the server has them; so are open tasks and bids.
    pub rows: BTreeMap<EntityType, usize>,
    /// Positions.
    pub positions: usize,
    /// Incidents, notes of notifications, and changes of unknown kinds.
    pub notes: usize,
    /// Files of databases that were set aside.
    pub files: usize,
}

impl Cache {
    /// Takes away what is older than `retention` allows at `now`; afterwards no byte of it is in the file or its log.
    ///
    /// # Errors
    /// When the database can't be written. Nothing is lost by calling it again.
    pub fn purge(&mut self, now: DateTime<Utc>, retention: &Retention) -> Result<Purge, StoreError> {
        let report = self.purge_rows(now, retention, true)?;
        database::scrub(&self.conn)?;
        let kept_days = retention.positions_days.min(retention.attendance_days).min(retention.default_days);
        let files = match &self.file {
            Some(file) => database::delete_older(file, limit(now, kept_days))?,
            None => 0,
        };
        Ok(Purge { files, ..report })
    }

    /// What [`purge`](Self::purge) would take away at `now` (which may be next Friday); files are not counted.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn preview_purge(&mut self, now: DateTime<Utc>, retention: &Retention) -> Result<Purge, StoreError> {
        self.purge_rows(now, retention, false)
    }

    fn purge_rows(
        &mut self,
        now: DateTime<Utc>,
        retention: &Retention,
        keep: bool,
    ) -> Result<Purge, StoreError> {
        let tx = self.begin()?;
        let before = limit(now, retention.default_days);
        let mut report = Purge {
            positions: positions::purge(&tx, limit(now, retention.positions_days).timestamp_micros())?,
            ..Purge::default()
        };
        for &kind in DATED {
            let days = if kind == EntityKind::Attendance {
                retention.attendance_days
            } else {
                retention.default_days
            };
            let count = purge_type(&tx, kind, limit(now, days))?;
            if count > 0 {
                report.rows.insert(kind.into(), count);
            }
        }
        let before_ms = before.timestamp_millis();
        report.notes = incidents::purge(&tx, before_ms)?
            + notified::purge(&tx, before_ms)?
            + strange::purge(&tx, before_ms)?;
        if keep {
            tx.commit()?;
        }
        Ok(report)
    }
}

/// Kinds whose rows tell what happened on some day.
const DATED: &[EntityKind] =
    &[EntityKind::Attendance, EntityKind::Task, EntityKind::Bid, EntityKind::Alert, EntityKind::Submission];

fn limit(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now - TimeDelta::days(i64::from(days))
}

fn purge_type(conn: &Connection, kind: EntityKind, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let mut select = conn.prepare_cached("SELECT id, data FROM rows WHERE type = ?1 AND at_ms < ?2")?;
    let found = select.query_map(params![kind.name(), before.timestamp_millis()], |row| {
        Ok((Uuid::from_bytes(row.get(0)?), row.get::<_, String>(1)?))
    })?;
    let mut count = 0;
    for old in found {
        let (id, data) = old?;
        if is_over(kind, &data) {
            take_away(conn, kind, id)?;
            count += 1;
        }
    }
    Ok(count)
}

/// What can't be read is over: keeping it for ever would be the greater wrong.
fn is_over(kind: EntityKind, data: &str) -> bool {
    match kind.decode(data) {
        Ok(Entity::Task(task)) => task.status.is_over(),
        Ok(Entity::Bid(bid)) => bid.status != BidStatus::Open,
        Ok(_) | Err(_) => true,
    }
}

fn take_away(conn: &Connection, kind: EntityKind, id: Uuid) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO purged (type, id, version)
         SELECT type, id, version FROM rows WHERE type = ?1 AND id = ?2",
    )?
    .execute(params![kind.name(), id.as_bytes()])?;
    conn.prepare_cached("DELETE FROM rows WHERE type = ?1 AND id = ?2")?
        .execute(params![kind.name(), id.as_bytes()])?;
    Ok(())
}

/// The server has spoken of the row again.
pub(super) fn forget(conn: &Connection, item: &Item) -> Result<(), StoreError> {
    let mut delete = conn.prepare_cached("DELETE FROM purged WHERE type = ?1 AND id = ?2")?;
    delete.execute(params![item.entity.0, item.id.as_bytes()])?;
    Ok(())
}

pub(super) fn clear(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("DELETE FROM purged", [])?;
    Ok(())
}
