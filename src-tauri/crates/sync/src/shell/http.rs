//! The HTTP calls of both channels and the on-demand ones.

use std::error::Error;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::ResourceId;
use protocol::wire::{
    ContactResponse, ErrorBody, RefreshRequest, TrackResponse, WhatIfRequest, WhatIfResponse,
    WhereaboutsResponse,
};
use protocol::{API_VERSION, API_VERSION_HEADER, header};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;

use super::url::BaseUrl;
use crate::io::{Call, CallError, Reply, Request, Secret, Unreachable};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_IDLE_TIMEOUT: Duration = Duration::from_secs(45);
/// Bodies of more bytes are read off the runtime's own threads.
const LARGE_BODY: usize = 128 * 1024;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Why an on-demand call (track, whereabouts, contact, what-if) has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OnDemandError {
    /// The call itself failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Nobody is signed in, or the session has ended.
    #[error("not signed in")]
    NotSignedIn,
}

/// A client of one server.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: Client,
    base: BaseUrl,
}

impl Http {
    pub fn new(base: BaseUrl) -> Result<Self, CallError> {
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_IDLE_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            // A redirect would carry the token to another address.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| CallError::Unreadable(error.to_string()))?;
        Ok(Http { client, base })
    }

    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Carries out a request of the core.
    pub async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        let access = &request.access;
        match &request.call {
            Call::Snapshot { page_token } => {
                let query: Vec<_> = page_token.iter().map(|token| ("page_token", token.clone())).collect();
                self.get("/v1/snapshot", &query, access).await.map(Reply::Snapshot)
            }
            Call::Changes { cursor, limit } => {
                let query = [("cursor", cursor.to_string()), ("limit", limit.to_string())];
                self.get("/v1/changes", &query, access).await.map(Reply::Changes)
            }
            Call::Positions => self.get("/v1/positions", &[], access).await.map(Reply::Positions),
            Call::Commands { commands, device, device_epoch, acked_through } => {
                let request = self
                    .request(Method::POST, "/v1/commands", &[])
                    .bearer_auth(&access.0)
                    .header(header::DEVICE_ID, device.to_string())
                    .header(header::DEVICE_EPOCH, device_epoch.to_string())
                    .header(header::ACKED_THROUGH, acked_through.to_string())
                    .json(commands);
                answer(request).await.map(Reply::Commands)
            }
            Call::Refresh { refresh } => {
                let body = RefreshRequest { refresh: refresh.0.clone() };
                answer(self.post("/v1/refresh").json(&body)).await.map(Box::new).map(Reply::Tokens)
            }
        }
    }

    pub async fn track(
        &self,
        resource: ResourceId,
        span: (DateTime<Utc>, DateTime<Utc>),
        purpose: &str,
        access: &Secret,
    ) -> Result<TrackResponse, CallError> {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let query = [("from", time(span.0)), ("to", time(span.1)), ("purpose", purpose.to_owned())];
        self.get(&format!("/v1/resources/{resource}/track"), &query, access).await
    }

    pub async fn whereabouts(
        &self,
        at: DateTime<Utc>,
        purpose: &str,
        access: &Secret,
    ) -> Result<WhereaboutsResponse, CallError> {
        let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
        self.get("/v1/whereabouts", &[("at", at), ("purpose", purpose.to_owned())], access).await
    }

    pub async fn contact(&self, resource: ResourceId, access: &Secret) -> Result<ContactResponse, CallError> {
        answer(self.post(&format!("/v1/resources/{resource}/contact")).bearer_auth(&access.0)).await
    }

    pub async fn what_if(&self, asked: WhatIfRequest, access: &Secret) -> Result<WhatIfResponse, CallError> {
        answer(self.post("/v1/what-if").bearer_auth(&access.0).json(&asked)).await
    }

    /// Ends the session at the server, as far as it can be reached.
    pub async fn sign_out(&self, access: &Secret) -> Result<(), CallError> {
        let request = self.post("/v1/sign-out").bearer_auth(&access.0);
        check(request.send().await.map_err(|error| unreachable(&error))?).await.map(|_| ())
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path, &[])
    }

    async fn get<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        query: &[(&str, String)],
        access: &Secret,
    ) -> Result<T, CallError> {
        answer(self.request(Method::GET, path, query).bearer_auth(&access.0)).await
    }

    fn request(&self, method: Method, path: &str, query: &[(&str, String)]) -> RequestBuilder {
        let version = API_VERSION.to_string();
        self.client.request(method, self.base.at(path, query)).header(API_VERSION_HEADER, version)
    }
}

/// Sends and reads.
pub(super) async fn answer<T: DeserializeOwned + Send + 'static>(
    request: RequestBuilder,
) -> Result<T, CallError> {
    let response = check(request.send().await.map_err(|error| unreachable(&error))?).await?;
    let body = response.bytes().await.map_err(|error| unreachable(&error))?;
    if body.len() < LARGE_BODY {
        return read(&body);
    }
    // A large one would hold up everything else on this thread.
    let reading = tokio::task::spawn_blocking(move || read(&body)).await;
    reading.unwrap_or_else(|error| Err(CallError::Unreadable(error.to_string())))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, CallError> {
    // Only where it broke: the text around may hold personal data.
    let place = |error: serde_json::Error| {
        format!("{:?} at byte {} of {}", error.classify(), error.column(), body.len())
    };
    serde_json::from_slice(body).map_err(|error| CallError::Unreadable(place(error)))
}

async fn check(response: Response) -> Result<Response, CallError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after_secs = retry_after.and_then(|text| text.trim().parse().ok());
    let body = response.bytes().await.ok();
    let body = body.and_then(|body| serde_json::from_slice::<ErrorBody>(&body).ok());
    Err(CallError::Status { status: status.as_u16(), body, retry_after_secs })
}

fn unreachable(error: &reqwest::Error) -> CallError {
    CallError::Unreachable(if error.is_timeout() {
        Unreachable::Timeout
    } else if about_certificates(error) {
        Unreachable::Tls
    } else if error.is_connect() {
        Unreachable::Connect
    } else {
        Unreachable::Broken
    })
}

/// The TLS library's error type is not ours to name; its words are stable enough.
pub(super) fn about_certificates(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("certificate") || text.contains("HandshakeFailure") {
            return true;
        }
        cause = error.source();
    }
    false
}
