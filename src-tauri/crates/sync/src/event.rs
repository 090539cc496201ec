//! What the core tells the controller.

use chrono::{DateTime, Utc};
use domain::DeviceId;
use protocol::durable::{Incident, QueuedCommand};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{ConnectionState, StalledView};
use protocol::wire::{Cause, PositionUpdate, TokensResponse};
use uuid::Uuid;

use crate::io::CallError;

/// What has happened, for the controller. Whatever an event speaks of is already stored.
#[derive(Debug, Clone)]
pub enum SyncEvent {
    /// Rows changed; in feed order.
    Applied {
        /// The changes, each of a type this build knows.
        changes: Vec<Change>,
        /// Commands that these changes show: overlays leave them out from now on.
        confirmed: Vec<u64>,
    },
    /// Every row may have changed: read all from the store.
    Reset {
        /// Commands that the rows show: overlays leave them out from now on.
        confirmed: Vec<u64>,
    },
    /// Newer fixes; at most one per resource, private resources left out.
    Positions(Vec<PositionUpdate>),
    /// How fresh the data is.
    Freshness(Freshness),
    /// The whole queue, after any change of it, and after the rows that its confirmations brought.
    Outbox {
        /// Counts.
        summary: OutboxSummary,
        /// All commands that are not confirmed, by number.
        queue: Vec<QueuedCommand>,
        /// Who this desk is to the server. Another one than before when it was taken for a clone: the next sign-in has to
        /// name this one.
        device: DeviceId,
        /// The device's epoch.
        device_epoch: u64,
    },
    /// The server has done a command; its effect comes with the feed.
    Done {
        /// Its number.
        n: u64,
    },
    /// A command was refused or needs a decision; its state in the queue says why.
    Attention {
        /// Its number.
        n: u64,
    },
    /// Role or groups changed: what is on the screen may no longer be seen; purge before showing anything else.
    ViewChanged,
    /// A new pair of tokens, to be kept; also tells a changed role.
    TokensChanged(Box<TokensResponse>),
    /// Something that should not happen was dealt with.
    Incident(Incident),
}

/// One changed row.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its kind.
    pub kind: EntityKind,
    /// Its id.
    pub id: Uuid,
    /// Its version, from 1.
    pub version: u64,
    /// When the server wrote it.
    pub at: DateTime<Utc>,
    /// The command behind it.
    pub cause: Option<Cause>,
    /// The row; `None` means it is gone.
    pub row: Option<Entity>,
}

/// How fresh the data is.
#[derive(Debug, Clone, PartialEq)]
pub struct Freshness {
    /// How it goes.
    pub state: ConnectionState,
    /// The last moment (this machine's clock) at which what is stored was what the server had.
    pub proof_at: Option<DateTime<Utc>>,
    /// The server answers, and yet this has got nowhere for a minute; or the local database refuses writes.
    pub stalled: Option<StalledView>,
    /// This machine's clock against the server's, milliseconds; positive: this one is ahead.
    pub clock_offset_ms: Option<i64>,
    /// What went wrong last and is not made up for: why the data is not fresh. `None` as long as it merely takes its time.
    pub reason: Option<CallError>,
}

/// The queue in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxSummary {
    /// On their way.
    pub pending: u32,
    /// Waiting for the user.
    pub needs_user: u32,
    /// Refused for good.
    pub failed: u32,
}
