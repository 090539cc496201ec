//! Signing in with a password as this desk.

use protocol::view::{DeskError, DeskErrorCode, SignInForm};
use protocol::wire::{ErrorCode, SignInRequest, TokensResponse};
use sync::SignInError;
use sync::shell::BaseUrl;

use crate::files::Identity;
use crate::storage::LocalData;

/// Signs in with a password as this desk, whoever that is by now, and keeps the refresh token.
///
/// # Errors
/// What the sign-in page shows.
pub async fn sign_in_as(local: &LocalData, form: &SignInForm) -> Result<TokensResponse, SignInRefused> {
    let device = local.clone();
    let (device, device_epoch) = in_the_back(move || device.device()).await?.map_err(|fault| {
        tracing::error!(%fault, "the queue's file does not tell who this desk is");
        DeskError::from(DeskErrorCode::Storage)
    })?;
    let base_url = parse_url(&form.server_url)?;
    let Identity { company, user, .. } = Identity::of(form);
    let request = SignInRequest { company, user, password: form.password.clone(), device, device_epoch };
    let tokens = sync::sign_in(&base_url, &request).await.map_err(|error| {
        if error == SignInError::Fenced { SignInRefused::Fenced } else { explain_sign_in(&error).into() }
    })?;
    let (local, refresh) = (local.clone(), tokens.refresh.clone());
    in_the_back(move || local.keep_token(&refresh)).await?;
    Ok(tokens)
}

/// Why nobody is signed in.
pub enum SignInRefused {
    /// Another desk has this one's identity; nobody knows yet which of the two is the copy.
    Fenced,
    /// What the sign-in page shows.
    Error(DeskError),
}

impl SignInRefused {
    /// For people.
    pub fn explained(self) -> DeskError {
        match self {
            SignInRefused::Fenced => DeskErrorCode::Server(ErrorCode::Fenced).into(),
            SignInRefused::Error(error) => error,
        }
    }
}

impl From<DeskError> for SignInRefused {
    fn from(error: DeskError) -> Self {
        SignInRefused::Error(error)
    }
}

/// The server's address.
///
/// # Errors
/// [`DeskErrorCode::BadUrl`]
pub fn parse_url(text: &str) -> Result<BaseUrl, DeskError> {
    BaseUrl::parse(text).map_err(|_| DeskErrorCode::BadUrl.into())
}

fn explain_sign_in(error: &SignInError) -> DeskError {
    let detail = |detail: String| Some(detail).filter(|detail| !detail.is_empty());
    match error {
        SignInError::Url(_) => DeskErrorCode::BadUrl.into(),
        SignInError::Unreachable(_) => DeskErrorCode::Unreachable.into(),
        SignInError::Tls => DeskErrorCode::Tls.into(),
        SignInError::WrongCredentials => DeskErrorCode::Server(ErrorCode::WrongCredentials).into(),
        SignInError::LockedOut { retry_after_secs } => DeskError {
            code: DeskErrorCode::Server(ErrorCode::LockedOut),
            detail: retry_after_secs.map(|secs| secs.to_string()),
        },
        SignInError::Fenced => DeskErrorCode::Server(ErrorCode::Fenced).into(),
        SignInError::Version { server } => {
            DeskError { code: DeskErrorCode::ServerVersion, detail: detail(server.clone()) }
        }
        SignInError::Server(what) => {
            tracing::warn!(what, "signing in failed at the server");
            DeskErrorCode::Server(ErrorCode::Server).into()
        }
    }
}

/// Work that blocks.
///
/// # Errors
/// [`DeskErrorCode::Internal`] when it panicked.
pub async fn in_the_back<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, DeskError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a task failed");
        DeskErrorCode::Internal.into()
    })
}
