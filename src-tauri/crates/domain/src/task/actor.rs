//! Who acts, and how urgent it is.

use serde::{Deserialize, Serialize};

use crate::{ResourceId, UserId};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who", content = "id")]
pub enum Actor {
    /// A user in the office.
    Office(UserId),
    /// A resource in the field.
    Field(ResourceId),
    /// The server itself (expiry, import).
    Server,
}

/// How urgent a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract's names say it all")]
pub enum Priority {
    #[default]
    NotSet,
    Lowest,
    Low,
    Normal,
    High,
    Highest,
    Urgent,
}

impl Priority {
    /// All, lowest first.
    pub const ALL: [Priority; 7] = [
        Priority::NotSet,
        Priority::Lowest,
        Priority::Low,
        Priority::Normal,
        Priority::High,
        Priority::Highest,
        Priority::Urgent,
    ];
}
