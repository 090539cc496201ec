//! The roads that simulated people drive on.

use domain::LonLat;
use eta::{Route, Router};

/// Walking from the road to the door, metres per second.
const WALK_MPS: f64 = 1.4;
/// A door closer to the road than this is on it, metres.
const DOOR_M: f64 = 3.0;

/// Somewhere to drive.
pub trait Roads: Send + Sync {
    /// The fastest way, or `None` where no road leads.
    fn way(&self, from: LonLat, to: LonLat) -> Option<Route>;

    /// Some place on a road, for a random number.
    fn somewhere(&self, random: u64) -> LonLat;
}

impl Roads for Router {
    fn way(&self, from: LonLat, to: LonLat) -> Option<Route> {
        let route = self.route(from, to).ok()?;
        Some(from_door_to_door(from, route, to))
    }

    fn somewhere(&self, random: u64) -> LonLat {
        self.random_node(random)
    }
}

/// The straight line at a steady speed, for where there are no roads.
pub fn straight_way(from: LonLat, to: LonLat, speed_mps: f64) -> Route {
    let distance_m = from.distance_m(to);
    let duration_secs = distance_m / speed_mps.max(0.1);
    Route { duration_secs, distance_m, points: vec![from, to], seconds: vec![0.0, duration_secs as f32] }
}

/// Adds the walk to the road and from it: roads end at the kerb, people don't.
fn from_door_to_door(from: LonLat, road: Route, to: LonLat) -> Route {
    let (Some(first), Some(last)) = (road.points.first().copied(), road.points.last().copied()) else {
        return straight_way(from, to, WALK_MPS);
    };
    let (to_road_m, from_road_m) = (from.distance_m(first), last.distance_m(to));
    let mut way = Route { distance_m: road.distance_m + to_road_m + from_road_m, ..road };
    if to_road_m > DOOR_M {
        let secs = to_road_m / WALK_MPS;
        way.seconds.iter_mut().for_each(|reached| *reached += secs as f32);
        way.points.insert(0, from);
        way.seconds.insert(0, 0.0);
        way.duration_secs += secs;
    }
    if from_road_m > DOOR_M {
        way.duration_secs += from_road_m / WALK_MPS;
        way.points.push(to);
        way.seconds.push(way.duration_secs as f32);
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_walk_to_the_car_and_to_the_door() {
        let at = |east_m: f64| LonLat::from_e7(74_200_000, 437_300_000).destination(90.0, east_m);
        let way = from_door_to_door(at(0.0), straight_way(at(14.0), at(1_014.0), 10.0), at(1_042.0));
        assert_eq!(way.points.len(), 4, "door, kerb, kerb, door");
        assert!(
            (way.duration_secs - 130.0).abs() < 0.5,
            "10 s on foot, 100 s by car, 20 s on foot: {}",
            way.duration_secs
        );
        let end = way.position_at(200.0);
        assert!(end.at.distance_m(at(1_042.0)) < 0.1, "it ends at the door");
        assert!((way.position_at(60.0).speed_mps - 10.0).abs() < 0.1, "and drives in between");
    }
}
