//! Stories of the write side.

use domain::bid::Invitation;
use protocol::durable::{CommandState, IncidentKind, NeedsUser, NewCommand};
use protocol::view::ConnectionState;
use protocol::wire::{CommandBody, ErrorBody, ErrorCode};
use sync::{CallError, Input, OutboxStore, SyncEvent, UserAction};
use uuid::Uuid;

use super::model::desk::tokens;
use super::model::{at, draft, id};
use super::office::Office;

fn note(task: u128, text: &str) -> CommandBody {
    CommandBody::TaskNote { task: id(task), text: text.to_owned() }
}

fn assign(task: u128, resource: u128) -> CommandBody {
    CommandBody::TaskAssign { task: id(task), resource: Some(id(resource)), choice: None }
}

fn notes(office: &Office) -> Vec<String> {
    office.server.tasks().into_iter().flat_map(|task| task.notes).map(|note| note.text).collect()
}

#[test]
fn an_assignment_made_offline_arrives_once() {
    let mut office = Office::open();
    office.task(1);
    office.weather.offline = true;
    let n = office.submit(assign(1, 5), Some(1));
    office.pass(60_000);
    assert!(matches!(office.state(n), Some(CommandState::Queued)), "it waits");
    office.weather.offline = false;
    office.input(Input::TryNow);
    assert!(office.state(n).is_none(), "done, confirmed and gone from the queue");
    assert_eq!(
        office.server.ledger.applied.values().filter(|times| **times > 1).count(),
        0,
        "nothing was done twice"
    );
    let confirmed = office.desk.events.iter().any(|event| {
        matches!(event, SyncEvent::Applied { confirmed, changes } if confirmed.contains(&n) && !changes.is_empty())
    });
    assert!(confirmed, "the rows and the end of the overlay come in one event");
}

#[test]
fn a_lost_reply_is_asked_for_again_with_the_same_bytes() {
    let mut office = Office::open();
    office.task(1);
    office.weather.replies_lost = true;
    let n = office.submit(note(1, "door code 17"), None);
    office.weather.replies_lost = false;
    office.pass(62_000);
    assert!(
        office.incidents().contains(&IncidentKind::RequestTimeout),
        "30 s without an answer are on record"
    );
    assert!(office.times_sent(n) >= 2, "so it was sent again");
    let same: Vec<_> = office.sent.iter().flatten().filter(|command| command.n == n).collect();
    assert!(same.windows(2).all(|pair| pair[0] == pair[1]), "the same number carries the same bytes");
    assert_eq!(notes(&office), ["door code 17"], "one note");
    assert!(office.state(n).is_none(), "and the queue is empty");
}

#[test]
fn after_a_crash_what_was_on_its_way_is_sent_again() {
    let mut office = Office::open();
    office.task(1);
    office.weather.silent = true;
    let n = office.submit(note(1, "door code 17"), None);
    assert!(matches!(office.state(n), Some(CommandState::InFlight)), "marked as sent before it went out");
    office.weather.silent = false;
    office.ms += 3_600_000;
    office.switch_on();
    assert_eq!(notes(&office), ["door code 17"], "the next start sends it");
    assert!(office.state(n).is_none(), "done");
}

#[test]
fn a_conflict_waits_for_the_user_who_insists() {
    let mut office = Office::open();
    office.task(1);
    office.weather.offline = true;
    let n = office.submit(assign(1, 5), Some(1));
    office.colleague(50, assign(1, 6));
    office.weather.offline = false;
    office.pass(40_000);
    let Some(CommandState::NeedsUser { why: NeedsUser::Conflict { current } }) = office.state(n) else {
        panic!("a conflict is for the user: {:?}", office.state(n));
    };
    assert_eq!(current.map(|item| item.version), Some(2), "with the row as the colleague left it");
    let new = NewCommand {
        id: id(9_000),
        body: assign(1, 5),
        if_match: Some(2),
        valid_until: None,
        depends_on: None,
    };
    let again = office.desk.outbox.replace(n, &new, at(office.ms)).expect("stored");
    let again_n = again.command.n;
    office.input(Input::User(UserAction::Replaced { old: n, new: Box::new(again) }));
    assert!(again_n > n && office.state(again_n).is_none(), "a new number, done");
    assert_eq!(office.server.tasks()[0].resource, Some(id(5)), "the dispatcher's choice stands");
}

