//! Deleted is gone: tests search the bytes of readable files.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use domain::ResourceId;
use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::company::Retention;
use domain::task::TaskStatus;
use protocol::durable::{CacheWrite, CommandState, OutboxChange};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{PurgeView, RetainedData};
use protocol::wire::{Item, Rejection};

use super::{apply, card, cursor, fix, id, key, note, now, put, task};
use crate::database::Medium;
use crate::{Cache, Outbox};

fn readable(dir: &Path) -> Cache {
    Cache::open_on(dir, &Medium::Plain { dir }, now()).expect("a readable cache")
}

/// Files in which the marker is found.
fn found(dir: &Path, marker: &str) -> Vec<String> {
    let has = |path: &Path| {
        let bytes = fs::read(path).expect("file");
        bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
    };
    let paths = fs::read_dir(dir).expect("folder").map(|entry| entry.expect("file").path());
    paths.filter(|path| has(path)).map(|path| path.display().to_string()).collect()
}

fn task_row(number: u128, status: TaskStatus, title: &str, days_ago: i64) -> Item {
    let data = Entity::Task(task(number, status, title)).encode().expect("JSON");
    Item { at: now() - TimeDelta::days(days_ago), ..put("task", number, 1, &data) }
}

fn dated(entity: &str, number: u128, text: &str, days_ago: i64) -> Item {
    let data = format!("{{\"text\":\"{text}\"}}");
    Item { at: now() - TimeDelta::days(days_ago), ..put(entity, number, 1, &data) }
}

#[test]
fn what_is_too_old_goes_by_type_and_what_is_current_stays() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = readable(dir.path());
    let old = now() - TimeDelta::days(61);
    cache
        .write(&apply(
            vec![
                task_row(1, TaskStatus::Closed, "MARKER-CLOSED", 91),
                task_row(2, TaskStatus::InProgress, "MARKER-OPEN", 91),
                task_row(3, TaskStatus::Closed, "MARKER-FRESH", 89),
                dated("attendance", 4, "MARKER-ATTENDANCE", 91),
                dated("submission", 5, "MARKER-SUBMISSION", 91),
                dated("poi", 6, "MARKER-PLACE", 400),
            ],
            6,
        ))
        .expect("write");
    cache
        .write(&CacheWrite::Positions { positions: vec![fix(9, 7.123_456_7, &old.to_rfc3339(), 1)] })
        .expect("write");
    assert!(!found(dir.path(), "MARKER-CLOSED").is_empty(), "the test can find what is there");
    assert!(!found(dir.path(), "7.1234567").is_empty(), "also a coordinate");

    let retention = Retention { attendance_days: 400, ..Retention::default() };
    let preview = cache.preview_purge(now(), &retention).expect("preview");
    let report = cache.purge(now(), &retention).expect("purge");
    let going: Vec<_> = preview.iter().map(|rule| (rule.data, rule.going)).filter(|(_, n)| *n > 0).collect();
    let gone: Vec<_> = report.removed.iter().map(|(data, count)| (*data, *count as u64)).collect();
    assert_eq!(gone, going, "the preview says what will happen");
    let expected = [(RetainedData::Positions, 1), (RetainedData::Tasks, 1), (RetainedData::Submissions, 1)];
    assert_eq!(gone, expected, "positions go earlier than the rest; attendance has its own, longer term");
    let kept = cache.purges(9).expect("reports");
    assert_eq!(kept, [PurgeView { at: now(), removed: gone }], "the report is kept");
    for gone in ["MARKER-CLOSED", "MARKER-SUBMISSION", "7.1234567"] {
        assert_eq!(found(dir.path(), gone), Vec::<String>::new(), "no byte of {gone} is left anywhere");
    }
    for stays in ["MARKER-OPEN", "MARKER-FRESH", "MARKER-ATTENDANCE", "MARKER-PLACE"] {
        assert_eq!(found(dir.path(), stays).len(), 1, "{stays} is current");
    }
}

#[test]
fn a_purge_does_not_look_like_lost_rows_until_the_server_has_purged_too() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let old = dated("submission", 1, "x", 91);
    cache.write(&apply(vec![old.clone(), dated("submission", 2, "y", 1)], 2)).expect("write");
    let before = cache.checksums().expect("sums");
    cache.purge(now(), &Retention::default()).expect("purge");
    assert_eq!(cache.rows(EntityKind::Submission).expect("rows").len(), 1, "the old one is gone");
    assert_eq!(cache.checksums().expect("sums"), before, "yet the sums are the server's");
    let tombstone = Item { op: "del".to_owned(), data: None, version: 2, ..old };
    cache.write(&apply(vec![tombstone], 3)).expect("write");
    assert_ne!(cache.checksums().expect("sums"), before, "once the server says so, it counts no longer");
}

