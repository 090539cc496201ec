//! The road graph as bytes: `OTROADS\0`, version, payload length, CRC-32 of the payload, payload (postcard).

use crate::graph::{Point, RoadGraph};

/// The version this build writes and reads. Other versions are not converted: a graph is made again from its extract.
pub const FORMAT_VERSION: u16 = 1;

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
        let graph: RoadGraph =
            postcard::from_bytes(payload).map_err(|_| FormatError::Corrupt("the content can't be read"))?;
        check(&graph).map_err(FormatError::Corrupt)?;
        Ok(graph)
    }
}

fn take<const N: usize>(bytes: &[u8]) -> Option<([u8; N], &[u8])> {
    bytes.split_first_chunk::<N>().map(|(head, rest)| (*head, rest))
}

/// Everything the router relies on.
fn check(graph: &RoadGraph) -> Result<(), &'static str> {
    let node_count = graph.nodes.len();
    if node_count > u32::MAX as usize || graph.points.len() > u32::MAX as usize || graph.edges.is_empty() {
        return Err("the number of roads is impossible");
    }
    if !graph.nodes.iter().chain(&graph.points).all(is_on_map) {
        return Err("a coordinate is not on the map");
    }
    let starts = &graph.component_starts;
    let is_rising = starts.windows(2).all(|pair| pair[0] < pair[1]);
    if starts.first() != Some(&0)
        || !is_rising
        || starts.last().is_none_or(|last| *last as usize >= node_count)
    {
        return Err("the components are impossible");
    }
    check_edges(graph)?;
    let mut is_ordered = vec![false; node_count];
    for node in &graph.order {
        match is_ordered.get_mut(*node as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err("the contraction order is impossible"),
        }
    }
    if graph.order.len() == node_count { Ok(()) } else { Err("the contraction order is incomplete") }
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
        (is_used[from], is_used[to]) = (true, true);
    }
    if is_used.iter().all(|used| *used) { Ok(()) } else { Err("a junction has no road") }
}

fn is_on_map(point: &Point) -> bool {
    point.lon_e7.unsigned_abs() <= 1_800_000_000 && point.lat_e7.unsigned_abs() <= 850_000_000
}
