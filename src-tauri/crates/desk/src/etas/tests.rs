mod batches;

use super::*;
use chrono::TimeDelta;
use domain::TaskId;
use eta::{Estimate, GreatCircle, TravelTimes, Trip};
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

/// The straight line, counted.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Counted {
    fn taken(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl TravelTimes for Counted {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        self.0.fetch_add(1, Ordering::Relaxed);
        GreatCircle.estimate(from, to, trip)
    }

    fn estimates_from(&self, from: &[Place], to: Place, trip: Trip) -> Vec<Option<Estimate>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        GreatCircle.estimates_from(from, to, trip)
    }
}

fn here() -> LonLat {
    LonLat::new(7.42, 43.73).expect("coordinate")
}

fn chain_of(stops: usize) -> ChainQuestion {
    let now = DateTime::UNIX_EPOCH;
    let stop = |index: usize| Stop {
        task: TaskId(Uuid::from_u128(index as u128)),
        at: here().destination(90.0, 1_000.0 * (index + 1) as f64),
        planned_secs: 600,
        window_start: None,
        window_end: None,
    };
    ChainQuestion {
        mode: TravelMode::Car,
        resource: ResourceId(Uuid::from_u128(1)),
        fix: Fix::Seen { place: here().into(), time: now },
        activity: Activity::Free,
        stops: (0..stops).map(stop).collect(),
        breaks: Vec::new(),
        shift_end: None,
        now,
    }
}

fn arrivals(answer: Answer) -> ChainEta {
    match answer {
        Answer::Chain { chain, .. } => chain,
        Answer::Drives { .. } => panic!("a chain is answered with a chain"),
    }
}

#[test]
fn who_moves_is_asked_only_the_first_drive_again() {
    let times = Counted::default();
    let mut drives = Drives::default();
    let mut ask = |question: ChainQuestion| arrivals(drives.answer(&Job::Chain(question), &times));
    let first = ask(chain_of(4));
    assert_eq!(times.taken(), 4, "nothing is known yet: one drive per stop");
    let moved = Fix::Seen { place: here().destination(90.0, 300.0).into(), time: DateTime::UNIX_EPOCH };
    let nearer = ask(ChainQuestion { fix: moved, ..chain_of(4) });
    assert_eq!(times.taken(), 1, "only the way to the first stop is another one");
    let metres = |chain: &ChainEta| chain.stops[3].distance_m;
    assert!(metres(&nearer) < metres(&first) - 300.0, "and that shows in the sum");
    ask(ChainQuestion { mode: TravelMode::Bicycle, ..chain_of(4) });
    assert_eq!(times.taken(), 4, "a bicycle takes other ways");
    let later = DateTime::UNIX_EPOCH + TimeDelta::minutes(11);
    ask(ChainQuestion { now: later, ..chain_of(4) });
    assert_eq!(times.taken(), 4, "after ten minutes the roads may be other ones");
    ask(ChainQuestion { now: later + TimeDelta::hours(1), ..chain_of(2) });
    assert_eq!(times.taken(), 2, "and so they are in another hour");
}

#[test]
fn the_invitees_of_a_bid_are_asked_all_at_once_by_mode() {
    let times = Counted::default();
    let person = |n: u128, mode| {
        (ResourceId(Uuid::from_u128(n)), mode, here().destination(90.0, 500.0 * n as f64).into())
    };
    let from: Vec<_> = (1..=40)
        .map(|n| person(n, if n % 4 == 0 { TravelMode::Bicycle } else { TravelMode::Car }))
        .chain([(ResourceId(Uuid::from_u128(99)), TravelMode::Car, LonLat::from_e7(0, 0).into())])
        .collect();
    let job = Job::Drives { bid: BidId(Uuid::from_u128(7)), from, to: here(), now: DateTime::UNIX_EPOCH };
    let Answer::Drives { secs, .. } = Drives::default().answer(&job, &times) else {
        panic!("drives are answered with drives")
    };
    assert_eq!(times.taken(), 2, "cars at once, bicycles at once, and nobody walks");
    assert_eq!(secs.len(), 40, "whoever is beyond the sea has none");
    let of = |n: u128| secs[&ResourceId(Uuid::from_u128(n))];
    assert!(of(1) < of(2) && of(3) < of(40), "each has their own");
}

#[tokio::test]
async fn the_thread_answers_in_batches_and_ends_with_its_owner() {
    let (thread, mut answers) = EtaThread::start(|| Arc::new(GreatCircle));
    for n in 0..1_000 {
        thread.ask(Job::Chain(ChainQuestion { resource: ResourceId(Uuid::from_u128(n)), ..chain_of(1) }));
    }
    let (mut seen, mut batches) = (0, 0);
    while seen < 1_000 {
        let batch = answers.recv().await.expect("answers come");
        assert!((1..=MOST_TOGETHER).contains(&batch.len()), "never empty, never too much: {}", batch.len());
        seen += batch.len();
        batches += 1;
    }
    assert_eq!(seen, 1_000, "everybody once");
    assert!(batches < 100, "what waits while nobody takes it travels together: {batches}");
    drop(thread);
    assert_eq!(answers.recv().await, None, "the thread has ended");
}
