//! The queue of what people did.

use chrono::TimeDelta;
use domain::LonLat;
use domain::company::Retention;
use domain::task::Priority;
use proptest::prelude::*;
use protocol::durable::{CommandState, NeedsUser, NewCommand, OutboxChange};
use protocol::wire::{CommandBody, Rejection, TaskDraft};

use super::{cursor, id, item, key, note, now};
use crate::{Outbox, StoreError};

fn numbers(outbox: &mut Outbox) -> Vec<u64> {
    outbox.load().expect("load").commands.iter().map(|queued| queued.command.n).collect()
}

#[test]
fn what_was_done_offline_is_there_after_a_restart_with_its_numbers() {
    let dir = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("a new outbox");
    let first = outbox.push(&note(1, "call back"), now()).expect("push");
    let second = outbox.push(&note(2, "ring twice"), now()).expect("push");
    assert_eq!((first.command.n, second.command.n), (1, 2), "numbers are in order");
    let before = outbox.load().expect("load");
    drop(outbox);
    let after = Outbox::open(dir.path(), &key()).expect("the same outbox").load().expect("load");
    assert_eq!((after.device, after.device_epoch), (before.device, 1), "it is the same device");
    assert_eq!(after.next_n, 3, "no number is given twice");
    assert_eq!(after.commands[1].command, second.command, "the command is the same to the last byte");
}

#[test]
fn a_number_is_never_used_again_even_when_its_command_is_gone() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    outbox.push(&note(1, "a"), now()).expect("push");
    outbox.change(&[OutboxChange::Delete { n: 1 }]).expect("confirmed");
    assert_eq!(outbox.push(&note(2, "b"), now()).expect("push").command.n, 2, "1 is spent");
    outbox.change(&[OutboxChange::Delete { n: 1 }]).expect("deleting what is gone is no error");
}

#[test]
fn a_double_click_is_one_command() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    outbox.push(&note(1, "a"), now()).expect("push");
    let twice = outbox.push(&note(1, "a"), now());
    assert!(
        matches!(twice, Err(StoreError::AlreadyQueued { n: 1 })),
        "refused with the first one's number: {twice:?}"
    );
    assert_eq!(outbox.load().expect("load").next_n, 2, "a refused command takes no number");
}

#[test]
fn several_commands_are_stored_together_or_not_at_all() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    let both = outbox.push_all(&[note(1, "a"), note(2, "b")], now()).expect("push");
    assert_eq!(both.iter().map(|queued| queued.command.n).collect::<Vec<_>>(), [1, 2], "in their order");
    let twice = outbox.push_all(&[note(3, "c"), note(1, "a")], now());
    assert!(matches!(twice, Err(StoreError::AlreadyQueued { n: 1 })), "one of them is there: {twice:?}");
    assert_eq!(numbers(&mut outbox), [1, 2], "so the other one is not taken either");
    assert_eq!(outbox.load().expect("load").next_n, 3, "and no number is spent");
}

#[test]
fn a_rebased_command_takes_the_place_of_the_old_one_or_nothing_happens() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    outbox.push(&note(1, "mine"), now()).expect("push");
    let rebased = outbox.replace(1, &note(1, "mine, on theirs"), now()).expect("replace");
    assert_eq!(rebased.command.n, 2, "another body needs another number");
    assert_eq!(numbers(&mut outbox), [2], "the old one is gone");
    let late = outbox.replace(1, &note(3, "again"), now());
    assert!(matches!(late, Err(StoreError::NoSuchCommand { n: 1 })), "its place is taken: {late:?}");
    assert_eq!(numbers(&mut outbox), [2], "and nothing was added");
}

#[test]
fn changes_go_together_or_not_at_all() {
    let dir = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(dir.path(), &key()).expect("outbox");
    let mut sent = outbox.push(&note(1, "a"), now()).expect("push");
    outbox.push(&note(2, "b"), now()).expect("push");
    (sent.state, sent.attempts) = (CommandState::InFlight, 1);
    let mut unknown = sent.clone();
    unknown.command.n = 99;
    let changes = [
        OutboxChange::Put(Box::new(sent.clone())),
        OutboxChange::Delete { n: 2 },
        OutboxChange::Put(Box::new(unknown)),
    ];
    let refused = outbox.change(&changes);
    assert!(matches!(refused, Err(StoreError::NoSuchCommand { n: 99 })), "there is no 99: {refused:?}");
    assert_eq!(numbers(&mut outbox), [1, 2], "so 2 is not deleted");
    assert_eq!(outbox.load().expect("load").commands[0].attempts, 0, "nor is 1 in flight");
    outbox.change(&changes[..2]).expect("without the wrong one it works");
    drop(outbox);
    let stored = Outbox::open(dir.path(), &key()).expect("outbox").load().expect("load");
    assert!(matches!(stored.commands[..], [ref one] if one.attempts == 1), "both changes are on disk");
}

