//! The calls of the field API.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::entry::Entry;
use domain::position::Fix;
use protocol::field::{
    ActivateRequest, ActivateResponse, EntriesRequest, EntriesResponse, FieldSync, PositionsAccepted,
    PositionsRequest, PrivacyRequest,
};
use protocol::wire::ErrorBody;
use protocol::{API_VERSION, API_VERSION_HEADER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

/// Longest wait of a long-poll, seconds.
pub(crate) const LONG_POLL_SECS: u32 = 25;

/// Why a call had no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No answer: try again later.
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    /// The server has too much to do: try again later.
    #[error("the server is busy; asked to wait {retry_after_secs} s")]
    Busy {
        /// Not before so many seconds.
        retry_after_secs: u64,
    },
    /// The server failed: try again later.
    #[error("the server failed with {0}")]
    Failed(u16),
    /// The server speaks another version of the API.
    #[error("the server speaks another version of the field API than this phone ({API_VERSION})")]
    OtherVersion,
    /// The code, the number or both are wrong, or the code was used before.
    #[error("the connection code was refused: {0}")]
    CodeRefused(String),
    /// The card is disabled or the phone was replaced: it forgets everything.
    #[error("the office has taken this phone off the list")]
    Wiped,
    /// Another refusal; sending the same again is of no use.
    #[error("the server refused with {status}: {text}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What the server says.
        text: String,
    },
    /// The answer makes no sense.
    #[error("the server's answer can't be read: {0}")]
    Unreadable(String),
}

impl ApiError {
    /// Whether the same call may have success later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, ApiError::Unreachable(_) | ApiError::Busy { .. } | ApiError::Failed(_))
    }
}

/// An HTTP client that fits the API's limits; share one between many phones.
pub fn http_client() -> Result<reqwest::Client, ApiError> {
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(u64::from(LONG_POLL_SECS) + 15))
        .tcp_nodelay(true);
    client.build().map_err(unreachable)
}

/// The API as one activated phone sees it.
#[derive(Clone)]
pub struct FieldApi {
    http: reqwest::Client,
    base_url: String,
    token: String,
}

impl std::fmt::Debug for FieldApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FieldApi").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl FieldApi {
    /// Ties the phone to its card.
    pub async fn activate(
        http: reqwest::Client,
        base_url: &str,
        request: &ActivateRequest,
    ) -> Result<(Self, FieldSync), ApiError> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let call = http.post(format!("{base_url}/v1/field/activate")).json(request);
        let answer = match send(call).await {
            Err(ApiError::Refused { text, .. }) => Err(ApiError::CodeRefused(text)),
            Err(ApiError::Wiped) => {
                Err(ApiError::CodeRefused("unknown, used up, or for another number".to_owned()))
            }
            other => other,
        };
        let ActivateResponse { token, sync } = read(answer?).await?;
        Ok((FieldApi { http, base_url, token }, sync))
    }

    /// Everything the phone needs; with `since` as soon as there is something newer, at the latest after `wait_secs`.
    pub async fn sync(&self, since: Option<u64>, wait_secs: u32) -> Result<FieldSync, ApiError> {
        let query = since.map(|since| format!("?since={since}&wait_secs={wait_secs}")).unwrap_or_default();
        read(self.send(self.http.get(self.url(&format!("sync{query}")))).await?).await
    }

    /// Reports entries; `now` is the phone's clock.
    pub async fn entries(&self, entries: &[Entry], now: DateTime<Utc>) -> Result<EntriesResponse, ApiError> {
        self.entries_with_battery(entries, now, None).await
    }

    /// The same, with what is left in the battery, per cent.
    pub(crate) async fn entries_with_battery(
        &self,
        entries: &[Entry],
        now: DateTime<Utc>,
        battery_percent: Option<u8>,
    ) -> Result<EntriesResponse, ApiError> {
        let body = EntriesRequest::new(entries, now).map_err(unreadable)?;
        let body = EntriesRequest { battery_percent, ..body };
        read(self.send(self.http.post(self.url("entries")).json(&body)).await?).await
    }

    /// Reports live-tracking fixes.
    pub async fn positions(&self, fixes: &[Fix]) -> Result<PositionsAccepted, ApiError> {
        self.positions_with_battery(fixes, None).await
    }

    /// The same, with what is left in the battery, per cent.
    pub(crate) async fn positions_with_battery(
        &self,
        fixes: &[Fix],
        battery_percent: Option<u8>,
    ) -> Result<PositionsAccepted, ApiError> {
        let body = PositionsRequest::new(fixes).map_err(unreadable)?;
        let body = PositionsRequest { battery_percent, ..body };
        read(self.send(self.http.post(self.url("positions")).json(&body)).await?).await
    }

    /// Switches location sharing off (`on`) or on again.
    pub async fn privacy(&self, on: bool) -> Result<(), ApiError> {
        self.send(self.http.post(self.url("privacy")).json(&PrivacyRequest { on })).await.map(drop)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/field/{path}", self.base_url)
    }

    async fn send(&self, call: RequestBuilder) -> Result<Response, ApiError> {
        send(call.bearer_auth(&self.token)).await
    }
}

async fn send(call: RequestBuilder) -> Result<Response, ApiError> {
    let call = call.header(API_VERSION_HEADER, API_VERSION.to_string());
    let answer = call.send().await.map_err(unreachable)?;
    let status = answer.status();
    match status {
        _ if status.is_success() => Ok(answer),
        StatusCode::UPGRADE_REQUIRED => Err(ApiError::OtherVersion),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(ApiError::Wiped),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Err(ApiError::Busy { retry_after_secs: retry_after_secs(&answer) })
        }
        _ if status.is_server_error() => Err(ApiError::Failed(status.as_u16())),
        _ => {
            let text = refusal_text(&answer.text().await.unwrap_or_default());
            Err(ApiError::Refused { status: status.as_u16(), text })
        }
    }
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, ApiError> {
    let bytes = answer.bytes().await.map_err(unreachable)?;
    serde_json::from_slice(&bytes).map_err(unreadable)
}

/// The message of the error body, or the start of whatever else was answered.
fn refusal_text(body: &str) -> String {
    match serde_json::from_str::<ErrorBody>(body) {
        Ok(error) => error.message,
        Err(_) => body.chars().take(200).collect(),
    }
}

fn retry_after_secs(answer: &Response) -> u64 {
    let header = answer.headers().get(reqwest::header::RETRY_AFTER);
    header.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(2).min(300)
}

/// The URL may contain nothing secret, but the text goes into logs: only the kind and the cause are kept.
fn unreachable(error: reqwest::Error) -> ApiError {
    ApiError::Unreachable(error.without_url().to_string())
}

fn unreadable(error: serde_json::Error) -> ApiError {
    ApiError::Unreadable(error.to_string())
}
