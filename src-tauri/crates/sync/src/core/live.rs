//! The live socket: opened where the reader stands, applied where it links, dropped when it goes silent.

use protocol::durable::{CacheWrite, IncidentKind};
use protocol::wire::{Checksums, Cursor, Item, LiveFrame};

use super::{CoreConfig, SyncCore};
use crate::backoff::Backoff;
use crate::event::SyncEvent;
use crate::io::{CallError, LiveId, Output, Unreachable};
use crate::time::Now;

/// The socket.
#[derive(Debug, Default)]
pub(super) struct Live {
    last_id: u64,
    state: LiveState,
    pub backoff: Backoff,
    /// The server has said that this socket's token runs out.
    pub auth_expires: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum LiveState {
    #[default]
    Closed,
    Opening {
        since_ms: u64,
    },
    Open {
        last_bytes_ms: u64,
    },
}

impl Live {
    pub fn is_open(&self) -> bool {
        matches!(self.state, LiveState::Open { .. })
    }

    fn is_current(&self, id: LiveId) -> bool {
        id.0 == self.last_id && self.state != LiveState::Closed
    }

    pub fn next_deadline_ms(&self, config: &CoreConfig) -> u64 {
        self.dead_ms(config).unwrap_or(self.backoff.not_before_ms())
    }

    /// When the socket is taken for dead unless something comes.
    fn dead_ms(&self, config: &CoreConfig) -> Option<u64> {
        match self.state {
            LiveState::Closed => None,
            LiveState::Opening { since_ms } => Some(since_ms + config.live_opening_ms),
            LiveState::Open { last_bytes_ms } => Some(last_bytes_ms + config.live_silent_ms),
        }
    }
}

impl SyncCore {
    pub(super) fn advance_live(&mut self, now: Now) {
        let can = self.auth.ready() && self.feed.resync.is_none() && !self.proof.upgrade_needed;
        let Some(cursor) = self.feed.cursor.filter(|_| can) else { return };
        if self.live.state == LiveState::Closed && self.live.backoff.ready(now.mono_ms) {
            self.live.last_id += 1;
            self.live.auth_expires = false;
            self.live.state = LiveState::Opening { since_ms: now.mono_ms };
            let (id, access) = (LiveId(self.live.last_id), self.auth.access());
            self.out.push(Output::OpenLive { id, cursor, access });
        }
    }

    pub(super) fn close_live(&mut self) {
        if self.live.state != LiveState::Closed {
            self.live.state = LiveState::Closed;
            self.out.push(Output::CloseLive(LiveId(self.live.last_id)));
        }
    }

    pub(super) fn on_live_opened(&mut self, id: LiveId, now: Now) {
        if self.live.is_current(id) {
            self.live.state = LiveState::Open { last_bytes_ms: now.mono_ms };
            self.on_way_open();
            self.live.backoff.worked(now.mono_ms);
            self.feed.want_changes = true;
            self.feed.want_positions = true;
        }
    }

    pub(super) fn on_live_closed(&mut self, id: LiveId, error: &CallError, now: Now) {
        if !self.live.is_current(id) {
            return;
        }
        self.live.state = LiveState::Closed;
        self.proof.trouble = Some(error.clone());
        match error {
            CallError::Status { status: 401, .. } => self.on_unauthorised(self.auth.generation, now),
            CallError::Status { status: 410, .. } => self.start_resync(IncidentKind::HistoryGone, true, now),
            CallError::Status { status: 426, .. } => self.proof.upgrade_needed = true,
            CallError::Status { .. } | CallError::Unreachable(_) | CallError::Unreadable(_) => {}
        }
        self.live.backoff.failed(now.mono_ms, None, &mut self.rng);
        // Whether the server is there at all shows at the next request.
        self.feed.want_changes = true;
    }

    pub(super) fn check_live(&mut self, now: Now) {
        if self.live.dead_ms(&self.config).is_some_and(|at_ms| now.mono_ms >= at_ms) {
            self.incident(IncidentKind::LiveSilent, format!("{:?}", self.live.state), now);
            self.close_live();
            self.proof.trouble = Some(CallError::Unreachable(Unreachable::Timeout));
            self.live.backoff.failed(now.mono_ms, None, &mut self.rng);
            self.feed.want_changes = true;
        }
    }

    pub(super) fn on_live_frame(&mut self, id: LiveId, frame: LiveFrame, now: Now) {
        if !self.live.is_current(id) {
            return;
        }
        self.live.state = LiveState::Open { last_bytes_ms: now.mono_ms };
        self.proof.reached();
        match frame {
            LiveFrame::Change { prev, cursor, items } => self.on_link((prev, cursor), items, None, now),
            LiveFrame::Bookmark { cursor, prev, checksums, server_time } => {
                self.proof.clock(server_time, now, 0);
                self.on_link((prev, cursor), Vec::new(), Some(checksums), now);
            }
            LiveFrame::Positions { positions } => self.on_positions(positions),
            LiveFrame::Ping { server_time } => {
                self.proof.clock(server_time, now, 0);
                if self.caught_up() {
                    self.proof.fresh(now.wall);
                }
            }
            LiveFrame::Gone { .. } => self.start_resync(IncidentKind::HistoryGone, true, now),
            LiveFrame::ViewChanged => self.on_view_changed(now),
            LiveFrame::AuthExpiring { .. } => {
                self.live.auth_expires = true;
                self.auth.want_refresh = true;
            }
        }
    }

    /// R2: a frame applies only where its `prev` is the stored cursor.
    fn on_link(&mut self, link: (Cursor, Cursor), items: Vec<Item>, sums: Option<Checksums>, now: Now) {
        let (prev, to) = link;
        let Some(cursor) = self.feed.cursor else { return };
        if to.epoch != cursor.epoch {
            return self.start_resync(IncidentKind::HistoryGone, true, now);
        }
        let bookmark_here = to == cursor && sums.is_some();
        if prev == cursor || bookmark_here {
            self.apply(items, to, sums, now);
            if self.caught_up() {
                self.proof.fresh(now.wall);
            }
        } else if to > cursor {
            self.feed.want_changes = true;
        }
    }

    /// R7: what may no longer be seen goes at once; the rest is read anew.
    fn on_view_changed(&mut self, now: Now) {
        self.start_resync(IncidentKind::ViewChanged, false, now);
        self.feed.purge_owed = true;
        self.forget_view();
        self.auth.want_refresh = true; // the answer tells the new role
    }

    /// Off the disk first, then off the screen.
    pub(super) fn forget_view(&mut self) {
        self.out.push(Output::Write(CacheWrite::ForgetView));
        self.publish(SyncEvent::ViewChanged);
        self.feed.cursor = None;
        self.feed.private.clear();
        self.feed.forget_positions();
    }
}
