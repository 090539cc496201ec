//! The field API, `/v1/field/…`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::position::{Fix, Trigger};
use domain::resource::Resource;
use protocol::field::{
    ActivateRequest, ActivateResponse, EntriesResponse, FieldSync, PositionsAccepted, PrivacyRequest,
};
use protocol::wire::ErrorCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::AppState;
use super::body::{Body, Parameters};
use super::error::ApiError;
use super::limits::{ENTRIES, FIXES};
use super::sign_in::check_lock;
use crate::admin::{code_hash, phone_key};
use crate::auth::Phone;
use crate::auth::token::TokenHash;
use crate::contact::digits;
use crate::core::Core;
use crate::entries;
use crate::secret;
use crate::storage::PhoneRow;

/// Longest that a long-poll waits, seconds.
const LONGEST_POLL_SECS: u64 = 30;

/// Ties a phone to its card.
pub(crate) async fn activate(
    State(core): State<Arc<Core>>,
    Body(request): Body<ActivateRequest>,
) -> Result<Json<ActivateResponse>, ApiError> {
    core.blocking(move |core| try_activate(core, &request)).await?.map(Json)
}

fn try_activate(core: &Core, request: &ActivateRequest) -> Result<ActivateResponse, ApiError> {
    let (now, who) = (core.now(), phone_key(&request.msisdn));
    let found = core.storage.read(|rows| {
        check_lock(rows, &who, now)?;
        let phone = rows.phone_of_code(&code_hash(&request.connection_code))?;
        let card =
            phone.as_ref().map(|phone| entries::card(rows, phone.company, phone.resource)).transpose()?;
        Ok::<_, ApiError>(phone.zip(card.flatten()))
    })?;
    let right = found.filter(|(_, card)| !card.disabled && is_number_of(card, &request.msisdn));
    let Some((PhoneRow { resource, company, .. }, _)) = right else {
        core.storage.write(|tx| tx.insert_failure(&who, now), |()| ())?;
        return Err(ApiError::new(
            ErrorCode::WrongConnectionCode,
            "the connection code is wrong, used or of another phone",
        ));
    };
    let token = secret::new_token();
    let sync = core.write(company.into(), None, |ledger| {
        let tx = ledger.tx();
        // Looked up again inside the transaction: of two phones with the same code only one gets in.
        let phone = tx.phone_of_code(&code_hash(&request.connection_code))?;
        let phone = phone
            .ok_or_else(|| ApiError::new(ErrorCode::WrongConnectionCode, "the connection code is used"))?;
        tx.put_phone(&PhoneRow { code: None, token: Some(TokenHash::of(&token)), ..phone })?;
        tx.delete_failures(&who)?;
        ledger.audit(resource, "phone.activate", request.device.0)?;
        entries::note_heard(ledger, resource.into())?;
        entries::full_sync(tx, company, resource, now)
    })?;
    core.positions.forget_phone(resource.into());
    Ok(ActivateResponse { token, sync })
}

fn is_number_of(card: &Resource, msisdn: &str) -> bool {
    let number = digits(msisdn);
    !number.is_empty() && number == digits(&card.phone)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyncParameters {
    since: Option<u64>,
    wait_secs: Option<u64>,
}

/// Everything the phone has to know; with `since` as soon as there is something new, or after `wait_secs`.
pub(crate) async fn sync(
    State(app): State<AppState>,
    Extension(phone): Extension<Phone>,
    Parameters(parameters): Parameters<SyncParameters>,
) -> Result<Json<FieldSync>, ApiError> {
    let mut changed = app.core.hub.watch_phone(phone.resource);
    note_phone(&app.core, phone, None, app.core.now()).await?;
    let wait = Duration::from_secs(parameters.wait_secs.unwrap_or_default().min(LONGEST_POLL_SECS));
    let until = tokio::time::sleep(wait);
    tokio::pin!(until);
    loop {
        let sync = app.core.blocking(move |core| {
            core.storage.read(|rows| entries::full_sync(rows, phone.company.0, phone.resource.0, core.now()))
        });
        let sync = sync.await??;
        if parameters.since.is_none_or(|since| sync.seq > since) || sync.resource.disabled {
            return answer(sync);
        }
        tokio::select! {
            () = &mut until => return answer(sync),
            () = app.stopping.cancelled() => return answer(sync),
            _ = changed.changed() => {}
        }
    }
}

fn answer(sync: FieldSync) -> Result<Json<FieldSync>, ApiError> {
    if sync.resource.disabled {
        return Err(ApiError::new(ErrorCode::Fenced, "this card is disabled"));
    }
    Ok(Json(sync))
}

/// [`protocol::field::EntriesRequest`] with its entries still as text: a number that fits no type (1e999) spoils its own entry
/// instead of the whole batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEntries {
    entries: Vec<Box<RawValue>>,
    device_time: DateTime<Utc>,
    #[serde(default)]
    battery_percent: Option<u8>,
}

