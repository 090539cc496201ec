//! Somebody is signed in: all that the desk knows of their company, and what it does with it.
//!
//! Methods never wait and never block for long. What they want done outside is left in [`Session::take_out`].

mod act;
mod announce;
mod explaining;
mod feed;
mod flush;
mod known;
mod learning;
mod moves;
mod pace;
mod planning;
mod settings;
mod suggesting;
#[cfg(test)]
mod tests;
mod told;
mod travel;
mod turns;
mod watching;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::alert::{Alert, AlertAction};
use domain::company::{Company, User};
use domain::position::PositionState;
use domain::travel::TravelMode;
use domain::{AlertId, BidId, ResourceId, TaskId};
use engines::{Layered, Now, SharedTimes};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{ConnectionState, EngineSettings, ViewEvent};
use protocol::wire::PositionUpdate;
use sync::Freshness;
use tokio::sync::mpsc;
use watch::Watcher;

use self::announce::Announcer;
pub use self::explaining::{Question, Tracks};
use self::known::KnownAlerts;
use self::moves::Round;
pub use self::planning::{PlanSearch, TakingBack};
pub use self::told::queued_view;
pub use self::travel::Drive;
use self::turns::Turns;
use crate::arrivals::Arrivals;
use crate::etas::{Answer, EtaThread};
use crate::frames::Frames;
use crate::lateness::Lateness;
use crate::notify::Shown;
use crate::picture::{Key, Picture};
use crate::planning::Planning;
use crate::positions::Positions;
use crate::regions::OpenRegion;
use crate::rows::CachedRow;
use crate::sent::Sent;
use crate::speeds::{KeptSpeeds, Learning};
use crate::travel::OwnTimes;
use crate::undo::Undoable;
use crate::views::Scene;
use crate::work::Work;
use crate::{DemoServer, DeskStatus};

/// What a session is made of when it begins.
pub struct SessionParts {
    /// Who.
    pub user: User,
    /// Where.
    pub company: Company,
    /// Rows of the cache.
    pub rows: Vec<CachedRow>,
    /// The installed region, if it is.
    pub region: Option<OpenRegion>,
    /// What was learnt of the roads' speeds.
    pub speeds: KeptSpeeds,
    /// The embedded demo behind it, if it is that.
    pub demo: Option<Arc<dyn DemoServer>>,
    /// Opened without a server.
    pub offline: bool,
    /// Commands survive a restart.
    pub durable: bool,
    /// Last proof of freshness that is known.
    pub proof_at: Option<DateTime<Utc>>,
    /// This machine's clock against the server's, as far as signing in has told; positive: this one is ahead.
    pub clock_offset_ms: Option<i64>,
    /// This machine's clock, for what asks engines on threads of its own.
    pub clock: Now,
}

/// Something to be done outside.
#[derive(Debug)]
pub enum Out {
    /// Tell the front ends.
    Tell(ViewEvent),
    /// Show a notification, or take one away.
    Show(Shown),
    /// The desk at a glance.
    Status(DeskStatus),
    /// Queue what the desk itself has noticed.
    Raise(Box<domain::alert::Alert>),
    /// An alert was raised for what never happened.
    Retract(AlertId),
    /// What was foreseen has become worse, or will not happen any more.
    Foresee(AlertId, AlertAction),
    /// A command failed in a way that nobody needs to see.
    Drop(u64),
}

/// Somebody is signed in.
pub struct Session {
    user: User,
    company: Company,
    region: Option<OpenRegion>,
    travel: Arc<Layered>,
    /// What the travel times are made over.
    own_times: Arc<OwnTimes>,
    /// The region whose roads are here, or are being opened.
    opened: String,
    learning: Learning,
    demo: Option<Arc<dyn DemoServer>>,
    offline: bool,
    durable: bool,
    picture: Picture,
    work: Work,
    positions: Positions,
    /// Fixes that have come and were not looked at yet.
    waiting_positions: VecDeque<PositionUpdate>,
    /// Position states as last looked at.
    states: HashMap<ResourceId, PositionState>,
    arrivals: Arrivals,
    watcher: Watcher,
    frames: Frames,
    eta_thread: EtaThread,
    lateness: Lateness,
    /// Alerts of something foreseen, of which it is looked at whether it still can happen.
    foreseen: Turns<AlertId>,
    /// What was before is no news; the server's time.
    since: DateTime<Utc>,
    /// Alerts that were there or told already.
    known_alerts: KnownAlerts,
    status: DeskStatus,
    announcer: Announcer,
    sent: Sent,
    dirty: Dirty,
    freshness: Freshness,
    attention: HashSet<u64>,
    /// The sync session has told of all commands up to here.
    highest_n: u64,
    round: Round,
    undoable: Undoable,
    planning: Planning,
    out: Vec<Out>,
}

