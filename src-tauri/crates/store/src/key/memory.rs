//! A key store that forgets.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{KeyStore, KeyStoreError, Secret};

/// Keeps secrets for as long as the process lives: for tests and for sessions that leave nothing behind.
#[derive(Debug, Default)]
pub struct MemoryKeyStore(Mutex<BTreeMap<String, Secret>>);

impl KeyStore for MemoryKeyStore {
    fn get(&self, name: &str) -> Result<Option<Secret>, KeyStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}
