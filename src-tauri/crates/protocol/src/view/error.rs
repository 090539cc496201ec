//! Why the backend says no.

use serde::{Deserialize, Serialize};

use super::FenceFileFault;
use crate::wire::{ErrorCode, Rejection};

/// Why the backend says no. The UI has a text for each code; `detail` is only there where a code needs a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{code:?}")]
pub struct DeskError {
    /// What went wrong.
    pub code: DeskErrorCode,
    /// A value to show with it (a version, a field's name); never internals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl From<DeskErrorCode> for DeskError {
    fn from(code: DeskErrorCode) -> Self {
        DeskError { code, detail: None }
    }
}

/// Kinds of errors that a person can meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum DeskErrorCode {
    /// A server said no.
    Server(ErrorCode),
    /// A rule of the domain says no; nothing was queued.
    Refused(Rejection),
    /// The server can't be reached.
    Unreachable,
    /// The address is no URL, or plain http to another machine.
    BadUrl,
    /// The server's certificate is not trusted.
    Tls,
    /// The server speaks another version of the API.
    ServerVersion,
    /// It works only with a connection (reveal, track history, location request).
    NeedsConnection,
    /// Nobody is signed in.
    NotSignedIn,
    /// Nothing is cached, or its time has run out.
    NothingCached,
    /// Commands are still waiting.
    QueueNotEmpty,
    /// Too late to undo, or already changed by somebody else.
    TooLateToUndo,
    /// A value is out of range; `detail` names the field.
    BadInput,
    /// The role has no right to this.
    Forbidden,
    /// The resource is private.
    Private,
    /// There is no key store, or it is locked; `detail` says which.
    KeyStore,
    /// The local database can't be opened; nothing was deleted.
    Storage,
    /// The queue's file is damaged; nothing was deleted, and what can be read can be salvaged.
    QueueDamaged,
    /// The local database was written by a newer version of this program; nothing was changed.
    StorageNewer,
    /// A file of fences can't be read at all.
    FenceFile(FenceFileFault),
    /// This build has no demo.
    NoDemo,
    /// Something failed that should not; it is in the log.
    Internal,
}
