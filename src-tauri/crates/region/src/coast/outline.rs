//! From coastlines to the outlines of the sea inside a frame.
//!
//! World coordinates are those of Web Mercator tiles: x from 0 (180° W) to 1, y from 0 (north) to 1. Coastlines have the sea on
//! their right, as OpenStreetMap draws them; so a closed line around water has a positive area here, one around land a negative.

/// A place in world coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WorldPoint {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A closed line; the last point isn't the first again.
pub(super) type Ring = Vec<WorldPoint>;

/// A part of the coast.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shoreline {
    Open(Vec<WorldPoint>),
    Closed(Ring),
}

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) min: WorldPoint,
    pub(super) max: WorldPoint,
}

/// The coast inside a frame.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Lines from border to border.
    pub(super) pieces: Vec<Vec<WorldPoint>>,
    /// Closed lines that don't touch the border.
    pub(super) rings: Vec<Ring>,
}

/// The coastlines cross each other or run the wrong way round: which side is the sea can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contradiction;

/// 0.04 mm on the ground: what rounding may move a point off the border.
const ROUNDING: f64 = 1e-12;

impl Frame {
    pub(super) fn width(&self) -> f64 {
        self.max.x - self.min.x
    }

    pub(super) fn height(&self) -> f64 {
        self.max.y - self.min.y
    }

    pub(super) fn contains(&self, at: WorldPoint) -> bool {
        (self.min.x..=self.max.x).contains(&at.x) && (self.min.y..=self.max.y).contains(&at.y)
    }

    /// The border as a ring with the inside on its right.
    pub(super) fn corners(&self) -> [WorldPoint; 4] {
        let (min, max) = (self.min, self.max);
        [min, WorldPoint { x: max.x, y: min.y }, max, WorldPoint { x: min.x, y: max.y }]
    }

    fn perimeter(&self) -> f64 {
        2.0 * (self.width() + self.height())
    }

    /// How far along the border from the north-west corner, with the inside on the right; `None` off the border.
    fn along_border(&self, at: WorldPoint) -> Option<f64> {
        let (width, height) = (self.width(), self.height());
        let is_on = |coordinate: f64, side: f64| (coordinate - side).abs() <= ROUNDING;
        if is_on(at.y, self.min.y) {
            Some(at.x - self.min.x)
        } else if is_on(at.x, self.max.x) {
            Some(width + at.y - self.min.y)
        } else if is_on(at.y, self.max.y) {
            Some(width + height + self.max.x - at.x)
        } else if is_on(at.x, self.min.x) {
            Some(2.0 * width + height + self.max.y - at.y)
        } else {
            None
        }
    }

    /// The corners passed on the way along the border.
    fn corners_between(&self, from: f64, to: f64) -> Vec<WorldPoint> {
        let (width, height) = (self.width(), self.height());
        let ahead = |position: f64| (position - from).rem_euclid(self.perimeter());
        let places = [0.0, width, width + height, 2.0 * width + height];
        let mut passed: Vec<(f64, WorldPoint)> =
            places.into_iter().map(ahead).zip(self.corners()).filter(|(way, _)| *way < ahead(to)).collect();
        passed.sort_by(|a, b| a.0.total_cmp(&b.0));
        passed.into_iter().map(|(_, corner)| corner).collect()
    }

    /// The part of a segment inside, as shares of its length (Liang and Barsky).
    fn part_inside(&self, from: WorldPoint, to: WorldPoint) -> Option<(f64, f64)> {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let (mut start, mut end) = (0.0_f64, 1.0_f64);
        let sides = [
            (-dx, from.x - self.min.x),
            (dx, self.max.x - from.x),
            (-dy, from.y - self.min.y),
            (dy, self.max.y - from.y),
        ];
        for (towards, room) in sides {
            if towards < 0.0 {
                start = start.max(room / towards);
            } else if towards > 0.0 {
                end = end.min(room / towards);
            } else if room < 0.0 {
                return None;
            }
        }
        (start < end).then_some((start, end))
    }

    fn at_share(&self, from: WorldPoint, to: WorldPoint, share: f64) -> WorldPoint {
        WorldPoint {
            x: (from.x + share * (to.x - from.x)).clamp(self.min.x, self.max.x),
            y: (from.y + share * (to.y - from.y)).clamp(self.min.y, self.max.y),
        }
    }
}

