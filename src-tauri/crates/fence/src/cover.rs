//! Which cells of the earth a fence contains, and through which its border runs.
//!
//! The earth is divided into cells of five levels, in degrees: one of the finest level is about 110 m high, one of the next level is
//! 8 × 8 of the level below. Each cell is again divided into 8 × 8 parts, a bit each. A fence is kept at the finest level that its
//! border fits into with [`MOST_CELLS`]; what is deep inside a large one at coarser levels.

use domain::LonLat;
use domain::geo::EARTH_RADIUS_M;
use domain::place::FenceShape;

use crate::extent::{Extent, M_PER_DEG, MAX_FLAT_LAT};
use crate::shape::PreparedShape;

/// Parts per degree: parts of the finest cells.
const PER_DEG: f64 = 8192.0;
/// Levels of cells.
pub(crate) const LEVELS: u32 = 5;
/// Parts around the earth.
const AROUND: i64 = 360 * 8192;
/// About so many cells with a border are kept of one fence.
const MOST_CELLS: f64 = 4096.0;
/// Degrees by which a part is taken larger, against rounding: a tenth of a millimetre.
const ROUNDING_DEG: f64 = 1e-9;

/// A place, counted in parts of the finest cells from the south-west corner of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    x: u32,
    y: u32,
}

/// A cell of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CellKey(u64);

/// What a fence has of one cell, as bits of its parts; those in neither have nothing of the fence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub cell: CellKey,
    /// All of these parts is in the fence.
    pub inside: u64,
    /// The border may run through these.
    pub border: u64,
}

impl Spot {
    pub fn of(at: LonLat) -> Self {
        let x = ((at.lon() + 180.0) * PER_DEG) as u32;
        Self { x: if x >= AROUND as u32 { 0 } else { x }, y: ((at.lat() + 90.0) * PER_DEG) as u32 }
    }

    /// The cell of a level that it is in.
    pub fn cell(self, level: u32) -> CellKey {
        CellKey::new(level, self.x >> (3 * level + 3), self.y >> (3 * level + 3))
    }

    /// The number of the part of that cell.
    pub fn part(self, level: u32) -> usize {
        let part = |fine: u32| (fine >> (3 * level)) & 7;
        (part(self.y) * 8 + part(self.x)) as usize
    }

    /// The bit of that part.
    pub fn bit(self, level: u32) -> u64 {
        1 << self.part(level)
    }
}

impl CellKey {
    fn new(level: u32, x: u32, y: u32) -> Self {
        Self(u64::from(level) << 58 | u64::from(y) << 29 | u64::from(x))
    }

    pub fn level(self) -> u32 {
        (self.0 >> 58) as u32
    }

    /// The cell of the next level that it is in.
    pub fn block(self) -> Self {
        let (x, y) = self.xy();
        Self::new(self.level() + 1, x >> 3, y >> 3)
    }

    /// Its number in there.
    pub fn in_block(self) -> usize {
        let (x, y) = self.xy();
        ((y & 7) * 8 + (x & 7)) as usize
    }

    fn xy(self) -> (u32, u32) {
        let coordinate = |bits: u64| (bits & ((1 << 29) - 1)) as u32;
        (coordinate(self.0), coordinate(self.0 >> 29))
    }
}

/// A square of `1 << log` parts; `x` may be beyond the antimeridian.
#[derive(Debug, Clone, Copy)]
struct Square {
    x: i64,
    y: i64,
    log: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Outside,
    Border,
}

/// Some point of a shape, if it has any.
pub(crate) fn any_point(shape: &FenceShape) -> Option<LonLat> {
    match shape {
        FenceShape::Circle { center, .. } => Some(*center),
        FenceShape::Polygon { area } => area.outer.first().copied(),
        FenceShape::MultiPolygon { areas } => areas.first()?.outer.first().copied(),
        FenceShape::Corridor { line, .. } => line.first().copied(),
    }
}

/// All that a fence has of cells.
pub(crate) fn cover(shape: &PreparedShape) -> Vec<Part> {
    let extent = shape.extent();
    let finest =
        (0..LEVELS - 1).find(|level| border_cells(shape, *level) <= MOST_CELLS).unwrap_or(LEVELS - 1);
    let boxed = |level: u32| {
        let degrees = f64::from(8 << (3 * level)) / PER_DEG;
        ((extent.east - extent.west) / degrees + 2.0) * ((extent.north - extent.south) / degrees + 2.0)
    };
    let top = (finest..LEVELS - 1).find(|level| boxed(*level) <= MOST_CELLS).unwrap_or(LEVELS - 1);
    let mut covering = Covering {
        shape,
        finest,
        top,
        bits: [(0, 0); LEVELS as usize],
        edges: Vec::new(),
        parts: Vec::new(),
    };
    covering.edges.extend(shape.borders());
    let edges = covering.edges.len();
    for square in covering.tops(extent) {
        covering.descend(square, 0..edges);
    }
    covering.parts
}

/// About how many cells of a level the border runs through.
fn border_cells(shape: &PreparedShape, level: u32) -> f64 {
    shape.border_deg() * PER_DEG / f64::from(8 << (3 * level))
}

struct Covering<'a> {
    shape: &'a PreparedShape,
    finest: u32,
    top: u32,
    /// Bits of the cells that are being divided, by level.
    bits: [(u64, u64); LEVELS as usize],
    /// Edges near the squares that are being divided, those of the smallest square last.
    edges: Vec<[[f64; 2]; 2]>,
    parts: Vec<Part>,
}

