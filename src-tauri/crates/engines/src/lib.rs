//! Travel times of remote engines over the region's own roads: OSRM and Valhalla by HTTP, and what happens when they fail.
//!
//! [`Layered`] gives [`eta::TravelTimes`] for each [`Moment`]. It asks the engine that is chosen, believes only what can be true, and takes
//! everything else from what it was made over: the region's roads, which for their part fall back to the straight line.
//!
//! Invariants of this crate:
//!
//! * **Every answer says where it comes from**: pair by pair, also within one table ([`eta::Estimate::source`]).
//! * **A failing engine holds nobody up.** After a fault it is not asked again for 30 s, then for twice as long each time, up to 5
//!   minutes; one question goes first to see whether it is back. A test by the user asks at once.
//! * **Many ways are few questions**: [`eta::TravelTimes::told`] packs ways that have nothing to do with each other into tables within
//!   the engine's limits. Of such a table only what was asked for is kept.
//! * **An answer is judged before it is used.** No finite number, a negative one, more than 7 days, faster than 70 m/s, a table of
//!   another size, a body that can't be read: [`EngineFault::Nonsense`](protocol::view::EngineFault). What was moved to a road more
//!   than [`eta::SNAP_MAX_M`] away, or is too fast for the mode (a server of one profile answers every mode with it), is taken as
//!   "no way known", not as a fault.
//! * **Nothing leaves in the clear**: `https`, or plain `http` to this machine; redirects are not followed, and plain `http` passes
//!   no proxy.
//! * Answers are kept for two minutes by places rounded to some ten metres, at most 20,000 of them, in memory only. When all is
//!   forgotten ([`Layered::forget`]), an earlier [`Moment`] sends nothing more, and none of its answers is kept.
//! * No address, no coordinate and no text of a server gets into the log.
//!
//! Questions wait for the network: ask on worker threads, never on a loop.
//!
//! Deliberately absent: departure times (no engine is told the hour), more than one engine at a time, retries of one question,
//! alternatives, turn-by-turn texts, matching of tracks.

mod address;
mod cache;
mod dialect;
mod health;
mod judge;
mod layered;
mod osrm;
mod polyline;
mod remote;
mod tables;
mod valhalla;
mod web;

pub use address::is_usable;
pub use layered::{Layered, Moment, Now, SharedTimes};
