//! The loop.

mod cached;
mod decisions;
mod explaining;
mod lifecycle;
mod notifications;
mod outward;
mod planning;
mod queries;
mod region;
mod reports;
mod requests;
mod speeds;
mod suggesting;
mod travel;
mod upkeep;

pub use planning::Planned;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::CommandId;
use protocol::view::{DeskError, DeskResponse, NotificationService, StartStep, ViewEvent};
use protocol::wire::TokensResponse;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use store::UnreadableCommand;
use sync::{Clock, SyncEvent};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::etas::Answer;
use crate::event::{DeskEvent, QueueChange, Reply, Subscriber};
use crate::files::{Identity, Settings};
use crate::link::Link;
use crate::regions::Regions;
use crate::session::Session;
use crate::storage::LocalData;
use crate::{DemoLauncher, DeskConfig, Effects};

/// Frames go out at most this often; everything that time changes is looked at in multiples of it.
const TICK: Duration = Duration::from_millis(100);
const TICKS_PER_SECOND: u64 = 10;
/// How often the last proof of freshness is written down.
const REMEMBER_EVERY_SECS: u64 = 30;
/// How often what was learnt of the roads' speeds is written down.
const KEEP_SPEEDS_EVERY_SECS: u64 = 300;
/// How often the company's retention is applied to the cache; it is applied at the beginning of each session, too.
const PURGE_EVERY_SECS: u64 = 3_600;

/// Questions that are still open when the desk stops get so long.
const LOOSE_ENDS: Duration = Duration::from_secs(3);

/// What the controller is started with.
pub struct Wiring {
    /// Where files are.
    pub config: Arc<DeskConfig>,
    /// The desktop.
    pub effects: Arc<dyn Effects>,
    /// The demo, if this build has one.
    pub demo: Option<Arc<dyn DemoLauncher>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The loop's own inbox, for tasks that report back.
    pub events: mpsc::Sender<DeskEvent>,
    /// Installed regions.
    pub regions: Regions,
}

/// The owner of all state.
pub struct Controller {
    wiring: Wiring,
    settings: Settings,
    subscribers: Vec<Subscriber>,
    phase: Phase,
    tasks: JoinSet<()>,
    /// The last session while it is being closed: its files are open so long.
    closing: Option<JoinHandle<()>>,
    rng: StdRng,
    ticks: u64,
    /// Numbers sessions, so that what was asked of an old one is not taken for news of the new one.
    sessions: u64,
    /// Whose start is under way.
    starting: Option<Identity>,
    /// Whose queue the last start found damaged.
    damaged: Option<Identity>,
    /// Something was done that people wait to see: tell before the next tick.
    flush_now: bool,
    /// What shows notifications, as far as anybody has told.
    service: Option<NotificationService>,
}

enum Phase {
    SignedOut { reason: Option<DeskError>, offline_until: Option<DateTime<Utc>> },
    Starting { step: StartStep, cancel: CancellationToken },
    SignedIn(Box<Running>),
}

/// A session and the channels that die with it.
struct Running {
    number: u64,
    identity: Identity,
    session: Session,
    link: Link,
    local: LocalData,
    /// Commands that this build can't read: they are exported as they are.
    unreadable: Vec<UnreadableCommand>,
    sync_events: mpsc::Receiver<SyncEvent>,
    answers: mpsc::Receiver<Vec<Answer>>,
    /// The cache is being read: what the sync session tells waits, so that nothing is shown out of order.
    reading: bool,
    /// A purge waits until the server's time is known.
    purge_owed: bool,
}

