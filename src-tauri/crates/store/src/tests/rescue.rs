//! A damaged outbox is noticed, saved as far as it goes, and counted.

use std::fs;
use std::path::Path;

use protocol::durable::{CommandState, NeedsUser, OutboxChange};

use super::{crash, cursor, key, note, now};
use crate::{Outbox, Rescued, StoreError};

/// A folder as a process leaves it that is killed after these commands: the last of them are only in the write-ahead log.
fn killed_after(count: u128) -> tempfile::TempDir {
    let (dir, left) =
        (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("what the killed one left"));
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    for number in 1..=count {
        outbox.push(&note(number, &format!("remark {number}")), now()).expect("push");
    }
    crash::copy(dir.path(), left.path());
    left
}

fn is_corrupt(dir: &Path) -> bool {
    matches!(Outbox::open(dir, &key()), Err(StoreError::Corrupt { .. }))
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).expect("file");
    bytes[at] ^= 0x04;
    fs::write(file, bytes).expect("flipped");
}

fn numbers(dir: &Path) -> Vec<u64> {
    let mut outbox = Outbox::open(dir, &key()).expect("a sound outbox");
    outbox.load().expect("load").commands.iter().map(|queued| queued.command.n).collect()
}

#[test]
fn a_log_that_lost_its_end_is_noticed() {
    let dir = killed_after(5);
    let log = dir.path().join("outbox.db-wal");
    let size = fs::metadata(&log).expect("a log").len() as usize;
    flip(&log, size - 2000);
    let damaged = fs::read(&log).expect("log");
    assert!(is_corrupt(dir.path()), "SQLite alone would go on as if the last command had never been given");
    assert!(
        fs::read(&log).expect("log") == damaged,
        "and what is left of the log stays for whoever looks at it"
    );

    let rescued = Outbox::rescue(dir.path(), &key(), now()).expect("rescue");
    assert_eq!(
        (rescued.kept, rescued.lost),
        (4, Some(1)),
        "four of five, and it is said that one is missing"
    );
    assert_eq!(numbers(dir.path()), [1, 2, 3, 4], "they are in the new outbox");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    assert_eq!(outbox.push(&note(9, "next"), now()).expect("push").command.n, 6, "5 was given already");
}

#[test]
fn a_log_that_is_gone_is_noticed() {
    let dir = killed_after(3);
    fs::remove_file(dir.path().join("outbox.db-wal")).expect("gone");
    assert!(is_corrupt(dir.path()), "its commands are missing");
    let rescued = Outbox::rescue(dir.path(), &key(), now()).expect("rescue");
    assert_eq!((rescued.kept, rescued.lost), (0, Some(3)), "all that is known is how many there were");
}

#[test]
fn an_outbox_that_is_gone_is_noticed() {
    let dir = killed_after(3);
    for name in ["outbox.db", "outbox.db-wal", "outbox.db-shm"] {
        fs::remove_file(dir.path().join(name)).expect("gone");
    }
    assert!(is_corrupt(dir.path()), "the key check says that there was one");
    let rescued = Outbox::rescue(dir.path(), &key(), now()).expect("rescue");
    assert_eq!((rescued.kept, rescued.lost), (0, Some(3)), "nothing is left, and that is said");
    assert_eq!(numbers(dir.path()), [0; 0], "work can go on");
}

#[test]
fn a_garbled_check_or_mark_costs_nothing() {
    for name in ["outbox.db.check", "outbox.db.mark", "outbox.db-shm"] {
        let dir = killed_after(3);
        let file = dir.path().join(name);
        flip(&file, 7);
        assert_eq!(numbers(dir.path()), [1, 2, 3], "{name}: the commands are there");
        assert_eq!(numbers(dir.path()), [1, 2, 3], "{name}: and at the next start");
        let dir = killed_after(3);
        fs::write(dir.path().join(name), []).expect("emptied");
        assert_eq!(numbers(dir.path()), [1, 2, 3], "{name}: emptied");
    }
}

#[test]
fn an_older_copy_of_the_file_is_noticed() {
    let dir = killed_after(3);
    drop(Outbox::open(dir.path(), &key()).expect("outbox"));
    let backup = fs::read(dir.path().join("outbox.db")).expect("a backup");
    Outbox::open(dir.path(), &key()).expect("outbox").push(&note(4, "later"), now()).expect("push");
    fs::write(dir.path().join("outbox.db"), backup).expect("restored");
    assert!(is_corrupt(dir.path()), "the backup does not have the last command");
}

#[test]
fn what_the_server_has_done_is_not_put_up_for_review_and_other_builds_commands_are_kept() {
    let dir = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    let mut done = outbox.push(&note(1, "done"), now()).expect("push");
    outbox.push(&note(2, "waits"), now()).expect("push");
    outbox.push(&note(3, "of another build"), now()).expect("push");
    done.state = CommandState::Acked { version: 2, cursor: cursor(9) };
    outbox.change(&[OutboxChange::Put(Box::new(done))]).expect("receipt");
    let strange = "UPDATE commands SET data = '{\"telepathy\":1}' WHERE n = 3";
    outbox.conn.execute(strange, []).expect("another build");
    drop(outbox);
    fs::remove_file(dir.path().join("outbox.db.mark")).expect("no mark");
    let salvage = Outbox::salvage(dir.path(), &key()).expect("salvage works on a sound file, too");
    let (mut outbox, _) = Outbox::restore(dir.path(), &key(), &salvage, now()).expect("restore");

    let states: Vec<_> =
        outbox.load().expect("load").commands.into_iter().map(|queued| queued.state).collect();
    assert!(matches!(states[0], CommandState::Acked { .. }), "done once is enough: {states:?}");
    assert!(
        matches!(states[1], CommandState::NeedsUser { why: NeedsUser::Fenced }),
        "the user decides: {states:?}"
    );
    let unreadable = outbox.unreadable().expect("unreadable");
    assert_eq!((unreadable[0].n, unreadable[0].data.as_str()), (3, "{\"telepathy\":1}"), "kept as it is");
}

#[test]
fn a_sound_outbox_is_left_alone() {
    let dir = killed_after(2);
    let device = Outbox::open(dir.path(), &key()).expect("outbox").load().expect("load").device;
    let rescued = Outbox::rescue(dir.path(), &key(), now()).expect("nothing to do");
    assert_eq!(rescued, Rescued { kept: 2, lost: Some(0), aside: None }, "it says so");
    let after = Outbox::open(dir.path(), &key()).expect("outbox").load().expect("load").device;
    assert_eq!(after, device, "the desk is the same");
}

#[test]
fn whoever_signs_out_may_discard_everything() {
    let dir = killed_after(3);
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    let before = outbox.load().expect("load");
    outbox.clear().expect("clear");
    let after = outbox.load().expect("load");
    assert_eq!((after.commands.len(), after.next_n, after.device), (0, 4, before.device), "only commands go");
    drop(outbox);
    flip(&dir.path().join("outbox.db"), 100);
    Outbox::rescue(dir.path(), &key(), now()).expect("a damaged one lies aside");
    Outbox::delete(dir.path()).expect("delete");
    Outbox::delete(dir.path()).expect("deleting what is gone is no error");
    let left: Vec<_> =
        fs::read_dir(dir.path()).expect("folder").map(|entry| entry.expect("entry").file_name()).collect();
    assert_eq!(left, ["ballast"], "nothing of it is left");
    let fresh = Outbox::open(dir.path(), &key()).expect("a new outbox").load().expect("load");
    assert_ne!(fresh.device, before.device, "of a new device");
}
