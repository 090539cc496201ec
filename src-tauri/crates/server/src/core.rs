//! What all parts of the running server share.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::CompanyId;
use domain::position::Fix;
use protocol::field::PositionsAccepted;
use protocol::wire::Cause;
use tokio::sync::Semaphore;

use crate::auth::Phone;
use crate::clock::Clock;
use crate::config::{MIN_FEED_DAYS, ServerConfig};
use crate::http::limits::{RateLimits, WHAT_IFS};
use crate::hub::Hub;
use crate::ledger::{Effects, Ledger};
use crate::positions::Positions;
use crate::seed;
use crate::snapshots::Snapshots;
use crate::storage::{CompanyRow, Storage, StorageError};
use crate::watching::{Inbox, Input, Watching};

/// What all parts of the running server share.
pub(crate) struct Core {
    pub storage: Storage,
    pub hub: Hub,
    pub positions: Positions,
    pub snapshots: Snapshots,
    pub limits: RateLimits,
    pub inbox: Inbox,
    pub watching: Watching,
    /// Questions of the what-if kind at once: each of them takes a processor for a while.
    pub what_ifs: Arc<Semaphore>,
    pub feed_days: u16,
    clock: Arc<dyn Clock>,
}

impl Core {
    /// Opens the data and loads what is kept in memory.
    pub fn open(config: &ServerConfig, clock: Arc<dyn Clock>) -> Result<Self, StorageError> {
        let storage = Storage::open(&config.data)?;
        let positions = storage.read(|rows| Positions::load(rows, clock.now()))?;
        let core = Core {
            storage,
            hub: Hub::default(),
            positions,
            snapshots: Snapshots::default(),
            limits: RateLimits::default(),
            inbox: Inbox::default(),
            watching: Watching::default(),
            what_ifs: Arc::new(Semaphore::new(WHAT_IFS)),
            feed_days: config.feed_days.max(MIN_FEED_DAYS),
            clock,
        };
        seed::give_rules(&core)?;
        Ok(core)
    }

    /// Now, by the server's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Changes a company's rows in one transaction; once it is committed, everybody who waits for it is woken.
    pub fn write<T, E: From<StorageError>>(
        &self,
        company: CompanyId,
        cause: Option<Cause>,
        work: impl FnOnce(&mut Ledger<'_, '_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.now();
        let (out, ..) = self.storage.write(
            |tx| {
                let mut ledger = Ledger::begin(tx, company, now, cause)?;
                let out = work(&mut ledger)?;
                let (company, effects) = ledger.finish()?;
                Ok::<_, E>((out, company, effects))
            },
            |(_, company, effects)| self.publish(company, effects),
        )?;
        Ok(out)
    }

    fn publish(&self, company: &CompanyRow, effects: &Effects) {
        let id = CompanyId(company.id);
        self.positions.update_roster(id, &effects.cards, &effects.profiles);
        self.positions.update_rules(id, &effects.watched, &effects.gone);
        self.hub.company_changed(id);
        if effects.all_phones {
            self.hub.all_phones_changed();
        }
        effects.phones.iter().for_each(|&resource| self.hub.phone_changed(resource));
        if !effects.watched.is_empty() || !effects.gone.is_empty() {
            let (changed, gone) = (effects.watched.clone(), effects.gone.clone());
            self.inbox.put(Input::Rows { company: id, changed, gone });
        }
    }

    /// Takes fixes of a phone in: into the track, onto the desks' maps, and to the watcher.
    pub fn take_fixes(&self, phone: Phone, fixes: &[Fix], now: DateTime<Utc>) -> PositionsAccepted {
        let Phone { company, resource } = phone;
        let (count, fixes) = self.positions.accept(resource, fixes, now);
        if !fixes.is_empty() {
            self.inbox.put(Input::Fixes { company, resource, fixes, at: now });
        }
        count
    }

    /// A phone was heard, whatever it said.
    pub fn heard(&self, phone: Phone, now: DateTime<Utc>) {
        let Phone { company, resource } = phone;
        self.inbox.put(Input::Heard { company, resource, at: now });
    }

    /// Runs what blocks (the store, Argon2) off the async threads.
    pub async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Core) -> T + Send + 'static,
    ) -> Result<T, tokio::task::JoinError> {
        let core = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&core)).await
    }
}
