//! `POST /v1/sign-in`, `/v1/refresh`, `/v1/sign-out`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use domain::CompanyId;
use domain::company::{Company, User};
use protocol::entity::EntityKind;
use protocol::wire::{ErrorCode, RefreshRequest, SignInRequest, TokensResponse};
use uuid::Uuid;

use super::body::Body;
use super::error::ApiError;
use crate::auth::token::TokenHash;
use crate::auth::{Principal, password};
use crate::core::Core;
use crate::secret;
use crate::storage::{CredentialRow, DeviceRow, Reader, SessionRow, StorageError, Tx};

/// Life of an access token.
const ACCESS: TimeDelta = TimeDelta::minutes(15);
/// Life of a session that is not refreshed.
const SESSION: TimeDelta = TimeDelta::days(30);
/// Wrong passwords before a login is locked.
const MOST_FAILURES: usize = 10;
/// How long wrong passwords count, and so how long a lock lasts.
const FAILURES_COUNT: TimeDelta = TimeDelta::minutes(15);

/// Company, user and password for a pair of tokens.
pub(crate) async fn sign_in(
    State(core): State<Arc<Core>>,
    Body(request): Body<SignInRequest>,
) -> Result<Json<TokensResponse>, ApiError> {
    core.blocking(move |core| try_sign_in(core, &request)).await?.map(Json)
}

fn try_sign_in(core: &Core, request: &SignInRequest) -> Result<TokensResponse, ApiError> {
    let now = core.now();
    // As `find` reads them: one account has one counter, however it is spelt.
    let (company, user) = (request.company.trim().to_lowercase(), request.user.trim().to_lowercase());
    let who = TokenHash::of(&format!("user {company} {user}"));
    let credential = core.storage.read(|rows| {
        check_lock(rows, &who, now)?;
        Ok::<_, ApiError>(find(rows, request)?)
    })?;
    // Outside every transaction: a password takes its time.
    let right =
        password::is_right(&request.password, credential.as_ref().map(|found| found.password_hash.as_str()));
    let Some(credential) = credential.filter(|found| right && !found.disabled) else {
        core.storage.write(|tx| tx.insert_failure(&who, now), |()| ())?;
        return Err(ApiError::new(ErrorCode::WrongCredentials, "company, user or password is wrong"));
    };
    core.write(CompanyId(credential.company), None, |ledger| {
        let tx = ledger.tx();
        tx.delete_failures(&who)?;
        take_device(tx, &credential, request)?;
        ledger.audit(credential.user, "sign-in", request.device.0)?;
        open_session(tx, &credential, request.device.0, now)
    })
}

fn find(rows: &Reader<'_>, request: &SignInRequest) -> Result<Option<CredentialRow>, StorageError> {
    match rows.company_named(request.company.trim())? {
        Some(company) => rows.credential_of_login(company.id, request.user.trim()),
        None => Ok(None),
    }
}

/// Refuses to even look at the password after too many wrong ones.
pub(crate) fn check_lock(rows: &Reader<'_>, who: &TokenHash, now: DateTime<Utc>) -> Result<(), ApiError> {
    let failures = rows.failures(who, now - FAILURES_COUNT)?;
    let Some(counts_from) = failures.len().checked_sub(MOST_FAILURES).and_then(|index| failures.get(index))
    else {
        return Ok(());
    };
    let wait_secs = (*counts_from + FAILURES_COUNT - now).num_seconds().max(1);
    let error = ApiError::new(ErrorCode::LockedOut, "too many wrong attempts");
    Err(error.retry_after(u32::try_from(wait_secs).unwrap_or(u32::MAX)))
}

