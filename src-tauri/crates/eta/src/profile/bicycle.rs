//! A bicycle. Where riding is forbidden it isn't pushed either: nobody plans a day of work with that.

use super::access::{self, Access};
use super::{Passage, Profile, RoadClass};
use crate::graph::Manner;
use crate::tags::{Tags, speed_kmh};

pub(super) fn passage(tags: &Tags<'_>) -> Option<Passage> {
    let highway = tags.get("highway")?;
    let (class, class_kmh, is_usual) = class(highway)?;
    let keys = Profile::Bicycle.access_keys();
    let access = match keys.iter().find_map(|key| tags.get(key)) {
        Some(value) => access::read(value),
        None if is_usual => Access::Open,
        None => Access::Closed,
    };
    let explicit = tags.get("bicycle").is_some_and(|value| access::read(value) != Access::Closed);
    if access == Access::Closed || (!is_usual && !explicit) {
        return None;
    }
    let (forward, backward) = directions(tags)?;
    let limit = tags.get("maxspeed").and_then(speed_kmh).unwrap_or(class_kmh);
    let kmh = class_kmh.min(limit).min(surface_kmh(tags));
    Some(Passage {
        class,
        forward_kmh: if forward { kmh } else { 0.0 },
        backward_kmh: if backward { kmh } else { 0.0 },
        manner: Manner {
            ease_pct: if matches!(class, RoadClass::Trunk | RoadClass::Primary) { 70 } else { 100 },
            is_restricted: access == Access::Restricted,
            is_start: true,
        },
        is_roundabout: access::is_round(tags),
        whole_secs: None,
    })
}

/// Class, km/h, and whether bicycles may ride there without a sign.
fn class(highway: &str) -> Option<(RoadClass, f64, bool)> {
    Some(match highway {
        "cycleway" => (RoadClass::Cycleway, 15.0, true),
        "trunk" | "trunk_link" => (RoadClass::Trunk, 15.0, false),
        "primary" | "primary_link" => (RoadClass::Primary, 15.0, true),
        "secondary" | "secondary_link" => (RoadClass::Secondary, 15.0, true),
        "tertiary" | "tertiary_link" => (RoadClass::Tertiary, 15.0, true),
        "unclassified" | "road" => (RoadClass::Unclassified, 15.0, true),
        "residential" => (RoadClass::Residential, 15.0, true),
        "living_street" => (RoadClass::LivingStreet, 12.0, true),
        "service" => (RoadClass::Service, 14.0, true),
        "track" => (RoadClass::Track, 12.0, true),
        "path" => (RoadClass::Path, 12.0, true),
        "footway" | "pedestrian" | "bridleway" => (RoadClass::Path, 8.0, false),
        _ => return None,
    })
}

fn directions(tags: &Tags<'_>) -> Option<(bool, bool)> {
    let is_round = access::is_round(tags);
    let (with, against) = access::one_way(tags, &["oneway:bicycle"], is_round)?;
    let may_oppose = ["cycleway", "cycleway:both", "cycleway:left", "cycleway:right"]
        .iter()
        .any(|key| tags.get(key).is_some_and(|value| value.starts_with("opposite")));
    Some(if may_oppose && !is_round { (true, true) } else { (with, against) })
}

fn surface_kmh(tags: &Tags<'_>) -> f64 {
    match tags.get("surface") {
        Some("cobblestone" | "sett" | "gravel" | "unpaved" | "ground" | "dirt" | "grass" | "pebblestone") => {
            10.0
        }
        Some("sand" | "mud" | "snow" | "ice") => 6.0,
        _ => f64::INFINITY,
    }
}

pub(super) fn is_blocked(tags: &Tags<'_>) -> bool {
    let decisive = Profile::Bicycle.access_keys().iter().find_map(|key| tags.get(key));
    match (decisive, tags.get("barrier")) {
        (Some(value), _) => access::read(value) == Access::Closed,
        (None, Some(barrier)) => matches!(barrier, "wall" | "fence" | "stile" | "turnstile" | "debris"),
        (None, None) => false,
    }
}
