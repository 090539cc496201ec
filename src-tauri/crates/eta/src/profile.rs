//! Which roads a means of transport may use, and how fast.

mod access;
mod bicycle;
mod car;
mod foot;
#[cfg(test)]
mod tests;

use crate::graph::Manner;
use crate::tags::{Tags, duration_secs};
pub use domain::travel::RoadClass;
use serde::{Deserialize, Serialize};

/// A means of transport. Everything that differs between them is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// A car or van up to 3.5 t.
    Car,
    /// A bicycle, ridden where that is allowed.
    Bicycle,
    /// On foot.
    Foot,
}

/// What a profile may do on one way: speeds in km/h with and against the drawn direction, 0 = closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Passage {
    pub class: RoadClass,
    pub forward_kmh: f64,
    pub backward_kmh: f64,
    pub manner: Manner,
    pub is_roundabout: bool,
    /// What the whole way takes where that is tagged, seconds; then the speeds only say which directions are open.
    pub whole_secs: Option<f64>,
}

/// What happens at a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stop {
    /// Nobody of this profile gets past: a bollard, a wall.
    pub is_blocked: bool,
    /// Waiting when passing it along the way's direction and against it, milliseconds: signals, signs, gates.
    pub waits_ms: (u32, u32),
}

/// What turning costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TurnRules {
    /// The most that slowing down for a turn costs, milliseconds.
    most_ms: f64,
    /// Turns to the left cost more where traffic keeps to the right: 1 = the same.
    bias: f64,
    /// Waiting for oncoming traffic in a turn to the left, at most; milliseconds.
    oncoming_most_ms: f64,
    /// Turning round, beside what the turn itself costs; milliseconds.
    pub back_ms: f64,
}

/// OSRM's values, as everywhere in the profiles: they were fitted to real drives, and make its times comparable with ours.
const SIGNALS_MS: u32 = 2_000;
const FASTEST_KMH: f64 = 140.0;
/// A ferry without a timetable; and a crossing faster than a speedboat is a mistake in the data.
const FERRY_KMH: f64 = 5.0;

impl Profile {
    /// What this profile may do on a way with these tags; `None`: nothing at all.
    pub(crate) fn passage(self, tags: &Tags<'_>) -> Option<Passage> {
        if tags.get("area") == Some("yes")
            || tags
                .get("construction")
                .is_some_and(|value| value != "no" && value != "minor" && value != "widening")
        {
            return None;
        }
        if tags.get("highway").is_none() && tags.get("route") == Some("ferry") {
            return self.ferry(tags);
        }
        match self {
            Profile::Car => car::passage(tags),
            Profile::Bicycle => bicycle::passage(tags),
            Profile::Foot => foot::passage(tags),
        }
    }

    /// What happens at a node with these tags.
    pub(crate) fn stop(self, tags: &Tags<'_>) -> Stop {
        match self {
            Profile::Car => car::stop(tags),
            Profile::Bicycle => Stop { is_blocked: bicycle::is_blocked(tags), waits_ms: signals(tags) },
            Profile::Foot => Stop { is_blocked: foot::is_blocked(tags), waits_ms: (0, 0) },
        }
    }

    pub(crate) fn turn_rules(self) -> TurnRules {
        match self {
            Profile::Car => {
                TurnRules { most_ms: 7_500.0, bias: 1.075, oncoming_most_ms: 2_000.0, back_ms: 20_000.0 }
            }
            Profile::Bicycle => {
                TurnRules { most_ms: 6_000.0, bias: 1.4, oncoming_most_ms: 0.0, back_ms: 20_000.0 }
            }
            Profile::Foot => TurnRules { most_ms: 0.0, bias: 1.0, oncoming_most_ms: 0.0, back_ms: 2_000.0 },
        }
    }

    /// As what a turn restriction can name this profile, the most special first; empty: such signs are not for it.
    pub(crate) fn vehicles(self) -> &'static [&'static str] {
        match self {
            Profile::Car => &["motorcar", "motor_vehicle", "vehicle"],
            Profile::Bicycle => &["bicycle", "vehicle"],
            Profile::Foot => &[],
        }
    }

    /// Keys that say who may use something, the most special first.
    fn access_keys(self) -> &'static [&'static str] {
        match self {
            Profile::Car => &["motorcar", "motor_vehicle", "vehicle", "access"],
            Profile::Bicycle => &["bicycle", "vehicle", "access"],
            Profile::Foot => &["foot", "access"],
        }
    }

    fn ferry(self, tags: &Tags<'_>) -> Option<Passage> {
        let own = self.access_keys().iter().filter(|key| **key != "access").find_map(|key| tags.get(key));
        // A line that says whom it carries, and doesn't name this profile, carries others.
        let names_others =
            ["foot", "bicycle", "motorcar", "motor_vehicle"].iter().any(|key| tags.get(key) == Some("yes"));
        let carries = match own {
            Some(value) => !access::is_closed(value),
            None => !names_others && !tags.get("access").is_some_and(access::is_closed),
        };
        let (forward, backward) = access::one_way(tags, &[], false)?;
        carries.then_some(Passage {
            class: RoadClass::Ferry,
            forward_kmh: if forward { FERRY_KMH } else { 0.0 },
            backward_kmh: if backward { FERRY_KMH } else { 0.0 },
            manner: Manner { ease_pct: 100, is_restricted: false, is_start: false },
            is_roundabout: false,
            whole_secs: tags.get("duration").and_then(duration_secs),
        })
    }
}

impl TurnRules {
    /// Slowing down for a turn of so many degrees, right is positive: little up to 30°, nearly all from 120° on.
    pub fn slowing_ms(&self, angle_deg: f64) -> f64 {
        let bias = if angle_deg >= 0.0 { self.bias } else { 1.0 / self.bias };
        let share = angle_deg.abs() / 180.0;
        self.most_ms / (1.0 + (6.5 * bias - 13.0 / bias * share).exp())
    }

    /// Waiting for oncoming traffic in a turn to the left.
    pub fn oncoming_ms(&self, angle_deg: f64) -> f64 {
        if angle_deg >= 0.0 {
            return 0.0;
        }
        self.oncoming_most_ms / (1.0 + (3.25 - 13.0 * angle_deg.abs() / 180.0).exp())
    }
}

/// Waiting at signals in both directions.
fn signals(tags: &Tags<'_>) -> (u32, u32) {
    if tags.get("highway") != Some("traffic_signals") {
        return (0, 0);
    }
    by_direction(SIGNALS_MS, tags.get("traffic_signals:direction").or(tags.get("direction")))
}

fn by_direction(ms: u32, direction: Option<&str>) -> (u32, u32) {
    match direction {
        Some("forward") => (ms, 0),
        Some("backward") => (0, ms),
        _ => (ms, ms),
    }
}
