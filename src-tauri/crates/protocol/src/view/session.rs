//! Who is signed in, and the map they get.

use chrono::{DateTime, Utc};
use domain::access::Action;
use domain::company::{Company, User};
use serde::{Deserialize, Serialize};

use super::error::DeskError;

/// Whether and as whom somebody is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "session", content = "body")]
pub enum SessionView {
    /// Nobody; the sign-in page.
    SignedOut {
        /// What to fill in beforehand.
        last: Option<LastSession>,
        /// Whether this build has the demo.
        demo_available: bool,
        /// Why, when it was not the user's wish.
        reason: Option<DeskError>,
    },
    /// Signing in, or starting the demo.
    Starting {
        /// What is being done now.
        step: StartStep,
    },
    /// Somebody.
    SignedIn(Box<SignedInView>),
}

/// Steps of a start, for the progress line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "names of steps")]
pub enum StartStep {
    LoadingRegion,
    StartingDemoServer,
    SigningIn,
    OpeningCache,
    FirstSync,
}

/// What the sign-in page knows of the last session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the form")]
pub struct LastSession {
    pub server_url: String,
    pub company: String,
    pub user: String,
    /// Until when the cache opens without a server; `None` if nothing is cached.
    pub offline_until: Option<DateTime<Utc>>,
}

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedInView {
    /// Who.
    pub user: User,
    /// Where.
    pub company: Company,
    /// What the role may do; the UI hides the rest.
    pub may: Vec<Action>,
    /// The base map; `None` when the region is not installed here.
    pub base_map: Option<BaseMapView>,
    /// Whether this is the embedded demo.
    pub demo: bool,
    /// Opened from the cache, without signing in to a server.
    pub offline: bool,
    /// How commands are kept: `false` means they would not survive a restart (no key store).
    pub durable: bool,
}

/// A region's base map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaseMapView {
    /// Tiles are at `tiles://localhost/{source}/{z}/{x}/{y}` (vector tiles, OpenMapTiles layers, unpacked).
    pub source: String,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// Lowest zoom with tiles.
    pub min_zoom: u8,
    /// Highest zoom with tiles.
    pub max_zoom: u8,
    /// Has to be shown on the map.
    pub attribution: String,
}