#[test]
fn a_resource_that_becomes_private_leaves_no_coordinate_behind() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = readable(dir.path());
    cache.write(&apply(vec![card(1, None)], 1)).expect("write");
    for (lon, time) in [(7.765_432_1, "2026-11-23T07:00:00Z"), (7.876_543_2, "2026-11-23T07:30:00Z")] {
        cache.write(&CacheWrite::Positions { positions: vec![fix(1, lon, time, 1)] }).expect("write");
    }
    assert!(!found(dir.path(), "7.8765432").is_empty(), "the dot is on disk");
    let forget = vec![ResourceId(id(1))];
    let items = vec![card(1, Some("2026-11-23T07:31:00Z"))];
    cache.write(&CacheWrite::Apply { items, cursor: cursor(2), checksums: None, forget }).expect("write");
    for coordinate in ["7.7654321", "7.8765432"] {
        assert_eq!(
            found(dir.path(), coordinate),
            Vec::<String>::new(),
            "neither the last nor an earlier one"
        );
    }
}

#[test]
fn the_last_users_data_is_wiped_and_not_only_hidden() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = readable(dir.path());
    cache.write(&apply(vec![dated("submission", 1, "MARKER-LAST-USER", 1)], 1)).expect("write");
    cache.clear().expect("clear");
    assert_eq!(found(dir.path(), "MARKER-LAST-USER"), Vec::<String>::new(), "no byte is left");
}

#[test]
fn a_purged_command_leaves_no_byte_behind() {
    let dir = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open_on(&Medium::Plain { dir: dir.path() }).expect("a readable outbox");
    let mut failed = outbox.push(&note(1, "MARKER-FAILED"), now() - TimeDelta::days(91)).expect("push");
    failed.state = CommandState::Failed { reason: Rejection::Shape("x".to_owned()) };
    outbox.change(&[OutboxChange::Put(Box::new(failed))]).expect("change");
    assert_eq!(outbox.purge(now(), &Retention::default()).expect("purge"), [1], "it is old and has failed");
    assert_eq!(found(dir.path(), "MARKER-FAILED"), Vec::<String>::new(), "no byte is left");
}

#[test]
fn what_was_set_aside_is_under_retention_too() {
    let dir = tempfile::tempdir().expect("folder");
    drop(Cache::open(dir.path(), &key(), now()).expect("cache"));
    Cache::set_aside(dir.path(), now()).expect("set aside");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    let purge = |cache: &mut Cache, days| {
        cache.purge(now() + TimeDelta::days(days), &Retention::default()).expect("purge").files
    };
    assert_eq!(purge(&mut cache, 59), 0, "it is kept for as long as anything");
    assert_eq!(purge(&mut cache, 61), 2, "but not longer, nor is its key check");
    let names = fs::read_dir(dir.path()).expect("folder").map(|entry| entry.expect("file").file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("damaged")).collect();
    assert_eq!(left, Vec::<std::ffi::OsString>::new(), "neither the file nor anything beside it");
}

#[test]
fn a_preview_counts_and_takes_nothing_away() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let items = vec![
        dated("alert", 1, "x", 89),
        dated("alert", 2, "x", 1),
        task_row(3, TaskStatus::InProgress, "open", 400),
    ];
    cache.write(&apply(items, 3)).expect("write");
    let friday = now() + TimeDelta::days(4);
    let preview = cache.preview_purge(friday, &Retention::default()).expect("preview");
    let rule = |data| preview.iter().find(|rule| rule.data == data).expect("every type has its rule");
    let alerts = rule(RetainedData::Alerts);
    assert_eq!((alerts.days, alerts.rows, alerts.going), (90, 2, 1), "one of two goes by Friday");
    assert_eq!(alerts.oldest, Some(now() - TimeDelta::days(89)), "since when there is something");
    let tasks = rule(RetainedData::Tasks);
    assert_eq!((tasks.rows, tasks.going), (1, 0), "an open task stays, however old");
    assert_eq!(rule(RetainedData::Positions).oldest, None, "of nothing there is no oldest");
    assert_eq!(cache.rows(EntityKind::Alert).expect("rows").len(), 2, "until then they are here");
    assert_eq!(cache.purges(9).expect("reports"), [], "a look is no purge");
}

#[test]
fn a_row_that_was_written_again_is_as_old_as_what_it_tells() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let entry = AttendanceEntry {
        guid: id(1).into(),
        resource: ResourceId(id(9)),
        kind: AttendanceKind::SignIn,
        event_time: now() - TimeDelta::days(91),
        entry_time: now() - TimeDelta::days(91),
        at: None,
    };
    let data = Entity::Attendance(entry).encode().expect("JSON");
    // Its resource moved to another team today.
    cache.write(&apply(vec![put("attendance", 1, 2, &data)], 1)).expect("write");
    let report = cache.purge(now(), &Retention::default()).expect("purge");
    assert_eq!(report.removed.get(&RetainedData::Attendance), Some(&1), "the move does not make it young");
}

#[test]
fn reports_of_purges_survive_a_sign_out_and_are_not_kept_for_ever() {
    let mut cache = Cache::open_in_memory().expect("cache");
    for day in 0..402 {
        cache.purge(now() + TimeDelta::days(day), &Retention::default()).expect("purge");
    }
    cache.clear().expect("clear");
    let kept = cache.purges(u32::MAX).expect("reports");
    assert_eq!(kept.len(), 400, "the oldest have gone");
    assert_eq!(kept[0].at, now() + TimeDelta::days(401), "the newest comes first");
}
