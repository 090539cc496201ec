//! Reading base map tiles from MBTiles.

use crate::error::TilesError;
use domain::LonLat;
use eta::Bounds;
use flate2::read::{GzDecoder, ZlibDecoder};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// An open base map. `Send + Sync`; several threads read at the same time, each with its own connection.
pub struct Tiles {
    path: PathBuf,
    info: TilesInfo,
    idle: Mutex<Vec<Connection>>,
}

impl std::fmt::Debug for Tiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tiles").field("path", &self.path).field("info", &self.info).finish_non_exhaustive()
    }
}

/// What a base map says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct TilesInfo {
    /// Its title, may be empty.
    pub name: String,
    /// `pbf` for vector tiles (MVT), else `png`, `jpg`, `webp`.
    pub format: String,
    /// Smallest zoom with tiles.
    pub min_zoom: u8,
    /// Largest zoom with tiles.
    pub max_zoom: u8,
    /// The area with data, where it is told.
    pub bounds: Option<Bounds>,
    /// Plain text, may be empty. Must be shown beside the map.
    pub attribution: String,
}

/// How the bytes of a tile are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// gzip, HTTP's `Content-Encoding: gzip`.
    Gzip,
    /// zlib, HTTP's `Content-Encoding: deflate`.
    Deflate,
}

/// One tile as it lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// How they are packed.
    pub encoding: Encoding,
}

/// No real tile is near this size unpacked; a small one that unpacks to more is an attack on memory.
const MAX_UNPACKED_BYTES: u64 = 32 << 20;

impl Tile {
    /// Sees from the first bytes how they are packed.
    pub fn new(bytes: Vec<u8>) -> Self {
        let encoding = match bytes.as_slice() {
            [0x1f, 0x8b, ..] => Encoding::Gzip,
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Encoding::Deflate,
            _ => Encoding::Identity,
        };
        Self { bytes, encoding }
    }

    /// The plain tile: MVT (protobuf) for vector maps, an image for others. [`TilesError::Corrupt`] if it can't be unpacked.
    pub fn unpacked(self) -> Result<Vec<u8>, TilesError> {
        match self.encoding {
            Encoding::Identity => Ok(self.bytes),
            Encoding::Gzip => unpack(GzDecoder::new(self.bytes.as_slice())),
            Encoding::Deflate => unpack(ZlibDecoder::new(self.bytes.as_slice())),
        }
    }
}

/// Reads a packed stream to its end, up to a limit.
pub(crate) fn unpack(packed: impl Read) -> Result<Vec<u8>, TilesError> {
    let mut plain = Vec::new();
    let mut limited = packed.take(MAX_UNPACKED_BYTES + 1);
    limited.read_to_end(&mut plain).map_err(|error| TilesError::Corrupt(error.to_string()))?;
    if plain.len() as u64 > MAX_UNPACKED_BYTES {
        return Err(TilesError::Corrupt("impossibly large when unpacked".into()));
    }
    Ok(plain)
}

impl Tiles {
    /// Opens an MBTiles file read-only. Missing, foreign, damaged and empty files are typed errors.
    pub fn open(path: &Path) -> Result<Self, TilesError> {
        let connection = connect(path)?;
        let info = read_info(&connection)?;
        Ok(Self { path: path.to_owned(), info, idle: Mutex::new(vec![connection]) })
    }

    /// What the file says about itself.
    pub fn info(&self) -> &TilesInfo {
        &self.info
    }

    /// The tile at zoom `z`, column `x` from the west, row `y` from the north (XYZ). `None` where the file has none, also for
    /// numbers outside the zoom.
    pub fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Tile>, TilesError> {
        let Some(rows) = 1_u32.checked_shl(u32::from(z)).filter(|rows| x < *rows && y < *rows) else {
            return Ok(None);
        };
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path)?,
        };
        let bytes = read_tile(&connection, z, x, rows - 1 - y);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(bytes?.map(Tile::new))
    }
}

fn read_tile(
    connection: &Connection,
    z: u8,
    column: u32,
    tms_row: u32,
) -> Result<Option<Vec<u8>>, TilesError> {
    let mut statement = connection.prepare_cached(
        "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3",
    )?;
    Ok(statement.query_row((z, column, tms_row), |row| row.get(0)).optional()?)
}

