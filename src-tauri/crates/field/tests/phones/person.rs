//! Days of simulated people.

use crate::office::*;
use domain::TaskId;
use domain::attendance::AttendanceKind;
use domain::bid::BidLineStatus;
use domain::entry::{Entry, EntryBody};
use domain::task::TaskStatus;
use field::{Plan, Upload};

fn steps_of(entries: &[Entry], wanted: TaskId) -> Vec<TaskStatus> {
    let step = |entry: &Entry| {
        let EntryBody::Task { task, status, .. } = &entry.body else { return None };
        (*task == wanted).then_some(*status)
    };
    entries.iter().filter_map(step).collect()
}

/// A seed whose person does both tasks of [`two_tasks`] without declining or giving up.
const DILIGENT: u64 = 3;

fn two_tasks() -> Vec<domain::task::Task> {
    vec![task(1, place(800.0, 0.0)), task(2, place(0.0, 900.0))]
}

#[test]
fn a_technicians_day() {
    let mut day = Day::new(plan(DILIGENT), sync(profile(), two_tasks()));
    day.live(3_600);
    let bodies: Vec<&EntryBody> = day.office.entries.iter().map(|entry| &entry.body).collect();
    assert_eq!(
        bodies[..2],
        [&EntryBody::AppOpened, &EntryBody::FullSync],
        "the app opens and asks for everything"
    );
    assert_eq!(bodies[2], &EntryBody::Attendance { kind: AttendanceKind::SignIn }, "then the shift begins");
    for task in two_tasks() {
        use TaskStatus::{Acknowledged, Arrived, Closed, EnRoute, InProgress};
        let steps = steps_of(&day.office.entries, task.id);
        assert_eq!(
            steps,
            [Acknowledged, EnRoute, Arrived, InProgress, Closed],
            "{} from first to last",
            task.title
        );
        let arrival = day.office.entries.iter().find(|entry| {
            matches!(&entry.body, EntryBody::Task { task: id, status: Arrived, .. } if *id == task.id)
        });
        let at = arrival.and_then(|entry| entry.fix).expect("an arrival tells its place").at;
        assert!(at.distance_m(task.at) < 60.0, "arrived where the task is, but for the receiver's error");
    }
    let forms =
        day.office.entries.iter().filter(|entry| matches!(entry.body, EntryBody::Form { .. })).count();
    assert_eq!(forms, 2, "a form for each");
    assert_eq!(day.office.refused, [], "the office has nothing to object to");
}

#[test]
fn the_days_plan_comes_before_what_seems_urgent() {
    let hour = |minutes| Some(start() + chrono::TimeDelta::minutes(minutes));
    let mut tasks = two_tasks();
    tasks[0].priority = domain::task::Priority::Urgent;
    tasks[0].planned_start = hour(25);
    tasks[1].planned_start = hour(5);
    let mut day = Day::new(plan(DILIGENT), sync(profile(), tasks.clone()));
    day.live(3_600);
    let set_out = day.office.entries.iter().filter_map(|entry| {
        let EntryBody::Task { task, status, .. } = &entry.body else { return None };
        (*status == TaskStatus::EnRoute).then_some(*task)
    });
    let in_order: Vec<TaskId> = set_out.collect();
    assert_eq!(in_order, [tasks[1].id, tasks[0].id], "in the order of the plan");

    tasks[1].planned_start = hour(600);
    let mut day = Day::new(plan(DILIGENT), sync(profile(), tasks.clone()));
    day.live(3_600);
    let later = steps_of(&day.office.entries, tasks[1].id);
    assert!(!later.contains(&TaskStatus::EnRoute), "what is planned for the evening waits: {later:?}");
}

#[test]
fn every_person_ends_every_task_and_some_say_no() {
    let (mut closed, mut refused) = (0, 0);
    for seed in 0..60 {
        let mut day = Day::new(Plan { speed: 4.0, ..plan(seed) }, sync(profile(), two_tasks()));
        day.live(1_500);
        assert_eq!(day.office.refused, [], "seed {seed}: every step is legal");
        for task in &day.office.sync.tasks {
            let is_refused = matches!(task.status, TaskStatus::NotDone | TaskStatus::Declined);
            let is_closed = task.status == TaskStatus::Closed;
            assert!(is_closed || is_refused, "seed {seed}: task {} is left {:?}", task.number, task.status);
            closed += u32::from(is_closed);
            refused += u32::from(is_refused);
        }
    }
    assert!(closed > 90 && refused > 2, "most are done ({closed}), a few are not ({refused})");
}

#[test]
fn the_same_seed_is_the_same_day() {
    let run = |seed| {
        let mut day = Day::new(plan(seed), sync(profile(), two_tasks()));
        day.live(900).office.entries.clone()
    };
    assert_eq!(run(5), run(5), "same seed, same reports, guids included");
    assert_ne!(run(5), run(6), "another seed is another person");
}

#[test]
fn live_tracking_has_the_profiles_rhythm() {
    let mut day = Day::new(plan(DILIGENT), sync(profile(), two_tasks()));
    day.live(1_800);
    let gaps: Vec<i64> =
        day.office.fixes.windows(2).map(|pair| (pair[1].fix_time - pair[0].fix_time).num_seconds()).collect();
    assert!(gaps.iter().all(|gap| (5..=10).contains(gap)), "5 s on the way, 10 s standing: {gaps:?}");
    assert!(gaps.contains(&5) && gaps.contains(&10), "both happen");
    let speeds = day.office.fixes.windows(2).map(|pair| {
        pair[0].at.distance_m(pair[1].at) / (pair[1].fix_time - pair[0].fix_time).num_seconds() as f64
    });
    let fastest = speeds.fold(0.0, f64::max);
    assert!(fastest < 25.0, "nobody jumps: roads of 10 m/s and the receiver's error, got {fastest} m/s");
    let untracked = domain::resource::Profile { live_tracking_secs: None, ..profile() };
    let mut day = Day::new(plan(DILIGENT), sync(untracked, two_tasks()));
    assert!(day.live(900).office.fixes.is_empty(), "without live tracking there is none");
}

