//! What customers were told about when somebody comes, and what became of it.
//!
//! ```text
//! Open ─▶ Kept or Broken (somebody arrived) · Replaced (another promise of the same task) · Void (nobody comes any more, or withdrawn)
//! ```
//!
//! What was told while a desk had no connection comes in late, and is settled by what has happened since. A message that still waits
//! when its promise is settled is given up: nobody is to be told what is no longer so.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::status::TaskStatus;
use crate::travel::TravelSource;
use crate::{PromiseId, ResourceId};

/// Longest text sent to a customer, characters.
pub const LONGEST_MESSAGE_CHARS: usize = 500;
/// Further ahead than this (days) nobody promises an hour.
const FARTHEST_DAYS: i64 = 365;

/// An arrival that a customer was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Identity.
    pub id: PromiseId,
    /// When the customer was told.
    pub told_at: DateTime<Utc>,
    /// Who told.
    pub by: Actor,
    /// How.
    pub channel: PromiseChannel,
    /// Not before; `None`: nothing was said of it.
    pub from: Option<DateTime<Utc>>,
    /// Somebody is there by then.
    pub until: DateTime<Utc>,
    /// Who was expected to come.
    pub resource: Option<ResourceId>,
    /// What was known of the arrival then.
    pub expected: Option<ExpectedThen>,
    /// What became of the message, where one was to be sent.
    pub message: Option<MessageState>,
    /// What became of the promise.
    pub state: PromiseState,
}

/// How a customer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseChannel {
    /// On the phone.
    Phone,
    /// By a message that the server hands to the company's webhook.
    Message,
    /// In another way: by mail, at the door, by another system.
    Other,
}

/// The arrival as it was expected when a customer was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedThen {
    /// As likely earlier as later.
    pub p50: DateTime<Utc>,
    /// Nine of ten arrive before.
    pub p90: DateTime<Utc>,
    /// Where the travel times came from.
    pub source: TravelSource,
    /// Age of the fix it rested on, seconds.
    pub fix_age_secs: i64,
}

/// What became of a message to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "message")]
pub enum MessageState {
    /// Waits at the server.
    Waiting,
    /// The company's webhook has taken it.
    Sent {
        /// When.
        at: DateTime<Utc>,
    },
    /// It was given up: there is no webhook, it did not take it for long, or the promise was settled before.
    Failed {
        /// When.
        at: DateTime<Utc>,
    },
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum PromiseState {
    /// Nobody has arrived yet.
    Open,
    /// Somebody came in time; also earlier than said.
    Kept {
        /// When.
        arrived: DateTime<Utc>,
    },
    /// Somebody came later.
    Broken {
        /// When.
        arrived: DateTime<Utc>,
    },
    /// The customer was told another time.
    Replaced {
        /// When.
        at: DateTime<Utc>,
    },
    /// Nobody comes any more, or it was withdrawn.
    Void {
        /// When.
        at: DateTime<Utc>,
    },
}

/// What a customer is told, as the office says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseDraft {
    /// Identity, made by the desk (UUIDv7).
    pub id: PromiseId,
    /// How.
    pub channel: PromiseChannel,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Somebody is there by then.
    pub until: DateTime<Utc>,
    /// What is known of the arrival now.
    pub expected: Option<ExpectedThen>,
}

/// Why a promise is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseError {
    /// It ends before it starts, has passed already, or is more than a year ahead; or what is expected makes no sense.
    #[error("the promised time is not usable")]
    Times,
    /// Nobody is expected any more: somebody is there, or the task is over.
    #[error("nobody is expected there any more")]
    NotExpected,
    /// There is no such promise, or it is settled.
    #[error("there is no such open promise")]
    NotOpen,
    /// A message needs a text of 1 to 500 characters, and any other channel has none.
    #[error("a message needs a text of 1 to 500 characters")]
    Text,
}

