//! Randomness of the server: new ids, tokens and connection codes.

use chrono::{DateTime, Utc};
use rand::TryRngCore;
use rand::rngs::OsRng;
use uuid::Uuid;

/// The machine has no randomness to give: nothing safe can be done.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::RngCore::fill_bytes(&mut OsRng.unwrap_err(), &mut bytes);
    bytes
}

/// A new id (UUIDv7).
pub(crate) fn new_id(now: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random()).into_uuid()
}

/// A new token: 256 random bits as 64 hex digits.
pub(crate) fn new_token() -> String {
    hex(&random::<32>())
}

/// 16 random bytes for the salt of a password.
pub(crate) fn salt() -> [u8; 16] {
    random()
}

/// A number nobody can guess, not even roughly: the first epoch of a history.
pub(crate) fn new_epoch() -> u64 {
    u64::from(u32::from_le_bytes(random())) + 1
}

/// A new connection code: `XXXXX-XXXXX` of 32 letters and digits that can't be mistaken for each other (50 bits).
pub(crate) fn new_connection_code() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letters = random::<10>().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    let (left, right) = letters.split_at(5);
    format!("{}-{}", left.iter().collect::<String>(), right.iter().collect::<String>())
}

/// Bytes as hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write;
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
