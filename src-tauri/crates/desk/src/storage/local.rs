//! The controller's half of the files: reads rows, keeps who is signed in, takes away what is too old, wipes.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use domain::DeviceId;
use domain::company::{Company, Retention, User};
use protocol::durable::{CommandState, Incident, NeedsUser, OutboxChange, StoredOutbox};
use protocol::entity::EntityKind;
use protocol::view::{RetainedData, RetentionView};
use protocol::wire::Cursor;
use store::{Cache, Outbox, Secret, StoredSession};
use sync::StorageFault;

use super::{CacheFile, OutboxFile, Secrets};
use crate::files::Identity;
use crate::rows::CachedRow;
use crate::speeds::KeptSpeeds;

/// Incidents that the diagnostics show.
const INCIDENTS_SHOWN: u32 = 100;
/// The name under which learnt speeds are kept.
const SPEEDS: &str = "learnt_speeds";
/// Purges that people are shown.
const PURGES_SHOWN: u32 = 30;

/// What is stored here of one identity. Calls block: not for the loop.
#[derive(Clone)]
pub struct LocalData {
    cache: CacheFile,
    outbox: OutboxFile,
    /// `None` in memory.
    lasting: Option<(PathBuf, Secrets)>,
}

/// What the diagnostics tell of the files.
#[derive(Debug, Default)]
pub struct LocalFacts {
    /// Where the cache stands.
    pub cursor: Option<Cursor>,
    /// Newest first.
    pub incidents: Vec<Incident>,
    /// Names of files and their bytes.
    pub files: Vec<(String, u64)>,
}

impl LocalData {
    pub(super) fn new(cache: CacheFile, outbox: OutboxFile, lasting: Option<(PathBuf, Secrets)>) -> Self {
        Self { cache, outbox, lasting }
    }

