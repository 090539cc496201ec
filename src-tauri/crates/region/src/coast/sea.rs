//! The sea of a region.

use super::NoSea;
use super::outline::{Contradiction, Cut, Frame, Ring, Shoreline, WorldPoint, area, is_sea};
use super::shore::{Shore, world_point};
use eta::Bounds;

/// The outlines of the sea, and the area for which they are known.
#[derive(Debug, PartialEq)]
pub(super) struct Sea {
    pub(super) outlines: Vec<Ring>,
    /// Made of whole tiles of the deepest zoom.
    pub(super) frame: Frame,
}

/// An extract's coastlines end at its border. One that ends deeper inside (share of the smaller side) has a gap.
const CUT_MARGIN: f64 = 0.05;
/// Bridges, piers and coarse coastlines put a few roads into the sea. More than this share, and land and sea are mixed up.
const MAX_ROADS_IN_SEA: f64 = 0.25;
/// Tiles of smaller zooms are much larger than a town: the sea isn't guessed so far beyond the area.
const COARSEST_GRID_ZOOM: u8 = 12;

impl From<Contradiction> for NoSea {
    fn from(_: Contradiction) -> Self {
        NoSea::Contradiction
    }
}

impl Sea {
    /// The sea in the area that both the extract and the map (`map_bounds`) cover, up to the edges of its outermost tiles;
    /// beyond the area, coastlines are drawn straight on. `None` without any coast there.
    pub(super) fn of(shore: &Shore, map_bounds: Option<Bounds>, max_zoom: u8) -> Result<Option<Self>, NoSea> {
        if shore.shorelines.is_empty() {
            return Ok(None);
        }
        let area = known_area(shore.bounds, map_bounds).ok_or(NoSea::UnknownArea)?;
        let frame = whole_tiles(&area, max_zoom.max(COARSEST_GRID_ZOOM));
        let mut shorelines = shore.shorelines.clone();
        for shoreline in &mut shorelines {
            if let Shoreline::Open(points) = shoreline {
                draw_on(points, &area, &frame)?;
            }
        }
        let cut = Cut::new(&shorelines, &frame);
        let border_is_sea = is_around_islands(&cut);
        let sea = Self { outlines: cut.close(&frame, border_is_sea)?, frame };
        if sea.covers_roads(&shore.roads) {
            return Err(NoSea::RoadsInSea);
        }
        Ok((!sea.outlines.is_empty()).then_some(sea))
    }

    fn covers_roads(&self, roads: &[WorldPoint]) -> bool {
        let inside = roads.iter().filter(|at| self.frame.contains(**at));
        let (wet, all) = inside.fold((0_usize, 0_usize), |(wet, all), at| {
            (wet + usize::from(is_sea(&self.outlines, *at)), all + 1)
        });
        wet as f64 > all as f64 * MAX_ROADS_IN_SEA
    }
}

/// Whether, with no coast at the border, the largest ring bounds land: then it lies in the sea.
fn is_around_islands(cut: &Cut) -> bool {
    let largest = cut.rings.iter().map(|ring| area(ring)).max_by(|a, b| a.abs().total_cmp(&b.abs()));
    cut.pieces.is_empty() && largest.is_some_and(|area| area < 0.0)
}

fn known_area(of_extract: Option<[f64; 4]>, of_map: Option<Bounds>) -> Option<Frame> {
    let of_map = of_map.map(|Bounds { south_west, north_east }| {
        [south_west.lon(), south_west.lat(), north_east.lon(), north_east.lat()]
    });
    let [west, south, east, north] = match (of_extract, of_map) {
        (Some(a), Some(b)) => [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])],
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    let is_box = west < east && south < north && west >= -180.0 && east <= 180.0;
    is_box.then(|| Frame { min: world_point(west, north), max: world_point(east, south) })
}

fn whole_tiles(area: &Frame, zoom: u8) -> Frame {
    let tiles = f64::from(zoom).exp2();
    let before = |coordinate: f64| ((coordinate * tiles).floor() / tiles).max(0.0);
    let after = |coordinate: f64| ((coordinate * tiles).ceil() / tiles).min(1.0);
    Frame {
        min: WorldPoint { x: before(area.min.x), y: before(area.min.y) },
        max: WorldPoint { x: after(area.max.x), y: after(area.max.y) },
    }
}

/// Lengthens a coastline that ends inside the frame: from where the extract was cut, straight over its edge to the frame.
fn draw_on(points: &mut Vec<WorldPoint>, area: &Frame, frame: &Frame) -> Result<(), NoSea> {
    if let Some(end) = points.last().copied().filter(|end| frame.contains(*end)) {
        points.push(beyond_edge(end, area, frame)?);
    }
    if let Some(start) = points.first().copied().filter(|start| frame.contains(*start)) {
        points.insert(0, beyond_edge(start, area, frame)?);
    }
    Ok(())
}

fn beyond_edge(end: WorldPoint, area: &Frame, frame: &Frame) -> Result<WorldPoint, NoSea> {
    let sides = [
        (end.x - area.min.x, WorldPoint { x: frame.min.x, y: end.y }),
        (area.max.x - end.x, WorldPoint { x: frame.max.x, y: end.y }),
        (end.y - area.min.y, WorldPoint { x: end.x, y: frame.min.y }),
        (area.max.y - end.y, WorldPoint { x: end.x, y: frame.max.y }),
    ];
    let nearest = sides.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((depth, beyond)) if depth <= CUT_MARGIN * area.width().min(area.height()) => Ok(beyond),
        _ => Err(NoSea::Gap),
    }
}
