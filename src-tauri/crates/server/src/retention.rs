//! What has been kept for long enough goes: positions and the feed every quarter of an hour, rows once a day.
//!
//! The company's retention counts from when a row became history ([`Entity::over_since`](protocol::entity::Entity::over_since)), not
//! from when it was last written. A row goes with all that tells of it: earlier states in the feed, copies in receipts, the report it
//! came from; what is left is a tombstone, so that every desk loses it too, and an audit row with the count. Deliberately absent: open
//! tasks and bids, cards, places and forms never go by age.

use chrono::{DateTime, TimeDelta, Utc};
use domain::CompanyId;
use domain::company::{Company, Retention};
use protocol::entity::EntityKind;
use uuid::Uuid;

use crate::core::Core;
use crate::ledger::Ledger;
use crate::storage::{EntityRow, StorageError};

/// Rows that go in one transaction: others write in between.
const BATCH: usize = 500;

/// Kinds whose rows become history.
const DATED: &[EntityKind] =
    &[EntityKind::Task, EntityKind::Bid, EntityKind::Attendance, EntityKind::Submission, EntityKind::Alert];

/// Deletes fixes by the company's retention; the feed and its tombstones by the server's.
pub(crate) fn retire_positions_and_feed(core: &Core) -> Result<(), StorageError> {
    let now = core.now();
    core.storage.write::<_, StorageError>(
        |tx| {
            tx.delete_expired_sessions(now)?;
            tx.delete_old_failures(now - TimeDelta::hours(1))
        },
        |()| (),
    )?;
    let feed_before = limit(now, core.feed_days);
    let mut deleted = 0;
    for company in core.storage.read(|rows| rows.companies())? {
        deleted += core.write(CompanyId(company.id), None, |ledger| {
            let deleted = retire_positions(core, ledger)?;
            if let Some(through) = ledger.tx().last_change_before(company.id, feed_before)? {
                ledger.prune_history(through)?;
            }
            ledger.tx().delete_old_tombstones(feed_before)?;
            Ok::<_, StorageError>(deleted)
        })?;
    }
    tracing::debug!(deleted, "fixes retired");
    // Also for the texts to customers that were handed on meanwhile: they are gone from the table, not from the log.
    core.storage.empty_log()
}

fn retire_positions(core: &Core, ledger: &mut Ledger<'_, '_>) -> Result<usize, StorageError> {
    let company = ledger.company();
    let Some((settings, _)) = ledger.load::<Company>(company.0)? else { return Ok(0) };
    let before = limit(ledger.now(), settings.retention.positions_days);
    core.positions.forget_older(company, before);
    let deleted = ledger.tx().delete_old_positions(company.0, before)?;
    ledger.tx().forget_entry_fixes(company.0, before)?;
    ledger.tx().delete_old_privacy_gaps(company.0, before)?;
    if deleted > 0 {
        ledger.audit_with_purpose(Uuid::nil(), "positions.retired", Uuid::nil(), &deleted.to_string())?;
    }
    Ok(deleted)
}

/// Takes away the rows and reports whose time is over.
pub(crate) fn retire_rows(core: &Core) -> Result<(), StorageError> {
    let mut gone = 0;
    for company in core.storage.read(|rows| rows.companies())? {
        gone += retire_rows_of(core, CompanyId(company.id))?;
    }
    tracing::debug!(gone, "rows retired");
    if gone > 0 { core.storage.empty_log() } else { Ok(()) }
}

fn retire_rows_of(core: &Core, company: CompanyId) -> Result<usize, StorageError> {
    let now = core.now();
    let settings = core.storage.read(|rows| rows.entity(company.0, EntityKind::Company, company.0))?;
    let Some(settings) = settings.filter(|row| !row.deleted) else { return Ok(0) };
    let Retention { attendance_days, default_days, .. } =
        serde_json::from_str::<Company>(&settings.data)?.retention;
    let mut gone = 0;
    for &kind in DATED {
        let days = if kind == EntityKind::Attendance { attendance_days } else { default_days };
        let before = limit(now, days);
        // Found without holding up writers; each is looked at again before it goes.
        let old =
            core.storage.read(|rows| rows.ids_where(company.0, kind, |row| is_old(kind, row, before)))?;
        for ids in old.chunks(BATCH) {
            gone += core.write(company, None, |ledger| take_away(ledger, kind, ids, before))?;
        }
    }
    let (attendance, other) = (limit(now, attendance_days), limit(now, default_days));
    Ok(gone + core.write(company, None, |ledger| take_away_traces(ledger, attendance, other))?)
}

/// What tells of rows that are gone: reports, earlier changes, copies in receipts.
fn take_away_traces(
    ledger: &mut Ledger<'_, '_>,
    attendance: DateTime<Utc>,
    other: DateTime<Utc>,
) -> Result<usize, StorageError> {
    let (tx, company) = (ledger.tx(), ledger.company().0);
    let entries = tx.delete_old_entries(company, attendance, other)?;
    if entries > 0 {
        ledger.audit_with_purpose(Uuid::nil(), "entry.retired", Uuid::nil(), &entries.to_string())?;
    }
    Ok(entries + tx.blank_changes_of_deleted(company)? + tx.blank_receipts_of_deleted(company)?)
}

fn take_away(
    ledger: &mut Ledger<'_, '_>,
    kind: EntityKind,
    ids: &[Uuid],
    before: DateTime<Utc>,
) -> Result<usize, StorageError> {
    let company = ledger.company();
    let mut gone = 0;
    for &id in ids {
        let row = ledger.tx().entity(company.0, kind, id)?;
        if row.is_some_and(|row| !row.deleted && is_old(kind, &row, before)) {
            ledger.delete(kind, id)?;
            gone += 1;
        }
    }
    if gone > 0 {
        let action = format!("{}.retired", kind.name());
        ledger.audit_with_purpose(Uuid::nil(), &action, Uuid::nil(), &gone.to_string())?;
    }
    Ok(gone)
}

/// What can't be read is history: keeping it for ever would be the greater wrong.
fn is_old(kind: EntityKind, row: &EntityRow, before: DateTime<Utc>) -> bool {
    match kind.decode(&row.data) {
        Ok(entity) => entity.over_since().is_some_and(|since| since.min(row.at) < before),
        Err(_) => row.at < before,
    }
}

fn limit(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(i64::from(days))).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
