//! Commands about location rules.

use domain::RuleId;
use domain::access::Action;
use domain::rule::{Condition, LocationRule, RuleTarget};
use protocol::entity::EntityKind;
use protocol::wire::Rejection;

use super::{Done, Refused, Work};

impl Work<'_, '_, '_> {
    /// A new rule, or new values for the one that the user saw.
    pub(super) fn put_rule(&mut self, rule: &LocationRule) -> Result<Done, Refused> {
        rule.check().map_err(Rejection::Rule)?;
        let known = self.ledger.load::<LocationRule>(rule.id.0)?;
        match (&known, self.seen_version()?) {
            (None, None) => {}
            (Some((_, version)), Some(seen)) if *version == seen => {}
            (None, Some(_)) | (Some(_), None | Some(_)) => return Err(Refused::Conflict),
        }
        self.check_target(rule, known.map(|(known, _)| known).as_ref())?;
        Ok(self.ledger.put(rule.clone())?.into())
    }

    /// Who asks to be told when others are near somebody is told where that one is: only of those whom they may see. A condition that
    /// somebody else has set stays as it is.
    fn check_target(&self, rule: &LocationRule, known: Option<&LocationRule>) -> Result<(), Refused> {
        if known.is_some_and(|known| known.condition == rule.condition) {
            return Ok(());
        }
        match rule.condition {
            Condition::Near { target: RuleTarget::Resource(target), .. } => {
                self.reachable(Action::ReadLivePosition, target).map(drop)
            }
            Condition::Near { target: RuleTarget::Poi(_) | RuleTarget::OwnTask, .. }
            | Condition::Speeding { .. }
            | Condition::StoppedOnTask { .. }
            | Condition::LeftArea { .. }
            | Condition::DeviceSilent { .. }
            | Condition::BatteryLow { .. }
            | Condition::Sos => Ok(()),
        }
    }

    pub(super) fn delete_rule(&mut self, id: RuleId) -> Result<Done, Refused> {
        let (_, version) = self.visible::<LocationRule>(id.0)?;
        if self.seen_version()? != Some(version) {
            return Err(Refused::Conflict);
        }
        let deleted = self.ledger.delete(EntityKind::Rule, id.0)?.ok_or(Rejection::NotFound)?;
        Ok(deleted.into())
    }
}