/// Opens a SQLite file that nobody writes: no locks, no journal, so a read-only folder is fine.
pub(crate) fn connect(path: &Path) -> Result<Connection, TilesError> {
    if !path.is_file() {
        return Err(TilesError::Missing);
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(file_uri(path), flags)?)
}

fn file_uri(path: &Path) -> String {
    let plain = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if plain.contains(":/") { "file:///" } else { "file:" });
    for c in plain.chars() {
        match c {
            '%' | '?' | '#' => uri.push_str(&format!("%{:02X}", u32::from(c))),
            c => uri.push(c),
        }
    }
    uri + "?immutable=1"
}

/// What the file says about itself; foreign and empty files are errors.
pub(crate) fn read_info(connection: &Connection) -> Result<TilesInfo, TilesError> {
    let has_tiles: bool = connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE name = 'tiles' AND type IN ('table', 'view')",
        (),
        |row| row.get(0),
    )?;
    if !has_tiles {
        return Err(TilesError::NotTiles);
    }
    let (min_zoom, max_zoom): (Option<u8>, Option<u8>) =
        connection.query_row("SELECT min(zoom_level), max(zoom_level) FROM tiles", (), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let (Some(min_zoom), Some(max_zoom)) = (min_zoom, max_zoom) else { return Err(TilesError::Empty) };
    let entry = |name: &str| -> Option<String> {
        connection.query_row("SELECT value FROM metadata WHERE name = ?1", [name], |row| row.get(0)).ok()
    };
    Ok(TilesInfo {
        name: entry("name").unwrap_or_default(),
        format: entry("format").unwrap_or_else(|| "pbf".into()),
        min_zoom,
        max_zoom,
        bounds: entry("bounds").and_then(|bounds| parse_bounds(&bounds)),
        attribution: plain_text(&entry("attribution").unwrap_or_default()),
    })
}

/// `west,south,east,north` in degrees.
fn parse_bounds(text: &str) -> Option<Bounds> {
    let degrees: Vec<f64> = text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let [west, south, east, north] = degrees[..] else { return None };
    // Tools that know no box write zeros; west may lie east of east, over the date line.
    if west == east || south >= north {
        return None;
    }
    Some(Bounds { south_west: LonLat::new(west, south).ok()?, north_east: LonLat::new(east, north).ok()? })
}

/// Attributions are often written as HTML links.
fn plain_text(html: &str) -> String {
    let mut text = String::new();
    let mut is_in_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_in_tag = true,
            '>' => is_in_tag = false,
            c if !is_in_tag => text.push(c),
            _ => {}
        }
    }
    let text = text.replace("&copy;", "©").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributions_lose_their_html() {
        let html =
            r#"<a href="https://www.openstreetmap.org/copyright">&copy; OpenStreetMap contributors</a>"#;
        assert_eq!(plain_text(html), "© OpenStreetMap contributors", "the text of the link");
        assert_eq!(plain_text("A  &amp;\n B"), "A & B", "entities and spaces");
    }

    #[test]
    fn bounds_are_four_numbers_on_earth() {
        assert!(parse_bounds("7.349000,43.710000,7.491000,43.770000").is_some(), "as tilemaker writes them");
        assert_eq!(parse_bounds("7.3,43.7,7.4"), None, "three numbers are no box");
        assert_eq!(parse_bounds("7.3,143.7,7.4,44"), None, "143° north");
        assert_eq!(parse_bounds("0.000000,0.000000,0.000000,0.000000"), None, "zeros are no box");
    }

    #[test]
    fn a_strange_path_is_still_a_path() {
        assert_eq!(
            file_uri(Path::new("/maps/50% #1?.mbtiles")),
            "file:/maps/50%25 %231%3F.mbtiles?immutable=1",
            "escaped"
        );
    }

    #[test]
    fn packing_is_seen_from_the_bytes() {
        assert_eq!(Tile::new(vec![0x1f, 0x8b, 8]).encoding, Encoding::Gzip, "gzip");
        assert_eq!(Tile::new(vec![0x78, 0x9c, 1]).encoding, Encoding::Deflate, "zlib");
        assert_eq!(Tile::new(vec![0x1a, 0x05]).encoding, Encoding::Identity, "MVT");
        assert!(Tile::new(vec![0x1f, 0x8b, 8, 0, 1]).unpacked().is_err(), "cut-off gzip");
        assert_eq!(Tile::new(vec![1, 2]).unpacked().expect("plain"), [1, 2], "plain stays");
    }
}
