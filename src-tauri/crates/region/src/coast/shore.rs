//! The coastlines of an OSM extract.

use super::outline::{Shoreline, WorldPoint};
use eta::ImportError;
use osmpbf::{BlobDecode, BlobReader, Element, PrimitiveBlock};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What an extract tells about its coast.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Shore {
    /// West, south, east, north in degrees, if the extract names its area.
    pub(super) bounds: Option<[f64; 4]>,
    pub(super) shorelines: Vec<Shoreline>,
    /// Some places on roads: they are on land.
    pub(super) roads: Vec<WorldPoint>,
}

/// So many places on roads are enough to see on which side the land is.
const MAX_ROADS: usize = 2_000;

#[derive(Default)]
struct Ways {
    bounds: Option<[f64; 4]>,
    coast: Vec<Vec<i64>>,
    roads: Vec<i64>,
}

impl Shore {
    /// Reads the bytes of an `.osm.pbf` file. `progress` gets the share done, 0…1.
    pub(crate) fn read(pbf: &[u8], progress: &mut dyn FnMut(f32)) -> Result<Self, ImportError> {
        let mut ways = Ways::default();
        for_each_block(pbf, |block, share| {
            progress(share / 2.0);
            ways.add(block);
        })?;
        if ways.coast.is_empty() {
            return Ok(Self::default());
        }
        let every = ways.roads.len().div_ceil(MAX_ROADS).max(1);
        ways.roads = ways.roads.into_iter().step_by(every).collect();
        let places = read_places(pbf, &ways, &mut |share| progress(0.5 + share / 2.0))?;
        let roads = ways.roads.iter().filter_map(|node| places.get(node).copied().flatten()).collect();
        let shorelines = chain(ways.coast).iter().flat_map(|chain| shorelines(chain, &places)).collect();
        Ok(Self { bounds: ways.bounds, shorelines, roads })
    }
}

impl Ways {
    fn add(&mut self, block: &Block) {
        let block = match block {
            Block::Header(bounds) => return self.bounds = *bounds,
            Block::Data(block) => block,
        };
        for way in block.groups().flat_map(|group| group.ways()) {
            if way.tags().any(|tag| tag == ("natural", "coastline")) {
                self.coast.push(way.refs().collect());
            } else if way.tags().any(|(key, _)| key == "highway") {
                self.roads.extend(way.refs().next());
            }
        }
    }
}

type Places = BTreeMap<i64, Option<WorldPoint>>;

fn read_places(pbf: &[u8], ways: &Ways, progress: &mut dyn FnMut(f32)) -> Result<Places, ImportError> {
    let wanted = ways.coast.iter().flatten().chain(&ways.roads);
    let mut places: Places = wanted.map(|node| (*node, None)).collect();
    for_each_block(pbf, |block, share| {
        progress(share);
        let Block::Data(block) = block else { return };
        block.for_each_element(|element| {
            let (id, lon, lat) = match element {
                Element::DenseNode(node) => (node.id(), node.lon(), node.lat()),
                Element::Node(node) => (node.id(), node.lon(), node.lat()),
                Element::Way(_) | Element::Relation(_) => return,
            };
            if let Some(place) = places.get_mut(&id) {
                *place = Some(world_point(lon, lat));
            }
        });
    })?;
    Ok(places)
}

/// Web Mercator; latitudes beyond its end are put at its end.
pub(super) fn world_point(lon: f64, lat: f64) -> WorldPoint {
    let lat = lat.clamp(-85.051_128, 85.051_128).to_radians();
    WorldPoint { x: lon / 360.0 + 0.5, y: 0.5 - lat.tan().asinh() / std::f64::consts::TAU }
}

