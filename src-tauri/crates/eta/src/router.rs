//! Fastest ways on a [`RoadGraph`], by a contraction hierarchy.

use crate::assemble::open_arcs;
use crate::graph::RoadGraph;
use crate::route::{Leg, Route};
use crate::shape::{Part, Shape};
use crate::snap::{Place, SNAP_MAX_M, SegmentIndex, Snap};
use domain::LonLat;
use fast_paths::{FastGraph, InputGraph, PathCalculator};
use std::sync::{Mutex, PoisonError};

/// Why there is no way.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RouteError {
    /// The start or the end is farther than [`SNAP_MAX_M`] from every road.
    #[error("{distance_m:.0} m away from the nearest road")]
    NotOnRoad {
        /// Distance to the nearest road in metres.
        distance_m: f64,
    },
    /// Both are on roads, but the roads are not connected.
    #[error("no road leads there")]
    NoRoute,
}

/// Answers questions about one road graph. `Send + Sync`; a question takes tens of microseconds in a town.
pub struct Router {
    graph: RoadGraph,
    fast: FastGraph,
    segments: SegmentIndex,
    arcs: Arcs,
    /// Working memory of searches, one for each thread that asked at the same time.
    calculators: Mutex<Vec<PathCalculator>>,
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Router").field("nodes", &self.graph.node_count()).finish_non_exhaustive()
    }
}

impl Router {
    /// Prepares a graph for questions: a fraction of a second for a town.
    pub fn new(graph: RoadGraph) -> Self {
        let input = input_graph(&graph);
        let order: Vec<usize> = graph.order.iter().map(|node| *node as usize).collect();
        // The order of a checked graph always fits; without one, finding it anew is only slower.
        let fast =
            fast_paths::prepare_with_order(&input, &order).unwrap_or_else(|_| fast_paths::prepare(&input));
        let segments = SegmentIndex::new(&graph);
        let arcs = Arcs::new(&graph);
        Self { graph, fast, segments, arcs, calculators: Mutex::new(Vec::new()) }
    }

    /// The graph it was made from.
    pub fn graph(&self) -> &RoadGraph {
        &self.graph
    }

    /// The road somebody is on: the nearest one, or one that is a little farther but fits the heading.
    /// [`RouteError::NotOnRoad`] if it is farther than [`SNAP_MAX_M`].
    pub fn snap(&self, place: impl Into<Place>) -> Result<Snap, RouteError> {
        let place = place.into();
        self.snap_in(place, None).ok_or_else(|| self.not_on_road(place))
    }

    /// The fastest way with its shape and times.
    pub fn route(&self, from: impl Into<Place>, to: impl Into<Place>) -> Result<Route, RouteError> {
        let (start, end) = self.snap_both(from.into(), to.into())?;
        let found = self.search(&start, &end).ok_or(RouteError::NoRoute)?;
        let mut shape = Shape::default();
        for part in &found.parts {
            shape.add(&self.graph, part);
        }
        Ok(shape.finish(start.at, end.at, found.ms))
    }

    /// The fastest way without its shape: cheaper than [`Router::route`].
    pub fn leg(&self, from: impl Into<Place>, to: impl Into<Place>) -> Result<Leg, RouteError> {
        let (start, end) = self.snap_both(from.into(), to.into())?;
        self.leg_between(&start, &end)
    }

    /// [`Router::leg`] from one place to each of many, in their order.
    pub fn legs(&self, from: impl Into<Place>, to: &[LonLat]) -> Vec<Result<Leg, RouteError>> {
        let from = from.into();
        let start = self.snap(from);
        let each = |end: LonLat| {
            let (start, end) = self.same_component(from, end.into(), start?, self.snap(end)?)?;
            self.leg_between(&start, &end)
        };
        to.iter().map(|end| each(*end)).collect()
    }

    /// Number of junctions, never 0.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// Where a junction is; `None` from [`Router::node_count`] on.
    pub fn node_at(&self, index: usize) -> Option<LonLat> {
        self.graph.nodes.get(index).map(|node| node.lon_lat())
    }

