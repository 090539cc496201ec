//! Commands about alerts.

use chrono::TimeDelta;
use domain::AlertId;
use domain::access::Action;
use domain::alert::{Alert, AlertAction};
use domain::company::User;
use domain::resource::Resource;
use protocol::wire::Rejection;

use super::{Done, LONGEST_WAIT, Refused, Work};

/// What a desk says will happen, by its idea of the server's clock.
const AHEAD: TimeDelta = TimeDelta::days(1);

impl Work<'_, '_, '_> {
    /// The server and several desks notice the same thing, not always by the same fixes: the first one's alert stands.
    pub(super) fn raise_alert(&mut self, alert: &Alert) -> Result<Done, Refused> {
        let now = self.ledger.now();
        if !(now - LONGEST_WAIT..=now + AHEAD).contains(&alert.event_time) {
            return Err(Rejection::Expired.into());
        }
        if let Some((_, version)) = self.ledger.same_alert(alert)? {
            return Ok(Done { version, seq: None });
        }
        if let Some(resource) = alert.kind.resource() {
            let (card, _) = self.visible::<Resource>(resource.0)?;
            if !self.sender.principal.reaches(Action::HandleAlert, card.group) {
                return Err(Rejection::Forbidden.into());
            }
            if alert.at.is_some() && self.ledger.is_private_then(alert)? {
                return Err(Rejection::Private.into());
            }
        }
        let raised_at = self.occurred();
        // What a desk says of its history would be somebody's word for somebody else's deeds.
        let fresh =
            Alert::new(alert.id, alert.kind.clone(), alert.severity, (alert.event_time, raised_at), alert.at);
        Ok(self.ledger.put(Alert { rule: alert.rule, ..fresh })?.into())
    }

    /// Whoever is first has done it; doing the same again changes nothing.
    pub(super) fn act_on_alert(&mut self, id: AlertId, action: &AlertAction) -> Result<Done, Refused> {
        let (mut alert, version) = self.visible::<Alert>(id.0)?;
        if let AlertAction::Assign { to } = action {
            self.visible::<User>(to.0)?;
        }
        let by = self.sender.principal.user.id;
        let has_acted = alert.act(action, by, self.occurred()).map_err(Rejection::Alert)?;
        // A snooze that was over before it arrived leaves what others have done meanwhile.
        let is_over = matches!(action, AlertAction::Snooze { until } if *until <= self.ledger.now());
        if has_acted && !is_over {
            Ok(self.ledger.put(alert)?.into())
        } else {
            Ok(Done { version, seq: None })
        }
    }
}

/// What is done to an alert, as the audit names it.
pub(super) fn audited_as(action: &AlertAction) -> &'static str {
    match action {
        AlertAction::Acknowledge => "alert.acknowledge",
        AlertAction::Assign { .. } => "alert.assign",
        AlertAction::Snooze { .. } => "alert.snooze",
        AlertAction::Resolve { .. } => "alert.resolve",
        AlertAction::Reopen => "alert.reopen",
        AlertAction::End => "alert.end",
        AlertAction::Worsen => "alert.worsen",
    }
}
