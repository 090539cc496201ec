//! Reading PMTiles version 3 archives (<https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>).

use crate::error::TilesError;
use crate::tiles::unpack;
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// An open archive.
pub(crate) struct Pmtiles {
    file: File,
    file_bytes: u64,
    header: Header,
}

/// Gets zoom, column, row (XYZ), the stored bytes and the share of all tiles before this one.
pub(crate) type TileSink<'a> = dyn FnMut(u8, u32, u32, &[u8], f32) -> Result<(), TilesError> + 'a;

#[derive(Debug, Clone, Copy)]
struct Header {
    root: Span,
    metadata: Span,
    leaves: Span,
    tiles: Span,
    addressed_tiles: u64,
    internal_packing: u8,
    tile_packing: u8,
    tile_type: u8,
    min_zoom: u8,
    max_zoom: u8,
    bounds_e7: [i32; 4],
}

/// A piece of the file.
#[derive(Debug, Clone, Copy)]
struct Span {
    offset: u64,
    length: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    tile_id: u64,
    offset: u64,
    length: u64,
    /// How many tiles in a row look like this; 0: the entry is a leaf directory.
    run_length: u64,
}

const HEADER_BYTES: usize = 127;
const MAX_DEPTH: u8 = 4;
/// No archive of a region has more; a damaged one could say so and fill the disk.
const MAX_TILES: u64 = 50_000_000;
const MAX_TILE_BYTES: u64 = 32 << 20;
const MAX_DIRECTORY_BYTES: u64 = 64 << 20;
const MAX_ZOOM: u8 = 26;

impl Pmtiles {
    pub fn open(path: &Path) -> Result<Self, TilesError> {
        let mut file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        let mut bytes = [0_u8; HEADER_BYTES];
        file.read_exact(&mut bytes).map_err(|_| corrupt("the header is cut off"))?;
        let header = Header::read(&bytes)?;
        Ok(Self { file, file_bytes, header })
    }

    /// The rows of an MBTiles `metadata` table.
    pub fn metadata(&mut self) -> Result<Vec<(String, String)>, TilesError> {
        let json = self.read_packed(self.header.metadata)?;
        let json: serde_json::Value =
            serde_json::from_slice(&json).map_err(|_| corrupt("the metadata is no JSON"))?;
        let [west, south, east, north] = self.header.bounds_e7.map(|e7| f64::from(e7) / 1e7);
        let mut rows = vec![
            ("format".to_owned(), self.header.format()?.to_owned()),
            ("minzoom".to_owned(), self.header.min_zoom.to_string()),
            ("maxzoom".to_owned(), self.header.max_zoom.to_string()),
            ("bounds".to_owned(), format!("{west:.6},{south:.6},{east:.6},{north:.6}")),
        ];
        for key in ["name", "description", "attribution", "version", "type"] {
            if let Some(value) = json.get(key).and_then(serde_json::Value::as_str) {
                rows.push((key.to_owned(), value.to_owned()));
            }
        }
        if let Some(layers) = json.get("vector_layers") {
            rows.push(("json".to_owned(), serde_json::json!({ "vector_layers": layers }).to_string()));
        }
        Ok(rows)
    }

    /// Calls `sink` with every tile.
    pub fn for_each_tile(&mut self, sink: &mut TileSink<'_>) -> Result<(), TilesError> {
        let mut done = 0;
        self.walk(self.header.root, 0, &mut done, sink)?;
        if done == 0 { Err(TilesError::Empty) } else { Ok(()) }
    }

    fn walk(
        &mut self,
        span: Span,
        depth: u8,
        done: &mut u64,
        sink: &mut TileSink<'_>,
    ) -> Result<(), TilesError> {
        if depth > MAX_DEPTH {
            return Err(corrupt("directories lead in circles"));
        }
        for entry in read_directory(&self.read_packed(span)?)? {
            if entry.run_length == 0 {
                self.walk(self.header.leaves.part(entry.offset, entry.length)?, depth + 1, done, sink)?;
                continue;
            }
            let bytes = self.read(self.header.tiles.part(entry.offset, entry.length)?, MAX_TILE_BYTES)?;
            if done.saturating_add(entry.run_length) > MAX_TILES {
                return Err(corrupt("too many tiles"));
            }
            for tile_id in (0..entry.run_length).map(|step| entry.tile_id.saturating_add(step)) {
                let (z, x, y) = place_of(tile_id).ok_or_else(|| corrupt("a tile lies off the map"))?;
                let share = *done as f32 / self.header.addressed_tiles.max(1) as f32;
                sink(z, x, y, &bytes, share.min(1.0))?;
                *done += 1;
            }
        }
        Ok(())
    }

    fn read_packed(&mut self, span: Span) -> Result<Vec<u8>, TilesError> {
        let bytes = self.read(span, MAX_DIRECTORY_BYTES)?;
        match self.header.internal_packing {
            1 => Ok(bytes),
            2 => unpack(GzDecoder::new(bytes.as_slice())),
            other => Err(TilesError::Packing(packing_name(other))),
        }
    }

