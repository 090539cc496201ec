use super::office::{Fresh, Office, read};
use chrono::TimeDelta;
use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::entry::{Entry, EntryBody};
use domain::form::{FieldKind, FormDefinition, FormError, FormField, FormValue, Submission};
use domain::position::Trigger;
use domain::task::{StepError, TaskStatus};
use domain::{EntryGuid, FormId, SubmissionId, TaskId};
use protocol::entity::EntityKind;
use protocol::field::{EntryOutcome, EntryRefusal, FieldSync};
use protocol::wire::{Command, CommandBody, ErrorCode, Outcome, Rejection};
use reqwest::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_connection_code_works_once_and_only_for_its_phone() {
    let office = Office::open().await;
    let activate = async |code: &str, phone: &str| {
        let body = json!({"connection_code": code, "msisdn": phone, "device": Uuid::now()});
        let (status, answer) = office.call(Method::POST, "/v1/field/activate", None, Some(body)).await;
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    let wrong = (StatusCode::FORBIDDEN, "wrong_connection_code".to_owned());
    assert_eq!(activate("AAAAA-AAAAA", &office.ana.phone).await, wrong, "a wrong code");
    assert_eq!(activate(&office.ana.code.0, &office.ben.phone).await, wrong, "another's phone");
    let spelled = office.ana.code.0.to_lowercase().replace('-', " ");
    assert_eq!(activate(&spelled, "00+377-6000001").await.0, StatusCode::FORBIDDEN, "another number");
    assert_eq!(activate(&spelled, "377 6.00.00.01").await.0, StatusCode::OK, "however it is spelled");
    assert_eq!(activate(&office.ana.code.0, &office.ana.phone).await, wrong, "once only");
    for _ in 0..10 {
        activate("BBBBB-BBBBB", &office.ben.phone).await;
    }
    let (status, code) = activate(&office.ben.code.0, &office.ben.phone).await;
    assert_eq!(
        (status, code.as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "locked_out"),
        "guessing is slowed down"
    );
}

#[tokio::test]
async fn a_disabled_card_is_told_to_wipe() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    assert_eq!(phone.first_sync.resource.id, office.ana.id, "it is Ana's card");
    assert_eq!(phone.first_sync.resource.phone, office.ana.phone, "one's own number is not masked");
    office.admin().disable_resource(office.company, office.ana.id).expect("disables");
    let refused = phone.sync("").await.expect_err("refused");
    assert_eq!((refused.0, refused.1.code), (StatusCode::FORBIDDEN, ErrorCode::Fenced), "by name");
}

#[tokio::test]
async fn the_same_entry_twice_is_one_entry() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    let entry = phone.entry(EntryBody::Attendance { kind: AttendanceKind::SignIn });
    let outcomes = phone.report_raw(json!([entry, entry])).await.outcomes;
    assert!(matches!(outcomes[0], EntryOutcome::Accepted { guid } if guid == entry.guid), "the first counts");
    assert!(matches!(outcomes[1], EntryOutcome::Duplicate { .. }), "the second is known");
    assert!(matches!(phone.report(&entry).await, EntryOutcome::Duplicate { .. }), "tomorrow too");
    assert_eq!(
        office.admin().rows(office.company, EntityKind::Attendance).expect("rows").len(),
        1,
        "one row"
    );
    assert!(office.stored_card(office.ana.id).on_duty, "she is in");
}

