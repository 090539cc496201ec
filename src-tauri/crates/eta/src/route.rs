//! The answer of the router: a way along the roads, and where one is on it at a given time.

use crate::hierarchy::Cost;
use domain::LonLat;

/// Time and length of a way, without its shape.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Leg {
    /// Travel time in seconds, without traffic.
    pub duration_secs: f64,
    /// Length along the roads in metres.
    pub distance_m: f64,
}

/// A way along the roads, from the road nearest to the start to the road nearest to the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Travel time in seconds, without traffic.
    pub duration_secs: f64,
    /// Length along the roads in metres.
    pub distance_m: f64,
    /// The shape, at least two points.
    pub points: Vec<LonLat>,
    /// When each point is reached, in seconds from the start; as many as `points`, never falling, the first 0.
    pub seconds: Vec<f32>,
}

/// Where one is on a [`Route`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoutePoint {
    /// On the road.
    pub at: LonLat,
    /// Direction of travel, degrees clockwise from north.
    pub heading_deg: f64,
    /// Metres per second; 0 at the end.
    pub speed_mps: f64,
}

impl From<Cost> for Leg {
    fn from(cost: Cost) -> Self {
        Self { duration_secs: f64::from(cost.ms) / 1_000.0, distance_m: f64::from(cost.cm) / 100.0 }
    }
}

impl From<Leg> for Cost {
    fn from(leg: Leg) -> Self {
        let ms = (leg.duration_secs * 1_000.0).round() as u32;
        Self { weight: ms, ms, cm: (leg.distance_m * 100.0).round() as u32 }
    }
}

impl Route {
    /// Where one is after so many seconds; before the start: at the start, after the end: at the end.
    pub fn position_at(&self, secs: f64) -> RoutePoint {
        let last = self.points.len() - 1;
        let next = self.seconds.partition_point(|reached| f64::from(*reached) <= secs).clamp(1, last);
        let (from, to) = (self.points[next - 1], self.points[next]);
        let (start, end) = (f64::from(self.seconds[next - 1]), f64::from(self.seconds[next]));
        let length_m = from.distance_m(to);
        let share = if end > start { ((secs - start) / (end - start)).clamp(0.0, 1.0) } else { 1.0 };
        let heading_deg = from.bearing_deg(to);
        let is_moving = secs < self.duration_secs && end > start;
        RoutePoint {
            at: if share >= 1.0 { to } else { from.destination(heading_deg, length_m * share) },
            heading_deg,
            speed_mps: if is_moving { length_m / (end - start) } else { 0.0 },
        }
    }
}
