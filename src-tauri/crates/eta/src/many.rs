//! Many questions at once: from one place to many, from many to one, and between all of two lists.
//!
//! From one to many the start climbs once, and each end only until it meets that climb. For a matrix every end leaves what it
//! costs from each road it climbed over in a bucket there, and every start collects from the buckets on its own climb.

use crate::ends::{self, end_seeds, start_seeds};
use crate::graph::RoadGraph;
use crate::hierarchy::Cost;
use crate::route::Leg;
use crate::router::{RouteError, Router};
use crate::search::{Scratch, Seed};
use crate::snap::{Place, Snap};

/// Legs from each of many places to each of many others.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    columns: usize,
    /// Row by row; `u32::MAX` in `ms`: no way.
    ms: Vec<u32>,
    cm: Vec<u32>,
}

impl Matrix {
    /// The leg from the `row`th start to the `column`th end; `None`: no way, or no such place.
    pub fn leg(&self, row: usize, column: usize) -> Option<Leg> {
        let index = self.index(row, column)?;
        let cost = Cost { weight: 0, ms: self.ms[index], cm: self.cm[index] };
        (cost.ms != NO_WAY).then(|| Leg::from(cost))
    }

    /// Number of starts and of ends.
    pub fn size(&self) -> (usize, usize) {
        (self.ms.len().checked_div(self.columns).unwrap_or(0), self.columns)
    }

    fn index(&self, row: usize, column: usize) -> Option<usize> {
        let index = row.checked_mul(self.columns)?.checked_add(column)?;
        (column < self.columns && index < self.ms.len()).then_some(index)
    }
}

const NO_WAY: u32 = u32::MAX;

impl Router {
    /// The legs from one place to each of many, in their order, between roads that are known. `None`: no road leads there
    /// (another [component](Snap::is_on_main)).
    pub fn one_to_many(&self, from: &Snap, to: &[Snap]) -> Vec<Option<Leg>> {
        let graph = self.graph();
        let starts = ends::starts(graph, self.crossings(), from);
        self.with_scratch(|scratch| {
            scratch.climb_forward(&graph.hierarchy, &start_seeds(graph, &starts));
            let leg = |end: &Snap| {
                if self.is_special(from, end) {
                    return self.leg_between(from, end).ok();
                }
                let seeds = end_seeds(graph, &ends::ends(graph, self.crossings(), end));
                scratch.meet_forward(&graph.hierarchy, &seeds).map(Leg::from)
            };
            to.iter().map(leg).collect()
        })
    }

    /// The legs from each of many places to one, in their order; as [`Router::one_to_many`].
    pub fn many_to_one(&self, from: &[Snap], to: &Snap) -> Vec<Option<Leg>> {
        let graph = self.graph();
        let ends = ends::ends(graph, self.crossings(), to);
        self.with_scratch(|scratch| {
            scratch.climb_backward(&graph.hierarchy, &end_seeds(graph, &ends));
            let leg = |start: &Snap| {
                if self.is_special(start, to) {
                    return self.leg_between(start, to).ok();
                }
                let seeds = start_seeds(graph, &ends::starts(graph, self.crossings(), start));
                scratch.meet_backward(&graph.hierarchy, &seeds).map(Leg::from)
            };
            from.iter().map(leg).collect()
        })
    }

    /// The legs from each of `from` to each of `to`: far cheaper than one by one. 8 bytes per pair.
    pub fn matrix(&self, from: &[Snap], to: &[Snap]) -> Matrix {
        let graph = self.graph();
        let size = from.len() * to.len();
        let mut matrix =
            Matrix { columns: to.len(), ms: Vec::with_capacity(size), cm: Vec::with_capacity(size) };
        let starts: Vec<Vec<Seed>> = from
            .iter()
            .map(|start| start_seeds(graph, &ends::starts(graph, self.crossings(), start)))
            .collect();
        let ends: Vec<Vec<Seed>> =
            to.iter().map(|end| end_seeds(graph, &ends::ends(graph, self.crossings(), end))).collect();
        self.with_scratch(|scratch| {
            let buckets = Buckets::fill(graph, scratch, &ends);
            let mut row = vec![Cost { weight: u32::MAX, ms: NO_WAY, cm: 0 }; to.len()];
            for seeds in &starts {
                row.fill(Cost { weight: u32::MAX, ms: NO_WAY, cm: 0 });
                buckets.collect(graph, scratch, seeds, &mut row);
                matrix.ms.extend(row.iter().map(|cost| cost.ms));
                matrix.cm.extend(row.iter().map(|cost| cost.cm));
            }
        });
        self.put_right(&mut matrix, from, to);
        matrix
    }

    /// Pairs the buckets can't answer.
    fn put_right(&self, matrix: &mut Matrix, from: &[Snap], to: &[Snap]) {
        for (row, start) in from.iter().enumerate() {
            for (column, end) in to.iter().enumerate() {
                if !self.is_special(start, end) {
                    continue;
                }
                let index = row * to.len() + column;
                let cost = self.leg_between(start, end).map(Cost::from);
                (matrix.ms[index], matrix.cm[index]) = cost.map_or((NO_WAY, 0), |cost| (cost.ms, cost.cm));
            }
        }
    }