impl Cut {
    /// What of these shorelines is inside the frame.
    pub(super) fn new<'a>(shorelines: impl IntoIterator<Item = &'a Shoreline>, frame: &Frame) -> Self {
        let mut cut = Self::default();
        for shoreline in shorelines {
            match shoreline {
                Shoreline::Open(points) => cut.add_open(points.iter().copied(), frame),
                Shoreline::Closed(ring) => cut.add_closed(ring, frame),
            }
        }
        cut
    }

    fn add_closed(&mut self, ring: &Ring, frame: &Frame) {
        match ring.iter().position(|at| !frame.contains(*at)) {
            None => self.rings.push(ring.clone()),
            // From a point outside on, so that no piece begins in the middle.
            Some(outside) => {
                let (before, after) = ring.split_at(outside);
                self.add_open(after.iter().chain(before).chain(after.first()).copied(), frame);
            }
        }
    }

    fn add_open(&mut self, points: impl Iterator<Item = WorldPoint>, frame: &Frame) {
        let mut piece: Vec<WorldPoint> = Vec::new();
        let mut last = None;
        for to in points {
            let Some(from) = last.replace(to) else { continue };
            let inside = frame.part_inside(from, to);
            if inside.is_none_or(|(start, _)| start > 0.0) {
                self.end_piece(&mut piece);
            }
            let Some((start, end)) = inside else { continue };
            if piece.is_empty() {
                piece.push(if start > 0.0 { frame.at_share(from, to, start) } else { from });
            }
            if end < 1.0 {
                piece.push(frame.at_share(from, to, end));
                self.end_piece(&mut piece);
            } else {
                piece.push(to);
            }
        }
        self.end_piece(&mut piece);
    }

    fn end_piece(&mut self, piece: &mut Vec<WorldPoint>) {
        if piece.len() > 1 {
            self.pieces.push(std::mem::take(piece));
        }
        piece.clear();
    }

    /// Joins the pieces along the border into outlines of the sea; the rings stay. Where nothing crosses the border,
    /// `border_is_sea` tells what it lies in.
    pub(super) fn close(self, frame: &Frame, border_is_sea: bool) -> Result<Vec<Ring>, Contradiction> {
        let mut rings = self.rings;
        if self.pieces.is_empty() {
            if border_is_sea {
                rings.push(frame.corners().to_vec());
            }
            return Ok(rings);
        }
        let followers = followers(&self.pieces, frame)?;
        let mut is_used = vec![false; self.pieces.len()];
        for first in 0..self.pieces.len() {
            let mut ring = Ring::new();
            let mut current = first;
            while !std::mem::replace(&mut is_used[current], true) {
                let (next, corners) = &followers[current];
                ring.extend(&self.pieces[current]);
                ring.extend(corners);
                current = *next;
            }
            if !ring.is_empty() {
                rings.push(ring);
            }
        }
        Ok(rings)
    }
}

/// For each piece, which one comes next along the border and the corners up to it. Ends and beginnings must take turns there.
fn followers(
    pieces: &[Vec<WorldPoint>],
    frame: &Frame,
) -> Result<Vec<(usize, Vec<WorldPoint>)>, Contradiction> {
    let mut stops = Vec::with_capacity(2 * pieces.len());
    for (index, piece) in pieces.iter().enumerate() {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return Err(Contradiction) };
        stops.push((frame.along_border(*first).ok_or(Contradiction)?, false, index));
        stops.push((frame.along_border(*last).ok_or(Contradiction)?, true, index));
    }
    stops.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut followers = vec![(0, Vec::new()); pieces.len()];
    for (place, (position, is_end, index)) in stops.iter().enumerate() {
        let (next_position, next_is_end, next) = stops[(place + 1) % stops.len()];
        if *is_end == next_is_end {
            return Err(Contradiction);
        }
        if *is_end {
            followers[*index] = (next, frame.corners_between(*position, next_position));
        }
    }
    Ok(followers)
}

/// Positive around water, negative around land.
pub(super) fn area(ring: &[WorldPoint]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    // From the first point on: far from the origin, a small ring's area would drown in rounding.
    let local = |at: &WorldPoint| (at.x - origin.x, at.y - origin.y);
    let doubled: f64 = sides(ring)
        .map(|(from, to)| {
            let ((x0, y0), (x1, y1)) = (local(from), local(to));
            x0 * y1 - x1 * y0
        })
        .sum();
    doubled / 2.0
}

/// Whether a place lies in the sea that these outlines bound (by winding, so a stray islet on land stays land).
pub(super) fn is_sea<'a>(rings: impl IntoIterator<Item = &'a Ring>, at: WorldPoint) -> bool {
    let winding: i32 = rings.into_iter().map(|ring| winding(ring, at)).sum();
    winding > 0
}

fn winding(ring: &Ring, at: WorldPoint) -> i32 {
    sides(ring)
        .map(|(from, to)| {
            let side = (to.x - from.x) * (at.y - from.y) - (at.x - from.x) * (to.y - from.y);
            match (from.y <= at.y, to.y <= at.y) {
                (true, false) if side > 0.0 => 1,
                (false, true) if side < 0.0 => -1,
                _ => 0,
            }
        })
        .sum()
}

fn sides(ring: &[WorldPoint]) -> impl Iterator<Item = (&WorldPoint, &WorldPoint)> {
    ring.iter().zip(ring.iter().cycle().skip(1))
}
