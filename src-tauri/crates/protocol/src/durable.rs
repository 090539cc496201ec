//! What a desk keeps durable: the shapes that crate `sync` decides on and crate `store` writes. No wire, but versioned data.
//!
//! The enums keep their tag outside: [`Item`]s hold raw JSON, which buffered (internally tagged) enums would break.

use chrono::{DateTime, Utc};
use domain::{CommandId, DeviceId, ResourceId};
use serde::{Deserialize, Serialize};

use crate::entity::EntityType;
use crate::wire::{Checksums, Command, CommandBody, Cursor, Item, PositionUpdate, Rejection};

/// A command before it has its number.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCommand {
    /// UUIDv7, made by the caller.
    pub id: CommandId,
    /// What is asked.
    pub body: CommandBody,
    /// The version that the user saw, where it matters.
    pub if_match: Option<u64>,
    /// Not to be applied after this.
    pub valid_until: Option<DateTime<Utc>>,
    /// Number of the command that must be applied first.
    pub depends_on: Option<u64>,
}

/// A command in the outbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QueuedCommand {
    /// As it is (or will be) sent: the same number always carries the same bytes, so nothing here changes after the first try.
    pub command: Command,
    /// How far it is.
    pub state: CommandState,
    /// How often it was sent; 0 means never, and only then it may be withdrawn without asking the server.
    pub attempts: u32,
    /// The feed has shown its effect, though perhaps not yet its receipt: overlays leave it out.
    pub seen: bool,
}

/// How far a queued command is. A confirmed one is deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// Waits for its turn or for another try.
    Queued,
    /// Sent, no answer yet; becomes queued when a desk starts.
    InFlight,
    /// Done at the server; the feed has yet to show it.
    Acked {
        /// The target's version afterwards.
        version: u64,
        /// The feed has shown it once the desk stands here.
        cursor: Cursor,
    },
    /// The user has to decide.
    NeedsUser {
        /// Why.
        why: NeedsUser,
    },
    /// Can't be done, ever; kept until the user has seen it.
    Failed {
        /// Why.
        reason: Rejection,
    },
}

/// Why a command needs the user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedsUser {
    /// The target changed meanwhile.
    Conflict {
        /// The target as it was at the server; `None` when it is gone.
        current: Option<Box<Item>>,
    },
    /// `valid_until` passed before it could be sent.
    Expired,
    /// The server took this desk for a clone; the queue is for review.
    Fenced,
    /// The command it builds on was not applied.
    DependsOn {
        /// That command.
        n: u64,
    },
}

impl CommandState {
    /// Still on its way: the server has yet to answer, or the feed to show it.
    pub fn is_pending(&self) -> bool {
        match self {
            CommandState::Queued | CommandState::InFlight | CommandState::Acked { .. } => true,
            CommandState::NeedsUser { .. } | CommandState::Failed { .. } => false,
        }
    }
}

/// One change of the outbox; several make one transaction.
#[derive(Debug, Clone)]
pub enum OutboxChange {
    /// Replaces the command of that number.
    Put(Box<QueuedCommand>),
    /// It is done with.
    Delete {
        /// Its number.
        n: u64,
    },
    /// From now on this desk is another device.
    NewDevice {
        /// The new id.
        device: DeviceId,
    },
}

/// What an outbox holds when a desk starts.
#[derive(Debug, Clone)]
pub struct StoredOutbox {
    /// This desk.
    pub device: DeviceId,
    /// Raised whenever the outbox was restored or recreated.
    pub device_epoch: u64,
    /// The number that the next command gets.
    pub next_n: u64,
    /// All commands, by number.
    pub commands: Vec<QueuedCommand>,
}

