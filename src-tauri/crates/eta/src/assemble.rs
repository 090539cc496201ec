//! From ways and nodes to a road graph: cut at junctions, measure, keep what can be left again.

use crate::components::strong_components;
use crate::graph::{Edge, Point, RoadGraph};
use crate::import::ImportError;
use crate::profile::{Passage, Profile};
use std::collections::BTreeMap;

/// A drivable way: OSM node ids and what may be driven on it.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub refs: Vec<i64>,
    pub passage: Passage,
}

/// The nodes of all drivable ways, sorted by id.
#[derive(Debug, Default)]
pub(crate) struct NodeTable {
    pub ids: Vec<i64>,
    pub at: Vec<Option<Point>>,
    pub is_blocked: Vec<bool>,
    pub has_signals: Vec<bool>,
}

impl NodeTable {
    pub fn for_ways(ways: &[Way]) -> Self {
        let mut ids: Vec<i64> = ways.iter().flat_map(|way| way.refs.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        let count = ids.len();
        Self { ids, at: vec![None; count], is_blocked: vec![false; count], has_signals: vec![false; count] }
    }

    pub fn index_of(&self, id: i64) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }
}

/// What a red light costs on average (ms), OSRM's value.
const SIGNALS_MS: f64 = 2_000.0;
/// Nobody needs a day for one road; a longer time is a mistake in the data and would only overflow sums.
const MAX_EDGE_MS: f64 = 86_400_000.0;

/// Cuts, measures, cleans and numbers. Components with fewer than `min_component` junctions are left out, except the largest.
/// The contraction order is still missing.
pub(crate) fn assemble(
    profile: Profile,
    ways: &[Way],
    table: &NodeTable,
    min_component: usize,
) -> Result<RoadGraph, ImportError> {
    let mut cutter = Cutter::new(ways, table);
    for way in ways {
        cutter.cut(way);
    }
    if cutter.points.len() > u32::MAX as usize || cutter.nodes.len() > u32::MAX as usize {
        return Err(ImportError::TooLarge);
    }
    if cutter.edges.is_empty() {
        return Err(ImportError::NoRoads);
    }
    cutter.clean(profile, min_component)
}

struct Cutter<'a> {
    table: &'a NodeTable,
    /// How often a node is used, 2 is enough for a junction.
    uses: Vec<u8>,
    junctions: Vec<Option<u32>>,
    nodes: Vec<Point>,
    edges: Vec<Edge>,
    points: Vec<Point>,
}

impl<'a> Cutter<'a> {
    fn new(ways: &[Way], table: &'a NodeTable) -> Self {
        let mut uses = vec![0_u8; table.ids.len()];
        for index in ways.iter().flat_map(|way| way.refs.iter().filter_map(|id| table.index_of(*id))) {
            uses[index] = uses[index].saturating_add(if table.is_blocked[index] { 2 } else { 1 });
        }
        let junctions = vec![None; table.ids.len()];
        Self { table, uses, junctions, nodes: Vec::new(), edges: Vec::new(), points: Vec::new() }
    }

    /// A way can leave the extract and come back: each run of known nodes is cut by itself.
    fn cut(&mut self, way: &Way) {
        let mut run: Vec<(usize, Point)> = Vec::new();
        for id in &way.refs {
            match self.table.index_of(*id).and_then(|index| Some((index, self.table.at[index]?))) {
                Some(known) if run.last().is_some_and(|last| last.0 == known.0) => {}
                Some(known) => run.push(known),
                None => self.cut_run(&std::mem::take(&mut run), way.passage),
            }
        }
        self.cut_run(&run, way.passage);
    }

    fn cut_run(&mut self, run: &[(usize, Point)], passage: Passage) {
        let mut start = 0;
        for end in 1..run.len() {
            let is_last = end + 1 == run.len();
            if !is_last && self.uses[run[end].0] < 2 {
                continue;
            }
            self.add_piece(&run[start..=end], passage);
            start = end;
        }
    }

    /// The router knows no road from a junction to itself, so a loop gets a junction in its middle.
    fn add_piece(&mut self, piece: &[(usize, Point)], passage: Passage) {
        let (first, last) = (piece[0], piece[piece.len() - 1]);
        if first.0 == last.0 && !self.table.is_blocked[first.0] {
            if piece.len() >= 3 {
                let middle = piece.len() / 2;
                self.add_edge(&piece[..=middle], passage);
                self.add_edge(&piece[middle..], passage);
            }
            return;
        }
        self.add_edge(piece, passage);
    }

