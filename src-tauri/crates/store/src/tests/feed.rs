//! The mirror of the feed: rows, cursor, snapshots, sums, positions.

use std::collections::BTreeMap;

use domain::ResourceId;
use proptest::prelude::*;
use protocol::durable::CacheWrite;
use protocol::entity::{EntityKind, EntityType};
use protocol::wire::{Checksums, row_hash};

use super::{apply, at, card, cursor, fix, id, item, key, now, put, texts};
use crate::Cache;

fn staged(items: Vec<protocol::wire::Item>) -> CacheWrite {
    CacheWrite::Stage { items }
}

fn write(cache: &mut Cache, writes: &[CacheWrite]) {
    for each in writes {
        cache.write(each).expect("a write");
    }
}

#[test]
fn a_morning_of_changes_survives_the_night() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("a new cache");
    assert_eq!(cache.load().expect("load").cursor, None, "a new cache stands nowhere");
    write(
        &mut cache,
        &[
            apply(
                vec![put("task", 1, 1, r#"{"title":"Lift"}"#), put("task", 2, 1, r#"{"title":"Pump"}"#)],
                2,
            ),
            apply(vec![put("task", 1, 2, r#"{"title":"Lift, urgent"}"#), item("task", 2, 2, "del")], 4),
        ],
    );
    drop(cache);
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("the same cache");
    assert_eq!(cache.load().expect("load").cursor, Some(cursor(4)), "the cursor came with the rows");
    let rows = cache.rows(EntityKind::Task).expect("rows");
    assert_eq!(rows.len(), 1, "the second task was deleted");
    assert_eq!((rows[0].version, rows[0].at), (2, now()), "the newest version and its time are kept");
    assert_eq!(rows[0].data, r#"{"title":"Lift, urgent"}"#, "the row is kept as it came, byte for byte");
    assert_eq!(cache.set_aside_as(), None, "nothing was wrong with the file");
}

#[test]
fn types_and_operations_of_a_newer_server_are_kept_and_not_applied() {
    let mut cache = Cache::open_in_memory().expect("cache");
    write(
        &mut cache,
        &[apply(
            vec![
                put("drone", 1, 1, r#"{"rotors":4}"#),
                put("task", 2, 1, r#"{"title":"Pump"}"#),
                item("task", 2, 2, "fold"),
                item("task", 3, 1, "put"), // without a row: not ours to guess
            ],
            4,
        )],
    );
    assert_eq!(
        texts(&cache, EntityKind::Task),
        [r#"{"title":"Pump"}"#],
        "an unknown operation changes no row"
    );
    let sums = cache.checksums().expect("sums");
    assert!(sums.contains_key(&EntityType("drone".to_owned())), "rows of an unknown type count");
    let strange: i64 =
        cache.conn.query_row("SELECT count(*) FROM strange", [], |row| row.get(0)).expect("count");
    assert_eq!(strange, 2, "both are kept raw");
}

#[test]
fn a_crash_in_the_middle_leaves_rows_and_cursor_as_they_were() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    write(&mut cache, &[apply(vec![put("task", 1, 1, "{}")], 1)]);
    let tx = cache.begin().expect("transaction");
    crate::cache::apply(&tx, &put("task", 2, 1, "{}")).expect("half of the work");
    drop(tx); // the process dies here
    drop(cache);
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    assert_eq!(cache.load().expect("load").cursor, Some(cursor(1)), "the cursor has not moved");
    assert_eq!(texts(&cache, EntityKind::Task).len(), 1, "nor have the rows");
}

#[test]
fn a_snapshot_replaces_what_it_lacks_and_is_invisible_until_then() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    write(
        &mut cache,
        &[
            apply(
                vec![put("task", 1, 1, r#"{"old":1}"#), put("task", 2, 1, r#"{"gone":1}"#), card(9, None)],
                3,
            ),
            CacheWrite::StageBegin,
            staged(vec![put("task", 1, 5, r#"{"new":1}"#)]),
        ],
    );
    assert_eq!(texts(&cache, EntityKind::Task).len(), 2, "a snapshot on its way shows nothing yet");
    drop(cache); // crash between two pages
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    assert_eq!(texts(&cache, EntityKind::Task).len(), 2, "after a crash the old rows are still there");
    write(
        &mut cache,
        &[
            CacheWrite::StageBegin,
            staged(vec![put("task", 1, 5, r#"{"new":1}"#)]),
            staged(vec![put("task", 3, 1, r#"{"more":1}"#)]),
            CacheWrite::Swap { cursor: cursor(40) },
        ],
    );
    assert_eq!(texts(&cache, EntityKind::Task), [r#"{"more":1}"#, r#"{"new":1}"#], "what it lacks is gone");
    assert_eq!(texts(&cache, EntityKind::Resource).len(), 0, "of all types");
    assert_eq!(cache.load().expect("load").cursor, Some(cursor(40)), "the cursor is the snapshot's");
}

#[test]
fn sums_tell_a_lost_row_a_stale_row_and_a_row_too_many() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let sums = |rows: &[(&str, u128, u64)]| {
        rows.iter().fold(Checksums::new(), |mut sums, (entity, number, version)| {
            let sum = sums.entry(EntityType((*entity).to_owned())).or_default();
            *sum = sum.wrapping_add(row_hash(id(*number), *version));
            sums
        })
    };
    let mut compare = |items, expected: Checksums| {
        let write =
            CacheWrite::Apply { items, cursor: cursor(1), checksums: Some(expected), forget: Vec::new() };
        cache.write(&write).expect("write").mismatched
    };
    let both = vec![put("task", 1, 3, "{}"), put("bid", 2, 1, "{}")];
    assert_eq!(compare(both, sums(&[("task", 1, 3), ("bid", 2, 1)])), [], "equal rows have equal sums");
    let task = [EntityType("task".to_owned())];
    assert_eq!(
        compare(vec![], sums(&[("task", 1, 4), ("bid", 2, 1)])),
        task,
        "the server has a newer version"
    );
    assert_eq!(compare(vec![], sums(&[("bid", 2, 1)])), task, "the server does not have the row");
    let lost = sums(&[("task", 1, 3), ("bid", 2, 1), ("poi", 3, 1)]);
    assert_eq!(compare(vec![], lost), [EntityType("poi".to_owned())], "the row never came");
}

#[test]
fn summing_up_does_not_read_the_rows_themselves() {
    let cache = Cache::open_in_memory().expect("cache");
    let plan = "EXPLAIN QUERY PLAN SELECT type, id, version FROM rows";
    let plan: String = cache.conn.query_row(plan, [], |row| row.get(3)).expect("plan");
    assert!(plan.contains("COVERING INDEX"), "it is done every some seconds: {plan}");
}

#[test]
fn only_a_newer_fix_moves_the_dot() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let eight = "2026-11-23T08:00:00Z";
    for update in [
        fix(1, 7.1, eight, 5),
        fix(1, 7.2, "2026-11-23T07:59:59Z", 6),
        fix(1, 7.3, eight, 4),
        fix(1, 7.4, eight, 7),
    ] {
        cache.write(&CacheWrite::Positions { positions: vec![update] }).expect("write");
    }
    let positions = cache.load().expect("load").positions;
    assert_eq!(positions, [fix(1, 7.4, eight, 7)], "same time, later arrival wins; older ones do not");
}

#[test]
fn who_is_private_or_gone_has_no_position() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let eight = "2026-11-23T08:00:00Z";
    let positions = (1..=4).map(|who| fix(who, 7.0, eight, 1)).collect();
    write(
        &mut cache,
        &[
            apply((1..=4).map(|who| card(who, None)).collect(), 1),
            CacheWrite::Positions { positions },
            CacheWrite::Apply {
                items: vec![card(1, Some("2026-11-23T08:01:00Z"))],
                cursor: cursor(2),
                checksums: None,
                forget: vec![ResourceId(id(1))],
            },
        ],
    );
    let stored = cache.load().expect("load");
    assert_eq!(stored.private, [ResourceId(id(1))], "the private one is known by its card");
    assert_eq!(stored.positions.len(), 3, "and has no position from that transaction on");
    let snapshot = vec![card(1, None), card(2, Some("2026-11-23T08:02:00Z")), card(3, None)];
    write(&mut cache, &[CacheWrite::StageBegin, staged(snapshot), CacheWrite::Swap { cursor: cursor(9) }]);
    let left: Vec<_> = cache.load().expect("load").positions.iter().map(|update| update.resource).collect();
    assert_eq!(left, [ResourceId(id(3))], "2 became private, 4 left the view");
}

#[test]
fn a_changed_view_leaves_nothing_that_could_be_shown() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let mut unknown = put("task", 7, 1, "{}");
    unknown.op = "move".to_owned();
    write(
        &mut cache,
        &[
            apply(vec![put("task", 1, 1, "{}"), card(2, None), unknown], 3),
            CacheWrite::Positions { positions: vec![fix(2, 7.0, "2026-11-23T08:00:00Z", 1)] },
            CacheWrite::StageBegin,
            staged(vec![put("task", 1, 1, "{}")]),
        ],
    );
    cache.set_preference("zoom", Some("12")).expect("preference");
    write(&mut cache, &[CacheWrite::ForgetView]);
    let stored = cache.load().expect("load");
    assert_eq!((stored.cursor, stored.positions.len()), (None, 0), "no place in the feed, no positions");
    for table in ["rows", "staged", "strange", "purged"] {
        let left: i64 = cache
            .conn
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .expect("a count");
        assert_eq!(left, 0, "{table} is empty");
    }
    assert_eq!(cache.preferences().expect("preferences").len(), 1, "the desk's own settings stay");
}

#[test]
fn the_next_user_of_the_desk_finds_nothing_of_the_last_one() {
    let mut cache = Cache::open_in_memory().expect("cache");
    write(
        &mut cache,
        &[
            apply(vec![put("task", 1, 1, "{}"), card(2, None)], 2),
            CacheWrite::Positions { positions: vec![fix(2, 7.0, "2026-11-23T08:00:00Z", 1)] },
        ],
    );
    cache.set_preference("zoom", Some("12")).expect("preference");
    cache.clear().expect("clear");
    let stored = cache.load().expect("load");
    assert_eq!(
        (stored.cursor, stored.positions.len()),
        (None, 0),
        "neither a place in the feed nor positions"
    );
    assert_eq!(cache.checksums().expect("sums"), Checksums::new(), "no rows");
    assert_eq!(cache.preferences().expect("preferences").len(), 1, "the desk's own settings stay");
}

#[test]
fn ten_thousand_rows_come_back_whole() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    let data = format!("{{\"text\":\"{}\"}}", "x".repeat(500));
    let items = (0..10_000).map(|number| put("task", number, 1, &data)).collect();
    write(&mut cache, &[apply(items, 10_000)]);
    drop(cache);
    let cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    let rows = cache.rows(EntityKind::Task).expect("rows");
    assert_eq!(rows.len(), 10_000, "all of them");
    assert!(rows.iter().all(|row| row.data == data), "with all their bytes");
}

#[test]
fn times_are_kept_to_the_millisecond() {
    let mut cache = Cache::open_in_memory().expect("cache");
    let item = protocol::wire::Item { at: at("2026-11-23T08:00:00.123456Z"), ..put("task", 1, 1, "{}") };
    write(&mut cache, &[apply(vec![item], 1)]);
    let rows = cache.rows(EntityKind::Task).expect("rows");
    assert_eq!(rows[0].at, at("2026-11-23T08:00:00.123Z"), "finer time is not needed here");
}

proptest! {
    /// Whatever comes in whatever order, rows and sums are those of a plain map.
    #[test]
    fn the_cache_is_a_map(changes in prop::collection::vec((0..3u8, 0..6u128, 1..9u64, prop::bool::ANY), 0..60)) {
        let mut cache = Cache::open_in_memory().expect("cache");
        let mut model: BTreeMap<(String, u128), u64> = BTreeMap::new();
        for (seq, (entity, number, version, is_put)) in (1..).zip(changes) {
            let entity = format!("type{entity}");
            let change = if is_put { put(&entity, number, version, "{}") } else { item(&entity, number, version, "del") };
            cache.write(&apply(vec![change], seq)).expect("write");
            if is_put { model.insert((entity, number), version); } else { model.remove(&(entity, number)); }
        }
        let mut sums = Checksums::new();
        for ((entity, number), version) in model {
            let sum = sums.entry(EntityType(entity)).or_default();
            *sum = sum.wrapping_add(row_hash(id(number), version));
        }
        prop_assert_eq!(cache.checksums().expect("sums"), sums, "the sums are those of the model");
    }
}
