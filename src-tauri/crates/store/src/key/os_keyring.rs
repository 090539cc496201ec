//! The key store of the operating system: on Linux the Secret Service (GNOME Keyring, KWallet, KeePassXC).

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zbus_secret_service_keyring_store::Store;

use super::{DATABASE_KEY, KeyStore, KeyStoreError, Secret};

/// A key store that says nothing for so long at start is none.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
/// Later somebody may have to type the keyring's password.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// The key store of the operating system.
///
/// Each call runs on a thread of its own: one that never answers (a prompt that nobody sees) costs that thread, not the caller.
#[derive(Clone)]
pub struct OsKeyring {
    store: Arc<Store>,
    service: String,
}

impl OsKeyring {
    /// Connects to the key store and reads from it, waiting 5 s at most. `service` names the app (and the profile).
    ///
    /// # Errors
    /// [`KeyStoreError::Missing`], [`KeyStoreError::Locked`] and [`KeyStoreError::NoAnswer`]: ask for a passphrase, or keep
    /// nothing.
    pub fn probe(service: &str) -> Result<Self, KeyStoreError> {
        let service = service.to_owned();
        within(PROBE_TIMEOUT, move || {
            let keyring = OsKeyring { store: Store::new().map_err(told)?, service };
            keyring.read(DATABASE_KEY)?;
            Ok(keyring)
        })
    }

    fn entry(&self, name: &str) -> Result<Entry, KeyStoreError> {
        self.store.build(&self.service, name, None).map_err(told)
    }

    fn read(&self, name: &str) -> Result<Option<Secret>, KeyStoreError> {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => Ok(Some(Secret::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(other) => Err(told(other)),
        }
    }

    fn remove(&self, name: &str) -> Result<(), KeyStoreError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(other) => Err(told(other)),
        }
    }
}

impl std::fmt::Debug for OsKeyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OsKeyring").field("service", &self.service).finish_non_exhaustive()
    }
}

impl KeyStore for OsKeyring {
    fn get(&self, name: &str) -> Result<Option<Secret>, KeyStoreError> {
        let (keyring, name) = (self.clone(), name.to_owned());
        within(ANSWER_TIMEOUT, move || keyring.read(&name))
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        let (keyring, name, secret) = (self.clone(), name.to_owned(), secret.clone());
        within(ANSWER_TIMEOUT, move || keyring.entry(&name)?.set_secret(secret.expose()).map_err(told))
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        let (keyring, name) = (self.clone(), name.to_owned());
        within(ANSWER_TIMEOUT, move || keyring.remove(&name))
    }
}

/// Runs `call` elsewhere and waits for it, but not for ever.
pub(crate) fn within<T: Send + 'static>(
    timeout: Duration,
    call: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static,
) -> Result<T, KeyStoreError> {
    let (answer, answered) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("key store".to_owned()).spawn(move || {
        // Nobody listens any more when it took too long.
        let _ = answer.send(call());
    });
    spawned.map_err(|error| KeyStoreError::Missing(error.to_string()))?;
    answered.recv_timeout(timeout).unwrap_or(Err(KeyStoreError::NoAnswer))
}

fn told(error: Error) -> KeyStoreError {
    if let Error::NoStorageAccess(why) = &error {
        return KeyStoreError::Locked(why.to_string());
    }
    let garbled = matches!(error, Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_));
    if garbled { KeyStoreError::Garbled } else { KeyStoreError::Missing(error.to_string()) }
}
