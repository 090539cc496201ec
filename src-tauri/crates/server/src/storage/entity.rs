//! `entity` and `checksum`: every row as it is now, and the running sums that each view's bookmarks carry.
//!
//! `scope` says who may see a row: `*` everybody in the company, else the ids of groups joined with `|`. `masked` is the row as
//! shown to roles that may not read contact data; empty where there is none to mask.

use chrono::{DateTime, Utc};
use domain::{CompanyId, GroupId};
use protocol::entity::{EntityKind, EntityType};
use protocol::wire::{Checksums, row_hash};
use rusqlite::{OptionalExtension, Row, named_params, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, from_ms, id_of, to_i64, to_ms, to_u64};

pub(super) const TABLE: &str = "
CREATE TABLE entity (
    company BLOB NOT NULL REFERENCES company (id),
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    scope TEXT NOT NULL,
    subject BLOB NOT NULL,
    data TEXT NOT NULL,
    masked TEXT NOT NULL,
    PRIMARY KEY (company, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_subject ON entity (company, kind, subject);
CREATE TABLE checksum (
    company BLOB NOT NULL REFERENCES company (id),
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (company, kind, scope)
) STRICT, WITHOUT ROWID;";

/// Rows that a view shows: to be used with [`View`]'s parameters `:all` and `:groups`; `{scope}` is the column.
pub(super) fn visible(scope: &str) -> String {
    format!(
        "(:all OR {scope} = '*' OR EXISTS (SELECT 1 FROM json_each(:groups) AS own WHERE instr({scope}, own.value) > 0))"
    )
}

/// What a user may see. It is applied inside the queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    company: Uuid,
    all: bool,
    groups: String,
    kinds: String,
    masked: bool,
}

impl View {
    /// The rows of `kinds` in `groups` (`None` means all groups) of a company; `masked` hides contact data.
    pub fn new(company: CompanyId, groups: Option<&[GroupId]>, kinds: &[EntityKind], masked: bool) -> Self {
        let list = |names: Vec<String>| format!("[{}]", names.join(","));
        let groups_list = groups.unwrap_or_default().iter().map(|group| format!("\"{group}\"")).collect();
        View {
            company: company.0,
            all: groups.is_none(),
            groups: list(groups_list),
            kinds: list(kinds.iter().map(|kind| format!("\"{}\"", kind.name())).collect()),
            masked,
        }
    }

    pub(super) fn company(&self) -> Uuid {
        self.company
    }

    pub(super) fn all(&self) -> bool {
        self.all
    }

    pub(super) fn groups(&self) -> &str {
        &self.groups
    }

    pub(super) fn kinds(&self) -> &str {
        &self.kinds
    }

    pub(super) fn masked(&self) -> bool {
        self.masked
    }
}

/// A row as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRow {
    /// Type, by its wire name.
    pub kind: String,
    /// Identity.
    pub id: Uuid,
    /// From 1, raised with each change; goes on after a deletion.
    pub version: u64,
    /// Only its tombstone is left.
    pub deleted: bool,
    /// When it changed last.
    pub at: DateTime<Utc>,
    /// Who may see it.
    pub scope: String,
    /// JSON; masked where the view says so.
    pub data: String,
}

/// A row to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEntityRow<'a> {
    /// Type.
    pub kind: EntityKind,
    /// Identity.
    pub id: Uuid,
    /// Its new version.
    pub version: u64,
    /// Only its tombstone is left.
    pub deleted: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// Who may see it.
    pub scope: &'a str,
    /// The resource it is about, nil if none.
    pub subject: Uuid,
    /// JSON.
    pub data: &'a str,
    /// JSON without contact data; empty where there is none.
    pub masked: &'a str,
}

const COLUMNS: &str = "kind, id, version, deleted, at_ms, scope, data";

fn row(row: &Row<'_>) -> rusqlite::Result<EntityRow> {
    Ok(EntityRow {
        kind: row.get(0)?,
        id: id_of(row.get(1)?),
        version: to_u64(row.get(2)?),
        deleted: row.get(3)?,
        at: from_ms(row.get(4)?),
        scope: row.get(5)?,
        data: row.get(6)?,
    })
}

