//! Ways are cut at junctions and measured.

use super::{Extract, NodeTable, Way};
use crate::graph::{Edge, Point};
use crate::import::ImportError;
use crate::profile::Passage;
use crate::turns::{Street, leaving_deg};

/// Nobody needs a day for one road; a longer time is a mistake in the data and would only overflow sums.
const MAX_EDGE_MS: f64 = 86_400_000.0;
/// A tagged duration that makes a ferry faster or slower than this is a mistake.
const PLAUSIBLE_FERRY_KMH: std::ops::Range<f64> = 0.5..80.0;

/// All roads between junctions, uncleaned.
pub(super) struct Pieces {
    pub streets: Vec<Street>,
    /// OSM way of each street.
    pub ways: Vec<i64>,
    pub nodes: Vec<Point>,
    pub points: Vec<Point>,
    /// The junction of each node of the table; none for a blocked one, where each road has its own end.
    pub junctions: Vec<Option<u32>>,
}

pub(super) fn cut(extract: &Extract) -> Result<Pieces, ImportError> {
    let mut cutter = Cutter::new(&extract.ways, &extract.table);
    for way in &extract.ways {
        cutter.cut(way);
    }
    let mut pieces = cutter.pieces;
    let most = u32::MAX as usize / 4;
    if pieces.points.len() > most || pieces.nodes.len() > most || pieces.streets.len() > most {
        return Err(ImportError::TooLarge);
    }
    if pieces.streets.is_empty() {
        return Err(ImportError::NoRoads);
    }
    for (junction, stop) in pieces.junctions.iter_mut().zip(&extract.table.stops) {
        *junction = junction.filter(|_| !stop.is_blocked);
    }
    Ok(pieces)
}

struct Cutter<'a> {
    table: &'a NodeTable,
    /// How often a node is used, 2 is enough for a junction.
    uses: Vec<u8>,
    pieces: Pieces,
}

/// What holds for all pieces of a way.
struct Course<'a> {
    way: i64,
    passage: &'a Passage,
    /// Metres per millisecond with and against the drawn direction, 0 = closed.
    pace: (f64, f64),
}

impl<'a> Cutter<'a> {
    fn new(ways: &[Way], table: &'a NodeTable) -> Self {
        let mut uses = vec![0_u8; table.ids.len()];
        for index in ways.iter().flat_map(|way| way.refs.iter().filter_map(|id| table.index_of(*id))) {
            uses[index] = uses[index].saturating_add(if table.stops[index].is_blocked { 2 } else { 1 });
        }
        let junctions = vec![None; table.ids.len()];
        let pieces = Pieces {
            streets: Vec::new(),
            ways: Vec::new(),
            nodes: Vec::new(),
            points: Vec::new(),
            junctions,
        };
        Self { table, uses, pieces }
    }

    /// A way can leave the extract and come back: each run of known nodes is cut by itself.
    fn cut(&mut self, way: &Way) {
        let course = self.course(way);
        let mut run: Vec<(usize, Point)> = Vec::new();
        for id in &way.refs {
            match self.known(*id) {
                Some(known) if run.last().is_some_and(|last| last.0 == known.0) => {}
                Some(known) => run.push(known),
                None => self.cut_run(&std::mem::take(&mut run), &course),
            }
        }
        self.cut_run(&run, &course);
    }

    fn known(&self, id: i64) -> Option<(usize, Point)> {
        let index = self.table.index_of(id)?;
        Some((index, self.table.at[index]?))
    }

    fn course<'w>(&self, way: &'w Way) -> Course<'w> {
        let passage = &way.passage;
        let whole_kmh = passage.whole_secs.and_then(|secs| {
            let points: Option<Vec<Point>> =
                way.refs.iter().map(|id| self.known(*id).map(|known| known.1)).collect();
            let length_m: f64 = points?.windows(2).map(metres_between).sum();
            Some(length_m / secs * 3.6).filter(|kmh| PLAUSIBLE_FERRY_KMH.contains(kmh))
        });
        let pace = |kmh: f64| if kmh > 0.0 { whole_kmh.unwrap_or(kmh) / 3_600.0 } else { 0.0 };
        Course { way: way.id, passage, pace: (pace(passage.forward_kmh), pace(passage.backward_kmh)) }
    }

    fn cut_run(&mut self, run: &[(usize, Point)], course: &Course<'_>) {
        let mut start = 0;
        for end in 1..run.len() {
            let is_last = end + 1 == run.len();
            if !is_last && self.uses[run[end].0] < 2 {
                continue;
            }
            self.add_piece(&run[start..=end], course);
            start = end;
        }
    }

    /// The graph knows no road from a junction to itself, so a loop gets a junction in its middle.
    fn add_piece(&mut self, piece: &[(usize, Point)], course: &Course<'_>) {
        let (first, last) = (piece[0], piece[piece.len() - 1]);
        if first.0 == last.0 && !self.table.stops[first.0].is_blocked {
            if piece.len() >= 3 {
                let middle = piece.len() / 2;
                self.add_street(&piece[..=middle], course);
                self.add_street(&piece[middle..], course);
            }
            return;
        }
        self.add_street(piece, course);
    }

    fn add_street(&mut self, piece: &[(usize, Point)], course: &Course<'_>) {
        let (from, to) = (self.junction(piece[0]), self.junction(piece[piece.len() - 1]));
        let points: Vec<Point> = piece.iter().map(|node| node.1).collect();
        let length_m: f64 = points.windows(2).map(metres_between).sum();
        let wait = |node: &(usize, Point)| self.table.stops[node.0].waits_ms;
        let inner = piece[1..piece.len() - 1].iter().map(wait).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let edge = Edge {
            from,
            to,
            first_point: self.pieces.points.len() as u32,
            point_count: piece.len() as u32,
            length_mm: (length_m * 1000.0).round() as u32,
            forward_ms: travel_ms(length_m, course.pace.0, inner.0),
            backward_ms: travel_ms(length_m, course.pace.1, inner.1),
            component: 0,
            class: course.passage.class,
            manner: course.passage.manner,
        };
        self.pieces.streets.push(Street {
            edge,
            leaves_deg: (leaving_deg(points.iter()), leaving_deg(points.iter().rev())),
            waits_ms: (wait(&piece[piece.len() - 1]).0, wait(&piece[0]).1),
            is_roundabout: course.passage.is_roundabout,
        });
        self.pieces.ways.push(course.way);
        self.pieces.points.extend(points);
    }

    /// A blocked node is a different junction for each road that ends there: nobody gets across.
    fn junction(&mut self, (index, at): (usize, Point)) -> u32 {
        if let Some(known) = self.pieces.junctions[index].filter(|_| !self.table.stops[index].is_blocked) {
            return known;
        }
        let number = self.pieces.nodes.len() as u32;
        self.pieces.nodes.push(at);
        self.pieces.junctions[index] = Some(number);
        number
    }
}

fn metres_between(pair: &[Point]) -> f64 {
    pair[0].lon_lat().distance_m(pair[1].lon_lat())
}

fn travel_ms(length_m: f64, metres_per_ms: f64, waits_ms: u32) -> u32 {
    if metres_per_ms <= 0.0 {
        return 0;
    }
    (length_m / metres_per_ms + f64::from(waits_ms)).round().clamp(1.0, MAX_EDGE_MS) as u32
}
