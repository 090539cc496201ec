//! Writing MBTiles: a copy of an existing file, or the tiles of a PMTiles archive.

use crate::error::TilesError;
use crate::pmtiles::Pmtiles;
use crate::tiles::{connect, read_info};
use rusqlite::{Connection, OpenFlags};
use std::io::Read;
use std::path::Path;

/// Writes `source` (MBTiles or PMTiles, told apart by content) to `target` as MBTiles. `progress` gets the share done, 0…1.
pub(crate) fn convert(source: &Path, target: &Path, progress: &mut dyn FnMut(f32)) -> Result<(), TilesError> {
    let mut start = Vec::new();
    std::fs::File::open(source)?.take(7).read_to_end(&mut start)?;
    if start == b"PMTiles" {
        unpack_pmtiles(&mut Pmtiles::open(source)?, target, progress)?;
    } else {
        copy_mbtiles(source, target)?;
    }
    progress(1.0);
    Ok(())
}

/// SQLite itself makes the copy: every page is read and so checked, and a journal beside the file is taken in.
fn copy_mbtiles(source: &Path, target: &Path) -> Result<(), TilesError> {
    let mut connection = Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if let Err(TilesError::Missing | TilesError::Sql(_)) = read_info(&connection) {
        // In a read-only folder SQLite can't make the files of a journal; then there is none to take in either.
        connection = connect(source)?;
        read_info(&connection)?;
    }
    connection.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    Ok(())
}

fn unpack_pmtiles(
    archive: &mut Pmtiles,
    target: &Path,
    progress: &mut dyn FnMut(f32),
) -> Result<(), TilesError> {
    let mut connection = Connection::open(target)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE metadata (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
         CREATE TABLE tiles (
             zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL, tile_row INTEGER NOT NULL, tile_data BLOB NOT NULL,
             PRIMARY KEY (zoom_level, tile_column, tile_row)
         ) STRICT;",
    )?;
    {
        let mut insert = transaction.prepare("INSERT INTO metadata (name, value) VALUES (?1, ?2)")?;
        for (name, value) in archive.metadata()? {
            insert.execute((name, value))?;
        }
        let mut insert = transaction.prepare(
            "INSERT OR REPLACE INTO tiles (zoom_level, tile_column, tile_row, tile_data) VALUES (?1, ?2, ?3, ?4)",
        )?;
        archive.for_each_tile(&mut |z, x, y, bytes, share| {
            progress(share);
            insert.execute((z, x, (1_u32 << z) - 1 - y, bytes))?;
            Ok(())
        })?;
    }
    transaction.commit()?;
    Ok(())
}
