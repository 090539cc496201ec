//! A location rule's fields, mine and theirs, in words.

use domain::rule::LocationRule;

use super::compare::Changed;
use super::dispute::Line;
use super::place::yes_no;
use crate::panels::policy_field::policy_text;
use crate::panels::rules::{condition_text, scope_text};
use crate::panels::schedule_field::hours_text;
use crate::state::Desk;
use crate::words::t;

/// What is said of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Enabled,
    Condition,
    Scope,
    Schedule,
    Policy,
}

const FIELDS: [Field; 6] =
    [Field::Name, Field::Enabled, Field::Condition, Field::Scope, Field::Schedule, Field::Policy];

/// A line per field; `None` means deleted.
pub(super) fn lines(desk: Desk, mine: Option<&LocationRule>, theirs: Option<&LocationRule>) -> Vec<Line> {
    let text = |field, rule: Option<&LocationRule>| match rule {
        Some(rule) => field_text(desk, field, rule),
        None if field == Field::Name => t("deleted").to_owned(),
        None => t("none").to_owned(),
    };
    let line = |field| Line {
        label: label(field).to_owned(),
        before: None,
        mine: text(field, mine),
        theirs: text(field, theirs),
        changed: match (mine, theirs) {
            (Some(mine), Some(theirs)) if is_same(field, mine, theirs) => Changed::Nobody,
            (Some(_), Some(_)) => Changed::Clash,
            (_, _) if field == Field::Name => Changed::Clash,
            (Some(_), None) => Changed::Mine,
            (None, Some(_)) => Changed::Theirs,
            (None, None) => Changed::Nobody,
        },
    };
    FIELDS.into_iter().map(line).collect()
}

fn is_same(field: Field, a: &LocationRule, b: &LocationRule) -> bool {
    match field {
        Field::Name => a.name == b.name,
        Field::Enabled => a.enabled == b.enabled,
        Field::Condition => a.condition == b.condition && a.min_duration_secs == b.min_duration_secs,
        Field::Scope => a.scope == b.scope,
        Field::Schedule => a.schedule == b.schedule,
        Field::Policy => a.policy == b.policy,
    }
}

fn label(field: Field) -> &'static str {
    match field {
        Field::Name => t("field-name"),
        Field::Enabled => t("compare-enabled"),
        Field::Condition => t("compare-condition"),
        Field::Scope => t("fence-groups"),
        Field::Schedule => t("rule-hours"),
        Field::Policy => t("compare-delivery"),
    }
}

fn field_text(desk: Desk, field: Field, rule: &LocationRule) -> String {
    match field {
        Field::Name => rule.name.clone(),
        Field::Enabled => yes_no(rule.enabled),
        Field::Condition => condition_text(desk, rule),
        Field::Scope => scope_text(desk, &rule.scope),
        Field::Schedule => hours_text(&rule.schedule).unwrap_or_else(|| t("rule-always").to_owned()),
        Field::Policy => policy_text(desk, &rule.policy),
    }
}

#[cfg(test)]
mod tests {
    use domain::RuleId;
    use domain::alert::Severity;
    use domain::rule::{AlertPolicy, Condition, RuleScope};
    use domain::schedule::Schedule;

    use super::*;

    #[test]
    fn no_difference_of_two_rules_stays_unseen() {
        let rule = LocationRule {
            id: RuleId(uuid::Uuid::from_u128(1)),
            name: "Fast".to_owned(),
            enabled: true,
            condition: Condition::Speeding { limit_kmh: 130 },
            scope: RuleScope::default(),
            schedule: Schedule::default(),
            min_duration_secs: 30,
            policy: AlertPolicy::of(Severity::Warning),
        };
        let differ =
            |other: &LocationRule| FIELDS.into_iter().filter(|field| !is_same(*field, &rule, other)).count();
        assert_eq!(differ(&rule), 0, "the same rule");
        let others = [
            LocationRule { name: "Slow".to_owned(), ..rule.clone() },
            LocationRule { enabled: false, ..rule.clone() },
            LocationRule { condition: Condition::Sos, ..rule.clone() },
            LocationRule { min_duration_secs: 0, ..rule.clone() },
            LocationRule { policy: AlertPolicy::of(Severity::Critical), ..rule.clone() },
        ];
        assert!(others.iter().all(|other| differ(other) == 1), "each change is in one line");
        let fields = serde_json::to_value(&rule).expect("JSON").as_object().expect("an object").len();
        assert_eq!(FIELDS.len(), fields - 2, "all but the id; the duration belongs to the condition");
    }
}
