//! On foot.

use super::access::{self, Access};
use super::{Passage, Profile, RoadClass};
use crate::graph::Manner;
use crate::tags::Tags;

const WALKING_KMH: f64 = 5.0;
const STEPS_KMH: f64 = 2.5;

pub(super) fn passage(tags: &Tags<'_>) -> Option<Passage> {
    let (class, is_usual) = class(tags.get("highway")?)?;
    let access = match Profile::Foot.access_keys().iter().find_map(|key| tags.get(key)) {
        Some(value) => access::read(value),
        None if is_usual => Access::Open,
        None => Access::Closed,
    };
    if access == Access::Closed || (!is_usual && tags.get("foot").is_none()) {
        return None;
    }
    let kmh = if class == RoadClass::Steps { STEPS_KMH } else { WALKING_KMH };
    let (forward, backward) = match tags.get("oneway:foot") {
        Some("yes") => (true, false),
        Some("-1") => (false, true),
        _ => (true, true),
    };
    Some(Passage {
        class,
        forward_kmh: if forward { kmh } else { 0.0 },
        backward_kmh: if backward { kmh } else { 0.0 },
        manner: Manner { ease_pct: 100, is_restricted: access == Access::Restricted, is_start: true },
        is_roundabout: false,
        whole_secs: None,
    })
}

/// Class, and whether one may walk there without a sign.
fn class(highway: &str) -> Option<(RoadClass, bool)> {
    Some(match highway {
        "trunk" | "trunk_link" => (RoadClass::Trunk, false),
        "primary" | "primary_link" => (RoadClass::Primary, true),
        "secondary" | "secondary_link" => (RoadClass::Secondary, true),
        "tertiary" | "tertiary_link" => (RoadClass::Tertiary, true),
        "unclassified" | "road" => (RoadClass::Unclassified, true),
        "residential" => (RoadClass::Residential, true),
        "living_street" => (RoadClass::LivingStreet, true),
        "service" => (RoadClass::Service, true),
        "track" => (RoadClass::Track, true),
        "cycleway" => (RoadClass::Cycleway, true),
        "footway" | "pedestrian" | "path" | "bridleway" | "platform" | "corridor" => (RoadClass::Path, true),
        "steps" => (RoadClass::Steps, true),
        _ => return None,
    })
}

pub(super) fn is_blocked(tags: &Tags<'_>) -> bool {
    let decisive = Profile::Foot.access_keys().iter().find_map(|key| tags.get(key));
    match (decisive, tags.get("barrier")) {
        (Some(value), _) => access::read(value) == Access::Closed,
        (None, Some(barrier)) => matches!(barrier, "wall" | "fence" | "debris"),
        (None, None) => false,
    }
}