impl PromiseDraft {
    /// Whether the times can be said to a customer at `now`.
    ///
    /// # Errors
    /// [`PromiseError::Times`]
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), PromiseError> {
        let in_order = self.from.is_none_or(|from| from <= self.until);
        let ahead = self.until - now;
        let is_near = ahead.num_seconds() > 0 && ahead.num_days() <= FARTHEST_DAYS;
        let makes_sense = self.expected.is_none_or(|then| then.p50 <= then.p90 && then.fix_age_secs >= 0);
        if in_order && is_near && makes_sense { Ok(()) } else { Err(PromiseError::Times) }
    }

    /// Whether the text fits the channel: a message has one, nothing else has.
    ///
    /// # Errors
    /// [`PromiseError::Text`]
    pub fn check_text(&self, text: Option<&str>) -> Result<(), PromiseError> {
        let length = text.map(|text| text.trim().chars().count());
        let fits = match (self.channel, length) {
            (PromiseChannel::Message, Some(length)) => (1..=LONGEST_MESSAGE_CHARS).contains(&length),
            (PromiseChannel::Phone | PromiseChannel::Other, None) => true,
            (PromiseChannel::Message, None) | (PromiseChannel::Phone | PromiseChannel::Other, Some(_)) => {
                false
            }
        };
        if fits { Ok(()) } else { Err(PromiseError::Text) }
    }
}

impl Promise {
    /// What a draft says, told at `at`: open, and its message waits.
    pub(crate) fn told(
        draft: &PromiseDraft,
        at: DateTime<Utc>,
        by: Actor,
        resource: Option<ResourceId>,
    ) -> Self {
        Promise {
            id: draft.id,
            told_at: at,
            by,
            channel: draft.channel,
            from: draft.from,
            until: draft.until,
            resource,
            expected: draft.expected,
            message: (draft.channel == PromiseChannel::Message).then_some(MessageState::Waiting),
            state: PromiseState::Open,
        }
    }

    /// Whether somebody is still to come because of it.
    pub fn is_open(&self) -> bool {
        self.state == PromiseState::Open
    }

    /// When somebody arrived.
    pub fn arrived(&self) -> Option<DateTime<Utc>> {
        match self.state {
            PromiseState::Kept { arrived } | PromiseState::Broken { arrived } => Some(arrived),
            PromiseState::Open | PromiseState::Replaced { .. } | PromiseState::Void { .. } => None,
        }
    }

    /// Seconds between the arrival and what was expected then; positive is late. `None`: nobody arrived, or nothing was expected.
    pub fn error_secs(&self) -> Option<i64> {
        Some((self.arrived()? - self.expected?.p50).num_seconds())
    }

    /// Whether it was told by `at`, and nothing had settled it by then.
    pub(crate) fn was_open(&self, at: DateTime<Utc>) -> bool {
        let settled = match self.state {
            PromiseState::Open => None,
            PromiseState::Kept { arrived: at }
            | PromiseState::Broken { arrived: at }
            | PromiseState::Replaced { at }
            | PromiseState::Void { at } => Some(at),
        };
        self.told_at <= at && settled.is_none_or(|settled| settled > at)
    }

    /// Settles it at `at`; a message that has not gone out by then is not worth sending any more.
    pub(crate) fn settle(&mut self, state: PromiseState, at: DateTime<Utc>) {
        self.state = state;
        if self.message == Some(MessageState::Waiting) {
            self.message = Some(MessageState::Failed { at });
        }
    }

    /// What a step of its task makes of an open promise.
    pub(crate) fn on_step(&mut self, status: TaskStatus, at: DateTime<Utc>) {
        use TaskStatus::*;
        if !self.is_open() {
            return;
        }
        match status {
            Arrived | InProgress | Loading | Unloading | Custom1 | Custom2 | Custom3 | Custom4
            | ReadyForReview | ReadyForApproval | Closed => {
                let is_kept = at <= self.until;
                let state = if is_kept {
                    PromiseState::Kept { arrived: at }
                } else {
                    PromiseState::Broken { arrived: at }
                };
                self.settle(state, at);
            }
            NotDone | Canceled => self.settle(PromiseState::Void { at }, at),
            // Who declines is replaced by somebody else: the customer was told nothing of that.
            Draft | NewTask | SmsSent | Acknowledged | EnRoute | Suspended | Declined => {}
        }
    }
}
