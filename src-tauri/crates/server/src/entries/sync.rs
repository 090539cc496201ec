//! What a phone has to know: its card, profile, work and forms.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ResourceId;
use domain::bid::{Bid, BidStatus};
use domain::form::FormDefinition;
use domain::resource::{Battery, Profile, Resource};
use domain::task::{Task, TaskStatus};
use protocol::entity::EntityKind;
use protocol::field::FieldSync;
use protocol::wire::ErrorCode;
use uuid::Uuid;

use crate::auth::Phone;
use crate::core::Core;
use crate::http::error::ApiError;
use crate::ledger::Ledger;
use crate::storage::{Reader, StorageError};

/// A card says when its device was heard only as coarsely as this: a change for every fix would flood the feed.
pub(crate) const HEARD_EVERY: TimeDelta = TimeDelta::minutes(5);

/// The card of a resource.
pub(crate) fn card(
    rows: &Reader<'_>,
    company: Uuid,
    resource: Uuid,
) -> Result<Option<Resource>, StorageError> {
    let row = rows.entity(company, EntityKind::Resource, resource)?.filter(|row| !row.deleted);
    Ok(row.map(|row| serde_json::from_str(&row.data)).transpose()?)
}

/// Everything a phone has to know.
pub(crate) fn full_sync(
    rows: &Reader<'_>,
    company: Uuid,
    resource: Uuid,
    server_time: DateTime<Utc>,
) -> Result<FieldSync, ApiError> {
    let not_there = || ApiError::new(ErrorCode::Fenced, "this card is gone");
    let card = card(rows, company, resource)?.ok_or_else(not_there)?;
    let phone = rows.phone(resource)?.ok_or_else(not_there)?;
    let profile = rows.entity(company, EntityKind::Profile, card.profile.0)?.ok_or_else(not_there)?;
    let profile: Profile = serde_json::from_str(&profile.data).map_err(StorageError::from)?;
    let bids = bids_of(rows, company, card.id)?;
    let mut tasks = tasks_of(rows, company, resource)?;
    add_offered(rows, company, &bids, &mut tasks)?;
    tasks.iter_mut().for_each(keep_the_offices_own);
    Ok(FieldSync {
        tasks,
        bids,
        forms: all_of::<FormDefinition>(rows, company, EntityKind::Form)?,
        location_requested: phone.location_requested,
        seq: phone.seq,
        resource: card,
        profile,
        server_time,
    })
}

fn tasks_of(rows: &Reader<'_>, company: Uuid, resource: Uuid) -> Result<Vec<Task>, StorageError> {
    let found = rows.entities_about(company, EntityKind::Task, resource)?;
    let tasks =
        found.iter().map(|row| serde_json::from_str::<Task>(&row.data)).collect::<Result<Vec<_>, _>>()?;
    let open = |task: &Task| {
        !task.status.is_over() && !matches!(task.status, TaskStatus::Draft | TaskStatus::Declined)
    };
    Ok(tasks.into_iter().filter(open).collect())
}

/// The tasks of open bids: whoever is invited has to know where to.
fn add_offered(
    rows: &Reader<'_>,
    company: Uuid,
    bids: &[Bid],
    tasks: &mut Vec<Task>,
) -> Result<(), StorageError> {
    for bid in bids {
        if tasks.iter().any(|task| task.id == bid.task) {
            continue;
        }
        let row = rows.entity(company, EntityKind::Task, bid.task.0)?.filter(|row| !row.deleted);
        tasks.extend(row.map(|row| serde_json::from_str::<Task>(&row.data)).transpose()?);
    }
    Ok(())
}

/// What customers were told, and who was chosen against whom, is the office's affair.
fn keep_the_offices_own(task: &mut Task) {
    task.promises = Vec::new();
    task.choices = Vec::new();
}

/// Open bids with a line of this resource, without the others' lines.
fn bids_of(rows: &Reader<'_>, company: Uuid, resource: ResourceId) -> Result<Vec<Bid>, StorageError> {
    let mut bids = all_of::<Bid>(rows, company, EntityKind::Bid)?;
    bids.retain(|bid| bid.status == BidStatus::Open && bid.line(resource).is_some());
    bids.iter_mut().for_each(|bid| bid.lines.retain(|line| line.resource == resource));
    Ok(bids)
}

fn all_of<T: serde::de::DeserializeOwned>(
    rows: &Reader<'_>,
    company: Uuid,
    kind: EntityKind,
) -> Result<Vec<T>, StorageError> {
    let found = rows.entities(company, kind)?;
    Ok(found.iter().map(|row| serde_json::from_str(&row.data)).collect::<Result<_, _>>()?)
}

/// Notes on the card what is left in the battery, where that is news.
pub(crate) fn note_battery(
    core: &Core,
    phone: Phone,
    percent: Option<u8>,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let is_news =
        |percent: &u8| *percent <= 100 && core.positions.battery_is_news(phone.resource, *percent, now);
    let Some(percent) = percent.filter(is_news) else { return Ok(()) };
    core.write(phone.company, None, |ledger| match ledger.load::<Resource>(phone.resource.0)? {
        Some((card, _)) => {
            let battery = Some(Battery { percent, at: now });
            ledger.put(Resource { battery, last_heard: Some(now), ..card }).map(drop)
        }
        None => Ok(()),
    })
}

/// Notes on the card that its device was heard, if the note there is old.
pub(crate) fn note_heard(ledger: &mut Ledger<'_, '_>, resource: ResourceId) -> Result<(), StorageError> {
    let now = ledger.now();
    match ledger.load::<Resource>(resource.0)? {
        Some((card, _)) if card.last_heard.is_none_or(|at| now - at >= HEARD_EVERY) => {
            ledger.put(Resource { last_heard: Some(now), ..card }).map(drop)
        }
        _ => Ok(()),
    }
}
