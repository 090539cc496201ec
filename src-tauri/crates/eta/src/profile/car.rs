//! A car or van up to 3.5 t, 2 m high, 1.9 m wide.

use super::access::{self, Access};
use super::{FASTEST_KMH, Passage, Profile, RoadClass, Stop, by_direction, signals};
use crate::graph::Manner;
use crate::tags::{Tags, metres, speed_kmh};

/// Real traffic stays below the sign.
const SHARE_OF_MAXSPEED: f64 = 0.8;
/// A track or a pedestrian street on which cars are explicitly allowed, km/h.
const TOLERATED_KMH: f64 = 10.0;
const GATE_MS: u32 = 60_000;
const STOP_SIGN_MS: u32 = 2_000;
const GIVE_WAY_MS: u32 = 1_000;
const HEIGHT_M: f64 = 2.0;
const WIDTH_M: f64 = 1.9;
const WEIGHT_T: f64 = 2.0;

pub(super) fn passage(tags: &Tags<'_>) -> Option<Passage> {
    let highway = tags.get("highway")?;
    let (class, class_kmh) = match class(highway) {
        Some(known) => known,
        None => (tolerated(highway, tags)?, TOLERATED_KMH),
    };
    if tags.get("service") == Some("emergency_access") || is_too_small(tags) {
        return None;
    }
    let (forward, backward) = directions(tags)?;
    let keys = Profile::Car.access_keys();
    let access = |open: bool, direction: &str| match access::decisive(tags, keys, direction) {
        _ if !open => Access::Closed,
        Some(value) => access::read(value),
        None => Access::Open,
    };
    let (with, against) = (access(forward, "forward"), access(backward, "backward"));
    if with == Access::Closed && against == Access::Closed {
        return None;
    }
    let kmh = |access: Access, direction: &str| match access {
        Access::Closed => 0.0,
        Access::Open | Access::Restricted => speed(tags, class_kmh, direction),
    };
    let is_restricted = with == Access::Restricted || against == Access::Restricted;
    let is_yard = is_restricted
        && class == RoadClass::Service
        && access::decisive(tags, keys, "forward").is_some_and(|value| value == "private");
    Some(Passage {
        class,
        forward_kmh: kmh(with, "forward"),
        backward_kmh: kmh(against, "backward"),
        manner: Manner {
            ease_pct: ease_pct(tags, with != Access::Closed && against != Access::Closed),
            is_restricted,
            is_start: !is_yard,
        },
        is_roundabout: access::is_round(tags),
        whole_secs: None,
    })
}

/// Class and usual speed where no sign says otherwise, km/h.
fn class(highway: &str) -> Option<(RoadClass, f64)> {
    Some(match highway {
        "motorway" => (RoadClass::Motorway, 90.0),
        "motorway_link" => (RoadClass::Motorway, 45.0),
        "trunk" => (RoadClass::Trunk, 85.0),
        "trunk_link" => (RoadClass::Trunk, 40.0),
        "primary" => (RoadClass::Primary, 65.0),
        "primary_link" => (RoadClass::Primary, 30.0),
        "secondary" => (RoadClass::Secondary, 55.0),
        "secondary_link" => (RoadClass::Secondary, 25.0),
        "tertiary" => (RoadClass::Tertiary, 40.0),
        "tertiary_link" => (RoadClass::Tertiary, 20.0),
        "unclassified" | "road" => (RoadClass::Unclassified, 25.0),
        "residential" => (RoadClass::Residential, 25.0),
        "living_street" => (RoadClass::LivingStreet, 10.0),
        "service" => (RoadClass::Service, 15.0),
        _ => return None,
    })
}

/// Ways that are for others, unless a sign lets motor vehicles in.
fn tolerated(highway: &str, tags: &Tags<'_>) -> Option<RoadClass> {
    let allowed = ["motorcar", "motor_vehicle", "vehicle"].iter().find_map(|key| tags.get(key))?;
    if !matches!(allowed, "yes" | "permissive" | "designated") {
        return None;
    }
    match highway {
        "track" => Some(RoadClass::Track),
        "pedestrian" | "footway" | "path" | "cycleway" | "bridleway" => Some(RoadClass::Path),
        _ => None,
    }
}

fn directions(tags: &Tags<'_>) -> Option<(bool, bool)> {
    let is_round = access::is_round(tags);
    let implied = is_round || tags.get("highway") == Some("motorway");
    let (with, against) = access::one_way(tags, &["oneway:motorcar", "oneway:motor_vehicle"], implied)?;
    // Nobody drives a roundabout backwards, whatever its tags say.
    Some(if is_round && with { (true, false) } else { (with, against) })
}

fn speed(tags: &Tags<'_>, class_kmh: f64, direction: &str) -> f64 {
    let sign = ["maxspeed:advisory", "maxspeed", "source:maxspeed", "maxspeed:type"]
        .iter()
        .find_map(|key| tags.get(&format!("{key}:{direction}")).or(tags.get(key)).and_then(speed_kmh));
    let usual = sign.map_or(class_kmh, |sign_kmh| sign_kmh * SHARE_OF_MAXSPEED);
    [surface_kmh(tags), tracktype_kmh(tags), smoothness_kmh(tags), bridge_kmh(tags)]
        .into_iter()
        .flatten()
        .fold(usual.min(FASTEST_KMH), f64::min)
}

