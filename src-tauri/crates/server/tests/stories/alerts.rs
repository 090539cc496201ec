//! Alerts: raised by the server, each event once, dealt with by several hands, escalated, corrected.

use chrono::TimeDelta;
use domain::alert::{Alert, AlertAction, AlertError, AlertKind, Correction, Severity, StepKind};
use domain::entry::EntryBody;
use domain::place::{Fence, Poi};
use domain::position::Fix;
use domain::rule::{AlertPolicy, Condition, LocationRule, RuleScope};
use domain::schedule::Schedule;
use domain::{AlertId, RuleId, UserId};
use protocol::entity::{Entity, EntityKind};
use protocol::field::EntryOutcome;
use protocol::wire::{Command, CommandBody, Outcome, Rejection};
use serde_json::json;
use server::ServerConfig;
use uuid::Uuid;

use super::office::{Desk, Fresh, Handset, Office, place, refusal};

/// A circle of 150 m that says who comes in.
fn port(policy: Option<AlertPolicy>) -> Poi {
    let port = place("Port");
    let fence = port.fence.clone().map(|fence| Fence { on_enter: true, policy, ..fence });
    Poi { fence, ..port }
}

fn rule(condition: Condition) -> LocationRule {
    LocationRule {
        id: RuleId(Uuid::now()),
        name: "Rule".to_owned(),
        enabled: true,
        condition,
        scope: RuleScope::default(),
        schedule: Schedule::default(),
        min_duration_secs: 0,
        policy: AlertPolicy::of(Severity::Warning),
    }
}

impl Office {
    pub fn alerts(&self) -> Vec<Alert> {
        self.admin().watch_now().expect("watches");
        let rows = self.admin().rows(self.company, EntityKind::Alert).expect("rows");
        let alert = |row| if let Entity::Alert(alert) = row { Some(alert) } else { None };
        let mut alerts: Vec<Alert> = rows.into_iter().filter_map(alert).collect();
        alerts.sort_by_key(|alert| alert.event_time);
        alerts
    }
}

/// Drives into the port within a minute and a half: outside, inside, inside.
async fn drive_in(office: &Office, phone: &Handset<'_>) -> Vec<Fix> {
    let mut fixes = Vec::new();
    for lat in [43.74, 43.7301, 43.7300, 43.7299] {
        office.wait(TimeDelta::seconds(20));
        let fix = phone.fix(7.42, lat);
        assert_eq!(phone.send_fixes(&[fix]).await.accepted, 1, "taken");
        fixes.push(fix);
    }
    fixes
}

async fn act(desk: &Desk<'_>, n: u64, alert: AlertId, action: AlertAction) -> Outcome {
    desk.send(desk.command(n, CommandBody::AlertAct { alert, action })).await
}

fn is_applied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Applied { .. })
}

#[tokio::test]
async fn the_server_notices_by_itself_and_tells_the_feed() {
    let office = Office::open().await;
    office.admin().put(office.company, port(None)).expect("a place");
    let (phone, desk) = (office.activate(&office.ana).await, office.sign_in("dispatcher").await);
    phone.sign_in().await;
    let (cursor, _) = desk.snapshot().await;
    let fixes = drive_in(&office, &phone).await;
    let alerts = office.alerts();
    assert_eq!(alerts.len(), 1, "no desk had to be there: {alerts:?}");
    assert!(
        matches!(alerts[0].kind, AlertKind::FenceEntered { resource, .. } if resource == office.ana.id),
        "Ana"
    );
    assert_eq!(alerts[0].event_time, fixes[1].fix_time, "dated by her first fix inside");
    let page = desk.changes(cursor).await.expect("changes");
    let told = page.items.iter().filter(|item| item.entity.0 == "alert").count();
    assert_eq!(told, 1, "every desk is told, once");
}