/// Notes the desk. One of an older epoch is a clone of a disk that has moved on.
fn take_device(tx: &Tx<'_>, credential: &CredentialRow, request: &SignInRequest) -> Result<(), ApiError> {
    let (id, epoch) = (request.device.0, request.device_epoch);
    let fresh = DeviceRow { id, company: credential.company, epoch, acked_through: 0 };
    match tx.device(id)? {
        Some(known) if known.company != credential.company || epoch < known.epoch => {
            Err(ApiError::new(ErrorCode::Fenced, "this device id is another device's"))
        }
        Some(known) if epoch == known.epoch => Ok(()),
        Some(_) => {
            tx.delete_receipts(id, epoch, 0)?;
            Ok(tx.put_device(&fresh)?)
        }
        None => Ok(tx.put_device(&fresh)?),
    }
}

fn open_session(
    tx: &Tx<'_>,
    credential: &CredentialRow,
    device: Uuid,
    now: DateTime<Utc>,
) -> Result<TokensResponse, ApiError> {
    let (access, refresh) = (secret::new_token(), secret::new_token());
    let hash = TokenHash::of(&refresh);
    let session = SessionRow {
        id: secret::new_id(now),
        company: credential.company,
        user: credential.user,
        device,
        refresh: hash,
        refresh_next: hash,
        expires_at: now + SESSION,
    };
    tx.insert_session(&session)?;
    tx.insert_access(&TokenHash::of(&access), session.id, now + ACCESS)?;
    Ok(answer(tx, &session, (access, refresh), now)?)
}

fn answer(
    rows: &Reader<'_>,
    session: &SessionRow,
    (access, refresh): (String, String),
    now: DateTime<Utc>,
) -> Result<TokensResponse, StorageError> {
    let row = |kind, id| rows.entity(session.company, kind, id)?.ok_or(StorageError::NoCompany);
    let user: User = serde_json::from_str(&row(EntityKind::User, session.user)?.data)?;
    let company: Company = serde_json::from_str(&row(EntityKind::Company, session.company)?.data)?;
    let expires_in_secs = u32::try_from(ACCESS.num_seconds()).unwrap_or(u32::MAX);
    Ok(TokensResponse { access, refresh, expires_in_secs, user, company, server_time: now })
}

/// A refresh token for the next pair.
pub(crate) async fn refresh(
    State(core): State<Arc<Core>>,
    Body(request): Body<RefreshRequest>,
) -> Result<Json<TokensResponse>, ApiError> {
    core.blocking(move |core| {
        let now = core.now();
        core.storage.write(|tx| rotate(tx, &TokenHash::of(&request.refresh), now), |_| ())
    })
    .await?
    .map(Json)
}

/// The token that was handed out but not used yet becomes the one in use as soon as it is used; until then the previous one stays
/// good, because the answer that carried the new one may have been lost.
fn rotate(tx: &Tx<'_>, used: &TokenHash, now: DateTime<Utc>) -> Result<TokensResponse, ApiError> {
    let session = tx.session_of_refresh(used)?.filter(|session| now < session.expires_at);
    let session = session.ok_or_else(ApiError::not_signed_in)?;
    if tx.credential(session.user)?.is_none_or(|credential| credential.disabled) {
        return Err(ApiError::not_signed_in());
    }
    let (access, refresh) = (secret::new_token(), secret::new_token());
    let next = SessionRow {
        refresh: *used,
        refresh_next: TokenHash::of(&refresh),
        expires_at: now + SESSION,
        ..session
    };
    tx.update_session(&next)?;
    tx.insert_access(&TokenHash::of(&access), next.id, now + ACCESS)?;
    Ok(answer(tx, &next, (access, refresh), now)?)
}

/// Ends the session with all its tokens.
pub(crate) async fn sign_out(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
) -> Result<StatusCode, ApiError> {
    core.blocking(move |core| {
        core.write(principal.user.company, None, |ledger| {
            ledger.tx().delete_session(principal.session.id)?;
            ledger.audit(principal.user.id.0, "sign-out", principal.session.device)
        })
    })
    .await??;
    Ok(StatusCode::NO_CONTENT)
}
