//! What the watcher tells becomes rows.

use domain::alert::{Alert, Correction};
use watch::News;

use crate::ledger::Ledger;
use crate::storage::StorageError;

/// Writes news in order: an event that is there already, from a desk or from before, is not written again.
pub(super) fn all(ledger: &mut Ledger<'_, '_>, news: &[News]) -> Result<(), StorageError> {
    for news in news {
        match news {
            News::Raised(alert) => raise(ledger, alert)?,
            News::Retracted(id) => {
                if let Some((alert, _)) = ledger.load::<Alert>(id.0)? {
                    correct(ledger, alert, Correction::Unfounded)?;
                }
            }
        }
    }
    Ok(())
}

/// Adds an alert, unless its event is there already or may not be told.
pub(super) fn raise(ledger: &mut Ledger<'_, '_>, alert: &Alert) -> Result<(), StorageError> {
    let may_not_be_told = alert.at.is_some() && ledger.is_private_then(alert)?;
    if may_not_be_told || ledger.same_alert(alert)?.is_some() {
        return Ok(());
    }
    ledger.put(alert.clone()).map(drop)
}

/// Corrects an alert.
pub(super) fn correct(
    ledger: &mut Ledger<'_, '_>,
    mut alert: Alert,
    correction: Correction,
) -> Result<(), StorageError> {
    if alert.correct(correction, ledger.now()) { ledger.put(alert).map(drop) } else { Ok(()) }
}
