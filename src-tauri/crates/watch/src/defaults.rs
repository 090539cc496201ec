//! The rules that every company begins with.

use domain::CompanyId;
use domain::alert::Severity;
use domain::rule::{AlertPolicy, Condition, LocationRule, RuleScope};
use domain::schedule::Schedule;
use domain::{RuleId, rule::Audience};

use crate::ids::alert_id;

/// A device on duty that is silent is said to be after so many minutes.
const SILENT_MINUTES: u32 = 30;
/// A battery below so many per cent is said to be low.
const LOW_PERCENT: u8 = 10;
/// Nobody leaves a call for help alone for so many seconds.
const SOS_ESCALATES_SECS: u32 = 120;

/// The rules that a company begins with: silent devices, low batteries, calls for help. Their ids are the company's for ever: one
/// that was deleted can be told from one that was never there.
pub fn default_rules(company: CompanyId) -> [LocationRule; 3] {
    let silent = Condition::DeviceSilent { minutes: SILENT_MINUTES };
    let low = Condition::BatteryLow { below_percent: LOW_PERCENT };
    let sos = AlertPolicy {
        severity: Severity::Critical,
        audience: Audience::default(),
        escalate_after_secs: Some(SOS_ESCALATES_SECS),
    };
    [
        rule(company, "Silent device", silent, AlertPolicy::of(Severity::Warning)),
        rule(company, "Low battery", low, AlertPolicy::of(Severity::Info)),
        rule(company, "Call for help", Condition::Sos, sos),
    ]
}

fn rule(company: CompanyId, name: &str, condition: Condition, policy: AlertPolicy) -> LocationRule {
    LocationRule {
        id: RuleId(alert_id("default rule", &[company.0.as_bytes(), name.as_bytes()]).0),
        name: name.to_owned(),
        enabled: true,
        condition,
        scope: RuleScope::default(),
        schedule: Schedule::default(),
        min_duration_secs: 0,
        policy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_company_begins_with_rules_that_can_be_saved() {
        let company = |n| CompanyId(uuid::Uuid::from_u128(n));
        let rules = default_rules(company(1));
        for rule in &rules {
            assert_eq!(rule.check(), Ok(()), "{} is a rule like any other", rule.name);
        }
        assert_eq!(rules, default_rules(company(1)), "always the same");
        assert_ne!(rules[0].id, default_rules(company(2))[0].id, "but another company's are others");
    }
}
