//! Wrong keys, damaged files, newer files, busy files: what is touched and what is not.

use std::fs;
use std::path::Path;
use std::time::Duration;

use protocol::durable::{CommandState, IncidentKind, NeedsUser};
use protocol::entity::EntityKind;

use super::{apply, key, note, now, put, texts};
use crate::{Cache, Key, Outbox, StoreError, Unavailable};

fn stranger() -> Key {
    Key::from_bytes([8; 32])
}

fn cache_with_rows(dir: &Path) {
    let mut cache = Cache::open(dir, &key(), now()).expect("cache");
    let data = format!("{{\"text\":\"{}\"}}", "x".repeat(1000));
    cache.write(&apply((0..40).map(|number| put("task", number, 1, &data)).collect(), 40)).expect("write");
}

/// Every command fills most of a page.
fn outbox_with_commands(dir: &Path, count: u128) {
    let mut outbox = Outbox::open(dir, &key()).expect("outbox");
    for number in 1..=count {
        outbox.push(&note(number, &format!("{number} {}", "y".repeat(3000))), now()).expect("push");
    }
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).expect("file");
    bytes[at] ^= 0x10;
    fs::write(file, bytes).expect("flipped");
}

#[test]
fn a_wrong_key_opens_nothing_and_changes_nothing() {
    let dir = tempfile::tempdir().expect("folder");
    cache_with_rows(dir.path());
    outbox_with_commands(dir.path(), 2);
    let before =
        [fs::read(dir.path().join("cache.db")), fs::read(dir.path().join("outbox.db"))].map(Result::unwrap);
    let cache = Cache::open(dir.path(), &stranger(), now());
    assert!(matches!(cache, Err(StoreError::WrongKey { .. })), "the cache says whose fault it is: {cache:?}");
    let outbox = Outbox::open(dir.path(), &stranger());
    assert!(matches!(outbox, Err(StoreError::WrongKey { .. })), "so does the outbox: {outbox:?}");
    let salvage = Outbox::salvage(dir.path(), &stranger());
    assert!(matches!(salvage, Err(StoreError::WrongKey { .. })), "nor does it salvage: {salvage:?}");
    let after =
        [fs::read(dir.path().join("cache.db")), fs::read(dir.path().join("outbox.db"))].map(Result::unwrap);
    assert!(before == after, "not a byte has changed");
    assert!(Outbox::open(dir.path(), &key()).is_ok(), "the right key still opens it");
}

#[test]
fn without_a_key_check_a_file_that_does_not_open_is_taken_for_another_keys() {
    let dir = tempfile::tempdir().expect("folder");
    cache_with_rows(dir.path());
    fs::remove_file(dir.path().join("cache.db.check")).expect("lost check");
    let cache = Cache::open(dir.path(), &stranger(), now());
    assert!(matches!(cache, Err(StoreError::WrongKey { .. })), "in doubt the file is kept: {cache:?}");
    drop(Cache::open(dir.path(), &key(), now()).expect("the right key needs no check"));
    assert!(dir.path().join("cache.db.check").exists(), "and writes a new one");
    let aside = Cache::set_aside(dir.path(), now()).expect("the user gives the old cache up");
    assert!(aside.exists(), "given up is not deleted");
    let cache = Cache::open(dir.path(), &stranger(), now()).expect("then another key starts anew");
    assert_eq!(texts(&cache, EntityKind::Task).len(), 0, "with nothing");
}

