//! Arrivals, computed on a thread of their own: the newest question about somebody replaces an older one that still waits.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use domain::{BidId, LonLat, ResourceId, TaskId};
use eta::{Activity, Chain, Estimate, Eta, Fix, Place, Stop, TravelTimes, Trip, Unknown};
use tokio::sync::mpsc;

pub use engines::SharedTimes;

/// A question.
#[derive(Debug, Clone)]
pub enum Job {
    /// When a resource is at its stops.
    Chain {
        /// Who.
        resource: ResourceId,
        /// By what they travel.
        mode: TravelMode,
        /// Where they are.
        fix: Fix,
        /// What they do.
        activity: Activity,
        /// Where they go.
        stops: Vec<Stop>,
        /// When it was asked.
        now: DateTime<Utc>,
    },
    /// How long each invitee of a bid drives to the task.
    Drives {
        /// Which bid.
        bid: BidId,
        /// Where the invitees are, and by what they travel.
        from: Vec<(ResourceId, TravelMode, Place)>,
        /// Where the task is.
        to: LonLat,
        /// When it was asked.
        now: DateTime<Utc>,
    },
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Job::Chain`].
    Chain {
        /// Who.
        resource: ResourceId,
        /// When they are where.
        arrivals: Vec<Arrival>,
    },
    /// To [`Job::Drives`]: seconds, for those that are known.
    Drives {
        /// Which bid.
        bid: BidId,
        /// Seconds by invitee.
        secs: BTreeMap<ResourceId, u32>,
    },
}

/// One stop of a chain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    /// Whose.
    pub task: TaskId,
    /// When, or why nobody knows.
    pub eta: Result<Eta, Unknown>,
    /// Metres to drive until there, earlier stops included.
    pub distance_m: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum JobKey {
    Chain(ResourceId),
    Drives(BidId),
}

#[derive(Default)]
struct Inbox {
    jobs: HashMap<JobKey, Job>,
    /// First come, first served; a newer question keeps the place of the older one.
    order: VecDeque<JobKey>,
    closed: bool,
}

/// The thread's end that the loop holds. Dropping it ends the thread after the job in hand.
pub struct EtaThread {
    inbox: Arc<(Mutex<Inbox>, Condvar)>,
}

impl EtaThread {
    /// Starts the thread; answers come to the receiver. When the system gives no thread, arrivals stay unknown.
    pub fn start(times: SharedTimes) -> (Self, mpsc::Receiver<Answer>) {
        let (answers, receiver) = mpsc::channel(256);
        let inbox = Arc::new((Mutex::new(Inbox::default()), Condvar::new()));
        let shared = inbox.clone();
        let started = std::thread::Builder::new()
            .name("eta".to_owned())
            .spawn(move || work(&shared, &*times, &answers));
        if let Err(error) = started {
            tracing::error!(%error, "no thread for arrivals: they stay unknown");
        }
        (Self { inbox }, receiver)
    }

    /// Asks; never waits for more than another thread's glance into the inbox.
    pub fn ask(&self, job: Job) {
        let (inbox, wake) = &*self.inbox;
        let key = match &job {
            Job::Chain { resource, .. } => JobKey::Chain(*resource),
            Job::Drives { bid, .. } => JobKey::Drives(*bid),
        };
        let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
        if inbox.jobs.insert(key, job).is_none() {
            inbox.order.push_back(key);
        }
        wake.notify_one();
    }
}

impl Drop for EtaThread {
    fn drop(&mut self) {
        self.inbox.0.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.inbox.1.notify_one();
    }
}

fn work(inbox: &(Mutex<Inbox>, Condvar), times: &dyn TravelTimes, answers: &mpsc::Sender<Answer>) {
    while let Some(job) = next_job(inbox) {
        if answers.blocking_send(answer(&job, times)).is_err() {
            return;
        }
    }
}

fn next_job((inbox, wake): &(Mutex<Inbox>, Condvar)) -> Option<Job> {
    let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if inbox.closed {
            return None;
        }
        if let Some(job) = inbox.order.pop_front().and_then(|key| inbox.jobs.remove(&key)) {
            return Some(job);
        }
        inbox = wake.wait(inbox).unwrap_or_else(PoisonError::into_inner);
    }
}

/// The answer to one question.
pub fn answer(job: &Job, times: &dyn TravelTimes) -> Answer {
    match job {
        Job::Chain { resource, mode, fix, activity, stops, now } => {
            let chain = Chain { mode: *mode, fix: *fix, activity: *activity, stops };
            Answer::Chain { resource: *resource, arrivals: arrivals(&chain, times, *now) }
        }
        Job::Drives { bid, from, to, now } => {
            let drive = |(resource, mode, place): &(ResourceId, TravelMode, Place)| {
                let trip = Trip { mode: *mode, leaves: *now };
                Some((*resource, times.estimate(*place, (*to).into(), trip)?.duration_secs.round() as u32))
            };
            Answer::Drives { bid: *bid, secs: from.iter().filter_map(drive).collect() }
        }
    }
}

fn arrivals(chain: &Chain<'_>, times: &dyn TravelTimes, now: DateTime<Utc>) -> Vec<Arrival> {
    let measured = Measured { times, legs_m: RefCell::default() };
    let etas = eta::chain(chain, &measured, now);
    let legs_m = measured.legs_m.into_inner();
    let mut distance_m = 0.0;
    let mut arrival = |(index, stop): (usize, eta::StopEta)| {
        distance_m += legs_m.get(index).copied().unwrap_or_default();
        Arrival { task: stop.task, eta: stop.eta, distance_m }
    };
    etas.into_iter().enumerate().map(&mut arrival).collect()
}

/// Keeps the lengths of the drives that a chain asks for, one per stop, in order.
struct Measured<'a> {
    times: &'a dyn TravelTimes,
    legs_m: RefCell<Vec<f64>>,
}

impl TravelTimes for Measured<'_> {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        let estimate = self.times.estimate(from, to, trip);
        self.legs_m.borrow_mut().push(estimate.map_or(0.0, |drive| drive.distance_m));
        estimate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eta::GreatCircle;
    use uuid::Uuid;

    fn chain_of(stops: usize) -> Job {
        let now = DateTime::UNIX_EPOCH;
        let at = LonLat::new(7.42, 43.73).expect("coordinate");
        let stop = |index: usize| Stop {
            task: TaskId(Uuid::from_u128(index as u128)),
            at: at.destination(90.0, 1_000.0 * (index + 1) as f64),
            planned_secs: 600,
            window_start: None,
            window_end: None,
        };
        Job::Chain {
            mode: TravelMode::Car,
            resource: ResourceId(Uuid::from_u128(1)),
            fix: Fix::Seen { place: at.into(), time: now },
            activity: Activity::Free,
            stops: (0..stops).map(stop).collect(),
            now,
        }
    }

    #[test]
    fn metres_add_up_along_the_chain() {
        let Answer::Chain { arrivals, .. } = answer(&chain_of(2), &GreatCircle) else {
            panic!("a chain is answered with a chain")
        };
        assert!((arrivals[0].distance_m - 1_400.0).abs() < 5.0, "a kilometre and the usual detour");
        assert!((arrivals[1].distance_m - 2_800.0).abs() < 10.0, "the second kilometre comes on top");
    }

    #[tokio::test]
    async fn the_thread_answers_and_ends_with_its_owner() {
        let (thread, mut answers) = EtaThread::start(Arc::new(GreatCircle));
        thread.ask(chain_of(1));
        let Some(Answer::Chain { arrivals, .. }) = answers.recv().await else { panic!("an answer comes") };
        assert!(arrivals[0].eta.is_ok(), "a straight line is an estimate");
        drop(thread);
        assert_eq!(answers.recv().await, None, "the thread has ended");
    }
}
