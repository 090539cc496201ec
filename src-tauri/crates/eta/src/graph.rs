//! The road graph: junctions, the roads between them, their shape, and which turn leads from one into another.

use crate::hierarchy::{Base, Cost, Hierarchy, Skeleton};
use crate::profile::{Profile, RoadClass};
use crate::turns::Turns;
use domain::LonLat;
use serde::{Deserialize, Serialize};
use std::ops::Range;

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
    /// Travel time from `from` to `to` in milliseconds, 0 = closed.
    pub forward_ms: u32,
    /// Travel time from `to` to `from` in milliseconds, 0 = closed.
    pub backward_ms: u32,
    /// All its open directions reach all others of the same component.
    pub component: u32,
    pub class: RoadClass,
    pub manner: Manner,
}

/// How a road is used beside its speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manner {
    /// 100 = as good as its speed; a road of 50 counts twice when ways are compared. Never 0.
    pub ease_pct: u8,
    /// Only who starts or ends here may use it: private yards, roads for residents.
    pub is_restricted: bool,
    /// One can start and end here; not so on a ferry.
    pub is_start: bool,
}

impl Edge {
    pub fn ms(&self, forward: bool) -> u32 {
        if forward { self.forward_ms } else { self.backward_ms }
    }

    /// Milliseconds for a part of the road, `share` of its length.
    pub fn part_ms(&self, forward: bool, share: f64) -> u32 {
        (f64::from(self.ms(forward)) * share.clamp(0.0, 1.0)).round() as u32
    }

    /// What a part of the road costs, `share` of its length.
    pub fn part_cost(&self, forward: bool, share: f64) -> Cost {
        let ms = self.part_ms(forward, share);
        let weight = u64::from(ms) * 100 / u64::from(self.manner.ease_pct.max(1));
        Cost {
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            ms,
            cm: (f64::from(self.length_mm) / 10.0 * share.clamp(0.0, 1.0)).round() as u32,
        }
    }
}

/// A road in one direction. A road behind a turn restriction over several roads is there more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Arc {
    pub edge: u32,
    /// From the edge's `from` to its `to`.
    pub forward: bool,
}

/// The roads of one region for one [`Profile`]. Only roads that can be left again are in it, so that each road reaches every
/// other of its component. Made by [`RoadGraph::import`], kept as bytes by [`RoadGraph::to_bytes`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoadGraph {
    pub(crate) profile: Profile,
    /// Junctions; those of the largest component at which one can start come first.
    pub(crate) nodes: Vec<Point>,
    pub(crate) main_node_count: u32,
    /// Components are numbered by size, 0 is the largest.
    pub(crate) edges: Vec<Edge>,
    pub(crate) points: Vec<Point>,
    /// Sorted by edge.
    pub(crate) arcs: Vec<Arc>,
    pub(crate) turns: Turns,
    /// Finding it is the slow part of an import.
    pub(crate) skeleton: Skeleton,
    /// The skeleton with its costs, made anew when a graph is read.
    #[serde(skip)]
    pub(crate) hierarchy: Hierarchy,
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

    pub(crate) fn shape(&self, edge: &Edge) -> &[Point] {
        let first = edge.first_point as usize;
        &self.points[first..first + edge.point_count as usize]
    }

    /// Numbers of the arcs of an edge.
    pub(crate) fn arcs_of(&self, edge: u32) -> Range<usize> {
        self.arcs.partition_point(|arc| arc.edge < edge)..self.arcs.partition_point(|arc| arc.edge <= edge)
    }

    /// The junctions at the beginning and the end of an arc.
    pub(crate) fn ends(&self, arc: Arc) -> (u32, u32) {
        let edge = &self.edges[arc.edge as usize];
        if arc.forward { (edge.from, edge.to) } else { (edge.to, edge.from) }
    }

    /// What each arc costs from end to end.
    pub(crate) fn road_costs(&self) -> Vec<Cost> {
        self.arcs.iter().map(|arc| self.edges[arc.edge as usize].part_cost(arc.forward, 1.0)).collect()
    }

    /// Adds the costs to the skeleton. An error says what a damaged graph lacks.
    pub(crate) fn build_hierarchy(&mut self) -> Result<(), &'static str> {
        let roads = self.road_costs();
        let base = Base { turns: &self.turns, roads: &roads };
        self.hierarchy = Hierarchy::new(&self.skeleton, &base)?;
        Ok(())
    }
}