impl Reader<'_> {
    /// The row, or its tombstone.
    pub fn entity(
        &self,
        company: Uuid,
        kind: EntityKind,
        id: Uuid,
    ) -> Result<Option<EntityRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM entity WHERE company = ?1 AND kind = ?2 AND id = ?3");
        let key = params![company.as_bytes(), kind.name(), id.as_bytes()];
        Ok(self.sql.prepare_cached(&sql)?.query_row(key, row).optional()?)
    }

    /// All rows of a kind.
    pub fn entities(&self, company: Uuid, kind: EntityKind) -> Result<Vec<EntityRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM entity WHERE company = ?1 AND kind = ?2 AND deleted = 0 ORDER BY id"
        );
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(params![company.as_bytes(), kind.name()], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The ids of the rows of a kind that `wanted` picks.
    pub fn ids_where(
        &self,
        company: Uuid,
        kind: EntityKind,
        wanted: impl Fn(&EntityRow) -> bool,
    ) -> Result<Vec<Uuid>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM entity WHERE company = ?1 AND kind = ?2 AND deleted = 0");
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(params![company.as_bytes(), kind.name()], row)?;
        let picked = rows.filter_map(|row| match row {
            Ok(row) => wanted(&row).then_some(Ok(row.id)),
            Err(error) => Some(Err(error)),
        });
        Ok(picked.collect::<Result<_, _>>()?)
    }

    /// All rows of a kind that are about one resource.
    pub fn entities_about(
        &self,
        company: Uuid,
        kind: EntityKind,
        subject: Uuid,
    ) -> Result<Vec<EntityRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM entity WHERE company = ?1 AND kind = ?2 AND subject = ?3 AND deleted = 0 ORDER BY id"
        );
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(params![company.as_bytes(), kind.name(), subject.as_bytes()], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Everything in a view.
    pub fn entities_in(&self, view: &View) -> Result<Vec<EntityRow>, StorageError> {
        let sql = format!(
            "SELECT kind, id, version, deleted, at_ms, scope, CASE WHEN :masked AND masked != '' THEN masked ELSE data END
             FROM entity
             WHERE company = :company AND deleted = 0 AND kind IN (SELECT value FROM json_each(:kinds)) AND {}
             ORDER BY kind, id",
            visible("scope")
        );
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(
            named_params! {
                ":company": view.company().as_bytes(), ":all": view.all(), ":groups": view.groups(),
                ":kinds": view.kinds(), ":masked": view.masked()
            },
            row,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The row, if the view shows it.
    pub fn entity_in(
        &self,
        view: &View,
        kind: EntityKind,
        id: Uuid,
    ) -> Result<Option<EntityRow>, StorageError> {
        let sql = format!(
            "SELECT kind, id, version, deleted, at_ms, scope, CASE WHEN :masked AND masked != '' THEN masked ELSE data END
             FROM entity
             WHERE company = :company AND deleted = 0 AND kind = :kind AND id = :id
                 AND kind IN (SELECT value FROM json_each(:kinds)) AND {}",
            visible("scope")
        );
        let found = self.sql.prepare_cached(&sql)?.query_row(
            named_params! {
                ":company": view.company().as_bytes(), ":all": view.all(), ":groups": view.groups(),
                ":kinds": view.kinds(), ":masked": view.masked(), ":kind": kind.name(), ":id": id.as_bytes()
            },
            row,
        );
        Ok(found.optional()?)
    }

    /// The sums over a view; a type without rows has none.
    pub fn checksums(&self, view: &View) -> Result<Checksums, StorageError> {
        let sql = format!(
            "SELECT kind, sum FROM checksum
             WHERE company = :company AND row_count > 0 AND kind IN (SELECT value FROM json_each(:kinds)) AND {}",
            visible("scope")
        );
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(
            named_params! {
                ":company": view.company().as_bytes(), ":all": view.all(), ":groups": view.groups(), ":kinds": view.kinds()
            },
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
        )?;
        let mut sums = Checksums::new();
        for row in rows {
            let (kind, sum) = row?;
            let total = sums.entry(EntityType(kind)).or_default();
            *total = total.wrapping_add(to_u64(sum));
        }
        Ok(sums)
    }
}

impl Tx<'_> {
    /// Stores a row in place of `before` and moves its share of the checksums.
    pub fn put_entity(
        &self,
        company: Uuid,
        row: &NewEntityRow<'_>,
        before: Option<&EntityRow>,
    ) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT INTO entity (company, kind, id, version, deleted, at_ms, scope, subject, data, masked)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (company, kind, id) DO UPDATE
                 SET version = ?4, deleted = ?5, at_ms = ?6, scope = ?7, subject = ?8, data = ?9, masked = ?10",
            )?
            .execute(params![
                company.as_bytes(),
                row.kind.name(),
                row.id.as_bytes(),
                to_i64(row.version),
                row.deleted,
                to_ms(row.at),
                row.scope,
                row.subject.as_bytes(),
                row.data,
                row.masked
            ])?;
        if let Some(old) = before.filter(|old| !old.deleted) {
            let share = row_hash(old.id, old.version).wrapping_neg();
            self.add_to_checksum((company, row.kind, &old.scope), -1, share)?;
        }
        if !row.deleted {
            let share = row_hash(row.id, row.version);
            self.add_to_checksum((company, row.kind, row.scope), 1, share)?;
        }
        Ok(())
    }

    fn add_to_checksum(
        &self,
        (company, kind, scope): (Uuid, EntityKind, &str),
        rows: i64,
        share: u64,
    ) -> Result<(), StorageError> {
        let key = params![company.as_bytes(), kind.name(), scope];
        let select = "SELECT sum FROM checksum WHERE company = ?1 AND kind = ?2 AND scope = ?3";
        let sum: Option<i64> =
            self.sql.prepare_cached(select)?.query_row(key, |row| row.get(0)).optional()?;
        // Summed here, wrapping: SQLite's own addition would turn an overflow into a float.
        let sum = to_i64(to_u64(sum.unwrap_or_default()).wrapping_add(share));
        self.sql
            .prepare_cached(
                "INSERT INTO checksum (company, kind, scope, row_count, sum) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (company, kind, scope) DO UPDATE SET row_count = row_count + ?4, sum = ?5",
            )?
            .execute(params![company.as_bytes(), kind.name(), scope, rows, sum])?;
        Ok(())
    }

    /// Forgets tombstones older than `before`.
    pub fn delete_old_tombstones(&self, before: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("DELETE FROM entity WHERE deleted = 1 AND at_ms < ?1")?
            .execute([to_ms(before)])?;
        Ok(())
    }
}
