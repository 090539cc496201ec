//! The sea, for base maps that lack it.
//!
//! Maps made from an OSM extract alone have no sea: OpenStreetMap only has its coastlines. Here they become polygons of the
//! layer `water`, `class=ocean`, in the tiles of a region. A doubt about which side is the sea ends in a map without sea
//! ([`NoSea`]), never in flooded streets.

mod drawing;
mod outline;
mod sea;
mod shore;
#[cfg(test)]
mod tests;

pub(crate) use shore::Shore;

use crate::error::TilesError;
use crate::tiles::{connect, read_info};
use sea::Sea;
use std::path::Path;

/// What became of the sea on the base map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coast {
    /// The extract has no coast in the area of the map.
    Inland,
    /// The base map shows the sea by itself, or is made of images.
    AlreadyDrawn,
    /// The sea was added.
    Drawn {
        /// The number of tiles that show it, new ones among them.
        tiles: u32,
    },
    /// There is a coast, but the sea was left out.
    LeftOut(NoSea),
}

/// Why the sea was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSea {
    /// Neither the extract nor the base map tells its area, or the two lie apart.
    #[error("the area of the map isn't known")]
    UnknownArea,
    /// A coastline ends in the midst of the area.
    #[error("a coastline of the extract has a gap")]
    Gap,
    /// Coastlines cross or run against each other.
    #[error("the coastlines of the extract contradict each other")]
    Contradiction,
    /// Many roads would lie in the sea.
    #[error("the sea would cover roads")]
    RoadsInSea,
    /// The base map's tiles are no vector tiles, or its table can't be written.
    #[error("the tiles can't be drawn into")]
    ForeignTiles,
}

impl std::fmt::Display for Coast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Coast::Inland => f.write_str("no coast, no sea"),
            Coast::AlreadyDrawn => f.write_str("the base map has its sea"),
            Coast::Drawn { tiles } => write!(f, "the sea is drawn into {tiles} tiles"),
            Coast::LeftOut(reason) => write!(f, "warning: the map is without sea: {reason}"),
        }
    }
}

/// Draws the sea into the MBTiles file at `tiles`, at every zoom it has; tiles of open sea are added.
pub(crate) fn draw_sea(shore: &Shore, tiles: &Path) -> Result<Coast, TilesError> {
    let info = read_info(&connect(tiles)?)?;
    if info.format != "pbf" {
        return Ok(Coast::AlreadyDrawn);
    }
    match Sea::of(shore, info.bounds, info.max_zoom) {
        Ok(None) => Ok(Coast::Inland),
        Ok(Some(sea)) => drawing::draw(&sea, tiles, info.min_zoom..=info.max_zoom),
        Err(reason) => Ok(Coast::LeftOut(reason)),
    }
}