/// Runs until [`DeskEvent::Stop`], or until everybody who could send one is gone.
pub async fn run(wiring: Wiring, mut inbox: mpsc::Receiver<DeskEvent>) {
    let mut controller = Controller::new(wiring);
    controller.look_for_last_session();
    let mut ticker = tokio::time::interval(TICK);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            // Whoever asks comes first: a storm of news must not keep anybody waiting.
            biased;
            event = inbox.recv() => match event {
                None | Some(DeskEvent::Stop) => break,
                Some(event) => controller.on_event(event),
            },
            _ = ticker.tick() => controller.on_tick(),
            Some(_) = controller.tasks.join_next(), if !controller.tasks.is_empty() => {}
            news = next_news(&mut controller.phase) => match news {
                News::Sync(event) => controller.on_sync(event),
                News::Answers(answers) => controller.on_answers(answers),
            },
            // Between others' events: thousands of fixes at once must not keep anybody waiting.
            () = std::future::ready(()), if controller.has_waiting_positions() => controller.on_waiting_positions(),
        }
        controller.settle();
        // Whoever was answered goes on, even if that is on this thread.
        tokio::task::yield_now().await;
    }
    // Nobody reads it any more: whoever waits for room in it must not wait for ever.
    drop(inbox);
    controller.end_session(None);
    controller.closed().await;
    // What asks a key store may wait for a prompt that nobody answers; what was to be written is written.
    if tokio::time::timeout(LOOSE_ENDS, controller.tasks.shutdown()).await.is_err() {
        tracing::warn!("the desk stops without an answer that it still waited for");
    }
}

/// What comes by itself while somebody is signed in.
enum News {
    /// From the sync session; `None` when it has ended.
    Sync(Option<SyncEvent>),
    /// From the ETA thread.
    Answers(Vec<Answer>),
}

/// The next news. Nothing is lost when another event comes first: both channels keep what was not taken.
async fn next_news(phase: &mut Phase) -> News {
    let Phase::SignedIn(running) = phase else { return std::future::pending().await };
    tokio::select! {
        event = running.sync_events.recv(), if !running.reading => News::Sync(event),
        Some(answers) = running.answers.recv() => News::Answers(answers),
        else => std::future::pending().await,
    }
}