    /// On the same road, or at the same junction.
    fn is_special(&self, start: &Snap, end: &Snap) -> bool {
        start.edge == end.edge || self.is_same_junction(start, end)
    }

    /// A place with its road.
    pub(crate) fn known(&self, place: Place) -> Known {
        Known { place, snap: self.snap(place) }
    }

    /// [`Router::leg`] from one place to each of many.
    pub(crate) fn legs_to(&self, from: &Known, to: &[Known]) -> Vec<Result<Leg, RouteError>> {
        let start = match from.snap {
            Ok(start) => start,
            Err(error) => return vec![Err(error); to.len()],
        };
        let mut legs = self.one_to_many(&start, &on_component(to, start.component)).into_iter();
        let each = |end: &Known| match end.snap {
            Ok(snap) if snap.component == start.component => legs.next().flatten().ok_or(RouteError::NoRoute),
            Ok(_) | Err(_) => self.leg_known(from, end),
        };
        to.iter().map(each).collect()
    }

    /// [`Router::leg`] from each of many places to one.
    pub(crate) fn legs_from(&self, from: &[Known], to: &Known) -> Vec<Result<Leg, RouteError>> {
        let end = match to.snap {
            Ok(end) => end,
            Err(error) => return vec![Err(error); from.len()],
        };
        let mut legs = self.many_to_one(&on_component(from, end.component), &end).into_iter();
        let each = |start: &Known| match start.snap {
            Ok(snap) if snap.component == end.component => legs.next().flatten().ok_or(RouteError::NoRoute),
            Ok(_) | Err(_) => self.leg_known(start, to),
        };
        from.iter().map(each).collect()
    }

    /// [`Router::leg`] from each of many places to each of the same, row by row.
    pub(crate) fn legs_between(&self, places: &[Known]) -> Vec<Vec<Result<Leg, RouteError>>> {
        let snaps: Vec<Snap> = places.iter().filter_map(|place| place.snap.ok()).collect();
        let matrix = self.matrix(&snaps, &snaps);
        // The place of each in the matrix.
        let mut next = 0..;
        let numbers: Vec<Option<usize>> =
            places.iter().map(|place| place.snap.ok().and_then(|_| next.next())).collect();
        let leg = |from: usize, to: usize| {
            let pair = numbers[from].zip(numbers[to]);
            let known = pair.and_then(|(row, column)| matrix.leg(row, column));
            known.map_or_else(|| self.leg_known(&places[from], &places[to]), Ok)
        };
        (0..places.len()).map(|from| (0..places.len()).map(|to| leg(from, to)).collect()).collect()
    }

    /// [`Router::leg`] between places whose roads were looked up.
    pub(crate) fn leg_known(&self, from: &Known, to: &Known) -> Result<Leg, RouteError> {
        let (start, end) = self.ends_known(from, to)?;
        self.leg_between(&start, &end)
    }

    /// Roads of two places that are connected, where there are such nearby.
    pub(crate) fn ends_known(&self, from: &Known, to: &Known) -> Result<(Snap, Snap), RouteError> {
        self.same_component(from.place, to.place, from.snap?, to.snap?)
    }
}

/// A place and the road it is on, or why it is on none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub place: Place,
    pub snap: Result<Snap, RouteError>,
}

fn on_component(places: &[Known], component: u32) -> Vec<Snap> {
    places.iter().filter_map(|place| place.snap.ok()).filter(|snap| snap.component == component).collect()
}

/// What it costs from a road to an end.
#[derive(Debug, Clone, Copy)]
struct Entry {
    column: u32,
    cost: Cost,
}

/// The entries at each hierarchy number.
struct Buckets {
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Buckets {
    fn fill(graph: &RoadGraph, scratch: &mut Scratch, ends: &[Vec<Seed>]) -> Self {
        let mut found: Vec<(u32, Entry)> = Vec::new();
        for (column, seeds) in (0_u32..).zip(ends) {
            scratch.each_backward(&graph.hierarchy, seeds, |node, cost| {
                found.push((node, Entry { column, cost }))
            });
        }
        let mut starts = vec![0_u32; graph.arcs.len() + 1];
        for (node, _) in &found {
            starts[*node as usize + 1] += 1;
        }
        for node in 1..starts.len() {
            starts[node] += starts[node - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![Entry { column: 0, cost: Cost::default() }; found.len()];
        for (node, entry) in found {
            entries[next[node as usize] as usize] = entry;
            next[node as usize] += 1;
        }
        Self { starts, entries }
    }

    /// Improves a row by what the buckets on the climb from its start hold.
    fn collect(&self, graph: &RoadGraph, scratch: &mut Scratch, seeds: &[Seed], row: &mut [Cost]) {
        scratch.each_forward(&graph.hierarchy, seeds, |node, cost| {
            let range = self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize;
            for entry in &self.entries[range] {
                let sum = cost.then(entry.cost);
                let best = &mut row[entry.column as usize];
                if sum.weight < best.weight {
                    *best = sum;
                }
            }
        });
    }
}
