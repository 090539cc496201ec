//! Errors of both server wires.

use serde::{Deserialize, Serialize};

/// The body of every answer with an HTTP error status. `message` is for logs; people read the UI's text for `code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code:?})")]
pub struct ErrorBody {
    /// What went wrong.
    pub code: ErrorCode,
    /// The same in English.
    pub message: String,
    /// With 429 and 503: when to come again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
}

/// Error codes of both server wires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Company, user or password is wrong (401).
    WrongCredentials,
    /// Too many wrong passwords; locked for a while (429).
    LockedOut,
    /// No token, or one that ran out or was revoked (401).
    NotSignedIn,
    /// The token is of another purpose, or the role has no right to this (403).
    Forbidden,
    /// The device is a clone, or its card is disabled (403).
    Fenced,
    /// The connection code is wrong, used or of another phone (403).
    WrongConnectionCode,
    /// Not there, or not visible to this user (404).
    NotFound,
    /// The body can't be read or holds a value out of range (400 or 422).
    BadRequest,
    /// Body, page or batch over the limit (413).
    TooLarge,
    /// Over the rate limit (429).
    TooManyRequests,
    /// The cursor or page token is too old or of another epoch: start over with a snapshot (410).
    Gone,
    /// Client and server are of different API versions (426).
    Version,
    /// The server failed (500) or is stopping (503).
    Server,
    /// A code that this build does not know.
    #[serde(other)]
    Unknown,
}
