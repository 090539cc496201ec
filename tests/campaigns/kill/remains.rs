//! What a killed process leaves behind, as the next start would find it. Looked at in a copy: the original goes on as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use chrono::{DateTime, Utc};
use domain::TaskId;
use protocol::durable::{IncidentKind, QueuedCommand};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{CommandBody, Cursor};
use store::{Cache, Outbox, StoreError};

use super::keys::FolderKeys;

/// What is in the files.
#[derive(Debug, Default)]
pub struct Remains {
    /// Commands.
    pub queue: Vec<QueuedCommand>,
    /// Where the cache stands.
    pub cursor: Option<Cursor>,
    /// Its tasks.
    pub tasks: BTreeMap<TaskId, domain::task::Task>,
    /// Tables that turned out to differ from the server's, in all lives.
    pub mismatches: usize,
}

impl Remains {
    /// Opens a copy of `session`, which checks every page of both files.
    ///
    /// # Errors
    /// When there is no copy to be made. Damage is the inner error.
    pub fn of(session: &Path, keys: &FolderKeys, now: DateTime<Utc>) -> Result<Result<Remains, StoreError>> {
        let copied = tempfile::tempdir()?;
        copy(session, copied.path())?;
        let (cache_key, outbox_key) = keys.of_databases()?;
        Ok(read(copied.path(), (&cache_key, &outbox_key), now))
    }

    /// What the commands say, by which they are told apart.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.queue.iter().filter_map(|queued| text_of(&queued.command.body))
    }
}

fn read(
    dir: &Path,
    (cache_key, outbox_key): (&store::Key, &store::Key),
    now: DateTime<Utc>,
) -> Result<Remains, StoreError> {
    let mut remains = Remains::default();
    if dir.join("outbox.db").exists() {
        remains.queue = Outbox::open(dir, outbox_key)?.load()?.commands;
    }
    if dir.join("cache.db").exists() {
        let mut cache = Cache::open(dir, cache_key, now)?;
        if let Some(aside) = cache.set_aside_as() {
            return Err(StoreError::Corrupt { file: aside.to_owned() });
        }
        remains.cursor = cache.load()?.cursor;
        for row in cache.rows(EntityKind::Task)? {
            if let Ok(Entity::Task(task)) = EntityKind::Task.decode(&row.data) {
                remains.tasks.insert(task.id, task);
            }
        }
        let incidents = cache.incidents(u32::MAX)?.into_iter();
        remains.mismatches = incidents.filter(|one| one.kind == IncidentKind::ChecksumMismatch).count();
    }
    Ok(remains)
}

/// Files only: what lies in folders beside them belongs to no open database.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn text_of(body: &CommandBody) -> Option<&str> {
    if let CommandBody::TaskCreate(draft) = body {
        return Some(&draft.title);
    }
    if let CommandBody::TaskNote { text, .. } = body { Some(text) } else { None }
}
