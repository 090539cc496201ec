//! Commands about alerts.

use domain::AlertId;
use domain::access::Action;
use domain::alert::{Alert, AlertState};
use domain::resource::Resource;
use protocol::wire::Rejection;

use super::{Done, Refused, Work};

impl Work<'_, '_, '_> {
    /// The id says what an alert is about: several desks notice the same thing, and the first one's alert stands.
    pub(super) fn raise_alert(&mut self, alert: &Alert) -> Result<Done, Refused> {
        if let Some((_, version)) = self.ledger.load::<Alert>(alert.id.0)? {
            return Ok(Done { version, seq: None });
        }
        if let Some(resource) = alert.kind.resource() {
            let (card, _) = self.visible::<Resource>(resource.0)?;
            if !self.sender.principal.reaches(Action::AcknowledgeAlert, card.group) {
                return Err(Rejection::Forbidden.into());
            }
            let gaps = self.ledger.tx().privacy_gaps(resource.0, alert.event_time, alert.event_time)?;
            let private =
                card.private_since.is_some_and(|since| alert.event_time >= since) || !gaps.is_empty();
            if alert.at.is_some() && private {
                return Err(Rejection::Private.into());
            }
        }
        let raised_at = self.occurred();
        Ok(self.ledger.put(Alert { state: AlertState::New, raised_at, ..alert.clone() })?.into())
    }

    pub(super) fn acknowledge_alert(&mut self, id: AlertId) -> Result<Done, Refused> {
        let (alert, version) = self.visible::<Alert>(id.0)?;
        if let AlertState::Acknowledged { .. } = alert.state {
            return Ok(Done { version, seq: None });
        }
        let state = AlertState::Acknowledged { by: self.sender.principal.user.id, at: self.occurred() };
        Ok(self.ledger.put(Alert { state, ..alert })?.into())
    }
}