#[tokio::test]
async fn late_uploads_in_any_order_leave_the_newest_state() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    let at = |minutes, kind| Entry {
        event_time: office.now() - TimeDelta::minutes(minutes),
        ..phone.entry(EntryBody::Attendance { kind })
    };
    let (came, went) = (at(90, AttendanceKind::SignIn), at(5, AttendanceKind::SignOut));
    phone.report_raw(json!([went, came])).await;
    assert!(!office.stored_card(office.ana.id).on_duty, "she left five minutes ago, whatever came in last");
    let row: AttendanceEntry = office.stored(EntityKind::Attendance, came.guid.0).expect("there");
    assert_eq!(
        row.entry_time - row.event_time,
        TimeDelta::minutes(90),
        "event time and entry time are both kept"
    );

    let wrong_clock = Entry {
        event_time: office.now() - TimeDelta::hours(3),
        ..phone.entry(EntryBody::Attendance { kind: AttendanceKind::SignIn })
    };
    let body = json!({"entries": [wrong_clock], "device_time": office.now() - TimeDelta::hours(3)});
    phone.post::<_, serde_json::Value>("/v1/field/entries", &body).await.expect("taken");
    let row: AttendanceEntry = office.stored(EntityKind::Attendance, wrong_clock.guid.0).expect("there");
    assert_eq!(
        row.event_time,
        office.now(),
        "a phone three hours behind reported something that happened now"
    );
}

#[tokio::test]
async fn a_shuffled_batch_takes_effect_in_the_order_of_events() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let step = |minutes, status| Entry {
        event_time: office.now() - TimeDelta::minutes(minutes),
        ..phone.entry(EntryBody::Task { task, status, reason: None })
    };
    let (drives, arrives, works) =
        (step(30, TaskStatus::EnRoute), step(20, TaskStatus::Arrived), step(10, TaskStatus::InProgress));
    let outcomes = phone.report_raw(json!([works, drives, arrives])).await.outcomes;
    for (outcome, entry) in outcomes.iter().zip([&works, &drives, &arrives]) {
        let taken = matches!(outcome, EntryOutcome::Accepted { guid } if *guid == entry.guid);
        assert!(taken, "each is answered in its place: {outcome:?}");
    }
    let seen: Vec<TaskStatus> = office.stored_task(task).timeline.iter().map(|step| step.status).collect();
    assert!(seen.ends_with(&[TaskStatus::EnRoute, TaskStatus::Arrived, TaskStatus::InProgress]), "{seen:?}");
}

#[tokio::test]
async fn one_bad_entry_does_not_spoil_the_batch() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    let good = phone.entry(EntryBody::AppOpened);
    let located = Entry { fix: Some(phone.fix(7.42, 43.73)), ..phone.entry(EntryBody::Location) };
    let mut nan = serde_json::to_value(&located).expect("writes");
    nan["fix"]["at"]["lon"] = serde_json::Value::Null; // how JSON writers spell NaN
    let mut off_earth = serde_json::to_value(&located).expect("writes");
    off_earth["fix"]["at"]["lat"] = json!(143.7);
    let huge = serde_json::to_string(&located).expect("writes").replace("43.73", "1e999");
    let body = format!(
        r#"{{"entries": [{nan}, {off_earth}, {huge}, {{"guid": 5}}, {}], "device_time": "{}"}}"#,
        serde_json::to_string(&good).expect("writes"),
        office.now().to_rfc3339()
    );
    let request = office.http.post(format!("{}/v1/field/entries", office.server.url()));
    let request =
        request.header(protocol::API_VERSION_HEADER, protocol::API_VERSION).bearer_auth(&phone.token);
    let answer =
        request.body(body).send().await.expect("answers").json::<serde_json::Value>().await.expect("JSON");
    let outcomes: protocol::field::EntriesResponse = read(answer);
    for (index, what) in ["NaN", "off the earth", "1e999"].iter().enumerate() {
        let refused = matches!(&outcomes.outcomes[index], EntryOutcome::Refused { guid: Some(guid), reason: EntryRefusal::Malformed(_) } if *guid == located.guid);
        assert!(refused, "{what} is refused by its guid: {:?}", outcomes.outcomes[index]);
    }
    assert!(
        matches!(outcomes.outcomes[3], EntryOutcome::Refused { guid: None, .. }),
        "what has no guid is refused without"
    );
    assert!(matches!(outcomes.outcomes[4], EntryOutcome::Accepted { .. }), "the good one counts");
}

