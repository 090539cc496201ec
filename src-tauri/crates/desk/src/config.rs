//! What the shell decides before the controller starts.

use std::path::PathBuf;
use std::sync::Arc;

use store::KeyStore;

/// Where files are and how keys are kept.
#[derive(Debug, Clone)]
pub struct DeskConfig {
    /// Folder of databases and settings, made when missing. Without one, nothing outlives the process.
    pub data_dir: Option<PathBuf>,
    /// Where exported files go, made when missing. Without one they go beside the databases, and nowhere when nothing is to
    /// outlive the process.
    pub exports_dir: Option<PathBuf>,
    /// Folders that hold regions (one folder each); the first that has a region wins.
    pub region_roots: Vec<PathBuf>,
    /// Where the database key and the refresh token live.
    pub keys: KeyPolicy,
}

impl DeskConfig {
    /// The folder of exported files.
    pub(crate) fn exports(&self) -> Option<PathBuf> {
        self.exports_dir.clone().or_else(|| Some(self.data_dir.as_ref()?.join("exports")))
    }
}

/// Where secrets live.
#[derive(Clone)]
pub enum KeyPolicy {
    /// In the operating system's key store; without one, the session is memory-only and says so.
    OsKeyring,
    /// Nowhere: every session is memory-only.
    MemoryOnly,
    /// In this one: for tests, and for shells that have their own.
    Given(Arc<dyn KeyStore>),
}

impl std::fmt::Debug for KeyPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            KeyPolicy::OsKeyring => "OsKeyring",
            KeyPolicy::MemoryOnly => "MemoryOnly",
            KeyPolicy::Given(_) => "Given",
        })
    }
}