#[tokio::test]
async fn a_desk_that_noticed_the_same_adds_nothing() {
    let office = Office::open().await;
    office.admin().put(office.company, port(None)).expect("a place");
    let (phone, desk) = (office.activate(&office.ana).await, office.sign_in("dispatcher").await);
    phone.sign_in().await;
    drive_in(&office, &phone).await;
    let known = office.alerts().remove(0);
    let other = Alert {
        id: AlertId(Uuid::now()),
        event_time: known.event_time + TimeDelta::seconds(20),
        ..known.clone()
    };
    let outcome = desk.send(desk.command(1, CommandBody::AlertRaise(Box::new(other.clone())))).await;
    assert!(is_applied(&outcome), "the desk need not know: {outcome:?}");
    let later =
        Alert { event_time: known.event_time + TimeDelta::minutes(3), id: AlertId(Uuid::now()), ..other };
    assert_eq!(office.alerts(), std::slice::from_ref(&known), "one row, as it was");
    let outcome = desk.send(desk.command(2, CommandBody::AlertRaise(Box::new(later)))).await;
    assert!(is_applied(&outcome), "three minutes later it is another event: {outcome:?}");
    assert_eq!(office.alerts().len(), 2, "which is kept");
    let to_come = known.event_time + TimeDelta::days(400);
    let endless = Alert { event_time: to_come, id: AlertId(Uuid::now()), ..known };
    let outcome = desk.send(desk.command(3, CommandBody::AlertRaise(Box::new(endless)))).await;
    assert_eq!(refusal(&outcome), Some(&Rejection::Expired), "nobody knows what will happen");
}

#[tokio::test]
async fn a_snooze_that_comes_too_late_wakes_nobody() {
    let office = Office::open().await;
    let (offline, desk) = (office.sign_in("dispatcher").await, office.sign_in("manager").await);
    let phone = office.activate(&office.ana).await;
    phone.report(&phone.entry(EntryBody::Sos)).await;
    let id = office.alerts()[0].id;
    let is_it = |alert: &Alert| alert.id == id;
    let snooze = AlertAction::Snooze { until: office.now() + TimeDelta::minutes(3) };
    let waits = offline.command(1, CommandBody::AlertAct { alert: id, action: snooze });
    office.wait(TimeDelta::minutes(1));
    assert!(is_applied(&act(&desk, 1, id, AlertAction::Acknowledge).await), "somebody else looks");
    let looked_at = office.alerts().into_iter().find(is_it);
    office.wait(TimeDelta::minutes(5));
    assert!(is_applied(&offline.send(waits).await), "it was right when it was said");
    assert_eq!(office.alerts().into_iter().find(is_it), looked_at, "and is over: not new again");
}

#[tokio::test]
async fn a_shift_deals_with_an_alert() {
    let office = Office::open().await;
    let dispatcher = office.sign_in("dispatcher").await;
    let (supervisor, manager) = (office.sign_in("supervisor").await, office.sign_in("manager").await);
    let phone = office.activate(&office.ana).await;
    phone.report(&phone.entry(EntryBody::Sos)).await;
    let id = office.alerts()[0].id;
    assert!(is_applied(&act(&dispatcher, 1, id, AlertAction::Acknowledge).await), "the dispatcher looks");
    office.wait(TimeDelta::seconds(5));
    assert!(is_applied(&act(&supervisor, 1, id, AlertAction::Acknowledge).await), "so does the supervisor");
    let stranger = AlertAction::Assign { to: UserId(Uuid::now()) };
    assert_eq!(
        refusal(&act(&manager, 1, id, stranger).await),
        Some(&Rejection::NotFound),
        "only to somebody of the company"
    );
    let to = supervisor.user();
    assert!(is_applied(&act(&manager, 2, id, AlertAction::Assign { to }).await), "to the supervisor");
    for (n, until) in [(2, office.now()), (3, office.now() + TimeDelta::days(8))] {
        let outcome = act(&supervisor, n, id, AlertAction::Snooze { until }).await;
        let reason = Rejection::Alert(AlertError::SnoozeTime);
        assert_eq!(refusal(&outcome), Some(&reason), "neither at once over, nor for more than a week");
    }
    let until = office.now() + TimeDelta::minutes(10);
    assert!(is_applied(&act(&supervisor, 4, id, AlertAction::Snooze { until }).await), "in ten minutes");
    let note = "pressed by mistake".to_owned();
    assert!(is_applied(&act(&supervisor, 5, id, AlertAction::Resolve { note }).await), "done");
    let late = act(&dispatcher, 2, id, AlertAction::Assign { to }).await;
    assert_eq!(refusal(&late), Some(&Rejection::Alert(AlertError::Resolved)), "too late");
    assert!(is_applied(&act(&dispatcher, 3, id, AlertAction::Reopen).await), "or not done after all");
    let alert = office.alerts().remove(0);
    let by: Vec<Option<UserId>> = alert.history.iter().map(|step| step.by).collect();
    let (d, s, m) = (dispatcher.user(), supervisor.user(), manager.user());
    assert_eq!(
        by,
        [Some(d), Some(m), Some(s), Some(s), Some(d)],
        "who did what; to acknowledge twice is no step"
    );
    assert!(alert.history.iter().all(|step| step.at <= office.now()), "and when");
    let audit = office.admin().audit(office.company).expect("audit");
    assert!(audit.iter().any(|row| row.action == "alert.assign" && row.actor == m.0), "audited, too");
}