/// What may look different since the last flush.
#[derive(Debug, Default)]
struct Dirty {
    rows: BTreeSet<Key>,
    resources: BTreeSet<ResourceId>,
    tasks: BTreeSet<TaskId>,
    /// Tasks of which only the arrival may look different, and people of whom only what a fix or the time says: they can wait.
    arrivals: Turns<TaskId>,
    people: Turns<ResourceId>,
    bids: BTreeSet<BidId>,
    /// Resources whose way has to be looked at again.
    ways: Turns<ResourceId>,
}

impl Session {
    /// Begins; arrivals come to the receiver.
    pub fn begin(parts: SessionParts, now: DateTime<Utc>) -> (Self, mpsc::Receiver<Vec<Answer>>) {
        let cars = parts.region.as_ref().and_then(|region| region.routers.get(&TravelMode::Car));
        let learning = Learning::start(parts.speeds, cars.cloned(), parts.company.zone);
        let learnt = (learning.speeds(), parts.company.zone);
        let own_times = Arc::new(OwnTimes::new(parts.region.as_ref(), learnt));
        let travel = Arc::new(Layered::new(own_times.clone(), EngineSettings::default(), parts.clock));
        let moments = travel.clone();
        let (eta_thread, answers) = EtaThread::start(move || Arc::new(moments.moment()));
        let offline_state = ConnectionState::Offline { since: parts.proof_at.unwrap_or(now), retry_at: None };
        let since = now - TimeDelta::milliseconds(parts.clock_offset_ms.unwrap_or(0));
        let mut watcher = Watcher::new(since);
        watcher.set_zone(parts.company.zone);
        fn alert(row: &CachedRow) -> Option<&Alert> {
            if let Entity::Alert(alert) = &row.entity { Some(alert) } else { None }
        }
        let known_alerts = parts.rows.iter().filter_map(alert).collect();
        let mut session = Self {
            picture: Picture::new(parts.user.id),
            user: parts.user,
            opened: parts.company.region.clone(),
            company: parts.company,
            region: parts.region,
            travel,
            own_times,
            learning,
            demo: parts.demo,
            offline: parts.offline,
            durable: parts.durable,
            work: Work::default(),
            positions: Positions::default(),
            waiting_positions: VecDeque::new(),
            states: HashMap::new(),
            arrivals: Arrivals::default(),
            watcher,
            frames: Frames::default(),
            eta_thread,
            lateness: Lateness::new(since),
            foreseen: Turns::default(),
            since,
            known_alerts,
            status: DeskStatus::default(),
            announcer: Announcer::new(since),
            sent: Sent::default(),
            dirty: Dirty::default(),
            freshness: Freshness {
                state: offline_state,
                proof_at: parts.proof_at,
                stalled: None,
                clock_offset_ms: parts.clock_offset_ms,
                reason: None,
            },
            attention: HashSet::new(),
            highest_n: 0,
            round: Round::new(now),
            undoable: Undoable::default(),
            planning: Planning::default(),
            out: Vec::new(),
        };
        session.reset(parts.rows, now);
        (session, answers)
    }

    /// Who is signed in.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Where.
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The embedded demo behind it.
    pub fn demo(&self) -> Option<&Arc<dyn DemoServer>> {
        self.demo.as_ref()
    }

    /// How fresh the data is.
    pub fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// What the server's clock shows at `wall` of this machine's; `None` while their difference is not known.
    pub fn server_time(&self, wall: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let offset = TimeDelta::try_milliseconds(self.freshness.clock_offset_ms?)?;
        wall.checked_sub_signed(offset)
    }

    /// What the server's clock showed at `wall` of this machine's, as far as their difference is known.
    pub fn at_server(&self, wall: DateTime<Utc>) -> DateTime<Utc> {
        wall - TimeDelta::milliseconds(self.freshness.clock_offset_ms.unwrap_or(0))
    }

