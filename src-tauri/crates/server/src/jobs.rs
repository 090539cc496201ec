//! What happens by the clock: fixes are stored, bids run out, alerts get worse, old data goes.

use std::sync::Arc;
use std::time::Duration;

use domain::CompanyId;
use domain::alert::Alert;
use domain::bid::Bid;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::retention;
use crate::storage::StorageError;

const FLUSH_EVERY: Duration = Duration::from_millis(500);
const EXPIRE_EVERY: Duration = Duration::from_secs(1);
const ESCALATE_EVERY: Duration = Duration::from_secs(1);
const RETIRE_EVERY: Duration = Duration::from_secs(15 * 60);
/// Rows go by the day: looking for them reads them all.
const RETIRE_ROWS_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

type Job = fn(&Core) -> Result<(), StorageError>;

/// Runs the jobs until the server stops; then stores what is left.
pub(crate) async fn run(core: Arc<Core>, stopping: CancellationToken) {
    let (mut flush, mut expire) = (interval(FLUSH_EVERY), interval(EXPIRE_EVERY));
    let mut escalate = interval(ESCALATE_EVERY);
    let (mut retire, mut retire_rows) = (interval(RETIRE_EVERY), interval(RETIRE_ROWS_EVERY));
    for ticks in [&mut flush, &mut expire, &mut escalate, &mut retire, &mut retire_rows] {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        let (name, job): (&str, Job) = tokio::select! {
            () = stopping.cancelled() => break,
            _ = flush.tick() => ("flush positions", flush_positions),
            _ = expire.tick() => ("expire bids", expire_bids),
            _ = escalate.tick() => ("escalate alerts", escalate_alerts),
            _ = retire.tick() => ("retire old data", retention::retire_positions_and_feed),
            _ = retire_rows.tick() => ("retire old rows", retention::retire_rows),
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

/// Makes the alerts worse that nobody has looked at in time. One that can't be keeps no other one waiting.
pub(crate) fn escalate_alerts(core: &Core) -> Result<(), StorageError> {
    let now = core.now();
    let mut outcome = Ok(());
    for (company, id) in core.storage.read(|rows| rows.escalations_due(now))? {
        let done = core.write(CompanyId(company), None, |ledger| {
            let alert = ledger.load::<Alert>(id)?.map(|(alert, _)| alert);
            let escalated = alert.and_then(|mut alert| alert.escalate(now).then_some(alert));
            match escalated {
                Some(alert) => ledger.put(alert).map(drop),
                None => ledger.tx().set_escalation(company, id, None),
            }
        });
        outcome = outcome.and(done);
    }
    outcome
}
