//! Arrivals, computed on a thread of their own: the newest question about somebody replaces an older one that still waits.
//!
//! Drives between fixed stops are remembered for some minutes, so that of somebody who moves only the first drive is asked again. The
//! answers travel in batches: a full refresh of a large fleet must not flood the loop.

mod legs;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use domain::{BidId, LonLat, ResourceId};
use eta::{Activity, Break, Chain, ChainEta, Fix, Place, Stop, TravelTimes, Trip};
use sync::{Clock, SystemClock};
use tokio::sync::mpsc;

pub use engines::SharedTimes;

use self::legs::{Legs, Remembered};

/// So many answers travel together at most: looking at them takes the loop a millisecond or two.
const MOST_TOGETHER: usize = 40;
/// An answer waits so long for company, milliseconds.
const LONGEST_WAIT_MS: u64 = 20;
/// Batches that the loop has not taken yet; then the thread waits.
const WAITING_BATCHES: usize = 4;

/// When a resource is where: the question.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainQuestion {
    /// Who.
    pub resource: ResourceId,
    /// By what they travel.
    pub mode: TravelMode,
    /// Where they are.
    pub fix: Fix,
    /// What they do.
    pub activity: Activity,
    /// Where they go.
    pub stops: Vec<Stop>,
    /// Breaks of their shift.
    pub breaks: Vec<Break>,
    /// When their shift ends.
    pub shift_end: Option<DateTime<Utc>>,
    /// When it was asked.
    pub now: DateTime<Utc>,
}

impl ChainQuestion {
    /// As the engine takes it.
    pub fn chain(&self) -> Chain<'_> {
        Chain {
            mode: self.mode,
            fix: self.fix,
            activity: self.activity,
            stops: &self.stops,
            breaks: &self.breaks,
            shift_end: self.shift_end,
        }
    }
}

/// A question.
#[derive(Debug, Clone)]
pub enum Job {
    /// When a resource is at its stops.
    Chain(ChainQuestion),
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
        /// When they are where, and when they are done.
        chain: ChainEta,
        /// The end of the shift that it was asked with.
        shift_end: Option<DateTime<Utc>>,
    },
    /// To [`Job::Drives`]: seconds, for those that are known.
    Drives {
        /// Which bid.
        bid: BidId,
        /// Seconds by invitee.
        secs: BTreeMap<ResourceId, u32>,
    },
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
    /// Drives that were remembered are no longer true.
    forget: bool,
    closed: bool,
}

/// What is next in the inbox.
enum Next {
    Job { job: Box<Job>, forget: bool },
    Nothing,
    Closed,
}

/// The thread's end that the loop holds. Dropping it ends the thread after the job in hand.
pub struct EtaThread {
    inbox: Arc<(Mutex<Inbox>, Condvar)>,
}

impl EtaThread {
    /// Starts the thread; batches of answers come to the receiver. When the system gives no thread, arrivals stay unknown.
    pub fn start(times: SharedTimes) -> (Self, mpsc::Receiver<Vec<Answer>>) {
        let (answers, receiver) = mpsc::channel(WAITING_BATCHES);
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
            Job::Chain(question) => JobKey::Chain(question.resource),
            Job::Drives { bid, .. } => JobKey::Drives(*bid),
        };
        let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
        if inbox.jobs.insert(key, job).is_none() {
            inbox.order.push_back(key);
        }
        wake.notify_one();
    }

    /// Nobody may ask any more where this resource drives: it is private, off duty or gone.
    pub fn forget(&self, who: ResourceId) {
        let mut inbox = self.inbox.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Inbox { jobs, order, .. } = &mut *inbox;
        jobs.remove(&JobKey::Chain(who));
        for job in jobs.values_mut() {
            if let Job::Drives { from, .. } = job {
                from.retain(|(asked, ..)| *asked != who);
            }
        }
        order.retain(|key| jobs.contains_key(key));
    }

    /// The same of everybody.
    pub fn forget_everybody(&self) {
        let mut inbox = self.inbox.0.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.jobs.clear();
        inbox.order.clear();
    }

    /// Travel times have changed: what was remembered of drives is forgotten before the next answer.
    pub fn forget_drives(&self) {
        self.inbox.0.lock().unwrap_or_else(PoisonError::into_inner).forget = true;
    }
}

impl Drop for EtaThread {
    fn drop(&mut self) {
        self.inbox.0.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.inbox.1.notify_one();
    }
}

fn work(inbox: &(Mutex<Inbox>, Condvar), times: &dyn TravelTimes, answers: &mpsc::Sender<Vec<Answer>>) {
    let (clock, mut legs) = (SystemClock::new(), Legs::default());
    let (mut batch, mut since_ms) = (Vec::new(), 0);
    loop {
        match next(inbox, batch.is_empty()) {
            Next::Closed => return,
            Next::Nothing => {}
            Next::Job { job, forget } => {
                if forget {
                    legs = Legs::default();
                }
                if batch.is_empty() {
                    since_ms = clock.now().mono_ms;
                }
                batch.push(answer(&job, times, &mut legs));
                let waited_ms = clock.now().mono_ms.saturating_sub(since_ms);
                if batch.len() < MOST_TOGETHER && waited_ms < LONGEST_WAIT_MS {
                    continue;
                }
            }
        }
        if answers.blocking_send(std::mem::take(&mut batch)).is_err() {
            return;
        }
    }
}

/// The next question; waits for one only where there is nothing to hand over meanwhile.
fn next((inbox, wake): &(Mutex<Inbox>, Condvar), may_wait: bool) -> Next {
    let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if inbox.closed {
            return Next::Closed;
        }
        if let Some(job) = inbox.order.pop_front().and_then(|key| inbox.jobs.remove(&key)) {
            return Next::Job { job: Box::new(job), forget: std::mem::take(&mut inbox.forget) };
        }
        if !may_wait {
            return Next::Nothing;
        }
        inbox = wake.wait(inbox).unwrap_or_else(PoisonError::into_inner);
    }
}

/// The answer to one question.
fn answer(job: &Job, times: &dyn TravelTimes, legs: &mut Legs) -> Answer {
    match job {
        Job::Chain(question) => {
            let times = Remembered::new(times, legs, question);
            let chain = eta::chain(&question.chain(), &times, question.now);
            Answer::Chain { resource: question.resource, chain, shift_end: question.shift_end }
        }
        Job::Drives { bid, from, to, now } => {
            let by_mode = TravelMode::ALL.map(|mode| drives(from, *to, Trip { mode, leaves: *now }, times));
            Answer::Drives { bid: *bid, secs: by_mode.into_iter().flatten().collect() }
        }
    }
}

/// The drives of those who travel by the mode of `trip`, all at once.
fn drives(
    from: &[(ResourceId, TravelMode, Place)],
    to: LonLat,
    trip: Trip,
    times: &dyn TravelTimes,
) -> Vec<(ResourceId, u32)> {
    let of_mode = from.iter().filter(|(_, mode, _)| *mode == trip.mode);
    let (who, places): (Vec<ResourceId>, Vec<Place>) =
        of_mode.map(|(resource, _, place)| (*resource, *place)).unzip();
    if places.is_empty() {
        return Vec::new();
    }
    let estimates = times.estimates_from(&places, to.into(), trip);
    let known = who.into_iter().zip(estimates);
    known.filter_map(|(resource, drive)| Some((resource, drive?.duration_secs.round() as u32))).collect()
}

#[cfg(test)]
mod tests;
