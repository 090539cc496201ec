//! Importing, opening and listing of region packs, with the demo region's real files and with bad ones.

mod pmtiles_file;

use chrono::{DateTime, Utc};
use domain::LonLat;
use domain::travel::TravelMode;
use pmtiles_file::pmtiles;
use region::{Encoding, Import, Region, RegionError, Regions, Step, Tiles, TilesError};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const RESOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../resources");

fn monaco(file: &str) -> PathBuf {
    Path::new(RESOURCES).join("regions/monaco").join(file)
}

fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().expect("test time")
}

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("on earth")
}

fn import<'a>(osm: &'a Path, tiles: &'a Path, root: &'a Path) -> Import<'a> {
    Import { osm, tiles, name: "riviera", out_root: root, replace: false }
}

fn run(import: &Import<'_>) -> Result<Region, RegionError> {
    import.run(now(), &mut |_| {})
}

/// Every file under a folder with its bytes.
fn content(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            files.extend(content(&entry));
        } else {
            files.push((entry.clone(), std::fs::read(entry).expect("a file")));
        }
    }
    files.sort();
    files
}

fn broken_file(root: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = root.join(name);
    std::fs::write(&path, bytes).expect("a test file");
    path
}

#[test]
fn the_demo_region_comes_with_the_program() {
    let region = Region::bundled_monaco(Path::new(RESOURCES)).expect("the bundled region");
    assert_eq!(region.info().name, "monaco", "its name");
    assert!(region.info().attribution.contains("OpenStreetMap contributors"), "ODbL wants its authors named");
    let palace = LonLat::new(7.4203, 43.7314).expect("on earth");
    assert!(region.info().bounds.contains(palace), "the palace lies inside");
    let router = region.router().expect("its roads");
    assert!(router.leg(palace, router.random_node(5)).is_ok(), "one can drive from the palace");
    let tiles = region.tiles().expect("its map");
    assert_eq!((tiles.info().min_zoom, tiles.info().max_zoom), (0, 14), "zooms of the base map");
    assert!(tiles.info().bounds.expect("told in the file").contains(palace), "the map shows the palace");
}

const GRAPHS: [(eta::Profile, &str); 3] = [
    (eta::Profile::Car, "roads.graph"),
    (eta::Profile::Bicycle, "roads-bicycle.graph"),
    (eta::Profile::Foot, "roads-foot.graph"),
];

/// When this fails: `cargo run -p region --example region-import -- monaco.osm.pbf base.mbtiles monaco OUT`, take its `roads*.graph`.
#[test]
fn the_bundled_graphs_are_what_their_extract_gives() {
    let pbf = std::fs::read(monaco("monaco.osm.pbf")).expect("the extract");
    for (profile, file) in GRAPHS {
        let graph = eta::RoadGraph::import(&pbf, profile, &mut |_| {}).expect("a good extract");
        let bundled = std::fs::read(monaco(file)).expect("the bundled graph");
        assert!(graph.to_bytes() == bundled, "{file} is older than the importer: make it again");
    }
}

#[test]
fn a_region_knows_ways_by_car_by_bicycle_and_on_foot() {
    let region = Region::bundled_monaco(Path::new(RESOURCES)).expect("the bundled region");
    let routers = region.routers().expect("its roads");
    assert_eq!(routers.keys().copied().collect::<Vec<_>>(), TravelMode::ALL, "one for each");
    let (station, casino) = (at(7.4190, 43.7385), at(7.4280, 43.7395));
    let leg = |mode| routers[&mode].leg(station, casino).expect("both are in town");
    let (car, foot) = (leg(TravelMode::Car), leg(TravelMode::Foot));
    assert!(foot.distance_m < car.distance_m, "one walks down the stairs: {foot:?}, {car:?}");
    assert!(foot.duration_secs > car.duration_secs, "and drives around them faster: {foot:?}, {car:?}");
    let kmh = foot.distance_m / foot.duration_secs * 3.6;
    assert!((3.0..6.0).contains(&kmh), "walking pace: {kmh} km/h");
}

