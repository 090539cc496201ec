//! Every route × every caller. The table below is written from the design, not from the code.

use super::office::{Fresh, Office, new_company, new_user};
use domain::access::Role;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Nobody,
    User(Role),
    Barred,
    Phone,
    DisabledPhone,
}

/// Whom a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Own,
    OtherTeam,
    OtherCompany,
}

const OPEN: &[Role] = &Role::ALL;
const WATCH: &[Role] = &[Role::Dispatcher, Role::Supervisor, Role::Manager];
const TRACK: &[Role] = &[Role::Dispatcher, Role::Supervisor];

struct Call {
    method: Method,
    path: &'static str,
    body: Option<Value>,
    /// Roles that may; empty means phones only.
    roles: &'static [Role],
    /// Whether the path names a resource.
    about_somebody: bool,
}

fn calls() -> Vec<Call> {
    let call = |method, path, body, roles, about_somebody| Call { method, path, body, roles, about_somebody };
    let track = "/v1/resources/{id}/track?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z&purpose=x";
    let entries = json!({"entries": [], "device_time": "2026-11-23T09:00:00Z"});
    let settings = json!({"enter_confirm_secs": 30, "leave_confirm_secs": 60, "leave_margin_m": 25.0, "dwell_secs": null});
    let what_if = json!({"poi": "{place}", "days": 1, "settings": settings});
    vec![
        call(Method::GET, "/v1/snapshot", None, OPEN, false),
        call(Method::GET, "/v1/changes?cursor={cursor}", None, OPEN, false),
        call(Method::GET, "/v1/positions", None, WATCH, false),
        call(Method::GET, track, None, TRACK, true),
        call(Method::GET, "/v1/whereabouts?at=2026-11-23T09:00:00Z&purpose=x", None, TRACK, false),
        call(Method::POST, "/v1/resources/{id}/contact", None, WATCH, true),
        call(Method::POST, "/v1/what-if", Some(what_if), WATCH, false),
        call(Method::GET, "/v1/field/sync", None, &[], false),
        call(Method::POST, "/v1/field/entries", Some(entries), &[], false),
        call(Method::POST, "/v1/field/positions", Some(json!({"fixes": []})), &[], false),
        call(Method::POST, "/v1/field/privacy", Some(json!({"on": false})), &[], false),
    ]
}

fn expected(call: &Call, caller: Caller, about: About) -> u16 {
    let for_phones = call.roles.is_empty();
    match caller {
        Caller::Nobody | Caller::Barred => 401,
        Caller::DisabledPhone => 403,
        Caller::Phone if for_phones => {
            if call.path.ends_with("privacy") {
                204
            } else {
                200
            }
        }
        Caller::Phone => 403,
        Caller::User(_) if for_phones => 403,
        Caller::User(role) if !call.roles.contains(&role) => 403,
        Caller::User(_) if !call.about_somebody => 200,
        Caller::User(role) => match about {
            About::Own => 200,
            About::OtherTeam if role == Role::Manager => 200,
            About::OtherTeam | About::OtherCompany => 404,
        },
    }
}

/// The body of a call with the place that it is about.
fn about_place(body: &Value, place: domain::PoiId) -> Value {
    let text = body.to_string().replace("{place}", &place.to_string());
    serde_json::from_str(&text).expect("a body")
}

