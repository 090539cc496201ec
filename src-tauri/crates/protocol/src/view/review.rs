//! A command that needs a decision: mine, theirs, and what happened meanwhile.

use chrono::{DateTime, Utc};
use domain::place::Poi;
use domain::rule::LocationRule;
use domain::task::{Actor, TaskStatus};
use domain::{ResourceId, UserId};
use serde::{Deserialize, Serialize};

use super::connection::QueuedCommandView;
use crate::wire::{PlaceField, TaskDraft, TaskField};

/// What a command is up against, as far as this desk knows at the moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewView {
    /// The command with its state.
    pub command: QueuedCommandView,
    /// Mine against theirs.
    pub dispute: Dispute,
    /// What others did to the subject since, oldest first.
    pub meanwhile: Vec<MeanwhileView>,
    /// It can be done again on top of theirs.
    pub may_retry: bool,
}

/// Mine against theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "dispute", content = "body")]
pub enum Dispute {
    /// A task's values.
    Edit {
        /// What the edit was made from.
        base: Box<TaskDraft>,
        /// What this desk's user wants.
        mine: Box<TaskDraft>,
        /// What the server has.
        theirs: Box<TaskDraft>,
        /// Fields that both changed; empty when the edit would go through now.
        clashes: Vec<TaskField>,
    },
    /// Who has a task.
    Assignment {
        /// Wanted here.
        mine: Option<ResourceId>,
        /// At the server.
        theirs: Option<ResourceId>,
    },
    /// A task's status.
    Status {
        /// Wanted here.
        mine: TaskStatus,
        /// At the server.
        theirs: TaskStatus,
    },
    /// A bid's winner.
    Winner {
        /// Wanted here.
        mine: ResourceId,
        /// At the server.
        theirs: Option<ResourceId>,
    },
    /// A place; `None` means deleted.
    Place {
        /// Wanted here.
        mine: Option<Box<Poi>>,
        /// At the server.
        theirs: Option<Box<Poi>>,
    },
    /// A place's values.
    PlaceEdit {
        /// What the edit was made from.
        base: Box<Poi>,
        /// What this desk's user wants.
        mine: Box<Poi>,
        /// What the server has.
        theirs: Box<Poi>,
        /// Fields that both changed; empty when the edit would go through now.
        clashes: Vec<PlaceField>,
    },
    /// A location rule; `None` means deleted.
    Rule {
        /// Wanted here.
        mine: Option<Box<LocationRule>>,
        /// At the server.
        theirs: Option<Box<LocationRule>>,
    },
    /// What it was about is gone.
    Gone,
    /// There is nothing to lay side by side: the reason says it all.
    None,
}

/// What somebody did meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeanwhileView {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: Meanwhile,
}

/// What somebody did meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what", content = "body")]
pub enum Meanwhile {
    /// A status step.
    Step {
        /// The status reached.
        status: TaskStatus,
        /// Who.
        by: Actor,
    },
    /// A remark.
    Note {
        /// The text.
        text: String,
        /// Who.
        by: Actor,
    },
    /// Some other change.
    Changed {
        /// Who, where the server says.
        by: Option<UserId>,
    },
}
