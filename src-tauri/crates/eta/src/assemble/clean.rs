//! Roads are joined by turns; what can't be reached or left again is taken out, and the rest is numbered.

use super::Extract;
use super::cut::Pieces;
use crate::components::strong_components;
use crate::graph::{Arc, RoadGraph};
use crate::import::ImportError;
use crate::restriction::{Bans, Roads};
use crate::turns::{Street, Turn, Turns, turn_round, turns};
use std::collections::BTreeSet;

pub(super) fn clean(
    extract: &Extract,
    pieces: Pieces,
    min_component: usize,
) -> Result<RoadGraph, ImportError> {
    let (arcs, mut lists) = join(extract, &pieces);
    let apart = components(&lists);
    let component =
        if glue(extract, &pieces.streets, (&arcs, &apart), &mut lists) { components(&lists) } else { apart };
    let chosen = choose(&pieces.streets, &arcs, &component, min_component);
    let mut graph = RoadGraph {
        profile: extract.profile,
        nodes: Vec::new(),
        main_node_count: 0,
        edges: Vec::new(),
        points: Vec::new(),
        arcs: Vec::new(),
        turns: Turns::default(),
        skeleton: Default::default(),
        hierarchy: Default::default(),
    };
    let is_kept = |arc: usize| chosen[arcs[arc].edge as usize].is_some_and(|(own, _)| own == component[arc]);
    let kept: Vec<usize> = (0..arcs.len()).filter(|arc| is_kept(*arc)).collect();
    let new_edges = keep_streets(&mut graph, &pieces, &chosen, kept.iter().map(|arc| arcs[*arc]));
    keep_arcs(&mut graph, &arcs, &lists, &kept, &new_edges);
    number_junctions(&mut graph, &pieces);
    if graph.edges.is_empty() || graph.main_node_count == 0 { Err(ImportError::NoRoads) } else { Ok(graph) }
}

/// All arcs, and the turns after each.
fn join(extract: &Extract, pieces: &Pieces) -> (Vec<Arc>, Vec<Vec<Turn>>) {
    let streets = &pieces.streets;
    let directions = |(index, street): (usize, &Street)| {
        let is_open = street.edge;
        [true, false]
            .into_iter()
            .filter(move |forward| is_open.ms(*forward) > 0)
            .map(move |forward| Arc { edge: index as u32, forward })
    };
    let mut arcs: Vec<Arc> = streets.iter().enumerate().flat_map(directions).collect();
    let ends = |arc: Arc| streets[arc.edge as usize].ends(arc.forward);
    let junction = |node: i64| extract.table.index_of(node).and_then(|index| pieces.junctions[index]);
    let roads = Roads::new(&arcs, &pieces.ways, &ends, &junction);
    let bans = Bans::new(extract.profile.turn_rules(), &extract.restrictions, &roads);
    let copies: Vec<Arc> = bans.originals().iter().map(|original| arcs[*original as usize]).collect();
    arcs.extend(copies);
    let lists = turns(streets, pieces.nodes.len(), &arcs, &bans);
    (arcs, lists)
}

fn components(lists: &[Vec<Turn>]) -> Vec<u32> {
    let pairs: Vec<(u32, u32)> =
        (0_u32..).zip(lists).flat_map(|(from, list)| list.iter().map(move |turn| (from, turn.to))).collect();
    strong_components(lists.len(), &pairs)
}

/// A ring without an exit is two parts of a town, one for each way round it, because one turns round only at dead ends. There
/// one may turn round anywhere. Says whether there were such roads.
fn glue(
    extract: &Extract,
    streets: &[Street],
    (arcs, component): (&[Arc], &[u32]),
    lists: &mut [Vec<Turn>],
) -> bool {
    let mut sizes = vec![0_u32; arcs.len()];
    component.iter().for_each(|number| sizes[*number as usize] += 1);
    let is_part = |arc: usize| sizes[component[arc] as usize] > 1;
    let rules = extract.profile.turn_rules();
    let mut glued = false;
    for first in 1..arcs.len() {
        let (a, b) = (first - 1, first);
        let is_road = arcs[a].edge == arcs[b].edge && arcs[a].forward && !arcs[b].forward;
        if is_road && component[a] != component[b] && is_part(a) && is_part(b) {
            lists[a].push(turn_round(streets, arcs[a], (b as u32, arcs[b]), &rules));
            lists[b].push(turn_round(streets, arcs[b], (a as u32, arcs[a]), &rules));
            glued = true;
        }
    }
    glued
}

