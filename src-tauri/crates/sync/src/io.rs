//! What goes into the core and what comes out.

use chrono::{DateTime, Utc};
use domain::DeviceId;
use protocol::durable::{CacheWrite, OutboxChange, QueuedCommand, StoredCache, StoredOutbox, WriteReport};
use protocol::wire::{
    ChangesPage, Command, CommandOutcome, Cursor, ErrorBody, LiveFrame, PositionsResponse, SnapshotPage,
    TokensResponse,
};

use crate::event::SyncEvent;

/// Numbers requests; an answer to one that was given up is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// Numbers live sockets; frames of an older one are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LiveId(pub u64);

/// A token; its debug text does not tell it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// What a desk holds of its sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Short-lived bearer token.
    pub access: Secret,
    /// Exchanged for the next pair.
    pub refresh: Secret,
    /// Seconds that the access token still lives; 0 when not known.
    pub expires_in_secs: u32,
}

impl From<&TokensResponse> for Tokens {
    fn from(response: &TokensResponse) -> Self {
        Tokens {
            access: Secret(response.access.clone()),
            refresh: Secret(response.refresh.clone()),
            expires_in_secs: response.expires_in_secs,
        }
    }
}

/// What happens to the core.
#[derive(Debug)]
pub enum Input {
    /// The process has started, or a write has failed ([`StoreFailed`](Self::StoreFailed)): this is what is stored.
    Started {
        /// The cache.
        cache: StoredCache,
        /// The outbox.
        outbox: StoredOutbox,
    },
    /// A file could not be written (nothing of the transaction has happened) or read. Nothing else comes until
    /// [`Started`](Self::Started), when the files can be read again.
    StoreFailed(StoreFile),
    /// Somebody has signed in.
    SignedIn(Tokens),
    /// The user signs out or the process stops; the queue stays.
    SignedOut,
    /// An answer to a request, or why there is none.
    Answered {
        /// Which request.
        id: RequestId,
        /// The answer.
        result: Result<Reply, CallError>,
    },
    /// A live socket is open.
    LiveOpened(LiveId),
    /// A frame came in.
    Live {
        /// On which socket.
        id: LiveId,
        /// The frame; boxed since frames can be large.
        frame: Box<LiveFrame>,
    },
    /// A live socket ended or could not be opened.
    LiveClosed {
        /// Which.
        id: LiveId,
        /// Why.
        error: CallError,
    },
    /// A write of the cache is done and had something to report.
    Written(WriteReport),
    /// The moment of the last [`Output::WakeAt`] has come.
    Timer,
    /// The user did something with the queue.
    User(UserAction),
    /// The network changed, the machine woke up, or the user asks to try now.
    TryNow,
    /// An on-demand call was refused for its token.
    TokenRefused {
        /// The token that it used; if it is not the current one any more, there is nothing to do.
        access: Secret,
    },
}

/// The two files of a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFile {
    /// The cache.
    Cache,
    /// The outbox.
    Outbox,
}

/// What a user does with the queue.
#[derive(Debug)]
pub enum UserAction {
    /// Commands were stored.
    Submitted(Vec<QueuedCommand>),
    /// A command took the place of another one (which is gone from the store).
    Replaced {
        /// The old one's number.
        old: u64,
        /// The new one.
        new: Box<QueuedCommand>,
    },
    /// A command that needs a decision, failed, or was never sent is given up.
    Discard {
        /// Its number.
        n: u64,
    },
}

/// An answer.
#[derive(Debug)]
pub enum Reply {
    /// To [`Call::Snapshot`].
    Snapshot(SnapshotPage),
    /// To [`Call::Changes`].
    Changes(ChangesPage),
    /// To [`Call::Positions`].
    Positions(PositionsResponse),
    /// To [`Call::Commands`].
    Commands(Vec<CommandOutcome>),
    /// To [`Call::Refresh`].
    Tokens(Box<TokensResponse>),
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The server was not reached, or the connection broke.
    #[error("not reached: {0}")]
    Unreachable(Unreachable),
    /// The server refused.
    #[error("refused with {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// What it says of it.
        body: Option<ErrorBody>,
        /// When to come again.
        retry_after_secs: Option<u32>,
    },
    /// The answer was no answer.
    #[error("unreadable: {0}")]
    Unreadable(String),
}

/// How a server was not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// No connection.
    #[error("no connection")]
    Connect,
    /// Its certificate is not trusted.
    #[error("the certificate is not trusted")]
    Tls,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
}

/// What is to be done, in order.
#[derive(Debug)]
pub enum Output {
    /// Write the cache; a failure ends the list and goes back as [`Input::StoreFailed`], then [`Input::Started`].
    Write(CacheWrite),
    /// Write the outbox; a failure likewise.
    Outbox(Vec<OutboxChange>),
    /// Send a request; its answer comes back as [`Input::Answered`].
    Request(Request),
    /// A request is given up; its connection may go.
    Abandon(RequestId),
    /// Open a live socket from this cursor.
    OpenLive {
        /// Its number.
        id: LiveId,
        /// Where the reader stands.
        cursor: Cursor,
        /// Bearer token.
        access: Secret,
    },
    /// Close it.
    CloseLive(LiveId),
    /// Tell the controller.
    Publish(SyncEvent),
    /// Call with [`Input::Timer`] at this moment of the monotonic clock; replaces the moment asked for before.
    WakeAt {
        /// Milliseconds as in [`Now`](crate::Now).
        mono_ms: u64,
    },
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// What is asked.
    pub call: Call,
    /// Bearer token; not for [`Call::Refresh`].
    pub access: Secret,
}

/// The calls of the two channels.
#[derive(Debug, Clone)]
pub enum Call {
    /// `GET /v1/snapshot`
    Snapshot {
        /// Which page; `None` is the first.
        page_token: Option<String>,
    },
    /// `GET /v1/changes`
    Changes {
        /// Where the reader stands.
        cursor: Cursor,
        /// Most items wanted.
        limit: u32,
    },
    /// `GET /v1/positions`
    Positions,
    /// `POST /v1/commands`
    Commands {
        /// At most one per lane.
        commands: Vec<Command>,
        /// This desk.
        device: DeviceId,
        /// Its epoch.
        device_epoch: u64,
        /// Receipts up to here may go.
        acked_through: u64,
    },
    /// `POST /v1/refresh`
    Refresh {
        /// The refresh token.
        refresh: Secret,
    },
}

/// The server's clock in an answer, if it has one.
pub(crate) fn server_time(reply: &Reply) -> Option<DateTime<Utc>> {
    match reply {
        Reply::Changes(page) => Some(page.server_time),
        Reply::Positions(positions) => Some(positions.server_time),
        Reply::Tokens(tokens) => Some(tokens.server_time),
        Reply::Snapshot(_) | Reply::Commands(_) => None,
    }
}