/// One transaction of the cache.
#[derive(Debug, Clone)]
pub enum CacheWrite {
    /// Changes in feed order with the cursor after them (R3); then compares checksums where they are given (R5).
    Apply {
        /// The changes.
        items: Vec<Item>,
        /// Where the cache stands afterwards.
        cursor: Cursor,
        /// The server's sums at `cursor`.
        checksums: Option<Checksums>,
        /// Resources who are private or off duty now, or gone: their positions go in the same transaction.
        forget: Vec<ResourceId>,
    },
    /// Empties the staging table: a snapshot begins.
    StageBegin,
    /// One page of a snapshot, beside the live rows.
    Stage {
        /// Its rows.
        items: Vec<Item>,
    },
    /// The staged rows replace all others (R6); positions of resources that are private, off duty or not among them go, too.
    Swap {
        /// What the snapshot stands for.
        cursor: Cursor,
    },
    /// Newest fixes.
    Positions {
        /// At most one per resource.
        positions: Vec<PositionUpdate>,
    },
    /// The view has changed (R7): rows, changes of unknown kinds, notes of what retention took away, positions, staged rows and
    /// the cursor go. What the desk keeps for itself stays.
    ForgetView,
}

/// What a cache holds when a desk starts.
#[derive(Debug, Clone, Default)]
pub struct StoredCache {
    /// Where it stands; `None` when it is empty.
    pub cursor: Option<Cursor>,
    /// The newest fix of each resource.
    pub positions: Vec<PositionUpdate>,
    /// Resources whose location is private.
    pub private: Vec<ResourceId>,
}

/// What a write of the cache found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Types whose rows do not sum up to the server's checksum.
    pub mismatched: Vec<EntityType>,
}

/// Something that should not happen and was dealt with; holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: IncidentKind,
    /// Types, numbers, cursors; never rows.
    pub detail: String,
}

/// Kinds of incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Sums differed from the server's.
    ChecksumMismatch,
    /// History was rewritten or too old.
    HistoryGone,
    /// The role or groups changed.
    ViewChanged,
    /// The live socket went silent.
    LiveSilent,
    /// A request had no answer in time.
    RequestTimeout,
    /// Commands waited without progress.
    OutboxStalled,
    /// Changes waited without progress.
    FeedStalled,
    /// A row of a known type can't be read.
    UnreadableRow,
    /// The server misses command numbers that this desk does not have.
    NumberGap,
    /// The server took this desk for a clone.
    Fenced,
    /// The store refused a write.
    Storage,
    /// A corrupt file was set aside.
    Quarantined,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Occurred;
    use domain::TaskId;
    use uuid::Uuid;

    #[test]
    fn a_conflict_with_its_row_survives_the_outbox() {
        let item = r#"{"type":"task","id":"00000000-0000-0000-0000-000000000001","version":7,"op":"put","data":{"title":"x"},"at":"2026-11-23T10:00:00Z"}"#;
        let item: Item = serde_json::from_str(item).expect("reads");
        let (id, body) = (
            CommandId(Uuid::nil()),
            CommandBody::TaskAssign { task: TaskId(Uuid::nil()), resource: None, choice: None },
        );
        let occurred = Occurred { wall: DateTime::UNIX_EPOCH, mono_age_ms: 3 };
        let command =
            Command { n: 4, id, body, if_match: Some(6), occurred, valid_until: None, depends_on: None };
        let state = CommandState::NeedsUser { why: NeedsUser::Conflict { current: Some(Box::new(item)) } };
        let queued = QueuedCommand { command, state, attempts: 2, seen: false };
        let text = serde_json::to_string(&queued).expect("writes");
        let again: QueuedCommand = serde_json::from_str(&text).expect("reads");
        assert_eq!(again.command, queued.command, "the same command");
        let CommandState::NeedsUser { why: NeedsUser::Conflict { current: Some(row) } } = again.state else {
            panic!("still a conflict with its row");
        };
        assert_eq!(
            row.data.map(|data| data.get().to_owned()).as_deref(),
            Some(r#"{"title":"x"}"#),
            "raw as it came"
        );
    }
}
