//! Arrivals, computed on a thread of their own: the newest question about somebody replaces an older one that still waits.
//!
//! Drives between fixed stops are remembered for some minutes, so that of somebody who moves only the first drive is asked again. An
//! engine is asked for the drives of many questions at once, while these still wait. The answers travel in batches: a full refresh of a
//! large fleet must not flood the loop.

mod ahead;
mod drives;
mod legs;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use domain::{BidId, LonLat, ResourceId};
use eta::{Activity, Break, Chain, ChainEta, Fix, Place, Stop};
use sync::{Clock, SystemClock};
use tokio::sync::mpsc;

pub use engines::SharedTimes;

use self::drives::Drives;

/// So many answers travel together at most: looking at them takes the loop a millisecond or two. An engine is asked for the drives of
/// as many questions at once.
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

    /// Where they are, if that is known.
    fn start(&self) -> Option<Place> {
        match self.fix {
            Fix::Seen { place, .. } => Some(place),
            Fix::Private | Fix::None => None,
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

impl Job {
    fn chain(&self) -> Option<&ChainQuestion> {
        match self {
            Job::Chain(question) => Some(question),
            Job::Drives { .. } => None,
        }
    }
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
    /// With the travel times of this moment: once somebody is forgotten, no engine is asked any more about what was taken before.
    Job {
        job: Box<Job>,
        times: SharedTimes,
        forget: bool,
    },
    Nothing,
    Closed,
}

/// The thread's end that the loop holds. Dropping it ends the thread after the job in hand.
pub struct EtaThread {
    inbox: Arc<(Mutex<Inbox>, Condvar)>,
}

impl EtaThread {
    /// Starts the thread, which takes the travel times of the moment with each question; batches of answers come to the receiver. When
    /// the system gives no thread, arrivals stay unknown.
    pub fn start(times: impl Fn() -> SharedTimes + Send + 'static) -> (Self, mpsc::Receiver<Vec<Answer>>) {
        let (answers, receiver) = mpsc::channel(WAITING_BATCHES);
        let inbox = Arc::new((Mutex::new(Inbox::default()), Condvar::new()));
        let shared = inbox.clone();
        let started =
            std::thread::Builder::new().name("eta".to_owned()).spawn(move || work(&shared, &times, &answers));
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

    /// Nobody may ask any more where this resource drives: it is private, off duty or gone. Of a question that was taken already an
    /// engine is asked until its own moment ends ([`engines::Layered::forget`]), so that comes after this.
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

fn work(
    inbox: &(Mutex<Inbox>, Condvar),
    times: &dyn Fn() -> SharedTimes,
    answers: &mpsc::Sender<Vec<Answer>>,
) {
    let (clock, mut drives) = (SystemClock::new(), Drives::default());
    let (mut batch, mut since_ms) = (Vec::new(), 0);
    loop {
        match next(inbox, times, batch.is_empty() && drives.is_idle()) {
            Next::Closed => return,
            Next::Nothing => drives.rest(),
            Next::Job { job, times, forget } => {
                if forget {
                    drives = Drives::default();
                }
                if let Some(question) = job.chain().filter(|question| drives.is_untold(question, &*times)) {
                    // An engine may take its time: what is known is told first.
                    if !hand_over(&mut batch, answers) {
                        return;
                    }
                    drives.look_ahead(question, waiting(inbox), &*times);
                }
                if batch.is_empty() {
                    since_ms = clock.now().mono_ms;
                }
                batch.push(drives.answer(&job, &*times));
                let waited_ms = clock.now().mono_ms.saturating_sub(since_ms);
                if batch.len() < MOST_TOGETHER && waited_ms < LONGEST_WAIT_MS {
                    continue;
                }
            }
        }
        if !hand_over(&mut batch, answers) {
            return;
        }
    }
}

/// Tells the answers that are there; false: nobody takes them any more.
fn hand_over(batch: &mut Vec<Answer>, answers: &mpsc::Sender<Vec<Answer>>) -> bool {
    batch.is_empty() || answers.blocking_send(std::mem::take(batch)).is_ok()
}

/// The next question; waits for one only where there is nothing to hand over or to forget meanwhile.
fn next((inbox, wake): &(Mutex<Inbox>, Condvar), times: &dyn Fn() -> SharedTimes, may_wait: bool) -> Next {
    let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if inbox.closed {
            return Next::Closed;
        }
        if let Some(job) = inbox.order.pop_front().and_then(|key| inbox.jobs.remove(&key)) {
            let forget = std::mem::take(&mut inbox.forget);
            return Next::Job { job: Box::new(job), times: times(), forget };
        }
        if !may_wait {
            return Next::Nothing;
        }
        inbox = wake.wait(inbox).unwrap_or_else(PoisonError::into_inner);
    }
}

/// The chains among the next jobs. They stay there: a newer question still replaces each, and each can still be forgotten.
fn waiting((inbox, _): &(Mutex<Inbox>, Condvar)) -> Vec<ChainQuestion> {
    let inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
    let first = inbox.order.iter().take(MOST_TOGETHER - 1).filter_map(|key| inbox.jobs.get(key));
    first.filter_map(Job::chain).cloned().collect()
}

#[cfg(test)]
mod tests;