#[test]
fn a_conflict_can_be_given_up() {
    let mut office = Office::open();
    office.task(1);
    office.weather.offline = true;
    let n = office.submit(assign(1, 5), Some(1));
    office.colleague(50, assign(1, 6));
    office.weather.offline = false;
    office.pass(40_000);
    office.discard(n);
    assert!(office.state(n).is_none(), "gone from the queue");
    assert_eq!(office.server.tasks()[0].resource, Some(id(6)), "the colleague's choice stands");
}

#[test]
fn what_is_on_its_way_can_not_be_taken_back() {
    let mut office = Office::open();
    office.task(1);
    office.weather.silent = true;
    let n = office.submit(note(1, "x"), None);
    office.discard(n);
    assert!(office.state(n).is_some(), "it may be done already: still there");
    office.weather.offline = true;
    let never_sent = office.submit(note(1, "y"), None);
    office.discard(never_sent);
    assert!(office.state(never_sent).is_none(), "what never went out simply goes");
}

#[test]
fn a_wedged_lane_blocks_only_itself() {
    let mut office = Office::open();
    (1..=6).for_each(|number| office.task(number));
    office.weather.poison = Some((Uuid::from_u128(1), 500));
    office.weather.offline = true;
    let stuck = office.submit(note(1, "stuck"), None);
    let behind = office.submit(note(1, "behind it"), None);
    let others: Vec<u64> = (2..=6).map(|task| office.submit(note(task, "fine"), None)).collect();
    office.weather.offline = false;
    office.pass(30_000);
    assert!(others.iter().all(|&n| office.state(n).is_none()), "five other tasks got their notes");
    assert!(office.state(stuck).is_some() && office.state(behind).is_some(), "one lane waits");
    assert_eq!(office.times_sent(behind), 0, "in order");
    office.pass(120_000);
    assert!(
        office.incidents().contains(&IncidentKind::OutboxStalled),
        "a minute without progress is on record"
    );
    office.weather.poison = None;
    office.pass(31_000);
    assert_eq!(notes(&office).iter().filter(|text| *text == "fine").count(), 5, "each once");
    assert!(
        office.state(stuck).is_none() && office.state(behind).is_none(),
        "the wedged lane recovers by itself"
    );
}

#[test]
fn a_command_that_ran_out_of_time_is_not_sent_but_shown() {
    let mut office = Office::open();
    office.task(1);
    office.weather.offline = true;
    let n = office.submit_until(note(1, "call before noon"), None, Some(60_000));
    office.pass(61_000);
    office.weather.offline = false;
    office.pass(31_000);
    let expired = matches!(office.state(n), Some(CommandState::NeedsUser { why: NeedsUser::Expired }));
    assert!(expired, "the user decides: {:?}", office.state(n));
    assert_eq!(office.server.tasks()[0].notes.len(), 0, "the server never saw it");
}

#[test]
fn several_changes_in_a_row_do_not_conflict_with_each_other() {
    let mut office = Office::open();
    office.task(1);
    office.weather.offline = true;
    let numbers = [office.submit(assign(1, 5), Some(1)), office.submit(assign(1, 6), Some(1))];
    office.weather.offline = false;
    office.pass(40_000);
    assert!(
        numbers.iter().all(|&n| office.state(n).is_none()),
        "both were written against the same cached row"
    );
    assert_eq!(office.server.tasks()[0].resource, Some(id(6)), "the last one counts");
}

#[test]
fn a_task_created_and_assigned_twice_offline_is_one_story_to_the_server() {
    let mut office = Office::open();
    office.weather.offline = true;
    office.submit(CommandBody::TaskCreate(draft(1, "Lift stuck")), None);
    office.submit(assign(1, 5), None);
    office.submit(assign(1, 6), None);
    office.weather.offline = false;
    office.pass(40_000);
    let seen: Vec<Option<u64>> = office.sent.iter().flatten().map(|command| command.if_match).collect();
    assert_eq!(seen, [None, Some(1), Some(2)], "each names the version that the one before it made");
    assert_eq!(office.server.tasks()[0].resource, Some(id(6)), "the last assignment counts");
}

