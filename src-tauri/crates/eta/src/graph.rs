//! The road graph: junctions, the roads between them, and their shape.

use crate::profile::{Profile, RoadClass};
use domain::LonLat;
use serde::{Deserialize, Serialize};

/// A point in ten-millionths of a degree, as OSM stores them: 8 bytes where [`LonLat`] has 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub lon_e7: i32,
    pub lat_e7: i32,
}

impl Point {
    pub fn lon_lat(self) -> LonLat {
        LonLat::from_e7(self.lon_e7, self.lat_e7)
    }
}

/// A road between two different junctions, kept once for both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Edge {
    /// Junction at the first point.
    pub from: u32,
    /// Junction at the last point.
    pub to: u32,
    /// Where its shape starts in the shared point array; both junctions are in it.
    pub first_point: u32,
    /// At least 2.
    pub point_count: u32,
    pub length_mm: u32,
    /// Driving time from `from` to `to` in milliseconds, 0 = closed.
    pub forward_ms: u32,
    /// Driving time from `to` to `from` in milliseconds, 0 = closed.
    pub backward_ms: u32,
    pub class: RoadClass,
}

impl Edge {
    pub fn ms(&self, forward: bool) -> u32 {
        if forward { self.forward_ms } else { self.backward_ms }
    }

    /// Milliseconds for a part of the road, `share` of its length.
    pub fn part_ms(&self, forward: bool, share: f64) -> u32 {
        (f64::from(self.ms(forward)) * share.clamp(0.0, 1.0)).round() as u32
    }
}

/// The roads of one region for one [`Profile`]. Only roads that can be left again are in it, so that each junction reaches
/// every other of its component. Made by [`RoadGraph::import`], kept as bytes by [`RoadGraph::to_bytes`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoadGraph {
    pub(crate) profile: Profile,
    /// Junctions, sorted by component, the largest component first.
    pub(crate) nodes: Vec<Point>,
    /// First junction of each component.
    pub(crate) component_starts: Vec<u32>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) points: Vec<Point>,
    /// The order in which junctions are contracted. Finding it is the slow part of preparing a router.
    pub(crate) order: Vec<u32>,
}

/// A box of coordinates, inclusive; never across the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// The corner with the smallest longitude and latitude.
    pub south_west: LonLat,
    /// The corner with the largest longitude and latitude.
    pub north_east: LonLat,
}

impl Bounds {
    /// Whether the point lies in the box or on its border.
    pub fn contains(&self, at: LonLat) -> bool {
        (self.south_west.lon()..=self.north_east.lon()).contains(&at.lon())
            && (self.south_west.lat()..=self.north_east.lat()).contains(&at.lat())
    }
}

impl RoadGraph {
    /// Whose roads these are.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Number of junctions, never 0.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Number of roads between junctions, never 0.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Length of all roads in metres, each counted once.
    pub fn length_m(&self) -> f64 {
        self.edges.iter().map(|edge| f64::from(edge.length_mm) / 1000.0).sum()
    }

    /// The box around all roads.
    pub fn bounds(&self) -> Bounds {
        let (mut west, mut south, mut east, mut north) = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
        for point in &self.points {
            (west, east) = (west.min(point.lon_e7), east.max(point.lon_e7));
            (south, north) = (south.min(point.lat_e7), north.max(point.lat_e7));
        }
        Bounds { south_west: LonLat::from_e7(west, south), north_east: LonLat::from_e7(east, north) }
    }

    /// Junctions of the largest component; they are the first ones.
    pub(crate) fn main_node_count(&self) -> usize {
        self.component_starts.get(1).map_or(self.nodes.len(), |start| *start as usize)
    }

    pub(crate) fn component_of(&self, node: u32) -> u32 {
        self.component_starts.partition_point(|start| *start <= node) as u32 - 1
    }

    pub(crate) fn shape(&self, edge: &Edge) -> &[Point] {
        let first = edge.first_point as usize;
        &self.points[first..first + edge.point_count as usize]
    }
}
