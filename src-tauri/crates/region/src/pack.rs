//! Region packs on disk.

use crate::error::RegionError;
use crate::tiles::Tiles;
use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use eta::{Bounds, RoadGraph, Router};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) const INFO_FILE: &str = "region.json";
pub(crate) const TILES_FILE: &str = "base.mbtiles";
/// The version of the pack's layout; graphs have their own.
pub(crate) const PACK_FORMAT: u32 = 1;

/// What `region.json` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionInfo {
    /// Version of the pack's layout.
    pub format: u32,
    /// The same as the folder's.
    pub name: String,
    /// The box around all roads.
    pub bounds: Bounds,
    /// Must be shown beside the map.
    pub attribution: String,
    /// When the pack was made.
    pub created: DateTime<Utc>,
}

/// A region pack whose files are there and whose `region.json` was understood. The road graphs and the tiles are read when
/// they are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    dir: PathBuf,
    info: RegionInfo,
}

/// The region packs of a folder.
#[derive(Debug, Default)]
pub struct Regions {
    /// Those that can be opened, by name.
    pub found: Vec<Region>,
    /// Folders that are no usable region, and why.
    pub broken: Vec<(PathBuf, RegionError)>,
}

impl Region {
    /// Opens the pack in this folder.
    pub fn open(dir: &Path) -> Result<Self, RegionError> {
        let info = read_info(&dir.join(INFO_FILE))?;
        for file in [roads_file(TravelMode::Car), TILES_FILE] {
            let path = dir.join(file);
            if !path.is_file() {
                return Err(RegionError::Missing(path));
            }
        }
        Ok(Self { dir: dir.to_owned(), info })
    }

    /// Opens the region of this name under `root`.
    pub fn find(root: &Path, name: &str) -> Result<Self, RegionError> {
        if !is_region_name(name) {
            return Err(RegionError::Name(name.to_owned()));
        }
        Self::open(&root.join(name))
    }

    /// The demo region that comes with the program, `regions/monaco` in the folder of its resources.
    pub fn bundled_monaco(resource_dir: &Path) -> Result<Self, RegionError> {
        Self::open(&resource_dir.join("regions").join("monaco"))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What `region.json` says.
    pub fn info(&self) -> &RegionInfo {
        &self.info
    }

    /// Reads the road graph for cars and prepares a router: tens of milliseconds for a town.
    pub fn router(&self) -> Result<Router, RegionError> {
        read_router(self.dir.join(roads_file(TravelMode::Car)))
    }

    /// Routers for all that the region knows ways of: at least cars. Older packs, and places without a path, have no more.
    pub fn routers(&self) -> Result<BTreeMap<TravelMode, Router>, RegionError> {
        let there = TravelMode::ALL.map(|mode| (mode, self.dir.join(roads_file(mode))));
        let there = there.into_iter().filter(|(mode, path)| *mode == TravelMode::Car || path.is_file());
        there.map(|(mode, path)| Ok((mode, read_router(path)?))).collect()
    }

    /// Opens the base map.
    pub fn tiles(&self) -> Result<Tiles, RegionError> {
        let path = self.dir.join(TILES_FILE);
        Tiles::open(&path).map_err(RegionError::tiles(&path))
    }
}

impl Regions {
    /// Looks into every folder under `root`; a root that doesn't exist has no regions.
    pub fn list(root: &Path) -> Result<Self, RegionError> {
        let mut regions = Self::default();
        let folder = match std::fs::read_dir(root) {
            Ok(folder) => folder,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(regions),
            Err(error) => return Err(RegionError::io(root)(error)),
        };
        for entry in folder {
            let dir = entry.map_err(RegionError::io(root))?.path();
            // Temporary folders of a running import begin with a dot and so aren't names.
            if dir.is_dir() && dir.file_name().and_then(|name| name.to_str()).is_some_and(is_region_name) {
                match Region::open(&dir) {
                    Ok(region) => regions.found.push(region),
                    Err(error) => regions.broken.push((dir, error)),
                }
            }
        }
        regions.found.sort_by(|a, b| a.info.name.cmp(&b.info.name));
        regions.broken.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(regions)
    }
}

/// The file with the roads of a mode.
pub(crate) fn roads_file(mode: TravelMode) -> &'static str {
    match mode {
        TravelMode::Car => "roads.graph",
        TravelMode::Bicycle => "roads-bicycle.graph",
        TravelMode::Foot => "roads-foot.graph",
    }
}

fn read_router(path: PathBuf) -> Result<Router, RegionError> {
    let bytes = std::fs::read(&path).map_err(RegionError::io(&path))?;
    match RoadGraph::from_bytes(&bytes) {
        Ok(graph) => Ok(Router::new(graph)),
        Err(reason) => Err(RegionError::Roads { path, reason }),
    }
}

/// Whether a text can be a region's name and folder: 1–64 of `a–z A–Z 0–9 - _`, not starting with `-`, no device of Windows.
pub fn is_region_name(name: &str) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let lower = name.to_ascii_lowercase();
    let is_port =
        matches!(lower.as_bytes(), [b'c', b'o', b'm', b'0'..=b'9'] | [b'l', b'p', b't', b'0'..=b'9']);
    let is_device = is_port || matches!(lower.as_str(), "con" | "prn" | "aux" | "nul");
    is_plain && (1..=64).contains(&name.len()) && !name.starts_with('-') && !is_device
}

fn read_info(path: &Path) -> Result<RegionInfo, RegionError> {
    let bytes = std::fs::read(path).map_err(RegionError::io(path))?;
    let broken =
        |error: serde_json::Error| RegionError::Info { path: path.to_owned(), reason: error.to_string() };
    let json: serde_json::Value = serde_json::from_slice(&bytes).map_err(broken)?;
    // The format first: a newer file may differ in everything else.
    let found = json.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0) as u32;
    if found != PACK_FORMAT {
        return Err(RegionError::OtherVersion { path: path.to_owned(), found, expected: PACK_FORMAT });
    }
    serde_json::from_value(json).map_err(broken)
}
