//! The sea on base maps: off Monaco, in the bundled region and in a fresh import.

use domain::LonLat;
use flate2::read::GzDecoder;
use region::{Coast, Encoding, Import, NoSea, Step, Tiles};
use std::io::Read;
use std::path::{Path, PathBuf};

const AT_SEA: [f64; 2] = [7.44, 43.725];
const PORT_HERCULE: [f64; 2] = [7.4250, 43.7352];
const CASINO: [f64; 2] = [7.428, 43.739];
const TETE_DE_CHIEN: [f64; 2] = [7.402, 43.733];
/// No map of the extract alone has a tile there.
const OPEN_SEA: [f64; 2] = [7.48, 43.712];

fn monaco(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/regions/monaco").join(file)
}

/// A base map without sea: no tiles but one, with nothing in it, at each of two zooms.
fn dry_map(path: &Path, format: &str, tile: &[u8]) {
    let db = rusqlite::Connection::open(path).expect("a database");
    db.execute_batch(
        "CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data);
         CREATE TABLE metadata (name, value);
         INSERT INTO metadata VALUES ('bounds', '7.349,43.71,7.491,43.77');",
    )
    .expect("tables");
    db.execute("INSERT INTO metadata VALUES ('format', ?1)", [format]).expect("a format");
    for (z, x, row) in [(10, 533, 650), (14, 8_529, 10_409)] {
        db.execute("INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)", (z, x, row, tile)).expect("a tile");
    }
}

fn import(tiles: &Path, root: &Path) -> (Tiles, Coast) {
    let osm = monaco("monaco.osm.pbf");
    let import = Import { osm: &osm, tiles, name: "riviera", out_root: root, replace: true };
    let mut told = None;
    let now = "2026-03-02T09:00:00Z".parse().expect("test time");
    let region = import
        .run(now, &mut |progress| {
            if let Step::SeaDone(coast) = progress.step {
                told = Some(coast);
            }
        })
        .expect("good files");
    (region.tiles().expect("the map"), told.expect("told what became of the sea"))
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = rest[0];
        *rest = &rest[1..];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

/// The length-delimited fields of this number.
fn fields(mut message: &[u8], number: u64) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let length = match key & 7 {
            0 => {
                varint(&mut message);
                continue;
            }
            2 => varint(&mut message) as usize,
            other => panic!("wire type {other} isn't used in these tiles"),
        };
        let (value, rest) = message.split_at(length);
        message = rest;
        if key >> 3 == number {
            found.push(value);
        }
    }
    found
}

/// How often the ocean's rings wind around a pixel of the tile: 1 in the sea, 0 on land.
fn winding(tile: &[u8], (px, py): (f64, f64)) -> i32 {
    let layers: Vec<&[u8]> =
        fields(tile, 3).into_iter().filter(|layer| fields(layer, 1) == [b"water"]).collect();
    assert!(layers.len() < 2, "layers of a tile have different names");
    let Some(layer) = layers.first() else { return 0 };
    let ocean = fields(layer, 4).iter().position(|value| *value == b"\x0a\x05ocean");
    let class = fields(layer, 3).iter().position(|key| *key == b"class");
    let (Some(ocean), Some(class)) = (ocean, class) else { return 0 };
    let is_ocean = |feature: &[u8]| fields(feature, 2) == [[class as u8, ocean as u8]];
    let features: Vec<&[u8]> = fields(layer, 2).into_iter().filter(|feature| is_ocean(feature)).collect();
    let [feature] = features[..] else { panic!("{} oceans in one tile", features.len()) };
    rings(fields(feature, 4)[0]).iter().map(|ring| winding_of(ring, (px, py))).sum()
}

fn rings(mut geometry: &[u8]) -> Vec<Vec<(f64, f64)>> {
    let (mut rings, mut pen) = (Vec::new(), (0_i64, 0_i64));
    let signed = |number: u64| (number >> 1) as i64 ^ -((number & 1) as i64);
    while !geometry.is_empty() {
        let command = varint(&mut geometry);
        if command & 7 == 1 {
            rings.push(Vec::new());
        }
        for _ in 0..if command & 7 == 7 { 0 } else { command >> 3 } {
            pen.0 += signed(varint(&mut geometry));
            pen.1 += signed(varint(&mut geometry));
            rings.last_mut().expect("begun by MoveTo").push((pen.0 as f64, pen.1 as f64));
        }
    }
    rings
}

fn winding_of(ring: &[(f64, f64)], (px, py): (f64, f64)) -> i32 {
    let sides = ring.iter().zip(ring.iter().cycle().skip(1));
    sides
        .map(|((ax, ay), (bx, by))| {
            let side = (bx - ax) * (py - ay) - (px - ax) * (by - ay);
            i32::from(*ay <= py && *by > py && side > 0.0) - i32::from(*ay > py && *by <= py && side < 0.0)
        })
        .sum()
}

