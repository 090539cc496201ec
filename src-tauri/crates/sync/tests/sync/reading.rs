//! Stories of the read side.

use domain::ResourceId;
use protocol::durable::IncidentKind;
use protocol::entity::EntityType;
use protocol::view::ConnectionState;
use protocol::wire::{CommandBody, LiveFrame, PositionUpdate};
use sync::{CacheStore, Input, SyncEvent};
use uuid::Uuid;

use super::model::server::Scope;
use super::model::{at, draft, id};
use super::office::Office;
use super::office::versions;

fn same_rows(office: &Office) -> bool {
    versions(&office.desk.cache.state().rows) == versions(&office.server.rows)
}

#[test]
fn the_first_morning_reads_everything_and_goes_live() {
    let mut office = Office::closed();
    (1..=20).for_each(|number| office.task(number));
    office.switch_on();
    assert!(same_rows(&office), "all twenty tasks came, over several pages");
    assert_eq!(office.connection(), ConnectionState::Live, "and the desk says so");
    office.task(21);
    assert_eq!(
        office.changes().last().map(|change| change.id),
        Some(Uuid::from_u128(21)),
        "new tasks come by themselves"
    );
}

#[test]
fn a_lost_frame_is_noticed_at_the_next_one_and_fetched() {
    let mut office = Office::open();
    office.weather.mute = true;
    office.task(1);
    office.weather.mute = false;
    let (id, _) = office.live.expect("live");
    office.live = Some((id, office.server.cursor)); // the frame for task 1 got lost
    office.calls.clear();
    office.task(2);
    assert_eq!(office.calls, ["changes"], "the gap is fetched, once");
    assert!(same_rows(&office), "nothing is missing");
}

#[test]
fn a_frame_that_comes_twice_changes_nothing() {
    let mut office = Office::open();
    let before = office.server.cursor;
    office.task(1);
    let (frame, _) = office.server.live(Scope::ALL, before).expect("good").expect("one change");
    let told = office.changes().len();
    office.frame(frame);
    assert_eq!(office.changes().len(), told, "nobody is told twice");
}

#[test]
fn lost_history_is_replaced_as_a_whole_and_shown_until_then() {
    let mut office = Office::open();
    (1..=10).for_each(|number| office.task(number));
    let queued = {
        office.weather.offline = true;
        office.submit(CommandBody::TaskNote { task: id(2), text: "7".to_owned() }, None)
    };
    office.pass(5_000);
    office.elsewhere("task", Uuid::from_u128(1), None);
    office.server.compact(0);
    assert_eq!(office.desk.cache.state().rows.len(), 10, "offline, the old rows are still shown");
    office.weather.offline = false;
    office.input(Input::TryNow);
    assert!(office.incidents().contains(&IncidentKind::HistoryGone), "the gap in history is on record");
    assert!(same_rows(&office), "task 1 is gone: replaced, not merged");
    assert!(office.state(queued).is_none(), "what was queued went out, exactly once");
    assert_eq!(office.server.tasks().iter().map(|task| task.notes.len()).sum::<usize>(), 1, "one note");
}

#[test]
fn a_rewritten_history_asks_for_receipts_again() {
    let mut office = Office::open();
    office.task(1);
    office.weather.mute = true; // the acknowledged effect does not come back
    let n = office.submit(CommandBody::TaskNote { task: id(1), text: "7".to_owned() }, None);
    office.server.new_epoch();
    office.weather.mute = false;
    office.settle();
    office.pass(10_000);
    assert!(office.state(n).is_none(), "confirmed in the new history");
    assert_eq!(office.times_sent(n), 2, "by asking again under the same number");
    assert!(same_rows(&office), "in step");
}

#[test]
fn rows_that_do_not_sum_up_are_read_anew_but_not_in_a_hot_loop() {
    let mut office = Office::open();
    office.task(1);
    let key = (EntityType("task".to_owned()), Uuid::from_u128(1));
    office.desk.cache.state().rows.remove(&key);
    office.pass(61_000);
    assert!(office.incidents().contains(&IncidentKind::ChecksumMismatch), "the difference is on record");
    assert!(same_rows(&office), "and mended");
    office.calls.clear();
    for _ in 0..40 {
        office.desk.cache.state().rows.remove(&key);
        office.pass(15_000);
    }
    let snapshots = office.calls.iter().filter(|call| **call == "snapshot").count();
    assert!((1..=5).contains(&snapshots), "ten minutes of nonsense cost {snapshots} snapshots");
}

