//! Where travel times come from, and how fast the roads are.

use chrono::{DateTime, Utc};
use domain::travel::{RoadClass, TravelMode, TravelSource};
use serde::{Deserialize, Serialize};

/// Where travel times come from in the region of this session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TravelView {
    /// The region.
    pub region: String,
    /// By what the installed region knows ways; empty: it is not installed.
    pub modes: Vec<TravelMode>,
    /// The engine that is asked first.
    pub engine: EngineSettings,
    /// How it does.
    pub state: EngineState,
    /// What was learnt of the roads' speeds.
    pub speeds: SpeedsView,
}

/// The engine that is asked first. When it does not answer, the region's own roads are, then the straight line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineSettings {
    /// Which.
    pub kind: EngineKind,
    /// `https://…`; plain `http` only for loopback. Unused for [`EngineKind::Roads`].
    pub url: String,
    /// Longest wait for an answer, milliseconds, 50–10,000.
    pub timeout_ms: u32,
}

impl Default for EngineSettings {
    fn default() -> Self {
        EngineSettings { kind: EngineKind::Roads, url: String::new(), timeout_ms: 2_000 }
    }
}

/// Kinds of engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// The roads of the installed region; works offline, and no position leaves this machine.
    Roads,
    /// An OSRM server.
    Osrm,
    /// A Valhalla server.
    Valhalla,
}

/// How an engine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "engine")]
pub enum EngineState {
    /// Nothing was asked of it yet, or it is this machine.
    Ready,
    /// It answers.
    Answering {
        /// The last answer took so many milliseconds.
        millis: u32,
    },
    /// It does not answer; ways come from elsewhere meanwhile.
    Failing {
        /// Since when.
        since: DateTime<Utc>,
        /// What is wrong.
        fault: EngineFault,
    },
}

/// What is wrong with an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "fault", content = "detail")]
pub enum EngineFault {
    /// Nothing answers there.
    #[error("nothing answers at this address")]
    Unreachable,
    /// It is too slow.
    #[error("no answer in time")]
    TimedOut,
    /// It answers with an error.
    #[error("the server answers {0}")]
    Status(u16),
    /// What it answers makes no sense.
    #[error("the answer makes no sense")]
    Nonsense,
    /// The address can't be one.
    #[error("the address is no https address, nor http on this machine")]
    Address,
}

/// What an engine said to a test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "test")]
pub enum EngineTestView {
    /// It knows the way.
    Answered {
        /// How long the answer took, milliseconds.
        millis: u32,
        /// The way that was asked, metres.
        distance_m: f64,
        /// Its travel time, seconds.
        duration_secs: f64,
        /// What this region's own roads say, seconds.
        own_secs: Option<f64>,
    },
    /// It answers, but knows no way in this region.
    NoWay,
    /// It failed.
    Failed(EngineFault),
}

/// What was learnt of the roads' speeds from this company's own tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeedsView {
    /// Whether learning is on.
    pub is_learning: bool,
    /// When the first drive was learnt from; `None`: none yet.
    pub since: Option<DateTime<Utc>>,
    /// Driven kilometres learnt from.
    pub km: f64,
    /// What it needs before a figure of its own is used, kilometres of a class in an hour.
    pub enough_km: f64,
    /// By class, the largest roads first; classes without a drive are left out.
    pub classes: Vec<ClassSpeedsView>,
}

/// One class of roads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassSpeedsView {
    /// Which.
    pub class: RoadClass,
    /// The usual speed without anything learnt, mean km/h of what was driven.
    pub usual_kmh: f32,
    /// Speed by local hour, 0–23, km/h; `None`: too little was driven, the usual speed counts.
    pub kmh: [Option<f32>; 24],
    /// Driven kilometres learnt from.
    pub km: f64,
}

impl SpeedsView {
    /// Whether anything learnt is in use.
    pub fn is_in_use(&self) -> bool {
        self.classes.iter().any(|class| class.kmh.iter().any(Option::is_some))
    }
}

impl EngineKind {
    /// How travel times of this engine are labelled.
    pub fn source(self) -> TravelSource {
        match self {
            EngineKind::Roads => TravelSource::Roads,
            EngineKind::Osrm => TravelSource::Osrm,
            EngineKind::Valhalla => TravelSource::Valhalla,
        }
    }
}
