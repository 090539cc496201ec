//! Snapshots that are being read page by page: each is pinned at one cursor, however long the reading takes and whatever
//! changes meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::UserId;
use protocol::wire::{Cursor, Item, SnapshotPage};

use crate::secret;

/// Rows on a page.
pub(crate) const PAGE_ROWS: usize = 1_000;
/// Version of the row formats.
pub(crate) const SCHEMA: u16 = 1;
/// A snapshot nobody has asked for so long is dropped; its reader starts over.
const KEPT: TimeDelta = TimeDelta::minutes(5);
/// Snapshots kept at a time; the one idle for longest goes first.
const MOST: usize = 32;

/// Snapshots that are being read.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<HashMap<String, Pinned>>);

#[derive(Debug)]
struct Pinned {
    user: UserId,
    at: Cursor,
    /// All but the first page.
    items: Vec<Item>,
    read_at: DateTime<Utc>,
}

impl Snapshots {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Pinned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first page of a fresh snapshot; the rest is kept for its reader.
    pub fn begin(&self, user: UserId, at: Cursor, mut items: Vec<Item>, now: DateTime<Utc>) -> SnapshotPage {
        let total = items.len();
        if total <= PAGE_ROWS {
            return page_of((at, total), items, None);
        }
        let rest = items.split_off(PAGE_ROWS);
        let mut kept = self.lock();
        kept.retain(|_, pinned| now - pinned.read_at < KEPT);
        if kept.len() >= MOST {
            let idle = kept.iter().min_by_key(|(_, pinned)| pinned.read_at).map(|(key, _)| key.clone());
            idle.and_then(|key| kept.remove(&key));
        }
        let key = secret::new_token();
        let next_page_token = Some(page_token(&key, 0));
        kept.insert(key, Pinned { user, at, items: rest, read_at: now });
        page_of((at, total), items, next_page_token)
    }

    /// A further page; `None` for a token that is not (or no more) of a snapshot of `user`. The same token answers the same page
    /// again, until the last one has been fetched and the snapshot runs out.
    pub fn page(&self, user: UserId, token: &str, now: DateTime<Utc>) -> Option<SnapshotPage> {
        let (key, from) = token.split_once('.')?;
        let from: usize = from.parse().ok()?;
        let mut kept = self.lock();
        let pinned = kept.get_mut(key).filter(|pinned| pinned.user == user && now - pinned.read_at < KEPT)?;
        pinned.read_at = now;
        let to = from.checked_add(PAGE_ROWS)?.min(pinned.items.len());
        let items = pinned.items.get(from..to)?.to_vec();
        let next_page_token = (to < pinned.items.len()).then(|| page_token(key, to));
        Some(page_of((pinned.at, PAGE_ROWS + pinned.items.len()), items, next_page_token))
    }
}

fn page_of((at, total): (Cursor, usize), items: Vec<Item>, next_page_token: Option<String>) -> SnapshotPage {
    SnapshotPage { at, items, next_page_token, total: u64::try_from(total).ok(), schema: SCHEMA }
}

fn page_token(key: &str, from: usize) -> String {
    format!("{key}.{from}")
}
