//! Alerts that were there or told already, found again by whom they are about: of a large company there are thousands, and each new one
//! is compared with those that it may be the same as.

use std::collections::{HashMap, HashSet};

use domain::alert::Alert;
use domain::{AlertId, ResourceId};

/// The ids of alerts, whether they are still there or not.
#[derive(Debug, Default)]
pub(super) struct KnownAlerts {
    ids: HashSet<AlertId>,
    about: HashMap<Option<ResourceId>, Vec<AlertId>>,
}

impl KnownAlerts {
    /// From now on it is known; false: it was before.
    pub fn insert(&mut self, alert: &Alert) -> bool {
        let is_new = self.ids.insert(alert.id);
        if is_new {
            self.about.entry(alert.kind.resource()).or_default().push(alert.id);
        }
        is_new
    }

    /// It is not known any more.
    pub fn remove(&mut self, alert: &Alert) {
        self.ids.remove(&alert.id);
        if let Some(about) = self.about.get_mut(&alert.kind.resource()) {
            about.retain(|id| *id != alert.id);
        }
    }

    /// Whether it is known.
    pub fn contains(&self, id: AlertId) -> bool {
        self.ids.contains(&id)
    }

    /// Those about a resource, or about none: whatever is the same event as one of them is among them.
    pub fn about(&self, resource: Option<ResourceId>) -> impl Iterator<Item = AlertId> {
        self.about.get(&resource).into_iter().flatten().copied()
    }
}

impl<'a> FromIterator<&'a Alert> for KnownAlerts {
    fn from_iter<I: IntoIterator<Item = &'a Alert>>(alerts: I) -> Self {
        let mut known = Self::default();
        for alert in alerts {
            known.insert(alert);
        }
        known
    }
}
