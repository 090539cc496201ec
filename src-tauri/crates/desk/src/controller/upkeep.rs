//! What keeps a desk in order: old data go, a damaged queue is salvaged, people can save and see what is here.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::company::Retention;
use protocol::view::{DeskError, DeskErrorCode, DeskResponse};
use tokio::sync::oneshot;

use super::requests::answer;
use super::{Controller, Phase};
use crate::DeskConfig;
use crate::diagnostics::Diagnostics;
use crate::event::{DeskEvent, Reply};
use crate::exports::{self, QueueExport};
use crate::link::LinkAsk;
use crate::storage::{self, LocalData, LocalFacts};

impl Controller {
    /// Applies the company's retention to everything here: cache, queue, exported files. By the server's time: a desk whose clock
    /// is fast must not forget too early. While that is not known, the purge waits for it.
    pub(super) fn purge(&mut self) {
        let now = self.now();
        let Phase::SignedIn(running) = &mut self.phase else { return };
        let (session, number) = (&running.session, running.number);
        running.purge_owed = session.server_time(now).is_none();
        let Some(now) = session.server_time(now) else { return };
        let purge = Purge {
            config: self.wiring.config.clone(),
            local: running.local.clone(),
            retention: session.company().retention,
            now,
        };
        let limit = now - TimeDelta::days(i64::from(purge.retention.default_days));
        let old = session.picture().queue().iter();
        let old = old.filter(|queued| !queued.state.is_pending() && queued.command.occurred.wall < limit);
        // The sync session forgets them first: what it knows is what it would write again.
        for queued in old {
            running.link.ask(LinkAsk::Discard { n: queued.command.n, otherwise: None, reply: None });
        }
        let (discarded, when_discarded) = oneshot::channel();
        running.link.ask(LinkAsk::Reached(discarded));
        let events = self.wiring.events.clone();
        self.tasks.spawn(async move {
            when_discarded.await.ok(); // else the session is ending, and the next one begins with a purge
            if tokio::task::spawn_blocking(move || purge.run()).await.unwrap_or(false) {
                events.send(DeskEvent::Purged { session: number }).await.ok(); // else the desk has stopped
            }
        });
    }

    /// The server's time may be known now: what waited for it is done.
    pub(super) fn purge_if_owed(&mut self) {
        if matches!(&self.phase, Phase::SignedIn(running) if running.purge_owed) {
            self.purge();
        }
    }

    /// How long data is kept here, and what goes until then.
    pub(super) fn retention(&mut self, until: DateTime<Utc>, reply: Reply) {
        let asked =
            self.signed_in().map(|running| (running.local.clone(), running.session.company().retention));
        match asked {
            Ok((local, retention)) => self.in_the_back(reply, move || {
                let view = local.retention(&retention, until).map_err(|fault| {
                    tracing::error!(%fault, "what is kept here can't be counted");
                    DeskError::from(DeskErrorCode::Storage)
                })?;
                Ok(DeskResponse::Retention(view))
            }),
            Err(error) => answer(reply, Err(error)),
        }
    }

    /// Writes the queue to a file: the one that runs, or what can be read of the damaged one.
    pub(super) fn export_queue(&mut self, reply: Reply) {
        let (config, now) = (self.wiring.config.clone(), self.now());
        let Phase::SignedIn(running) = &self.phase else {
            return match self.damaged.clone() {
                Some(identity) => {
                    self.in_the_back(reply, move || storage::export_damaged(&config, &identity, now))
                }
                None => answer(reply, Err(DeskErrorCode::NotSignedIn.into())),
            };
        };
        let (identity, commands) = (running.identity.clone(), running.session.picture().queue().to_vec());
        let (unreadable, local) = (running.unreadable.clone(), running.local.clone());
        self.purge(); // what should be gone does not go into a new file
        self.in_the_back(reply, move || {
            let device = local.device().ok().map(|(device, _)| device);
            let (identity, commands) = (&identity, commands.as_slice());
            let export = QueueExport { identity, device, commands, unreadable: &unreadable, lost: 0 };
            exports::save_queue(&config, &export, now)
        });
    }

    /// Saves what can be saved of the queue that a start found damaged. The next start waits for it.
    pub(super) fn salvage_queue(&mut self, reply: Reply) {
        let (Phase::SignedOut { .. }, Some(identity)) = (&self.phase, self.damaged.clone()) else {
            let detail = Some("no_damaged_queue".to_owned());
            return answer(reply, Err(DeskError { code: DeskErrorCode::BadInput, detail }));
        };
        let (config, now, before) = (self.wiring.config.clone(), self.now(), self.closing.take());
        self.damaged = None;
        self.closing = Some(tokio::spawn(async move {
            super::lifecycle::wait_for(before).await;
            let salvaged =
                tokio::task::spawn_blocking(move || storage::salvage(&config, &identity, now)).await;
            answer(
                reply,
                salvaged.unwrap_or_else(|error| {
                    tracing::error!(%error, "the salvage failed");
                    Err(DeskErrorCode::Internal.into())
                }),
            );
        }));
    }

    /// How this desk is doing, as text.
    pub(super) fn diagnostics(&mut self, reply: Reply) {
        let (view, now) = (self.session_view(), self.now());
        let (session, local) = match &self.phase {
            Phase::SignedIn(running) => (Some(&running.session), Some(running.local.clone())),
            Phase::SignedOut { .. } | Phase::Starting { .. } => (None, None),
        };
        let diagnostics = Diagnostics::of(&view, session, now).with_notifications(self.service.as_ref());
        self.in_the_back(reply, move || {
            let facts = local.map_or_else(LocalFacts::default, |local| local.facts());
            Ok(DeskResponse::Text(diagnostics.text(&facts)))
        });
    }
}

/// One application of the retention.
struct Purge {
    config: Arc<DeskConfig>,
    local: LocalData,
    retention: Retention,
    now: DateTime<Utc>,
}

impl Purge {
    /// Answers whether rows of the cache went.
    fn run(self) -> bool {
        let rows_went = self.local.purge(&self.retention, self.now);
        self.local.purge_outbox(&self.retention, self.now);
        let limit = self.now - TimeDelta::days(i64::from(self.retention.default_days));
        let files = exports::delete_older(&self.config, limit);
        tracing::info!(rows_went, files, "the retention was applied");
        rows_went
    }
}
