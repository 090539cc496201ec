//! Which fences may be near a place.

use domain::LonLat;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::extent::Extent;
use crate::watch::Slot;

/// The boxes of all fences, in degrees; one that crosses the antimeridian is in it twice.
#[derive(Debug, Default)]
pub(crate) struct FenceIndex(RTree<GeomWithData<Rectangle<[f64; 2]>, Slot>>);

impl FenceIndex {
    pub fn new(extents: impl Iterator<Item = (Slot, Extent)>) -> Self {
        let boxes = extents.flat_map(|(slot, extent)| {
            spans(extent.west, extent.east).into_iter().map(move |[west, east]| {
                let corners = ([west, extent.south], [east, extent.north]);
                GeomWithData::new(Rectangle::from_corners(corners.0, corners.1), slot)
            })
        });
        Self(RTree::bulk_load(boxes.collect()))
    }

    /// The fences whose boxes meet this one, each once, in order.
    pub fn meeting(&self, extent: Extent) -> Vec<Slot> {
        let mut found: Vec<Slot> = spans(extent.west, extent.east)
            .into_iter()
            .flat_map(|[west, east]| {
                let corners = AABB::from_corners([west, extent.south], [east, extent.north]);
                self.0.locate_in_envelope_intersecting(corners).map(|entry| entry.data)
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The fences whose boxes are within `radius_m` of a point, each once, in order.
    pub fn around(&self, at: LonLat, radius_m: f64) -> Vec<Slot> {
        self.meeting(Extent::around(&[[at.lon(), at.lat()]]).inflated(radius_m))
    }
}

/// An unwrapped span of longitudes as spans within −180…180.
fn spans(west: f64, east: f64) -> Vec<[f64; 2]> {
    if east - west >= 360.0 {
        return vec![[-180.0, 180.0]];
    }
    if west >= -180.0 && east <= 180.0 {
        return vec![[west, east]];
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
