//! By what people travel, over what, and where a travel time comes from.

use serde::{Deserialize, Serialize};

/// By what somebody travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TravelMode {
    /// A car or van up to 3.5 t.
    #[default]
    Car,
    /// A bicycle.
    Bicycle,
    /// On foot.
    Foot,
}

impl TravelMode {
    /// All of them.
    pub const ALL: [TravelMode; 3] = [TravelMode::Car, TravelMode::Bicycle, TravelMode::Foot];
}

/// Where a travel time comes from; what is said of a whole way is the last of its parts in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TravelSource {
    /// The roads of the installed region.
    Roads,
    /// An OSRM server.
    Osrm,
    /// A Valhalla server.
    Valhalla,
    /// Only the straight line and a usual detour: an estimate.
    StraightLine,
}

impl TravelSource {
    /// Whether somebody looked at roads; else it is a mere estimate.
    pub fn is_by_road(self) -> bool {
        self != TravelSource::StraightLine
    }
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
    /// `track`
    Track,
    /// `cycleway`
    Cycleway,
    /// `path`, `bridleway`, `footway`, `pedestrian` and the like
    Path,
    /// `steps`
    Steps,
    /// A ferry line.
    Ferry,
}

impl RoadClass {
    /// All of them, the largest roads first.
    pub const ALL: [RoadClass; 14] = [
        RoadClass::Motorway,
        RoadClass::Trunk,
        RoadClass::Primary,
        RoadClass::Secondary,
        RoadClass::Tertiary,
        RoadClass::Unclassified,
        RoadClass::Residential,
        RoadClass::LivingStreet,
        RoadClass::Service,
        RoadClass::Track,
        RoadClass::Cycleway,
        RoadClass::Path,
        RoadClass::Steps,
        RoadClass::Ferry,
    ];
}
