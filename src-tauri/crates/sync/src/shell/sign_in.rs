//! Signing in: one call before there is a session.

use protocol::wire::{ErrorCode, SignInRequest, TokensResponse};

use super::http::{Http, answer};
use super::url::{BaseUrl, UrlError};
use crate::io::{CallError, Unreachable};

/// Why nobody is signed in, by what the user can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The address can't be used.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// No server answers there.
    #[error("the server can't be reached: {0}")]
    Unreachable(Unreachable),
    /// Its certificate is not trusted.
    #[error("the server's certificate is not trusted")]
    Tls,
    /// Company, user or password is wrong.
    #[error("company, user or password is wrong")]
    WrongCredentials,
    /// Too many wrong passwords.
    #[error("too many wrong passwords")]
    LockedOut {
        /// Seconds until the next try makes sense, where the server says so.
        retry_after_secs: Option<u32>,
    },
    /// The server takes this desk for a copy of another one: it has to become a device of its own.
    #[error("the server takes this desk for a copy of another one")]
    Fenced,
    /// The server speaks another version of the API.
    #[error("the server speaks another version: {server}")]
    Version {
        /// What it says of it.
        server: String,
    },
    /// The server failed, or is no such server.
    #[error("the server failed: {0}")]
    Server(String),
}

/// Signs in at `base_url`.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(base_url: &BaseUrl, request: &SignInRequest) -> Result<TokensResponse, SignInError> {
    let http = Http::new(base_url.clone()).map_err(|error| SignInError::Server(error.to_string()))?;
    answer(http.post("/v1/sign-in").json(request)).await.map_err(explain)
}

fn explain(error: CallError) -> SignInError {
    match error {
        CallError::Unreachable(Unreachable::Tls) => SignInError::Tls,
        CallError::Unreachable(how) => SignInError::Unreachable(how),
        CallError::Unreadable(what) => SignInError::Server(what),
        CallError::Status { status, body, retry_after_secs } => {
            let said = body.as_ref().and_then(|body| body.retry_after_secs);
            match (status, body.as_ref().map(|body| body.code)) {
                (_, Some(ErrorCode::LockedOut | ErrorCode::TooManyRequests)) | (429, _) => {
                    SignInError::LockedOut { retry_after_secs: retry_after_secs.or(said) }
                }
                (403, Some(ErrorCode::Fenced)) => SignInError::Fenced,
                (401, _) => SignInError::WrongCredentials,
                (426, _) => {
                    SignInError::Version { server: body.map(|body| body.message).unwrap_or_default() }
                }
                (status, code) => SignInError::Server(format!("{status} {code:?}")),
            }
        }
    }
}
