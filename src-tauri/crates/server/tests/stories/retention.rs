//! What was kept for long enough goes, with every trace of it, and every desk is told.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, AlertState, Severity};
use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::bid::{Bid, BidStatus};
use domain::entry::EntryBody;
use domain::form::{FormValue, Submission};
use domain::task::{Actor, StatusStep, Task, TaskStatus};
use domain::{AlertId, BidId, EntryGuid, FormId, SubmissionId, TaskId};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{Command, CommandBody, Outcome, op};
use server::ServerConfig;
use uuid::Uuid;

use crate::office::{Fresh, Office, at, monday, task};

fn long_ago() -> DateTime<Utc> {
    monday() - TimeDelta::days(91)
}

fn over(title: &str, since: DateTime<Utc>) -> Task {
    let step = StatusStep { status: TaskStatus::Closed, at: since, by: Actor::Server, reason: None };
    Task { number: 9, status: TaskStatus::Closed, timeline: vec![step], ..task(title, since) }
}

fn submission(office: &Office, text: &str, since: DateTime<Utc>) -> Submission {
    Submission {
        id: SubmissionId(Uuid::now()),
        form: FormId(Uuid::now()),
        form_version: 1,
        task: None,
        resource: office.ana.id,
        event_time: since,
        values: BTreeMap::from([("remark".to_owned(), FormValue::Text(text.to_owned()))]),
    }
}

fn attendance(office: &Office, since: DateTime<Utc>) -> AttendanceEntry {
    AttendanceEntry {
        guid: EntryGuid(Uuid::now()),
        resource: office.ana.id,
        kind: AttendanceKind::SignIn,
        event_time: since,
        entry_time: since,
        at: Some(at(7.421_357_1, 43.735_491_7)),
    }
}

fn alert(office: &Office, since: DateTime<Utc>) -> Alert {
    Alert {
        id: AlertId(Uuid::now()),
        kind: AlertKind::DeviceSilent { resource: office.ana.id },
        severity: Severity::Info,
        event_time: since,
        raised_at: since,
        at: Some(at(7.421_357_1, 43.735_491_7)),
        state: AlertState::New,
        rule: None,
        escalated_at: None,
        correction: None,
        history: Vec::new(),
    }
}

fn expired_bid(task: TaskId, since: DateTime<Utc>) -> Bid {
    Bid {
        id: BidId(Uuid::now()),
        task,
        created_by: Uuid::now().into(),
        created_at: since,
        deadline: since,
        status: BidStatus::Expired,
        lines: Vec::new(),
    }
}

/// Files beside `db` (and itself) in which the marker is found.
fn found(db: &Path, marker: &str) -> Vec<String> {
    let folder = std::fs::read_dir(db.parent().expect("a folder")).expect("reads");
    let paths = folder.map(|entry| entry.expect("reads").path());
    let holds = |path: &Path| {
        let bytes = std::fs::read(path).expect("reads");
        bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
    };
    paths.filter(|path| holds(path)).map(|path| path.display().to_string()).collect()
}

#[tokio::test]
async fn rows_of_every_dated_type_go_as_tombstones_and_open_ones_stay() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let put = |row: Entity| {
        let (kind, id) = (row.kind(), row.id());
        office.admin().put(office.company, row).expect("puts");
        (kind, id)
    };
    let closed = over("Old", long_ago());
    let (old_bid, fresh_task) =
        (expired_bid(closed.id, long_ago()), over("Fresh", monday() - TimeDelta::days(89)));
    let old = [
        put(closed.into()),
        put(old_bid.into()),
        put(attendance(&office, long_ago()).into()),
        put(submission(&office, "x", long_ago()).into()),
        put(alert(&office, long_ago()).into()),
    ];
    let current = [
        put(Task { created_at: long_ago(), ..task("Open for months", long_ago()) }.into()),
        put(fresh_task.into()),
        put(attendance(&office, monday()).into()),
        put(alert(&office, monday() - TimeDelta::days(89)).into()),
    ];
    let (cursor, _) = desk.snapshot().await;
    office.admin().run_due_jobs().expect("jobs");
    let page = desk.changes(cursor).await.expect("changes");
    let mut told: Vec<_> = page.items.iter().map(|item| (item.entity.0.clone(), item.id)).collect();
    let mut gone: Vec<_> = old.iter().map(|(kind, id)| (kind.name().to_owned(), *id)).collect();
    told.sort();
    gone.sort();
    assert_eq!(told, gone, "the desk is told of each row that went, and of nothing else");
    assert!(page.items.iter().all(|item| item.op == op::DEL && item.data.is_none()), "all are tombstones");
    for (kind, id) in current {
        let row = office.admin().row(office.company, kind, id).expect("reads");
        assert!(row.is_some(), "{} is current and stays", kind.name());
    }
    let audit = office.admin().audit(office.company).expect("audit");
    let counts: Vec<_> = audit.iter().filter(|row| row.action.ends_with(".retired")).collect();
    assert_eq!(counts.len(), 5, "one row for each type: {counts:?}");
    assert!(counts.iter().all(|row| row.purpose == "1" && row.target.is_nil()), "counts only: {counts:?}");
}

