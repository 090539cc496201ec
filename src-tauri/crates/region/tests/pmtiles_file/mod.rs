//! A small PMTiles archive: the world at zoom 0, and two equal tiles at zoom 1 in a leaf directory.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A directory of (id, run length, length, offset) with numbers below 128.
fn directory(entries: &[(u8, u8, u8, u8)]) -> Vec<u8> {
    let mut bytes = vec![entries.len() as u8];
    let mut last = 0;
    for entry in entries {
        bytes.push(entry.0 - last);
        last = entry.0;
    }
    bytes.extend(entries.iter().map(|entry| entry.1));
    bytes.extend(entries.iter().map(|entry| entry.2));
    bytes.extend(entries.iter().map(|entry| entry.3 + 1));
    gzip(&bytes)
}

/// The archive's bytes. Tile ids: 0 = 0/0/0, 2 = 1/0/1, 3 = 1/1/1.
pub fn pmtiles() -> Vec<u8> {
    let (world, sea) = (gzip(b"world"), gzip(b"sea"));
    let leaf = directory(&[(2, 2, sea.len() as u8, world.len() as u8)]);
    let root = directory(&[(0, 1, world.len() as u8, 0), (2, 0, leaf.len() as u8, 0)]);
    let metadata = gzip(br#"{"attribution":"<a href='x'>&copy; OpenStreetMap</a>","vector_layers":[]}"#);
    let tiles = [world, sea].concat();
    let mut bytes = b"PMTiles\x03".to_vec();
    let mut offset = 127_u64;
    for part in [&root, &metadata, &leaf, &tiles] {
        bytes.extend(offset.to_le_bytes());
        bytes.extend((part.len() as u64).to_le_bytes());
        offset += part.len() as u64;
    }
    for count in [3_u64, 2, 2] {
        bytes.extend(count.to_le_bytes());
    }
    bytes.extend([1, 2, 2, 1, 0, 1]);
    for e7 in [-1_800_000_000_i32, -850_000_000, 1_800_000_000, 850_000_000] {
        bytes.extend(e7.to_le_bytes());
    }
    bytes.extend([0; 9]);
    assert_eq!(bytes.len(), 127, "the header's size");
    [bytes, root, metadata, leaf, tiles].concat()
}