#[tokio::test]
async fn an_illegal_step_is_kept_but_has_no_effect() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    let (own, bens) =
        (office.task("Lift stuck", Some(office.ana.id)), office.task("Leak", Some(office.ben.id)));
    let step = |task: TaskId, status| phone.entry(EntryBody::Task { task, status, reason: None });
    assert!(
        matches!(phone.report(&step(own, TaskStatus::EnRoute)).await, EntryOutcome::Accepted { .. }),
        "drives off"
    );
    let jump = step(own, TaskStatus::ReadyForReview);
    let expected = StepError::Illegal { from: TaskStatus::EnRoute, to: TaskStatus::ReadyForReview };
    for _ in 0..2 {
        let refused = phone.report(&jump).await;
        assert!(
            matches!(refused, EntryOutcome::Refused { reason: EntryRefusal::Step(error), .. } if error == expected),
            "both times: {refused:?}"
        );
    }
    assert_eq!(office.stored_task(own).status, TaskStatus::EnRoute, "no effect");
    let foreign = phone.report(&step(bens, TaskStatus::EnRoute)).await;
    assert!(
        matches!(foreign, EntryOutcome::Refused { reason: EntryRefusal::NotFound, .. }),
        "not hers: {foreign:?}"
    );
}

#[tokio::test]
async fn the_long_poll_answers_when_the_office_gives_work_and_asks_where_you_are() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", None);
    let seq = phone.sync("").await.expect("syncs").seq;
    let poll = async |seq: u64| phone.sync(&format!("?since={seq}&wait_secs=10")).await.expect("syncs");
    let assign = async || {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let body = CommandBody::TaskAssign { task, resource: Some(office.ana.id), choice: None };
        desk.send(Command { if_match: Some(1), ..desk.command(1, body) }).await
    };
    let (sync, _): (FieldSync, Outcome) = tokio::join!(poll(seq), assign());
    assert_eq!(
        sync.tasks.first().map(|task| task.title.as_str()),
        Some("Lift stuck"),
        "the task is on the phone"
    );

    let ask = |n| desk.command(n, CommandBody::LocationRequest { resource: office.ana.id });
    let (asked, outcome) = tokio::join!(poll(sync.seq), desk.send(ask(2)));
    assert!(matches!(outcome, Outcome::Applied { .. }) && asked.location_requested, "asked: {outcome:?}");
    let located = Entry { fix: Some(phone.fix(7.42, 43.73)), ..phone.entry(EntryBody::Location) };
    phone.report(&located).await;
    assert!(!phone.sync("").await.expect("syncs").location_requested, "answered");
    phone.set_privacy(true).await;
    let refused = desk.send(ask(3)).await;
    assert!(
        matches!(refused, Outcome::Rejected { reason: Rejection::Private }),
        "a private person is not asked: {refused:?}"
    );
}

#[tokio::test]
async fn forms_are_checked_and_kept() {
    let office = Office::open().await;
    let field = FormField {
        key: "done".to_owned(),
        label: "Done".to_owned(),
        kind: FieldKind::YesNo,
        required: true,
    };
    let form = FormDefinition {
        id: FormId(Uuid::now()),
        version: 1,
        name: "Report".to_owned(),
        fields: vec![field],
    };
    office.admin().put(office.company, form.clone()).expect("form");
    let phone = office.activate(&office.ana).await;
    let submission = |values: &[(&str, FormValue)]| Submission {
        id: SubmissionId(Uuid::now()),
        form: form.id,
        form_version: 1,
        task: None,
        resource: office.ana.id,
        event_time: office.now(),
        values: values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
    };
    let empty = phone.entry(EntryBody::Form { submission: Box::new(submission(&[])) });
    let refused = phone.report(&empty).await;
    let expected = vec![FormError::Missing("done".to_owned())];
    assert!(
        matches!(&refused, EntryOutcome::Refused { reason: EntryRefusal::Form(problems), .. } if *problems == expected),
        "{refused:?}"
    );
    let filled = submission(&[("done", FormValue::YesNo(true))]);
    let entry = phone.entry(EntryBody::Form { submission: Box::new(filled.clone()) });
    assert!(matches!(phone.report(&entry).await, EntryOutcome::Accepted { .. }), "a filled one is taken");
    let stored: Option<Submission> = office.stored(EntityKind::Submission, filled.id.0);
    assert_eq!(stored, Some(filled), "and kept");
}