    /// A junction of the largest component for a random number: each is as likely, and all reach each other.
    pub fn random_node(&self, random: u64) -> LonLat {
        let index = random % self.graph.main_node_count() as u64;
        self.graph.nodes[index as usize].lon_lat()
    }

    fn snap_in(&self, place: Place, component: Option<u32>) -> Option<Snap> {
        self.segments.snap(&self.graph, place, component)
    }

    fn not_on_road(&self, place: Place) -> RouteError {
        RouteError::NotOnRoad { distance_m: self.segments.distance_m(place.at).max(SNAP_MAX_M) }
    }

    fn snap_both(&self, from: Place, to: Place) -> Result<(Snap, Snap), RouteError> {
        self.same_component(from, to, self.snap(from)?, self.snap(to)?)
    }

    /// Who stands beside a car park without an exit means the street behind it.
    fn same_component(
        &self,
        from: Place,
        to: Place,
        start: Snap,
        end: Snap,
    ) -> Result<(Snap, Snap), RouteError> {
        if start.component == end.component {
            return Ok((start, end));
        }
        let with_end = self.snap_in(to, Some(start.component)).map(|end| (start, end));
        let with_start = self.snap_in(from, Some(end.component)).map(|start| (start, end));
        let detour_m = |pair: &(Snap, Snap)| pair.0.distance_m + pair.1.distance_m;
        let nearer =
            with_end.into_iter().chain(with_start).min_by(|a, b| detour_m(a).total_cmp(&detour_m(b)));
        nearer.ok_or(RouteError::NoRoute)
    }

    fn leg_between(&self, start: &Snap, end: &Snap) -> Result<Leg, RouteError> {
        let found = self.search(start, end).ok_or(RouteError::NoRoute)?;
        let part_m =
            |part: &Part| f64::from(self.graph.edges[part.edge as usize].length_mm) / 1000.0 * part.share();
        Ok(Leg {
            duration_secs: f64::from(found.ms) / 1000.0,
            distance_m: found.parts.iter().map(part_m).sum(),
        })
    }

    /// The faster one of staying on the same road and going over junctions.
    fn search(&self, start: &Snap, end: &Snap) -> Option<Found> {
        let direct = self.along_one_edge(start, end);
        let around = self.over_junctions(start, end);
        direct.into_iter().chain(around).min_by_key(|found| found.ms)
    }

    fn along_one_edge(&self, start: &Snap, end: &Snap) -> Option<Found> {
        let part = Part { edge: start.edge, from: start.share, to: end.share };
        let forward_ms = self.graph.edges[start.edge as usize].ms(part.is_forward());
        let is_open = start.edge == end.edge && (forward_ms > 0 || part.share() == 0.0);
        is_open.then(|| Found { ms: part.ms(&self.graph), parts: vec![part] })
    }

    fn over_junctions(&self, start: &Snap, end: &Snap) -> Option<Found> {
        let starts = ends_of(&self.graph, start, true);
        let ends = ends_of(&self.graph, end, false);
        let weights = |ends: &[End]| {
            ends.iter().map(|end| (end.node as usize, end.part.ms(&self.graph) as usize)).collect()
        };
        let mut calculator = self.calculator();
        let path =
            calculator.calc_path_multiple_sources_and_targets(&self.fast, weights(&starts), weights(&ends));
        self.calculators.lock().unwrap_or_else(PoisonError::into_inner).push(calculator);
        let path = path?;
        let nodes = path.get_nodes();
        let reached =
            |ends: &[End], node: usize| ends.iter().find(|end| end.node as usize == node).map(|end| end.part);
        let mut parts = vec![reached(&starts, *nodes.first()?)?];
        for pair in nodes.windows(2) {
            parts.push(self.arcs.fastest(pair[0] as u32, pair[1] as u32)?.whole());
        }
        parts.push(reached(&ends, *nodes.last()?)?);
        Some(Found { ms: u32::try_from(path.get_weight()).ok()?, parts })
    }

