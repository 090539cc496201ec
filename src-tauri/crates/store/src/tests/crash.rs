//! The store dies between two durable steps: at each named moment the folder is copied as it lies there, and each copy is opened as
//! the next start would. Copying beats killing: one story visits every moment, and the story itself goes on.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::company::Retention;
use protocol::durable::{CacheWrite, CommandState, OutboxChange};
use protocol::entity::EntityKind;
use protocol::wire::Rejection;
use tempfile::TempDir;

use super::{apply, card, cursor, fix, fixtures, key, note, now, put, texts};
use crate::{Cache, Outbox, StoreError};

/// What a process would have left behind at one moment.
pub(super) struct Left {
    pub moment: &'static str,
    pub folder: TempDir,
}

struct Watch {
    dir: std::path::PathBuf,
    left: Vec<Left>,
}

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Called by the store at each moment.
pub(crate) fn look(moment: &'static str) {
    WATCH.with_borrow_mut(|watch| {
        if let Some(Watch { dir, left }) = watch {
            let folder = tempfile::tempdir().expect("folder");
            copy(dir, folder.path());
            left.push(Left { moment, folder });
        }
    });
}

/// Runs `story` in `dir`; answers what lay there at each moment it passed.
pub(super) fn at_each_moment(dir: &Path, story: impl FnOnce()) -> Vec<Left> {
    WATCH.set(Some(Watch { dir: dir.to_owned(), left: Vec::new() }));
    story();
    WATCH.take().expect("nobody else ends the watch").left
}

/// A folder as it is, with what is in it.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folder");
    for entry in fs::read_dir(from).expect("folder") {
        let path = entry.expect("entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, target).map(drop).expect("file") }
    }
}

fn moments(left: &[Left]) -> BTreeSet<&'static str> {
    left.iter().map(|left| left.moment).collect()
}

fn numbers(dir: &Path) -> Vec<u64> {
    let mut outbox = Outbox::open(dir, &key()).unwrap_or_else(|error| panic!("{error:?}"));
    outbox.load().expect("load").commands.iter().map(|queued| queued.command.n).collect()
}

#[test]
fn dying_while_files_are_made_leaves_files_that_open() {
    let dir = tempfile::tempdir().expect("folder");
    let left = at_each_moment(dir.path(), || {
        drop(Cache::open(dir.path(), &key(), now()).expect("cache"));
        let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
        outbox.push(&note(1, "first"), now()).expect("push");
    });
    let expected = [
        "a database without its key check",
        "a new file not yet in its place",
        "a step of the schema done",
        "a transaction without its mark",
    ];
    assert_eq!(moments(&left), BTreeSet::from(expected), "every moment was visited");
    for Left { moment, folder } in &left {
        let cache = Cache::open(folder.path(), &key(), now());
        let cache = cache.unwrap_or_else(|error| panic!("{moment}: {error:?}"));
        assert_eq!(cache.set_aside_as(), None, "{moment}: a cache half made is no damaged one");
        let held = numbers(folder.path());
        assert!(held.is_empty() || held == [1], "{moment}: {held:?}");
    }
    assert_eq!(
        numbers(left.last().expect("moments").folder.path()),
        [1],
        "what was stored is there without its mark"
    );
}

#[test]
fn dying_between_two_steps_of_a_migration_loses_no_row() {
    for (layout, version) in [(&crate::cache::LAYOUT, 2), (&crate::outbox::LAYOUT, 1)] {
        let dir = tempfile::tempdir().expect("folder");
        let fixture = fixtures::folder().join(fixtures::name(layout, version));
        fs::copy(fixture, dir.path().join(layout.file)).expect("an older file");
        let left = at_each_moment(dir.path(), || {
            drop(Cache::open(dir.path(), &key(), now()).expect("cache"));
            drop(Outbox::open(dir.path(), &key()).expect("outbox"));
        });
        assert!(moments(&left).contains("a step of the schema done"), "{}: migrated", layout.file);
        for Left { moment, folder } in &left {
            match layout.file {
                "cache.db" => fixtures::assert_cache(folder.path(), moment),
                _ => fixtures::assert_outbox(folder.path(), moment),
            }
        }
    }
}

/// The two files have no common transaction: whatever dies between them, the command is in the outbox until the cache has its effect.
#[test]
fn dying_between_the_cache_and_the_outbox_keeps_the_command() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    let mut queued = outbox.push(&note(1, "call back"), now()).expect("push");
    let left = at_each_moment(dir.path(), || {
        for state in [CommandState::InFlight, CommandState::Acked { version: 2, cursor: cursor(7) }] {
            queued.state = state;
            outbox.change(&[OutboxChange::Put(Box::new(queued.clone()))]).expect("state");
        }
        cache.write(&apply(vec![put("task", 1, 2, "{}")], 7)).expect("the feed shows it");
        outbox.change(&[OutboxChange::Delete { n: 1 }]).expect("confirmed");
    });
    assert!(
        moments(&left).contains("a cache written, its log not emptied"),
        "between the two: {:?}",
        moments(&left)
    );
    for Left { moment, folder } in &left {
        let shown = Cache::open(folder.path(), &key(), now()).expect("cache").load().expect("load").cursor;
        let held = numbers(folder.path());
        assert!(held == [1] || shown >= Some(cursor(7)), "{moment}: neither queued nor shown");
    }
}