    fn read(&mut self, span: Span, limit: u64) -> Result<Vec<u8>, TilesError> {
        let end = span
            .offset
            .checked_add(span.length)
            .filter(|end| *end <= self.file_bytes && span.length <= limit);
        if end.is_none() {
            return Err(corrupt("the file is cut off"));
        }
        let mut bytes = vec![0; span.length as usize];
        self.file.seek(SeekFrom::Start(span.offset))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl Span {
    fn part(self, offset: u64, length: u64) -> Result<Span, TilesError> {
        let is_inside = offset.checked_add(length).is_some_and(|end| end <= self.length);
        let offset = self.offset.checked_add(offset).filter(|_| is_inside);
        Ok(Span { offset: offset.ok_or_else(|| corrupt("a tile lies outside the file"))?, length })
    }
}

impl Header {
    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, TilesError> {
        if &bytes[..7] != b"PMTiles" {
            return Err(TilesError::NotTiles);
        }
        if bytes[7] != 3 {
            return Err(TilesError::PmtilesVersion(bytes[7]));
        }
        let u64_at =
            |at: usize| (0..8).fold(0_u64, |sum, byte| sum | u64::from(bytes[at + byte]) << (8 * byte));
        let i32_at = |at: usize| i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let span_at = |at: usize| Span { offset: u64_at(at), length: u64_at(at + 8) };
        let header = Self {
            root: span_at(8),
            metadata: span_at(24),
            leaves: span_at(40),
            tiles: span_at(56),
            addressed_tiles: u64_at(72),
            internal_packing: bytes[97],
            tile_packing: bytes[98],
            tile_type: bytes[99],
            min_zoom: bytes[100],
            max_zoom: bytes[101],
            bounds_e7: [i32_at(102), i32_at(106), i32_at(110), i32_at(114)],
        };
        // Packed tiles are carried as they are, so only a packing that readers know may pass.
        if !matches!(header.tile_packing, 0..=2) {
            return Err(TilesError::Packing(packing_name(header.tile_packing)));
        }
        Ok(header)
    }

    /// MBTiles' name of the kind of tiles.
    fn format(&self) -> Result<&'static str, TilesError> {
        match self.tile_type {
            1 => Ok("pbf"),
            2 => Ok("png"),
            3 => Ok("jpg"),
            4 => Ok("webp"),
            _ => Err(corrupt("unknown kind of tiles")),
        }
    }
}

fn packing_name(packing: u8) -> &'static str {
    match packing {
        3 => "brotli",
        4 => "zstd",
        _ => "an unknown method",
    }
}

fn corrupt(what: &str) -> TilesError {
    TilesError::Corrupt(what.to_owned())
}

/// A directory: the count, then columns of ids (differences), run lengths, lengths and offsets, all as varints.
fn read_directory(bytes: &[u8]) -> Result<Vec<Entry>, TilesError> {
    let mut rest = bytes;
    let count = varint(&mut rest)?;
    // Each entry takes at least four bytes.
    if count > bytes.len() as u64 / 4 {
        return Err(corrupt("a directory is cut off"));
    }
    let mut entries = vec![Entry { tile_id: 0, offset: 0, length: 0, run_length: 0 }; count as usize];
    let mut tile_id = 0_u64;
    for entry in &mut entries {
        tile_id =
            tile_id.checked_add(varint(&mut rest)?).ok_or_else(|| corrupt("a tile lies off the map"))?;
        entry.tile_id = tile_id;
    }
    for entry in &mut entries {
        entry.run_length = varint(&mut rest)?;
    }
    for entry in &mut entries {
        entry.length = varint(&mut rest)?;
    }
    let mut next = None;
    for entry in &mut entries {
        // 0 means "right behind the one before", else the offset plus one.
        entry.offset = match (varint(&mut rest)?, next) {
            (0, Some(next)) => next,
            (0, None) => return Err(corrupt("a directory begins nowhere")),
            (offset, _) => offset - 1,
        };
        next = entry.offset.checked_add(entry.length);
    }
    Ok(entries)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, TilesError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let Some((byte, rest)) = bytes.split_first() else { return Err(corrupt("a directory is cut off")) };
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(corrupt("a number in a directory is too long"))
}

/// Zoom, column and row of a tile id: ids count along a Hilbert curve, zoom by zoom.
fn place_of(tile_id: u64) -> Option<(u8, u32, u32)> {
    let mut left = tile_id;
    for z in 0..=MAX_ZOOM {
        let tiles = 1_u64 << (2 * z);
        if left < tiles {
            let (x, y) = hilbert(z, left);
            return Some((z, x, y));
        }
        left -= tiles;
    }
    None
}

fn hilbert(z: u8, mut position: u64) -> (u32, u32) {
    let (mut x, mut y) = (0_u32, 0_u32);
    for side in (0..z).map(|level| 1_u32 << level) {
        let right = (position / 2) as u32 & 1;
        let up = (position as u32 ^ right) & 1;
        if up == 0 {
            if right == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
        (x, y) = (x + side * right, y + side * up);
        position /= 4;
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn ids_as_in_the_specification() {
        let rows =
            [(0, (0, 0, 0)), (1, (1, 0, 0)), (2, (1, 0, 1)), (3, (1, 1, 1)), (4, (1, 1, 0)), (5, (2, 0, 0))];
        for (id, place) in rows {
            assert_eq!(place_of(id), Some(place), "tile id {id}");
        }
        assert_eq!(place_of(19_078_479), Some((12, 3_423, 1_763)), "the specification's far example");
        assert_eq!(place_of(u64::MAX), None, "beyond all zooms");
    }

    #[test]
    fn each_tile_has_its_own_id_and_neighbours_touch() {
        let places: Vec<_> = (0..4_u64.pow(5)).map(|position| hilbert(5, position)).collect();
        assert_eq!(places.iter().collect::<HashSet<_>>().len(), 1_024, "no tile twice");
        let touch = |a: (u32, u32), b: (u32, u32)| a.0.abs_diff(b.0) + a.1.abs_diff(b.1) == 1;
        assert!(places.windows(2).all(|pair| touch(pair[0], pair[1])), "the curve never jumps");
    }

    proptest! {
        #[test]
        fn noise_is_no_directory_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(entries) = read_directory(&bytes) {
                prop_assert!(entries.len() <= bytes.len() / 4, "no more entries than bytes for them");
            }
        }
    }
}
