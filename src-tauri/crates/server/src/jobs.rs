//! What happens by the clock: fixes are stored, bids run out, old data goes.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::CompanyId;
use domain::bid::Bid;
use domain::company::Company;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::core::Core;
use crate::storage::StorageError;

const FLUSH_EVERY: Duration = Duration::from_millis(500);
const EXPIRE_EVERY: Duration = Duration::from_secs(1);
const RETIRE_EVERY: Duration = Duration::from_secs(15 * 60);

type Job = fn(&Core) -> Result<(), StorageError>;

/// Runs the jobs until the server stops; then stores what is left.
pub(crate) async fn run(core: Arc<Core>, stopping: CancellationToken) {
    let (mut flush, mut expire, mut retire) =
        (interval(FLUSH_EVERY), interval(EXPIRE_EVERY), interval(RETIRE_EVERY));
    for ticks in [&mut flush, &mut expire, &mut retire] {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        let (name, job): (&str, Job) = tokio::select! {
            () = stopping.cancelled() => break,
            _ = flush.tick() => ("flush positions", flush_positions),
            _ = expire.tick() => ("expire bids", expire_bids),
            _ = retire.tick() => ("retire old data", retire_old_data),
        };
        report(name, core.blocking(job).await);
    }
    report("flush positions", core.blocking(flush_positions).await);
}

fn report(name: &str, done: Result<Result<(), StorageError>, tokio::task::JoinError>) {
    match done {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(job = name, %error, "a job failed and will be tried again"),
        Err(error) => tracing::error!(job = name, %error, "a job did not end"),
    }
}

/// Stores the fixes that came in since the last time.
pub(crate) fn flush_positions(core: &Core) -> Result<(), StorageError> {
    let rows = core.positions.take_pending();
    if rows.is_empty() {
        return Ok(());
    }
    let stored = core.storage.write(|tx| tx.insert_positions(&rows), |()| ());
    if stored.is_err() {
        core.positions.put_back(rows);
    }
    stored
}

/// Ends the bids whose deadline has passed.
pub(crate) fn expire_bids(core: &Core) -> Result<(), StorageError> {
    let now = core.now();
    for (company, id) in core.storage.read(|rows| rows.bids_due(now))? {
        core.write(CompanyId(company), None, |ledger| match ledger.load::<Bid>(id)? {
            Some((mut bid, _)) => {
                bid.expire(now);
                ledger.put(bid).map(drop)
            }
            None => ledger.tx().set_deadline(company, id, None),
        })?;
    }
    Ok(())
}

/// Deletes what has been kept for long enough: fixes by the company's retention, the feed and its tombstones by the server's.
pub(crate) fn retire_old_data(core: &Core) -> Result<(), StorageError> {
    let now = core.now();
    core.storage.write::<_, StorageError>(
        |tx| {
            tx.delete_expired_sessions(now)?;
            tx.delete_old_failures(now - TimeDelta::hours(1))
        },
        |()| (),
    )?;
    for company in core.storage.read(|rows| rows.companies())? {
        retire_of(core, CompanyId(company.id))?;
    }
    Ok(())
}

fn retire_of(core: &Core, company: CompanyId) -> Result<(), StorageError> {
    let now = core.now();
    let feed_before = now - TimeDelta::days(i64::from(core.feed_days));
    let deleted = core.write(company, None, |ledger| {
        let Some((settings, _)) = ledger.load::<Company>(company.0)? else { return Ok(0) };
        let kept = TimeDelta::days(i64::from(settings.retention.positions_days));
        let deleted = ledger.tx().delete_old_positions(company.0, now - kept)?;
        ledger.tx().forget_entry_fixes(company.0, now - kept)?;
        if deleted > 0 {
            ledger.audit(Uuid::nil(), "positions.retired", Uuid::nil())?;
        }
        if let Some(through) = ledger.tx().last_change_before(company.0, feed_before)? {
            ledger.prune_history(through)?;
        }
        ledger.tx().delete_old_tombstones(feed_before)?;
        Ok::<_, StorageError>(deleted)
    })?;
    tracing::debug!(deleted, "retention ran");
    Ok(())
}
