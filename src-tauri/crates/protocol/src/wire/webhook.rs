//! Server ⇒ the company's own webhook: what customers are to be told.
//!
//! Each message is a `POST` of JSON with two headers beside the usual ones: [`TIMESTAMP_HEADER`] (seconds since 1970) and
//! [`SIGNATURE_HEADER`] (`sha256=` and, in hex, the HMAC-SHA256 of `TIMESTAMP.BODY` under the company's secret). Any 2xx takes it; it
//! may come twice, [`WebhookMessage::promise`] tells. Whoever wants no old ones checks the timestamp.

use chrono::{DateTime, Utc};
use domain::{PromiseId, TaskId};
use serde::{Deserialize, Serialize};

/// When the request was made, seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "officetrack-timestamp";
/// Proof that the request is the server's.
pub const SIGNATURE_HEADER: &str = "officetrack-signature";

/// A message to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookMessage {
    /// What it is about.
    pub event: WebhookEvent,
    /// Which promise; the same one twice is one message.
    pub promise: PromiseId,
    /// Which task.
    pub task: TaskId,
    /// The task's number, as people say it.
    pub number: u32,
    /// Who for, as the task has it.
    pub customer: String,
    /// What the customer is to be told.
    pub text: String,
    /// Somebody comes not before; `null`: nothing was said of it.
    pub from: Option<DateTime<Utc>>,
    /// Somebody is there by then.
    pub until: DateTime<Utc>,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookEvent {
    /// A customer is told when somebody comes.
    Promise,
}
