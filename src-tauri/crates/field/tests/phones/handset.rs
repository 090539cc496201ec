//! What leaves a phone, and what does not.

use crate::office::*;
use domain::attendance::AttendanceKind;
use domain::bid::BidAnswer;
use domain::entry::EntryBody;
use domain::form::Submission;
use domain::position::Trigger;
use domain::resource::Profile;
use domain::task::TaskStatus;
use domain::{BidId, EntryGuid, SubmissionId};
use field::{Handset, Upload};
use proptest::prelude::*;
use protocol::field::{EntriesResponse, EntryOutcome};
use uuid::Uuid;

fn bodies() -> Vec<EntryBody> {
    let submission = Submission {
        id: SubmissionId(Uuid::from_u128(3)),
        form: form().id,
        form_version: 2,
        task: None,
        resource: ANA,
        event_time: start(),
        values: Default::default(),
    };
    vec![
        EntryBody::Task { task: task(1, place(0.0, 0.0)).id, status: TaskStatus::Acknowledged, reason: None },
        EntryBody::Attendance { kind: AttendanceKind::SignIn },
        EntryBody::BidResponse { bid: BidId(Uuid::from_u128(4)), answer: BidAnswer::Seen },
        EntryBody::Form { submission: Box::new(submission) },
        EntryBody::Location,
        EntryBody::AppOpened,
        EntryBody::FullSync,
    ]
}

fn guid(n: usize) -> EntryGuid {
    EntryGuid(Uuid::from_u128(1_000 + n as u128))
}

/// The occasions on which a phone with this profile sends a coordinate.
fn occasions(profile: Profile) -> Vec<Trigger> {
    let mut phone = Handset::new(sync(profile, Vec::new()));
    for (n, body) in bodies().into_iter().enumerate() {
        phone.report(guid(n), body, Some(some_fix(start())), start()).expect("room");
    }
    let Some(Upload::Entries(entries)) = phone.next_upload() else { panic!("there are entries") };
    let mut told: Vec<Trigger> =
        entries.iter().filter(|entry| entry.fix.is_some()).map(|entry| entry.body.trigger()).collect();
    let answer = outcomes(entries.iter().map(|entry| entry.guid));
    phone.answered(&Upload::Entries(entries), answer);
    phone.track(some_fix(start()));
    if matches!(phone.next_upload(), Some(Upload::Fixes { .. })) {
        told.push(Trigger::LiveTracking);
    }
    told
}

fn outcomes(guids: impl Iterator<Item = EntryGuid>) -> field::Answer {
    let outcomes = guids.map(|guid| EntryOutcome::Accepted { guid }).collect();
    field::Answer::Entries(EntriesResponse { outcomes })
}

#[test]
fn the_location_is_reported_on_exactly_the_seven_occasions() {
    let seven = Profile { live_tracking_secs: None, ..profile() };
    assert_eq!(occasions(seven), Trigger::SEVEN, "all seven, nothing else");
    let mut with_tracking = Trigger::SEVEN.to_vec();
    with_tracking.push(Trigger::LiveTracking);
    assert_eq!(occasions(profile()), with_tracking, "live tracking where the profile has it");
}

#[test]
fn each_occasion_is_the_profiles_to_allow() {
    for only in Trigger::SEVEN {
        let profile = Profile { location_triggers: vec![only], live_tracking_secs: None, ..profile() };
        assert_eq!(occasions(profile), [only], "{only:?} and no other");
    }
    let none = Profile { location_triggers: Vec::new(), live_tracking_secs: None, ..profile() };
    assert_eq!(occasions(none), [], "a profile without occasions tells nothing");
}

#[test]
fn going_private_takes_the_coordinates_out_of_what_still_waits() {
    let mut phone = Handset::new(sync(profile(), Vec::new()));
    phone.report(guid(1), EntryBody::AppOpened, Some(some_fix(start())), start()).expect("room");
    phone.track(some_fix(start()));
    assert!(phone.set_private(true), "the profile allows it");
    assert_eq!(phone.next_upload(), Some(Upload::Privacy(true)), "the server learns of it first");
    phone.answered(&Upload::Privacy(true), field::Answer::Privacy);
    let Some(Upload::Entries(entries)) = phone.next_upload() else { panic!("the report still goes") };
    assert_eq!((entries[0].guid, entries[0].fix), (guid(1), None), "the same report, without its place");
    assert_eq!(phone.waiting().1, 0, "no fix waits");
}

#[test]
fn who_may_not_go_private_does_not() {
    let mut phone = Handset::new(sync(Profile { privacy_allowed: false, ..profile() }, Vec::new()));
    assert!(!phone.set_private(true), "the profile forbids it");
    assert!(!phone.is_private() && phone.next_upload().is_none(), "nothing changed");
}

