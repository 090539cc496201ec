//! Stories of a desk that says honestly how it is doing.

use protocol::durable::{CommandState, IncidentKind, NeedsUser, NewCommand};
use protocol::view::{ConnectionState, Stalled, StalledView};
use protocol::wire::CommandBody;
use sync::{Freshness, Input, OutboxStore, SyncEvent, UserAction};
use uuid::Uuid;

use super::model::desk::tokens;
use super::model::{at, id};
use super::office::Office;

fn note(task: u128, text: &str) -> CommandBody {
    CommandBody::TaskNote { task: id(task), text: text.to_owned() }
}

fn told(office: &Office) -> impl DoubleEndedIterator<Item = &Freshness> {
    office.desk.events.iter().filter_map(|event| match event {
        SyncEvent::Freshness(freshness) => Some(freshness),
        _ => None,
    })
}

fn last(office: &Office) -> &Freshness {
    told(office).next_back().expect("freshness is told from the start")
}

#[test]
fn a_feed_that_gets_nowhere_is_told_within_a_minute_until_it_moves() {
    let mut office = Office::open();
    office.weather.status = Some(429);
    let since = at(office.ms);
    office.input(Input::TryNow);
    office.pass(59_000);
    assert_eq!(last(&office).stalled, None, "a minute is given");
    office.pass(1_000);
    assert_eq!(
        last(&office).stalled,
        Some(StalledView { what: Stalled::Feed, since }),
        "what, and since when"
    );
    assert!(office.incidents().contains(&IncidentKind::FeedStalled), "on record");
    assert!(last(&office).reason.is_some(), "with what the server says");
    office.weather.status = None;
    office.pass(31_000);
    assert_eq!(last(&office).stalled, None, "gone with the first page");
    assert_eq!((&last(&office).state, &last(&office).reason), (&ConnectionState::Live, &None), "fresh again");
}

#[test]
fn commands_that_get_nowhere_are_told_until_one_goes() {
    let mut office = Office::open();
    office.task(1);
    office.weather.poison = Some((Uuid::from_u128(1), 500));
    let since = at(office.ms);
    let n = office.submit(note(1, "stuck"), None);
    office.pass(100_000);
    assert_eq!(
        last(&office).stalled,
        Some(StalledView { what: Stalled::Queue, since }),
        "what, and since when"
    );
    assert_eq!(last(&office).state, ConnectionState::Live, "what is shown is fresh all the same");
    office.weather.poison = None;
    office.pass(31_000);
    assert!(office.state(n).is_none() && last(&office).stalled.is_none(), "gone with the command");
}

#[test]
fn a_disk_that_refuses_is_told_until_it_takes_a_write() {
    let mut office = Office::open();
    office.desk.cache.state().failing = 1;
    let since = at(office.ms);
    office.task(1);
    assert_eq!(last(&office).stalled, Some(StalledView { what: Stalled::Storage, since }), "at once");
    office.pass(40_000);
    assert_eq!(last(&office).stalled, None, "the write was made up for");
}

#[test]
fn a_long_reading_tells_how_far_it_is() {
    let mut office = Office::closed();
    (1..=20).for_each(|number| office.task(number));
    office.switch_on();
    let percents: Vec<u8> = told(&office)
        .filter_map(|fresh| match fresh.state {
            ConnectionState::Resyncing { percent } => percent,
            _ => None,
        })
        .collect();
    assert_eq!(percents, [35, 70], "seven rows of twenty on a page, and after the third it is done");
}

#[test]
fn a_cloned_desk_goes_on_as_another_one_after_signing_in_again() {
    let mut office = Office::open();
    office.task(1);
    let access = office.server.sign_in(id(77));
    office.input(Input::SignedIn(tokens(&access)));
    office.as_device(id(77), 1, note(1, "of the copy"));
    let n = office.submit(note(1, "mine"), None);
    let review = matches!(office.state(n), Some(CommandState::NeedsUser { why: NeedsUser::Fenced }));
    assert!(review, "the number meant something else to the server: {:?}", office.state(n));
    assert_eq!(last(&office).state, ConnectionState::SignInAgain, "and this desk has to say who it is");
    let device = office.desk.screen.device.expect("told with the queue");
    assert_ne!(device, id(77), "another one from now on");

    let access = office.server.sign_in(device);
    office.input(Input::SignedIn(tokens(&access)));
    assert_eq!(last(&office).state, ConnectionState::Live, "without a restart");
    let new = NewCommand {
        id: id(9_000),
        body: note(1, "mine"),
        if_match: None,
        valid_until: None,
        depends_on: None,
    };
    let again = office.desk.outbox.replace(n, &new, at(office.ms)).expect("stored");
    let again_n = again.command.n;
    office.input(Input::User(UserAction::Replaced { old: n, new: Box::new(again) }));
    assert!(office.state(again_n).is_none(), "done under the new identity");
    let notes = &office.server.tasks()[0].notes;
    assert_eq!(notes.iter().filter(|note| note.text == "mine").count(), 1, "once");
}
