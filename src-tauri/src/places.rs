//! Where files are.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tauri::{AppHandle, Manager as _};

const REGIONS: &str = "regions";
const EXPORTS: &str = "OfficeTrack Desk";

/// The folder of databases and settings; made when missing.
///
/// # Errors
/// When the system names no such folder or it can't be made.
pub fn data_dir(app: &AppHandle, asked: Option<&Path>) -> anyhow::Result<PathBuf> {
    let dir = match asked {
        Some(dir) => dir.to_owned(),
        None => app.path().app_local_data_dir().context("this system has no folder for the desk's data")?,
    };
    std::fs::create_dir_all(&dir).with_context(|| format!("making the folder {}", dir.display()))?;
    Ok(dir)
}

/// The folder of exported files: among the user's documents, or beside the data where it was put elsewhere by hand.
pub fn exports_dir(app: &AppHandle, asked: Option<&Path>) -> Option<PathBuf> {
    match asked {
        Some(dir) => Some(dir.join("exports")),
        None => app.path().document_dir().ok().map(|documents| documents.join(EXPORTS)),
    }
}

/// The folders with map regions: imported ones first, then those that come with the program.
///
/// # Errors
/// When the system names no folder for data or resources.
pub fn region_roots(app: &AppHandle) -> anyhow::Result<Vec<PathBuf>> {
    let imported =
        app.path().app_local_data_dir().context("this system has no folder for the desk's data")?;
    let bundled = app.path().resource_dir().context("the program's resources are not there")?;
    Ok(vec![imported.join(REGIONS), bundled.join(REGIONS)])
}
