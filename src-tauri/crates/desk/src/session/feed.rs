//! What the sync session says.

use chrono::{DateTime, Utc};
use domain::resource::Resource;
use domain::{AlertId, BidId};
use protocol::durable::{CommandState, NeedsUser, QueuedCommand};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{Notice, ViewEvent};
use protocol::wire::{CommandBody, Rejection, TokensResponse};
use sync::{Change, Freshness};

use super::{Out, Session};
use crate::picture::is_desks_own;

/// Clocks this far apart (ms) are worth a word.
const CLOCK_OFF_MS: i64 = 120_000;

impl Session {
    /// Rows changed; they show the commands `confirmed`.
    pub fn on_changes(&mut self, changes: Vec<Change>, confirmed: &[u64], now: DateTime<Utc>) {
        self.on_confirmed(confirmed);
        let touches = |kind| changes.iter().any(|change| change.kind == kind);
        let (places, rules) = (touches(EntityKind::Poi), touches(EntityKind::Rule));
        for change in changes {
            self.on_change(change, now);
        }
        // All places and rules together: not once for each of them.
        if places {
            self.watch_places();
        }
        if rules {
            self.watch_rules();
        }
    }

    /// The rows show these commands from now on.
    pub fn on_confirmed(&mut self, confirmed: &[u64]) {
        for key in self.picture.confirm(confirmed) {
            self.mark(key);
        }
    }

    fn on_change(&mut self, change: Change, now: DateTime<Utc>) {
        let key = (change.kind, change.id);
        let alert = self.picture.cache().alerts.get(&AlertId(change.id)).map(|row| row.data.clone());
        let alert = alert.filter(|_| change.kind == EntityKind::Alert);
        if let (EntityKind::Bid, Some((_, Entity::Bid(bid)))) =
            (change.kind, self.picture.cache().get(change.kind, change.id))
        {
            self.dirty.tasks.insert(bid.task);
        }
        self.picture.apply(change.clone());
        self.mark(key);
        match change.row {
            Some(Entity::Alert(row)) => self.on_alert(&row, alert.as_ref(), now),
            Some(row) => self.on_row(row, now),
            None => self.on_removed(change.kind, change.id, now),
        }
    }

    fn on_row(&mut self, row: Entity, now: DateTime<Utc>) {
        match row {
            Entity::Resource(card) => self.on_card(&card, now),
            Entity::Task(task) => {
                let news = self.watcher.on_task(&task, self.at_server(now));
                self.on_news(news);
            }
            Entity::Bid(bid) => {
                self.dirty.tasks.insert(bid.task);
                self.ask_drives(bid.id, now);
                let news = self.watcher.on_bid(&bid, self.at_server(now));
                self.on_news(news);
            }
            Entity::Company(_) | Entity::User(_) => self.adopt_settings(now),
            Entity::Attendance(entry) => drop(self.dirty.resources.insert(entry.resource)),
            Entity::Group(_)
            | Entity::Skill(_)
            | Entity::Profile(_)
            | Entity::TaskType(_)
            | Entity::Form(_)
            | Entity::Poi(_)
            | Entity::Rule(_)
            | Entity::Alert(_)
            | Entity::Submission(_) => {}
        }
    }

    fn on_removed(&mut self, kind: EntityKind, id: uuid::Uuid, now: DateTime<Utc>) {
        match kind {
            EntityKind::Resource => {
                self.hide(id.into(), now);
                self.unwatch(id.into());
                self.states.remove(&id.into());
            }
            EntityKind::Task => self.watcher.on_task_gone(id.into()),
            EntityKind::Company
            | EntityKind::User
            | EntityKind::Group
            | EntityKind::Skill
            | EntityKind::Profile
            | EntityKind::TaskType
            | EntityKind::Bid
            | EntityKind::Poi
            | EntityKind::Attendance
            | EntityKind::Form
            | EntityKind::Submission
            | EntityKind::Rule
            | EntityKind::Alert => {}
        }
    }

    fn on_card(&mut self, card: &Resource, now: DateTime<Utc>) {
        let news = self.watcher.on_card(card, self.at_server(now));
        self.on_news(news);
        if card.private_since.is_some() || !card.on_duty {
            self.hide(card.id, now);
        }
        let shown = &self.picture.shown().alerts;
        let alerts = self.known_alerts.about(Some(card.id)).filter_map(|id| shown.get(&id));
        let placed = alerts.filter(|row| row.data.at.is_some());
        self.dirty.rows.extend(placed.map(|row| (EntityKind::Alert, row.data.id.0)));
        self.dirty.ways.insert(card.id);
        self.look_at_dot(card.id, now);
    }

