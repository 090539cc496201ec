//! Who was given a task, and why not the one who was suggested first.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ResourceId, UserId};

/// Longest remark on a choice, characters.
pub const LONGEST_CHOICE_NOTE_CHARS: usize = 500;

/// Somebody was chosen from a list of suggestions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// When.
    pub at: DateTime<Utc>,
    /// Who chose.
    pub by: UserId,
    /// What they chose.
    pub made: ChoiceMade,
}

/// What was chosen, against what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceMade {
    /// Who was chosen.
    pub chosen: ResourceId,
    /// Their place in the list, from 1.
    pub rank: u16,
    /// How long the list was.
    pub of: u16,
    /// Who was first.
    pub first: ResourceId,
    /// How much later the chosen one would be there than the first one, seconds; `None` where one of both was not known.
    pub later_secs: Option<i64>,
    /// Why, where it was not the first one.
    pub reason: Option<OverrideReason>,
    /// In the dispatcher's words; at most 500 characters.
    pub note: String,
}

/// Why somebody else than the first suggestion was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideReason {
    /// The customer asked for them.
    CustomerAsked,
    /// They know the place or the equipment.
    KnowsTheSite,
    /// They have the parts or tools with them.
    HasTheParts,
    /// The first one is not where the list says, or busy.
    FirstUnavailable,
    /// Work is to be shared fairly.
    FairShare,
    /// They are to learn it.
    Training,
    /// It was agreed on the phone.
    Agreed,
    /// Something else; the note says what.
    Other,
}

impl OverrideReason {
    /// All of them, in the order in which they are offered.
    pub const ALL: [OverrideReason; 8] = [
        OverrideReason::CustomerAsked,
        OverrideReason::KnowsTheSite,
        OverrideReason::HasTheParts,
        OverrideReason::FirstUnavailable,
        OverrideReason::FairShare,
        OverrideReason::Training,
        OverrideReason::Agreed,
        OverrideReason::Other,
    ];
}

impl ChoiceMade {
    /// Whether the first suggestion was passed over.
    pub fn is_override(&self) -> bool {
        self.chosen != self.first
    }

    /// Whether it fits together, and to the assignment that it is about.
    pub fn fits(&self, assigned: Option<ResourceId>) -> bool {
        assigned == Some(self.chosen)
            && (1..=self.of).contains(&self.rank)
            && (self.rank == 1) == (self.chosen == self.first)
            && self.note.chars().count() <= LONGEST_CHOICE_NOTE_CHARS
    }
}
