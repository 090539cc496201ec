//! Ids of alerts: hashes of what they are about.

use chrono::{DateTime, Utc};
use domain::AlertId;
use sha2::{Digest, Sha256};

/// A hash of what an alert is about, as a version-8 UUID: the same for everybody who computes it.
pub fn alert_id(what: &str, about: &[&[u8]]) -> AlertId {
    let mut hash = Sha256::new().chain_update(what.as_bytes());
    for part in about {
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    AlertId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// A time as part of [`alert_id`]: milliseconds, big end first.
pub fn millis(at: DateTime<Utc>) -> [u8; 8] {
    at.timestamp_millis().to_be_bytes()
}
