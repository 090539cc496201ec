//! Tests over the whole crate: a small drawn town, and the real streets of Monaco.

mod bad_input;
mod chain;
mod files;
mod many;
mod monaco;
mod town;
mod turning;

use crate::assemble::{Extract, NodeTable, Way, assemble};
use crate::estimate::Trip;
use crate::graph::{Manner, Point, RoadGraph};
use crate::profile::{Passage, Profile, RoadClass};
use crate::restriction::Restriction;
use crate::router::Router;
use chrono::DateTime;
use domain::LonLat;
use domain::travel::TravelMode;
use std::ops::ControlFlow;
use std::sync::OnceLock;

/// By car, at some time.
pub(crate) const TRIP: Trip = Trip { mode: TravelMode::Car, leaves: DateTime::UNIX_EPOCH };

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

pub(crate) const OPEN: Manner = Manner { ease_pct: 100, is_restricted: false, is_start: true };

/// A residential road open in these directions at 36 km/h: 10 m/s, so 100 m are 10 s.
pub(crate) fn street(open: Open) -> Passage {
    Passage {
        class: RoadClass::Residential,
        forward_kmh: if matches!(open, Open::Backward) { 0.0 } else { 36.0 },
        backward_kmh: if matches!(open, Open::Forward) { 0.0 } else { 36.0 },
        manner: OPEN,
        is_roundabout: false,
        whole_secs: None,
    }
}

/// A drawn town before it is assembled; the ways have the ids 0, 1, 2 …
pub(crate) fn drawing(profile: Profile, ways: &[(&[i64], Passage)], restrictions: &[Restriction]) -> Extract {
    let way =
        |(id, (refs, passage)): (i64, &(&[i64], Passage))| Way { id, refs: refs.to_vec(), passage: *passage };
    let ways: Vec<Way> = (0..).zip(ways).map(way).collect();
    let mut table = NodeTable::for_ways(&ways);
    for index in 0..table.ids.len() {
        let at = grid(table.ids[index]);
        table.at[index] =
            Some(Point { lon_e7: (at.lon() * 1e7).round() as i32, lat_e7: (at.lat() * 1e7).round() as i32 });
    }
    Extract { profile, ways, table, restrictions: restrictions.to_vec() }
}

/// Assembles a drawing down to its smallest island, with the hierarchy.
pub(crate) fn built(extract: &Extract) -> RoadGraph {
    let mut graph = assemble(extract, 2).expect("the drawn town has roads");
    graph.prepare(&mut |_| ControlFlow::Continue(())).expect("nobody stops it");
    graph
}

/// A town drawn from ways over grid nodes, see [`street`]. For walkers: turns cost nothing, so that times follow from lengths.
pub(crate) fn town(ways: &[(&[i64], Open)]) -> RoadGraph {
    let ways: Vec<(&[i64], Passage)> = ways.iter().map(|(refs, open)| (*refs, street(*open))).collect();
    built(&drawing(Profile::Foot, &ways, &[]))
}

/// The same for drivers, for whom turns cost something, with restrictions.
pub(crate) fn car_town(ways: &[(&[i64], Open)], restrictions: &[Restriction]) -> RoadGraph {
    let ways: Vec<(&[i64], Passage)> = ways.iter().map(|(refs, open)| (*refs, street(*open))).collect();
    built(&drawing(Profile::Car, &ways, restrictions))
}

/// Monaco's router, imported once per test run.
pub(crate) fn monaco() -> &'static Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let pbf = std::fs::read(MONACO_PBF).expect("the demo region's extract is in the repository");
        Router::new(RoadGraph::import(&pbf, Profile::Car, &mut |_| {}).expect("the extract is good"))
    })
}

/// The time of the best way between two junctions by plain Dijkstra over roads and turns, ms: the slow and obvious way.
pub(crate) fn dijkstra_ms(graph: &RoadGraph, from: u32, to: u32) -> Option<u32> {
    let roads = graph.road_costs();
    let mut best = vec![u32::MAX; roads.len()];
    let mut queue = std::collections::BinaryHeap::new();
    for (number, arc) in graph.arcs.iter().enumerate() {
        let is_original = number == 0 || graph.arcs[number - 1] != *arc;
        if graph.ends(*arc).0 == from && is_original {
            queue.push(std::cmp::Reverse((roads[number].weight, roads[number].ms, number as u32)));
        }
    }
    while let Some(std::cmp::Reverse((weight, ms, number))) = queue.pop() {
        if from == to {
            return Some(0);
        }
        if graph.ends(graph.arcs[number as usize]).1 == to {
            return Some(ms);
        }
        if weight >= best[number as usize] {
            continue;
        }
        best[number as usize] = weight;
        for turn in graph.turns.after(number) {
            let road = roads[turn.to as usize];
            queue.push(std::cmp::Reverse((
                weight + turn.weight + road.weight,
                ms + turn.ms + road.ms,
                turn.to,
            )));
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
