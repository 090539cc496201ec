//! What the watcher tells becomes rows.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::AlertId;
use domain::alert::{Alert, Correction};
use watch::News;

use crate::ledger::Ledger;
use crate::storage::StorageError;

/// What happened so long ago is not taken back by a late fix; recomputed tracks look at the rows themselves.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Which rows events have become, and when they happened: another row than their own where a desk, or the same event a moment before,
/// had one already.
#[derive(Debug, Default)]
pub(super) struct RowsOf(HashMap<AlertId, (AlertId, DateTime<Utc>)>);

impl RowsOf {
    fn add(&mut self, event: &Alert, row: AlertId) {
        self.0.insert(event.id, (row, event.event_time));
    }

    /// The event never happened: its row, unless another event has become the same one.
    fn take_back(&mut self, event: AlertId) -> Option<AlertId> {
        let row = self.0.remove(&event).map_or(event, |(row, _)| row);
        let is_needed = self.0.values().any(|(other, _)| *other == row);
        (!is_needed).then_some(row)
    }

    fn forget_old(&mut self, now: DateTime<Utc>) {
        self.0.retain(|_, (_, at)| now - *at < REMEMBERED);
    }
}

/// Writes news in order: an event that is there already, from a desk or from before, is not written again. One that a late fix only dates
/// anew is taken back and raised again, which changes nothing.
pub(super) fn all(
    ledger: &mut Ledger<'_, '_>,
    news: &[News],
    rows_of: &mut RowsOf,
) -> Result<(), StorageError> {
    for (place, one) in news.iter().enumerate() {
        match one {
            News::Raised(alert) => {
                if let Some(row) = raise(ledger, alert)? {
                    rows_of.add(alert, row);
                }
            }
            News::Retracted(id) => {
                let Some(row) = rows_of.take_back(*id) else { continue };
                let Some((alert, _)) = ledger.load::<Alert>(row.0)? else { continue };
                if !is_raised(&alert, news.iter().skip(place + 1)) {
                    correct(ledger, alert, Correction::Unfounded)?;
                }
            }
        }
    }
    rows_of.forget_old(ledger.now());
    Ok(())
}

fn is_raised<'a>(alert: &Alert, mut news: impl Iterator<Item = &'a News>) -> bool {
    news.any(|news| match news {
        News::Raised(raised) => raised.is_same_event(alert),
        News::Retracted(_) => false,
    })
}

/// Adds an alert, unless its event is there already or may not be told. Answers the row that it has.
pub(super) fn raise(ledger: &mut Ledger<'_, '_>, alert: &Alert) -> Result<Option<AlertId>, StorageError> {
    if alert.at.is_some() && ledger.is_private_then(alert)? {
        return Ok(None);
    }
    if let Some((known, _)) = ledger.same_alert(alert)? {
        let row = known.id;
        if known.correction == Some(Correction::Unfounded) {
            // Still more late data: it happened after all.
            correct(ledger, known, Correction::FoundLate)?;
        }
        return Ok(Some(row));
    }
    ledger.put(alert.clone())?;
    Ok(Some(alert.id))
}

/// Corrects an alert.
pub(super) fn correct(
    ledger: &mut Ledger<'_, '_>,
    mut alert: Alert,
    correction: Correction,
) -> Result<(), StorageError> {
    if alert.correct(correction, ledger.now()) { ledger.put(alert).map(drop) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ResourceId;
    use domain::alert::{AlertKind, Severity};
    use uuid::Uuid;

    fn event(n: u128) -> Alert {
        let (at, kind) =
            (DateTime::UNIX_EPOCH, AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(7)) });
        Alert::new(AlertId(Uuid::from_u128(n)), kind, Severity::Warning, (at, at), None)
    }

    #[test]
    fn a_row_is_taken_back_with_the_last_event_that_has_become_it() {
        let (desks, own, later) = (AlertId(Uuid::from_u128(1)), event(2), event(3));
        let mut rows_of = RowsOf::default();
        rows_of.add(&own, desks);
        assert_eq!(rows_of.take_back(own.id), Some(desks), "the desk's row, whose id the watcher never had");
        rows_of.add(&own, own.id);
        rows_of.add(&later, own.id);
        assert_eq!(rows_of.take_back(later.id), None, "the first one still happened");
        assert_eq!(rows_of.take_back(own.id), Some(own.id), "none of them did");
        assert_eq!(rows_of.take_back(own.id), Some(own.id), "told before a restart: by its own id");
    }

    #[test]
    fn what_is_dated_anew_is_raised_again() {
        let (old, fresh) = (event(1), News::Raised(Box::new(event(2))));
        assert!(is_raised(&old, [&fresh].into_iter()), "the same, by another first fix");
        assert!(!is_raised(&old, [&News::Retracted(old.id)].into_iter()), "taken back for good");
    }
}
