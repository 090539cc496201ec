//! `GET /v1/whereabouts`: where everybody was at a past moment, for who else could have gone then.
//!
//! Nobody learns more by it than by the tracks themselves: the same right, the same people, the same stretch of the past.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Action;
use domain::company::Company;
use domain::position::Fix;
use domain::resource::Resource;
use protocol::entity::EntityKind;
use protocol::wire::WhereaboutsResponse;
use serde::Deserialize;
use uuid::Uuid;

use super::body::Parameters;
use super::error::ApiError;
use super::people::{earliest, purpose_of};
use crate::auth::Principal;
use crate::core::Core;
use crate::storage::{Reader, StorageError};

/// A fix that was older than this at the moment says nothing of it.
const LAST_KNOWN: TimeDelta = TimeDelta::minutes(30);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhereaboutsParameters {
    at: DateTime<Utc>,
    purpose: Option<String>,
}

/// Where everybody was whom the user may look at so far back.
pub(crate) async fn whereabouts(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
    Parameters(asked): Parameters<WhereaboutsParameters>,
) -> Result<Json<WhereaboutsResponse>, ApiError> {
    let purpose = purpose_of(&principal, asked.purpose)?;
    let at = asked.at;
    let answer = core.blocking(move |core| {
        let now = core.now();
        if at > now {
            return Err(ApiError::unprocessable("that moment is yet to come"));
        }
        crate::jobs::flush_positions(core)?;
        core.write(principal.user.company, None, |ledger| {
            ledger.audit_with_purpose(principal.user.id.0, "whereabouts.read", Uuid::nil(), &purpose)
        })?;
        Ok(core.storage.read(|rows| Moment { at, now, principal: &principal }.answer(rows))?)
    });
    answer.await?.map(Json)
}

/// A past moment, and who asks about it.
struct Moment<'a> {
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    principal: &'a Principal,
}

/// What is known of somebody at a moment.
enum Known {
    Somewhere(Fix),
    Private,
    Nothing,
}

impl Moment<'_> {
    fn answer(&self, rows: &Reader<'_>) -> Result<WhereaboutsResponse, StorageError> {
        let mut answer = WhereaboutsResponse { at: self.at, fixes: Vec::new(), private: Vec::new() };
        let Some(kept_since) = self.kept_since(rows)?.filter(|since| *since <= self.at) else {
            return Ok(answer);
        };
        for row in rows.entities(self.principal.user.company.0, EntityKind::Resource)? {
            let card: Resource = serde_json::from_str(&row.data)?;
            if !self.principal.reaches(Action::ReadTrack, card.group) {
                continue;
            }
            match self.known(rows, &card, kept_since)? {
                Known::Somewhere(fix) => answer.fixes.push((card.id, fix)),
                Known::Private => answer.private.push(card.id),
                Known::Nothing => {}
            }
        }
        Ok(answer)
    }

    /// Since when the company keeps positions; what is older may still be there until the next sweep, and is not shown.
    fn kept_since(&self, rows: &Reader<'_>) -> Result<Option<DateTime<Utc>>, StorageError> {
        let company = self.principal.user.company.0;
        let row = rows.entity(company, EntityKind::Company, company)?.filter(|row| !row.deleted);
        let company = row.map(|row| serde_json::from_str::<Company>(&row.data)).transpose()?;
        Ok(company
            .and_then(|company| TimeDelta::try_days(company.retention.positions_days.into()))
            .and_then(|kept| self.now.checked_sub_signed(kept)))
    }

    fn known(
        &self,
        rows: &Reader<'_>,
        card: &Resource,
        kept_since: DateTime<Utc>,
    ) -> Result<Known, StorageError> {
        let earliest = earliest(rows, self.now, self.principal, card)?;
        let Some(earliest) = earliest.filter(|earliest| *earliest <= self.at) else {
            return Ok(Known::Nothing);
        };
        let mut since = (self.at - LAST_KNOWN).max(earliest).max(kept_since);
        for gap in rows.privacy_gaps(card.id.0, since, self.at)? {
            match gap.to.filter(|to| *to <= self.at) {
                // Whoever was away from the map is not put back to where they left it.
                Some(to) => since = since.max(to),
                None => return Ok(Known::Private),
            }
        }
        let fix = rows.last_fix(card.id.0, (since, self.at))?;
        Ok(fix.map_or(Known::Nothing, Known::Somewhere))
    }
}