/// Whether the map shows the sea at a place; `None` where it has no tile.
fn is_sea(tiles: &Tiles, z: u8, [lon, lat]: [f64; 2]) -> Option<bool> {
    let across = f64::from(z).exp2();
    let x = (lon + 180.0) / 360.0 * across;
    let y = (0.5 - lat.to_radians().tan().asinh() / std::f64::consts::TAU) * across;
    let tile = tiles.tile(z, x as u32, y as u32).expect("readable")?;
    let plain = tile.unpacked().expect("well packed");
    Some(winding(&plain, (x.fract() * 4096.0, y.fract() * 4096.0)) == 1)
}

fn assert_monaco(tiles: &Tiles, zooms: &[u8]) {
    for z in zooms {
        assert_eq!(is_sea(tiles, *z, AT_SEA), Some(true), "a boat off Monaco, zoom {z}");
        assert_eq!(is_sea(tiles, *z, OPEN_SEA), Some(true), "tiles of nothing but sea are there, zoom {z}");
        assert_ne!(is_sea(tiles, *z, CASINO), Some(true), "the Casino stays dry, zoom {z}");
        assert_ne!(is_sea(tiles, *z, TETE_DE_CHIEN), Some(true), "the Tête de Chien is a mountain, zoom {z}");
    }
    assert_eq!(is_sea(tiles, 14, PORT_HERCULE), Some(true), "Port Hercule is a harbour");
}

#[test]
fn the_demo_regions_map_shows_the_mediterranean() {
    let tiles = Tiles::open(&monaco("base.mbtiles")).expect("the base map");
    assert_monaco(&tiles, &[10, 11, 12, 13, 14]);
    let palace = LonLat::new(7.4203, 43.7314).expect("on earth");
    assert_ne!(is_sea(&tiles, 14, [palace.lon(), palace.lat()]), Some(true), "the palace stands on its rock");
}

#[test]
fn an_import_adds_the_sea_once_and_the_same_each_time() {
    let root = tempfile::tempdir().expect("a folder");
    let dry = root.path().join("dry.mbtiles");
    dry_map(&dry, "pbf", b"");
    let (tiles, coast) = import(&dry, root.path());
    let Coast::Drawn { tiles: drawn } = coast else { panic!("{coast}") };
    assert!(drawn > 20, "the whole area at five zooms, not {drawn} tiles");
    assert_monaco(&tiles, &[10, 12, 14]);
    assert_eq!(is_sea(&tiles, 9, AT_SEA), None, "no zooms but the file's");
    let file = root.path().join("riviera/base.mbtiles");
    let first = std::fs::read(&file).expect("the map");
    import(&dry, root.path());
    assert!(std::fs::read(&file).expect("the map") == first, "the same again from the same files");
    let wet = root.path().join("wet.mbtiles");
    std::fs::write(&wet, &first).expect("written");
    let (_, coast) = import(&wet, root.path());
    assert_eq!(coast, Coast::AlreadyDrawn, "a map with a sea needs none");
}

#[test]
fn new_tiles_are_packed_as_the_others() {
    let tiles = Tiles::open(&monaco("base.mbtiles")).expect("the base map");
    let tile = tiles.tile(14, 8_532, 5_975).expect("readable").expect("open sea");
    assert_eq!(tile.encoding, Encoding::Gzip, "like the rest of the file");
    let mut plain = Vec::new();
    GzDecoder::new(&tile.bytes[..]).read_to_end(&mut plain).expect("good gzip");
    assert_eq!(fields(&plain, 3).len(), 1, "nothing but water");
}

#[test]
fn maps_that_can_not_be_drawn_into_stay_as_they_are() {
    let root = tempfile::tempdir().expect("a folder");
    let images = root.path().join("images.mbtiles");
    dry_map(&images, "png", b"\x89PNG");
    let (tiles, coast) = import(&images, root.path());
    assert_eq!(coast, Coast::AlreadyDrawn, "images come with their sea");
    assert_eq!(
        tiles.tile(14, 8_529, 5_974).expect("readable").expect("there").bytes,
        b"\x89PNG",
        "untouched"
    );
    let damaged = root.path().join("damaged.mbtiles");
    dry_map(&damaged, "pbf", b"\x1f\x8b half");
    assert_eq!(import(&damaged, root.path()).1, Coast::LeftOut(NoSea::ForeignTiles), "bad gzip");
    let foreign = root.path().join("foreign.mbtiles");
    dry_map(&foreign, "pbf", b"\x07no tile");
    let (tiles, coast) = import(&foreign, root.path());
    assert_eq!(coast, Coast::LeftOut(NoSea::ForeignTiles), "warned, not failed");
    assert!(coast.to_string().starts_with("warning"), "and shown as one: {coast}");
    assert_eq!(
        tiles.tile(14, 8_529, 5_974).expect("readable").expect("there").bytes,
        b"\x07no tile",
        "untouched"
    );
    assert_eq!(tiles.tile(14, 8_532, 5_975).expect("readable"), None, "and nothing was added");
}
