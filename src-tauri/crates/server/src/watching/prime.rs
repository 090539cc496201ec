//! Watchers as if they had been there all the time: from rows and from the last half hour of stored tracks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::position::Fix;
use domain::resource::Resource;
use domain::{AlertId, CompanyId};
use protocol::entity::{Entity, EntityKind};
use watch::News;

use super::company::Watched;
use crate::core::Core;
use crate::jobs;
use crate::storage::{Reader, StorageError};

/// So much of the tracks is taken again: whatever is being confirmed began later.
const TRACKS: TimeDelta = TimeDelta::minutes(30);
/// Alerts of so long ago are known.
const ALERTS: TimeDelta = TimeDelta::days(8);

/// In this order: the watcher has to know places before rules, and alerts before whom they are about.
const KINDS: [EntityKind; 7] = [
    EntityKind::Company,
    EntityKind::Poi,
    EntityKind::Rule,
    EntityKind::Alert,
    EntityKind::Task,
    EntityKind::Bid,
    EntityKind::Resource,
];

/// All companies' watchers at `now`. What they have to tell of the last half hour is what has not become a row.
pub(super) fn all(core: &Core, now: DateTime<Utc>) -> Result<BTreeMap<CompanyId, Watched>, StorageError> {
    jobs::flush_positions(core)?;
    let companies = core.storage.read(|rows| rows.companies())?;
    let primed = companies.into_iter().map(|company| {
        let id = CompanyId(company.id);
        Ok((id, core.storage.read(|rows| primed(rows, id, now))?))
    });
    primed.collect()
}

fn primed(rows: &Reader<'_>, company: CompanyId, now: DateTime<Utc>) -> Result<Watched, StorageError> {
    let since = now - TRACKS;
    let mut watched = Watched::new(since);
    let mut cards = Vec::new();
    for kind in KINDS {
        for (row, at) in read(rows, company, kind, now)? {
            if let Entity::Resource(card) = &row {
                cards.push(card.clone());
            }
            let is_timed = matches!(kind, EntityKind::Poi | EntityKind::Rule);
            watched.on_row(row, if is_timed { at } else { since });
        }
        watched.refresh(now);
    }
    let mut fixes = Vec::new();
    for card in &cards {
        fixes.extend(track(rows, card, since, now)?.into_iter().map(|fix| (card.id, fix)));
    }
    fixes.sort_by_key(|(resource, fix)| (fix.fix_time, *resource));
    let mut news = watched.take_news();
    for (resource, fix) in fixes {
        news.extend(watched.watcher.on_fix(resource, &fix, fix.fix_time));
    }
    let undone: BTreeSet<AlertId> = news.iter().filter_map(retracted).collect();
    news.retain(|news| is_of_today(news, &watched) && !raised(news).is_some_and(|id| undone.contains(&id)));
    watched.put_back(news);
    Ok(watched)
}

fn retracted(news: &News) -> Option<AlertId> {
    if let News::Retracted(id) = news { Some(*id) } else { None }
}

fn raised(news: &News) -> Option<AlertId> {
    if let News::Raised(alert) = news { Some(alert.id) } else { None }
}

fn read(
    rows: &Reader<'_>,
    company: CompanyId,
    kind: EntityKind,
    now: DateTime<Utc>,
) -> Result<Vec<(Entity, DateTime<Utc>)>, StorageError> {
    let found = if kind == EntityKind::Alert {
        let ids = rows.alerts_since(company.0, now - ALERTS)?;
        let row = |id| rows.entity(company.0, kind, id).transpose();
        ids.into_iter().filter_map(row).collect::<Result<Vec<_>, _>>()?
    } else {
        rows.entities(company.0, kind)?
    };
    let mut read = Vec::with_capacity(found.len());
    for row in found.into_iter().filter(|row| !row.deleted) {
        match kind.decode(&row.data) {
            Ok(entity) => read.push((entity, row.at)),
            // One row that can't be read is no reason to watch nobody.
            Err(error) => tracing::warn!(kind = kind.name(), id = %row.id, %error, "a row is not watched"),
        }
    }
    Ok(read)
}

/// The last half hour of somebody's way, from when they last began to share it.
fn track(
    rows: &Reader<'_>,
    card: &Resource,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Fix>, StorageError> {
    if card.private_since.is_some() || card.disabled {
        return Ok(Vec::new());
    }
    let gaps = rows.privacy_gaps(card.id.0, since, now)?;
    let from = gaps.into_iter().map(|gap| gap.to.unwrap_or(now)).fold(since, DateTime::max);
    rows.track(card.id.0, from, now)
}

/// Whether the place and the rule behind an alert were as they are when it happened.
fn is_of_today(news: &News, watched: &Watched) -> bool {
    let News::Raised(alert) = news else { return true };
    let rule = alert.rule.map(|rule| rule.0);
    let place = alert.kind.fence().map(|poi| poi.0);
    let changed = rule.into_iter().chain(place).filter_map(|id| watched.as_is_since(id)).max();
    changed.is_none_or(|changed| alert.event_time >= changed)
}