    /// The queue as the sync session tells it. It may have told this before the last commands were stored: those stay.
    pub fn on_queue(&mut self, queue: Vec<QueuedCommand>) {
        self.highest_n = queue.last().map_or(0, |queued| queued.command.n).max(self.highest_n);
        let fresh = self.picture.queue().iter().filter(|queued| queued.command.n > self.highest_n);
        let queue = queue.into_iter().chain(fresh.cloned()).collect();
        self.show_queue(queue);
    }

    pub(super) fn show_queue(&mut self, queue: Vec<QueuedCommand>) {
        for key in self.picture.set_queue(queue) {
            self.mark(key);
            if let (EntityKind::Alert, Some(row)) = (key.0, self.picture.shown().alerts.get(&AlertId(key.1)))
            {
                self.known_alerts.insert(&row.data);
            }
            if let (EntityKind::Bid, Some(row)) = (key.0, self.picture.shown().bids.get(&BidId(key.1))) {
                self.dirty.tasks.insert(row.data.task);
            }
        }
        self.on_attention();
        let queue = self.queue_view();
        self.tell(ViewEvent::Queue(queue));
        let connection = self.connection_view();
        self.tell(ViewEvent::Connection(connection));
    }

    /// Commands that need the user: said in passing, once each.
    fn on_attention(&mut self) {
        let (picture, attention) = (&self.picture, &mut self.attention);
        let stuck = picture.queue().iter().filter(|queued| !queued.state.is_pending());
        let fresh = stuck.filter(|queued| attention.insert(queued.command.n)).cloned();
        for queued in fresh.collect::<Vec<QueuedCommand>>() {
            match notice(&queued) {
                // Several desks notice the same alert: the server has it, that is all that was wanted.
                _ if is_desks_own(&queued.command.body) => {
                    self.out.push(Out::Drop(queued.command.n));
                }
                Some(notice) => self.tell(ViewEvent::Notice(notice)),
                None => {}
            }
        }
    }

    /// How fresh the data is.
    pub fn on_freshness(&mut self, freshness: Freshness) {
        let is_off = |offset: Option<i64>| offset.filter(|ms| ms.abs() > CLOCK_OFF_MS);
        if let (None, Some(ms)) = (is_off(self.freshness.clock_offset_ms), is_off(freshness.clock_offset_ms))
        {
            self.tell(ViewEvent::Notice(Notice::ClockOff { secs: ms / 1000 }));
        }
        if freshness != self.freshness {
            self.freshness = freshness;
            let connection = self.connection_view();
            self.tell(ViewEvent::Connection(connection));
            self.tell_status(self.status);
        }
    }

    /// A new pair of tokens tells who one is now.
    pub fn on_tokens(&mut self, tokens: &TokensResponse, now: DateTime<Utc>) {
        let was_offline = std::mem::take(&mut self.offline);
        if self.adopt(tokens.user.clone(), tokens.company.clone(), now) || was_offline {
            self.tell_session();
        }
    }

    /// The command that raised an alert, if it was never sent.
    pub fn unsent_alert(&self, alert: AlertId) -> Option<u64> {
        let raises = |queued: &&QueuedCommand| matches!(&queued.command.body, CommandBody::AlertRaise(raised) if raised.id == alert);
        let queued = self.picture.queue().iter().find(raises)?;
        (queued.attempts == 0).then_some(queued.command.n)
    }
}

/// What is said of a command that needs the user.
fn notice(queued: &QueuedCommand) -> Option<Notice> {
    let n = queued.command.n;
    match &queued.state {
        CommandState::Failed { reason } => Some(Notice::CommandRejected { n, reason: reason.clone() }),
        CommandState::NeedsUser { why: NeedsUser::Expired } => {
            Some(Notice::CommandRejected { n, reason: Rejection::Expired })
        }
        CommandState::NeedsUser { .. } => Some(Notice::CommandConflict { n }),
        CommandState::Queued | CommandState::InFlight | CommandState::Acked { .. } => None,
    }
}