#[test]
fn whoever_goes_private_tells_no_place_meanwhile() {
    for seed in 0..20 {
        let mut day = Day::new(Plan { private_share: 1.0, ..plan(seed) }, sync(profile(), two_tasks()));
        day.live(3_000);
        let private: Vec<&Upload> =
            day.sent.iter().filter(|(_, is_private, _)| *is_private).map(|(_, _, upload)| upload).collect();
        assert!(private.contains(&&Upload::Privacy(true)), "seed {seed}: goes private within an hour");
        for upload in private {
            match upload {
                Upload::Privacy(_) => {}
                Upload::Entries(entries) => {
                    assert!(
                        entries.iter().all(|entry| entry.fix.is_none()),
                        "seed {seed}: a place in {entries:?}"
                    );
                }
                Upload::Fixes { .. } => panic!("seed {seed}: tracked while private"),
            }
        }
        let back = day.sent.iter().any(|(_, _, upload)| *upload == Upload::Privacy(false));
        assert!(back, "seed {seed}: and comes back");
    }
}

#[test]
fn whoever_loses_the_network_uploads_late_out_of_order_and_twice() {
    let (mut doubles, mut late) = (0, 0);
    for seed in 0..20 {
        let mut day =
            Day::new(Plan { offline_share: 1.0, speed: 4.0, ..plan(seed) }, sync(profile(), two_tasks()));
        day.live(3_000);
        doubles += day.office.doubles;
        late += day.sent.iter().filter(|(at, _, upload)| is_older_than_20_secs(*at, upload)).count();
        let mut guids: Vec<_> = day.office.entries.iter().map(|entry| entry.guid).collect();
        let reports = guids.len();
        guids.sort_unstable();
        guids.dedup();
        assert_eq!(guids.len(), reports, "seed {seed}: every report arrived once, whatever was sent");
        assert_eq!(day.handset.waiting().0, 0, "seed {seed}: none is left");
        assert_eq!(day.office.refused, [], "seed {seed}: sorted by event time all is legal");
    }
    assert!(doubles > 20 && late > 20, "{doubles} reports came twice, {late} uploads were late");
}

fn is_older_than_20_secs(sent_at: chrono::DateTime<chrono::Utc>, upload: &Upload) -> bool {
    let oldest = match upload {
        Upload::Privacy(_) => None,
        Upload::Entries(entries) => entries.iter().map(|entry| entry.event_time).min(),
        Upload::Fixes { fixes, .. } => fixes.iter().map(|fix| fix.fix_time).min(),
    };
    oldest.is_some_and(|oldest| (sent_at - oldest).num_seconds() > 20)
}

#[test]
fn bids_are_answered_in_time_by_distance() {
    let bids = |distance_m: f64| {
        let mut offers = 0;
        for seed in 0..40 {
            let mut offered = task(7, place(distance_m, 0.0));
            offered.resource = None;
            let mut sync = sync(profile(), vec![offered.clone()]);
            sync.bids = vec![bid(offered.id)];
            let mut day = Day::new(plan(seed), sync);
            day.live(120);
            let line = day.office.sync.bids[0].line(ANA).expect("invited").clone();
            assert!(
                matches!(line.status, BidLineStatus::Bid | BidLineStatus::Declined),
                "seed {seed}: answered within two minutes, is {:?}",
                line.status
            );
            if let Some(offer) = line.offer {
                assert!(
                    offer.eta_secs.is_some() && offer.price_minor.is_some(),
                    "an offer has an ETA and a price"
                );
                offers += 1;
            }
            assert_eq!(steps_of(&day.office.entries, offered.id), [], "nobody works on what is only offered");
        }
        offers
    };
    let (near, far) = (bids(500.0), bids(40_000.0));
    assert!(near > 2 * far, "the near task is wanted more: {near} against {far} offers of 40");
}

#[test]
fn the_office_asks_where_somebody_is_and_is_answered_once() {
    let mut day = Day::new(plan(1), sync(profile(), Vec::new()));
    day.live(10);
    day.office.sync.location_requested = true;
    day.live(10);
    let answers: Vec<&Entry> =
        day.office.entries.iter().filter(|entry| entry.body == EntryBody::Location).collect();
    assert_eq!(answers.len(), 1, "one answer");
    assert!(answers[0].fix.is_some(), "with the place");
}

#[test]
fn a_task_that_is_taken_away_is_left_alone() {
    let mut day = Day::new(plan(DILIGENT), sync(profile(), two_tasks()));
    while steps_of(&day.office.entries, two_tasks()[0].id).last() != Some(&TaskStatus::EnRoute) {
        day.live(1);
        assert!(day.now < start() + chrono::TimeDelta::hours(1), "sets out within the hour");
    }
    day.office.sync.tasks.remove(0);
    day.live(600);
    let steps = steps_of(&day.office.entries, two_tasks()[0].id);
    assert_eq!(steps.last(), Some(&TaskStatus::EnRoute), "nothing more is done for it");
    assert_eq!(day.office.refused, [], "nor tried");
}

#[test]
fn places_are_looked_after_when_there_is_nothing_to_do() {
    let mut day = Day::new(plan(2), sync(profile(), Vec::new()));
    day.live(3_600);
    let near = day.office.fixes.iter().filter(|fix| fix.at.distance_m(place(400.0, 300.0)) < 40.0).count();
    assert!(near >= 6, "the company's place is visited, long enough to be seen there: {near} fixes");
}