#[test]
fn a_damaged_cache_is_set_aside_and_says_so() {
    for (what, damage) in [
        ("first page", (|file: &Path| flip(file, 100)) as fn(&Path)),
        ("a page in the middle", |file| flip(file, 5 * 4096 + 17)),
        ("cut off", |file| fs::write(file, &fs::read(file).expect("file")[..3 * 4096 + 5]).expect("cut")),
        ("emptied", |file| fs::write(file, []).expect("emptied")),
        ("something else", |file| fs::write(file, "no database at all ".repeat(500)).expect("overwritten")),
    ] {
        let dir = tempfile::tempdir().expect("folder");
        cache_with_rows(dir.path());
        let file = dir.path().join("cache.db");
        damage(&file);
        let damaged = fs::read(&file).expect("file");
        let mut cache =
            Cache::open(dir.path(), &key(), now()).unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let aside = cache.set_aside_as().unwrap_or_else(|| panic!("{what}: was it not noticed?")).to_owned();
        assert!(fs::read(&aside).expect("file") == damaged, "{what}: the damaged file is kept as it is");
        let name = aside.file_name().expect("name").to_string_lossy().into_owned();
        assert_eq!(name, "cache.db.damaged-20261123T080000Z", "{what}: under a name with the time");
        assert_eq!(cache.load().expect("load").cursor, None, "{what}: the new one is empty");
        let kinds: Vec<_> = cache.incidents(9).expect("incidents").into_iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [IncidentKind::Quarantined], "{what}: there is an incident");
        drop(cache);
        let again = Cache::open(dir.path(), &key(), now()).expect("the next start");
        assert_eq!(again.set_aside_as(), None, "{what}: is an ordinary one");
    }
}

#[test]
fn a_damaged_outbox_is_never_replaced_silently() {
    let dir = tempfile::tempdir().expect("folder");
    outbox_with_commands(dir.path(), 12);
    let file = dir.path().join("outbox.db");
    flip(&file, 100);
    let damaged = fs::read(&file).expect("file");
    for _ in 0..2 {
        let outbox = Outbox::open(dir.path(), &key());
        assert!(matches!(outbox, Err(StoreError::Corrupt { .. })), "each start says so: {outbox:?}");
    }
    assert!(fs::read(&file).expect("file") == damaged, "and leaves the file alone");
    let salvage = Outbox::salvage(dir.path(), &key()).expect("salvage");
    assert_eq!(
        (salvage.commands.len(), salvage.lost),
        (0, Some(12)),
        "without its first page nothing can be read; the mark tells how many there were"
    );
}

#[test]
fn what_damage_has_left_of_an_outbox_is_saved_counted_and_put_up_for_review() {
    let dir = tempfile::tempdir().expect("folder");
    outbox_with_commands(dir.path(), 12);
    let file = dir.path().join("outbox.db");
    let pages = fs::metadata(&file).expect("file").len() as usize / 4096;
    let in_queue = pages - 7; // behind the tables' roots; the commands' own pages come last
    flip(&file, in_queue * 4096 + 99);
    flip(&file, (in_queue + 3) * 4096 + 99);
    let opened = Outbox::open(dir.path(), &key());
    assert!(matches!(opened, Err(StoreError::Corrupt { .. })), "the damage is noticed: {opened:?}");
    let salvage = Outbox::salvage(dir.path(), &key()).expect("salvage");
    assert_eq!(salvage.lost, Some(2), "two pages, two commands: {:?}", numbers(&salvage.commands));
    assert_eq!(salvage.commands.len(), 10, "also those between the damaged pages are there");
    assert!(salvage.export().expect("export").contains("12 yyy"), "people can take them elsewhere");
    let device = salvage.device.expect("the device is readable");

    let (mut outbox, aside) = Outbox::restore(dir.path(), &key(), &salvage, now()).expect("restore");
    assert!(aside.exists(), "the damaged file is kept");
    let stored = outbox.load().expect("load");
    assert_ne!(stored.device, device, "the server must not take it for the old desk");
    assert_eq!(stored.next_n, 13, "no number is used again");
    let review = CommandState::NeedsUser { why: NeedsUser::Fenced };
    for queued in &stored.commands {
        assert_eq!(
            format!("{:?}", queued.state),
            format!("{review:?}"),
            "nobody knows whether the server has it"
        );
    }
    assert_eq!(numbers(&stored.commands), numbers(&salvage.commands), "all that was saved is there");
}