#[tokio::test]
async fn every_route_for_every_role_and_target() {
    let office = Office::open().await;
    let admin = office.admin();
    let elsewhere = admin.add_company(new_company("Elsewhere")).expect("company");
    let profile = super::office::read::<domain::resource::Resource>(
        serde_json::to_value(office.stored_card(office.ana.id)).expect("writes"),
    )
    .profile;
    let group = admin.add_group(elsewhere, "Theirs").expect("group");
    let stranger = super::office::add_person(
        admin,
        elsewhere,
        super::office::card("Zoe", group, profile, "+1 555 0100"),
    );
    let barred = admin.add_user(new_user(office.company, "barred", Role::Manager, Vec::new())).expect("user");

    let place = super::office::place("Port");
    admin.put(office.company, place.clone()).expect("a place");
    let phone = office.activate(&office.ana).await;
    let disabled = office.activate(&office.ben).await;
    admin.disable_resource(office.company, office.ben.id).expect("disables");
    let mut callers = vec![
        (Caller::Nobody, None),
        (Caller::Phone, Some(phone.token.clone())),
        (Caller::DisabledPhone, Some(disabled.token.clone())),
    ];
    let mut cursor = String::new();
    for role in Role::ALL {
        let desk = office.sign_in(&format!("{role:?}").to_lowercase()).await;
        cursor = desk.snapshot().await.0.to_string();
        callers.push((Caller::User(role), Some(desk.tokens.access)));
    }
    let out = office.sign_in("barred").await;
    admin.disable_user(barred).expect("bars");
    callers.push((Caller::Barred, Some(out.tokens.access)));

    let mut tried = 0;
    for call in calls() {
        for (caller, token) in &callers {
            for (about, id) in [
                (About::Own, office.ana.id),
                (About::OtherTeam, office.ben.id),
                (About::OtherCompany, stranger.id),
            ] {
                let path = call.path.replace("{id}", &id.to_string()).replace("{cursor}", &cursor);
                let body = call.body.as_ref().map(|body| about_place(body, place.id));
                let (status, answer) = office.call(call.method.clone(), &path, token.as_deref(), body).await;
                let wanted = expected(&call, *caller, about);
                assert_eq!(
                    status.as_u16(),
                    wanted,
                    "{} {} by {caller:?} about {about:?}: {answer}",
                    call.method,
                    call.path
                );
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 11 * 8 * 3, "all of them were tried");
}

#[tokio::test]
async fn commands_are_for_roles_with_the_right_and_for_own_groups() {
    use domain::bid::Invitation;
    use protocol::wire::{Command, CommandBody, Outcome, Rejection};
    let office = Office::open().await;
    let bid = domain::BidId(Uuid::now());
    let told = domain::task::PromiseDraft {
        id: domain::PromiseId(Uuid::now()),
        channel: domain::task::PromiseChannel::Phone,
        from: None,
        until: office.now() + chrono::TimeDelta::hours(1),
        expected: None,
    };
    for role in Role::ALL {
        let desk = office.sign_in(&format!("{role:?}").to_lowercase()).await;
        let may = matches!(role, Role::Dispatcher | Role::Manager);
        let task = office.task("Lift stuck", None);
        let assign = |resource| CommandBody::TaskAssign { task, resource: Some(resource), choice: None };
        let deadline = office.now() + chrono::TimeDelta::hours(1);
        let invitation = Invitation { id: bid, task, invite: vec![office.ben.id], deadline };
        let other = office.task("Door", None);
        let plan = |task, resource| CommandBody::TaskPlan { task, resource, planned_start: None };
        let promise = told.id;
        let bodies = [
            (CommandBody::TaskCreate(super::office::draft("New")), may, None),
            (assign(office.ana.id), may, None),
            (plan(other, Some(office.ana.id)), may, None),
            (
                plan(office.task("Gate", None), Some(office.ben.id)),
                role == Role::Manager,
                may.then_some(Rejection::NotFound),
            ),
            (CommandBody::TaskPromise { task, promise: told.clone(), text: None }, may, None),
            (CommandBody::TaskPromiseWithdraw { task, promise }, may, None),
            (CommandBody::BidOpen(invitation), role == Role::Manager, may.then_some(Rejection::NotFound)),
            (CommandBody::BidCancel { bid }, role == Role::Manager, may.then_some(Rejection::NotFound)),
            (CommandBody::LocationRequest { resource: office.ana.id }, role != Role::Administrator, None),
            (
                CommandBody::LocationRequest { resource: office.ben.id },
                role == Role::Manager,
                (role != Role::Administrator).then_some(Rejection::NotFound),
            ),
        ];
        for (n, (body, works, otherwise)) in (1..).zip(bodies) {
            let outcome = desk.send(Command { if_match: Some(1), ..desk.command(n, body.clone()) }).await;
            match &outcome {
                Outcome::Applied { .. } => assert!(works, "{role:?} may not: {body:?}"),
                Outcome::Rejected { reason } => {
                    assert!(!works, "{role:?} may: {body:?}, but {reason:?}");
                    assert_eq!(*reason, otherwise.unwrap_or(Rejection::Forbidden), "{role:?}: {body:?}");
                }
                Outcome::Duplicate { .. }
                | Outcome::Conflict { .. }
                | Outcome::Retry { .. }
                | Outcome::Gap { .. } => panic!("{role:?} {body:?}: {outcome:?}"),
            }
        }
    }
}

#[tokio::test]
async fn alerts_places_and_rules_are_for_roles_with_the_right() {
    use domain::alert::{Alert, AlertAction, AlertKind, Severity};
    use domain::rule::{AlertPolicy, Condition, LocationRule, RuleScope};
    use protocol::wire::{Command, CommandBody, Outcome, Rejection};
    let office = Office::open().await;
    let (admin, company, now) = (office.admin(), office.company, office.now());
    let alert = |resource| {
        let kind = AlertKind::DeviceSilent { resource };
        Alert::new(domain::AlertId(Uuid::now()), kind, Severity::Info, (now, now), None)
    };
    let rule = || LocationRule {
        id: domain::RuleId(Uuid::now()),
        name: "Rule".to_owned(),
        enabled: true,
        condition: Condition::Sos,
        scope: RuleScope::default(),
        schedule: domain::schedule::Schedule::default(),
        min_duration_secs: 0,
        policy: AlertPolicy::of(Severity::Info),
    };
    for role in Role::ALL {
        let desk = office.sign_in(&format!("{role:?}").to_lowercase()).await;
        let (place, kept, gone) = (super::office::place("Yard"), rule(), rule());
        let (own, other) = (alert(office.ana.id), alert(office.ben.id));
        admin.put(company, place.clone()).expect("a place");
        [&kept, &gone].into_iter().for_each(|rule| _ = admin.put(company, rule.clone()).expect("a rule"));
        [&own, &other].into_iter().for_each(|alert| _ = admin.put(company, alert.clone()).expect("an alert"));
        let renamed = domain::place::Poi { name: "Renamed".to_owned(), ..place.clone() };
        let (draft, base) = (Box::new(renamed), Box::new(place.clone()));
        let edited = LocationRule { name: "Another".to_owned(), ..kept.clone() };
        let act = |alert: &Alert| CommandBody::AlertAct { alert: alert.id, action: AlertAction::Acknowledge };
        let edits = matches!(role, Role::Dispatcher | Role::Manager);
        let handles = role != Role::Administrator;
        let bodies = [
            (act(&own), handles, None),
            (act(&other), role == Role::Manager, handles.then_some(Rejection::NotFound)),
            (CommandBody::AlertRaise(Box::new(alert(office.ana.id))), handles, None),
            (CommandBody::PoiEdit { draft, base }, edits, None),
            (CommandBody::RulePut(Box::new(edited)), edits, None),
            (CommandBody::RuleDelete { rule: gone.id }, edits, None),
        ];
        for (n, (body, works, otherwise)) in (1..).zip(bodies) {
            let outcome = desk.send(Command { if_match: Some(1), ..desk.command(n, body.clone()) }).await;
            let refusal = super::office::refusal(&outcome).cloned();
            let expected = (!works).then(|| otherwise.unwrap_or(Rejection::Forbidden));
            assert_eq!(refusal, expected, "{role:?}: {body:?}");
            assert!(!works || matches!(outcome, Outcome::Applied { .. }), "{role:?} may: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn contact_data_is_revealed_to_those_who_may_and_audited() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let path = format!("/v1/resources/{}/contact", office.ana.id);
    let (_, answer) = office.call(Method::POST, &path, Some(&desk.tokens.access), None).await;
    assert_eq!(answer["phone"], office.ana.phone.as_str(), "unmasked");
    let audit = office.admin().audit(office.company).expect("audit");
    let row = audit.iter().find(|row| row.action == "contact.reveal").expect("audited");
    assert_eq!((row.actor, row.target), (desk.user().0, office.ana.id.0), "who asked about whom");
}