#[test]
fn dying_between_salvage_and_swap_loses_nothing_that_was_saved() {
    let dir = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    for number in 1..=12 {
        outbox.push(&note(number, &"y".repeat(3000)), now()).expect("push");
    }
    drop(outbox);
    let file = dir.path().join("outbox.db");
    let mut bytes = fs::read(&file).expect("file");
    let at = bytes.len() - 4096 / 2; // within a command's own page
    bytes[at] ^= 1;
    fs::write(&file, bytes).expect("damaged");
    let left = at_each_moment(dir.path(), || {
        let rescued = Outbox::rescue(dir.path(), &key(), now()).expect("rescue");
        assert_eq!((rescued.kept, rescued.lost), (11, Some(1)), "one page, one command");
    });
    let expected = [
        "a new outbox not yet named",
        "a part set aside",
        "the damaged outbox set aside",
        "a new outbox's mark in its place",
        "a new outbox in its place",
    ];
    let missing: Vec<_> = expected.iter().filter(|moment| !moments(&left).contains(*moment)).collect();
    assert_eq!(missing, [&""; 0], "every moment was visited");
    for Left { moment, folder } in &left {
        match Outbox::open(folder.path(), &key()) {
            Ok(_) => {}
            Err(StoreError::Corrupt { .. }) => {
                let again = Outbox::rescue(folder.path(), &key(), now());
                let again = again.unwrap_or_else(|error| panic!("{moment}: {error:?}"));
                assert_eq!(
                    (again.kept, again.lost),
                    (11, Some(1)),
                    "{moment}: the second try finds the same"
                );
            }
            Err(other) => panic!("{moment}: {other:?}"),
        }
        assert_eq!(numbers(folder.path()).len(), 11, "{moment}: all that could be read is there");
    }
}

#[test]
fn dying_while_a_damaged_cache_is_set_aside_starts_anew_and_says_so() {
    let dir = tempfile::tempdir().expect("folder");
    drop(Cache::open(dir.path(), &key(), now()).expect("cache"));
    let file = dir.path().join("cache.db");
    fs::write(&file, &fs::read(&file).expect("file")[..5000]).expect("cut");
    let left = at_each_moment(dir.path(), || {
        let cache = Cache::open(dir.path(), &key(), now()).expect("cache");
        assert!(cache.set_aside_as().is_some(), "noticed");
    });
    for Left { moment, folder } in &left {
        let mut cache = Cache::open(folder.path(), &key(), now()).expect("a cache, whatever happened");
        assert_eq!(cache.load().expect("load").cursor, None, "{moment}: an empty one");
    }
}

#[test]
fn dying_while_a_snapshot_is_swapped_in_leaves_the_old_rows_or_the_new_ones() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    cache.write(&apply(vec![put("task", 1, 1, "\"old\""), card(2, None)], 4)).expect("old rows");
    let positions = vec![fix(2, 7.42, "2026-11-23T07:00:00Z", 1)];
    cache.write(&CacheWrite::Positions { positions }).expect("a position");
    let left = at_each_moment(dir.path(), || {
        cache.write(&CacheWrite::StageBegin).expect("begin");
        cache.write(&CacheWrite::Stage { items: vec![put("task", 3, 1, "\"new\"")] }).expect("stage");
        cache.write(&CacheWrite::Swap { cursor: cursor(9) }).expect("swap");
    });
    assert!(left.len() >= 3, "a moment after each write: {:?}", moments(&left));
    for Left { moment, folder } in &left {
        let mut cache = Cache::open(folder.path(), &key(), now()).expect("cache");
        let stored = cache.load().expect("load");
        let rows = texts(&cache, EntityKind::Task);
        match stored.cursor {
            Some(at) if at == cursor(4) => assert_eq!(rows, ["\"old\""], "{moment}: not yet"),
            at => {
                assert_eq!((at, rows), (Some(cursor(9)), vec!["\"new\"".to_owned()]), "{moment}: all of it");
                assert_eq!(stored.positions, [], "{moment}: whoever is not in it has no position");
            }
        }
    }
}

#[test]
fn dying_while_a_purge_or_a_sign_out_deletes_is_made_good_by_the_next() {
    let dir = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    let mut failed = outbox.push(&note(1, "a"), now() - chrono::TimeDelta::days(91)).expect("push");
    failed.state = CommandState::Failed { reason: Rejection::Shape("x".to_owned()) };
    outbox.change(&[OutboxChange::Put(Box::new(failed))]).expect("failed");
    outbox.push(&note(2, "b"), now()).expect("push");
    let purged =
        at_each_moment(dir.path(), || drop(outbox.purge(now(), &Retention::default()).expect("purge")));
    assert!(moments(&purged).contains("commands deleted, their bytes not yet"), "{:?}", moments(&purged));
    for Left { moment, folder } in &purged {
        assert_eq!(numbers(folder.path()), [2], "{moment}: what waits is kept");
    }
    drop(outbox);
    for Left { moment, folder } in at_each_moment(dir.path(), || Outbox::delete(dir.path()).expect("delete"))
    {
        assert!(
            !matches!(Outbox::open(folder.path(), &key()), Err(StoreError::Corrupt { .. })),
            "{moment}: what is half deleted is not mistaken for damage"
        );
        Outbox::delete(folder.path()).expect("the next sign-out goes on");
        assert_eq!(numbers(folder.path()), [0; 0], "{moment}: nothing is left");
    }
}