#[test]
fn an_older_pack_is_one_for_cars() {
    let root = tempfile::tempdir().expect("a folder");
    for file in ["region.json", "roads.graph", "base.mbtiles"] {
        std::fs::copy(monaco(file), root.path().join(file)).expect("copied");
    }
    let region = Region::open(root.path()).expect("it opens as before");
    let routers = region.routers().expect("readable");
    assert_eq!(routers.keys().copied().collect::<Vec<_>>(), [TravelMode::Car], "what it was made with");
    broken_file(root.path(), "roads-foot.graph", &[7; 100]);
    let error = region.routers().expect_err("a broken file is told, not passed over");
    assert!(error.to_string().contains("roads-foot.graph"), "by its name: {error}");
}

#[test]
fn tiles_are_asked_the_way_the_web_does() {
    let tiles = Tiles::open(&monaco("base.mbtiles")).expect("the base map");
    // Monaco at zoom 14: column 8529, row 5974 from the north (10409 from the south).
    let tile = tiles.tile(14, 8_529, 5_974).expect("readable").expect("there is a town");
    assert_eq!(tile.encoding, Encoding::Gzip, "as stored");
    let packed = tile.bytes.len();
    let plain = tile.unpacked().expect("good gzip");
    assert!(plain.len() > packed, "unpacked it is larger");
    assert_eq!(plain[0], 0x1a, "MVT begins with a layer");
    assert_eq!(tiles.tile(14, 8_529, 10_409).expect("readable"), None, "nothing at the mirrored row");
    for (z, x, y) in [(14, 0, 0), (3, 8, 0), (31, 0, 0), (200, 0, 0), (14, u32::MAX, u32::MAX)] {
        assert_eq!(tiles.tile(z, x, y).expect("no error"), None, "no tile at {z}/{x}/{y}");
    }
    let read = || tiles.tile(14, 8_529, 5_974).expect("readable").expect("there").bytes.len();
    let sizes: Vec<usize> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| (0..50).map(|_| read()).max())).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(sizes, [packed; 8], "eight threads read the same tile");
}

#[test]
fn a_region_is_imported_and_listed() {
    let root = tempfile::tempdir().expect("a folder");
    let mut seen = Vec::new();
    let (osm, tiles) = (monaco("monaco.osm.pbf"), monaco("base.mbtiles"));
    let region = import(&osm, &tiles, root.path())
        .run(now(), &mut |progress| seen.push(progress))
        .expect("good files");
    assert_eq!(region.info().created, now(), "dated by the caller's clock");
    assert!(
        seen.windows(2).all(|pair| pair[0].fraction <= pair[1].fraction),
        "a progress line never runs back"
    );
    for mode in TravelMode::ALL {
        let step = Step::Roads(mode, eta::Stage::Preparing);
        assert!(seen.iter().any(|at| at.step == step), "the long steps are told: {step}");
    }
    assert_eq!(region.routers().expect("its roads").len(), 3, "all modes were carried");
    assert_eq!(seen.last().map(|at| (at.step, at.fraction)), Some((Step::Saving, 1.0)), "ends complete");
    let tiles = region.tiles().expect("the map");
    assert!(tiles.tile(14, 8_529, 5_974).expect("readable").is_some(), "the map was carried");
    std::fs::create_dir(root.path().join("halfway")).expect("a folder");
    std::fs::create_dir(root.path().join(".importing-x")).expect("a folder");
    let regions = Regions::list(root.path()).expect("a readable root");
    assert_eq!(regions.found, [region], "the one region");
    let [(broken, RegionError::Missing(_))] = &regions.broken[..] else { panic!("{:?}", regions.broken) };
    assert!(
        broken.ends_with("halfway"),
        "an empty folder is told as broken, a temporary one is not a region"
    );
    assert!(
        Regions::list(&root.path().join("nowhere")).expect("no root, no regions").found.is_empty(),
        "nothing there"
    );
}

#[test]
fn an_existing_region_survives_every_failure() {
    let root = tempfile::tempdir().expect("a folder");
    let (osm, tiles) = (monaco("monaco.osm.pbf"), monaco("base.mbtiles"));
    let good = import(&osm, &tiles, root.path());
    run(&good).expect("good files");
    let before = content(root.path());
    assert!(matches!(run(&good), Err(RegionError::Exists(_))), "not replaced without asking");
    let away = tempfile::tempdir().expect("a folder");
    let cut = broken_file(away.path(), "cut.osm.pbf", &std::fs::read(&osm).expect("extract")[..500_000]);
    let noise = broken_file(away.path(), "noise", &[7; 5_000]);
    let gone = away.path().join("gone");
    for (osm, tiles) in
        [(&cut, &tiles), (&noise, &tiles), (&gone, &tiles), (&osm, &noise), (&osm, &gone), (&osm, &cut)]
    {
        let error = run(&Import { replace: true, ..import(osm, tiles, root.path()) }).expect_err("bad input");
        assert!(
            error.to_string().contains(&*away.path().to_string_lossy()),
            "the message names the file: {error}"
        );
        assert!(content(root.path()) == before, "untouched after: {error}");
    }
    run(&Import { replace: true, ..good }).expect("asked for");
    assert_eq!(content(root.path()).len(), before.len(), "replaced, and nothing left over");
}