#[tokio::test]
async fn an_alert_that_nobody_looks_at_gets_worse_once() {
    let office = Office::open().await;
    let policy = AlertPolicy { escalate_after_secs: Some(60), ..AlertPolicy::of(Severity::Info) };
    office.admin().put(office.company, port(Some(policy))).expect("a place");
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    drive_in(&office, &phone).await;
    assert_eq!(office.alerts()[0].severity, Severity::Info, "as the fence says");
    let jobs = |secs| {
        office.wait(TimeDelta::seconds(secs));
        office.admin().run_due_jobs().expect("runs");
        office.alerts().remove(0)
    };
    assert_eq!(jobs(50).severity, Severity::Info, "not yet");
    let worse = jobs(11);
    assert_eq!((worse.severity, worse.escalated_at.is_some()), (Severity::Warning, true), "a minute");
    assert!(
        matches!(worse.history[0].what, StepKind::Escalated { .. }) && worse.history[0].by.is_none(),
        "by the server"
    );
    assert_eq!(jobs(600), worse, "once");
}

#[tokio::test]
async fn a_snoozed_alert_escalates_only_after_it_is_back() {
    let office = Office::open().await;
    let (phone, desk) = (office.activate(&office.ana).await, office.sign_in("dispatcher").await);
    let severity = Severity::Info;
    let calm = LocationRule {
        policy: AlertPolicy { escalate_after_secs: Some(120), ..AlertPolicy::of(severity) },
        ..rule(Condition::Sos)
    };
    let given = office.admin().rows(office.company, EntityKind::Rule).expect("rules");
    assert_eq!(given.len(), 3, "every company begins with three rules");
    for row in given {
        if let Entity::Rule(rule) = row
            && rule.condition == Condition::Sos
        {
            office.admin().put(office.company, LocationRule { enabled: false, ..rule }).expect("off");
        }
    }
    office.admin().put(office.company, calm.clone()).expect("a rule");
    phone.report(&phone.entry(EntryBody::Sos)).await;
    let alert = office.alerts().remove(0);
    assert_eq!((alert.severity, alert.rule), (severity, Some(calm.id)), "delivered as the rule says");
    let until = office.now() + TimeDelta::minutes(10);
    assert!(is_applied(&act(&desk, 1, alert.id, AlertAction::Snooze { until }).await), "put aside");
    office.wait(TimeDelta::minutes(11));
    office.admin().run_due_jobs().expect("runs");
    assert_eq!(office.alerts()[0].severity, severity, "back for a minute");
    office.wait(TimeDelta::minutes(1));
    office.admin().run_due_jobs().expect("runs");
    assert_eq!(office.alerts()[0].severity, Severity::Warning, "and nobody looked");
}

