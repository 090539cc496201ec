//! Drawing the sea into the tiles of an MBTiles file.

use super::outline::{Contradiction, Cut, Frame, Ring, Shoreline, WorldPoint, area, is_sea};
use super::sea::Sea;
use super::{Coast, NoSea};
use crate::error::TilesError;
use crate::mvt::{NotMvt, has_ocean, with_ocean};
use crate::tiles::{Encoding, Tile};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use rusqlite::{Connection, OptionalExtension, Transaction};
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::Path;

/// How far a tile's polygons go beyond its edges, in tiles. Being no power of two, it never lies on the grid of another zoom.
const BUFFER: f64 = 1.0 / 60.0;

/// Why drawing ends early.
enum Stop {
    LeftOut(NoSea),
    Failed(TilesError),
}

impl From<NotMvt> for Stop {
    fn from(_: NotMvt) -> Self {
        Stop::LeftOut(NoSea::ForeignTiles)
    }
}

impl From<Contradiction> for Stop {
    fn from(_: Contradiction) -> Self {
        Stop::LeftOut(NoSea::Contradiction)
    }
}

impl From<TilesError> for Stop {
    fn from(error: TilesError) -> Self {
        Stop::Failed(error)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Stop::Failed(error.into())
    }
}

/// Draws into all tiles, or into none.
pub(super) fn draw(sea: &Sea, tiles: &Path, zooms: RangeInclusive<u8>) -> Result<Coast, TilesError> {
    let mut connection = Connection::open(tiles)?;
    match draw_all(sea, &mut connection, zooms) {
        Ok(coast) => Ok(coast),
        Err(Stop::LeftOut(reason)) => Ok(Coast::LeftOut(reason)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn draw_all(sea: &Sea, connection: &mut Connection, zooms: RangeInclusive<u8>) -> Result<Coast, Stop> {
    if !is_writable(connection)? {
        return Err(Stop::LeftOut(NoSea::ForeignTiles));
    }
    let transaction = connection.transaction()?;
    let Some(encoding) = encoding_of_dry(&transaction)? else { return Ok(Coast::AlreadyDrawn) };
    let mut brush = Brush { transaction: &transaction, frame: sea.frame, zooms, encoding, drawn: 0 };
    brush.draw_down(TileId { z: 0, x: 0, y: 0 }, &sea.outlines)?;
    let tiles = brush.drawn;
    transaction.commit()?;
    Ok(Coast::Drawn { tiles })
}

/// In some files `tiles` is a view over several tables.
fn is_writable(connection: &Connection) -> Result<bool, Stop> {
    let query = "SELECT count(*) FROM sqlite_master WHERE name = 'tiles' AND type = 'table'";
    Ok(connection.query_row(query, (), |row| row.get(0))?)
}

/// How the tiles are packed; `None` if one of them shows the sea already.
fn encoding_of_dry(transaction: &Transaction<'_>) -> Result<Option<Encoding>, Stop> {
    let mut query = transaction.prepare("SELECT tile_data FROM tiles ORDER BY zoom_level")?;
    let mut rows = query.query(())?;
    let mut encoding = Encoding::Gzip;
    while let Some(row) = rows.next()? {
        let tile = Tile::new(row.get(0)?);
        encoding = tile.encoding;
        if has_ocean(&plain(tile)?)? {
            return Ok(None);
        }
    }
    Ok(Some(encoding))
}

/// A tile in the web's numbering: y grows southwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct TileId {
    pub(super) z: u8,
    pub(super) x: u32,
    pub(super) y: u32,
}

impl TileId {
    fn children(self) -> [Self; 4] {
        [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| Self {
            z: self.z + 1,
            x: 2 * self.x + right,
            y: 2 * self.y + down,
        })
    }

    fn tiles_across(self) -> f64 {
        f64::from(self.z).exp2()
    }

    fn frame(self, buffer: f64) -> Frame {
        let at = |number: u32, shift: f64| (f64::from(number) + shift) / self.tiles_across();
        Frame {
            min: WorldPoint { x: at(self.x, -buffer), y: at(self.y, -buffer) },
            max: WorldPoint { x: at(self.x, 1.0 + buffer), y: at(self.y, 1.0 + buffer) },
        }
    }

    fn meets(self, frame: &Frame) -> bool {
        let own = self.frame(0.0);
        own.min.x < frame.max.x
            && own.max.x > frame.min.x
            && own.min.y < frame.max.y
            && own.max.y > frame.min.y
    }
}

/// Goes down the zooms, with ever smaller cuttings of the sea.
struct Brush<'a> {
    transaction: &'a Transaction<'a>,
    frame: Frame,
    zooms: RangeInclusive<u8>,
    encoding: Encoding,
    drawn: u32,
}

impl Brush<'_> {
    fn draw_down(&mut self, id: TileId, outlines: &[Ring]) -> Result<(), Stop> {
        let inside = cutting(outlines, &id.frame(BUFFER))?;
        if inside.is_empty() {
            return Ok(());
        }
        if self.zooms.contains(&id.z) {
            self.draw_tile(id, &inside)?;
        }
        if id.z < *self.zooms.end() {
            for child in id.children() {
                if child.meets(&self.frame) {
                    self.draw_down(child, &inside)?;
                }
            }
        }
        Ok(())
    }

    fn draw_tile(&mut self, id: TileId, outlines: &[Ring]) -> Result<(), Stop> {
        let place = (id.z, id.x, (1_u32 << id.z) - 1 - id.y);
        const AT: &str = "WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3";
        let mut find = self.transaction.prepare_cached(&format!("SELECT tile_data FROM tiles {AT}"))?;
        let found: Option<Vec<u8>> = find.query_row(place, |row| row.get(0)).optional()?;
        let is_new = found.is_none();
        let found = found.map(Tile::new);
        let encoding = found.as_ref().map_or(self.encoding, |tile| tile.encoding);
        let before = found.map(plain).transpose()?.unwrap_or_default();
        let Some(after) = with_ocean(&before, &|extent| geometry(outlines, id, extent))? else {
            return Ok(());
        };
        let bytes = pack(&after, encoding)?;
        let change = if is_new {
            "INSERT INTO tiles (zoom_level, tile_column, tile_row, tile_data) VALUES (?1, ?2, ?3, ?4)"
                .to_owned()
        } else {
            format!("UPDATE tiles SET tile_data = ?4 {AT}")
        };
        self.transaction.prepare_cached(&change)?.execute((place.0, place.1, place.2, bytes))?;
        self.drawn += 1;
        Ok(())
    }
}