fn surface_kmh(tags: &Tags<'_>) -> Option<f64> {
    Some(match tags.get("surface")? {
        "cement" | "compacted" | "fine_gravel" => 80.0,
        "paving_stones" | "metal" | "bricks" => 60.0,
        "grass" | "wood" | "sett" | "grass_paver" | "gravel" | "unpaved" | "ground" | "dirt"
        | "pebblestone" | "tartan" => 40.0,
        "cobblestone" | "clay" | "snow" => 30.0,
        "earth" | "stone" | "rocky" | "sand" | "ice" => 20.0,
        "laterite" => 15.0,
        "mud" => 10.0,
        _ => return None,
    })
}

fn tracktype_kmh(tags: &Tags<'_>) -> Option<f64> {
    Some(match tags.get("tracktype")? {
        "grade1" => 60.0,
        "grade2" => 40.0,
        "grade3" => 30.0,
        "grade4" => 25.0,
        "grade5" => 20.0,
        _ => return None,
    })
}

fn smoothness_kmh(tags: &Tags<'_>) -> Option<f64> {
    Some(match tags.get("smoothness")? {
        "intermediate" => 80.0,
        "bad" => 40.0,
        "very_bad" => 20.0,
        "horrible" => 10.0,
        "very_horrible" | "impassable" => 5.0,
        _ => return None,
    })
}

fn bridge_kmh(tags: &Tags<'_>) -> Option<f64> {
    (tags.get("bridge") == Some("movable")).then_some(5.0)
}

/// Car parks, alleys and narrow roads are slower than their speed says; they are avoided where there is another way.
fn ease_pct(tags: &Tags<'_>, both_ways: bool) -> u8 {
    let is_narrow_service = matches!(
        tags.get("service"),
        Some("alley" | "parking" | "parking_aisle" | "driveway" | "drive-through" | "drive-thru")
    );
    let service = if is_narrow_service { 50 } else { 100 };
    let width = match tags.get("width").and_then(metres) {
        Some(width_m) if both_ways && width_m <= 3.0 => 50,
        Some(width_m) if both_ways && width_m < 4.0 => 60,
        Some(width_m) if both_ways && width_m < 5.0 => 75,
        Some(width_m) if both_ways && width_m < 6.0 => 80,
        Some(_) | None => 100,
    };
    let lanes = match tags.get("lanes").and_then(|lanes| lanes.parse::<u8>().ok()) {
        Some(0 | 1) if both_ways => 50,
        Some(_) | None => 100,
    };
    let alternating = if tags.get("oneway") == Some("alternating") { 40 } else { 100 };
    let side = if matches!(tags.get("side_road"), Some("yes" | "rotary")) { 80 } else { 100 };
    [service, width, lanes, alternating, side].into_iter().fold(100, u8::min)
}

fn is_too_small(tags: &Tags<'_>) -> bool {
    let below = |keys: &[&str], least: f64| {
        keys.iter().find_map(|key| tags.get(key)).and_then(metres).is_some_and(|limit| limit < least)
    };
    below(&["maxheight:physical", "maxheight"], HEIGHT_M)
        || below(&["maxwidth:physical", "maxwidth"], WIDTH_M)
        || below(&["maxweightrating", "maxweight"], WEIGHT_T)
}

pub(super) fn stop(tags: &Tags<'_>) -> Stop {
    let (mut is_blocked, mut gate_ms) = (false, 0);
    let decisive = Profile::Car.access_keys().iter().find_map(|key| tags.get(key));
    match (decisive, tags.get("barrier")) {
        (Some(value), _) => is_blocked = access::read(value) == Access::Closed,
        (None, Some("gate" | "lift_gate" | "swing_gate")) => gate_ms = GATE_MS,
        (None, Some(barrier)) => is_blocked = blocks(barrier, tags),
        (None, None) => {}
    }
    let direction = tags.get("direction");
    let signs = match tags.get("highway") {
        Some("stop") => by_direction(STOP_SIGN_MS, direction),
        Some("give_way") => by_direction(GIVE_WAY_MS, direction),
        _ => signals(tags),
    };
    Stop { is_blocked, waits_ms: (signs.0 + gate_ms, signs.1 + gate_ms) }
}

fn blocks(barrier: &str, tags: &Tags<'_>) -> bool {
    match barrier {
        "cattle_grid" | "border_control" | "toll_booth" | "sally_port" | "no" | "entrance" | "arch" => false,
        "height_restrictor" => tags.get("maxheight").and_then(metres).is_some_and(|limit| limit < HEIGHT_M),
        "bollard" => tags.get("bollard") != Some("rising"),
        "kerb" => {
            !matches!(tags.get("kerb"), Some("lowered" | "flush")) && tags.get("highway") != Some("crossing")
        }
        _ => true,
    }
}
