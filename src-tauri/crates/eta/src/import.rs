//! Reading an OSM extract (PBF).

use crate::assemble::{NodeTable, Way, assemble};
use crate::graph::{Point, RoadGraph};
use crate::profile::Profile;
use crate::router::contraction_order;
use crate::tags::Tags;
use osmpbf::{BlobDecode, BlobReader, Element, PrimitiveBlock};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Looking for drivable ways.
    ReadingWays,
    /// Looking for the places of their nodes.
    ReadingNodes,
    /// Cutting at junctions, leaving out what can't be left again.
    Joining,
    /// Finding the order in which the router contracts junctions.
    Preparing,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Stage::ReadingWays => "reading roads",
            Stage::ReadingNodes => "reading coordinates",
            Stage::Joining => "joining roads",
            Stage::Preparing => "preparing routes",
        })
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Share of the whole import, 0…1, never falling.
    pub fraction: f32,
}

/// Why an extract can't become a road graph.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing in it.
    #[error("the map extract is empty")]
    Empty,
    /// Not the PBF format, cut off, or damaged.
    #[error("the map extract is damaged or not in OSM PBF format ({0})")]
    Corrupt(String),
    /// Readable, but nothing the profile may drive on.
    #[error("the map extract has no roads to drive on")]
    NoRoads,
    /// More than 4 billion junctions or points.
    #[error("the map extract has more roads than one region can hold")]
    TooLarge,
}

/// An island with fewer junctions is a car park or a mistake, and would only catch vehicles that are beside it.
const MIN_COMPONENT: usize = 20;

impl RoadGraph {
    /// Reads the bytes of an `.osm.pbf` file. Calls `progress` at least once per stage.
    ///
    /// The contraction order is found here (seconds for a town, minutes for a country), so that [`crate::Router::new`] is fast.
    pub fn import(
        pbf: &[u8],
        profile: Profile,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, ImportError> {
        if pbf.is_empty() {
            return Err(ImportError::Empty);
        }
        let ways = read_ways(pbf, profile, progress)?;
        if ways.is_empty() {
            return Err(ImportError::NoRoads);
        }
        let table = read_nodes(pbf, profile, &ways, progress)?;
        progress(Progress { stage: Stage::Joining, fraction: 0.7 });
        let mut graph = assemble(profile, &ways, &table, MIN_COMPONENT)?;
        progress(Progress { stage: Stage::Preparing, fraction: 0.75 });
        graph.order = contraction_order(&graph);
        progress(Progress { stage: Stage::Preparing, fraction: 1.0 });
        Ok(graph)
    }
}

fn read_ways(
    pbf: &[u8],
    profile: Profile,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Way>, ImportError> {
    let mut ways = Vec::new();
    for_each_block(pbf, |block, share| {
        progress(Progress { stage: Stage::ReadingWays, fraction: 0.35 * share });
        for way in block.groups().flat_map(|group| group.ways()) {
            if let Some(passage) = profile.passage(&Tags::new(way.tags())) {
                ways.push(Way { refs: way.refs().collect(), passage });
            }
        }
    })?;
    Ok(ways)
}

fn read_nodes(
    pbf: &[u8],
    profile: Profile,
    ways: &[Way],
    progress: &mut dyn FnMut(Progress),
) -> Result<NodeTable, ImportError> {
    let mut table = NodeTable::for_ways(ways);
    for_each_block(pbf, |block, share| {
        progress(Progress { stage: Stage::ReadingNodes, fraction: 0.35 + 0.35 * share });
        block.for_each_element(|element| match element {
            Element::DenseNode(node) => {
                if let Some(index) = table.index_of(node.id()) {
                    let at = Point { lon_e7: node.decimicro_lon(), lat_e7: node.decimicro_lat() };
                    keep_node(&mut table, index, at, profile, &Tags::new(node.tags()));
                }
            }
            Element::Node(node) => {
                if let Some(index) = table.index_of(node.id()) {
                    let at = Point { lon_e7: node.decimicro_lon(), lat_e7: node.decimicro_lat() };
                    keep_node(&mut table, index, at, profile, &Tags::new(node.tags()));
                }
            }
            Element::Way(_) | Element::Relation(_) => {}
        });
    })?;
    Ok(table)
}

fn keep_node(table: &mut NodeTable, index: usize, at: Point, profile: Profile, tags: &Tags<'_>) {
    // Web Mercator ends at 85°, and a coordinate beyond the earth is a damaged file, not a place.
    if at.lon_e7.unsigned_abs() <= 1_800_000_000 && at.lat_e7.unsigned_abs() <= 850_000_000 {
        table.at[index] = Some(at);
        table.is_blocked[index] = profile.is_blocked(tags);
        table.has_signals[index] = tags.get("highway") == Some("traffic_signals");
    }
}

/// Calls `use_block` with each data block and the share of the bytes before it.
fn for_each_block(pbf: &[u8], mut use_block: impl FnMut(&PrimitiveBlock, f32)) -> Result<(), ImportError> {
    let blobs = BlobReader::new_seekable(Cursor::new(pbf)).map_err(corrupt)?;
    let mut has_data = false;
    for blob in blobs {
        let blob = blob.map_err(corrupt)?;
        let share = blob.offset().map_or(0.0, |offset| offset.0 as f32 / pbf.len() as f32);
        // osmpbf trusts what is inside a well-formed block: it panics on sums that overflow and on unknown enum values.
        catch_unwind(AssertUnwindSafe(|| match blob.decode().map_err(corrupt)? {
            BlobDecode::OsmData(block) => {
                has_data = true;
                use_block(&block, share);
                Ok(())
            }
            BlobDecode::OsmHeader(_) | BlobDecode::Unknown(_) => Ok(()),
        }))
        .unwrap_or_else(|_| Err(ImportError::Corrupt("impossible values in a block".into())))?;
    }
    if has_data { Ok(()) } else { Err(ImportError::Corrupt("no data blocks".into())) }
}

fn corrupt(error: osmpbf::Error) -> ImportError {
    ImportError::Corrupt(error.to_string())
}
