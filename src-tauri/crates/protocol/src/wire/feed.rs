//! Snapshot, changes and the live socket.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cursor::Cursor;
use super::item::{Checksums, Item};
use super::position::PositionUpdate;

/// `GET /v1/snapshot?page_token=…`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SnapshotPage {
    /// The cursor the whole snapshot stands for; the same on every page.
    pub at: Cursor,
    /// Rows, all `put`.
    pub items: Vec<Item>,
    /// Asks for the next page; `None` on the last.
    pub next_page_token: Option<String>,
    /// Rows on all pages together, where the server says so; only to tell how far the reading is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Version of the row formats.
    pub schema: u16,
}

/// `GET /v1/changes?cursor=C&limit=500`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangesPage {
    /// The cursor asked for.
    pub from: Cursor,
    /// The cursor after the last item: what the reader stores (R4).
    pub to: Cursor,
    /// The end of the feed when the page was read; only to know whether more is coming.
    pub head: Cursor,
    /// The changes in order.
    pub items: Vec<Item>,
    /// Sums of the view at `to`, where the page ends at the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksums: Option<Checksums>,
    /// The server's clock.
    pub server_time: DateTime<Utc>,
}

/// Frames of `GET /v1/live?cursor=C` (WebSocket, text, server → desk only).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveFrame {
    /// Changes, linked by the previous cursor of *this user's view* (R2).
    Change {
        /// Where the reader has to stand for this frame to apply.
        prev: Cursor,
        /// Where it stands afterwards.
        cursor: Cursor,
        /// The changes in order.
        items: Vec<Item>,
    },
    /// Latest fixes, coalesced; may be dropped.
    Positions {
        /// Newest fix per resource since the last such frame.
        positions: Vec<PositionUpdate>,
    },
    /// At least every 15 s: moves the cursor over filtered ranges and carries the checksums (R5).
    Bookmark {
        /// Where the reader stands now.
        cursor: Cursor,
        /// Where it had to stand before.
        prev: Cursor,
        /// Sums of the view at `cursor`.
        checksums: Checksums,
        /// The server's clock.
        server_time: DateTime<Utc>,
    },
    /// Proof of life.
    Ping {
        /// The server's clock.
        server_time: DateTime<Utc>,
    },
    /// The cursor is too old or of another epoch: resync (R6).
    Gone {
        /// For the log.
        reason: String,
    },
    /// Role or groups changed: resync and purge (R7).
    ViewChanged,
    /// Time to refresh the token.
    AuthExpiring {
        /// Seconds left.
        in_secs: u32,
    },
}
