//! Boxes around edges, four at a time, small enough for a line of the processor's cache.
//!
//! Offsets are 32-bit: boxes are taken a little larger and distances a little smaller than they are, so that rounding never hides an
//! edge.

use crate::extent::{Extent, M_PER_DEG};

/// Boxes that are looked at together.
pub(crate) const LANES: usize = 4;
/// A share of every offset that rounding may take.
const ROUNDING: f64 = 3e-7;
/// Distances are that much smaller than they are.
const SHORTER: f32 = 0.99999;
/// A box where nothing is.
const NOWHERE: f32 = 1e30;

/// Four boxes in degrees from an origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quad {
    west: [f32; LANES],
    east: [f32; LANES],
    south: [f32; LANES],
    north: [f32; LANES],
}

/// The point that is asked about, in degrees from the same origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offset {
    pub x: f32,
    pub y: f32,
    pub m_per_lon: f32,
}

impl Quad {
    const EMPTY: Quad = Quad {
        west: [NOWHERE; LANES],
        east: [-NOWHERE; LANES],
        south: [NOWHERE; LANES],
        north: [-NOWHERE; LANES],
    };

    /// Of at most four boxes.
    pub fn new(extents: &[Extent], [lon, lat]: [f64; 2]) -> Self {
        let mut quad = Self::EMPTY;
        let outwards = |offset: f64, sign: f64| (offset + sign * (offset.abs() * ROUNDING + 1e-12)) as f32;
        for (lane, extent) in extents.iter().enumerate() {
            quad.west[lane] = outwards(extent.west - lon, -1.0);
            quad.east[lane] = outwards(extent.east - lon, 1.0);
            quad.south[lane] = outwards(extent.south - lat, -1.0);
            quad.north[lane] = outwards(extent.north - lat, 1.0);
        }
        quad
    }

    /// Squared distances in metres, none of them too large.
    #[inline]
    pub fn far_m2(&self, offset: &Offset) -> [f32; LANES] {
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        let mut far_m2 = [0.0; LANES];
        for (lane, far_m2) in far_m2.iter_mut().enumerate() {
            let x = larger(larger(self.west[lane] - offset.x, offset.x - self.east[lane]), 0.0);
            let y = larger(larger(self.south[lane] - offset.y, offset.y - self.north[lane]), 0.0);
            let (x, y) = (x * offset.m_per_lon, y * M_PER_DEG as f32);
            *far_m2 = (x * x + y * y) * SHORTER;
        }
        far_m2
    }

    /// Bits of the boxes that a ray to the east may meet.
    pub fn met(&self, offset: &Offset) -> u32 {
        let mut met = [0u32; LANES];
        for (lane, met) in met.iter_mut().enumerate() {
            let is_met = (self.south[lane] <= offset.y)
                & (offset.y <= self.north[lane])
                & (offset.x <= self.east[lane]);
            *met = u32::from(is_met).wrapping_neg() & (1 << lane);
        }
        met[0] | met[1] | met[2] | met[3]
    }

    /// All of a box lies to the east of the point.
    pub fn is_east(&self, lane: usize, offset: &Offset) -> bool {
        self.west[lane] > offset.x
    }
}