/// Puts ways together where one ends and another begins. What is closed has its first node at its end as well.
fn chain(ways: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
    let (mut chains, open): (Vec<_>, Vec<_>) =
        ways.into_iter().filter(|way| way.len() > 1).partition(|way| way.first() == way.last());
    let ends: std::collections::BTreeSet<i64> = open.iter().filter_map(|way| way.last().copied()).collect();
    let mut by_start: BTreeMap<i64, Vec<Vec<i64>>> = BTreeMap::new();
    let mut starts = Vec::new();
    for way in open {
        // Where nothing ends first: in the middle of a chain only circles may be begun.
        let is_first = !ends.contains(&way[0]);
        starts.push((!is_first, way[0]));
        by_start.entry(way[0]).or_default().push(way);
    }
    starts.sort_by_key(|(is_inner, _)| *is_inner);
    for (_, start) in starts {
        let Some(mut line) = by_start.get_mut(&start).and_then(Vec::pop) else { continue };
        while line.first() != line.last() {
            let end = line[line.len() - 1];
            let Some(next) = by_start.get_mut(&end).and_then(Vec::pop) else { break };
            line.extend(&next[1..]);
        }
        chains.push(line);
    }
    chains
}

/// A chain with its places; one that misses nodes (the extract was cut there) falls apart.
fn shorelines(chain: &[i64], places: &Places) -> Vec<Shoreline> {
    let points: Vec<Option<WorldPoint>> =
        chain.iter().map(|node| places.get(node).copied().flatten()).collect();
    if chain.first() == chain.last() && points.iter().all(Option::is_some) {
        return vec![Shoreline::Closed(points.into_iter().skip(1).flatten().collect())];
    }
    let runs = points.split(Option::is_none).filter(|run| run.len() > 1);
    runs.map(|run| Shoreline::Open(run.iter().copied().flatten().collect())).collect()
}

enum Block {
    Header(Option<[f64; 4]>),
    Data(PrimitiveBlock),
}

/// Calls `use_block` with each block and the share of the bytes before it.
fn for_each_block(pbf: &[u8], mut use_block: impl FnMut(&Block, f32)) -> Result<(), ImportError> {
    for blob in BlobReader::new_seekable(Cursor::new(pbf)).map_err(corrupt)? {
        let blob = blob.map_err(corrupt)?;
        let share = blob.offset().map_or(0.0, |offset| offset.0 as f32 / pbf.len() as f32);
        // osmpbf trusts what is inside a well-formed block: it panics on sums that overflow.
        catch_unwind(AssertUnwindSafe(|| {
            let block = match blob.decode().map_err(corrupt)? {
                BlobDecode::OsmData(block) => Block::Data(block),
                BlobDecode::OsmHeader(header) => {
                    let area = header.bbox();
                    Block::Header(area.map(|area| [area.left, area.bottom, area.right, area.top]))
                }
                BlobDecode::Unknown(_) => return Ok(()),
            };
            use_block(&block, share);
            Ok(())
        }))
        .unwrap_or_else(|_| Err(ImportError::Corrupt("impossible values in a block".into())))?;
    }
    Ok(())
}

fn corrupt(error: osmpbf::Error) -> ImportError {
    ImportError::Corrupt(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_joined_end_to_start() {
        let chains = chain(vec![vec![3, 4], vec![1, 2, 3], vec![9, 8, 9], vec![6, 5], vec![5, 6]]);
        assert_eq!(
            chains,
            [vec![9, 8, 9], vec![1, 2, 3, 4], vec![6, 5, 6]],
            "islet, coast, and an island of two ways"
        );
        assert_eq!(
            chain(vec![vec![1, 2], vec![3, 2]]).len(),
            2,
            "ways against each other aren't turned round"
        );
    }

    #[test]
    fn a_chain_falls_apart_where_the_extract_was_cut() {
        let at = |x: i64| WorldPoint { x: x as f64, y: 0.0 };
        let places: Places = (1..=5).map(|node| (node, (node != 3).then(|| at(node)))).collect();
        let open = |nodes: [i64; 2]| Shoreline::Open(nodes.map(at).to_vec());
        assert_eq!(shorelines(&[1, 2, 3, 4, 5], &places), [open([1, 2]), open([4, 5])], "node 3 is missing");
        assert_eq!(
            shorelines(&[1, 2, 4, 1], &places),
            [Shoreline::Closed(vec![at(2), at(4), at(1)])],
            "closed"
        );
    }
}