#[tokio::test]
async fn attendance_has_its_own_term_and_a_later_write_makes_nothing_younger() {
    let office = Office::open().await;
    let company: domain::company::Company =
        office.stored(EntityKind::Company, office.company.0).expect("there");
    let retention = domain::company::Retention { attendance_days: 400, ..company.retention };
    office.admin().put(office.company, domain::company::Company { retention, ..company }).expect("puts");
    let (entry, report) = (attendance(&office, long_ago()), submission(&office, "x", long_ago()));
    office.admin().put(office.company, entry).expect("puts");
    office.admin().put(office.company, report.clone()).expect("puts");
    // Ana moves to another team: what is about her is written again today.
    let card = office.stored_card(office.ana.id);
    office
        .admin()
        .put(office.company, domain::resource::Resource { group: office.south, ..card })
        .expect("puts");
    office.admin().run_due_jobs().expect("jobs");
    let left = |kind, id| office.admin().row(office.company, kind, id).expect("reads").is_some();
    assert!(!left(EntityKind::Submission, report.id.0), "the move did not make it younger");
    assert!(left(EntityKind::Attendance, entry.guid.0), "the licence keeps attendance for 400 days");
    office.wait(TimeDelta::days(310));
    office.admin().run_due_jobs().expect("jobs");
    assert!(!left(EntityKind::Attendance, entry.guid.0), "then it goes too");
}

#[tokio::test]
async fn no_byte_of_what_went_is_left_in_feed_receipts_reports_or_files() {
    let folder = tempfile::tempdir().expect("folder");
    let db = folder.path().join("server.db");
    let office =
        Office::open_with(ServerConfig::in_file("127.0.0.1:0".parse().expect("address"), db.clone())).await;
    let desk = office.sign_in("everywhere").await;
    let closed = over("MARKER-TITLE", long_ago());
    office.admin().put(office.company, closed.clone()).expect("puts");
    // A stale delete of it: the receipt of the conflict holds the task as it was.
    let note = CommandBody::TaskAssign { task: closed.id, resource: Some(office.ana.id), choice: None };
    let outcome = desk.send(Command { if_match: Some(7), ..desk.command(1, note) }).await;
    assert!(matches!(outcome, Outcome::Conflict { current: Some(_) }), "the receipt has it: {outcome:?}");
    let phone = office.activate(&office.ana).await;
    let body = EntryBody::Task {
        task: closed.id,
        status: TaskStatus::NotDone,
        reason: Some("MARKER-REASON".to_owned()),
    };
    phone.report(&phone.entry(body)).await;
    office.admin().put(office.company, submission(&office, "MARKER-ANSWER", long_ago())).expect("puts");
    let (cursor, _) = desk.snapshot().await;
    for marker in ["MARKER-TITLE", "MARKER-REASON", "MARKER-ANSWER"] {
        assert!(!found(&db, marker).is_empty(), "the test can find {marker}");
    }

    // The report came in today: it goes ninety days from now. A desk of today's cursor still has to be told of everything.
    office.admin().run_due_jobs().expect("jobs");
    for marker in ["MARKER-TITLE", "MARKER-ANSWER"] {
        assert_eq!(found(&db, marker), Vec::<String>::new(), "no byte of {marker} is left");
    }
    let page = desk.changes(cursor).await.expect("the history goes on");
    assert!(
        page.items.iter().any(|item| item.id == closed.id.0 && item.op == op::DEL),
        "it is told to be gone"
    );
    office.wait(TimeDelta::days(91));
    office.admin().run_due_jobs().expect("jobs");
    assert_eq!(found(&db, "MARKER-REASON"), Vec::<String>::new(), "nor of the report");
}

#[tokio::test]
async fn a_desk_in_the_middle_of_the_history_reads_tombstones_for_what_went_since() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let (start, _) = desk.snapshot().await;
    let closed = over("Old", long_ago());
    office.admin().put(office.company, closed.clone()).expect("puts");
    office.admin().run_due_jobs().expect("jobs");
    let page = desk.changes(start).await.expect("changes");
    let told: Vec<_> = page.items.iter().filter(|item| item.id == closed.id.0).collect();
    assert!(
        !told.is_empty() && told.iter().all(|item| item.op == op::DEL && item.data.is_none()),
        "{told:?}"
    );
    assert_eq!(
        page.checksums,
        desk.changes(page.to).await.expect("changes").checksums,
        "the sums still hold"
    );
}
