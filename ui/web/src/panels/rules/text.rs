//! Rules in words.

use domain::rule::{Condition, LocationRule, RuleScope, RuleTarget};

use crate::format;
use crate::state::Desk;
use crate::words::{t, tf};

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
