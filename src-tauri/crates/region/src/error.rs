//! What can be wrong with a region.

use std::path::{Path, PathBuf};

/// Why a region can't be opened or made.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// Names are 1–64 of `a–z A–Z 0–9 - _`, not starting with `-`, and not a device name of Windows.
    #[error("{0:?} can't be a region's name: use up to 64 letters, digits, - and _")]
    Name(String),
    /// An import would replace it; it has to be asked for.
    #[error("the region {0} exists already")]
    Exists(String),
    /// A file or folder that must be there.
    #[error("{} is missing", .0.display())]
    Missing(PathBuf),
    /// `region.json` can't be understood.
    #[error("{}: {reason}", path.display())]
    Info {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// A pack of another version of the program.
    #[error("{}: format {found}, this program reads format {expected}: import the region again", path.display())]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The format this build reads.
        expected: u32,
    },
    /// The road graph.
    #[error("{}: {reason}", path.display())]
    Roads {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: eta::FormatError,
    },
    /// The map extract.
    #[error("{}: {reason}", path.display())]
    Extract {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: eta::ImportError,
    },
    /// The base map.
    #[error("{}: {reason}", path.display())]
    Tiles {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: TilesError,
    },
    /// Who asked for the import didn't want it any more.
    #[error("the import was stopped")]
    Cancelled,
    /// The disk.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
}

impl RegionError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |reason| {
            if reason.kind() == std::io::ErrorKind::NotFound {
                Self::Missing(path)
            } else {
                Self::Io { path, reason }
            }
        }
    }

    pub(crate) fn tiles(path: &Path) -> impl FnOnce(TilesError) -> Self {
        let path = path.to_owned();
        move |reason| {
            if matches!(reason, TilesError::Missing) {
                Self::Missing(path)
            } else {
                Self::Tiles { path, reason }
            }
        }
    }
}

/// Why a base map can't be read.
#[derive(Debug, thiserror::Error)]
pub enum TilesError {
    /// No such file.
    #[error("the file is missing")]
    Missing,
    /// Neither MBTiles nor PMTiles.
    #[error("this is not a tiles file (MBTiles or PMTiles)")]
    NotTiles,
    /// A tiles file without a single tile.
    #[error("the tiles file is empty")]
    Empty,
    /// Cut off or damaged.
    #[error("the tiles file is damaged ({0})")]
    Corrupt(String),
    /// Only PMTiles of version 3.
    #[error("PMTiles version {0} can't be read, only version 3")]
    PmtilesVersion(u8),
    /// A packing this program doesn't know.
    #[error("the tiles are packed with {0}, which can't be read")]
    Packing(&'static str),
    /// SQLite.
    #[error(transparent)]
    Sql(rusqlite::Error),
    /// The disk.
    #[error(transparent)]
    Io(std::io::Error),
}

impl From<std::io::Error> for TilesError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound { Self::Missing } else { Self::Io(error) }
    }
}

impl From<rusqlite::Error> for TilesError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotTiles,
            Some(ErrorCode::CannotOpen) => Self::Missing,
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt("SQLite can't read it".into()),
            _ => Self::Sql(error),
        }
    }
}
