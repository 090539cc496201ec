//! Small databases as each version of this crate wrote them (`fixtures/cache-v2.db`, `fixtures/outbox-v1.db` and so on), encrypted
//! with the key of the tests.
//!
//! Whoever raises a schema's version writes that version's fixture once, with the code that wrote it, and commits the file:
//!
//! ```text
//! cargo test --package store --lib -- --ignored write_the_fixtures_of_this_version
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use domain::company::Retention;
use protocol::durable::{CacheWrite, CommandState, Incident, IncidentKind, NeedsUser, OutboxChange};
use protocol::entity::EntityKind;
use protocol::wire::Rejection;

use super::{apply, card, cursor, fix, id, item, key, note, now, put, texts};
use crate::database::Layout;
use crate::{Cache, Outbox, StoreError, StoredSession};

/// Where the fixtures are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/fixtures")
}

/// `cache-v2.db`
pub(super) fn name(layout: &Layout, version: u32) -> String {
    format!("{}-v{version}.db", layout.file.trim_end_matches(".db"))
}

pub(super) fn newest(layout: &Layout) -> u32 {
    layout.migrations.iter().map(|migration| migration.version).max().expect("a schema has a version")
}

/// A row of every table.
fn write_cache(dir: &Path) {
    let mut cache = Cache::open(dir, &key(), now()).expect("a new cache");
    let strange = item("task", 3, 9, "rename");
    let items =
        vec![put("task", 1, 3, r#"{"title":"Lift"}"#), card(2, Some("2026-11-20T09:00:00Z")), strange];
    cache.write(&apply(items, 12)).expect("rows");
    let positions = vec![fix(1, 7.42, "2026-11-20T08:00:00Z", 5)];
    cache.write(&CacheWrite::Positions { positions }).expect("positions");
    let staged = vec![put("task", 9, 1, r#"{"title":"of a snapshot that was cut short"}"#)];
    cache.write(&CacheWrite::Stage { items: staged }).expect("staged");
    let incident = Incident { at: now(), kind: IncidentKind::LiveSilent, detail: "for 45 s".to_owned() };
    cache.record(&incident).expect("incident");
    cache.note_notified(&[id(5).into()], now()).expect("notified");
    cache.set_preference("theme", Some("dark")).expect("preference");
    cache.set_session(Some(&session())).expect("session");
    cache.purge(now(), &Retention::default()).expect("a report of a purge");
    assert_eq!(cache.load().expect("load").cursor, Some(cursor(12)), "what was written is there");
}

/// Who is signed in in the fixtures.
pub(super) fn session() -> StoredSession {
    let text = r#"{
        "server": "https://desk.example",
        "user": {
            "id": "00000000-0000-0000-0000-000000000011", "company": "00000000-0000-0000-0000-000000000012",
            "login": "dispatcher", "name": "Dora", "role": "Dispatcher", "groups": []
        },
        "company": {
            "id": "00000000-0000-0000-0000-000000000012", "name": "Riviera", "zone": "Europe/Monaco", "currency": "EUR",
            "region": "monaco", "retention": { "positions_days": 60, "attendance_days": 90, "default_days": 90 },
            "offline_hours": 72
        },
        "offline_until": "2026-11-24T08:00:00Z"
    }"#;
    serde_json::from_str(text).expect("a session")
}

/// A command in every state.
fn write_outbox(dir: &Path) {
    let mut outbox = Outbox::open(dir, &key()).expect("a new outbox");
    let conflict = put("task", 1, 4, r#"{"title":"Lift, north"}"#);
    let states = [
        CommandState::Queued,
        CommandState::InFlight,
        CommandState::Acked { version: 4, cursor: cursor(12) },
        CommandState::NeedsUser { why: NeedsUser::Conflict { current: Some(Box::new(conflict)) } },
        CommandState::NeedsUser { why: NeedsUser::Expired },
        CommandState::Failed { reason: Rejection::Shape("too large".to_owned()) },
    ];
    for (number, state) in (1..).zip(states) {
        let mut queued = outbox.push(&note(number, &format!("remark {number}")), now()).expect("push");
        (queued.state, queued.attempts) = (state, 1);
        outbox.change(&[OutboxChange::Put(Box::new(queued))]).expect("state");
    }
    outbox.push(&note(7, "gone"), now() - TimeDelta::days(1)).expect("push");
    outbox.change(&[OutboxChange::Delete { n: 7 }]).expect("confirmed");
}

#[test]
#[ignore = "writes files: once for each version of a schema"]
fn write_the_fixtures_of_this_version() {
    fs::create_dir_all(folder()).expect("folder");
    for (layout, write) in
        [(&crate::cache::LAYOUT, write_cache as fn(&Path)), (&crate::outbox::LAYOUT, write_outbox)]
    {
        let fixture = folder().join(name(layout, newest(layout)));
        if fixture.exists() {
            continue; // what a version wrote does not change afterwards
        }
        let dir = tempfile::tempdir().expect("folder");
        write(dir.path());
        fs::copy(dir.path().join(layout.file), fixture).expect("the fixture");
    }
}

/// All that [`write_cache`] wrote is in the folder's cache.
pub(super) fn assert_cache(dir: &Path, when: &str) {
    let mut cache = Cache::open(dir, &key(), now()).unwrap_or_else(|error| panic!("{when}: {error:?}"));
    assert_eq!(cache.set_aside_as(), None, "{when}: an older file is no damaged one");
    let stored = cache.load().expect("load");
    assert_eq!(stored.cursor, Some(cursor(12)), "{when}: it stands where it stood");
    assert_eq!(stored.private, [id(2).into()], "{when}: privacy is known from the card");
    assert_eq!(stored.positions, [fix(1, 7.42, "2026-11-20T08:00:00Z", 5)], "{when}: positions are kept");
    assert_eq!(texts(&cache, EntityKind::Task), [r#"{"title":"Lift"}"#], "{when}: rows are kept");
    let incidents = cache.incidents(9).expect("incidents");
    assert_eq!(
        incidents.iter().map(|one| one.kind).collect::<Vec<_>>(),
        [IncidentKind::LiveSilent],
        "{when}"
    );
    assert_eq!(cache.notified().expect("notified"), [id(5).into()], "{when}: nobody is told twice");
    let preferences = cache.preferences().expect("preferences");
    assert_eq!(preferences.get("theme").map(String::as_str), Some("dark"), "{when}: preferences are kept");
    assert_eq!(cache.session().expect("session"), Some(session()), "{when}: who was signed in");
    assert_eq!(cache.checksums().expect("sums").len(), 2, "{when}: sums work over old rows");
}

/// All that [`write_outbox`] wrote is in the folder's outbox.
pub(super) fn assert_outbox(dir: &Path, when: &str) {
    let mut outbox = Outbox::open(dir, &key()).unwrap_or_else(|error| panic!("{when}: {error:?}"));
    assert_eq!(outbox.unreadable().expect("unreadable"), [], "{when}: every command is readable");
    let stored = outbox.load().expect("load");
    assert_eq!((stored.device_epoch, stored.next_n), (1, 8), "{when}: the device and its numbers");
    let texts: Vec<_> = stored.commands.iter().map(|queued| format!("{:?}", queued.command.body)).collect();
    assert_eq!(texts.len(), 6, "{when}: no command is missing");
    for (number, text) in (1..).zip(texts) {
        assert!(text.contains(&format!("remark {number}")), "{when}: {number} is what it was: {text}");
    }
    let conflict = &stored.commands[3].state;
    let kept = matches!(conflict, CommandState::NeedsUser { why: NeedsUser::Conflict { current: Some(item) } } if item.version == 4);
    assert!(kept, "{when}: a conflict has its row: {conflict:?}");
    assert!(outbox.push(&note(20, "more"), now()).is_ok(), "{when}: work goes on");
}

/// Every version that has a fixture.
fn versions(layout: &Layout) -> impl Iterator<Item = u32> {
    (1..=newest(layout)).filter(|version| folder().join(name(layout, *version)).exists())
}

#[test]
fn files_of_every_version_open_with_all_that_is_in_them() {
    for (layout, check) in
        [(&crate::cache::LAYOUT, assert_cache as fn(&Path, &str)), (&crate::outbox::LAYOUT, assert_outbox)]
    {
        for version in versions(layout) {
            let dir = tempfile::tempdir().expect("folder");
            let fixture = folder().join(name(layout, version));
            fs::copy(&fixture, dir.path().join(layout.file)).expect("an older file");
            check(dir.path(), &name(layout, version));
        }
    }
}

#[test]
fn every_version_has_its_fixture() {
    let cache: Vec<u32> = versions(&crate::cache::LAYOUT).collect();
    let outbox: Vec<u32> = versions(&crate::outbox::LAYOUT).collect();
    // The first version of the cache is older than this rule: `cache-v1.sql`.
    let (cache_due, outbox_due): (Vec<u32>, Vec<u32>) =
        ((2..=newest(&crate::cache::LAYOUT)).collect(), (1..=newest(&crate::outbox::LAYOUT)).collect());
    assert_eq!(cache, cache_due, "a raised schema needs a fixture: see the head of this file");
    assert_eq!(outbox, outbox_due, "a raised schema needs a fixture: see the head of this file");
}

#[test]
fn a_newer_file_is_refused_and_kept_byte_for_byte() {
    for layout in [&crate::cache::LAYOUT, &crate::outbox::LAYOUT] {
        let dir = tempfile::tempdir().expect("folder");
        drop(Cache::open(dir.path(), &key(), now()).expect("cache"));
        drop(Outbox::open(dir.path(), &key()).expect("outbox"));
        let file = dir.path().join(layout.file);
        let conn = rusqlite::Connection::open(&file).expect("file");
        conn.execute_batch(&key().pragma()).expect("key");
        conn.pragma_update(None, "user_version", newest(layout) + 1).expect("what a newer app wrote");
        drop(conn);
        let before = fs::read(&file).expect("file");
        for _ in 0..2 {
            let refused = match layout.file {
                "cache.db" => Cache::open(dir.path(), &key(), now()).map(drop),
                _ => Outbox::open(dir.path(), &key()).map(drop),
            };
            let newer =
                matches!(&refused, Err(StoreError::NewerSchema { found, known, .. }) if *found == known + 1);
            assert!(newer, "{}: refused with both versions: {refused:?}", layout.file);
        }
        assert!(fs::read(&file).expect("file") == before, "{}: not a byte has changed", layout.file);
    }
}