    /// Rows and commands.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Travel times: of the chosen engine, else by road where the region is installed, else estimates. They are for a question with what
    /// is known now: once somebody goes private, no engine is asked any more. Asking may wait for the network: not for the loop.
    pub fn times(&self) -> SharedTimes {
        Arc::new(self.travel.moment())
    }

    /// All that is known, at `now` of this machine's clock; what it shows is by the server's time, as fixes, windows and promises are.
    pub fn scene(&self, now: DateTime<Utc>) -> Scene<'_> {
        Scene {
            picture: &self.picture,
            work: &self.work,
            positions: &self.positions,
            arrivals: &self.arrivals,
            fences: self.watcher.fences(),
            zone: self.zone(),
            now: self.at_server(now),
        }
    }

    /// The workplace's zone.
    pub fn zone(&self) -> Tz {
        self.company.zone
    }

    /// What is to be done outside since the last call, in order; alerts that are new are announced with it.
    pub fn take_out(&mut self, now: DateTime<Utc>) -> Vec<Out> {
        self.announce(now);
        std::mem::take(&mut self.out)
    }

    /// The desk at a glance.
    pub fn status(&self) -> DeskStatus {
        self.status
    }

    /// Position frames to send.
    pub fn frames(&mut self) -> &mut Frames {
        &mut self.frames
    }

    fn tell(&mut self, event: ViewEvent) {
        self.out.push(Out::Tell(event));
    }

    /// Replaces every row: what was noticed stays noticed, what is shown is told as a reset.
    pub fn reset(&mut self, rows: Vec<CachedRow>, now: DateTime<Utc>) {
        self.picture.reset(rows);
        self.work = Work::of(self.picture.shown());
        self.adopt_settings(now);
        self.watch_everything(now);
        // What was raised while the rows were fetched anew is told as well as what comes change by change.
        let cache = self.picture.cache().alerts.values().map(|row| &row.data);
        let fresh: Vec<Alert> =
            cache.filter(|alert| !self.known_alerts.contains(alert.id)).cloned().collect();
        fresh.iter().for_each(|alert| self.on_alert(alert, None, now));
        self.purge_hidden(now);
        self.sent = Sent::default();
        self.dirty = Dirty::default();
        let everybody: Vec<ResourceId> = self.picture.shown().resources.keys().copied().collect();
        self.dirty.ways.extend(&everybody);
        everybody.into_iter().for_each(|resource| self.look_at_dot(resource, now));
        let set = self.whole_picture(now);
        self.tell(ViewEvent::Reset(Box::new(set)));
        self.settle_bubbles();
        self.look_at_status(now);
    }

    /// The role or the groups have changed: nothing of the old picture may stay on the screen.
    pub fn purge(&mut self, now: DateTime<Utc>) {
        self.positions.clear();
        self.learning.forget_everybody();
        self.eta_thread.forget_everybody();
        self.travel.forget();
        self.planning.purge();
        self.announcer.unraise(|_| true);
        self.waiting_positions.clear();
        self.frames.hide_all();
        self.states.clear();
        self.reset(Vec::new(), now);
    }

    /// Forgets where people are who are private or not there any more.
    fn purge_hidden(&mut self, now: DateTime<Utc>) {
        let cards = &self.picture.cache().resources;
        let is_hidden = |id: &ResourceId| cards.get(id).is_none_or(|row| row.data.private_since.is_some());
        let hidden: Vec<ResourceId> = self.positions.resources().filter(|id| is_hidden(id)).collect();
        for resource in hidden {
            if !self.picture.cache().resources.contains_key(&resource) {
                self.unwatch(resource);
            }
            self.hide(resource, now);
        }
    }

    fn mark(&mut self, (kind, id): Key) {
        match kind {
            EntityKind::Resource => drop(self.dirty.resources.insert(ResourceId(id))),
            EntityKind::Task => drop(self.dirty.tasks.insert(TaskId(id))),
            EntityKind::Bid => drop(self.dirty.bids.insert(BidId(id))),
            EntityKind::Company
            | EntityKind::User
            | EntityKind::Group
            | EntityKind::Skill
            | EntityKind::Profile
            | EntityKind::TaskType
            | EntityKind::Poi
            | EntityKind::Attendance
            | EntityKind::Form
            | EntityKind::Submission
            | EntityKind::Rule
            | EntityKind::Alert => {}
        }
        self.dirty.rows.insert((kind, id));
    }
}