    fn calculator(&self) -> PathCalculator {
        let kept = self.calculators.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| fast_paths::create_calculator(&self.fast))
    }
}

/// Closer to a junction than this (metres) is at the junction.
const AT_JUNCTION_M: f64 = 0.5;

/// The order in which junctions are contracted, for [`RoadGraph`]'s `order`.
pub(crate) fn contraction_order(graph: &RoadGraph) -> Vec<u32> {
    let fast = fast_paths::prepare(&input_graph(graph));
    fast_paths::get_node_ordering(&fast).into_iter().map(|node| node as u32).collect()
}

fn input_graph(graph: &RoadGraph) -> InputGraph {
    let mut input = InputGraph::new();
    for edge in &graph.edges {
        for (from, to, ms) in [(edge.from, edge.to, edge.forward_ms), (edge.to, edge.from, edge.backward_ms)]
        {
            if ms > 0 {
                input.add_edge(from as usize, to as usize, ms as usize);
            }
        }
    }
    input.freeze();
    input
}

struct Found {
    ms: u32,
    parts: Vec<Part>,
}

/// A junction at one end of the road somebody is on, and the way to it (or from it).
struct End {
    node: u32,
    part: Part,
}

/// The junctions that can be reached from a place on a road (`leaving`), or from which it can be reached. Who stands at a
/// junction can take any road there, whichever of them the place was snapped to.
fn ends_of(graph: &RoadGraph, snap: &Snap, leaving: bool) -> Vec<End> {
    let edge = &graph.edges[snap.edge as usize];
    let length_m = f64::from(edge.length_mm) / 1000.0;
    let mut ends = Vec::with_capacity(2);
    for (node, share, forward) in [(edge.to, 1.0, leaving), (edge.from, 0.0, !leaving)] {
        let is_there = (snap.share - share).abs() * length_m < AT_JUNCTION_M;
        if edge.ms(forward) == 0 && !is_there {
            continue;
        }
        let own_share = if is_there { share } else { snap.share };
        let (from, to) = if leaving { (own_share, share) } else { (share, own_share) };
        ends.push(End { node, part: Part { edge: snap.edge, from, to } });
    }
    ends
}

/// The directed roads out of each junction.
struct Arcs {
    starts: Vec<u32>,
    arcs: Vec<RoadArc>,
}

#[derive(Debug, Clone, Copy)]
struct RoadArc {
    from: u32,
    to: u32,
    edge: u32,
    ms: u32,
    forward: bool,
}

impl RoadArc {
    fn whole(&self) -> Part {
        let (from, to) = if self.forward { (0.0, 1.0) } else { (1.0, 0.0) };
        Part { edge: self.edge, from, to }
    }
}

impl Arcs {
    fn new(graph: &RoadGraph) -> Self {
        let mut arcs = Vec::with_capacity(open_arcs(&graph.edges).len());
        for (index, edge) in graph.edges.iter().enumerate() {
            for forward in [true, false] {
                let (from, to) = if forward { (edge.from, edge.to) } else { (edge.to, edge.from) };
                let ms = edge.ms(forward);
                if ms > 0 {
                    arcs.push(RoadArc { from, to, edge: index as u32, ms, forward });
                }
            }
        }
        arcs.sort_by_key(|arc| (arc.from, arc.to, arc.ms, arc.edge));
        let starts = (0..=graph.node_count())
            .map(|node| arcs.partition_point(|arc| (arc.from as usize) < node) as u32);
        Self { starts: starts.collect(), arcs }
    }

    /// Of several roads between the same junctions the search takes the fastest, and so does this.
    fn fastest(&self, from: u32, to: u32) -> Option<&RoadArc> {
        let out = self.starts[from as usize] as usize..self.starts[from as usize + 1] as usize;
        self.arcs[out].iter().find(|arc| arc.to == to)
    }
}