#[test]
fn a_bid_waits_for_its_task_and_for_the_user_if_that_fails() {
    let mut office = Office::open();
    office.task(1);
    office.weather.offline = true;
    let create = office.submit(CommandBody::TaskCreate(draft(1, "there already")), None);
    let invitation = Invitation { id: id(40), task: id(1), invite: vec![id(5)], deadline: at(9_000_000) };
    let bid = office.submit(CommandBody::BidOpen(invitation), None);
    office.weather.offline = false;
    office.pass(40_000);
    assert!(matches!(office.state(create), Some(CommandState::Failed { .. })), "the task exists: refused");
    let waits = matches!(office.state(bid), Some(CommandState::NeedsUser { why: NeedsUser::DependsOn { n } }) if n == create);
    assert!(waits, "the bid was never sent: {:?}", office.state(bid));
    assert_eq!(office.times_sent(bid), 0, "never");
}

#[test]
fn an_expired_token_is_refreshed_once_and_then_asks_for_the_password_with_the_queue_kept() {
    let mut office = Office::open();
    office.task(1);
    office.weather.status = Some(401);
    let n = office.submit(note(1, "x"), None);
    office.pass(61_000);
    let refreshes = office.calls.iter().filter(|call| **call == "refresh").count();
    assert_eq!(refreshes, 1, "whatever was refused, one refresh");
    assert_eq!(office.connection(), ConnectionState::SignInAgain, "which failed: the password is wanted");
    assert!(matches!(office.state(n), Some(CommandState::Queued)), "the queue is kept");
    office.weather.status = None;
    office.input(Input::SignedIn(tokens("a2")));
    assert!(office.state(n).is_none(), "and goes out after signing in");
    assert_eq!(office.connection(), ConnectionState::Live, "all is well");
}

#[test]
fn a_server_of_another_version_gets_no_commands() {
    let mut office = Office::open();
    office.task(1);
    office.weather.status = Some(426);
    office.pass(61_000);
    assert_eq!(office.connection(), ConnectionState::UpgradeNeeded, "read-only, with a notice");
    let n = office.submit(note(1, "x"), None);
    office.pass(1_000);
    assert_eq!(office.times_sent(n), 0, "nothing is sent");
    office.weather.status = None;
    office.pass(61_000);
    assert!(office.state(n).is_none(), "after the upgrade the queue goes out");
}

#[test]
fn a_fenced_desk_becomes_another_device_and_shows_its_queue() {
    let mut office = Office::open();
    office.task(1);
    office.weather.silent = true;
    let n = office.submit(note(1, "x"), None);
    let body = ErrorBody { code: ErrorCode::Fenced, message: String::new(), retry_after_secs: None };
    let fenced = CallError::Status { status: 403, body: Some(body), retry_after_secs: None };
    let last = (1..60).map(sync::RequestId);
    for id in last {
        office.feed(Input::Answered { id, result: Err(fenced.clone()) });
    }
    let review = matches!(office.state(n), Some(CommandState::NeedsUser { why: NeedsUser::Fenced }));
    assert!(review, "for review: {:?}", office.state(n));
    assert_ne!(office.desk.outbox.state().device, id(77), "a new device");
    assert_eq!(office.connection(), ConnectionState::SignInAgain, "which has to sign in");
}

#[test]
fn an_overloaded_server_is_left_alone_for_as_long_as_it_asks() {
    let mut office = Office::open();
    office.task(1);
    office.weather.silent = true;
    let n = office.submit(note(1, "x"), None);
    let busy = CallError::Status { status: 429, body: None, retry_after_secs: Some(20) };
    for id in (1..60).map(sync::RequestId) {
        office.feed(Input::Answered { id, result: Err(busy.clone()) });
    }
    office.weather.silent = false;
    office.pass(19_000);
    assert_eq!(notes(&office).len(), 0, "not before the server said");
    office.pass(31_000);
    assert!(office.state(n).is_none() && notes(&office).len() == 1, "then once");
}

#[test]
fn one_bad_batch_does_not_condemn_the_good_commands_in_it() {
    let mut office = Office::open();
    (1..=3).for_each(|number| office.task(number));
    office.weather.offline = true;
    let numbers: Vec<u64> = (1..=3).map(|task| office.submit(note(task, "x"), None)).collect();
    office.weather.offline = false;
    office.weather.poison = Some((Uuid::from_u128(1), 413));
    office.pass(40_000);
    assert!(
        matches!(office.state(numbers[0]), Some(CommandState::Failed { .. })),
        "the one that is too large failed"
    );
    assert!(numbers[1..].iter().all(|&n| office.state(n).is_none()), "the others went out one by one");
}
