//! Sign-in and token refresh.

use chrono::{DateTime, Utc};
use domain::DeviceId;
use domain::company::{Company, User};
use serde::{Deserialize, Serialize};

/// `POST /v1/sign-in`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The tenant's name.
    pub company: String,
    /// The user's login.
    pub user: String,
    /// The password.
    pub password: String,
    /// The desk's own id, kept over restarts.
    pub device: DeviceId,
    /// Raised by the desk whenever its outbox was restored or recreated.
    pub device_epoch: u64,
}

impl std::fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInRequest").field("device", &self.device).finish_non_exhaustive()
    }
}

/// Answer to `POST /v1/sign-in` and `POST /v1/refresh`.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokensResponse {
    /// Short-lived bearer token.
    pub access: String,
    /// Exchanged for the next pair; the previous one stays valid until the new one is used.
    pub refresh: String,
    /// Life of the access token in seconds.
    pub expires_in_secs: u32,
    /// Who signed in.
    pub user: User,
    /// Their company.
    pub company: Company,
    /// The server's clock.
    pub server_time: DateTime<Utc>,
}

impl std::fmt::Debug for TokensResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokensResponse").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// `POST /v1/refresh`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh: String,
}

impl std::fmt::Debug for RefreshRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshRequest")
    }
}
