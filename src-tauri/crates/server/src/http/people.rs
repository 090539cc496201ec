//! What is asked about one person, and audited: `GET /v1/resources/{id}/track`, `POST /v1/resources/{id}/contact`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, State};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ResourceId;
use domain::access::{Action, Role};
use domain::position::Fix;
use domain::resource::Resource;
use protocol::wire::{ContactResponse, ErrorCode, GapReason, TrackGap, TrackResponse};
use serde::Deserialize;
use uuid::Uuid;

use super::body::Parameters;
use super::error::ApiError;
use super::limits::TRACK_FIXES;
use crate::auth::Principal;
use crate::core::Core;
use crate::ledger::Ledger;
use crate::storage::{PrivacyGapRow, Reader, StorageError};

/// How far back a supervisor may look.
const SUPERVISORS_PAST: TimeDelta = TimeDelta::days(30);
/// Longest reason kept, characters.
const PURPOSE_CHARS: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrackParameters {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    purpose: Option<String>,
}

/// Where somebody was: dispatchers see the current shift, supervisors 30 days if they say why.
pub(crate) async fn track(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<Uuid>,
    Parameters(asked): Parameters<TrackParameters>,
) -> Result<Json<TrackResponse>, ApiError> {
    if asked.to < asked.from {
        return Err(ApiError::unprocessable("the range ends before it begins"));
    }
    let purpose = purpose_of(&principal, asked.purpose)?;
    let track = core.blocking(move |core| {
        crate::jobs::flush_positions(core)?;
        core.write(principal.user.company, None, |ledger| {
            let card = card_for(ledger, &principal, Action::ReadTrack, ResourceId(id))?;
            ledger.audit_with_purpose(principal.user.id.0, "track.read", id, &purpose)?;
            let Some(from) = earliest(ledger.tx(), ledger.now(), &principal, &card)?
                .map(|earliest| earliest.max(asked.from))
            else {
                return Ok(TrackResponse { fixes: Vec::new(), gaps: Vec::new() });
            };
            let fixes = thinned(ledger.tx().track(id, from, asked.to)?);
            let gaps = ledger.tx().privacy_gaps(id, from, asked.to)?.into_iter().map(gap).collect();
            Ok::<_, ApiError>(TrackResponse { fixes, gaps })
        })
    });
    track.await?.map(Json)
}

/// The reason as it is kept; a supervisor has to give one.
pub(super) fn purpose_of(principal: &Principal, given: Option<String>) -> Result<String, ApiError> {
    let purpose: String = given.unwrap_or_default().trim().chars().take(PURPOSE_CHARS).collect();
    if purpose.is_empty() && principal.user.role == Role::Supervisor {
        return Err(ApiError::new(ErrorCode::BadRequest, "say why: purpose is missing"));
    }
    Ok(purpose)
}

/// How far back this user may look at this resource; `None` means not at all now.
pub(super) fn earliest(
    rows: &Reader<'_>,
    now: DateTime<Utc>,
    principal: &Principal,
    card: &Resource,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    match principal.user.role {
        Role::Supervisor => Ok(Some(now - SUPERVISORS_PAST)),
        Role::Dispatcher if card.on_duty => {
            let phone = rows.phone(card.id.0)?;
            Ok(phone.map(|phone| phone.last_attendance))
        }
        Role::Dispatcher | Role::Manager | Role::Administrator => Ok(None),
    }
}

fn gap(row: PrivacyGapRow) -> TrackGap {
    TrackGap { from: row.from, to: row.to, reason: GapReason::Private }
}

/// At most [`TRACK_FIXES`], evenly; the newest stays.
fn thinned(fixes: Vec<Fix>) -> Vec<Fix> {
    let count = fixes.len();
    if count <= TRACK_FIXES {
        return fixes;
    }
    (1..=TRACK_FIXES).filter_map(|nth| fixes.get(nth * count / TRACK_FIXES - 1).copied()).collect()
}

/// Somebody's phone number and e-mail address, unmasked.
pub(crate) async fn contact(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<Uuid>,
) -> Result<Json<ContactResponse>, ApiError> {
    let contact = core.blocking(move |core| {
        core.write(principal.user.company, None, |ledger| {
            let card = card_for(ledger, &principal, Action::RevealContact, ResourceId(id))?;
            ledger.audit(principal.user.id.0, "contact.reveal", id)?;
            Ok::<_, ApiError>(ContactResponse { phone: card.phone, email: card.email })
        })
    });
    contact.await?.map(Json)
}

/// The card, if `action` reaches it. What is out of reach looks as if it weren't there.
fn card_for(
    ledger: &Ledger<'_, '_>,
    principal: &Principal,
    action: Action,
    resource: ResourceId,
) -> Result<Resource, ApiError> {
    let card = ledger.load::<Resource>(resource.0)?.map(|(card, _)| card);
    card.filter(|card| principal.reaches(action, card.group)).ok_or_else(ApiError::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;

    #[test]
    fn a_long_track_is_thinned_evenly_and_keeps_its_newest_fix() {
        let at = LonLat::new(7.42, 43.73).expect("coordinate");
        let fix = |secs| Fix {
            at,
            fix_time: DateTime::UNIX_EPOCH + TimeDelta::seconds(secs),
            accuracy_m: None,
            speed_mps: None,
            heading_deg: None,
        };
        let thin = thinned((0..12_345).map(fix).collect());
        assert_eq!(thin.len(), TRACK_FIXES, "as many as allowed");
        assert_eq!(thin.last(), Some(&fix(12_344)), "where the resource is now is never thinned away");
        assert!(
            thin.windows(2).all(|pair| (pair[1].fix_time - pair[0].fix_time).num_seconds() <= 3),
            "no holes"
        );
    }
}
