//! The one layer that every request passes: API version, token, purpose, role, rate.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::company::User;
use domain::resource::Resource;
use domain::{CompanyId, ResourceId};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::ErrorCode;
use protocol::{API_VERSION, API_VERSION_HEADER};

use super::error::ApiError;
use super::routes::{Access, access};
use crate::auth::token::TokenHash;
use crate::auth::{Phone, Principal};
use crate::core::Core;
use crate::entries::card;
use crate::storage::{Reader, StorageError};
use crate::watching::Input;

/// Lets a request through, with who asks as an extension ([`Principal`] or [`Phone`]), or answers why not.
pub(crate) async fn guard(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    let mut response = match admit(core, request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    response.headers_mut().insert(API_VERSION_HEADER, HeaderValue::from(API_VERSION));
    response
}

async fn admit(core: Arc<Core>, mut request: Request) -> Result<Request, ApiError> {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let access = path.and_then(|path| access(request.method(), &path)).ok_or_else(ApiError::not_found)?;
    if access == Access::Open {
        return Ok(request);
    }
    check_version(request.headers())?;
    if access == Access::Public {
        return Ok(request);
    }
    let token = bearer(request.headers()).map(TokenHash::of).ok_or_else(ApiError::not_signed_in)?;
    core.limits.count(token).map_err(too_many)?;
    if access == Access::Phone {
        let phone = phone(&core, token).await?;
        request.extensions_mut().insert(phone);
        return Ok(request);
    }
    let principal = principal(&core, token).await?;
    if let Access::UserMay(action) = access
        && !principal.user.role.may(action)
    {
        return Err(ApiError::forbidden());
    }
    request.extensions_mut().insert(principal);
    Ok(request)
}

fn check_version(headers: &HeaderMap) -> Result<(), ApiError> {
    let version = headers.get(API_VERSION_HEADER).and_then(|value| value.to_str().ok()?.parse::<u16>().ok());
    if version == Some(API_VERSION) {
        return Ok(());
    }
    let message = format!("this server speaks version {API_VERSION} of the interface");
    Err(ApiError::new(ErrorCode::Version, message))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn too_many(wait: std::time::Duration) -> ApiError {
    let secs = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
    ApiError::new(ErrorCode::TooManyRequests, "too many requests").retry_after(secs)
}

/// The user behind an access token. A phone's token is told that it is the wrong kind of token.
async fn principal(core: &Arc<Core>, token: TokenHash) -> Result<Principal, ApiError> {
    core.blocking(move |core| {
        let now = core.now();
        core.storage.read(|rows| match load_principal(rows, &token, now)? {
            Some(principal) => Ok(principal),
            None if rows.phone_of_token(&token)?.is_some() => Err(ApiError::forbidden()),
            None => Err(ApiError::not_signed_in()),
        })
    })
    .await?
}

/// The user behind an access token that is still good.
pub(crate) fn load_principal(
    rows: &Reader<'_>,
    token: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<Principal>, StorageError> {
    let Some(access) = rows.access(token)?.filter(|access| now < access.expires_at) else {
        return Ok(None);
    };
    let session = access.session;
    let Some(credential) = rows.credential(session.user)?.filter(|credential| !credential.disabled) else {
        return Ok(None);
    };
    let row = rows.entity(session.company, EntityKind::User, session.user)?.filter(|row| !row.deleted);
    let user = row.map(|row| serde_json::from_str::<User>(&row.data)).transpose()?;
    Ok(user.map(|user| Principal {
        user,
        session,
        expires_at: access.expires_at,
        view_since: credential.view_since,
    }))
}

/// The phone behind a token. A user's token is told that it is the wrong kind of token, a disabled card that it is.
async fn phone(core: &Arc<Core>, token: TokenHash) -> Result<Phone, ApiError> {
    let phone = match core.positions.phone(&token) {
        Some(phone) => phone,
        None => {
            core.blocking(move |core| {
                let (phone, card) = core.storage.read(|rows| look_up_phone(rows, &token))?;
                // The command line may have added the card while this server was running.
                core.positions.update_roster(phone.company, card.as_slice(), &[]);
                let changed = card.into_iter().map(Entity::from).collect();
                core.inbox.put(Input::Rows { company: phone.company, changed, gone: Vec::new() });
                core.positions.remember_phone(token, phone);
                Ok::<_, ApiError>(phone)
            })
            .await??
        }
    };
    if core.positions.is_disabled(phone.resource) {
        return Err(ApiError::new(ErrorCode::Fenced, "this card is disabled"));
    }
    Ok(phone)
}

fn look_up_phone(rows: &Reader<'_>, token: &TokenHash) -> Result<(Phone, Option<Resource>), ApiError> {
    match rows.phone_of_token(token)? {
        Some(row) => {
            let phone = Phone { resource: ResourceId(row.resource), company: CompanyId(row.company) };
            Ok((phone, card(rows, row.company, row.resource)?))
        }
        None if rows.access(token)?.is_some() => Err(ApiError::forbidden()),
        None => Err(ApiError::not_signed_in()),
    }
}
