//! The read side: `GET /v1/snapshot`, `/v1/changes`, `/v1/positions`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use domain::CompanyId;
use protocol::entity::EntityType;
use protocol::wire::{ChangesPage, Cursor, ErrorCode, Item, PositionsResponse, SnapshotPage, op};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::body::Parameters;
use super::error::ApiError;
use super::limits::CHANGES;
use crate::auth::Principal;
use crate::core::Core;
use crate::positions::LiveScope;
use crate::storage::{CompanyRow, EntityRow, Reader, StorageError};

/// Changes on a page when the reader does not say how many.
const USUAL_CHANGES: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnapshotParameters {
    page_token: Option<String>,
}

/// Everything the user may see, as of one cursor.
pub(crate) async fn snapshot(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
    Parameters(parameters): Parameters<SnapshotParameters>,
) -> Result<Json<SnapshotPage>, ApiError> {
    let page = core.blocking(move |core| {
        let (user, now) = (principal.user.id, core.now());
        if let Some(token) = parameters.page_token {
            return core.snapshots.page(user, &token, now).ok_or_else(ApiError::gone);
        }
        let (at, items) = core.storage.read(|rows| {
            let company = company(rows, principal.user.company)?;
            let items =
                rows.entities_in(&principal.view())?.into_iter().map(item).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StorageError>((head(&company), items))
        })?;
        Ok(core.snapshots.begin(user, at, items, now))
    });
    page.await?.map(Json)
}

/// A row as a `put`.
pub(crate) fn item(row: EntityRow) -> Result<Item, StorageError> {
    Ok(Item {
        entity: EntityType(row.kind),
        id: row.id,
        version: row.version,
        op: op::PUT.to_owned(),
        data: Some(RawValue::from_string(row.data)?),
        at: row.at,
        cause: None,
    })
}

pub(crate) fn company(rows: &Reader<'_>, id: CompanyId) -> Result<CompanyRow, StorageError> {
    rows.company(id.0)?.ok_or(StorageError::NoCompany)
}

pub(crate) fn head(company: &CompanyRow) -> Cursor {
    Cursor { epoch: company.epoch, seq: company.head }
}

/// Whether a reader that stands at `cursor` can be served changes.
pub(crate) fn is_readable(company: &CompanyRow, cursor: Cursor) -> bool {
    cursor.epoch == company.epoch && (company.floor..=company.head).contains(&cursor.seq)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangesParameters {
    cursor: Cursor,
    limit: Option<usize>,
}

/// What changed after a cursor.
pub(crate) async fn changes(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
    Parameters(parameters): Parameters<ChangesParameters>,
) -> Result<Json<ChangesPage>, ApiError> {
    let limit = parameters.limit.unwrap_or(USUAL_CHANGES);
    if !(1..=CHANGES).contains(&limit) {
        return Err(ApiError::new(ErrorCode::TooLarge, format!("a page has 1 to {CHANGES} changes")));
    }
    let from = parameters.cursor;
    let page = core.blocking(move |core| {
        let server_time = core.now();
        core.storage.read(|rows| {
            let company = company(rows, principal.user.company)?;
            if !is_readable(&company, from) || from.seq < principal.view_since {
                return Err(ApiError::gone());
            }
            let view = principal.view();
            let page = rows.changes(&view, from.seq, limit)?;
            let head = head(&company);
            let to = page.more_after.map_or(head, |seq| Cursor { seq, ..head });
            let checksums = (to == head).then(|| rows.checksums(&view)).transpose()?;
            Ok(ChangesPage { from, to, head, items: page.items, checksums, server_time })
        })
    });
    page.await?.map(Json)
}

/// The newest fix of everybody the user may see.
pub(crate) async fn positions(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
) -> Result<Json<PositionsResponse>, ApiError> {
    let user = principal.user.clone();
    core.blocking(move |core| {
        core.write(user.company, None, |ledger| ledger.audit(user.id.0, "positions.read", Uuid::nil()))
    })
    .await??;
    let (positions, _) = core.positions.since(&LiveScope::of(&principal.user), 0);
    Ok(Json(PositionsResponse { positions, server_time: core.now() }))
}
