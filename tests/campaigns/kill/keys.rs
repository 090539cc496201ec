//! Secrets in a folder, so that they outlive a killed process as those of a desktop's key store do.

use std::fs;
use std::path::{Path, PathBuf};

use store::key::DATABASE_KEY;
use store::{Key, KeyStore, KeyStoreError, Secret};

/// The key store of a campaign. Nothing here is secret.
pub struct FolderKeys(PathBuf);

impl FolderKeys {
    /// Secrets in `folder`, which is made when missing.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn in_folder(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(FolderKeys(folder.to_owned()))
    }

    /// The keys of cache and outbox, as a desk would find them.
    ///
    /// # Errors
    /// When what is kept is no key.
    pub fn of_databases(&self) -> Result<(Key, Key), KeyStoreError> {
        let outbox = Key::of_store(self)?;
        let names = fs::read_dir(&self.0).map_err(|error| failed(&error))?;
        let own = names.flatten().map(|entry| entry.file_name().to_string_lossy().replace('_', " "));
        let cache = match own.into_iter().find(|name| name.starts_with("cache-key ")) {
            Some(name) => Key::named(self, &name)?,
            None => outbox.clone(),
        };
        Ok((cache, outbox))
    }

    /// Keeps the key that the store's old files are encrypted with.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn keep_key_of_old_files(&self) -> Result<(), KeyStoreError> {
        self.set(DATABASE_KEY, &Secret::new([7; 32]))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name.replace(' ', "_"))
    }
}

fn failed(error: &std::io::Error) -> KeyStoreError {
    KeyStoreError::Missing(error.to_string())
}

impl KeyStore for FolderKeys {
    fn get(&self, name: &str) -> Result<Option<Secret>, KeyStoreError> {
        match fs::read(self.file(name)) {
            Ok(bytes) => Ok(Some(Secret::new(bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        let (file, fresh) = (self.file(name), self.0.join(".new"));
        fs::write(&fresh, secret.expose())
            .and_then(|()| fs::rename(fresh, file))
            .map_err(|error| failed(&error))
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
