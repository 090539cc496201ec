//! Everything that can reach the loop, as one closed enum.

use chrono::{DateTime, Utc};
use domain::TaskId;
use protocol::durable::NewCommand;
use protocol::view::{
    CandidateFilter, DeskError, DeskRequest, DeskResponse, NotificationService, PlanProgressView, SignInForm,
    StartStep, Subject, ViewEvent,
};
use protocol::wire::{TokensResponse, WhereaboutsResponse};
use sync::StorageFault;
use tokio::sync::{mpsc, oneshot};

use crate::NotificationAct;
use crate::controller::Planned;
use crate::planning::Outcome;
use crate::regions::OpenRegion;
use crate::rows::CachedRow;
use crate::session::{Question, Tracks};
use crate::start::Started;

/// Where an answer goes.
pub type Reply = oneshot::Sender<Result<DeskResponse, DeskError>>;

/// An input of the loop. What comes from the sync session and from the ETA thread has channels of its own, which die
/// with the session.
pub enum DeskEvent {
    /// A front end asks.
    Request {
        /// What.
        request: Box<DeskRequest>,
        /// Where the answer goes.
        reply: Reply,
    },
    /// A new front end.
    Subscribe(Subscriber),
    /// Something is to be brought up.
    Open(Subject),
    /// Somebody did something about a notification.
    Act(NotificationAct),
    /// What shows notifications has changed.
    NotificationService(NotificationService),
    /// The machine woke up, or its network changed.
    WokeUp,
    /// A start goes on.
    Step(StartStep),
    /// A start has ended; `reply` is the front end that waits for it.
    Started {
        /// The session, or why there is none.
        result: Result<Box<Started>, DeskError>,
        /// Where the answer goes.
        reply: Reply,
    },
    /// Somebody signed in again.
    SignedInAgain {
        /// To which session.
        session: u64,
        /// With these tokens.
        tokens: Box<TokensResponse>,
    },
    /// Signing in again was refused to the device that a session is.
    StartOver {
        /// That session.
        session: u64,
        /// Whose.
        form: SignInForm,
        /// Who waits for it.
        reply: Reply,
    },
    /// The queue was changed, or not.
    Stored {
        /// What was done.
        changed: QueueChange,
        /// Who waits for it.
        reply: Option<Reply>,
        /// The answer.
        result: Result<DeskResponse, DeskError>,
    },
    /// What the desk itself has noticed was not stored.
    NotNoted {
        /// In which session.
        session: u64,
        /// What.
        commands: Vec<NewCommand>,
    },
    /// Moves of a plan were stored or taken back, as far as that could be done.
    PlanStored(Box<PlanStored>),
    /// The rows of the cache were read anew.
    Read {
        /// Of which session.
        session: u64,
        /// The rows.
        result: Result<Vec<CachedRow>, StorageFault>,
    },
    /// Rows of the cache were too old and went.
    Purged {
        /// Of which session.
        session: u64,
    },
    /// The region of the company was opened.
    Region {
        /// Of which session.
        session: u64,
        /// Which.
        name: String,
        /// `None`: it is not installed.
        region: Option<Box<OpenRegion>>,
    },
    /// A question was put to the server's tracks; without one the desk's own memory has to do.
    Explain {
        /// Of which session.
        session: u64,
        /// The question.
        question: Box<Question>,
        /// What the server has, if it was asked and answered.
        tracks: Option<Box<Tracks>>,
        /// Who waits for it.
        reply: Reply,
    },
    /// How far a day plan is.
    PlanProgress {
        /// Of which session.
        session: u64,
        /// Which plan.
        plan: u64,
        /// How far.
        progress: PlanProgressView,
    },
    /// The search for a day plan is over.
    Planned {
        /// Of which session.
        session: u64,
        /// Which plan.
        plan: u64,
        /// What was found.
        found: Result<Planned, DeskError>,
        /// Who waits for it.
        reply: Reply,
    },
    /// The server has said where everybody was, for who could have gone.
    Whereabouts {
        /// Of which session.
        session: u64,
        /// For which task.
        task: TaskId,
        /// Narrows the list.
        filter: Box<CandidateFilter>,
        /// What the server has.
        found: Box<WhereaboutsResponse>,
        /// Who waits for it.
        reply: Reply,
    },
    /// What is cached of the last session opens until then.
    LastSession {
        /// `None`: it does not.
        offline_until: Option<DateTime<Utc>>,
    },
    /// End.
    Stop,
}

/// What was done of a plan, or of taking it back.
pub struct PlanStored {
    /// Which plan.
    pub plan: u64,
    /// What for.
    pub act: PlanAct,
    /// What was done to the queue.
    pub changed: QueueChange,
    /// As far as that is all, and why it is not.
    pub outcome: Outcome,
    /// The answer, if it is.
    pub answer: DeskResponse,
    /// Who waits for it.
    pub reply: Reply,
}

/// What is done with moves of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanAct {
    /// They are made.
    Make,
    /// They are taken back.
    TakeBack,
}

/// What was done to the queue. The sync session tells the whole of it soon; until then this is what is shown.
#[derive(Debug, Default)]
pub struct QueueChange {
    /// Numbers that are not in it any more.
    pub gone: Vec<u64>,
    /// New commands with their numbers.
    pub new: Vec<(u64, NewCommand)>,
}

/// One front end.
#[derive(Debug)]
pub struct Subscriber {
    views: mpsc::Sender<ViewEvent>,
    frames: mpsc::Sender<Vec<u8>>,
    /// It missed something and needs the whole picture again.
    pub lags: bool,
    /// It needs a full frame next.
    pub needs_full_frame: bool,
}

impl Subscriber {
    /// A front end that has seen nothing yet.
    pub fn new(views: mpsc::Sender<ViewEvent>, frames: mpsc::Sender<Vec<u8>>) -> Self {
        Self { views, frames, lags: true, needs_full_frame: true }
    }

    /// Whether somebody still listens.
    pub fn is_gone(&self) -> bool {
        self.views.is_closed()
    }

    /// Tells it; when it is too slow to take it, it gets the whole picture later.
    pub fn tell(&mut self, event: ViewEvent) {
        if !self.lags && self.views.try_send(event).is_err() {
            self.lags = true;
        }
    }

    /// Gives it the whole picture, all or nothing; `false` when there is no room yet.
    pub fn tell_all(&mut self, events: Vec<ViewEvent>) -> bool {
        // Half a picture would be worse than a late one, and old changes must not come after a new picture: so the
        // queue has to be empty enough for all, and order keeps the rest right.
        let Ok(permits) = self.views.try_reserve_many(events.len()) else { return false };
        permits.zip(events).for_each(|(permit, event)| permit.send(event));
        self.lags = false;
        self.needs_full_frame = true;
        true
    }

    /// Gives it a frame; `false` when it is still busy with earlier ones.
    pub fn frame(&mut self, bytes: Vec<u8>) -> bool {
        self.frames.try_send(bytes).is_ok()
    }
}