#[test]
fn a_silent_socket_is_dropped_after_25_seconds() {
    let mut office = Office::open();
    let (before, _) = office.live.expect("live");
    office.pass(24_000);
    assert_eq!(office.live.map(|(id, _)| id), Some(before), "not yet");
    office.pass(5_000);
    assert!(office.incidents().contains(&IncidentKind::LiveSilent), "on record");
    assert_ne!(office.live.map(|(id, _)| id), Some(before), "a new socket is open");
}

#[test]
fn pings_are_proof_as_long_as_nothing_is_missing() {
    let mut office = Office::open();
    office.pass(20_000);
    office.frame(LiveFrame::Ping { server_time: at(office.ms - 180_000) });
    let last = office.desk.events.iter().rev().find_map(|event| match event {
        SyncEvent::Freshness(freshness) => Some(freshness.clone()),
        _ => None,
    });
    let last = last.expect("told");
    assert_eq!(last.proof_at, Some(at(office.ms)), "fresh as of now");
    assert_eq!(last.clock_offset_ms, Some(180_000), "and this machine's clock is three minutes ahead");
}

#[test]
fn types_of_tomorrow_are_kept_and_not_told() {
    let mut office = Office::open();
    office.elsewhere("drone", Uuid::from_u128(3), Some(r#"{"rotors":4}"#.to_owned()));
    assert!(same_rows(&office), "the row is kept as it came");
    assert!(office.changes().is_empty(), "nobody here can show it");
}

#[test]
fn a_row_that_can_not_be_read_stops_nothing() {
    let mut office = Office::open();
    office.elsewhere("task", Uuid::from_u128(3), Some(r#"{"title":7}"#.to_owned()));
    office.task(4);
    assert!(office.incidents().contains(&IncidentKind::UnreadableRow), "on record");
    assert_eq!(office.changes().len(), 1, "the next row came through");
}

#[test]
fn a_changed_view_is_purged_at_once_and_read_anew() {
    let mut office = Office::open();
    office.task(1);
    office.desk.cache.state().positions.insert(id(5), position(5, 1, 1));
    office.weather.silent = true;
    office.frame(LiveFrame::ViewChanged);
    let stored = office.desk.cache.load().expect("loads");
    assert_eq!((stored.cursor, stored.positions.len()), (None, 0), "all goes before the server has answered");
    assert!(office.desk.cache.state().rows.is_empty(), "rows, too");
    let told = office.desk.events.iter().any(|event| matches!(event, SyncEvent::ViewChanged));
    assert!(told, "and the screen is told");
    assert!(matches!(office.connection(), ConnectionState::Resyncing { .. }), "everything is read anew");
}

fn position(resource: u128, fix_ms: u64, server_seq: u64) -> PositionUpdate {
    let fix = domain::position::Fix {
        at: domain::LonLat::new(7.42, 43.73).expect("on earth"),
        fix_time: at(fix_ms),
        accuracy_m: None,
        speed_mps: None,
        heading_deg: None,
    };
    PositionUpdate { resource: id(resource), fix, server_seq }
}

fn positions_told(office: &Office) -> Vec<PositionUpdate> {
    let told = office.desk.events.iter().filter_map(|event| match event {
        SyncEvent::Positions(positions) => Some(positions.clone()),
        _ => None,
    });
    told.flatten().collect()
}

#[test]
fn only_newer_fixes_count_whatever_their_order() {
    let mut office = Office::open();
    let fixes =
        [position(5, 2_000, 9), position(5, 1_000, 10), position(5, 2_000, 9), position(5, 2_000, 11)];
    for fix in fixes {
        office.frame(LiveFrame::Positions { positions: vec![fix] });
    }
    let told: Vec<u64> = positions_told(&office).iter().map(|update| update.server_seq).collect();
    assert_eq!(told, [9, 11], "the older and the doubled one are dropped");
}

fn card(private_ms: Option<u64>) -> String {
    card_of(private_ms, true)
}

fn card_of(private_ms: Option<u64>, on_duty: bool) -> String {
    let private = private_ms.map_or("null".to_owned(), |ms| format!("\"{}\"", at(ms).to_rfc3339()));
    let ids = (Uuid::from_u128(5), Uuid::from_u128(6), Uuid::from_u128(7));
    format!(
        r#"{{"id":"{}","name":"Ana","employee_number":"1","group":"{}","phone":"","email":"","skills":[],"working_hours":[],
        "ui_language":"en","profile":"{}","home":null,"on_duty":{on_duty},"private_since":{private},"last_heard":null,"disabled":false}}"#,
        ids.0, ids.1, ids.2
    )
}

#[test]
fn privacy_removes_the_dot_and_keeps_it_away() {
    let mut office = Office::open();
    office.elsewhere("resource", Uuid::from_u128(5), Some(card(None)));
    office.frame(LiveFrame::Positions { positions: vec![position(5, 1_000, 1)] });
    let ana: ResourceId = id(5);
    assert!(office.desk.cache.state().positions.contains_key(&ana), "Ana is on the map");
    office.elsewhere("resource", Uuid::from_u128(5), Some(card(Some(2_000))));
    assert!(office.desk.cache.state().positions.is_empty(), "gone in the same transaction as her switch");
    office.frame(LiveFrame::Positions { positions: vec![position(5, 3_000, 2)] });
    office.switch_on();
    office.frame(LiveFrame::Positions { positions: vec![position(5, 4_000, 3)] });
    assert!(
        office.desk.cache.state().positions.is_empty(),
        "no later fix brings it back, not even after a restart"
    );
    assert_eq!(positions_told(&office).len(), 1, "the screen only ever saw the first");
    office.elsewhere("resource", Uuid::from_u128(5), Some(card(None)));
    office.frame(LiveFrame::Positions { positions: vec![position(5, 5_000, 4)] });
    assert_eq!(positions_told(&office).len(), 2, "until she switches sharing on again");
}

#[test]
fn where_somebody_was_at_the_end_of_a_shift_is_not_kept() {
    let mut office = Office::open();
    office.elsewhere("resource", Uuid::from_u128(5), Some(card(None)));
    office.frame(LiveFrame::Positions { positions: vec![position(5, 1_000, 1)] });
    office.elsewhere("resource", Uuid::from_u128(5), Some(card_of(None, false)));
    assert!(office.desk.cache.state().positions.is_empty(), "signed out, and gone from the cache");
    office.frame(LiveFrame::Positions { positions: vec![position(5, 2_000, 2)] });
    office.elsewhere("resource", Uuid::from_u128(5), Some(card(None)));
    assert_eq!(
        office.desk.cache.state().positions.len(),
        1,
        "the first fix of a shift may overtake its card"
    );
}

#[test]
fn a_failed_write_starts_over_from_what_is_stored() {
    let mut office = Office::open();
    office.desk.cache.state().failing = 1;
    office.task(1);
    office.pass(40_000);
    let told = office.desk.events.iter().any(|event| matches!(event, SyncEvent::Reset { .. }));
    assert!(told, "the screen reads anew what is really stored");
    assert!(same_rows(&office), "and the failed write was made up for");
}

#[test]
fn without_a_server_the_desk_says_since_when() {
    let mut office = Office::open();
    office.task(1);
    office.weather.offline = true;
    let (id, _) = office.live.take().expect("live");
    let since = at(office.ms);
    let error = sync::CallError::Unreachable(sync::Unreachable::Broken);
    office.input(Input::LiveClosed { id, error });
    office.pass(120_000);
    match office.connection() {
        ConnectionState::Offline { since: told, .. } => assert_eq!(told, since, "since the socket broke"),
        other => panic!("offline is offline, not {other:?}"),
    }
    office.weather.offline = false;
    office.pass(31_000);
    assert_eq!(office.connection(), ConnectionState::Live, "back within the longest back-off");
}

#[test]
fn a_task_drafted_here_is_decoded_with_its_cause() {
    let mut office = Office::open();
    let n = office.submit(CommandBody::TaskCreate(draft(9, "Lift stuck")), None);
    let cause = office.changes().last().and_then(|change| change.cause);
    assert_eq!(
        cause.map(|cause| (cause.device, cause.n)),
        Some((id(77), n)),
        "the row names the command behind it"
    );
}
