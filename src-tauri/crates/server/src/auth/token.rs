//! Tokens as they are stored: never themselves, only their SHA-256.

use sha2::{Digest, Sha256};

/// SHA-256 of a token (or of another secret of high entropy).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash")
    }
}

impl TokenHash {
    /// The hash of `secret`.
    pub fn of(secret: &str) -> Self {
        TokenHash(Sha256::digest(secret.as_bytes()).into())
    }

    /// The hash of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        TokenHash(Sha256::digest(bytes).into())
    }
}
