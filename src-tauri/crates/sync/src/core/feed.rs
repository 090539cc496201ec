//! The read side while the cursor is good: changes, links, positions (R1–R5, R9, R10).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::ResourceId;
use protocol::durable::{CacheWrite, IncidentKind, StoredCache, WriteReport};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{ChangesPage, Checksums, Cursor, Item, PositionUpdate, op};

use super::SyncCore;
use super::calls::{CallKind, OpenCall};
use super::resync::Resync;
use super::stall::Wait;
use crate::backoff::Backoff;
use crate::event::{Change, SyncEvent};
use crate::io::{Call, Output};
use crate::time::Now;

/// Asks for changes this often even when the live socket looks healthy (R9).
const ANTI_ENTROPY_MS: u64 = 60_000;

/// The reader's place and wishes.
#[derive(Debug, Default)]
pub(super) struct Feed {
    /// Where the cache stands (or will, once the outputs so far are carried out).
    pub cursor: Option<Cursor>,
    /// The cursor is no good, or there is none: a snapshot is on its way.
    pub resync: Option<Resync>,
    pub want_changes: bool,
    pub want_positions: bool,
    pub pull_backoff: Backoff,
    changes_due_ms: u64,
    positions: HashMap<ResourceId, (DateTime<Utc>, u64)>,
    pub private: HashSet<ResourceId>,
    pub checksum_resyncs: u32,
    pub checksum_resync_ms: Option<u64>,
    /// The view changed: what is stored may not be shown. Kept over a failed write, which would otherwise undo the purge.
    pub purge_owed: bool,
    /// Being behind while the server answers.
    pub wait: Wait,
}

impl Feed {
    pub fn start(&mut self, stored: StoredCache) {
        let (pull_backoff, purge_owed) = (std::mem::take(&mut self.pull_backoff), self.purge_owed);
        *self = Feed {
            cursor: stored.cursor,
            want_changes: true,
            want_positions: true,
            pull_backoff,
            purge_owed,
            private: stored.private.into_iter().collect(),
            ..Feed::default()
        };
    }

    pub fn forget_positions(&mut self) {
        self.positions.clear();
        self.want_positions = true;
    }

    pub fn changes_due_ms(&self) -> u64 {
        self.changes_due_ms
    }

    /// Keeps what is newer than the newest known fix of its resource and not private.
    fn accept(&mut self, updates: Vec<PositionUpdate>) -> Vec<PositionUpdate> {
        let mut accepted: HashMap<ResourceId, PositionUpdate> = HashMap::new();
        for update in updates {
            let order = (update.fix.fix_time, update.server_seq);
            let newer = self.positions.get(&update.resource).is_none_or(|known| order > *known);
            if newer && !self.private.contains(&update.resource) {
                self.positions.insert(update.resource, order);
                accepted.insert(update.resource, update);
            }
        }
        accepted.into_values().collect()
    }

    /// Whose position a changed card takes away: who is private, off duty or gone. Of people off duty the server sends none either,
    /// but the first fix of a shift may come before the card that begins it: it is not refused.
    fn learn_privacy(&mut self, change: &Change) -> Option<ResourceId> {
        let resource = ResourceId(change.id);
        match &change.row {
            Some(Entity::Resource(card)) if card.private_since.is_some() => {
                self.private.insert(resource);
                self.positions.remove(&resource);
                Some(resource)
            }
            Some(Entity::Resource(card)) if !card.on_duty => {
                self.private.remove(&resource);
                self.positions.remove(&resource);
                Some(resource)
            }
            Some(_) => {
                self.private.remove(&resource);
                None
            }
            None => {
                self.positions.remove(&resource);
                Some(resource)
            }
        }
    }
}

impl SyncCore {
    pub(super) fn advance_feed(&mut self, now: Now) {
        if !self.auth.ready() {
            self.feed.wait.ended();
            return;
        }
        if self.feed.cursor.is_none() && self.feed.resync.is_none() {
            self.feed.resync = Some(Resync::at(now.mono_ms));
        }
        self.watch_feed(now);
        if !self.feed.pull_backoff.ready(now.mono_ms) {
            return;
        }
        if self.feed.resync.is_some() {
            self.advance_resync(now);
        } else if !self.calls.pulling() {
            self.ask_for_changes(now);
        }
        if self.feed.want_positions && self.feed.resync.is_none() && !self.calls.has(&CallKind::Positions) {
            self.feed.want_positions = false;
            self.send(CallKind::Positions, Call::Positions, now);
        }
    }

    fn ask_for_changes(&mut self, now: Now) {
        let due = now.mono_ms >= self.feed.changes_due_ms;
        let Some(cursor) = self.feed.cursor.filter(|_| due || self.feed.want_changes) else { return };
        if due && !self.live.is_open() {
            self.feed.want_positions = true;
        }
        self.feed.want_changes = false;
        self.feed.changes_due_ms = now.mono_ms + ANTI_ENTROPY_MS;
        self.send(CallKind::Changes, Call::Changes { cursor, limit: self.config.page_limit }, now);
    }

    /// Nothing is known to be missing.
    pub(super) fn caught_up(&self) -> bool {
        self.feed.resync.is_none() && !self.feed.want_changes && !self.calls.pulling()
    }

