//! A damaged outbox: what can be read of it is exported, or moved to a new one; the damaged file is kept aside.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use protocol::view::{DeskError, DeskErrorCode, DeskResponse};
use store::{Key, Outbox};

use super::{Secrets, explain_keys, explain_outbox, folder};
use crate::DeskConfig;
use crate::exports::{self, QueueExport};
use crate::files::Identity;

/// Goes on with a new outbox that holds what can be read of the damaged one. What was on its way is for review then: the server may
/// have done it or not.
///
/// # Errors
/// [`DeskErrorCode::KeyStore`], [`DeskErrorCode::Storage`]; the damaged file is where it was.
pub fn salvage(
    config: &DeskConfig,
    identity: &Identity,
    now: DateTime<Utc>,
) -> Result<DeskResponse, DeskError> {
    let (dir, key) = place(config, identity)?;
    let rescued = Outbox::rescue(&dir, &key, now).map_err(|error| explain_outbox(&error))?;
    let lost = lost(rescued.lost);
    tracing::warn!(kept = rescued.kept, lost, "a damaged queue was salvaged");
    let aside = rescued.aside.map(|aside| aside.display().to_string()).unwrap_or_default();
    Ok(DeskResponse::Salvaged { kept: rescued.kept as u32, lost, aside })
}

/// Writes what can be read of a damaged outbox to a file.
///
/// # Errors
/// As [`salvage`].
pub fn export_damaged(
    config: &DeskConfig,
    identity: &Identity,
    now: DateTime<Utc>,
) -> Result<DeskResponse, DeskError> {
    let (dir, key) = place(config, identity)?;
    let salvage = Outbox::salvage(&dir, &key).map_err(|error| explain_outbox(&error))?;
    let export = QueueExport {
        identity,
        device: salvage.device,
        commands: &salvage.commands,
        unreadable: &salvage.unreadable,
        lost: lost(salvage.lost),
    };
    exports::save_queue(config, &export, now)
}

/// Commands of which nothing could be read; at least one where not even their number is known.
fn lost(known: Option<usize>) -> u32 {
    known.unwrap_or(1) as u32
}

fn place(config: &DeskConfig, identity: &Identity) -> Result<(PathBuf, Key), DeskError> {
    let dir = config.data_dir.as_ref().map(|dir| folder(dir, identity)).ok_or(DeskErrorCode::Storage)?;
    let key = Secrets::of(config, identity).and_then(|secrets| secrets.outbox_key(&dir));
    Ok((dir, key.map_err(|error| explain_keys(&error))?))
}
