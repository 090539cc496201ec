//! Everything that can reach the loop, as one closed enum.

use chrono::{DateTime, Utc};
use protocol::durable::NewCommand;
use protocol::entity::Entity;
use protocol::view::{DeskError, DeskRequest, DeskResponse, StartStep, Subject, ViewEvent};
use protocol::wire::TokensResponse;
use sync::StorageFault;
use tokio::sync::{mpsc, oneshot};

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
    /// A notification was clicked.
    Open(Subject),
    /// No daemon shows notifications.
    NotificationsUnavailable,
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
    /// Who signed in again, with the tokens.
    SignedInAgain(Box<TokensResponse>),
    /// Commands were stored, or not.
    Stored {
        /// Those that were, with their numbers.
        commands: Vec<(u64, NewCommand)>,
        /// Who waits for it.
        reply: Option<Reply>,
        /// The answer.
        result: Result<DeskResponse, DeskError>,
    },
    /// The rows of the cache were read anew.
    Read {
        /// Of which session.
        session: u64,
        /// The rows with their versions.
        result: Result<Vec<(Entity, u64)>, StorageFault>,
    },
    /// Rows of the cache were too old and went.
    Purged {
        /// Of which session.
        session: u64,
    },
    /// What is cached of the last session opens until then.
    LastSession {
        /// `None`: it does not.
        offline_until: Option<DateTime<Utc>>,
    },
    /// End.
    Stop,
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
