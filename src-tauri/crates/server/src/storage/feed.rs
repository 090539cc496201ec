//! `feed`: every change in order. Each row knows who could see the entity before and who can after, so that a view gets a
//! tombstone for what left it.

use chrono::{DateTime, Utc};
use domain::DeviceId;
use protocol::entity::{EntityKind, EntityType};
use protocol::wire::{Cause, Item, op};
use rusqlite::{Row, named_params, params};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::entity::{View, visible};
use super::{Reader, StorageError, Tx, from_ms, id_of, to_i64, to_ms, to_u64};

pub(super) const TABLE: &str = "
CREATE TABLE feed (
    company BLOB NOT NULL REFERENCES company (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    scope TEXT NOT NULL,
    scope_before TEXT NOT NULL,
    cause_device BLOB NOT NULL,
    cause_n INTEGER NOT NULL,
    data TEXT NOT NULL,
    masked TEXT NOT NULL,
    PRIMARY KEY (company, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_at ON feed (company, at_ms);";

/// A change to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewFeedRow<'a> {
    /// Its place.
    pub seq: u64,
    /// Type.
    pub kind: EntityKind,
    /// Identity.
    pub id: Uuid,
    /// The version it made.
    pub version: u64,
    /// A tombstone.
    pub deleted: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// Who may see it from now on; empty for a tombstone.
    pub scope: &'a str,
    /// Who could see it until now; empty for a new row.
    pub scope_before: &'a str,
    /// The command behind it.
    pub cause: Option<Cause>,
    /// JSON.
    pub data: &'a str,
    /// JSON without contact data; empty where there is none.
    pub masked: &'a str,
}

/// Changes of a view.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// In order.
    pub items: Vec<Item>,
    /// Place of the last one; `None` when there are no more than these.
    pub more_after: Option<u64>,
}

fn row(row: &Row<'_>) -> rusqlite::Result<(u64, Item, String)> {
    let shown: bool = row.get(4)?;
    let item = Item {
        entity: EntityType(row.get(1)?),
        id: id_of(row.get(2)?),
        version: to_u64(row.get(3)?),
        op: if shown { op::PUT } else { op::DEL }.to_owned(),
        data: None,
        at: from_ms(row.get(5)?),
        cause: row
            .get::<_, Option<[u8; 16]>>(6)?
            .map(|device| {
                Ok::<_, rusqlite::Error>(Cause { device: DeviceId(id_of(device)), n: to_u64(row.get(7)?) })
            })
            .transpose()?,
    };
    Ok((to_u64(row.get(0)?), item, row.get(8)?))
}

impl Reader<'_> {
    /// The next `limit` changes of a view after `after`.
    pub fn changes(&self, view: &View, after: u64, limit: usize) -> Result<FeedPage, StorageError> {
        let sql = format!(
            "SELECT seq, kind, id, version, shown, at_ms, NULLIF(cause_device, x''), cause_n,
                 CASE WHEN NOT shown THEN '' WHEN :masked AND masked != '' THEN masked ELSE data END
             FROM (
                 SELECT *, NOT deleted AND {now} AS shown, {before} AS was_shown FROM feed
                 WHERE company = :company AND seq > :after AND kind IN (SELECT value FROM json_each(:kinds))
             )
             WHERE shown OR was_shown ORDER BY seq LIMIT :limit",
            now = visible("scope"),
            before = visible_before(),
        );
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(
            named_params! {
                ":company": view.company().as_bytes(), ":all": view.all(), ":groups": view.groups(),
                ":kinds": view.kinds(), ":masked": view.masked(), ":after": to_i64(after), ":limit": limit as i64
            },
            row,
        )?;
        let mut page = FeedPage { items: Vec::new(), more_after: None };
        for row in rows {
            let (seq, mut item, data) = row?;
            if !data.is_empty() {
                item.data = Some(RawValue::from_string(data)?);
            }
            page.items.push(item);
            page.more_after = Some(seq);
        }
        if page.items.len() < limit {
            page.more_after = None;
        }
        Ok(page)
    }

    /// The newest change older than `before`.
    pub fn last_change_before(
        &self,
        company: Uuid,
        before: DateTime<Utc>,
    ) -> Result<Option<u64>, StorageError> {
        let sql = "SELECT MAX(seq) FROM feed WHERE company = ?1 AND at_ms < ?2";
        let found: Option<i64> = self
            .sql
            .prepare_cached(sql)?
            .query_row(params![company.as_bytes(), to_ms(before)], |row| row.get(0))?;
        Ok(found.map(to_u64))
    }
}

/// As [`visible`], but a row that did not exist was not visible to anybody.
fn visible_before() -> String {
    format!("(scope_before != '' AND {})", visible("scope_before"))
}

impl Tx<'_> {
    /// Adds a change.
    pub fn insert_change(&self, company: Uuid, row: &NewFeedRow<'_>) -> Result<(), StorageError> {
        let cause_device = row.cause.map(|cause| cause.device.0.into_bytes().to_vec()).unwrap_or_default();
        self.sql
            .prepare_cached(
                "INSERT INTO feed (company, seq, kind, id, version, deleted, at_ms, scope, scope_before, cause_device, cause_n, data, masked)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                company.as_bytes(),
                to_i64(row.seq),
                row.kind.name(),
                row.id.as_bytes(),
                to_i64(row.version),
                row.deleted,
                to_ms(row.at),
                row.scope,
                row.scope_before,
                cause_device,
                to_i64(row.cause.map_or(0, |cause| cause.n)),
                row.data,
                row.masked
            ])?;
        Ok(())
    }

    /// Takes the content out of a company's earlier changes to rows that are deleted now: to whoever still has to read them, they
    /// are tombstones. Answers how many.
    pub fn blank_changes_of_deleted(&self, company: Uuid) -> Result<usize, StorageError> {
        let blanked = self
            .sql
            .prepare_cached(
                "UPDATE feed SET deleted = 1, data = '', masked = ''
                 WHERE company = ?1 AND deleted = 0 AND EXISTS (
                     SELECT 1 FROM entity
                     WHERE entity.company = feed.company AND entity.kind = feed.kind AND entity.id = feed.id
                         AND entity.deleted = 1
                 )",
            )?
            .execute([company.as_bytes()])?;
        Ok(blanked)
    }

    /// Forgets the changes up to `through`.
    pub fn delete_changes(&self, company: Uuid, through: u64) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("DELETE FROM feed WHERE company = ?1 AND seq <= ?2")?
            .execute(params![company.as_bytes(), to_i64(through)])?;
        Ok(())
    }
}
