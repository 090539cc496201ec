//! A depot, a van and fixes around it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::place::{Fence, FenceShape};
use domain::position::Fix;
use domain::{GroupId, LonLat, PoiId, ResourceId};
use fence::{EventKind, FenceEngine, FenceEvent};
use uuid::Uuid;

pub const ANA: ResourceId = ResourceId(Uuid::from_u128(1));
pub const TEAM: GroupId = GroupId(Uuid::from_u128(2));
pub const DEPOT: PoiId = PoiId(Uuid::from_u128(3));

pub fn time(secs: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
}

pub fn depot() -> LonLat {
    LonLat::new(7.42, 43.73).expect("coordinate")
}

pub fn circle(radius_m: f64) -> Fence {
    let shape = FenceShape::Circle { center: depot(), radius_m };
    Fence { on_enter: true, on_exit: true, ..Fence::new(shape) }
}

/// A fix `metres` east of the depot's middle, good to 5 m (68 %).
pub fn fix(secs: i64, metres: f64) -> Fix {
    Fix {
        at: depot().destination(90.0, metres),
        fix_time: time(secs),
        accuracy_m: Some(5.0),
        speed_mps: None,
        heading_deg: None,
    }
}

pub fn engine(fence: Fence) -> FenceEngine {
    let mut engine = FenceEngine::new();
    assert!(engine.set_fences([(DEPOT, fence)]).is_empty(), "the depot's shape is fine");
    engine
}

/// Feeds fixes as they come, each a second after it was taken.
pub fn feed(engine: &mut FenceEngine, fixes: &[Fix]) -> Vec<FenceEvent> {
    let one = |fix: &Fix| engine.on_fix(ANA, TEAM, fix, fix.fix_time + TimeDelta::seconds(1));
    fixes.iter().flat_map(one).collect()
}

pub fn kinds(events: &[FenceEvent]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

pub fn arrival() -> [Fix; 4] {
    [fix(0, 900.0), fix(10, 600.0), fix(30, 20.0), fix(60, 10.0)]
}