#[tokio::test]
async fn a_call_for_help_is_an_alert_whatever_the_rules_say() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    for row in office.admin().rows(office.company, EntityKind::Rule).expect("rules") {
        let Entity::Rule(rule) = row else { panic!("a rule") };
        office.admin().put(office.company, LocationRule { enabled: false, ..rule }).expect("off");
    }
    let call = phone.entry(EntryBody::Sos);
    assert!(matches!(phone.report(&call).await, EntryOutcome::Accepted { .. }), "taken");
    assert!(matches!(phone.report(&call).await, EntryOutcome::Duplicate { .. }), "sent twice");
    let alerts = office.alerts();
    assert_eq!(alerts.len(), 1, "one call");
    assert_eq!(
        (alerts[0].severity, alerts[0].rule),
        (Severity::Critical, None),
        "without a rule it is critical"
    );
    office.wait(TimeDelta::seconds(30));
    phone.report(&phone.entry(EntryBody::Sos)).await;
    assert_eq!(office.alerts().len(), 2, "who presses again asks again");
}

#[tokio::test]
async fn forty_phones_fall_silent_and_that_is_forty_alerts_of_one_storm() {
    let office = Office::open().await;
    let profile = office.stored_card(office.ana.id).profile;
    let group = office.stored_card(office.ana.id).group;
    let mut phones = Vec::new();
    for n in 0..40 {
        let number = format!("+377 7 00 00 {n:02}");
        let card = super::office::card(&format!("Person {n}"), group, profile, &number);
        phones.push(super::office::add_person(office.admin(), office.company, card));
    }
    for person in &phones {
        office.activate(person).await.sign_in().await;
    }
    office.wait(TimeDelta::minutes(29));
    assert_eq!(office.alerts(), [], "not yet half an hour");
    office.wait(TimeDelta::minutes(2));
    let alerts = office.alerts();
    assert_eq!(alerts.len(), 40, "everybody");
    let lines = domain::alert::entries(&alerts);
    assert_eq!(lines.len(), 1, "which a list shows as one line");
    office.wait(TimeDelta::minutes(30));
    assert_eq!(office.alerts().len(), 40, "said once");
}

fn file(dir: &tempfile::TempDir) -> ServerConfig {
    ServerConfig::in_file(ServerConfig::in_memory().listen, dir.path().join("data.db"))
}

#[tokio::test]
async fn a_server_that_was_away_does_not_call_everybody_silent() {
    let dir = tempfile::tempdir().expect("a directory");
    let office = Office::open_with(file(&dir)).await;
    office.activate(&office.ana).await.sign_in().await;
    assert_eq!(office.alerts(), [], "she has just signed in");
    office.wait(TimeDelta::hours(2));
    let office = office.restart(file(&dir)).await;
    assert_eq!(office.alerts(), [], "nobody could reach it");
    office.wait(TimeDelta::minutes(3));
    assert_eq!(office.alerts().len(), 1, "now she could have, and has not");
}

#[tokio::test]
async fn a_restart_neither_repeats_nor_loses_an_alert() {
    let dir = tempfile::tempdir().expect("a directory");
    let office = Office::open_with(file(&dir)).await;
    office.admin().put(office.company, port(None)).expect("a place");
    let (ana, ben) = (office.activate(&office.ana).await, office.activate(&office.ben).await);
    ana.sign_in().await;
    ben.sign_in().await;
    drive_in(&office, &ana).await;
    let before = office.alerts();
    assert_eq!(before.len(), 1, "Ana came in");
    for lat in [43.74, 43.7301] {
        office.wait(TimeDelta::seconds(20));
        ben.send_fixes(&[ben.fix(7.42, lat)]).await;
    }
    let (token, first_sync) = (ben.token, ben.first_sync);
    let office = office.restart(file(&dir)).await;
    assert_eq!(office.alerts(), before, "nothing is said again");
    let ben = Handset { office: &office, token, first_sync };
    office.wait(TimeDelta::seconds(31));
    ben.send_fixes(&[ben.fix(7.42, 43.73)]).await;
    let alerts = office.alerts();
    assert_eq!(alerts.len(), 2, "Ben's entry began before the restart and is confirmed after it");
    assert_eq!(alerts[1].kind.resource(), Some(office.ben.id), "Ben's");
}

