//! What every company is given once: its first location rules.

use domain::CompanyId;
use protocol::entity::EntityKind;
use watch::default_rules;

use crate::core::Core;
use crate::ledger::Ledger;
use crate::storage::StorageError;

/// The name under which the rules are noted as given.
const RULES: &str = "default rules";

/// Gives the companies of a file from before there were rules what new ones begin with.
pub(crate) fn give_rules(core: &Core) -> Result<(), StorageError> {
    for company in core.storage.read(|rows| rows.companies())? {
        let id = CompanyId(company.id);
        let has_row = core.storage.read(|rows| rows.entity(company.id, EntityKind::Company, company.id))?;
        if has_row.is_some() && !core.storage.read(|rows| rows.is_seeded(company.id, RULES))? {
            core.write(id, None, give_rules_once)?;
        }
    }
    Ok(())
}

/// Gives a company its first rules, unless it was given them before.
pub(crate) fn give_rules_once(ledger: &mut Ledger<'_, '_>) -> Result<(), StorageError> {
    let company = ledger.company();
    if ledger.tx().note_seeded(company.0, RULES)? {
        for rule in default_rules(company) {
            ledger.put(rule)?;
        }
    }
    Ok(())
}
