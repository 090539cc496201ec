//! How an open promise stands, by the arrival that is shown.

use chrono::{DateTime, Utc};
use domain::task::Task;
use protocol::view::{EtaView, PromiseOutlook, PromiseRisk};

/// The outlook of the open promise of `task`, for whom `eta` is shown; `None` where there is no open promise.
pub fn outlook(task: &Task, eta: Option<&EtaView>, now: DateTime<Utc>) -> Option<PromiseOutlook> {
    let promise = task.open_promise().filter(|_| task.is_expected())?;
    let over_secs = |arrival: DateTime<Utc>| (arrival - promise.until).num_seconds();
    let risk = match eta {
        _ if promise.until < now => PromiseRisk::Overdue,
        Some(EtaView::Expected { p50, .. }) if over_secs(*p50) > 0 => {
            PromiseRisk::Breaking { over_secs: over_secs(*p50) }
        }
        Some(EtaView::Expected { p90, .. }) if over_secs(*p90) > 0 => {
            PromiseRisk::AtRisk { over_secs: over_secs(*p90) }
        }
        Some(EtaView::Expected { .. } | EtaView::Arrived) => PromiseRisk::Safe,
        Some(EtaView::Unknown { .. }) | None => PromiseRisk::Unknown,
    };
    Some(PromiseOutlook { promise: promise.id, risk })
}
