//! Learning how fast roads really are, on a thread of its own: fixes of people who are out driving go in, sums by class of road and
//! hour come out.
//!
//! Of the drives themselves nothing is kept: the last fix of each resource is in memory until the next one, or until it must not be
//! known any more ([`Learning::forget`] is done when it returns). Without roads there is nothing to learn, and no fix is taken.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::ResourceId;
use eta::{ENOUGH_KM, Follower, Router, SharedSpeeds, Sighting, SpeedModel, local_hour};
use protocol::view::{ClassSpeedsView, SpeedsView};
use serde::{Deserialize, Serialize};

/// Fixes that wait; beyond, they are left out: learning is never urgent.
const MOST_WAITING: usize = 10_000;
/// Fixes that are learnt from in one go: the loop waits so long at most when it wants somebody forgotten.
const AT_ONCE: usize = 16;
/// After so long nothing can be told from somebody's last fix.
const OLD_FIX: TimeDelta = TimeDelta::minutes(5);

/// What is kept of an identity's speeds, beside its cache.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptSpeeds {
    /// Whether learning is on.
    pub is_learning: bool,
    /// What was learnt.
    pub model: SpeedModel,
}

impl Default for KeptSpeeds {
    fn default() -> Self {
        Self { is_learning: true, model: SpeedModel::default() }
    }
}

/// Learns, until it is dropped.
pub struct Learning {
    shared: Arc<Shared>,
    is_learning: bool,
    speeds: SharedSpeeds,
    /// Kilometres learnt when it was kept last; `None` after a decision that has to be kept.
    kept_km: Option<f64>,
    /// Who was seen since they were forgotten last.
    followed: Mutex<HashSet<ResourceId>>,
}

struct Shared {
    inbox: Mutex<Inbox>,
    wake: Condvar,
    follower: Mutex<Follower>,
    /// What was driven is being learnt.
    is_busy: AtomicBool,
}

#[derive(Default)]
struct Inbox {
    fixes: VecDeque<(ResourceId, Sighting)>,
    /// No thread takes them, or it is to end.
    closed: bool,
}

impl Learning {
    /// Starts with what was kept; without roads nothing more is learnt. `zone` is where the hours are.
    pub fn start(kept: KeptSpeeds, router: Option<Arc<Router>>, zone: Tz) -> Self {
        let KeptSpeeds { is_learning, model } = kept;
        let kept_km = Some(model.km());
        let speeds: SharedSpeeds = Arc::new(RwLock::new(Arc::new(model)));
        let shared = Shared::start(router, &speeds, zone);
        Self { shared, is_learning, speeds, kept_km, followed: Mutex::default() }
    }

    /// Goes on with other roads, or with hours of another zone: what was learnt stays, where people were is forgotten.
    pub fn go_on(&mut self, router: Option<Arc<Router>>, zone: Tz) {
        self.forget_everybody();
        self.shared.close();
        self.shared = Shared::start(router, &self.speeds, zone);
    }

    /// What was learnt, for travel times.
    pub fn speeds(&self) -> SharedSpeeds {
        self.speeds.clone()
    }

    /// Somebody who is out driving was seen; nothing is kept of it where nobody learns from it. Never waits for more than another
    /// thread's glance into the inbox.
    pub fn see(&self, who: ResourceId, sighting: Sighting) {
        if !self.is_learning || locked(&self.shared.inbox).closed {
            return;
        }
        locked(&self.followed).insert(who);
        let mut inbox = locked(&self.shared.inbox);
        if inbox.fixes.len() < MOST_WAITING {
            inbox.fixes.push_back((who, sighting));
        }
        self.shared.wake.notify_one();
    }

    /// Forgets where somebody was: private, off duty, not driving, or gone.
    pub fn forget(&self, who: ResourceId) {
        // Most people are forgotten with each of their fixes: of those nothing is known, and nobody has to wait.
        if !locked(&self.followed).remove(&who) {
            return;
        }
        locked(&self.shared.inbox).fixes.retain(|(seen, _)| *seen != who);
        locked(&self.shared.follower).forget(who);
    }

    /// Forgets where everybody was.
    pub fn forget_everybody(&self) {
        locked(&self.followed).clear();
        locked(&self.shared.inbox).fixes.clear();
        *locked(&self.shared.follower) = Follower::default();
    }

    /// Forgets those who have not been seen for long.
    pub fn forget_old(&self, now: DateTime<Utc>) {
        locked(&self.shared.follower).forget_before(now - OLD_FIX);
    }