#[test]
fn every_state_comes_back_as_it_was() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    let current = Some(Box::new(super::put("task", 1, 4, r#"{"title": "spaced  as it came"}"#)));
    let states = [
        CommandState::Acked { version: 4, cursor: cursor(9) },
        CommandState::NeedsUser { why: NeedsUser::Conflict { current } },
        CommandState::NeedsUser {
            why: NeedsUser::Conflict { current: Some(Box::new(item("task", 1, 5, "del"))) },
        },
        CommandState::NeedsUser { why: NeedsUser::DependsOn { n: 1 } },
        CommandState::Failed { reason: Rejection::Shape("too large".to_owned()) },
    ];
    for (number, state) in (1..).zip(states) {
        let mut queued = outbox.push(&note(number, "x"), now()).expect("push");
        (queued.state, queued.seen) = (state, true);
        outbox.change(&[OutboxChange::Put(Box::new(queued.clone()))]).expect("change");
        let stored = outbox.load().expect("load").commands.pop().expect("the last one");
        assert_eq!(format!("{stored:?}"), format!("{queued:?}"), "stored and read, nothing is lost");
    }
}

#[test]
fn a_fenced_desk_becomes_another_device_and_keeps_its_queue() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    outbox.push(&note(1, "a"), now()).expect("push");
    outbox.change(&[OutboxChange::NewDevice { device: id(77).into() }]).expect("change");
    let stored = outbox.load().expect("load");
    assert_eq!((stored.device, stored.device_epoch), (id(77).into(), 1), "a new device in its first epoch");
    assert_eq!((stored.commands.len(), stored.next_n), (1, 2), "queue and numbers go on");
}

#[test]
fn a_command_of_another_build_is_kept_apart_and_can_be_exported() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    outbox.push(&note(1, "a"), now()).expect("push");
    outbox.push(&note(2, "b"), now()).expect("push");
    outbox
        .conn
        .execute("UPDATE commands SET data = '{\"telepathy\":1}' WHERE n = 1", [])
        .expect("another build");
    assert_eq!(numbers(&mut outbox), [2], "what can be read is there");
    let unreadable = outbox.unreadable().expect("unreadable");
    assert_eq!(unreadable[0].data, "{\"telepathy\":1}", "the other one is kept as it is");
    let export: serde_json::Value = serde_json::from_str(&outbox.export().expect("export")).expect("JSON");
    assert_eq!(
        export["commands"][0]["command"]["body"]["args"]["text"], "b",
        "the export has what can be read"
    );
    assert_eq!(export["unreadable"][0]["n"], 1, "and what can't");
}

#[test]
fn retention_takes_what_failed_long_ago_but_nothing_that_is_on_its_way() {
    let mut outbox = Outbox::open_in_memory().expect("outbox");
    let long_ago = now() - TimeDelta::days(91);
    let mut failed = outbox.push(&note(1, "a"), long_ago).expect("push");
    failed.state = CommandState::Failed { reason: Rejection::Shape("too large".to_owned()) };
    outbox.push(&note(2, "b"), long_ago).expect("push");
    let mut fresh = outbox.push(&note(3, "c"), now()).expect("push");
    fresh.state = failed.state.clone();
    outbox
        .change(&[OutboxChange::Put(Box::new(failed)), OutboxChange::Put(Box::new(fresh))])
        .expect("change");
    assert_eq!(outbox.purge(now(), &Retention::default()).expect("purge"), [1], "only the old failure goes");
    assert_eq!(numbers(&mut outbox), [2, 3], "a month in a tunnel costs nobody their work");
}

fn task_at(at: LonLat) -> NewCommand {
    let draft = TaskDraft {
        id: id(5).into(),
        title: "Lift".to_owned(),
        description: String::new(),
        task_type: None,
        at,
        address: String::new(),
        poi: None,
        customer: String::new(),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
    };
    NewCommand { body: CommandBody::TaskCreate(draft), ..note(1, "") }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// A click on the map gives coordinates with all their digits; the number must carry the same bytes after a restart.
    #[test]
    fn the_bytes_sent_before_a_restart_are_those_sent_after_it(lon in -180.0..180.0f64, lat in -85.0..85.0f64) {
        let at = LonLat::new(lon, lat).expect("coordinate");
        let mut outbox = Outbox::open_in_memory().expect("outbox");
        let pushed = outbox.push(&task_at(at), now()).expect("push").command;
        let loaded = outbox.load().expect("load").commands.remove(0).command;
        let bytes = |command| serde_json::to_string(command).expect("JSON");
        prop_assert_eq!(bytes(&pushed), bytes(&loaded), "lon {} lat {}", lon, lat);
    }
}
