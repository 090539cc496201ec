//! Calls for help.

use domain::AlertId;
use domain::alert::{Alert, AlertKind, Severity};
use domain::resource::Resource;
use domain::rule::{Condition, LocationRule};
use protocol::entity::EntityKind;

use super::{Refused, Report};
use crate::storage::StorageError;

impl Report<'_, '_, '_> {
    /// A call for help is an alert whatever the rules say, and each is one: the entry's own key keeps it from being two, however
    /// often it is sent. A rule only says how it is delivered.
    pub(super) fn call_for_help(&mut self) -> Result<(), Refused> {
        let resource = self.phone.resource;
        let (id, times) = (AlertId(self.entry.guid.0), (self.entry.event_time, self.ledger.now()));
        // A key that another alert has already is nobody's call for help.
        if self.ledger.load::<Alert>(id.0)?.is_some() {
            return Ok(());
        }
        let at = self.entry.fix.map(|fix| fix.at);
        let rule = self.sos_rule()?;
        let severity = rule.as_ref().map_or(Severity::Critical, |rule| rule.policy.severity);
        let alert = Alert::new(id, AlertKind::Sos { resource }, severity, times, at);
        self.ledger.put(Alert { rule: rule.map(|rule| rule.id), ..alert })?;
        Ok(())
    }

    /// The rule about calls for help that concerns the resource; of several the gravest.
    fn sos_rule(&self) -> Result<Option<LocationRule>, Refused> {
        let (company, resource) = (self.ledger.company().0, self.phone.resource);
        let Some((card, _)) = self.ledger.load::<Resource>(resource.0)? else { return Ok(None) };
        let mut gravest: Option<LocationRule> = None;
        for row in self.ledger.tx().entities(company, EntityKind::Rule)? {
            let rule: LocationRule = serde_json::from_str(&row.data).map_err(StorageError::from)?;
            let concerns =
                rule.enabled && rule.condition == Condition::Sos && rule.scope.holds(resource, card.group);
            let is_graver = gravest.as_ref().is_none_or(|known| known.policy.severity < rule.policy.severity);
            if concerns && is_graver {
                gravest = Some(rule);
            }
        }
        Ok(gravest)
    }
}
