//! The read side when the cursor is no good: a snapshot beside the old rows, then one swap (R6, R7).

use std::collections::HashSet;

use domain::ResourceId;
use protocol::durable::{CacheWrite, IncidentKind};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{Cursor, Item, SnapshotPage};
use rand::Rng;

use super::SyncCore;
use super::calls::CallKind;
use crate::event::SyncEvent;
use crate::io::{Call, Output};
use crate::time::Now;

/// A snapshot on its way.
#[derive(Debug, Default)]
pub(super) struct Resync {
    pub not_before_ms: u64,
    page_token: Option<String>,
    /// What the pages stand for; all have to agree.
    at: Option<Cursor>,
    private: HashSet<ResourceId>,
    rows: u64,
    total: Option<u64>,
}

impl Resync {
    pub fn at(not_before_ms: u64) -> Self {
        Resync { not_before_ms, ..Resync::default() }
    }

    /// How much of it has been read, where the server says how much there is.
    pub fn percent(&self) -> Option<u8> {
        let total = self.total.filter(|total| *total > 0)?;
        u8::try_from((self.rows.min(total) * 100) / total).ok()
    }
}

impl SyncCore {
    /// History is gone or the view changed: the old rows stay until the new ones are complete.
    pub(super) fn start_resync(&mut self, kind: IncidentKind, jitter: bool, now: Now) {
        if self.feed.resync.is_none() {
            let cursor = self.feed.cursor.map(|cursor| cursor.to_string()).unwrap_or_default();
            self.incident(kind, format!("at cursor {cursor}"), now);
        }
        self.begin_resync(jitter, now);
    }

    pub(super) fn begin_resync(&mut self, jitter: bool, now: Now) {
        let spread_ms = if jitter { self.rng.random_range(0..=self.config.resync_jitter_ms) } else { 0 };
        self.abandon_pulls();
        self.close_live();
        self.feed.resync = Some(Resync::at(now.mono_ms + spread_ms));
    }

    pub(super) fn advance_resync(&mut self, now: Now) {
        let Some(resync) = &self.feed.resync else { return };
        if now.mono_ms < resync.not_before_ms || self.calls.pulling() {
            return;
        }
        let page_token = resync.page_token.clone();
        self.send(CallKind::Snapshot, Call::Snapshot { page_token }, now);
    }

    pub(super) fn on_snapshot(&mut self, page: SnapshotPage, now: Now) {
        self.feed.pull_backoff.worked(now.mono_ms);
        self.feed.wait.ended();
        let Some(mut resync) = self.feed.resync.take() else { return };
        match resync.at {
            None => {
                resync.at = Some(page.at);
                self.out.push(Output::Write(CacheWrite::StageBegin));
            }
            // The pages are of two snapshots: neither is whole.
            Some(at) if at != page.at => {
                self.feed.pull_backoff.failed(now.mono_ms, None, &mut self.rng);
                self.feed.resync = Some(Resync::at(now.mono_ms));
                return;
            }
            Some(_) => {}
        }
        resync.private.extend(self.private_cards(&page.items, now));
        resync.rows += page.items.len() as u64;
        resync.total = page.total;
        self.out.push(Output::Write(CacheWrite::Stage { items: page.items }));
        resync.page_token = page.next_page_token;
        if resync.page_token.is_some() {
            self.feed.resync = Some(resync);
        } else {
            self.swap(page.at, resync.private);
        }
    }

    /// Who is private. Of a whole snapshot nothing else matters here: who reads the rows decodes them.
    fn private_cards(&mut self, items: &[Item], now: Now) -> Vec<ResourceId> {
        let mut private = Vec::new();
        for item in items.iter().filter(|item| item.entity.0 == EntityKind::Resource.name()) {
            for change in self.decode(std::slice::from_ref(item), now) {
                if let Some(Entity::Resource(card)) = change.row
                    && card.private_since.is_some()
                {
                    private.push(card.id);
                }
            }
        }
        private
    }

    /// The snapshot is whole: it replaces everything; what it lacks is gone.
    fn swap(&mut self, at: Cursor, private: HashSet<ResourceId>) {
        self.feed.cursor = Some(at);
        self.feed.private = private;
        self.feed.purge_owed = false;
        self.out.push(Output::Write(CacheWrite::Swap { cursor: at }));
        self.ask_receipts_again(at.epoch);
        let confirmed = self.confirm_through(at);
        self.publish(SyncEvent::Reset { confirmed });
        self.feed.forget_positions();
        self.feed.want_changes = true;
    }

    pub(super) fn on_gone(&mut self, kind: &CallKind, now: Now) {
        match kind {
            CallKind::Changes => self.start_resync(IncidentKind::HistoryGone, true, now),
            CallKind::Snapshot => {
                self.feed.pull_backoff.failed(now.mono_ms, None, &mut self.rng);
                self.feed.resync = Some(Resync::at(now.mono_ms));
            }
            CallKind::Commands(sent) => self.on_commands_failed(sent, Some(410), None, now),
            CallKind::Positions | CallKind::Refresh => {}
        }
    }
}
