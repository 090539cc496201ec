//! Errors as they are answered.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::wire::{ErrorBody, ErrorCode};

use crate::storage::StorageError;

/// An error as it is answered: status and body, without internals.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    body: ErrorBody,
}

impl ApiError {
    /// With the status that goes with the code.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ApiError {
            status: status(code),
            body: ErrorBody { code, message: message.into(), retry_after_secs: None },
        }
    }

    /// Says when to come again.
    pub fn retry_after(mut self, secs: u32) -> Self {
        self.body.retry_after_secs = Some(secs);
        self
    }

    /// Readable, but of a value that can't be (422).
    pub fn unprocessable(message: impl Into<String>) -> Self {
        ApiError { status: StatusCode::UNPROCESSABLE_ENTITY, ..ApiError::new(ErrorCode::BadRequest, message) }
    }

    /// The server is stopping (503).
    pub fn stopping() -> Self {
        let error = ApiError::new(ErrorCode::Server, "the server is stopping").retry_after(5);
        ApiError { status: StatusCode::SERVICE_UNAVAILABLE, ..error }
    }

    pub fn not_signed_in() -> Self {
        ApiError::new(ErrorCode::NotSignedIn, "sign in first")
    }

    pub fn not_found() -> Self {
        ApiError::new(ErrorCode::NotFound, "not there, or not for you")
    }

    pub fn forbidden() -> Self {
        ApiError::new(ErrorCode::Forbidden, "this token has no right to do this")
    }

    pub fn gone() -> Self {
        ApiError::new(ErrorCode::Gone, "too old or of another history: start over with a snapshot")
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::WrongCredentials | ErrorCode::NotSignedIn => StatusCode::UNAUTHORIZED,
        ErrorCode::LockedOut | ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Forbidden | ErrorCode::Fenced | ErrorCode::WrongConnectionCode => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Gone => StatusCode::GONE,
        ErrorCode::Version => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::Server | ErrorCode::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after = self.body.retry_after_secs;
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(secs) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "storage failed");
        ApiError::new(ErrorCode::Server, "the server failed")
    }
}

impl From<tokio::task::JoinError> for ApiError {
    fn from(error: tokio::task::JoinError) -> Self {
        if error.is_panic() {
            tracing::error!("a request panicked");
            return ApiError::new(ErrorCode::Server, "the server failed");
        }
        ApiError::stopping()
    }
}