#[test]
fn names_can_not_leave_the_folder() {
    let root = tempfile::tempdir().expect("a folder");
    let (osm, tiles) = (monaco("monaco.osm.pbf"), monaco("base.mbtiles"));
    let long = "x".repeat(65);
    for name in [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "C:",
        "a b",
        "-f",
        ".hidden",
        "NUL",
        "com1",
        "ü",
        long.as_str(),
    ] {
        let result = run(&Import { name, ..import(&osm, &tiles, root.path()) });
        assert!(matches!(result, Err(RegionError::Name(_))), "{name:?} is no name");
        assert!(
            matches!(Region::find(root.path(), name), Err(RegionError::Name(_))),
            "{name:?} is not looked for"
        );
    }
    assert!(content(root.path()).is_empty(), "nothing was written");
}

#[test]
fn bad_base_maps_are_told_apart() {
    let root = tempfile::tempdir().expect("a folder");
    let good = std::fs::read(monaco("base.mbtiles")).expect("the base map");
    let open = |name: &str, bytes: &[u8]| Tiles::open(&broken_file(root.path(), name, bytes));
    assert!(matches!(Tiles::open(&root.path().join("gone")), Err(TilesError::Missing)), "no file");
    assert!(matches!(open("noise", &[7; 5_000]), Err(TilesError::NotTiles)), "no SQLite file");
    assert!(matches!(open("empty", &[]), Err(TilesError::NotTiles)), "an empty file");
    let other = root.path().join("other.sqlite");
    rusqlite::Connection::open(&other)
        .and_then(|db| db.execute_batch("CREATE TABLE x (y)"))
        .expect("a database");
    assert!(matches!(Tiles::open(&other), Err(TilesError::NotTiles)), "SQLite, but no tiles");
    let bare = root.path().join("bare.mbtiles");
    let schema = "CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)";
    rusqlite::Connection::open(&bare).and_then(|db| db.execute_batch(schema)).expect("a database");
    assert!(matches!(Tiles::open(&bare), Err(TilesError::Empty)), "a map without tiles");
    let cut = broken_file(root.path(), "cut.mbtiles", &good[..good.len() / 2]);
    let osm = monaco("monaco.osm.pbf");
    let imported = run(&import(&osm, &cut, root.path()));
    assert!(matches!(imported, Err(RegionError::Tiles { .. })), "half a base map: {imported:?}");
}

#[test]
fn a_stopped_import_leaves_nothing_behind() {
    let root = tempfile::tempdir().expect("a folder");
    let (osm, tiles) = (monaco("monaco.osm.pbf"), monaco("base.mbtiles"));
    let steps = [
        Step::Tiles,
        Step::Roads(TravelMode::Car, eta::Stage::ReadingWays),
        Step::Roads(TravelMode::Bicycle, eta::Stage::Preparing),
        Step::Roads(TravelMode::Foot, eta::Stage::Preparing),
        Step::Sea,
        Step::Saving,
    ];
    for wanted in steps {
        let mut heard_after = 0;
        let stopped = import(&osm, &tiles, root.path()).run_while(now(), &mut |at| {
            heard_after += usize::from(at.fraction >= 1.0);
            if at.step == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(stopped, Err(RegionError::Cancelled)), "stopped while {wanted}: {stopped:?}");
        assert_eq!(heard_after, 0, "and never told as complete");
        assert!(content(root.path()).is_empty(), "nothing is left of it");
    }
}

#[test]
fn a_base_map_with_an_open_journal_is_carried_whole() {
    let root = tempfile::tempdir().expect("a folder");
    let path = root.path().join("wal.mbtiles");
    let db = rusqlite::Connection::open(&path).expect("a database");
    db.execute_batch(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data);
         CREATE TABLE metadata (name, value);
         INSERT INTO metadata VALUES ('format', 'png');
         INSERT INTO tiles VALUES (0, 0, 0, x'1a00');",
    )
    .expect("written, not checkpointed");
    let osm = monaco("monaco.osm.pbf");
    let region = run(&import(&osm, &path, root.path())).expect("good files");
    let tile = region.tiles().expect("the map").tile(0, 0, 0).expect("readable").expect("the world");
    assert_eq!((tile.encoding, tile.bytes), (Encoding::Identity, vec![0x1a, 0]), "out of the journal");
}

