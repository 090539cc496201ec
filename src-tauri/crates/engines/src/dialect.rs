//! How one talks to which engine: requests out, answers in, without any I/O.

use domain::LonLat;
use domain::travel::TravelMode;
use eta::Place;
use protocol::view::{EngineFault, EngineKind};
use reqwest::Url;
use serde_json::Value;

use crate::address::Address;
use crate::tables::Limits;
use crate::{osrm, valhalla};

/// What is asked.
pub(crate) struct Request {
    pub url: Url,
    /// `None`: GET.
    pub body: Option<Value>,
}

/// What came back.
pub(crate) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Times and lengths from each of `from` to each of `to`.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub from: &'a [Place],
    pub to: &'a [Place],
    pub mode: TravelMode,
}

/// Places that a server may move to a road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those near a road; one that isn't makes the whole question fail at some servers.
    Near,
    /// All; the answer has to say where each was moved to.
    Any,
}

/// A time and a length as an engine told it, not judged yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RawLeg {
    pub duration_secs: f64,
    pub distance_m: f64,
    /// Where it begins and ends, on the engine's roads; `None`: near where it was asked.
    pub ends: Option<(LonLat, LonLat)>,
}

/// A way as an engine told it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawWay {
    pub leg: RawLeg,
    /// At least two points.
    pub points: Vec<LonLat>,
}

/// Row by row; `None`: no way. The whole is `None` where the server refused all because of one.
pub(crate) type RawTable = Option<Vec<Option<RawLeg>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Osrm,
    Valhalla,
}

impl Dialect {
    /// `None`: no engine is asked.
    pub fn of(kind: EngineKind) -> Option<Self> {
        match kind {
            EngineKind::Roads => None,
            EngineKind::Osrm => Some(Self::Osrm),
            EngineKind::Valhalla => Some(Self::Valhalla),
        }
    }

    pub fn kind(self) -> EngineKind {
        match self {
            Self::Osrm => EngineKind::Osrm,
            Self::Valhalla => EngineKind::Valhalla,
        }
    }

    /// Most places on each side of one table: what servers answer without being set up for more.
    pub fn block(self) -> usize {
        match self {
            Self::Osrm => 100,
            // 2,500 pairs.
            Self::Valhalla => 50,
        }
    }

    /// What a table may hold of which only some cells are wanted: few questions, but little reckoned for nothing. On loopback 300 ways
    /// that share nothing take OSRM half as long in such tables as one by one, and Valhalla twice as long, which the way to any other
    /// machine outweighs (`real_engines_say_the_same_of_many_drives_together`); 25 × 25 places would take Valhalla four times as long.
    pub fn scattered(self) -> Limits {
        let cells = match self {
            Self::Osrm => 50 * 50,
            Self::Valhalla => 15 * 15,
        };
        Limits { side: self.block(), cells }
    }

    pub fn table_request(self, address: &Address, asked: Question<'_>, reach: Reach) -> Request {
        match self {
            Self::Osrm => osrm::table_request(address, asked),
            Self::Valhalla => valhalla::table_request(address, asked, reach),
        }
    }

    pub fn read_table(
        self,
        answer: &Answer,
        asked: Question<'_>,
        reach: Reach,
    ) -> Result<RawTable, EngineFault> {
        match self {
            Self::Osrm => osrm::read_table(answer, asked),
            Self::Valhalla => valhalla::read_table(answer, asked, reach),
        }
    }

    pub fn route_request(self, address: &Address, (from, to): (Place, Place), mode: TravelMode) -> Request {
        match self {
            Self::Osrm => osrm::route_request(address, from, to, mode),
            Self::Valhalla => valhalla::route_request(address, from, to, mode),
        }
    }

    /// `None`: no way.
    pub fn read_route(self, answer: &Answer) -> Result<Option<RawWay>, EngineFault> {
        match self {
            Self::Osrm => osrm::read_route(answer),
            Self::Valhalla => valhalla::read_route(answer),
        }
    }

    /// Whether a question that failed as a whole is worth asking again with [`Reach::Any`].
    pub fn can_reach_any(self, asked: Question<'_>) -> bool {
        self == Self::Valhalla && asked.from.len() * asked.to.len() > 1
    }
}

impl Answer {
    /// The body as what it should be.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, EngineFault> {
        serde_json::from_slice(&self.body).map_err(|_| EngineFault::Nonsense)
    }

    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A coordinate of an answer.
pub(crate) fn lon_lat(lon: f64, lat: f64) -> Result<LonLat, EngineFault> {
    LonLat::new(lon, lat).map_err(|_| EngineFault::Nonsense)
}

/// A heading for engines that want whole degrees, 0–359.
pub(crate) fn whole_degrees(heading_deg: f64) -> u16 {
    heading_deg.rem_euclid(360.0).round() as u16 % 360
}

/// How far a road's direction may be from the heading, degrees.
pub(crate) const HEADING_TOLERANCE_DEG: u16 = 60;
