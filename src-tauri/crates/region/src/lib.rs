//! Region packs: one folder per region with its road graphs and its base map, and the import that makes them.
//!
//! ```text
//! regions/monaco/region.json    name, bounds, attribution, when it was made, format
//!                roads.graph    eta::RoadGraph for cars; roads-bicycle.graph and roads-foot.graph where there are such ways
//!                base.mbtiles   base map tiles
//! ```
//!
//! Invariants of this crate:
//!
//! * **A region is complete or absent.** An import works in a temporary folder beside the target and is moved into place when
//!   everything in it has been read back; a failure leaves what was there before untouched.
//! * **Packs are only read.** Nothing is written into an opened region; base maps are opened immutable, so a pack may lie on a
//!   read-only disk.
//! * **A file is never trusted**: missing, cut-off, foreign and outdated files are typed errors that name the file.
//! * **No streets are flooded.** An import draws the sea into base maps that lack it; where the coastlines of the extract leave a
//!   doubt, the map stays without ([`NoSea`]).
//! * Tiles are asked by XYZ (y grows southwards), the way the web does; MBTiles' own TMS rows stay in here.
//!
//! Deliberately absent: downloading, rendering and restyling of tiles, writing OSM data, brotli- or zstd-packed PMTiles, merging of regions.

mod coast;
mod error;
mod import;
mod mbtiles;
mod mvt;
mod pack;
mod pmtiles;
mod tiles;

pub use coast::{Coast, NoSea};
pub use error::{RegionError, TilesError};
pub use import::{Import, Progress, Step};
pub use pack::{Region, RegionInfo, Regions, is_region_name};
pub use tiles::{Encoding, Tile, Tiles, TilesInfo};

/// Who must be named beside every map made from OpenStreetMap data.
pub const OSM_ATTRIBUTION: &str = "© OpenStreetMap contributors";
