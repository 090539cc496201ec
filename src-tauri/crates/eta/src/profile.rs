//! Which roads a means of transport may use, and how fast.

use crate::tags::{Tags, speed_kmh};
use serde::{Deserialize, Serialize};

/// A means of transport. Bicycle and foot join here; everything that differs between them is in this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// A car or van up to 3.5 t.
    Car,
}

/// The class of a road, from OSM's `highway`; links belong to the class of their road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RoadClass {
    /// `motorway`
    Motorway,
    /// `trunk`
    Trunk,
    /// `primary`
    Primary,
    /// `secondary`
    Secondary,
    /// `tertiary`
    Tertiary,
    /// `unclassified` and `road`
    Unclassified,
    /// `residential`
    Residential,
    /// `living_street`
    LivingStreet,
    /// `service`
    Service,
}

/// What a profile may do on one way: speeds in km/h with and against the drawn direction, 0 = closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Passage {
    pub class: RoadClass,
    pub forward_kmh: f64,
    pub backward_kmh: f64,
}

/// Real traffic stays below the sign; the share that OSRM's car profile uses too.
const SHARE_OF_MAXSPEED: f64 = 0.8;
const FASTEST_KMH: f64 = 130.0;

impl Profile {
    /// What this profile may do on a way with these tags; `None`: nothing at all.
    pub(crate) fn passage(self, tags: &Tags<'_>) -> Option<Passage> {
        match self {
            Profile::Car => car_passage(tags),
        }
    }

    /// A node nobody of this profile gets past: a bollard, a closed gate.
    pub(crate) fn is_blocked(self, tags: &Tags<'_>) -> bool {
        match self {
            Profile::Car => car_is_blocked(tags),
        }
    }
}

fn car_passage(tags: &Tags<'_>) -> Option<Passage> {
    let (class, class_kmh) = car_class(tags.get("highway")?)?;
    if tags.get("area") == Some("yes")
        || tags.get("service") == Some("emergency_access")
        || !car_may_enter(tags)
    {
        return None;
    }
    let (forward, backward) = open_directions(tags)?;
    let usual = class_kmh.min(surface_kmh(tags)).min(narrow_kmh(tags));
    let speed = |direction: &str| match tags.get(direction).or(tags.get("maxspeed")).and_then(speed_kmh) {
        Some(sign_kmh) => (sign_kmh * SHARE_OF_MAXSPEED).min(FASTEST_KMH).min(surface_kmh(tags)),
        None => usual,
    };
    Some(Passage {
        class,
        forward_kmh: if forward { speed("maxspeed:forward") } else { 0.0 },
        backward_kmh: if backward { speed("maxspeed:backward") } else { 0.0 },
    })
}

