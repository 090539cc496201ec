//! How fresh the data is, and what is waiting.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::event::Subject;
use crate::wire::Rejection;

/// How fresh the data is and what is waiting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionView {
    /// How it goes.
    pub state: ConnectionState,
    /// Last proof that what is shown is what the server has.
    pub proof_at: Option<DateTime<Utc>>,
    /// Commands on their way.
    pub pending: u32,
    /// Commands that need a decision or failed.
    pub attention: u32,
    /// It is connected and yet gets nowhere.
    pub stalled: Option<StalledView>,
    /// This machine's clock against the server's, milliseconds (positive: this one is ahead); shown above two minutes.
    pub clock_offset_ms: Option<i64>,
    /// Why it is not connected, as far as that can be told.
    pub reason: Option<OfflineReason>,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfflineReason {
    /// Nothing answers at the server's address.
    Unreachable,
    /// Something answers there whose certificate is not trusted.
    Tls,
    /// It answers too slowly, or the connection breaks.
    Unsteady,
    /// It asks to be left alone for a while.
    Busy,
    /// It answers with an error of its own, or with something that is no answer.
    ServerFailed,
}

/// Something gets nowhere although the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StalledView {
    /// What.
    pub what: Stalled,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What gets nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stalled {
    /// Changes are there and don't come.
    Feed,
    /// Commands wait and don't go.
    Queue,
    /// The local database refuses writes (a full disk).
    Storage,
}

/// States of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "connection")]
pub enum ConnectionState {
    /// Connected, all there.
    Live,
    /// Connected, more is coming.
    CatchingUp,
    /// Reading everything anew; percent where known.
    Resyncing {
        /// 0–100.
        percent: Option<u8>,
    },
    /// Not connected.
    Offline {
        /// Since when.
        since: DateTime<Utc>,
        /// When it tries again.
        retry_at: Option<DateTime<Utc>>,
    },
    /// The server wants the password again; the queue is kept.
    SignInAgain,
    /// The server is newer: this desk reads but does not write.
    UpgradeNeeded,
}

/// A command on its way or in trouble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuedCommandView {
    /// Its number.
    pub n: u64,
    /// When the user did it.
    pub at: DateTime<Utc>,
    /// What it does, for the text.
    pub kind: String,
    /// What it is about.
    pub subject: Option<Subject>,
    /// How far it is.
    pub state: QueuedState,
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum QueuedState {
    /// Waits for the connection or its turn.
    Waiting,
    /// Is being sent.
    Sending,
    /// Done; the change is on its way back.
    Confirming,
    /// Somebody else changed the same thing: decide.
    Conflict,
    /// Refused by the server.
    Rejected {
        /// Why.
        reason: Rejection,
    },
    /// Its time ran out before it could be sent.
    Expired,
    /// The server took this desk for a copy of another one: look through what it wanted.
    Fenced,
}