impl Controller {
    fn new(wiring: Wiring) -> Self {
        let settings = Settings::open(wiring.config.data_dir.as_deref());
        Self {
            wiring,
            settings,
            subscribers: Vec::new(),
            phase: Phase::SignedOut { reason: None, offline_until: None },
            tasks: JoinSet::new(),
            closing: None,
            rng: StdRng::from_os_rng(),
            ticks: 0,
            sessions: 0,
            starting: None,
            damaged: None,
            flush_now: false,
            service: None,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.wiring.clock.now().wall
    }

    /// A UUIDv7.
    fn command_id(&mut self) -> CommandId {
        let mut random = [0; 10];
        self.rng.fill_bytes(&mut random);
        let millis = self.now().timestamp_millis().max(0) as u64;
        CommandId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    fn on_event(&mut self, event: DeskEvent) {
        match event {
            DeskEvent::Request { request, reply } => self.on_request(*request, reply),
            DeskEvent::Subscribe(subscriber) => self.subscribers.push(subscriber),
            DeskEvent::Open(subject) => self.tell(&ViewEvent::Open(subject)),
            DeskEvent::Act(act) => self.on_act(act),
            DeskEvent::NotificationService(service) => self.on_notification_service(service),
            DeskEvent::WokeUp => self.try_now(),
            DeskEvent::Step(step) => self.on_step(step),
            DeskEvent::Started { result, reply } => self.on_started(result, reply),
            DeskEvent::SignedInAgain { session, tokens } => self.on_signed_in_again(session, &tokens),
            DeskEvent::StartOver { session, form, reply } => self.start_over(session, form, reply),
            DeskEvent::Stored { changed, reply, result } => self.on_stored(changed, reply, result),
            DeskEvent::NotNoted { session, commands } => self.on_not_noted(session, commands),
            DeskEvent::PlanStored(stored) => self.on_plan_stored(*stored),
            DeskEvent::Read { session, result } => self.on_read(session, result),
            DeskEvent::Purged { session } => self.on_purged(session),
            DeskEvent::LastSession { offline_until } => self.on_last_session(offline_until),
            DeskEvent::Region { session, name, region } => self.on_region(session, &name, region),
            DeskEvent::Explain { session, question, tracks, reply } => {
                self.explain_from(session, &question, tracks.as_deref(), reply);
            }
            DeskEvent::PlanProgress { session, plan, progress } => {
                self.on_plan_progress((session, plan), progress)
            }
            DeskEvent::Planned { session, plan, found, reply } => {
                self.on_planned((session, plan), found, reply)
            }
            DeskEvent::Whereabouts { session, task, filter, found, reply } => {
                self.on_whereabouts(session, (task, &filter), &found, reply);
            }
            DeskEvent::Stop => {}
        }
    }

    fn on_signed_in_again(&mut self, session: u64, tokens: &TokensResponse) {
        let now = self.now();
        match &mut self.phase {
            // An answer that comes late must not tell the next session who it is.
            Phase::SignedIn(running) if running.number == session => running.session.on_tokens(tokens, now),
            Phase::SignedIn(_) | Phase::SignedOut { .. } | Phase::Starting { .. } => {}
        }
    }

    fn on_sync(&mut self, event: Option<SyncEvent>) {
        let now = self.now();
        let Phase::SignedIn(running) = &mut self.phase else { return };
        let session = &mut running.session;
        match event {
            None => {
                tracing::error!("the sync session has ended by itself");
                self.end_session(None);
                return self.show_signed_out(Some(protocol::view::DeskErrorCode::Internal.into()));
            }
            Some(SyncEvent::Applied { changes, confirmed }) => session.on_changes(changes, &confirmed, now),
            Some(SyncEvent::Reset { confirmed }) => {
                session.on_confirmed(&confirmed);
                self.read_cache();
            }
            Some(SyncEvent::Positions(updates)) => return session.on_positions(updates, now),
            Some(SyncEvent::Freshness(freshness)) => {
                session.on_freshness(freshness);
                self.purge_if_owed();
            }
            Some(SyncEvent::Outbox { queue, .. }) => session.on_queue(queue),
            Some(SyncEvent::ViewChanged) => session.purge(now),
            Some(SyncEvent::TokensChanged(tokens)) => {
                session.on_tokens(&tokens, now);
                let local = running.local.clone();
                self.tasks.spawn_blocking(move || local.keep_token(&tokens.refresh));
            }
            Some(SyncEvent::Incident(incident)) => tracing::warn!(kind = ?incident.kind, "incident"),
            // The queue says it, too.
            Some(SyncEvent::Done { .. } | SyncEvent::Attention { .. }) => {}
        }
        self.flush_now = true;
    }

    fn has_waiting_positions(&self) -> bool {
        matches!(&self.phase, Phase::SignedIn(running) if running.session.has_waiting_positions())
    }

    fn on_waiting_positions(&mut self) {
        let now = self.now();
        if let Phase::SignedIn(running) = &mut self.phase {
            running.session.on_waiting_positions(now);
        }
    }

    fn on_answers(&mut self, answers: Vec<Answer>) {
        let now = self.now();
        if let Phase::SignedIn(running) = &mut self.phase {
            running.session.on_answers(answers, now);
        }
    }

    fn on_tick(&mut self) {
        self.ticks += 1;
        let now = self.now();
        let ticks = self.ticks;
        let is_due = |secs: u64| ticks.is_multiple_of(secs * TICKS_PER_SECOND);
        if let Phase::SignedIn(running) = &mut self.phase {
            running.session.on_tick(now);
            if is_due(1) {
                running.session.on_second(now);
            }
            if is_due(5) {
                running.session.on_five_seconds(now);
            }
        }
        if is_due(REMEMBER_EVERY_SECS) {
            self.remember_proof();
        }
        if is_due(KEEP_SPEEDS_EVERY_SECS) {
            self.keep_speeds();
        }
        if is_due(PURGE_EVERY_SECS) {
            self.purge();
        }
        self.flush_now = true;
        self.send_frames(now);
        self.subscribers.retain(|subscriber| !subscriber.is_gone());
    }

    fn on_stored(
        &mut self,
        changed: QueueChange,
        reply: Option<Reply>,
        result: Result<DeskResponse, DeskError>,
    ) {
        let now = self.now();
        if let Phase::SignedIn(running) = &mut self.phase {
            running.session.on_stored(changed, now);
            // Whoever waits for the answer should find the change told already.
            running.session.flush(now);
        }
        self.settle();
        if let Some(reply) = reply {
            reply.send(result).ok(); // else the front end is gone
        }
    }
}
