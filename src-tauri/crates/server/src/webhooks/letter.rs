//! A message as it goes out: its body and its signature.

use chrono::{DateTime, Utc};
use domain::task::{Promise, Task};
use hmac::digest::InvalidLength;
use hmac::{Hmac, Mac};
use protocol::wire::{SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookEvent, WebhookMessage};
use reqwest::header;
use sha2::Sha256;

use super::{Clients, checked};
use crate::secret::hex;
use crate::storage::{MessageRow, WebhookRow};

/// A message as it goes out.
pub(super) struct Letter {
    webhook: WebhookRow,
    message: WebhookMessage,
    at: DateTime<Utc>,
    /// From then on it is not worth sending.
    pub give_up: DateTime<Utc>,
}

/// Why a message did not even leave.
#[derive(Debug, thiserror::Error)]
enum PostError {
    #[error(transparent)]
    Address(#[from] super::WebhookUrlError),
    #[error(transparent)]
    Body(#[from] serde_json::Error),
    #[error(transparent)]
    Key(#[from] InvalidLength),
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

impl Letter {
    /// What is sent at the first of both times, and given up at the second one.
    pub fn new(
        webhook: &WebhookRow,
        task: &Task,
        promise: &Promise,
        message: &MessageRow,
        (at, give_up): (DateTime<Utc>, DateTime<Utc>),
    ) -> Self {
        let message = WebhookMessage {
            event: WebhookEvent::Promise,
            promise: promise.id,
            task: task.id,
            number: task.number,
            customer: task.customer.clone(),
            text: message.text.clone(),
            from: promise.from,
            until: promise.until,
        };
        Letter { webhook: webhook.clone(), message, at, give_up }
    }

    /// Sends it; whether the webhook has taken it.
    pub async fn post(&self, clients: &Clients) -> bool {
        let promise = self.message.promise;
        match self.try_post(clients).await {
            Ok(status) if status.is_success() => true,
            Ok(status) => {
                tracing::warn!(%promise, status = status.as_u16(), "the webhook did not take a message");
                false
            }
            Err(error) => {
                // The address is the company's own affair, and may hold what identifies it.
                let error = match error {
                    PostError::Http(error) => PostError::Http(error.without_url()),
                    other @ (PostError::Address(_) | PostError::Body(_) | PostError::Key(_)) => other,
                };
                tracing::warn!(%promise, %error, "the webhook was not reached");
                false
            }
        }
    }

    async fn try_post(&self, clients: &Clients) -> Result<reqwest::StatusCode, PostError> {
        let body = serde_json::to_string(&self.message)?;
        let timestamp = self.at.timestamp().to_string();
        let signature = signature(&self.webhook.secret, &timestamp, &body)?;
        let url = checked(&self.webhook.url)?;
        let request = clients
            .to(&url)
            .post(&url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(TIMESTAMP_HEADER, timestamp)
            .header(SIGNATURE_HEADER, signature)
            .body(body);
        Ok(request.send().await?.status())
    }
}

/// `sha256=` and the HMAC of `timestamp.body` in hex.
fn signature(secret: &str, timestamp: &str, body: &str) -> Result<String, InvalidLength> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    for part in [timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    Ok(format!("sha256={}", hex(&mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `openssl dgst -sha256 -hmac`.
    #[test]
    fn the_signature_is_what_others_compute() {
        let signed = signature("key", "1790000000", r#"{"a":1}"#).expect("signs");
        assert_eq!(
            signed, "sha256=7a4d26944722100249410c8c7f2e76c3cc6e9735fcc98b39e44a122da5490ffc",
            "as another implementation has it"
        );
        let other = signature("kez", "1790000000", r#"{"a":1}"#).expect("signs");
        assert_ne!(signed, other, "another secret signs in another way");
    }
}
