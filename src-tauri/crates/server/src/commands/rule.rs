//! Commands about location rules.

use domain::RuleId;
use domain::rule::LocationRule;
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
        Ok(self.ledger.put(rule.clone())?.into())
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