#[tokio::test]
async fn what_late_fixes_show_corrects_the_history() {
    let office = Office::open().await;
    office.admin().put(office.company, port(None)).expect("a place");
    office.wait(TimeDelta::minutes(1));
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    let fixes = drive_in(&office, &phone).await;
    let said = office.alerts().remove(0);
    office.wait(TimeDelta::minutes(5));
    phone.send_fixes(&[phone.fix(7.42, 43.74)]).await;
    office.alerts();
    let outside = Fix { fix_time: fixes[1].fix_time + TimeDelta::seconds(10), ..phone.fix(7.42, 43.7318) };
    phone.send_fixes(&[outside]).await;
    office.wait(TimeDelta::seconds(2));
    let alerts = office.alerts();
    let unfounded = alerts.iter().find(|alert| alert.id == said.id).expect("it stays in the history");
    assert_eq!(unfounded.correction, Some(Correction::Unfounded), "she was outside in between");
    assert_eq!(unfounded.stage(office.now()), domain::alert::Stage::Resolved, "and nobody has to look");
    office.wait(TimeDelta::minutes(20));
    phone.send_fixes(&[phone.fix(7.42, 43.74)]).await;
    let visit =
        |secs: i64| Fix { fix_time: office.now() - TimeDelta::seconds(600 - secs), ..phone.fix(7.42, 43.73) };
    phone.send_fixes(&[visit(0), visit(20), visit(40), visit(60)]).await;
    office.wait(TimeDelta::seconds(2));
    let alerts = office.alerts();
    let found: Vec<_> =
        alerts.iter().filter(|alert| alert.correction == Some(Correction::FoundLate)).collect();
    assert_eq!((alerts.len(), found.len()), (2, 1), "a visit that was told too late: {alerts:?}");
    assert_eq!(found[0].stage(office.now()), domain::alert::Stage::Resolved, "history, and no news");
}

#[tokio::test]
async fn a_battery_is_told_coarsely_and_low_once() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    let charge = async |percent: u8| {
        let body = json!({"fixes": [], "battery_percent": percent});
        let _: protocol::field::PositionsAccepted =
            phone.post("/v1/field/positions", &body).await.expect("taken");
        office.stored_card(office.ana.id).battery.map(|battery| battery.percent)
    };
    assert_eq!(charge(14).await, Some(14), "the first word");
    assert_eq!(charge(12).await, Some(14), "two points are not worth a change");
    assert_eq!(charge(9).await, Some(9), "the limit of the rule is");
    office.wait(TimeDelta::minutes(11));
    assert_eq!(charge(8).await, Some(8), "so is a point after ten minutes");
    let alerts = office.alerts();
    let kind = AlertKind::BatteryLow { resource: office.ana.id, percent: 9 };
    assert_eq!(alerts.iter().map(|alert| &alert.kind).collect::<Vec<_>>(), [&kind], "low once");
    assert_eq!(charge(200).await, Some(8), "what can't be is not kept");
}

#[tokio::test]
async fn nothing_is_said_of_a_place_in_private() {
    let office = Office::open().await;
    office.admin().put(office.company, port(None)).expect("a place");
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    phone.send_fixes(&[phone.fix(7.42, 43.74)]).await;
    phone.set_privacy(true).await;
    drive_in_private(&office, &phone).await;
    office.wait(TimeDelta::minutes(40));
    assert_eq!(office.alerts(), [], "neither an entry nor silence");
}

async fn drive_in_private(office: &Office, phone: &Handset<'_>) {
    for lat in [43.7301, 43.7300, 43.7299] {
        office.wait(TimeDelta::seconds(20));
        assert_eq!(phone.send_fixes(&[phone.fix(7.42, lat)]).await.private, 1, "not taken");
    }
}

#[tokio::test]
async fn the_first_rules_are_given_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let office = Office::open_with(file(&dir)).await;
    let desk = office.sign_in("manager").await;
    let rules = || office.admin().rows(office.company, EntityKind::Rule).expect("rules");
    assert_eq!(rules().len(), 3, "silence, batteries, calls for help");
    let Some(Entity::Rule(gone)) = rules().into_iter().next() else { panic!("a rule") };
    let delete = desk.command(1, CommandBody::RuleDelete { rule: gone.id });
    assert!(is_applied(&desk.send(Command { if_match: Some(1), ..delete }).await), "not wanted");
    let office = office.restart(file(&dir)).await;
    let rules = office.admin().rows(office.company, EntityKind::Rule).expect("rules");
    assert_eq!(rules.len(), 2, "and it does not come back");
}