/// Takes entries in, each on its own.
pub(crate) async fn entries(
    State(core): State<Arc<Core>>,
    Extension(phone): Extension<Phone>,
    Body(batch): Body<RawEntries>,
) -> Result<Json<EntriesResponse>, ApiError> {
    if batch.entries.len() > ENTRIES {
        return Err(ApiError::new(ErrorCode::TooLarge, format!("at most {ENTRIES} entries at a time")));
    }
    let outcomes = core.blocking(move |core| {
        let now = core.now();
        let clock = entries::PhoneClock::new(batch.device_time, now);
        let texts: Vec<&str> = batch.entries.iter().map(|raw| raw.get()).collect();
        let outcomes = entries::take_all(core, phone, &texts, clock)?;
        core.heard(phone, now);
        entries::note_battery(core, phone, batch.battery_percent, now)?;
        Ok::<_, ApiError>(outcomes)
    });
    Ok(Json(EntriesResponse { outcomes: outcomes.await?? }))
}

/// [`protocol::field::PositionsRequest`] with its fixes still as text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFixes {
    fixes: Vec<Box<RawValue>>,
    #[serde(default)]
    battery_percent: Option<u8>,
}

/// Takes live-tracking fixes in. Needs no look into the store: thousands come every second.
pub(crate) async fn positions(
    State(core): State<Arc<Core>>,
    Extension(phone): Extension<Phone>,
    Body(batch): Body<RawFixes>,
) -> Result<Json<PositionsAccepted>, ApiError> {
    if batch.fixes.len() > FIXES {
        return Err(ApiError::new(ErrorCode::TooLarge, format!("at most {FIXES} fixes at a time")));
    }
    let sent = u32::try_from(batch.fixes.len()).unwrap_or(u32::MAX);
    if !core.positions.reports_on(phone.resource, Trigger::LiveTracking) {
        return Ok(Json(PositionsAccepted { accepted: 0, refused: sent, private: 0 }));
    }
    let fixes: Vec<Fix> = batch.fixes.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
    let unreadable = sent.saturating_sub(u32::try_from(fixes.len()).unwrap_or(u32::MAX));
    let now = core.now();
    let taken = core.take_fixes(phone, &fixes, now);
    note_phone(&core, phone, batch.battery_percent, now).await?;
    Ok(Json(PositionsAccepted { refused: taken.refused + unreadable, ..taken }))
}

/// Notes on the card what has become worth it: that the phone was heard, and what is left in its battery.
async fn note_phone(
    core: &Arc<Core>,
    phone: Phone,
    battery_percent: Option<u8>,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    core.heard(phone, now);
    let is_old = core.positions.heard_is_older_than(phone.resource, entries::HEARD_EVERY, now);
    let is_news =
        battery_percent.is_some_and(|percent| core.positions.battery_is_news(phone.resource, percent, now));
    if !is_old && !is_news {
        return Ok(());
    }
    let noted = core.blocking(move |core| {
        core.write(phone.company, None, |ledger| entries::note_heard(ledger, phone.resource))?;
        entries::note_battery(core, phone, battery_percent, now)
    });
    Ok(noted.await??)
}

/// Switches location sharing off or on.
pub(crate) async fn privacy(
    State(core): State<Arc<Core>>,
    Extension(phone): Extension<Phone>,
    Body(request): Body<PrivacyRequest>,
) -> Result<StatusCode, ApiError> {
    core.blocking(move |core| entries::set_privacy(core, phone, request.on)).await??;
    Ok(StatusCode::NO_CONTENT)
}