#[test]
fn a_crash_while_restoring_loses_nothing_that_was_saved() {
    let dir = tempfile::tempdir().expect("folder");
    outbox_with_commands(dir.path(), 3);
    let salvage = Outbox::salvage(dir.path(), &key()).expect("salvage works on a sound file, too");
    flip(&dir.path().join("outbox.db"), 100);
    crate::outbox::salvage::prepare_restore(dir.path(), &key(), &salvage).expect("first half");
    let opened = Outbox::open(dir.path(), &key());
    assert!(
        matches!(opened, Err(StoreError::Corrupt { .. })),
        "a crash here: still the damaged one: {opened:?}"
    );
    crate::database::set_aside(&dir.path().join("outbox.db"), now()).expect("second half");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("a crash here: the new one takes its place");
    assert_eq!(outbox.load().expect("load").commands.len(), 3, "with all that was saved");
    assert!(!dir.path().join("outbox.restored").exists(), "and nothing lies about");
}

fn numbers(commands: &[protocol::durable::QueuedCommand]) -> Vec<u64> {
    commands.iter().map(|queued| queued.command.n).collect()
}

#[test]
fn an_emptied_outbox_is_a_damaged_one() {
    let dir = tempfile::tempdir().expect("folder");
    outbox_with_commands(dir.path(), 1);
    fs::write(dir.path().join("outbox.db"), []).expect("emptied");
    let outbox = Outbox::open(dir.path(), &key());
    assert!(
        matches!(outbox, Err(StoreError::Corrupt { .. })),
        "SQLite would take it for a new one: {outbox:?}"
    );
}

#[test]
fn a_busy_file_is_waited_for_and_never_moved() {
    let dir = tempfile::tempdir().expect("folder");
    cache_with_rows(dir.path());
    let mut one = Cache::open(dir.path(), &key(), now()).expect("cache");
    let mut other = Cache::open(dir.path(), &key(), now()).expect("a second handle");
    other.conn.busy_timeout(Duration::from_millis(20)).expect("tests don't wait for 5 s");
    let writing = one.begin().expect("transaction");
    let refused = other.write(&apply(vec![put("task", 1, 2, "{}")], 41));
    let busy = matches!(refused, Err(StoreError::Unavailable { why: Unavailable::Busy, .. }));
    assert!(busy, "the second writer is told that it is busy: {refused:?}");
    assert_eq!(texts(&other, EntityKind::Task).len(), 40, "reading goes on meanwhile");
    drop(writing);
    other.write(&apply(vec![put("task", 1, 2, "{}")], 41)).expect("afterwards it works");
    assert_eq!(one.load().expect("load").cursor, Some(super::cursor(41)), "and the first one sees it");
}

#[test]
fn a_folder_that_is_none_is_told_and_left() {
    let dir = tempfile::tempdir().expect("folder");
    fs::create_dir(dir.path().join("cache.db")).expect("a folder where the file should be");
    let opened = Cache::open(dir.path(), &key(), now());
    let told = matches!(opened, Err(StoreError::Unavailable { why: Unavailable::CantOpen, .. }));
    assert!(told, "not damaged, not moved: {opened:?}");
    assert!(dir.path().join("cache.db").is_dir(), "whatever it is, it stays");
}

#[test]
fn the_files_tell_nothing_without_the_key() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    cache.write(&apply(vec![put("task", 1, 1, "{\"title\":\"MARKER-IN-THE-OPEN\"}")], 1)).expect("write");
    for entry in fs::read_dir(dir.path()).expect("folder") {
        let path = entry.expect("file").path();
        let bytes = fs::read(&path).expect("file");
        let found = bytes.windows(18).any(|window| window == b"MARKER-IN-THE-OPEN");
        assert!(!found, "{} is readable", path.display());
    }
}
