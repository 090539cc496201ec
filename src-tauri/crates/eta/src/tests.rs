//! Tests over the whole crate: a small drawn town, and the real streets of Monaco.

mod chain;
mod files;
mod monaco;
mod town;

use crate::assemble::{NodeTable, Way, assemble};
use crate::graph::{Point, RoadGraph};
use crate::profile::{Passage, Profile, RoadClass};
use crate::router::{Router, contraction_order};
use domain::LonLat;
use std::sync::OnceLock;

pub(crate) const MONACO_PBF: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../resources/regions/monaco/monaco.osm.pbf");

/// Which way a drawn road is open.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Open {
    Both,
    Forward,
    Backward,
}

/// Node `id` of a drawn town: a grid of 10 columns, about 100 m apart.
pub(crate) fn grid(id: i64) -> LonLat {
    let (column, row) = (id.rem_euclid(10) as i32, id.div_euclid(10) as i32);
    LonLat::from_e7(70_000_000 + column * 12_450, 430_000_000 + row * 8_993)
}

/// A town drawn from ways over grid nodes, all at 36 km/h: 10 m/s, so 100 m are 10 s.
pub(crate) fn town(ways: &[(&[i64], Open)]) -> RoadGraph {
    let ways: Vec<Way> = ways
        .iter()
        .map(|(refs, open)| {
            let forward_kmh = if matches!(open, Open::Backward) { 0.0 } else { 36.0 };
            let backward_kmh = if matches!(open, Open::Forward) { 0.0 } else { 36.0 };
            let passage = Passage { class: RoadClass::Residential, forward_kmh, backward_kmh };
            Way { refs: refs.to_vec(), passage }
        })
        .collect();
    let mut table = NodeTable::for_ways(&ways);
    for index in 0..table.ids.len() {
        let at = grid(table.ids[index]);
        table.at[index] =
            Some(Point { lon_e7: (at.lon() * 1e7).round() as i32, lat_e7: (at.lat() * 1e7).round() as i32 });
    }
    let mut graph = assemble(Profile::Car, &ways, &table, 2).expect("the drawn town has roads");
    graph.order = contraction_order(&graph);
    graph
}

/// Monaco's router, imported once per test run.
pub(crate) fn monaco() -> &'static Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let pbf = std::fs::read(MONACO_PBF).expect("the demo region's extract is in the repository");
        Router::new(RoadGraph::import(&pbf, Profile::Car, &mut |_| {}).expect("the extract is good"))
    })
}

/// The shortest time between two junctions by plain Dijkstra, ms: the slow and obvious way.
pub(crate) fn dijkstra_ms(graph: &RoadGraph, from: u32, to: u32) -> Option<u64> {
    let mut best = vec![u64::MAX; graph.node_count()];
    let mut queue = std::collections::BinaryHeap::from([(std::cmp::Reverse(0_u64), from)]);
    best[from as usize] = 0;
    let mut out: Vec<Vec<(u32, u64)>> = vec![Vec::new(); graph.node_count()];
    for edge in &graph.edges {
        for (tail, head, ms) in
            [(edge.from, edge.to, edge.forward_ms), (edge.to, edge.from, edge.backward_ms)]
        {
            if ms > 0 {
                out[tail as usize].push((head, u64::from(ms)));
            }
        }
    }
    while let Some((std::cmp::Reverse(ms), node)) = queue.pop() {
        if node == to {
            return Some(ms);
        }
        if ms > best[node as usize] {
            continue;
        }
        for &(head, edge_ms) in &out[node as usize] {
            if ms + edge_ms < best[head as usize] {
                best[head as usize] = ms + edge_ms;
                queue.push((std::cmp::Reverse(ms + edge_ms), head));
            }
        }
    }
    None
}

/// Two tasks in Monaco of half an hour each, without windows.
pub(crate) fn two_tasks() -> [crate::Stop; 2] {
    [(1, 74_246_000, 437_384_000), (2, 74_190_000, 437_360_000)].map(|(number, lon_e7, lat_e7)| crate::Stop {
        task: domain::TaskId(uuid::Uuid::from_u128(number)),
        at: LonLat::from_e7(lon_e7, lat_e7),
        planned_secs: 1_800,
        window_start: None,
        window_end: None,
    })
}
