//! Fast drive-throughs: nobody was seen inside for long enough, but the way leads through.

use chrono::{DateTime, TimeDelta, Utc};
use domain::LonLat;

use crate::event::Evidence;
use crate::extent::{Extent, turns_towards};
use crate::shape::PreparedShape;

/// Between fixes further apart than this the way is anybody's guess.
pub(crate) const CROSS_GAP: TimeDelta = TimeDelta::minutes(2);
/// The part of the way that is within the fence's box is looked at in so many places.
const LOOKS: u32 = 32;

/// The deepest point of a way through a fence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deepest {
    pub at: LonLat,
    pub time: DateTime<Utc>,
}

/// The box around the way between two fixes.
pub(crate) fn way(from: LonLat, to: LonLat) -> Extent {
    let to_lon = to.lon() + turns_towards(to.lon(), from.lon());
    Extent::around(&[[from.lon(), from.lat()], [to_lon, to.lat()]])
}

/// Where the straight way between two fixes outside leads through the fence, if it does so more deeply than both fixes may be wrong.
pub(crate) fn deepest(shape: &PreparedShape, from: &Evidence, to: &Evidence) -> Option<Deepest> {
    let gap = to.fix_time - from.fix_time;
    if gap > CROSS_GAP || !from.is_outside() || !to.is_outside() {
        return None;
    }
    let start = [from.at.lon(), from.at.lat()];
    let along = [to.at.lon() + turns_towards(to.at.lon(), start[0]) - start[0], to.at.lat() - start[1]];
    let (enters, leaves) = within(shape.extent().near(start[0]), start, along)?;
    let looks = (0..=LOOKS).filter_map(|look| {
        let share = enters + (leaves - enters) * f64::from(look) / f64::from(LOOKS);
        let lon = (start[0] + along[0] * share + 540.0).rem_euclid(360.0) - 180.0;
        let at = LonLat::new(lon, start[1] + along[1] * share).ok()?;
        Some((shape.signed_distance_m(at), share, at))
    });
    let (dist_m, share, at) = looks.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let is_deep = dist_m + from.acc95_m.max(to.acc95_m) <= 0.0;
    let after_ms = (gap.num_milliseconds() as f64 * share).round() as i64;
    is_deep.then(|| Deepest { at, time: from.fix_time + TimeDelta::milliseconds(after_ms) })
}

/// The shares of a way at which it enters and leaves a box.
fn within(extent: Extent, start: [f64; 2], along: [f64; 2]) -> Option<(f64, f64)> {
    let sides = [(extent.west, extent.east), (extent.south, extent.north)];
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    for (axis, (low, high)) in sides.into_iter().enumerate() {
        if along[axis] == 0.0 {
            if start[axis] < low || start[axis] > high {
                return None;
            }
            continue;
        }
        let (a, b) = ((low - start[axis]) / along[axis], (high - start[axis]) / along[axis]);
        enters = enters.max(a.min(b));
        leaves = leaves.min(a.max(b));
    }
    (enters <= leaves).then_some((enters, leaves))
}
