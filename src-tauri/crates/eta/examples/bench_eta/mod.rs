//! What the benches against OSRM share: options, regions, places, and the closing line.

pub mod clock;
pub mod http;
pub mod in_process;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use clock::timed;
use domain::LonLat;
use eta::{Profile, RoadGraph, Router, Snap};
use http::Connection;
use peers::Osrm;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Ours against OSRM on the same extract.
#[derive(Parser)]
pub struct Options {
    /// OSM extract (.osm.pbf); may be given several times. By default Monaco, and Liechtenstein and Oslo East where the folder in
    /// OFFICETRACK_DATA has them
    #[arg(long)]
    pub osm: Vec<PathBuf>,
    /// Rounds, ours and theirs in turn
    #[arg(long, default_value_t = 7)]
    pub rounds: usize,
    /// Number of questions in each round
    #[arg(long)]
    pub questions: Option<usize>,
    /// `cargo bench` and `cargo run` hand this over; it says nothing here
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    pub fn read() -> Result<Self> {
        let mut options = Self::parse();
        ensure!(options.rounds >= 5, "a median of fewer than 5 rounds says little");
        if options.osm.is_empty() {
            options.osm = known_extracts();
        }
        Ok(options)
    }
}

/// Where the data of the benches is.
pub fn data_folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    std::env::var_os("OFFICETRACK_DATA").map_or_else(beside, PathBuf::from)
}

fn known_extracts() -> Vec<PathBuf> {
    let folder = data_folder().join("osm");
    let others = ["liechtenstein.osm.pbf", "oslo-east.osm.pbf"].map(|name| folder.join(name));
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/regions/monaco/monaco.osm.pbf");
    std::iter::once(bundled).chain(others.into_iter().filter(|file| file.is_file())).collect()
}

/// The peer for this extract, and a connection to it.
#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
pub fn osrm(osm: &Path) -> Result<(Osrm, Connection)> {
    let options =
        ["--threads", "1", "--max-table-size", "4000", "--verbosity", "ERROR", "--keepalive-timeout", "600"];
    let osrm = Osrm::start(osm, "car", &options)?;
    println!("peer: {}, one thread, HTTP keep-alive over loopback", osrm.version);
    let connection = Connection::open(osrm.port())?;
    Ok((osrm, connection))
}

/// A region on our side.
pub struct Region {
    pub name: String,
    pub router: Router,
    /// Sizes, and what making it took.
    pub made: Value,
}

impl Region {
    /// Imports the extract and says how long that took.
    #[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
    pub fn import(osm: &Path) -> Result<Self> {
        let name = name_of(osm);
        let pbf = std::fs::read(osm).with_context(|| format!("extract {}", osm.display()))?;
        let (graph, importing) = timed(|| RoadGraph::import(&pbf, Profile::Car, &mut |_| {}));
        let bytes = graph?.to_bytes();
        let (graph, reading) = timed(|| RoadGraph::from_bytes(&bytes));
        let graph = graph?;
        let (router, preparing) = timed(|| Router::new(graph));
        let ms = |time: std::time::Duration| (time.as_secs_f64() * 1e4).round() / 10.0;
        let made = json!({
            "junctions": router.node_count(),
            "roads": router.graph().edge_count(),
            "km": (router.graph().length_m() / 1e3).round(),
            "import_ms": ms(importing),
            "peak_mb_after_import": peak_mb(),
            "graph_kb": bytes.len() / 1000,
            "read_ms": ms(reading),
            "prepare_ms": ms(preparing),
        });
        println!("{name}: {made}");
        Ok(Self { name, router, made })
    }

    /// Random places on roads of the main part, the same for the same `seed`: on the road itself, so that both sides mean the
    /// same one.
    pub fn places(&self, seed: u64) -> impl Iterator<Item = LonLat> {
        let mut random = Random(seed);
        let bounds = self.router.graph().bounds();
        let (south_west, north_east) = (bounds.south_west, bounds.north_east);
        std::iter::repeat_with(move || {
            let mix = |from: f64, to: f64, share: f64| from + (to - from) * share;
            let lon = mix(south_west.lon(), north_east.lon(), random.share());
            let lat = mix(south_west.lat(), north_east.lat(), random.share());
            self.router
                .snap_main(LonLat::new(lon, lat).ok()?)
                .ok()
                .filter(Snap::is_on_main)
                .map(|snap| snap.at)
        })
        .flatten()
    }
}

/// The most memory this process ever had, in megabytes; where the system tells.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kb| kb / 1_000)
}

pub fn name_of(osm: &Path) -> String {
    let name = osm.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".osm.pbf").unwrap_or(&name).to_owned()
}

/// SplitMix64: enough to scatter places.
struct Random(u64);

impl Random {
    /// 0…1
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }
}

/// `lon,lat` for OSRM.
pub fn text(at: LonLat) -> String {
    format!("{:.7},{:.7}", at.lon(), at.lat())
}

/// Writes the figures and ends with the line.
#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
pub fn close(line: &str, figures: &Value) -> Result<()> {
    if let Some(file) = std::env::var_os("OFFICETRACK_RESULT") {
        std::fs::write(file, format!("{figures:#}\n"))?;
    }
    println!("{line}");
    Ok(())
}

/// Whether two durations differ, in percent of theirs; below a second there is nothing to compare.
pub fn deviation_pct(ours_secs: f64, theirs_secs: f64) -> f64 {
    (ours_secs - theirs_secs).abs() / theirs_secs.max(1.0) * 100.0
}
