//! Rules in words.

use domain::place::Fence;
use domain::rule::{Condition, LocationRule, RuleScope, RuleTarget};

use crate::format;
use crate::panels::policy_field::audience_text;
use crate::panels::schedule_field::hours_text;
use crate::state::Desk;
use crate::words::{severity_text, t, tf};

/// The key of a label, and what a rule has there.
type RuleFact = (&'static str, fn(Desk, &LocationRule) -> String);

/// What a rule consists of, for a comparison.
pub const RULE_FACTS: [RuleFact; 8] = [
    ("field-name", |_, rule| rule.name.clone()),
    ("rule-speaks", |_, rule| t(if rule.enabled { "yes" } else { "no" }).to_owned()),
    ("rule-condition", condition_text),
    ("rule-scope", |desk, rule| scope_text(desk, &rule.scope)),
    ("rule-hours", |_, rule| hours_text(&rule.schedule).unwrap_or_else(|| t("rule-always").to_owned())),
    ("policy-severity", |_, rule| severity_text(rule.policy.severity).to_owned()),
    ("policy-audience", |desk, rule| audience_text(desk, &rule.policy.audience)),
    ("policy-escalate", |_, rule| match rule.policy.escalate_after_secs {
        Some(secs) => tf("policy-escalate-after", &[("duration", &format::duration(i64::from(secs)))]),
        None => t("policy-escalate-never").to_owned(),
    }),
];

/// The condition with the time it has to hold.
pub fn condition_text(desk: Desk, rule: &LocationRule) -> String {
    let text = bare_condition_text(desk, rule.condition);
    match rule.min_duration_secs {
        0 => text,
        secs => {
            tf("condition-for", &[("condition", &text), ("duration", &format::duration(i64::from(secs)))])
        }
    }
}

/// What has to hold.
pub fn bare_condition_text(desk: Desk, condition: Condition) -> String {
    match condition {
        Condition::Near { target, within_m } => {
            let (what, distance) = (target_text(desk, target), format::distance(f64::from(within_m)));
            tf("condition-near", &[("distance", &distance), ("what", &what)])
        }
        Condition::Speeding { limit_kmh } => tf("condition-speeding", &[("n", &limit_kmh.to_string())]),
        Condition::StoppedOnTask { minutes } => {
            tf("condition-stopped", &[("duration", &minutes_text(minutes))])
        }
        Condition::LeftArea { poi } => tf("condition-left-area", &[("place", &desk.poi_name(poi))]),
        Condition::DeviceSilent { minutes } => {
            tf("condition-silent", &[("duration", &minutes_text(minutes))])
        }
        Condition::BatteryLow { below_percent } => {
            tf("condition-battery", &[("n", &below_percent.to_string())])
        }
        Condition::Sos => t("condition-sos").to_owned(),
    }
}

fn minutes_text(minutes: u32) -> String {
    format::duration(i64::from(minutes) * 60)
}

fn target_text(desk: Desk, target: RuleTarget) -> String {
    match target {
        RuleTarget::Poi(poi) => desk.poi_name(poi),
        RuleTarget::OwnTask => t("target-own-task").to_owned(),
        RuleTarget::Resource(resource) => desk.resource_name(resource),
    }
}

/// Whom it is about.
pub fn scope_text(desk: Desk, scope: &RuleScope) -> String {
    let groups =
        scope.groups.iter().filter_map(|id| desk.rows.groups.get(*id)).map(|group| group.name.clone());
    let names: Vec<String> = groups.chain(scope.resources.iter().map(|id| desk.resource_name(*id))).collect();
    match names.len() {
        0 => t("scope-all").to_owned(),
        1..=3 => names.join(", "),
        more => tf("scope-more", &[("names", &names[..2].join(", ")), ("n", &(more - 2).to_string())]),
    }
}

/// What a fence speaks about.
pub fn fence_rules_text(fence: &Fence) -> String {
    let lasting = |secs: u32| format::duration(i64::from(secs));
    let rules = [
        fence.on_enter.then(|| t("fence-enter").to_owned()),
        fence.on_exit.then(|| t("fence-exit").to_owned()),
        fence.dwell_secs.map(|secs| tf("fence-dwell", &[("duration", &lasting(secs))])),
        fence.on_crossed.then(|| t("fence-rule-crossed").to_owned()),
        fence.absent_secs.map(|secs| tf("fence-rule-absent", &[("duration", &lasting(secs))])),
    ];
    let rules: Vec<String> = rules.into_iter().flatten().collect();
    if rules.is_empty() { t("fence-quiet").to_owned() } else { rules.join(", ") }
}
