//! From ways and nodes to a road graph: cut at junctions, measure, join by turns, keep what can be left again.

mod clean;
mod cut;

use crate::graph::{Point, RoadGraph};
use crate::import::ImportError;
use crate::profile::{Passage, Profile, Stop};
use crate::restriction::Restriction;

/// A way that may be used: OSM ids, and what may be driven on it.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub id: i64,
    pub refs: Vec<i64>,
    pub passage: Passage,
}

/// The nodes of all ways that may be used, sorted by id.
#[derive(Debug, Default)]
pub(crate) struct NodeTable {
    pub ids: Vec<i64>,
    pub at: Vec<Option<Point>>,
    pub stops: Vec<Stop>,
}

impl NodeTable {
    pub fn for_ways(ways: &[Way]) -> Self {
        let mut ids: Vec<i64> = ways.iter().flat_map(|way| way.refs.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        let count = ids.len();
        Self { ids, at: vec![None; count], stops: vec![Stop::default(); count] }
    }

    pub fn index_of(&self, id: i64) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }
}

/// What was read from an extract.
pub(crate) struct Extract {
    pub profile: Profile,
    pub ways: Vec<Way>,
    pub table: NodeTable,
    pub restrictions: Vec<Restriction>,
}

/// Cuts, measures, joins, cleans and numbers. Components with fewer than `min_component` junctions are left out, except the
/// largest. The hierarchy is still missing.
pub(crate) fn assemble(extract: &Extract, min_component: usize) -> Result<RoadGraph, ImportError> {
    let pieces = cut::cut(extract)?;
    clean::clean(extract, pieces, min_component)
}
