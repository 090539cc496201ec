//! Files of older builds. The first version of the cache is older than the rule that every version leaves a [fixture](super::fixtures).

use protocol::entity::EntityKind;
use rusqlite::Connection;

use super::{cursor, fix, fixtures, id, key, now, texts};
use crate::Cache;

fn older_file(path: &std::path::Path, sql: &str) {
    let conn = Connection::open(path).expect("a new file");
    conn.execute_batch(&key().pragma()).expect("key");
    conn.execute_batch(sql).expect("what the older build wrote");
}

#[test]
fn a_cache_of_version_1_is_brought_up_with_its_rows() {
    let dir = tempfile::tempdir().expect("folder");
    older_file(&dir.path().join("cache.db"), include_str!("cache-v1.sql"));
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("the older file");
    let version: u32 = cache.conn.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("version");
    assert_eq!(version, fixtures::newest(&crate::cache::LAYOUT), "it is of this build now");
    let stored = cache.load().expect("load");
    assert_eq!(stored.cursor, Some(cursor(12)), "it stands where it stood");
    assert_eq!(stored.private, [id(2).into()], "privacy is known from the card");
    assert_eq!(stored.positions, [fix(1, 7.42, "2026-11-20T08:00:00Z", 5)], "positions are kept");
    assert_eq!(texts(&cache, EntityKind::Task), [r#"{"title":"Lift"}"#], "rows are kept");
    assert_eq!(cache.incidents(9).expect("incidents").len(), 1, "incidents are kept");
    cache.note_notified(&[id(5).into()], now()).expect("the new tables are there");
    cache.set_preference("theme", Some("dark")).expect("the new tables are there");
    assert!(cache.checksums().expect("sums").len() == 2, "sums work over old rows");
}

#[test]
fn a_step_that_fails_leaves_the_file_at_the_version_before() {
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("cache.db");
    older_file(&path, include_str!("cache-v1.sql"));
    older_file(&path, "CREATE TABLE session (in_the_way INTEGER)");
    assert!(Cache::open(dir.path(), &key(), now()).is_err(), "the second step can't be done");
    let conn = Connection::open(&path).expect("file");
    conn.execute_batch(&key().pragma()).expect("key");
    let version: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("version");
    let half: u32 = conn
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'notified'", [], |row| row.get(0))
        .expect("count");
    assert_eq!((version, half), (1, 0), "no half of a step is left");
}
