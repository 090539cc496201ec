//! The beginnings and ends of ways: from a place on a road to the arcs a search begins with.

use crate::graph::{Arc, RoadGraph};
use crate::hierarchy::Cost;
use crate::search::Seed;
use crate::snap::Snap;

/// Closer to a junction than this (metres) is at the junction.
const AT_JUNCTION_M: f64 = 0.5;

/// The arcs out of and into each junction.
#[derive(Debug)]
pub(crate) struct Crossings {
    out: Lists,
    into: Lists,
}

impl Crossings {
    pub fn new(graph: &RoadGraph) -> Self {
        let originals: Vec<(u32, Arc)> = (0_u32..)
            .zip(&graph.arcs)
            .filter(|(number, arc)| *number == 0 || graph.arcs[*number as usize - 1] != **arc)
            .map(|(number, arc)| (number, *arc))
            .collect();
        let out = originals.into_iter().map(|(number, arc)| (graph.ends(arc).0, number));
        let into = (0_u32..).zip(&graph.arcs).map(|(number, arc)| (graph.ends(*arc).1, number));
        Self { out: Lists::new(graph.node_count(), out), into: Lists::new(graph.node_count(), into) }
    }
}

/// A list of arcs for each junction.
#[derive(Debug)]
struct Lists {
    starts: Vec<u32>,
    arcs: Vec<u32>,
}

impl Lists {
    fn new(node_count: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut pairs: Vec<(u32, u32)> = pairs.collect();
        pairs.sort_unstable();
        let starts =
            (0..=node_count).map(|node| pairs.partition_point(|(own, _)| (*own as usize) < node) as u32);
        Self { starts: starts.collect(), arcs: pairs.into_iter().map(|(_, arc)| arc).collect() }
    }

    fn of(&self, node: u32) -> &[u32] {
        &self.arcs[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

/// A way can begin with this arc.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Start {
    pub arc: u32,
    /// Until the end of the arc.
    pub cost: Cost,
    /// The arc one stands on and leaves first, where one has to drive around to get to a place behind oneself.
    pub before: Option<u32>,
}

/// A way can end on this arc.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct End {
    pub arc: u32,
    /// From the place to the end of the arc, which isn't driven any more.
    pub rest: Cost,
}

/// The junction somebody stands at.
pub(crate) fn junction(graph: &RoadGraph, snap: &Snap) -> Option<u32> {
    let edge = &graph.edges[snap.edge as usize];
    let length_m = f64::from(edge.length_mm) / 1000.0;
    let (node, share) = if snap.share < 0.5 { (edge.from, snap.share) } else { (edge.to, 1.0 - snap.share) };
    (share * length_m < AT_JUNCTION_M).then_some(node)
}

/// The arcs by which one can leave a place. Who stands at a junction can take any road there, whichever of them the place was
/// snapped to; who is on his way in one direction has to turn round for the other.
pub(crate) fn starts(graph: &RoadGraph, crossings: &Crossings, snap: &Snap) -> Vec<Start> {
    if let Some(node) = junction(graph, snap) {
        let whole = |arc: &u32| Start { arc: *arc, cost: cost(graph, *arc, 1.0), before: None };
        return crossings.out.of(node).iter().map(whole).collect();
    }
    let arcs = graph.arcs_of(snap.edge);
    let mut starts: Vec<Start> = Vec::with_capacity(2);
    for number in arcs {
        let arc = graph.arcs[number];
        // Copies of an arc are for those who came by a certain road.
        if starts.last().is_some_and(|last| graph.arcs[last.arc as usize] == arc) {
            continue;
        }
        let number = number as u32;
        let mut cost = cost(graph, number, 1.0 - done(arc, snap.share));
        if snap.travels_forward.is_some_and(|forward| forward != arc.forward) {
            let ms = graph.profile.turn_rules().back_ms as u32;
            cost = cost.then(Cost { weight: ms, ms, cm: 0 });
        }
        starts.push(Start { arc: number, cost, before: None });
    }
    starts
}

/// The arcs by which one can get to a place.
pub(crate) fn ends(graph: &RoadGraph, crossings: &Crossings, snap: &Snap) -> Vec<End> {
    if let Some(node) = junction(graph, snap) {
        let whole = |arc: &u32| End { arc: *arc, rest: Cost::default() };
        return crossings.into.of(node).iter().map(whole).collect();
    }
    let arcs = graph.arcs_of(snap.edge).map(|number| number as u32);
    let end =
        |arc: u32| End { arc, rest: cost(graph, arc, 1.0 - done(graph.arcs[arc as usize], snap.share)) };
    arcs.map(end).collect()
}

/// Where the place to get to lies behind oneself on the same road, one first leaves it.
pub(crate) fn around(graph: &RoadGraph, from: &Snap, to: &Snap, starts: &mut Vec<Start>) {
    let is_behind = |start: &Start| {
        let arc = graph.arcs[start.arc as usize];
        arc.edge == to.edge && done(arc, to.share) < done(arc, from.share)
    };
    let behind: Vec<Start> = starts.extract_if(.., |start| is_behind(start)).collect();
    for start in behind {
        for turn in graph.turns.after(start.arc) {
            let leaving = start.cost.then(Cost { weight: turn.weight, ms: turn.ms, cm: 0 });
            let cost = leaving.then(cost(graph, turn.to, 1.0));
            starts.push(Start { arc: turn.to, cost, before: Some(start.arc) });
        }
    }
}

/// Both stand in the middle of the same road, so that [`around`] can be needed.
pub(crate) fn share_a_road(graph: &RoadGraph, from: &Snap, to: &Snap) -> bool {
    from.edge == to.edge && junction(graph, from).is_none() && junction(graph, to).is_none()
}

pub(crate) fn start_seeds(graph: &RoadGraph, starts: &[Start]) -> Vec<Seed> {
    let numbers = &graph.hierarchy.numbers;
    starts.iter().map(|start| Seed { node: numbers[start.arc as usize], cost: start.cost }).collect()
}

/// What isn't driven any more is given back, so all weights are raised alike until none is negative: only their order counts.
pub(crate) fn end_seeds(graph: &RoadGraph, ends: &[End]) -> Vec<Seed> {
    let numbers = &graph.hierarchy.numbers;
    let shift = ends.iter().map(|end| end.rest.weight).max().unwrap_or(0);
    let back = |rest: Cost| Cost {
        weight: shift - rest.weight,
        ms: rest.ms.wrapping_neg(),
        cm: rest.cm.wrapping_neg(),
    };
    let seed = |end: &End| Seed { node: numbers[end.arc as usize], cost: back(end.rest) };
    ends.iter().map(seed).collect()
}

/// Share of an arc behind somebody at this share of its edge.
fn done(arc: Arc, share: f64) -> f64 {
    if arc.forward { share } else { 1.0 - share }
}

fn cost(graph: &RoadGraph, arc: u32, share: f64) -> Cost {
    let arc = graph.arcs[arc as usize];
    graph.edges[arc.edge as usize].part_cost(arc.forward, share)
}
