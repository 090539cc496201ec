//! Prints import time and the time of one route over random pairs: `cargo bench -p eta [-- EXTRACT.osm.pbf]`.

use eta::{Profile, RoadGraph, Router};
use std::time::{Duration, Instant};

const PAIRS: u32 = 2_000;
const MONACO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../resources/regions/monaco/monaco.osm.pbf");

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path =
        std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_else(|| MONACO.to_owned());
    let pbf = std::fs::read(&path)?;
    let (graph, importing) = timed(|| RoadGraph::import(&pbf, Profile::Car, &mut |_| {}));
    let bytes = graph?.to_bytes();
    let (graph, reading) = timed(|| RoadGraph::from_bytes(&bytes));
    let (router, preparing) = timed(|| graph.map(Router::new));
    let router = router?;
    let (nodes, edges) = (router.node_count(), router.graph().edge_count());
    println!(
        "{path}: {nodes} junctions, {edges} roads, {:.1} km, {} kB",
        router.graph().length_m() / 1e3,
        bytes.len() / 1000
    );
    println!("import {importing:?}, read {reading:?}, prepare {preparing:?}");
    let pair = |n: u32| {
        let random = u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (router.random_node(random >> 7), router.random_node(random.rotate_left(29) >> 7))
    };
    let ask = |question: &dyn Fn(domain::LonLat, domain::LonLat) -> bool| {
        timed(|| (0..PAIRS).map(pair).filter(|(from, to)| question(*from, *to)).count())
    };
    for (name, (found, time)) in [
        ("route", ask(&|from, to| router.route(from, to).is_ok())),
        ("leg", ask(&|from, to| router.leg(from, to).is_ok())),
        ("snap", ask(&|from, _| router.snap(from).is_ok())),
    ] {
        println!("{name}: {:?} each, {found} of {PAIRS} found", time / PAIRS);
    }
    Ok(())
}
