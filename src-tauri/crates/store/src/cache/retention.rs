//! `purged` and `purges`: taking away what was kept for long enough, and what is told of it.
//!
//! `purged` holds ids and versions of rows that went here before the server's tombstone came: without them the sums would differ
//! and a resync would bring the rows back. `purges` holds what each purge took away, in figures.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::company::Retention;
use protocol::entity::EntityKind;
use protocol::view::{PurgeView, RetainedData, RetentionRuleView};
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

/// So many reports are kept: a year of days, and some starts.
const MOST_REPORTS: u32 = 400;

pub(super) const CREATE_REPORTS: Migration = Migration {
    version: 3,
    sql: "
        CREATE TABLE purges (
            seq     INTEGER PRIMARY KEY,
            at_ms   INTEGER NOT NULL,
            removed TEXT NOT NULL
        ) STRICT;",
};

/// What a purge has taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purge {
    /// Rows and positions. Cards, places, forms and settings are current as long as the server has them; so are open tasks and
    /// bids.
    pub removed: BTreeMap<RetainedData, usize>,
    /// Incidents, notes of notifications, and changes of unknown kinds.
    pub notes: usize,
    /// Files of databases that were set aside.
    pub files: usize,
}

/// Types of data that are rows of the feed.
const DATED: &[(RetainedData, &[EntityKind])] = &[
    (RetainedData::Tasks, &[EntityKind::Task, EntityKind::Bid]),
    (RetainedData::Attendance, &[EntityKind::Attendance]),
    (RetainedData::Submissions, &[EntityKind::Submission]),
    (RetainedData::Alerts, &[EntityKind::Alert]),
];

impl Cache {
    /// Takes away what is older than `retention` allows at `now`, which has to be the server's time as well as it is known; afterwards
    /// no byte of it is in the file or its log. What went is kept as a report.
    ///
    /// # Errors
    /// When the database can't be written. Nothing is lost by calling it again.
    pub fn purge(&mut self, now: DateTime<Utc>, retention: &Retention) -> Result<Purge, StoreError> {
        let report = self.purge_rows(now, retention)?;
        database::scrub(&self.conn)?;
        let kept_days = retention.positions_days.min(retention.attendance_days).min(retention.default_days);
        let files = match &self.file {
            Some(file) => database::delete_older(file, limit(now, kept_days))?,
            None => 0,
        };
        Ok(Purge { files, ..report })
    }

    /// What is here of each type of data, and how much of it a [`purge`](Self::purge) would take away at `by` (which may be next
    /// Friday).
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn preview_purge(
        &self,
        by: DateTime<Utc>,
        retention: &Retention,
    ) -> Result<Vec<RetentionRuleView>, StoreError> {
        let days = days_of(RetainedData::Positions, retention);
        let mut rules = vec![positions::retained(&self.conn, days, limit(by, days))?];
        for &(data, kinds) in DATED {
            let days = days_of(data, retention);
            let mut rule = RetentionRuleView { data, days: days.into(), rows: 0, going: 0, oldest: None };
            for &kind in kinds {
                look_at(&self.conn, kind, limit(by, days), &mut rule)?;
            }
            rules.push(rule);
        }
        Ok(rules)
    }

    /// What the last purges took away, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn purges(&self, limit: u32) -> Result<Vec<PurgeView>, StoreError> {
        let mut select =
            self.conn.prepare_cached("SELECT at_ms, removed FROM purges ORDER BY seq DESC LIMIT ?1")?;
        let reports =
            select.query_map([limit], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let mut purges = Vec::new();
        for report in reports {
            let (at_ms, removed) = report?;
            // One of another build tells nothing that this one could show.
            let removed = serde_json::from_str(&removed).ok();
            let at = DateTime::from_timestamp_millis(at_ms);
            purges.extend(at.zip(removed).map(|(at, removed)| PurgeView { at, removed }));
        }
        Ok(purges)
    }

    fn purge_rows(&mut self, now: DateTime<Utc>, retention: &Retention) -> Result<Purge, StoreError> {
        let tx = self.begin()?;
        let mut report = Purge::default();
        let fixes_before = limit(now, days_of(RetainedData::Positions, retention));
        report.note(RetainedData::Positions, positions::purge(&tx, fixes_before.timestamp_micros())?);
        for &(data, kinds) in DATED {
            let before = limit(now, days_of(data, retention));
            for &kind in kinds {
                report.note(data, purge_kind(&tx, kind, before)?);
            }
        }
        let before_ms = limit(now, retention.default_days).timestamp_millis();
        report.notes = incidents::purge(&tx, before_ms)?
            + notified::purge(&tx, before_ms)?
            + strange::purge(&tx, before_ms)?;
        add_report(&tx, now, &report)?;
        tx.commit()?;
        Ok(report)
    }
}

impl Purge {
    fn note(&mut self, data: RetainedData, count: usize) {
        if count > 0 {
            *self.removed.entry(data).or_default() += count;
        }
    }
}

fn days_of(data: RetainedData, retention: &Retention) -> u16 {
    match data {
        RetainedData::Positions => retention.positions_days,
        RetainedData::Attendance => retention.attendance_days,
        RetainedData::Tasks | RetainedData::Submissions | RetainedData::Alerts => retention.default_days,
    }
}

fn limit(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(i64::from(days))).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn add_report(conn: &Connection, now: DateTime<Utc>, report: &Purge) -> Result<(), StoreError> {
    let removed: Vec<(RetainedData, usize)> =
        report.removed.iter().map(|(data, count)| (*data, *count)).collect();
    conn.execute(
        "INSERT INTO purges (at_ms, removed) VALUES (?1, ?2)",
        params![now.timestamp_millis(), serde_json::to_string(&removed)?],
    )?;
    conn.execute("DELETE FROM purges WHERE seq <= (SELECT max(seq) FROM purges) - ?1", [MOST_REPORTS])?;
    Ok(())
}

/// Visits each row of a kind: its id, and since when it is history (`None`: it is current).
fn visit(
    conn: &Connection,
    kind: EntityKind,
    mut see: impl FnMut(Uuid, DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<(), StoreError> {
    let mut select = conn.prepare_cached("SELECT id, at_ms, data FROM rows WHERE type = ?1")?;
    let mut rows = select.query([kind.name()])?;
    while let Some(row) = rows.next()? {
        let at = DateTime::from_timestamp_millis(row.get(1)?).unwrap_or_default();
        // What can't be read is history: keeping it for ever would be the greater wrong.
        let over = match kind.decode(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?) {
            Ok(entity) => entity.over_since().map(|since| since.min(at)),
            Err(_) => Some(at),
        };
        see(Uuid::from_bytes(row.get(0)?), at, over);
    }
    Ok(())
}

fn look_at(
    conn: &Connection,
    kind: EntityKind,
    before: DateTime<Utc>,
    rule: &mut RetentionRuleView,
) -> Result<(), StoreError> {
    visit(conn, kind, |_, at, over| {
        rule.rows += 1;
        rule.going += u64::from(over.is_some_and(|since| since < before));
        let at = over.unwrap_or(at);
        rule.oldest = Some(rule.oldest.map_or(at, |oldest| oldest.min(at)));
    })
}

fn purge_kind(conn: &Connection, kind: EntityKind, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let mut old = Vec::new();
    visit(conn, kind, |id, _, over| old.extend(over.filter(|since| *since < before).map(|_| id)))?;
    old.iter().try_for_each(|id| take_away(conn, kind, *id))?;
    Ok(old.len())
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