#[test]
fn a_report_is_sent_until_it_is_answered_and_always_under_its_guid() {
    let mut phone = Handset::new(sync(profile(), Vec::new()));
    for n in 0..3 {
        phone.report(guid(n), EntryBody::AppOpened, None, start()).expect("room");
    }
    let first = phone.next_upload().expect("something waits");
    assert_eq!(phone.next_upload().as_ref(), Some(&first), "the answer was lost: the same again");
    phone.scramble(7);
    let Some(Upload::Entries(twice)) = phone.next_upload() else { panic!("entries wait") };
    for n in 0..3 {
        let times = twice.iter().filter(|entry| entry.guid == guid(n)).count();
        assert_eq!(times, 2, "out of a tunnel each report comes twice, under one guid");
    }
    let sent = Upload::Entries(twice.clone());
    phone.answered(&sent, outcomes(twice.iter().map(|entry| entry.guid)));
    assert_eq!(phone.next_upload(), None, "answered is answered");
}

#[test]
fn a_full_queue_is_an_error_and_not_a_loss() {
    let mut phone = Handset::new(sync(profile(), Vec::new()));
    let taken = (0..5_000)
        .take_while(|n| phone.report(guid(*n), EntryBody::AppOpened, None, start()).is_ok())
        .count();
    assert!(taken < 5_000, "the queue is bounded");
    assert_eq!(phone.waiting().0, taken, "and what was taken is kept");
}

#[test]
fn an_answer_from_before_does_not_undo_what_the_phone_did_since() {
    let mut phone = Handset::new(sync(profile(), vec![task(1, place(0.0, 0.0))]));
    let id = task(1, place(0.0, 0.0)).id;
    let before = phone.begin_sync();
    let stale = sync(profile(), vec![task(1, place(0.0, 0.0))]);
    let step = EntryBody::Task { task: id, status: TaskStatus::Acknowledged, reason: None };
    phone.report(guid(1), step, None, start()).expect("room");
    phone.answered(&phone.next_upload().expect("waits"), outcomes([guid(1)].into_iter()));
    phone.on_sync(before, stale.clone());
    assert_eq!(
        phone.task(id).map(|task| task.status),
        Some(TaskStatus::Acknowledged),
        "the sync began before the step"
    );
    let after = phone.begin_sync();
    phone.on_sync(after, stale);
    assert_eq!(
        phone.task(id).map(|task| task.status),
        Some(TaskStatus::NewTask),
        "now the server knows better"
    );
}

#[derive(Debug, Clone)]
enum Move {
    Report(usize),
    Track,
    Private(bool),
    Send { is_answered: bool },
    Scramble(u64),
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => (0usize..7).prop_map(Move::Report),
        4 => Just(Move::Track),
        2 => any::<bool>().prop_map(Move::Private),
        3 => any::<bool>().prop_map(|is_answered| Move::Send { is_answered }),
        1 => any::<u64>().prop_map(Move::Scramble),
    ]
}

fn coordinates(upload: &Upload) -> usize {
    match upload {
        Upload::Privacy(_) => 0,
        Upload::Entries(entries) => entries.iter().filter(|entry| entry.fix.is_some()).count(),
        Upload::Fixes { fixes, .. } => fixes.len(),
    }
}

proptest! {
    #[test]
    fn never_a_coordinate_while_private(moves in proptest::collection::vec(any_move(), 0..60)) {
        let mut phone = Handset::new(sync(profile(), Vec::new()));
        let mut office = Office::new(sync(profile(), Vec::new()));
        for (n, next) in moves.into_iter().enumerate() {
            match next {
                Move::Report(which) => {
                    let body = bodies().swap_remove(which);
                    phone.report(guid(n), body, Some(some_fix(start())), start()).expect("room");
                }
                Move::Track => phone.track(some_fix(start())),
                Move::Private(on) => prop_assert!(phone.set_private(on)),
                Move::Scramble(seed) => phone.scramble(seed),
                Move::Send { is_answered } => {
                    let Some(upload) = phone.next_upload() else { continue };
                    if phone.is_private() {
                        prop_assert_eq!(coordinates(&upload), 0, "{:?}", upload);
                    }
                    let answer = office.take(&upload);
                    if is_answered {
                        phone.answered(&upload, answer);
                    }
                }
            }
        }
        while let Some(upload) = phone.next_upload() {
            prop_assert!(!phone.is_private() || coordinates(&upload) == 0);
            let answer = office.take(&upload);
            phone.answered(&upload, answer);
        }
        prop_assert_eq!(phone.waiting(), (0, 0), "everything is answered in the end");
    }
}
