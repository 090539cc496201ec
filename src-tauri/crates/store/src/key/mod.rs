//! The databases' key and where secrets are kept.
//!
//! The usual way: [`Key::of_store`] with [`os_key_store`]; where there is none, [`PassphraseWrap`] or no files at all.

mod memory;
#[cfg(all(feature = "os-keyring", target_os = "linux"))]
mod os_keyring;
mod passphrase;

use hmac::{Hmac, Mac};
use rand::TryRngCore;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use memory::MemoryKeyStore;
#[cfg(all(feature = "os-keyring", target_os = "linux"))]
pub use os_keyring::OsKeyring;
#[cfg(all(test, feature = "os-keyring", target_os = "linux"))]
pub(crate) use os_keyring::within;
pub use passphrase::{PassphraseError, PassphraseWrap};

/// The key store of the operating system: on Linux the Secret Service. It is read from once, waiting 5 s at most; `service` names
/// the app (and the profile).
///
/// # Errors
/// [`KeyStoreError::Missing`] (also on systems that this build knows no store for), [`KeyStoreError::Locked`] and
/// [`KeyStoreError::NoAnswer`]: ask for a passphrase ([`PassphraseWrap`]), or keep nothing.
pub fn os_key_store(service: &str) -> Result<Box<dyn KeyStore>, KeyStoreError> {
    #[cfg(all(feature = "os-keyring", target_os = "linux"))]
    return Ok(Box::new(OsKeyring::probe(service)?));
    #[cfg(not(all(feature = "os-keyring", target_os = "linux")))]
    Err(KeyStoreError::Missing(format!("this build knows none for {service}")))
}

/// Under this name a [`KeyStore`] keeps the databases' key.
pub const DATABASE_KEY: &str = "database-key";
/// Under this name a [`KeyStore`] keeps the refresh token.
pub const REFRESH_TOKEN: &str = "refresh-token";

const CHECK: &[u8] = b"officetrack desk: key check 1";
const SEAL: &[u8] = b"officetrack desk: seal 1";

type HmacSha256 = Hmac<Sha256>;

/// A database's 256-bit key. Overwritten when dropped; its debug text does not tell it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A new random key, from the operating system.
    ///
    /// # Errors
    /// [`KeyStoreError::NoRandomness`]
    pub fn random() -> Result<Self, KeyStoreError> {
        let mut key = Key(Zeroizing::new([0; 32]));
        rand::rngs::OsRng.try_fill_bytes(key.0.as_mut()).map_err(|_| KeyStoreError::NoRandomness)?;
        Ok(key)
    }

    /// The key of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Key(Zeroizing::new(bytes))
    }

    /// The key that `keys` holds as [`DATABASE_KEY`]; made and stored when there is none.
    ///
    /// # Errors
    /// As [`named`](Self::named).
    pub fn of_store(keys: &dyn KeyStore) -> Result<Self, KeyStoreError> {
        Key::named(keys, DATABASE_KEY)
    }

    /// The key that `keys` holds as `name`; made and stored when there is none. It is read back before it is answered: nothing must
    /// be encrypted with a key that was not kept.
    ///
    /// # Errors
    /// Those of the store, and [`KeyStoreError::Garbled`] when what it holds is no key.
    pub fn named(keys: &dyn KeyStore, name: &str) -> Result<Self, KeyStoreError> {
        let kept = || keys.get(name)?.as_ref().map(Key::from_secret).transpose();
        if let Some(key) = kept()? {
            return Ok(key);
        }
        let key = Key::random()?;
        keys.set(name, &Secret::new(key.0.to_vec()))?;
        match kept()? {
            Some(kept) if kept == key => Ok(key),
            Some(_) | None => Err(KeyStoreError::NotKept),
        }
    }

    /// The key that `keys` holds as [`DATABASE_KEY`]; `None` when there is none. For databases that exist already: a new key would
    /// not open them.
    ///
    /// # Errors
    /// Those of the store, and [`KeyStoreError::Garbled`] when what it holds is no key.
    pub fn kept_in(keys: &dyn KeyStore) -> Result<Option<Self>, KeyStoreError> {
        keys.get(DATABASE_KEY)?.as_ref().map(Key::from_secret).transpose()
    }

    fn from_secret(secret: &Secret) -> Result<Self, KeyStoreError> {
        let bytes: [u8; 32] = secret.expose().try_into().map_err(|_| KeyStoreError::Garbled)?;
        Ok(Key::from_bytes(bytes))
    }

    /// The statement that gives the key to SQLCipher, raw: deriving one from a passphrase costs half a second.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        use std::fmt::Write;
        let mut sql = Zeroizing::new(String::with_capacity(96));
        sql.push_str("PRAGMA key = \"x'");
        for byte in *self.0 {
            // Writing to a string can't fail.
            let _ = write!(sql, "{byte:02X}");
        }
        sql.push_str("'\"");
        sql
    }

    /// Proves the key without telling it.
    pub(crate) fn check(&self) -> [u8; 32] {
        mac(&self.0, &[CHECK]).finalize().into_bytes().into()
    }

    pub(crate) fn fits_check(&self, check: &[u8; 32]) -> bool {
        mac(&self.0, &[CHECK]).verify_slice(check).is_ok()
    }

    /// Seals bytes that lie beside a database, readable but not forgeable.
    pub(crate) fn seal(&self, bytes: &[u8]) -> [u8; 32] {
        mac(&self.0, &[SEAL, bytes]).finalize().into_bytes().into()
    }

    pub(crate) fn fits_seal(&self, bytes: &[u8], seal: &[u8; 32]) -> bool {
        mac(&self.0, &[SEAL, bytes]).verify_slice(seal).is_ok()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> HmacSha256 {
    // A fixed-size array fits HMAC's block, so this constructor has no error.
    let mut padded = hmac::digest::Key::<HmacSha256>::default();
    padded[..32].copy_from_slice(key);
    let mut mac = <HmacSha256 as hmac::digest::KeyInit>::new(&padded);
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Bytes that nobody else should see. Overwritten when dropped; their debug text does not tell them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A secret of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Secret(Zeroizing::new(bytes.into()))
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, if they are one (tokens are).
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Where secrets are kept, by name. Calls may block, for a while even when a person is asked to unlock something.
pub trait KeyStore: Send + Sync {
    /// The secret of that name, if there is one.
    ///
    /// # Errors
    /// When the store can't be read.
    fn get(&self, name: &str) -> Result<Option<Secret>, KeyStoreError>;

    /// Stores or replaces a secret.
    ///
    /// # Errors
    /// When the store can't be written.
    fn set(&self, name: &str, secret: &Secret) -> Result<(), KeyStoreError>;

    /// Deletes a secret; one that is not there is deleted already.
    ///
    /// # Errors
    /// When the store can't be written.
    fn delete(&self, name: &str) -> Result<(), KeyStoreError>;
}

/// Why secrets can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// There is no key store, or it is out of order.
    #[error("there is no key store: {0}")]
    Missing(String),
    /// It is locked, or access was denied.
    #[error("the key store is locked: {0}")]
    Locked(String),
    /// It did not answer in time.
    #[error("the key store does not answer")]
    NoAnswer,
    /// What it holds under that name is something else.
    #[error("the key store holds something else under that name")]
    Garbled,
    /// It does not hold the key that existing databases were made with; a new one would not open them.
    #[error("the key store does not hold the key any more")]
    Lost,
    /// It took a secret and does not have it.
    #[error("the key store does not keep what it is given")]
    NotKept,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
}