/// A damaged tile was none the better before: it is no reason to refuse the map.
fn plain(tile: Tile) -> Result<Vec<u8>, NotMvt> {
    tile.unpacked().map_err(|_| NotMvt)
}

/// The part of the sea inside a frame.
pub(super) fn cutting(outlines: &[Ring], frame: &Frame) -> Result<Vec<Ring>, Contradiction> {
    let shorelines: Vec<Shoreline> = outlines.iter().cloned().map(Shoreline::Closed).collect();
    let cut = Cut::new(&shorelines, frame);
    let border_is_sea = cut.pieces.is_empty() && is_sea(outlines, frame.min);
    cut.close(frame, border_is_sea)
}

fn pack(plain: &[u8], encoding: Encoding) -> Result<Vec<u8>, TilesError> {
    let packed = match encoding {
        Encoding::Identity => plain.to_vec(),
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain)?;
            encoder.finish()?
        }
        Encoding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain)?;
            encoder.finish()?
        }
    };
    Ok(packed)
}

type Pixel = (i32, i32);

/// The commands of a (multi)polygon on the tile's grid; each outer ring is followed by its islands. Empty if nothing is left
/// of it on this grid.
pub(super) fn geometry(outlines: &[Ring], id: TileId, extent: u32) -> Vec<u32> {
    let drawable: Vec<(&Ring, Vec<Pixel>)> =
        outlines.iter().filter_map(|ring| Some((ring, on_grid(ring, id, extent)?))).collect();
    let (outer, islands): (Vec<_>, Vec<_>) = drawable.into_iter().partition(|(ring, _)| area(ring) > 0.0);
    let mut polygons: Vec<Vec<Vec<Pixel>>> = outer.iter().map(|(_, pixels)| vec![pixels.clone()]).collect();
    for (island, pixels) in islands {
        // An islet that no sea is around is a mistake on land.
        let around = outer.iter().enumerate().filter(|(_, (ring, _))| is_sea([*ring], island[0]));
        let smallest = around.min_by(|a, b| area(a.1.0).total_cmp(&area(b.1.0)));
        if let Some((index, _)) = smallest {
            polygons[index].push(pixels);
        }
    }
    commands(polygons.iter().flatten())
}

/// The ring in whole numbers; `None` if it became nothing or turned over.
fn on_grid(ring: &Ring, id: TileId, extent: u32) -> Option<Vec<Pixel>> {
    let pixel = |coordinate: f64, tile: u32| {
        ((coordinate * id.tiles_across() - f64::from(tile)) * f64::from(extent)).round() as i32
    };
    let mut pixels: Vec<Pixel> = ring.iter().map(|at| (pixel(at.x, id.x), pixel(at.y, id.y))).collect();
    pixels.dedup();
    if pixels.first() == pixels.last() {
        pixels.pop();
    }
    let sides = pixels.iter().zip(pixels.iter().cycle().skip(1));
    let doubled_area: i64 =
        sides.map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1)).sum();
    let is_kept = doubled_area != 0 && (doubled_area > 0) == (area(ring) > 0.0);
    is_kept.then_some(pixels)
}

fn commands<'a>(rings: impl Iterator<Item = &'a Vec<Pixel>>) -> Vec<u32> {
    const MOVE_TO: u32 = 1;
    const LINE_TO: u32 = 2;
    const CLOSE_PATH: u32 = 7;
    let zigzag = |number: i32| ((number << 1) ^ (number >> 31)) as u32;
    let mut commands = Vec::new();
    let mut pen = (0, 0);
    for ring in rings {
        for (index, to) in ring.iter().enumerate() {
            match index {
                0 => commands.push(MOVE_TO | 1 << 3),
                1 => commands.push(LINE_TO | (ring.len() as u32 - 1) << 3),
                _ => {}
            }
            commands.extend([zigzag(to.0 - pen.0), zigzag(to.1 - pen.1)]);
            pen = *to;
        }
        commands.push(CLOSE_PATH | 1 << 3);
    }
    commands
}
