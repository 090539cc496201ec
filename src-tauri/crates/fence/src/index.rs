//! Which fences may contain a point.

use domain::{LonLat, PoiId};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::extent::Extent;

/// Boxes are this much larger than the shapes, metres: a fix just outside still settles what was unknown.
const INFLATE_M: f64 = 50.0;

/// The boxes of all fences, in degrees; one that crosses the antimeridian is in it twice.
#[derive(Debug, Default)]
pub(crate) struct FenceIndex(RTree<GeomWithData<Rectangle<[f64; 2]>, PoiId>>);

impl FenceIndex {
    pub fn new(extents: impl Iterator<Item = (PoiId, Extent)>) -> Self {
        let boxes = extents.flat_map(|(poi, extent)| {
            let Extent { west, east, south, north } = extent.inflated(INFLATE_M);
            spans(west, east).into_iter().map(move |[west, east]| {
                GeomWithData::new(Rectangle::from_corners([west, south], [east, north]), poi)
            })
        });
        Self(RTree::bulk_load(boxes.collect()))
    }

    /// The fences whose boxes contain the point, each once, in the order of their ids.
    pub fn around(&self, at: LonLat) -> Vec<PoiId> {
        let point = AABB::from_point([at.lon(), at.lat()]);
        let mut found: Vec<PoiId> =
            self.0.locate_in_envelope_intersecting(point).map(|entry| entry.data).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// An unwrapped span of longitudes as spans within −180…180.
fn spans(west: f64, east: f64) -> Vec<[f64; 2]> {
    if east - west >= 360.0 {
        return vec![[-180.0, 180.0]];
    }
    let start = (west + 180.0).rem_euclid(360.0) - 180.0;
    let end = start + (east - west);
    if end <= 180.0 { vec![[start, end]] } else { vec![[start, 180.0], [-180.0, end - 360.0]] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_across_the_date_line_are_two() {
        assert_eq!(spans(10.0, 11.0), [[10.0, 11.0]], "an ordinary one");
        assert_eq!(spans(179.0, 181.0), [[179.0, 180.0], [-180.0, -179.0]], "across");
        assert_eq!(
            spans(-181.0, -179.0),
            [[179.0, 180.0], [-180.0, -179.0]],
            "across, counted from the other side"
        );
        assert_eq!(spans(-200.0, 300.0), [[-180.0, 180.0]], "around the pole");
    }
}
