//! Why a rule spoke.

use domain::position::Fix;
use domain::rule::{Condition, LocationRule, RuleTarget};
use domain::task::TaskStatus;
use watch::{RuleQuestion, RuleSays, RuleVerdict};

use super::office::*;

#[test]
fn a_speeding_alert_shows_the_fixes_of_its_run() {
    let fast = LocationRule { min_duration_secs: 20, ..rule(Condition::Speeding { limit_kmh: 80 }) };
    let mut watcher = watcher([fast]);
    let way: Vec<Fix> = vec![
        driving(0, 0.0, 60.0),
        driving(10, 200.0, 90.0),
        driving(20, 450.0, 99.0),
        driving(30, 700.0, 90.0),
        driving(60, 900.0, 50.0),
    ];
    let alerts = raised(drive(&mut watcher, way.clone()));
    let question = RuleQuestion { alert: &alerts[0], task: None, target: &[] };
    let mut shuffled = way;
    shuffled.reverse();
    let explanation = watcher.explain_rule(&question, &shuffled).expect("a rule of ours");
    assert_eq!(
        explanation.verdict,
        RuleVerdict::Fired { first: at(10), confirmed: at(30), fixes: 3 },
        "the run"
    );
    assert_eq!(explanation.fixes.len(), 5, "with what was before and after");
    let speeds: Vec<i64> =
        explanation.fixes.iter().map(|fix| fix.value.expect("measured").round() as i64).collect();
    assert_eq!(speeds, [60, 90, 99, 90, 50], "each with its speed");
    let decides: Vec<bool> = explanation.fixes.iter().map(|fix| fix.decides).collect();
    assert_eq!(decides, [false, true, true, true, false], "three of them decided");
}

#[test]
fn a_stricter_rule_of_today_says_so() {
    let near = rule(Condition::Near { target: RuleTarget::Poi(PLACE), within_m: 300 });
    let mut watcher = watcher([near.clone()]);
    let way = vec![fix(0, 900.0), fix(60, 100.0), fix(120, 900.0)];
    let alerts = raised(drive(&mut watcher, way.clone()));
    watcher.set_rules([LocationRule { min_duration_secs: 600, ..near.clone() }]);
    let question = RuleQuestion { alert: &alerts[0], task: None, target: &[] };
    let explain =
        |watcher: &watch::Watcher, track: &[Fix]| watcher.explain_rule(&question, track).map(|it| it.verdict);
    assert_eq!(explain(&watcher, &way), Some(RuleVerdict::Unconfirmed), "not for ten minutes");
    assert_eq!(explain(&watcher, &[]), Some(RuleVerdict::NoFix), "the track is gone");
    watcher.set_rules([LocationRule {
        condition: Condition::Near { target: RuleTarget::Poi(PLACE), within_m: 50 },
        ..near
    }]);
    assert_eq!(explain(&watcher, &way), Some(RuleVerdict::NotHeld), "100 m are not within 50");
    watcher.set_rules([]);
    assert_eq!(explain(&watcher, &way), None, "a rule that is gone explains nothing");
}

#[test]
fn a_stop_is_explained_by_the_way_to_its_task_and_a_stay_by_itself() {
    let mut watcher = watcher([rule(Condition::StoppedOnTask { minutes: 5 })]);
    let sets_off = job(&[(TaskStatus::EnRoute, at(30))]);
    drive(&mut watcher, [fix(0, 0.0)]);
    watcher.on_task(&sets_off, at(30));
    let way = vec![fix(60, 1_000.0), fix(200, 1_000.0), fix(365, 1_010.0)];
    let alerts = raised(drive(&mut watcher, way.clone()));
    let question = RuleQuestion { alert: &alerts[0], task: Some(&sets_off), target: &[] };
    let explanation = watcher.explain_rule(&question, &way).expect("a rule of ours");
    assert_eq!(
        explanation.verdict,
        RuleVerdict::Fired { first: at(60), confirmed: at(365), fixes: 3 },
        "stood there"
    );
    assert!(explanation.fixes.iter().all(|fix| fix.says == Some(RuleSays::Holds)), "at each of them");
    let there = job(&[(TaskStatus::Arrived, at(40))]);
    let stay = RuleQuestion { task: Some(&there), ..question };
    assert_eq!(
        watcher.explain_rule(&stay, &way).map(|it| it.verdict),
        Some(RuleVerdict::Stated),
        "the task says it all"
    );
}