#[tokio::test]
async fn fixes_do_not_flood_the_feed_and_only_plausible_ones_count() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, _) = desk.snapshot().await;
    for second in 0..50 {
        office.wait(TimeDelta::seconds(1));
        let taken = phone.send_fixes(&[phone.fix(7.42 + f64::from(second) / 10_000.0, 43.73)]).await;
        assert_eq!(taken.accepted, 1, "each is taken");
    }
    assert!(
        desk.changes(start).await.expect("changes").items.is_empty(),
        "fifty fixes, not one change in the feed"
    );
    let old = domain::position::Fix { fix_time: office.now() - TimeDelta::days(8), ..phone.fix(7.4, 43.7) };
    let early =
        domain::position::Fix { fix_time: office.now() + TimeDelta::minutes(5), ..phone.fix(7.4, 43.7) };
    let body = json!({"fixes": [old, early, {"at": {"lon": 7.4, "lat": 95.0}, "fix_time": office.now()}, phone.fix(7.43, 43.73)]});
    let taken: protocol::field::PositionsAccepted =
        phone.post("/v1/field/positions", &body).await.expect("taken");
    assert_eq!(
        (taken.accepted, taken.refused),
        (1, 3),
        "a week old, from the future and off the earth are refused"
    );
    office.wait(TimeDelta::minutes(6));
    phone.send_fixes(&[phone.fix(7.42, 43.73)]).await;
    let page = desk.changes(start).await.expect("changes");
    assert_eq!(page.items.len(), 1, "after five minutes the card says once that the device was heard");
}

#[tokio::test]
async fn a_fix_is_told_with_the_time_that_the_store_keeps() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    let desk = office.sign_in("dispatcher").await;
    let finer = office.now() + TimeDelta::microseconds(714);
    office.wait(TimeDelta::seconds(1));
    let fix = domain::position::Fix { fix_time: finer, ..phone.fix(7.42, 43.73) };
    assert_eq!(phone.send_fixes(&[fix]).await.accepted, 1, "taken");
    let told: protocol::wire::PositionsResponse = desk.get("/v1/positions").await.expect("positions");
    let times: Vec<_> = told.positions.iter().map(|update| update.fix.fix_time).collect();
    assert_eq!(
        times,
        [finer - TimeDelta::microseconds(714)],
        "or the same fix would be an older one after a restart of the server, and desks would not take it"
    );
}

#[tokio::test]
async fn a_profile_without_live_tracking_collects_none() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    let profile = domain::resource::Profile {
        location_triggers: vec![Trigger::TaskEntry],
        live_tracking_secs: None,
        ..phone.first_sync.profile.clone()
    };
    office.admin().put(office.company, profile).expect("profile");
    let taken = phone.send_fixes(&[phone.fix(7.42, 43.73)]).await;
    assert_eq!((taken.accepted, taken.refused), (0, 1), "nobody asked for it");
    let sign_in = Entry {
        guid: EntryGuid(Uuid::now()),
        fix: Some(phone.fix(7.42, 43.73)),
        ..phone.entry(EntryBody::Attendance { kind: AttendanceKind::SignIn })
    };
    phone.report(&sign_in).await;
    let row: AttendanceEntry = office.stored(EntityKind::Attendance, sign_in.guid.0).expect("there");
    assert_eq!(row.at, None, "a sign-in is no occasion in this profile");
}
