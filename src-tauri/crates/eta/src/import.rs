//! Reading an OSM extract (PBF).

use crate::assemble::{Extract, NodeTable, Way, assemble};
use crate::graph::{Point, RoadGraph};
use crate::hierarchy::{Base, contract};
use crate::profile::Profile;
use crate::restriction::{Member, Restriction};
use crate::tags::Tags;
use osmpbf::{BlobDecode, BlobReader, Element, PrimitiveBlock};
use osmpbf::{RelMemberType, Relation};
use std::io::Cursor;
use std::ops::ControlFlow;
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
    /// Building the hierarchy that makes routes fast.
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
    /// More than 1 billion junctions, roads or points.
    #[error("the map extract has more roads than one region can hold")]
    TooLarge,
    /// Who asked for it didn't want it any more.
    #[error("the import was stopped")]
    Cancelled,
}

/// An island with fewer junctions is a car park or a mistake, and would only catch vehicles that are beside it.
const MIN_COMPONENT: usize = 20;

/// Hears how far an import is; `Break` stops it.
pub(crate) type Listener<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

impl RoadGraph {
    /// Reads the bytes of an `.osm.pbf` file. Calls `progress` at least once per stage.
    ///
    /// The hierarchy is made here (a second for a town, minutes for a country), so that [`crate::Router::new`] is fast.
    pub fn import(
        pbf: &[u8],
        profile: Profile,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, ImportError> {
        Self::import_while(pbf, profile, &mut |at| {
            progress(at);
            ControlFlow::Continue(())
        })
    }

    /// [`RoadGraph::import`] that can be stopped: with [`ImportError::Cancelled`], as soon as `progress` gives `Break`. It is
    /// asked several times a second.
    pub fn import_while(
        pbf: &[u8],
        profile: Profile,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, ImportError> {
        if pbf.is_empty() {
            return Err(ImportError::Empty);
        }
        let (ways, restrictions) = read_ways(pbf, profile, progress)?;
        if ways.is_empty() {
            return Err(ImportError::NoRoads);
        }
        let table = read_nodes(pbf, profile, &ways, progress)?;
        tell(progress, Stage::Joining, 0.6)?;
        let mut graph = assemble(&Extract { profile, ways, table, restrictions }, MIN_COMPONENT)?;
        graph.prepare(&mut |share| {
            progress(Progress { stage: Stage::Preparing, fraction: 0.65 + 0.35 * share })
        })?;
        tell(progress, Stage::Preparing, 1.0)?;
        Ok(graph)
    }

    /// Finds the hierarchy.
    pub(crate) fn prepare(
        &mut self,
        progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<(), ImportError> {
        let roads = self.road_costs();
        let base = Base { turns: &self.turns, roads: &roads };
        self.skeleton = contract(&base, progress).ok_or(ImportError::Cancelled)?;
        self.build_hierarchy().map_err(|reason| ImportError::Corrupt(reason.to_owned()))
    }
}

fn tell(progress: &mut Listener<'_>, stage: Stage, fraction: f32) -> Result<(), ImportError> {
    match progress(Progress { stage, fraction }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ImportError::Cancelled),
    }
}

fn read_ways(
    pbf: &[u8],
    profile: Profile,
    progress: &mut Listener<'_>,
) -> Result<(Vec<Way>, Vec<Restriction>), ImportError> {
    let (mut ways, mut restrictions) = (Vec::new(), Vec::new());
    for_each_block(pbf, |block, share| {
        tell(progress, Stage::ReadingWays, 0.3 * share)?;
        for group in block.groups() {
            for way in group.ways() {
                if let Some(passage) = profile.passage(&Tags::new(way.tags())) {
                    ways.push(Way { id: way.id(), refs: way.refs().collect(), passage });
                }
            }
            restrictions.extend(group.relations().filter_map(|relation| restriction(profile, &relation)));
        }
        Ok(())
    })?;
    Ok((ways, restrictions))
}

fn restriction(profile: Profile, relation: &Relation<'_>) -> Option<Restriction> {
    let tags = Tags::new(relation.tags());
    // Few relations are restrictions, and the others can have thousands of members.
    if !tags.get("type")?.starts_with("restriction") {
        return None;
    }
    let members = relation.members().map(|member| Member {
        role: member.role().unwrap_or_default(),
        is_way: matches!(member.member_type, RelMemberType::Way),
        id: member.member_id,
    });
    let members: Vec<Member<'_>> = members.collect();
    Restriction::read(profile, &tags, members.iter().copied())
}

fn read_nodes(
    pbf: &[u8],
    profile: Profile,
    ways: &[Way],
    progress: &mut Listener<'_>,
) -> Result<NodeTable, ImportError> {
    let mut table = NodeTable::for_ways(ways);
    for_each_block(pbf, |block, share| {
        tell(progress, Stage::ReadingNodes, 0.3 + 0.3 * share)?;
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
        Ok(())
    })?;
    Ok(table)
}

fn keep_node(table: &mut NodeTable, index: usize, at: Point, profile: Profile, tags: &Tags<'_>) {
    // Web Mercator ends at 85°, and a coordinate beyond the earth is a damaged file, not a place.
    if at.lon_e7.unsigned_abs() <= 1_800_000_000 && at.lat_e7.unsigned_abs() <= 850_000_000 {
        table.at[index] = Some(at);
        table.stops[index] = profile.stop(tags);
    }
}

/// Calls `use_block` with each data block and the share of the bytes before it.
fn for_each_block(
    pbf: &[u8],
    mut use_block: impl FnMut(&PrimitiveBlock, f32) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let blobs = BlobReader::new_seekable(Cursor::new(pbf)).map_err(corrupt)?;
    let mut has_data = false;
    for blob in blobs {
        let blob = blob.map_err(corrupt)?;
        let share = blob.offset().map_or(0.0, |offset| offset.0 as f32 / pbf.len() as f32);
        // osmpbf trusts what is inside a well-formed block: it panics on sums that overflow and on unknown enum values.
        catch_unwind(AssertUnwindSafe(|| match blob.decode().map_err(corrupt)? {
            BlobDecode::OsmData(block) => {
                has_data = true;
                use_block(&block, share)
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