    fn add_edge(&mut self, piece: &[(usize, Point)], passage: Passage) {
        let (from, to) = (self.junction(piece[0]), self.junction(piece[piece.len() - 1]));
        let length_m: f64 =
            piece.windows(2).map(|pair| pair[0].1.lon_lat().distance_m(pair[1].1.lon_lat())).sum();
        let inner =
            piece[1..piece.len() - 1].iter().filter(|node| self.table.has_signals[node.0]).count() as f64;
        let signals_at = |end: (usize, Point)| if self.table.has_signals[end.0] { 1.0 } else { 0.0 };
        let forward = inner + signals_at(piece[piece.len() - 1]);
        let backward = inner + signals_at(piece[0]);
        self.edges.push(Edge {
            from,
            to,
            first_point: self.points.len() as u32,
            point_count: piece.len() as u32,
            length_mm: (length_m * 1000.0).round() as u32,
            forward_ms: driving_ms(length_m, passage.forward_kmh, forward),
            backward_ms: driving_ms(length_m, passage.backward_kmh, backward),
            class: passage.class,
        });
        self.points.extend(piece.iter().map(|node| node.1));
    }

    /// A blocked node is a different junction for each road that ends there: nobody gets across.
    fn junction(&mut self, (index, at): (usize, Point)) -> u32 {
        if let Some(known) = self.junctions[index].filter(|_| !self.table.is_blocked[index]) {
            return known;
        }
        let number = self.nodes.len() as u32;
        self.nodes.push(at);
        self.junctions[index] = Some(number);
        number
    }

    fn clean(self, profile: Profile, min_component: usize) -> Result<RoadGraph, ImportError> {
        let component = strong_components(self.nodes.len(), &open_arcs(&self.edges));
        let numbers = renumber(&component, min_component);
        let mut graph = RoadGraph {
            profile,
            nodes: numbers.old_nodes.iter().map(|old| self.nodes[*old as usize]).collect(),
            component_starts: numbers.component_starts,
            edges: Vec::new(),
            points: Vec::new(),
            order: Vec::new(),
        };
        for edge in &self.edges {
            let ends = (numbers.new_nodes[edge.from as usize], numbers.new_nodes[edge.to as usize]);
            let (Some(from), Some(to)) = ends else { continue };
            if component[edge.from as usize] != component[edge.to as usize] {
                continue;
            }
            let first = edge.first_point as usize;
            let first_point = graph.points.len() as u32;
            graph.points.extend(&self.points[first..first + edge.point_count as usize]);
            graph.edges.push(Edge { from, to, first_point, ..*edge });
        }
        if graph.edges.is_empty() { Err(ImportError::NoRoads) } else { Ok(graph) }
    }
}

fn driving_ms(length_m: f64, kmh: f64, signals: f64) -> u32 {
    if kmh <= 0.0 {
        return 0;
    }
    (length_m / (kmh / 3.6) * 1000.0 + signals * SIGNALS_MS).round().clamp(1.0, MAX_EDGE_MS) as u32
}

/// (from, to) of each direction that may be driven.
pub(crate) fn open_arcs(edges: &[Edge]) -> Vec<(u32, u32)> {
    let forward = edges.iter().filter(|edge| edge.forward_ms > 0).map(|edge| (edge.from, edge.to));
    forward.chain(edges.iter().filter(|edge| edge.backward_ms > 0).map(|edge| (edge.to, edge.from))).collect()
}

struct Numbers {
    /// Old number → new one, `None`: left out.
    new_nodes: Vec<Option<u32>>,
    old_nodes: Vec<u32>,
    component_starts: Vec<u32>,
}

/// Largest component first, so that it is a plain range of node numbers.
fn renumber(component: &[u32], min_component: usize) -> Numbers {
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (node, number) in component.iter().enumerate() {
        members.entry(*number).or_default().push(node as u32);
    }
    let mut by_size: Vec<Vec<u32>> = members.into_values().collect();
    by_size.sort_by_key(|nodes| (std::cmp::Reverse(nodes.len()), nodes[0]));
    let mut numbers = Numbers {
        new_nodes: vec![None; component.len()],
        old_nodes: Vec::new(),
        component_starts: Vec::new(),
    };
    for (rank, nodes) in by_size.into_iter().enumerate() {
        if nodes.len() < 2 || (rank > 0 && nodes.len() < min_component) {
            break;
        }
        numbers.component_starts.push(numbers.old_nodes.len() as u32);
        for old in nodes {
            numbers.new_nodes[old as usize] = Some(numbers.old_nodes.len() as u32);
            numbers.old_nodes.push(old);
        }
    }
    numbers
}