/// For each street the component it belongs to and that one's place by size, or nothing if it is left out.
fn choose(
    streets: &[Street],
    arcs: &[Arc],
    component: &[u32],
    min_component: usize,
) -> Vec<Option<(u32, u32)>> {
    let count = component.iter().max().map_or(0, |most| *most as usize + 1);
    let mut sizes = vec![0_usize; count];
    component.iter().for_each(|number| sizes[*number as usize] += 1);
    // The two directions of a road can be apart; the one in the larger part of the town is kept.
    let mut own: Vec<Option<u32>> = vec![None; streets.len()];
    for (arc, number) in arcs.iter().zip(component) {
        let best = &mut own[arc.edge as usize];
        let is_better = best.is_none_or(|best| sizes[*number as usize] > sizes[best as usize]);
        if is_better && sizes[*number as usize] > 1 {
            *best = Some(*number);
        }
    }
    let mut junctions: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); count];
    for (street, number) in streets.iter().zip(&own) {
        if let Some(number) = number {
            junctions[*number as usize].extend([street.edge.from, street.edge.to]);
        }
    }
    let mut by_size: Vec<u32> = (0..count as u32).collect();
    by_size.sort_by_key(|number| {
        let members = &junctions[*number as usize];
        (std::cmp::Reverse(members.len()), members.first().copied())
    });
    let mut ranks = vec![None; count];
    for (rank, number) in by_size.into_iter().enumerate() {
        let size = junctions[number as usize].len();
        ranks[number as usize] = (size >= 2 && (rank == 0 || size >= min_component)).then_some(rank as u32);
    }
    own.into_iter().map(|number| number.and_then(|number| Some((number, ranks[number as usize]?)))).collect()
}

/// Copies the streets that have a kept arc; gives the new number of each.
fn keep_streets(
    graph: &mut RoadGraph,
    pieces: &Pieces,
    chosen: &[Option<(u32, u32)>],
    kept: impl Iterator<Item = Arc>,
) -> Vec<Option<u32>> {
    let mut is_open = vec![(false, false); pieces.streets.len()];
    for arc in kept {
        let open = &mut is_open[arc.edge as usize];
        *open = (open.0 || arc.forward, open.1 || !arc.forward);
    }
    let mut keep = |(index, street): (usize, &Street)| {
        let (_, rank) = chosen[index]?;
        let (forward, backward) = is_open[index];
        if !forward && !backward {
            return None;
        }
        let first = street.edge.first_point as usize;
        let first_point = graph.points.len() as u32;
        graph.points.extend(&pieces.points[first..first + street.edge.point_count as usize]);
        let mut edge = street.edge;
        (edge.first_point, edge.component) = (first_point, rank);
        edge.forward_ms = if forward { edge.forward_ms } else { 0 };
        edge.backward_ms = if backward { edge.backward_ms } else { 0 };
        graph.edges.push(edge);
        Some(graph.edges.len() as u32 - 1)
    };
    pieces.streets.iter().enumerate().map(&mut keep).collect()
}

fn keep_arcs(
    graph: &mut RoadGraph,
    arcs: &[Arc],
    lists: &[Vec<Turn>],
    kept: &[usize],
    new_edges: &[Option<u32>],
) {
    let renamed = |arc: Arc| new_edges[arc.edge as usize].map(|edge| Arc { edge, ..arc });
    let mut order: Vec<(Arc, usize)> =
        kept.iter().filter_map(|old| Some((renamed(arcs[*old])?, *old))).collect();
    // Forward first, and each original before its copies.
    order.sort_by_key(|(arc, old)| (arc.edge, !arc.forward, *old));
    let mut new_numbers = vec![None; arcs.len()];
    for (number, (_, old)) in order.iter().enumerate() {
        new_numbers[*old] = Some(number as u32);
    }
    graph.arcs = order.iter().map(|(arc, _)| *arc).collect();
    graph.turns = Turns::from_lists(order.iter().map(|(_, old)| {
        let kept = |turn: &Turn| new_numbers[turn.to as usize].map(|to| Turn { to, ..*turn });
        let mut list: Vec<Turn> = lists[*old].iter().filter_map(kept).collect();
        list.sort_by_key(|turn| turn.to);
        list
    }));
}

/// Junctions of the largest component where one can start come first.
fn number_junctions(graph: &mut RoadGraph, pieces: &Pieces) {
    let mut places: Vec<Option<(u32, bool)>> = vec![None; pieces.nodes.len()];
    for edge in &graph.edges {
        for junction in [edge.from, edge.to] {
            let new = (edge.component, !edge.manner.is_start);
            let place = &mut places[junction as usize];
            *place = Some(place.map_or(new, |known| known.min(new)));
        }
    }
    let mut order: Vec<(u32, bool, u32)> = (0_u32..)
        .zip(&places)
        .filter_map(|(old, place)| place.map(|(rank, late)| (rank, late, old)))
        .collect();
    order.sort_unstable();
    let mut numbers = vec![0_u32; pieces.nodes.len()];
    for (new, (rank, late, old)) in order.iter().enumerate() {
        numbers[*old as usize] = new as u32;
        graph.nodes.push(pieces.nodes[*old as usize]);
        if *rank == 0 && !late {
            graph.main_node_count += 1;
        }
    }
    for edge in &mut graph.edges {
        (edge.from, edge.to) = (numbers[edge.from as usize], numbers[edge.to as usize]);
    }
}
