//! The life of one simulated phone: steps its person, sends what the phone wants sent, and listens to the office.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use protocol::field::FieldSync;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, LONG_POLL_SECS};
use crate::handset::{Handset, SyncTicket, Tally};
use crate::radio::Radio;
use crate::roads::Roads;
use crate::worker::Worker;

use super::outage::Coverage;

/// At the end of the day the rest is sent for at most so long.
const LAST_UPLOADS: Duration = Duration::from_secs(5);
/// Shortest pause between two steps.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

type Syncing = Pin<Box<dyn Future<Output = (SyncTicket, Result<FieldSync, ApiError>)> + Send>>;

/// A phone in somebody's hand.
pub(super) struct Driven {
    handset: Handset,
    worker: Worker,
    radio: Radio,
    coverage: Coverage,
    syncing: Option<Syncing>,
}

impl Driven {
    pub fn new(handset: Handset, worker: Worker, radio: Radio, coverage: Coverage) -> Self {
        Driven { handset, worker, radio, coverage, syncing: None }
    }

    fn is_online(&self) -> bool {
        self.worker.is_online() && !self.coverage.is_out()
    }

    pub fn radio(&self) -> &Radio {
        &self.radio
    }

    pub fn tally(&self) -> &Tally {
        self.handset.tally()
    }

    pub fn unsent(&self) -> (usize, usize) {
        self.handset.waiting()
    }

    /// Lives until the end, the cancellation, or until the office takes the phone off the list.
    pub async fn live(
        &mut self,
        roads: &dyn Roads,
        ends_at: Option<DateTime<Utc>>,
        cancel: &CancellationToken,
    ) {
        while !self.radio.is_dead {
            let now = (self.radio.clock)();
            if ends_at.is_some_and(|end| now >= end) {
                return self.end_the_day(now).await;
            }
            let look = self.worker.step(&mut self.handset, roads, now);
            if look.privacy_switched {
                // What is under way may hold a coordinate; the phone sends it again without one.
                self.radio.hang_up();
            }
            self.listen(now);
            let is_online = self.is_online();
            let pause = (look.next_at - now).to_std().unwrap_or_default().max(SHORTEST_PAUSE);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                () = work(&mut self.radio, &mut self.handset, is_online) => {}
                (ticket, result) = done(&mut self.syncing) => {
                    self.syncing = None;
                    self.on_synced(ticket, result);
                }
                () = tokio::time::sleep(pause) => {}
            }
        }
        tracing::warn!(resource = %self.handset.id(), "the phone stops: off the list, or of another version than the server");
    }

    /// Keeps one long-poll open, unless there is no network.
    fn listen(&mut self, now: DateTime<Utc>) {
        if !self.is_online() {
            self.syncing = None;
            self.radio.hang_up();
        } else if self.syncing.is_none() && self.radio.may_send(now) {
            self.radio.requests += 1;
            let (api, rate) = (self.radio.api.clone(), self.radio.rate.clone());
            let (ticket, since) = (self.handset.begin_sync(), self.handset.seq());
            self.syncing = Some(Box::pin(async move {
                rate.acquire().await;
                (ticket, api.sync(Some(since), LONG_POLL_SECS).await)
            }));
        }
    }

    fn on_synced(&mut self, ticket: SyncTicket, result: Result<FieldSync, ApiError>) {
        match result {
            Ok(sync) => {
                self.radio.on_success();
                self.handset.on_sync(ticket, sync);
            }
            Err(error) => self.radio.on_failure(&error),
        }
    }

    async fn end_the_day(&mut self, now: DateTime<Utc>) {
        self.syncing = None;
        self.worker.sign_out(&mut self.handset, now);
        let rest = async {
            while self.handset.has_upload() && !self.radio.is_dead {
                self.radio.work(&mut self.handset).await;
            }
        };
        if tokio::time::timeout(LAST_UPLOADS, rest).await.is_err() {
            tracing::warn!(resource = %self.handset.id(), "not everything could be sent at the end of the day");
        }
    }
}

async fn work(radio: &mut Radio, handset: &mut Handset, is_online: bool) {
    if !is_online {
        std::future::pending::<()>().await;
    }
    radio.work(handset).await;
}

/// The end of a future that may not be there: then never.
async fn done<T>(running: &mut Option<Pin<Box<dyn Future<Output = T> + Send>>>) -> T {
    match running {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}
