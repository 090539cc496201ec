//! How alerts are delivered: by the rule or the fence behind them.

use domain::alert::{Alert, AlertKind, Severity};
use domain::place::Fence;
use domain::rule::AlertPolicy;

use crate::watcher::Watcher;

impl Watcher {
    /// How an alert is delivered; `None` where neither a rule nor a fence of today is behind it.
    pub fn policy(&self, alert: &Alert) -> Option<AlertPolicy> {
        if let Some(rule) = alert.rule {
            return self.rules.slot(rule).map(|slot| self.rules.at(slot).rule.policy.clone());
        }
        let fence = self.places.get(&alert.kind.fence()?)?.fence.as_ref()?;
        Some(of_fence(Some(fence), &alert.kind))
    }
}

/// The fence's own, or the one of a fence that has none.
pub(crate) fn of_fence(fence: Option<&Fence>, kind: &AlertKind) -> AlertPolicy {
    let is_grave = matches!(kind, AlertKind::FenceDwell { .. } | AlertKind::FenceAbsent { .. });
    let usual = if is_grave { Severity::Warning } else { Severity::Info };
    fence.and_then(|fence| fence.policy.clone()).unwrap_or_else(|| AlertPolicy::of(usual))
}
