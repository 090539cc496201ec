//! Switching location sharing off and on.

use domain::ResourceId;
use domain::position::FIX_TOO_OLD;
use domain::resource::{Profile, Resource};

use crate::auth::Phone;
use crate::core::Core;
use crate::http::error::ApiError;
use crate::ledger::Ledger;
use crate::storage::{PhoneRow, StorageError};

/// Switches location sharing off (`on`) or on again. From the moment it is off there is no coordinate to be seen or kept.
pub(crate) fn set_privacy(core: &Core, phone: Phone, on: bool) -> Result<(), ApiError> {
    let resource = phone.resource;
    core.write(phone.company, None, |ledger| {
        let now = ledger.now();
        let (card, _) = ledger.load::<Resource>(resource.0)?.ok_or_else(ApiError::not_found)?;
        if on && !profile_of(ledger, &card)?.privacy_allowed {
            return Err(ApiError::forbidden());
        }
        if on && card.private_since.is_none() {
            ledger.tx().open_privacy_gap(resource.0, now)?;
            ledger.tx().delete_positions_since(resource.0, now)?;
            stop_asking(ledger, resource)?;
            ledger.put(Resource { private_since: Some(now), last_heard: Some(now), ..card })?;
            ledger.audit(resource.0, "privacy.on", resource.0)?;
        } else if !on && card.private_since.is_some() {
            ledger.tx().close_privacy_gap(resource.0, now)?;
            ledger.put(Resource { private_since: None, last_heard: Some(now), ..card })?;
            ledger.audit(resource.0, "privacy.off", resource.0)?;
        }
        // Before the commit, so that there is no moment in which neither the card nor the gap hides a late fix.
        core.positions.set_gaps(resource, ledger.tx().privacy_gaps(resource.0, now - FIX_TOO_OLD, now)?);
        Ok::<_, ApiError>(())
    })?;
    if on {
        core.positions.forget(resource);
    }
    Ok(())
}

fn profile_of(ledger: &Ledger<'_, '_>, card: &Resource) -> Result<Profile, ApiError> {
    ledger.load::<Profile>(card.profile.0)?.map(|(profile, _)| profile).ok_or_else(ApiError::not_found)
}

pub(super) fn stop_asking(ledger: &Ledger<'_, '_>, resource: ResourceId) -> Result<(), StorageError> {
    match ledger.tx().phone(resource.0)? {
        Some(phone) if phone.location_requested => {
            ledger.tx().put_phone(&PhoneRow { location_requested: false, ..phone })
        }
        _ => Ok(()),
    }
}