/// Class and usual speed where no sign says otherwise (km/h; the values of OSRM's car profile).
fn car_class(highway: &str) -> Option<(RoadClass, f64)> {
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

/// The most special access tag decides, as OSM's access hierarchy has it.
fn car_may_enter(tags: &Tags<'_>) -> bool {
    let hierarchy = ["motorcar", "motor_vehicle", "vehicle", "access"];
    let decisive = hierarchy.iter().find_map(|key| tags.get(key));
    !matches!(
        decisive,
        Some(
            "no" | "private"
                | "agricultural"
                | "forestry"
                | "emergency"
                | "psv"
                | "bus"
                | "military"
                | "use_sidepath"
        )
    )
}

/// (with, against) the drawn direction; `None` where the direction changes with the hour.
fn open_directions(tags: &Tags<'_>) -> Option<(bool, bool)> {
    let is_round = matches!(tags.get("junction"), Some("roundabout" | "circular"));
    let implied = is_round || tags.get("highway") == Some("motorway");
    match tags.get("oneway:motorcar").or(tags.get("oneway:motor_vehicle")).or(tags.get("oneway")) {
        Some("yes" | "1" | "true") => Some((true, false)),
        Some("-1" | "reverse") => Some((false, true)),
        Some("no" | "0" | "false") if !is_round => Some((true, true)),
        Some("reversible" | "alternating") => None,
        _ => Some((true, !implied)),
    }
}

fn surface_kmh(tags: &Tags<'_>) -> f64 {
    match tags.get("surface") {
        Some("cobblestone" | "sett" | "gravel" | "unpaved" | "compacted" | "fine_gravel") => 40.0,
        Some("ground" | "dirt" | "earth" | "grass" | "sand" | "mud" | "pebblestone") => 20.0,
        _ => FASTEST_KMH,
    }
}

fn narrow_kmh(tags: &Tags<'_>) -> f64 {
    match tags.get("service") {
        Some("parking_aisle" | "drive-through") => 5.0,
        Some("alley") => 10.0,
        _ => FASTEST_KMH,
    }
}

fn car_is_blocked(tags: &Tags<'_>) -> bool {
    let Some(barrier) = tags.get("barrier") else { return false };
    if ["motorcar", "motor_vehicle", "vehicle", "access"].iter().any(|key| tags.get(key).is_some()) {
        return !car_may_enter(tags);
    }
    matches!(
        barrier,
        "bollard" | "block" | "jersey_barrier" | "chain" | "cycle_barrier" | "log" | "debris" | "rope"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(tags: &[(&'static str, &'static str)]) -> Option<(f64, f64)> {
        Profile::Car.passage(&Tags::new(tags.iter().copied())).map(|p| (p.forward_kmh, p.backward_kmh))
    }

    #[test]
    fn directions_follow_the_signs() {
        assert_eq!(passage(&[("highway", "residential")]), Some((25.0, 25.0)), "both ways unless tagged");
        assert_eq!(passage(&[("highway", "residential"), ("oneway", "yes")]), Some((25.0, 0.0)), "one way");
        assert_eq!(
            passage(&[("highway", "residential"), ("oneway", "-1")]),
            Some((0.0, 25.0)),
            "against the drawing"
        );
        assert_eq!(passage(&[("highway", "motorway")]), Some((90.0, 0.0)), "a carriageway is one way by law");
        assert_eq!(
            passage(&[("highway", "motorway"), ("oneway", "no")]),
            Some((90.0, 90.0)),
            "unless it says no"
        );
        assert_eq!(passage(&[("highway", "motorway_link")]), Some((45.0, 45.0)), "a link says it itself");
        assert_eq!(
            passage(&[("highway", "tertiary"), ("junction", "roundabout")]),
            Some((40.0, 0.0)),
            "nobody drives a roundabout backwards"
        );
        assert_eq!(
            passage(&[("highway", "primary"), ("oneway", "reversible")]),
            None,
            "the direction is unknown, so nobody is sent there"
        );
    }

    #[test]
    fn access_is_decided_by_the_most_special_tag() {
        let road = ("highway", "service");
        assert_eq!(passage(&[road, ("access", "private")]), None, "private yard");
        assert_eq!(
            passage(&[road, ("access", "no"), ("motor_vehicle", "yes")]),
            Some((15.0, 15.0)),
            "cars may"
        );
        assert_eq!(passage(&[road, ("motor_vehicle", "no")]), None, "for cyclists only");
        assert_eq!(
            passage(&[road, ("access", "destination")]),
            Some((15.0, 15.0)),
            "a customer is a destination"
        );
        assert_eq!(passage(&[("highway", "footway")]), None, "steps and paths are no roads");
        assert_eq!(passage(&[road, ("service", "emergency_access")]), None, "fire brigade only");
    }

    #[test]
    fn signs_and_surfaces_set_the_speed() {
        let road = ("highway", "primary");
        assert_eq!(passage(&[road, ("maxspeed", "50")]), Some((40.0, 40.0)), "traffic stays below the sign");
        assert_eq!(
            passage(&[road, ("maxspeed", "50"), ("maxspeed:backward", "30")]),
            Some((40.0, 24.0)),
            "each direction has its sign"
        );
        assert_eq!(passage(&[road, ("surface", "gravel")]), Some((40.0, 40.0)), "gravel slows");
        assert_eq!(
            passage(&[road, ("maxspeed", "nonsense")]),
            Some((65.0, 65.0)),
            "an unreadable sign is no sign"
        );
    }

    #[test]
    fn bollards_block_and_open_gates_do_not() {
        let blocked =
            |tags: &[(&'static str, &'static str)]| Profile::Car.is_blocked(&Tags::new(tags.iter().copied()));
        assert!(blocked(&[("barrier", "bollard")]), "a bollard stops a car");
        assert!(!blocked(&[("barrier", "bollard"), ("motor_vehicle", "yes")]), "a retractable one does not");
        assert!(!blocked(&[("barrier", "gate")]), "a gate without access is usually open");
        assert!(blocked(&[("barrier", "gate"), ("access", "private")]), "a private gate is closed");
    }
}