    /// All rows of types that this build knows; one that can't be read is left out.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn rows(&self) -> Result<Vec<CachedRow>, StorageFault> {
        self.cache.with(|cache| {
            let mut rows = Vec::new();
            for kind in EntityKind::ALL {
                rows.extend(cache.rows(*kind)?.iter().filter_map(|row| decode(*kind, row)));
            }
            Ok(rows)
        })
    }

    /// As whom this desk signs in now: a fenced one has become another device.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn device(&self) -> Result<(DeviceId, u64), StorageFault> {
        let stored = self.outbox.with(Outbox::load)?;
        Ok((stored.device, stored.device_epoch))
    }

    /// Makes this desk another device; what was on its way is for review, since the server may have done it or not. Answers what the
    /// outbox holds then. No sync session may run.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn become_another_device(&self) -> Result<StoredOutbox, StorageFault> {
        self.outbox.with(|outbox| {
            let device = DeviceId(uuid::Builder::from_random_bytes(rand::random()).into_uuid());
            let mut changes = vec![OutboxChange::NewDevice { device }];
            for mut queued in outbox.load()?.commands {
                if matches!(queued.state, CommandState::Queued | CommandState::InFlight) {
                    queued.state = CommandState::NeedsUser { why: NeedsUser::Fenced };
                    changes.push(OutboxChange::Put(Box::new(queued)));
                }
            }
            outbox.change(&changes)?;
            outbox.load()
        })
    }

    /// Remembers who is signed in, for opening without a server; `proof_at` is the last proof of freshness.
    pub fn remember(&self, identity: &Identity, user: &User, company: &Company, proof_at: DateTime<Utc>) {
        let session = StoredSession {
            server: identity.server_url.clone(),
            user: user.clone(),
            company: company.clone(),
            offline_until: proof_at + TimeDelta::hours(i64::from(company.offline_hours)),
        };
        if let Err(fault) = self.cache.with(|cache| cache.set_session(Some(&session))) {
            tracing::warn!(%fault, "the session is not remembered");
        }
    }

    /// What was learnt of the roads' speeds; nothing where that can't be read.
    pub fn speeds(&self) -> KeptSpeeds {
        let kept = self.cache.with(|cache| Ok(cache.preferences()?.remove(SPEEDS)));
        let kept = kept.inspect_err(|fault| tracing::warn!(%fault, "learnt speeds can't be read"));
        let read = |kept: String| {
            serde_json::from_str(&kept)
                .inspect_err(|error| tracing::warn!(%error, "learnt speeds of another build are forgotten"))
                .ok()
        };
        kept.ok().flatten().and_then(read).unwrap_or_default()
    }

    /// Keeps what was learnt of the roads' speeds, in the encrypted cache.
    pub fn keep_speeds(&self, speeds: &KeptSpeeds) {
        let written = serde_json::to_string(speeds).map_err(|error| StorageFault(error.to_string()));
        let kept =
            written.and_then(|text| self.cache.with(|cache| cache.set_preference(SPEEDS, Some(&text))));
        if let Err(fault) = kept {
            tracing::warn!(%fault, "learnt speeds are not kept");
        }
    }

    /// Keeps the refresh token where secrets are kept.
    pub fn keep_token(&self, refresh: &str) {
        let Some((_, secrets)) = &self.lasting else { return };
        if let Err(error) = secrets.keys.set(&secrets.token, &Secret::new(refresh)) {
            tracing::warn!(%error, "the session has to be signed in to again after a restart");
        }
    }

    /// The refresh token kept last.
    pub fn token(&self) -> Option<String> {
        let (_, secrets) = self.lasting.as_ref()?;
        let secret = secrets.keys.get(&secrets.token);
        let secret = secret.inspect_err(|error| tracing::warn!(%error, "no refresh token")).ok()??;
        secret.expose_text().map(str::to_owned)
    }

    /// Takes away what the company's retention no longer allows at `now`, the server's time; answers whether rows went.
    pub fn purge(&self, retention: &Retention, now: DateTime<Utc>) -> bool {
        match self.cache.with(|cache| cache.purge(now, retention)) {
            Ok(purge) => purge.removed.keys().any(|data| *data != RetainedData::Positions),
            Err(fault) => {
                tracing::error!(%fault, "old rows stay in the cache");
                false
            }
        }
    }

    /// Takes away old commands that failed or wait for the user, and damaged queues that were set aside. The sync session must not
    /// know such commands any more.
    pub fn purge_outbox(&self, retention: &Retention, now: DateTime<Utc>) {
        if let Err(fault) = self.outbox.with(|outbox| outbox.purge(now, retention)) {
            tracing::error!(%fault, "old commands stay in the queue's file");
        }
    }

    /// How long data is kept here, what will have gone by `until`, and what went lately.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn retention(
        &self,
        retention: &Retention,
        until: DateTime<Utc>,
    ) -> Result<RetentionView, StorageFault> {
        self.cache.with(|cache| {
            let rules = cache.preview_purge(until, retention)?;
            Ok(RetentionView { rules, purges: cache.purges(PURGES_SHOWN)? })
        })
    }

    /// For the diagnostics; what can't be read is left out.
    pub fn facts(&self) -> LocalFacts {
        let read = self.cache.with(|cache| Ok((cache.load()?.cursor, cache.incidents(INCIDENTS_SHOWN)?)));
        let (cursor, incidents) = read.unwrap_or_else(|fault| {
            tracing::warn!(%fault, "the diagnostics lack the cache");
            Default::default()
        });
        LocalFacts { cursor, incidents, files: self.files() }
    }

    /// Gives up everything in the outbox.
    pub fn discard_queue(&self) {
        if let Err(fault) = self.outbox.with(Outbox::clear) {
            tracing::error!(%fault, "the queue was not discarded");
        }
    }

    /// Forgets all that came from the server, its key, and the token. The outbox is not touched.
    pub fn wipe(&self) {
        // Emptied and scrubbed first: a copy of the file that cannot be deleted has nothing in it then.
        if let Some(mut cache) = self.cache.close()
            && let Err(error) = cache.clear()
        {
            tracing::error!(%error, "the cache was not cleared");
        }
        let Some((dir, secrets)) = &self.lasting else { return };
        for secret in [&secrets.cache_key, &secrets.token] {
            if let Err(error) = secrets.keys.delete(secret) {
                tracing::error!(%error, "a secret was not forgotten");
            }
        }
        if let Err(error) = Cache::delete(dir) {
            tracing::warn!(%error, "a file of the cache stays, unreadable");
        }
    }

    fn files(&self) -> Vec<(String, u64)> {
        let Some((dir, _)) = &self.lasting else { return Vec::new() };
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let sized = entries.filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            entry.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| (name, file.len()))
        });
        let mut files: Vec<(String, u64)> = sized.collect();
        files.sort();
        files
    }
}

fn decode(kind: EntityKind, row: &store::Row) -> Option<CachedRow> {
    let read = kind.decode(&row.data);
    let read = read.inspect_err(|_| tracing::warn!(kind = kind.name(), id = %row.id, "a row can't be read"));
    Some(CachedRow { entity: read.ok()?, version: row.version, at: row.at })
}
