//! Rules and places that change while people are on the road.

use chrono::TimeDelta;
use domain::alert::{AlertKind, Severity};
use domain::place::{Fence, FenceShape, Poi};
use domain::rule::{AlertPolicy, Condition, LocationRule, RuleScope, RuleTarget};
use watch::{News, default_rules};

use super::office::*;

fn near(within_m: u32) -> LocationRule {
    rule(Condition::Near { target: RuleTarget::Poi(PLACE), within_m })
}

#[test]
fn a_wider_rule_is_settled_silently() {
    let mut watcher = watcher([near(300)]);
    drive(&mut watcher, [fix(0, 900.0), fix(30, 600.0)]);
    watcher.set_rules([near(1_000)]);
    assert_eq!(drive(&mut watcher, [fix(60, 500.0)]), [], "was so when the rule was made");
    let back = raised(drive(&mut watcher, [fix(120, 1_700.0), fix(180, 900.0)]));
    assert_eq!(back.len(), 1, "away and back under the new rule");
}

#[test]
fn another_name_or_another_severity_ends_no_run() {
    let slow = LocationRule { min_duration_secs: 60, ..near(300) };
    let mut watcher = watcher([slow.clone()]);
    drive(&mut watcher, [fix(0, 900.0), fix(30, 100.0)]);
    let policy = AlertPolicy::of(Severity::Critical);
    watcher.set_rules([LocationRule { name: "Yard".to_owned(), policy, ..slow }]);
    let alerts = raised(drive(&mut watcher, [fix(95, 100.0)]));
    assert_eq!(alerts.len(), 1, "the run went on");
    assert_eq!(
        (alerts[0].severity, alerts[0].event_time),
        (Severity::Critical, at(30)),
        "as severe as it is now"
    );
}

#[test]
fn a_rule_for_another_team_or_switched_off_says_nothing() {
    let others = RuleScope { groups: vec![domain::GroupId(id(99))], resources: Vec::new() };
    for quiet in [LocationRule { scope: others, ..near(300) }, LocationRule { enabled: false, ..near(300) }] {
        let mut watcher = watcher([quiet.clone()]);
        assert_eq!(drive(&mut watcher, [fix(0, 900.0), fix(60, 100.0)]), [], "{quiet:?}");
    }
}

#[test]
fn a_rule_that_is_gone_takes_its_runs_along_and_leaves_the_others() {
    let first = LocationRule { id: domain::RuleId(id(1)), ..near(300) };
    let second = LocationRule { id: domain::RuleId(id(2)), min_duration_secs: 60, ..near(300) };
    let mut watcher = watcher([first, second.clone()]);
    assert_eq!(raised(drive(&mut watcher, [fix(0, 900.0), fix(30, 100.0)])).len(), 1, "the quick one");
    watcher.set_rules([second]);
    let alerts = raised(drive(&mut watcher, [fix(90, 100.0)]));
    assert_eq!(
        alerts.iter().map(|alert| alert.rule).collect::<Vec<_>>(),
        [Some(domain::RuleId(id(2)))],
        "at its new place"
    );
}

#[test]
fn a_fence_speaks_as_its_policy_says() {
    let fence = Fence {
        version: 2,
        on_enter: true,
        policy: Some(AlertPolicy { escalate_after_secs: Some(60), ..AlertPolicy::of(Severity::Critical) }),
        ..Fence::new(FenceShape::Circle { center: east(0.0), radius_m: 200.0 })
    };
    let mut watcher = watcher([]);
    watcher.set_places([Poi { fence: Some(fence), ..depot() }]);
    let alerts = raised(drive(&mut watcher, [fix(0, 900.0), fix(60, 50.0), fix(100, 40.0)]));
    assert_eq!(alerts.len(), 1, "came in");
    assert_eq!(alerts[0].kind, AlertKind::FenceEntered { resource: ANA, poi: PLACE }, "into the yard");
    assert_eq!(alerts[0].severity, Severity::Critical, "which is forbidden ground");
    assert_eq!(
        watcher.policy(&alerts[0]).and_then(|policy| policy.escalate_after_secs),
        Some(60),
        "and escalates"
    );
}

#[test]
fn a_late_fix_takes_an_entry_back() {
    let fence = Fence {
        version: 2,
        on_enter: true,
        ..Fence::new(FenceShape::Circle { center: east(0.0), radius_m: 200.0 })
    };
    let mut watcher = watcher([]);
    watcher.set_places([Poi { fence: Some(fence), ..depot() }]);
    let alerts = raised(drive(&mut watcher, [fix(0, 900.0), fix(60, 50.0), fix(92, 40.0)]));
    let late = fix(75, 900.0);
    let news = watcher.on_fix(ANA, &late, late.fix_time + TimeDelta::seconds(20));
    assert_eq!(news, [News::Retracted(alerts[0].id)], "outside in between: no 30 seconds inside");
}

#[test]
fn without_a_rule_nothing_is_said_of_devices() {
    let mut watcher = watcher([]);
    assert_eq!(watcher.on_card(&with_battery(ANA, 2, at(1)), at(1)), [], "no rule for batteries");
    assert_eq!(tick(&mut watcher, minutes(300)), [], "nor for silence");
    watcher.set_rules(default_rules(domain::CompanyId(id(1))));
    assert_eq!(raised(tick(&mut watcher, minutes(301))).len(), 3, "two silent devices and a low battery");
}
