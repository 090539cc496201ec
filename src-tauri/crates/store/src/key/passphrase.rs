//! A key wrapped with a passphrase, for desks without a key store.

use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use hmac::Mac;
use rand::TryRngCore;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Key, mac};
use crate::database::replace_file;

/// Memory in KiB, passes, lanes: about a third of a second on an office PC.
const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
/// A file that asks for more is not ours.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 64;
const FORMAT: u16 = 1;
const DOMAIN: &[u8] = b"officetrack desk: wrapped key 1";

/// The file that holds a wrapped key.
///
/// Argon2id makes 64 bytes of the passphrase and a salt that is used once. The first half, being as long as the key and never used
/// again, hides it by XOR; the second half authenticates all of it.
#[derive(Debug, Clone)]
pub struct PassphraseWrap {
    path: PathBuf,
    cost: Cost,
}

/// Why a passphrase gives no key.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// It is another passphrase.
    #[error("that is not the passphrase")]
    Wrong,
    /// The file is none that this build writes.
    #[error("the wrapped key is unreadable")]
    Garbled,
    /// The file could not be read or written.
    #[error("the wrapped key: {0}")]
    File(std::io::Error),
    /// The system gives no random bytes or not enough memory.
    #[error("the passphrase can't be worked on: {0}")]
    System(String),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    format: u16,
    cost: Cost,
    salt: [u8; 16],
    hidden: [u8; 32],
    proof: [u8; 32],
}

impl PassphraseWrap {
    /// The wrapped key of the databases in `dir`.
    pub fn in_dir(dir: &Path) -> Self {
        PassphraseWrap { path: dir.join("key.wrapped"), cost: COST }
    }

    #[cfg(test)]
    pub(crate) fn cheap(dir: &Path) -> Self {
        PassphraseWrap { cost: Cost { memory_kib: 64, passes: 1, lanes: 1 }, ..PassphraseWrap::in_dir(dir) }
    }

    /// Whether there is one: else ask for a new passphrase and [`wrap`](Self::wrap) a new key.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Stores `key`, replacing what was wrapped before (that is how a passphrase is changed).
    ///
    /// # Errors
    /// [`PassphraseError::File`] and [`PassphraseError::System`]
    pub fn wrap(&self, key: &Key, passphrase: &str) -> Result<(), PassphraseError> {
        let mut salt = [0; 16];
        rand::rngs::OsRng
            .try_fill_bytes(&mut salt)
            .map_err(|error| PassphraseError::System(error.to_string()))?;
        let pads = pads(passphrase, &salt, self.cost)?;
        let hidden = xor(&key.0, &pads.hide);
        let proof = proof(&pads, self.cost, &salt, &hidden).finalize().into_bytes().into();
        let wrapped = Wrapped { format: FORMAT, cost: self.cost, salt, hidden, proof };
        let text = serde_json::to_vec(&wrapped).map_err(|error| PassphraseError::File(error.into()))?;
        if let Some(dir) = self.path.parent() {
            std::fs::create_dir_all(dir).map_err(PassphraseError::File)?;
        }
        replace_file(&self.path, &text).map_err(|error| PassphraseError::File(std::io::Error::other(error)))
    }

    /// The key.
    ///
    /// # Errors
    /// All of [`PassphraseError`].
    pub fn unwrap(&self, passphrase: &str) -> Result<Key, PassphraseError> {
        let text = std::fs::read(&self.path).map_err(PassphraseError::File)?;
        let wrapped: Wrapped = serde_json::from_slice(&text).map_err(|_| PassphraseError::Garbled)?;
        let cost = wrapped.cost;
        if wrapped.format != FORMAT || cost.memory_kib > MOST_MEMORY_KIB || cost.passes > MOST_PASSES {
            return Err(PassphraseError::Garbled);
        }
        let pads = pads(passphrase, &wrapped.salt, cost)?;
        let proof = proof(&pads, cost, &wrapped.salt, &wrapped.hidden);
        proof.verify_slice(&wrapped.proof).map_err(|_| PassphraseError::Wrong)?;
        Ok(Key::from_bytes(xor(&wrapped.hidden, &pads.hide)))
    }
}

struct Pads {
    hide: Zeroizing<[u8; 32]>,
    prove: Zeroizing<[u8; 32]>,
}

fn pads(passphrase: &str, salt: &[u8; 16], cost: Cost) -> Result<Pads, PassphraseError> {
    let system = |error: argon2::Error| PassphraseError::System(error.to_string());
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(64)).map_err(system)?;
    let mut bytes = Zeroizing::new([0; 64]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, bytes.as_mut())
        .map_err(system)?;
    let mut pads = Pads { hide: Zeroizing::new([0; 32]), prove: Zeroizing::new([0; 32]) };
    pads.hide.copy_from_slice(&bytes[..32]);
    pads.prove.copy_from_slice(&bytes[32..]);
    Ok(pads)
}

fn proof(pads: &Pads, cost: Cost, salt: &[u8; 16], hidden: &[u8; 32]) -> super::HmacSha256 {
    let [memory, passes, lanes] = [cost.memory_kib, cost.passes, cost.lanes].map(u32::to_le_bytes);
    mac(&pads.prove, &[DOMAIN, &memory, &passes, &lanes, salt, hidden])
}

fn xor(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| left[at] ^ right[at])
}
