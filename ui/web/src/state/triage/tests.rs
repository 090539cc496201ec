//! What the alert list shows, and in which order.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{AlertKind, Correction};
use uuid::Uuid;

use super::*;

fn at(secs: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("a time")
}

fn silent(n: u128, secs: i64) -> Alert {
    let kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(n)) };
    Alert::new(AlertId(Uuid::from_u128(n)), kind, Severity::Warning, (at(secs), at(secs)), None)
}

fn me() -> UserId {
    UserId(Uuid::from_u128(99))
}

fn names() -> Names {
    let group = |n: u128| GroupId(Uuid::from_u128(n % 2));
    let resource = |n: u128| (ResourceId(Uuid::from_u128(n)), (format!("person {n}"), group(n)));
    Names { resources: (0..20_000).map(resource).collect(), places: HashMap::new() }
}

fn choose(alerts: &[Alert], filter: &AlertFilter, opened: &[u128]) -> Shown {
    let keys: Vec<AlertKey> = alerts.iter().map(|alert| AlertKey::of(alert, at(10_000))).collect();
    let entries = entries(alerts);
    let opened = opened.iter().map(|n| AlertId(Uuid::from_u128(*n))).collect();
    let choice = Choice { keys: &keys, entries: &entries, names: &names(), me: Some(me()), opened: &opened };
    choose_alerts(choice, filter)
}

fn one(n: u128) -> AlertLine {
    AlertLine::One(AlertId(Uuid::from_u128(n)))
}

fn acted(mut alert: Alert, action: AlertAction) -> Alert {
    alert.act(&action, me(), at(9_000)).expect("it can be done");
    alert
}

fn chip(chip: StageChip) -> AlertFilter {
    AlertFilter { chip, ..AlertFilter::default() }
}

#[test]
fn what_is_resolved_is_out_of_sight_until_it_is_asked_for() {
    let alerts = [
        silent(1, 0),
        acted(silent(2, 1_000), AlertAction::Resolve { note: String::new() }),
        acted(silent(3, 2_000), AlertAction::Assign { to: me() }),
        acted(silent(4, 3_000), AlertAction::Assign { to: UserId(Uuid::from_u128(5)) }),
    ];
    let shown = choose(&alerts, &AlertFilter::default(), &[]);
    assert_eq!(shown.lines, [one(4), one(3), one(1)], "newest first, without the resolved one");
    assert_eq!(
        shown.counts.chips,
        [3, 1, 0, 2, 1, 0, 1],
        "open, new, acknowledged, assigned, mine, snoozed, resolved"
    );
    assert_eq!(choose(&alerts, &chip(StageChip::Mine), &[]).lines, [one(3)], "mine is not everybody's");
    assert_eq!(choose(&alerts, &chip(StageChip::Resolved), &[]).lines, [one(2)], "asked for");
}

#[test]
fn a_snooze_that_is_over_is_new_again() {
    let until = at(9_500);
    let over = acted(silent(1, 0), AlertAction::Snooze { until });
    let lasting = acted(silent(2, 1_000), AlertAction::Snooze { until: at(9_000) + TimeDelta::hours(1) });
    let alerts = [over, lasting];
    assert_eq!(choose(&alerts, &chip(StageChip::New), &[]).lines, [one(1)], "its time is over");
    assert_eq!(choose(&alerts, &chip(StageChip::Snoozed), &[]).lines, [one(2)], "another hour");
}

#[test]
fn a_storm_is_one_line_that_opens() {
    let mut alerts: Vec<Alert> = (0..40).map(|n| silent(n, n as i64)).collect();
    let lead = AlertId(Uuid::from_u128(0));
    let shown = choose(&alerts, &AlertFilter::default(), &[]);
    assert_eq!(shown.lines, [AlertLine::Storm(lead)], "one cause, one line");
    assert_eq!(shown.storms[&lead].len(), 40, "with all of them");
    let opened = choose(&alerts, &AlertFilter::default(), &[0]);
    assert_eq!(opened.lines.len(), 41, "the storm and its alerts");
    assert_eq!(opened.lines[1], AlertLine::Member(AlertId(Uuid::from_u128(39))), "the newest on top");
    for alert in alerts.iter_mut().skip(1) {
        *alert = acted(alert.clone(), AlertAction::Resolve { note: String::new() });
    }
    assert_eq!(
        choose(&alerts, &AlertFilter::default(), &[0]).lines,
        [one(0)],
        "the last one is no storm any more"
    );
}

#[test]
fn a_call_for_help_is_on_top_as_long_as_nobody_has_looked() {
    let kind = AlertKind::Sos { resource: ResourceId(Uuid::from_u128(1)) };
    let call = Alert { kind, severity: Severity::Critical, ..silent(1, 0) };
    let alerts = [call.clone(), silent(2, 1_000)];
    assert_eq!(choose(&alerts, &AlertFilter::default(), &[]).lines, [one(1), one(2)], "though it is older");
    let seen = [acted(call, AlertAction::Acknowledge), silent(2, 1_000)];
    assert_eq!(choose(&seen, &AlertFilter::default(), &[]).lines, [one(2), one(1)], "somebody is at it");
}

#[test]
fn filters_narrow_together_and_their_numbers_tell_what_would_come() {
    let late =
        Alert { correction: Some(Correction::FoundLate), severity: Severity::Info, ..silent(4, 3_000) };
    let alerts = [silent(1, 0), silent(2, 1_000), silent(3, 2_000), late];
    let group = AlertFilter { group: Some(GroupId(Uuid::from_u128(1))), ..AlertFilter::default() };
    assert_eq!(choose(&alerts, &group, &[]).lines, [one(3), one(1)], "of this group");
    let text = AlertFilter { text: " PERSON 2 ".to_owned(), ..AlertFilter::default() };
    assert_eq!(choose(&alerts, &text, &[]).lines, [one(2)], "by name, however it is written");
    let info = AlertFilter { severity: Some(Severity::Info), ..AlertFilter::default() };
    let shown = choose(&alerts, &info, &[]);
    assert_eq!(shown.lines, [one(4)], "of this severity");
    assert_eq!(shown.counts.severities, [1, 3, 0], "what the other severities would show");
    let corrected = AlertFilter { corrected: true, ..AlertFilter::default() };
    assert_eq!(choose(&alerts, &corrected, &[]).lines, [one(4)], "what late data has corrected");
}

#[test]
fn after_an_action_the_next_line_is_up() {
    let lines = [one(1), one(2), one(3)];
    assert_eq!(next_line(&lines, one(1), &[one(1)]), Some(one(2)), "the one below");
    assert_eq!(next_line(&lines, one(3), &[one(3)]), Some(one(2)), "the last one's is above");
    assert_eq!(next_line(&lines, one(1), &[one(1), one(2)]), Some(one(3)), "past all that is gone");
    assert_eq!(next_line(&lines, one(2), &lines), None, "nothing is left");
}

#[test]
fn ten_thousand_alerts_are_ten_thousand_lines() {
    let alerts: Vec<Alert> = (0..10_000).map(|n| silent(n, n as i64 * 300)).collect();
    let shown = choose(&alerts, &AlertFilter::default(), &[]);
    assert_eq!(shown.lines.len(), 10_000, "each its own line");
    assert_eq!(shown.lines[0], one(9_999), "the newest on top");
}
