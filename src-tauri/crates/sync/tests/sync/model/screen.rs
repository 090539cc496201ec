//! What a user of a desk sees, as far as a schedule cares: the queue over the rows, and how fresh they are. It notices what a user
//! would: a note that vanishes for a moment, or stands there twice.

use std::collections::BTreeMap;

use domain::DeviceId;
use protocol::durable::{IncidentKind, QueuedCommand};
use protocol::view::ConnectionState;
use protocol::wire::CommandBody;
use sync::{Freshness, SyncEvent};

use super::stores::CacheState;

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    /// Who this desk is, as the next sign-in will say.
    pub device: Option<DeviceId>,
    pub freshness: Option<Freshness>,
    /// Commands drawn over the rows, by number.
    drawn: BTreeMap<u64, QueuedCommand>,
    /// Under [`Mutant::OverlayDroppedAtAck`](super::mutant::Mutant::OverlayDroppedAtAck).
    pub drops_at_ack: bool,
    /// There is a copy of this desk: until it is found out, numbers mean two things.
    pub cloned: bool,
    /// The first thing that was wrong.
    pub flaw: Option<String>,
}

impl Screen {
    /// The process ends, and with it all that was only shown.
    pub fn goes_dark(&mut self) {
        self.drawn.clear();
        (self.device, self.freshness) = (None, None);
    }

    /// Takes an event of the core; `cache` is what is stored at this moment.
    pub fn on_event(&mut self, event: &SyncEvent, cache: &CacheState) {
        match event {
            SyncEvent::Applied { changes, confirmed } => {
                confirmed.iter().for_each(|n| self.undraw(*n, cache));
                let ours = changes.iter().filter_map(|change| change.cause);
                let numbers = ours.filter(|cause| Some(cause.device) == self.device).map(|cause| cause.n);
                let twice = numbers.filter(|n| self.drawn.contains_key(n)).min();
                self.check(self.cloned || twice.is_none(), || format!("command {twice:?} shows twice"));
            }
            SyncEvent::Reset { confirmed } => confirmed.iter().for_each(|n| self.undraw(*n, cache)),
            SyncEvent::Outbox { queue, device, .. } => self.on_queue(queue, *device, cache),
            SyncEvent::Done { n } if self.drops_at_ack => self.undraw(*n, cache),
            SyncEvent::Freshness(freshness) => self.freshness = Some(freshness.clone()),
            SyncEvent::ViewChanged => {
                let bare = cache.rows.is_empty() && cache.cursor.is_none() && cache.positions.is_empty();
                self.check(bare, || "rows of another view are still on the disk".to_owned());
            }
            SyncEvent::Incident(incident) => match incident.kind {
                IncidentKind::ChecksumMismatch => {
                    self.check(false, || format!("sums differ: {}", incident.detail))
                }
                IncidentKind::Fenced => self.check(self.cloned, || "taken for a clone".to_owned()),
                _ => {}
            },
            SyncEvent::Done { .. }
            | SyncEvent::Attention { .. }
            | SyncEvent::Positions(_)
            | SyncEvent::TokensChanged(_) => {}
        }
    }

    /// The data is there, and the desk says so without a reservation.
    pub fn is_live(&self) -> bool {
        self.freshness.as_ref().is_some_and(|fresh| {
            fresh.state == ConnectionState::Live && fresh.stalled.is_none() && fresh.reason.is_none()
        })
    }

    /// Only the password helps.
    pub fn asks_for_password(&self) -> bool {
        self.freshness.as_ref().is_some_and(|fresh| fresh.state == ConnectionState::SignInAgain)
    }

    fn on_queue(&mut self, queue: &[QueuedCommand], device: DeviceId, cache: &CacheState) {
        let same = self.device.replace(device).is_none_or(|before| before == device);
        let draws = |queued: &&QueuedCommand| queued.state.is_pending() && !queued.seen;
        let drawn = queue.iter().filter(draws).map(|queued| (queued.command.n, queued.clone())).collect();
        let known = |n: &u64| queue.iter().any(|queued| queued.command.n == *n);
        let gone: Vec<u64> = self.drawn.keys().copied().filter(|n| !known(n)).collect();
        if same {
            gone.iter().for_each(|n| self.undraw(*n, cache));
        }
        self.drawn = drawn;
    }

    /// The overlay of a command ends: its effect has to be in the rows by now.
    fn undraw(&mut self, n: u64, cache: &CacheState) {
        if let Some(queued) = self.drawn.remove(&n)
            && let CommandBody::TaskNote { text, .. } = &queued.command.body
        {
            let (kind, id) = queued.command.body.target();
            let row = cache.rows.get(&(kind.into(), id)).and_then(|item| item.data.as_ref());
            let shown = row.is_none_or(|data| data.get().contains(&format!("\"text\":\"{text}\"")));
            self.check(shown || self.cloned, || format!("note {text} vanishes before the feed shows it"));
        }
    }

    fn check(&mut self, good: bool, flaw: impl FnOnce() -> String) {
        if !good && self.flaw.is_none() {
            self.flaw = Some(flaw());
        }
    }
}