#[test]
fn pmtiles_become_the_base_map() {
    let root = tempfile::tempdir().expect("a folder");
    let osm = monaco("monaco.osm.pbf");
    let archive = broken_file(root.path(), "map.pmtiles", &pmtiles());
    let region = run(&import(&osm, &archive, root.path())).expect("a good archive");
    let tiles = region.tiles().expect("the map");
    let read =
        |z, x, y| tiles.tile(z, x, y).expect("readable").map(|tile| tile.unpacked().expect("good gzip"));
    assert_eq!(read(0, 0, 0), Some(b"world".to_vec()), "the whole world");
    assert_eq!(read(1, 0, 1), Some(b"sea".to_vec()), "south-west, from the leaf directory");
    assert_eq!(read(1, 1, 1), Some(b"sea".to_vec()), "south-east, the same by run length");
    assert_eq!(read(1, 0, 0), None, "north-west isn't in the archive");
    assert_eq!(tiles.info().attribution, "© OpenStreetMap", "from the archive's metadata");
    assert_eq!(tiles.info().max_zoom, 1, "zooms");
}

#[test]
fn bad_pmtiles_are_refused() {
    let root = tempfile::tempdir().expect("a folder");
    let osm = monaco("monaco.osm.pbf");
    let attempt =
        |bytes: &[u8]| match run(&import(&osm, &broken_file(root.path(), "bad.pmtiles", bytes), root.path()))
        {
            Err(RegionError::Tiles { reason, .. }) => reason,
            other => panic!("must be refused as a base map: {other:?}"),
        };
    let good = pmtiles();
    let changed = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert!(matches!(attempt(&changed(7, 2)), TilesError::PmtilesVersion(2)), "an older version");
    assert!(matches!(attempt(&changed(98, 4)), TilesError::Packing("zstd")), "zstd tiles");
    assert!(matches!(attempt(&changed(97, 3)), TilesError::Packing("brotli")), "brotli directories");
    for cut in [20, 126, 127, 140, good.len() / 2, good.len() - 1] {
        assert!(matches!(attempt(&good[..cut]), TilesError::Corrupt(_)), "cut after {cut} bytes");
    }
}

#[test]
fn a_pack_of_another_version_asks_for_a_new_import() {
    let root = tempfile::tempdir().expect("a folder");
    let copy = |info: Option<&str>, graph: Option<&[u8]>| {
        for file in ["region.json", "roads.graph", "base.mbtiles"] {
            std::fs::copy(monaco(file), root.path().join(file)).expect("copied");
        }
        info.map(|text| broken_file(root.path(), "region.json", text.as_bytes()));
        graph.map(|bytes| broken_file(root.path(), "roads.graph", bytes));
        Region::open(root.path())
    };
    let newer = copy(Some(r#"{"format": 7, "shape": "new"}"#), None).expect_err("from the future");
    assert!(matches!(newer, RegionError::OtherVersion { found: 7, .. }), "{newer}");
    assert!(newer.to_string().contains("import the region again"), "says what to do: {newer}");
    assert!(matches!(copy(Some("{"), None), Err(RegionError::Info { .. })), "half a JSON file");
    assert!(
        matches!(copy(Some(r#"{"format": 1}"#), None), Err(RegionError::Info { .. })),
        "fields are missing"
    );
    let mut graph = std::fs::read(monaco("roads.graph")).expect("the bundled graph");
    graph[8] = 200;
    let roads =
        copy(None, Some(&graph)).expect("the graph is read later").router().expect_err("other version");
    assert!(
        matches!(roads, RegionError::Roads { reason: eta::FormatError::OtherVersion { found: 200 }, .. }),
        "{roads}"
    );
    let half = copy(None, Some(&graph[..1_000])).expect("read later").router().expect_err("cut off");
    assert!(half.to_string().contains("roads.graph"), "names the file: {half}");
}
