//! What is cached: read anew after a resync, kept no longer than allowed, opened without a server while it is fresh enough.

use chrono::{DateTime, Utc};
use sync::StorageFault;
use tokio::sync::oneshot;

use super::lifecycle::wait_for;
use super::{Controller, Phase};
use crate::event::DeskEvent;
use crate::rows::CachedRow;
use crate::storage;

impl Controller {
    /// What the sign-in page should know before anybody asks. A key store may take its time: the page does not wait for it. The next
    /// start does: the same files must not be opened, and perhaps migrated, twice at a time.
    pub(super) fn look_for_last_session(&mut self) {
        let Some(identity) = self.settings.last().cloned() else { return };
        let (config, now, before) = (self.wiring.config.clone(), self.now(), self.closing.take());
        let (told, seen) = oneshot::channel();
        self.closing = Some(tokio::spawn(async move {
            wait_for(before).await;
            let looking =
                tokio::task::spawn_blocking(move || storage::offline_until(&config, &identity, now));
            match looking.await {
                Ok(offline_until) => drop(told.send(offline_until)), // nobody waits for it when the desk has stopped
                Err(error) => tracing::error!(%error, "the last session was not looked at"),
            }
        }));
        let events = self.wiring.events.clone();
        self.tasks.spawn(async move {
            if let Ok(offline_until) = seen.await {
                events.send(DeskEvent::LastSession { offline_until }).await.ok(); // else the desk has stopped
            }
        });
    }

    pub(super) fn on_last_session(&mut self, until: Option<DateTime<Utc>>) {
        if let Phase::SignedOut { offline_until, .. } = &mut self.phase {
            *offline_until = until;
            self.tell_session();
        }
    }

    /// Writes down how fresh the cache is: it opens without a server for so long from then on.
    pub(super) fn remember_proof(&mut self) {
        let Phase::SignedIn(running) = &self.phase else { return };
        let Some(proof_at) = running.session.freshness().proof_at else { return };
        let (user, company) = (running.session.user().clone(), running.session.company().clone());
        let (local, identity) = (running.local.clone(), running.identity.clone());
        self.tasks.spawn_blocking(move || local.remember(&identity, &user, &company, proof_at));
    }

    pub(super) fn on_purged(&mut self, session: u64) {
        if matches!(&self.phase, Phase::SignedIn(running) if running.number == session) {
            self.read_cache();
        }
    }

    /// Reads the cache anew, in the back; the sync session waits meanwhile.
    pub(super) fn read_cache(&mut self) {
        let events = self.wiring.events.clone();
        let Phase::SignedIn(running) = &mut self.phase else { return };
        running.reading = true;
        let (session, local) = (running.number, running.local.clone());
        self.tasks.spawn(async move {
            let read = tokio::task::spawn_blocking(move || local.rows()).await;
            let result = read.unwrap_or_else(|error| Err(StorageFault(error.to_string())));
            events.send(DeskEvent::Read { session, result }).await.ok(); // else the desk has stopped
        });
    }

    pub(super) fn on_read(&mut self, session: u64, result: Result<Vec<CachedRow>, StorageFault>) {
        let now = self.now();
        let Phase::SignedIn(running) = &mut self.phase else { return };
        if running.number != session {
            return;
        }
        running.reading = false;
        match result {
            Ok(rows) => running.session.reset(rows, now),
            Err(fault) => tracing::error!(%fault, "the cache can't be read: what is shown may be old"),
        }
    }
}