    /// Switches learning on or off. Off, nothing is learnt any more; what was learnt is used until it is reset.
    pub fn set_learning(&mut self, on: bool) {
        self.is_learning = on;
        self.kept_km = None;
        if !on {
            self.forget_everybody();
        }
    }

    /// Forgets all that was learnt: the usual speeds count again.
    pub fn reset(&mut self) {
        self.forget_everybody();
        *self.speeds.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        self.kept_km = None;
    }

    /// What is to be kept.
    pub fn kept(&self) -> KeptSpeeds {
        let model = Arc::clone(&self.speeds.read().unwrap_or_else(PoisonError::into_inner));
        KeptSpeeds { is_learning: self.is_learning, model: SpeedModel::clone(&model) }
    }

    /// The same, if anything has changed since this was asked last.
    pub fn take_unkept(&mut self) -> Option<KeptSpeeds> {
        let kept = self.kept();
        let km = kept.model.km();
        (self.kept_km.replace(km) != Some(km)).then_some(kept)
    }

    /// For people.
    pub fn view(&self) -> SpeedsView {
        let model = self.speeds.read().unwrap_or_else(PoisonError::into_inner);
        let class = |class: eta::ClassSpeeds| ClassSpeedsView {
            class: class.class,
            usual_kmh: class.usual_kmh as f32,
            kmh: class.kmh.map(|kmh| kmh.map(|kmh| kmh as f32)),
            km: class.km,
        };
        SpeedsView {
            is_learning: self.is_learning,
            since: model.since(),
            km: model.km(),
            enough_km: ENOUGH_KM,
            classes: model.classes().into_iter().map(class).collect(),
        }
    }

    /// Whose last fix is known.
    #[cfg(test)]
    pub fn known(&self) -> Vec<ResourceId> {
        locked(&self.shared.follower).known().collect()
    }

    /// Whether all that came is learnt.
    #[cfg(test)]
    pub fn is_idle(&self) -> bool {
        // Who takes fixes holds the follower.
        let _follower = locked(&self.shared.follower);
        locked(&self.shared.inbox).fixes.is_empty() && !self.shared.is_busy.load(Ordering::Relaxed)
    }
}

impl Drop for Learning {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Shared {
    /// A thread that learns from drives on these roads; without them there is none, and the inbox is closed.
    fn start(router: Option<Arc<Router>>, speeds: &SharedSpeeds, zone: Tz) -> Arc<Self> {
        let shared = Arc::new(Self {
            inbox: Mutex::default(),
            wake: Condvar::new(),
            follower: Mutex::default(),
            is_busy: AtomicBool::new(false),
        });
        let is_followed = router.is_some_and(|router| {
            let (shared, speeds) = (shared.clone(), speeds.clone());
            let work = move || shared.work(&router, &speeds, zone);
            let thread = std::thread::Builder::new().name("speeds".to_owned()).spawn(work);
            thread
                .inspect_err(|error| tracing::error!(%error, "no thread for speeds: nothing is learnt"))
                .is_ok()
        });
        if !is_followed {
            shared.close();
        }
        shared
    }

    /// Ends the thread after what it has in hand.
    fn close(&self) {
        locked(&self.inbox).closed = true;
        self.wake.notify_one();
    }

    fn work(&self, router: &Router, speeds: &SharedSpeeds, zone: Tz) {
        while self.wait() {
            // The follower first: between taking a fix and following it nobody may believe that it is forgotten.
            let mut follower = locked(&self.follower);
            self.is_busy.store(true, Ordering::Relaxed);
            let fixes: Vec<(ResourceId, Sighting)> = {
                let mut inbox = locked(&self.inbox);
                let count = inbox.fixes.len().min(AT_ONCE);
                inbox.fixes.drain(..count).collect()
            };
            let driven: Vec<_> =
                fixes.into_iter().filter_map(|(who, seen)| follower.follow(router, who, seen)).collect();
            // Whoever is to be forgotten must not wait until the model may be written.
            drop(follower);
            for driven in driven {
                let hour = local_hour(driven.ended, zone);
                let mut speeds = speeds.write().unwrap_or_else(PoisonError::into_inner);
                Arc::make_mut(&mut speeds).learn(&driven, hour);
            }
            self.is_busy.store(false, Ordering::Relaxed);
        }
    }

    /// Waits for a fix; false: it is over.
    fn wait(&self) -> bool {
        let mut inbox = locked(&self.inbox);
        while inbox.fixes.is_empty() && !inbox.closed {
            inbox = self.wake.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
        !inbox.closed
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub mod tests;
