//! The road graph as bytes: `OTROADS\0`, version, payload length, CRC-32 of the payload, payload (postcard).

use crate::graph::{Arc, Point, RoadGraph};
use crate::turns::Turn;

/// The version this build writes and reads. Other versions are not converted: a graph is made again from its extract.
pub const FORMAT_VERSION: u16 = 2;

const MAGIC: [u8; 8] = *b"OTROADS\0";
const HEADER_BYTES: usize = 8 + 2 + 8 + 4;

/// Why bytes are not a road graph of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Something else entirely.
    #[error("this is not a road graph file")]
    NotARoadGraph,
    /// Written by another version of the program; import the extract again.
    #[error(
        "the road graph has format {found}, this program reads format {FORMAT_VERSION}: import the region again"
    )]
    OtherVersion {
        /// The version found in the file.
        found: u16,
    },
    /// Cut off or damaged.
    #[error("the road graph is damaged ({0})")]
    Corrupt(&'static str),
}

impl RoadGraph {
    /// The graph as bytes for [`RoadGraph::from_bytes`]. Equal graphs give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing plain vectors of integers into memory has no way to fail.
        let payload = postcard::to_stdvec(self).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
        bytes.extend(MAGIC);
        bytes.extend(FORMAT_VERSION.to_le_bytes());
        bytes.extend((payload.len() as u64).to_le_bytes());
        bytes.extend(crc32fast::hash(&payload).to_le_bytes());
        bytes.extend(payload);
        bytes
    }

    /// Reads what [`RoadGraph::to_bytes`] wrote, and checks every index in it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let (magic, rest) = take::<8>(bytes).ok_or(FormatError::NotARoadGraph)?;
        if magic != MAGIC {
            return Err(FormatError::NotARoadGraph);
        }
        let cut_off = FormatError::Corrupt("the file is cut off");
        let (version, rest) = take::<2>(rest).ok_or(cut_off.clone())?;
        let found = u16::from_le_bytes(version);
        if found != FORMAT_VERSION {
            return Err(FormatError::OtherVersion { found });
        }
        let (length, rest) = take::<8>(rest).ok_or(cut_off.clone())?;
        let (checksum, payload) = take::<4>(rest).ok_or(cut_off.clone())?;
        if u64::from_le_bytes(length) != payload.len() as u64 {
            return Err(cut_off);
        }
        if u32::from_le_bytes(checksum) != crc32fast::hash(payload) {
            return Err(FormatError::Corrupt("the checksum is wrong"));
        }
        let mut graph: RoadGraph =
            postcard::from_bytes(payload).map_err(|_| FormatError::Corrupt("the content can't be read"))?;
        check(&graph).and_then(|()| graph.build_hierarchy()).map_err(FormatError::Corrupt)?;
        Ok(graph)
    }
}

fn take<const N: usize>(bytes: &[u8]) -> Option<([u8; N], &[u8])> {
    bytes.split_first_chunk::<N>().map(|(head, rest)| (*head, rest))
}

/// Everything the router relies on, without the hierarchy.
fn check(graph: &RoadGraph) -> Result<(), &'static str> {
    let node_count = graph.nodes.len();
    if node_count > u32::MAX as usize || graph.points.len() > u32::MAX as usize || graph.edges.is_empty() {
        return Err("the number of roads is impossible");
    }
    if !graph.nodes.iter().chain(&graph.points).all(is_on_map) {
        return Err("a coordinate is not on the map");
    }
    if graph.main_node_count == 0 || graph.main_node_count as usize > node_count {
        return Err("the components are impossible");
    }
    check_edges(graph)?;
    check_arcs(graph)
}

fn check_edges(graph: &RoadGraph) -> Result<(), &'static str> {
    let node_count = graph.nodes.len();
    let mut is_used = vec![false; node_count];
    for edge in &graph.edges {
        let (from, to) = (edge.from as usize, edge.to as usize);
        if from == to || from >= node_count || to >= node_count {
            return Err("a road leads nowhere");
        }
        let shape_end = edge.first_point as usize + edge.point_count as usize;
        if edge.point_count < 2 || shape_end > graph.points.len() {
            return Err("a road has no shape");
        }
        if edge.forward_ms == 0 && edge.backward_ms == 0 {
            return Err("a road is closed in both directions");
        }
        if !(1..=100).contains(&edge.manner.ease_pct) {
            return Err("a road is impossibly good");
        }
        (is_used[from], is_used[to]) = (true, true);
    }
    if is_used.iter().all(|used| *used) { Ok(()) } else { Err("a junction has no road") }
}

fn check_arcs(graph: &RoadGraph) -> Result<(), &'static str> {
    let arc_count = graph.arcs.len();
    if arc_count > u32::MAX as usize / 2 || !graph.arcs.is_sorted_by_key(|arc| (arc.edge, !arc.forward)) {
        return Err("the directions are out of order");
    }
    let is_open = |arc: &Arc| graph.edges.get(arc.edge as usize).is_some_and(|edge| edge.ms(arc.forward) > 0);
    if !graph.arcs.iter().all(is_open) {
        return Err("a closed direction is used");
    }
    let mut open = 0;
    for (index, edge) in graph.edges.iter().enumerate() {
        for forward in [true, false] {
            let is_there = graph.arcs_of(index as u32).any(|arc| graph.arcs[arc].forward == forward);
            if is_there != (edge.ms(forward) > 0) {
                return Err("a direction is missing");
            }
            open += usize::from(is_there);
        }
    }
    let starts = &graph.turns.starts;
    let is_whole = starts.len() == arc_count + 1
        && starts[0] == 0
        && starts.is_sorted()
        && starts[arc_count] as usize == graph.turns.list.len();
    if open == 0 || !is_whole {
        return Err("the turns are impossible");
    }
    for (number, arc) in graph.arcs.iter().enumerate() {
        let (_, junction) = graph.ends(*arc);
        let fits = |turn: &Turn| {
            graph.arcs.get(turn.to as usize).is_some_and(|next| graph.ends(*next).0 == junction)
        };
        if !graph.turns.after(number as u32).iter().all(fits) {
            return Err("a turn leads somewhere else");
        }
    }
    Ok(())
}

fn is_on_map(point: &Point) -> bool {
    point.lon_e7.unsigned_abs() <= 1_800_000_000 && point.lat_e7.unsigned_abs() <= 850_000_000
}
