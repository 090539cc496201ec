//! What became of a command.

use domain::alert::AlertError;
use domain::bid::BidError;
use domain::rule::RuleError;
use domain::task::{AssignError, PromiseError, StepError};
use serde::{Deserialize, Serialize};

use super::cursor::Cursor;
use super::draft::DraftError;
use super::item::Item;

/// The fate of one command. HTTP status speaks only of the transport.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CommandOutcome {
    /// Which command.
    pub n: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done now.
    Applied {
        /// The target's version afterwards.
        version: u64,
        /// The desk has seen the effect once it stands here.
        cursor: Cursor,
    },
    /// Was done before; same receipt.
    Duplicate {
        /// As in the first answer.
        version: u64,
        /// As in the first answer.
        cursor: Cursor,
    },
    /// The target changed meanwhile: the user decides.
    Conflict {
        /// The target as it is now; `None` when it is gone.
        current: Option<Box<Item>>,
    },
    /// Can't be done, ever.
    Rejected {
        /// Why.
        reason: Rejection,
    },
    /// Not now.
    Retry {
        /// When to come again.
        retry_after_secs: u32,
    },
    /// A number before this one is missing: send from there.
    Gap {
        /// The number expected.
        expected: u64,
    },
}

/// Why a command can't be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "code", content = "detail")]
pub enum Rejection {
    /// The role has no such right, or not for this group.
    #[error("your role has no right to do this")]
    Forbidden,
    /// The target does not exist or is not visible.
    #[error("it does not exist any more")]
    NotFound,
    /// It exists already.
    #[error("it exists already")]
    Exists,
    /// A task's status machine says no.
    #[error(transparent)]
    Step(StepError),
    /// A task can't be assigned.
    #[error(transparent)]
    Assign(AssignError),
    /// A bid says no.
    #[error(transparent)]
    Bid(BidError),
    /// A draft is not usable.
    #[error(transparent)]
    Draft(DraftError),
    /// The resource's card is disabled.
    #[error("this resource's card is disabled")]
    ResourceDisabled,
    /// The resource's location is private.
    #[error("this resource has switched location sharing off")]
    Private,
    /// `valid_until` has passed.
    #[error("it came too late")]
    Expired,
    /// The same number was used with another body.
    #[error("this number was used for another command")]
    NumberReused,
    /// What it depends on was not applied.
    #[error("what it builds on was not done")]
    Dependency,
    /// A place's fence is no usable shape.
    #[error("the fence is no usable shape: {0}")]
    Shape(String),
    /// An alert's state says no.
    #[error(transparent)]
    Alert(AlertError),
    /// A location rule is not usable.
    #[error(transparent)]
    Rule(RuleError),
    /// A customer can't be told so.
    #[error(transparent)]
    Promise(PromiseError),
    /// The list of suggestions and the assignment do not belong together.
    #[error("the choice does not fit the assignment")]
    Choice,
}