impl Covering<'_> {
    /// The cells of the top level around the fence.
    fn tops(&self, extent: Extent) -> Vec<Square> {
        let log = 3 * self.top + 3;
        let cell = |deg: f64| ((deg * PER_DEG).floor() as i64) >> log;
        let (west, east) =
            (cell(extent.west + 180.0 - ROUNDING_DEG), cell(extent.east + 180.0 + ROUNDING_DEG));
        let (south, north) =
            (cell(extent.south + 90.0 - ROUNDING_DEG), cell(extent.north + 90.0 + ROUNDING_DEG));
        let east = east.min(west + (AROUND >> log) - 1);
        let row = |y: i64| (west..=east).map(move |x| Square { x: x << log, y: y << log, log });
        (south.max(0)..=north).flat_map(row).collect()
    }

    /// Divides a square until each part is certain, or as small as the finest level has it.
    fn descend(&mut self, square: Square, near: std::ops::Range<usize>) {
        let start = self.edges.len();
        let side = self.side(square, near);
        let is_cell = square.log.is_multiple_of(3) && square.log > 3 * self.finest;
        match side {
            Side::Outside => {}
            Side::Inside if square.log == 3 * self.top + 3 => self.emit(square, (u64::MAX, 0)),
            Side::Inside => self.mark(square, side),
            Side::Border if square.log == 3 * self.finest => self.mark(square, side),
            Side::Border => {
                let end = self.edges.len();
                for quarter in square.quarters() {
                    self.descend(quarter, start..end);
                }
                if is_cell {
                    let bits = std::mem::take(&mut self.bits[square.log as usize / 3 - 1]);
                    self.emit(square, bits);
                }
            }
        }
        self.edges.truncate(start);
    }

    fn mark(&mut self, square: Square, side: Side) {
        let level = square.log / 3;
        let part = |fine: i64| (fine >> (3 * level)) & 7;
        let width = 1u32 << (square.log - 3 * level);
        let row = ((1u64 << width) - 1) << part(square.x);
        let block = (0..width).fold(0, |block, y| block | row << (8 * (part(square.y) as u32 + y)));
        let bits = &mut self.bits[level as usize];
        if side == Side::Inside { bits.0 |= block } else { bits.1 |= block }
    }

    fn emit(&mut self, cell: Square, (inside, border): (u64, u64)) {
        if inside | border == 0 {
            return;
        }
        let x = cell.x.rem_euclid(AROUND) as u32;
        let cell = CellKey::new(cell.log / 3 - 1, x >> cell.log, cell.y as u32 >> cell.log);
        self.parts.push(Part { cell, inside, border });
    }

    /// Where a square is; the edges that touch it are appended.
    fn side(&mut self, square: Square, near: std::ops::Range<usize>) -> Side {
        if let Some(reach_m) = self.shape.reach_m() {
            return side_by_distance(self.shape, square.extent(), reach_m);
        }
        let (start, extent) = (self.edges.len(), square.extent());
        for index in near {
            let edge = self.edges[index];
            if extent.touches(edge) {
                self.edges.push(edge);
            }
        }
        if self.edges.len() > start {
            return Side::Border;
        }
        let is_in = middle(extent).is_some_and(|at| self.shape.contains(at));
        if is_in { Side::Inside } else { Side::Outside }
    }
}

impl Square {
    fn quarters(self) -> [Square; 4] {
        let (log, half) = (self.log - 1, 1 << (self.log - 1));
        [(0, 0), (half, 0), (0, half), (half, half)].map(|(x, y)| Square {
            x: self.x + x,
            y: self.y + y,
            log,
        })
    }

    fn extent(self) -> Extent {
        let degrees = |fine: i64| fine as f64 / PER_DEG;
        let side = 1 << self.log;
        Extent {
            west: degrees(self.x) - 180.0 - ROUNDING_DEG,
            east: degrees(self.x + side) - 180.0 + ROUNDING_DEG,
            south: degrees(self.y) - 90.0 - ROUNDING_DEG,
            north: degrees(self.y + side) - 90.0 + ROUNDING_DEG,
        }
    }
}

fn middle(extent: Extent) -> Option<LonLat> {
    let lon = (extent.mid_lon() + 540.0).rem_euclid(360.0) - 180.0;
    LonLat::new(lon, ((extent.south + extent.north) / 2.0).clamp(-90.0, 90.0)).ok()
}

/// Of a shape whose border is `reach_m` from its middle point or line: a distance can't change faster than one moves, give or take
/// what the plane around one point differs from that around another.
fn side_by_distance(shape: &PreparedShape, extent: Extent, reach_m: f64) -> Side {
    let Some(at) = middle(extent) else { return Side::Border };
    let nearest_pole = extent.south.abs().max(extent.north.abs());
    if nearest_pole > MAX_FLAT_LAT {
        return Side::Border;
    }
    let equatorward = if extent.south < 0.0 && extent.north > 0.0 {
        0.0
    } else {
        extent.south.abs().min(extent.north.abs())
    };
    let half_lon_m = (extent.east - extent.west) / 2.0 * M_PER_DEG * equatorward.to_radians().cos();
    let off_m = half_lon_m.hypot((extent.north - extent.south) / 2.0 * M_PER_DEG);
    let dist_m = shape.signed_distance_m(at);
    let bend = off_m / EARTH_RADIUS_M * nearest_pole.to_radians().tan();
    let slack_m = off_m * 1.01 + dist_m.abs() * 0.001 + 0.5 + (reach_m + dist_m.abs() + off_m) * bend;
    if dist_m + slack_m < 0.0 {
        Side::Inside
    } else if dist_m - slack_m > 0.0 {
        Side::Outside
    } else {
        Side::Border
    }
}
