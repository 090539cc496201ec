//! When somebody will be there: a road graph, a router over it, and the ETA chain of one resource.
//!
//! Invariants of this crate:
//!
//! * **Pure.** Bytes in, answers out: no file, no network, no clock. Time is a parameter (`now`), and a random walk
//!   gets its random number from the caller ([`Router::random_node`]).
//! * **Unknown beats a wrong number.** A road time is [`TravelSource::Roads`]; what was only estimated from the straight line says so
//!   ([`TravelSource::StraightLine`]); where neither is honest the answer is `None` or a [`Unknown`] reason.
//! * **A file is never trusted.** A truncated, corrupt or foreign extract or graph is a typed error, never a panic
//!   ([`ImportError`], [`FormatError`]).
//! * The same extract gives the same bytes: nothing depends on the order of a hash map.
//! * A [`Router`] is `Send + Sync`; share it with `Arc`, ask it from as many threads as you like.
//! * **Turns count.** The graph's nodes are roads in one direction, and what leads from one to the next is a turn: it costs time, a
//!   sign can forbid it, and one turns round only where a road ends. Ways are found by a weight, which makes private yards and
//!   narrow alleys a last resort; what is told is always time and length.
//! * Whoever asks often keeps [`Snap`]s: looking up the road of a place costs as much as a short way ([`RoadTimes`] does).
//! * **Learnt speeds are sums.** A [`SpeedModel`] knows how long classes of roads took in an hour of the day, and for an hour or two
//!   how single roads go just now; no places, no people. A [`Follower`] knows the last fix of each resource until it is told to forget.
//!   Little data moves little, and the way itself stays the usually fastest.
//!
//! ```no_run
//! # fn demo(pbf: &[u8], from: domain::LonLat, to: domain::LonLat) -> Result<(), Box<dyn std::error::Error>> {
//! let graph = eta::RoadGraph::import(pbf, eta::Profile::Car, &mut |_| {})?;
//! let router = eta::Router::new(graph);
//! let route = router.route(from, to)?;
//! let after_a_minute = route.position_at(60.0);
//! # let _ = after_a_minute; Ok(()) }
//! ```
//!
//! How an extract becomes a router: `import` reads tags by [`Profile`], `assemble` cuts ways at junctions and joins them by turns,
//! `hierarchy` contracts roads into shortcuts, `format` keeps all that as bytes, and `search` climbs from both ends until it
//! meets ([`Router::route`]), or from one side once for many ([`Router::one_to_many`], [`Router::matrix`]).
//!
//! Deliberately absent: restrictions at certain hours and over several via ways, driving on the left, elevation, traffic news
//! of others, regions across the antimeridian, remote engines (they implement [`TravelTimes`]), suggestions and day plans. A
//! file isn't mapped into memory: decoding and checking it takes a few milliseconds for a town, and whoever maps it can hand
//! the bytes to [`RoadGraph::from_bytes`].

mod assemble;
mod chain;
mod components;
mod drive;
mod ends;
mod estimate;
mod format;
mod graph;
mod hierarchy;
mod import;
mod many;
mod nearest;
mod profile;
mod restriction;
mod roads;
mod route;
mod router;
mod search;
mod shape;
mod snap;
mod speeds;
mod tags;
#[cfg(test)]
mod tests;
mod turns;

pub use chain::{Activity, Chain, Eta, FRESH_FIX_SECS, Fix, OLDEST_FIX_SECS, Stop, StopEta, Unknown, chain};
pub use domain::travel::TravelSource;
pub use drive::{Drive, Stretch};
pub use estimate::{Estimate, GreatCircle, MAX_STRAIGHT_LINE_M, TravelTimes, Trip, Way};
pub use format::{FORMAT_VERSION, FormatError};
pub use graph::{Bounds, RoadGraph};
pub use import::{ImportError, Progress, Stage};
pub use many::Matrix;
pub use profile::{Profile, RoadClass};
pub use roads::{RoadTimes, SharedSpeeds};
pub use route::{Leg, Route, RoutePoint};
pub use router::{RouteError, Router};
pub use snap::{Place, SNAP_MAX_M, Snap};
pub use speeds::{
    ClassSpeeds, Driven, ENOUGH_KM, Expected, Factors, Follower, HOURS, Sighting, SpeedModel, local_hour,
};