    pub(super) fn on_changes(&mut self, page: ChangesPage, call: &OpenCall, now: Now) {
        self.feed.pull_backoff.worked(now.mono_ms);
        let Some(cursor) = self.feed.cursor.filter(|_| self.feed.resync.is_none()) else { return };
        if page.to.epoch != cursor.epoch {
            return self.start_resync(IncidentKind::HistoryGone, true, now);
        }
        if page.from != cursor {
            // The live socket was faster: what it brought may or may not reach as far as this page.
            self.feed.want_changes |= page.to > cursor;
            return;
        }
        let at_head = page.to >= page.head;
        if page.to > cursor || page.checksums.is_some() {
            self.apply(page.items, page.to, page.checksums, now);
        }
        if at_head {
            self.feed.wait.ended();
            self.proof.trouble = None;
            self.proof.fresh(call.sent_wall);
        } else if page.to > cursor {
            self.feed.wait.ended();
            self.feed.want_changes = true;
        } else {
            // More is said to come, but this page does not lead there: not worth a hot loop.
            self.feed.pull_backoff.failed(now.mono_ms, None, &mut self.rng);
            self.feed.want_changes = true;
        }
    }

    /// Changes that link to the cursor: one transaction, then the news of it.
    pub(super) fn apply(&mut self, items: Vec<Item>, cursor: Cursor, checksums: Option<Checksums>, now: Now) {
        let changes = self.decode(&items, now);
        let is_resource = |change: &&Change| change.kind == EntityKind::Resource;
        let mut forget: Vec<ResourceId> = Vec::new();
        for change in changes.iter().filter(is_resource) {
            forget.retain(|resource| resource.0 != change.id);
            forget.extend(self.feed.learn_privacy(change));
        }
        let seen = self.queue.note_causes(&items);
        self.feed.cursor = Some(cursor);
        self.out.push(Output::Write(CacheWrite::Apply { items, cursor, checksums, forget }));
        let mut confirmed = self.confirm_through(cursor);
        confirmed.extend(seen);
        if !changes.is_empty() || !confirmed.is_empty() {
            self.publish(SyncEvent::Applied { changes, confirmed });
        }
    }

    /// What this build understands of the items, in their order; the rest is only stored (R10).
    pub(super) fn decode(&mut self, items: &[Item], now: Now) -> Vec<Change> {
        let mut changes = Vec::with_capacity(items.len());
        for item in items {
            let Some(kind) = EntityKind::from_name(&item.entity.0) else { continue };
            let row = match item.decode() {
                Ok(row) => row,
                Err(error) => {
                    let detail = format!(
                        "{kind:?} version {}: {:?} at column {}",
                        item.version,
                        error.classify(),
                        error.column()
                    );
                    self.incident(IncidentKind::UnreadableRow, detail, now);
                    continue;
                }
            };
            if row.is_some() || item.op == op::DEL {
                let (id, version, at, cause) = (item.id, item.version, item.at, item.cause);
                changes.push(Change { kind, id, version, at, cause, row });
            }
        }
        changes
    }

    pub(super) fn on_positions(&mut self, updates: Vec<PositionUpdate>) {
        if self.feed.resync.is_some() {
            self.feed.want_positions = true; // whose they are is not known yet
            return;
        }
        let positions = self.feed.accept(updates);
        if !positions.is_empty() {
            self.out.push(Output::Write(CacheWrite::Positions { positions: positions.clone() }));
            self.publish(SyncEvent::Positions(positions));
        }
    }

    /// Rows that don't sum up are fetched anew, but never in a hot loop: a server may sum wrongly for ever.
    pub(super) fn on_written(&mut self, report: &WriteReport, now: Now) {
        if report.mismatched.is_empty() || self.feed.resync.is_some() {
            return;
        }
        let types: Vec<&str> = report.mismatched.iter().map(|entity| entity.0.as_str()).collect();
        self.incident(IncidentKind::ChecksumMismatch, types.join(", "), now);
        let pause_ms = (60_000u64 << self.feed.checksum_resyncs.min(6)).min(3_600_000);
        if self.feed.checksum_resync_ms.is_none_or(|at_ms| now.mono_ms >= at_ms + pause_ms) {
            let again = self.feed.checksum_resync_ms.is_some_and(|at_ms| now.mono_ms < at_ms + 3_600_000);
            self.feed.checksum_resyncs = if again { self.feed.checksum_resyncs + 1 } else { 0 };
            self.feed.checksum_resync_ms = Some(now.mono_ms);
            self.begin_resync(true, now);
        }
    }

    /// Watches that being behind ends, as long as the server answers at all.
    fn watch_feed(&mut self, now: Now) {
        // A receipt names a place in the feed, too: what it stands for is there and has not come.
        let behind = !self.caught_up() || self.queue.is_ahead_of(self.feed.cursor);
        if !behind || self.proof.is_offline() {
            self.feed.wait.ended();
            return;
        }
        self.feed.wait.goes_on(now);
        if self.feed.wait.is_overdue(now) {
            self.incident(IncidentKind::FeedStalled, "the feed made no progress for 60 s".to_owned(), now);
            self.abandon_pulls();
            self.feed.want_changes = true;
            self.feed.pull_backoff.forget();
            self.close_live();
        }
    }

    pub(super) fn abandon_pulls(&mut self) {
        for id in self.calls.ids(|call| matches!(call.kind, CallKind::Snapshot | CallKind::Changes)) {
            self.calls.remove(id);
            self.out.push(Output::Abandon(id));
        }
    }
}
