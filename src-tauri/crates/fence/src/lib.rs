//! Tells from noisy fixes who came into which fence, who left it and who stays too long, and never cries wolf.
//!
//! Invariants of this crate:
//!
//! * **Pure.** Event time comes with the fixes, the clock is a parameter (`now`). The same fixes give the same events.
//! * **A fence is entered or left only by evidence**: the whole 95 % error circle inside (or beyond the hysteresis), on at
//!   least two fixes, over at least [`ENTER_CONFIRM`] (or [`LEAVE_CONFIRM`]). Silence, privacy and poor fixes never move anybody.
//! * **Ids are hashes** of (resource, fence, kind, start of the run): whoever computes an event, and however often, it is one alert.
//! * **Nobody is announced who was there before we looked**: a resource first seen inside a fence, a new or changed fence, and
//!   the first fixes after privacy are settled silently.
//! * **The order of arrival does not matter** within [`REORDER`]. Fixes that arrive in order are not held back: an event leaves
//!   the engine with the fix that confirms it. When a late fix (of up to [`REORDER`]) shows that an event was wrong, the engine
//!   takes the window again from before that fix and answers [`EventKind::Retracted`] with the id of the event that never was. So
//!   alerts are as fast as the confirmation rule allows, and what stands in the end is the same for every order.
//!
//! ```text
//! OUT ─▶ ENTERING   dist + acc95 ≤ 0                          ENTERING ─▶ IN    ≥ 2 fixes and ≥ 30 s
//! IN  ─▶ LEAVING    dist − acc95 > max(25 m, 10 % of size)    LEAVING  ─▶ OUT   ≥ 2 fixes and ≥ 60 s
//! ```
//!
//! A fix that decides neither way keeps the state; it ends a run that is still being confirmed only when undecided fixes outnumber the
//! deciding ones, so that chance hits of somebody standing at the border do not add up. A gap of [`STALE_AFTER`] ends unconfirmed
//! runs too.
//!
//! Deliberately absent, and to come: schedules, `crossed` (a fast drive-through), the recompute for data later than
//! [`REORDER`] (such fixes are ignored here), `explain` and `what_if` over stored tracks, an index over the edges of large rings.

mod engine;
mod event;
mod extent;
mod gate;
mod index;
mod machine;
mod shape;
mod track;

pub use engine::{FenceEngine, Presence};
pub use event::{Confidence, EventKind, Evidence, FenceEvent, Why, event_id};
pub use gate::{MAX_SPEED_MPS, Rejected, gate, too_fast};
pub use shape::PreparedShape;

use chrono::TimeDelta;

/// Shortest run that confirms an entry.
pub const ENTER_CONFIRM: TimeDelta = TimeDelta::seconds(30);
/// Shortest run that confirms an exit.
pub const LEAVE_CONFIRM: TimeDelta = TimeDelta::seconds(60);
/// Fewest fixes that confirm anything.
pub const CONFIRM_FIXES: u32 = 2;
/// How far behind the newest fix of its resource a fix may arrive.
pub const REORDER: TimeDelta = TimeDelta::seconds(30);
/// Without a usable fix for this long nothing is known any more.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(10);
/// A fix with a larger 95 % radius (metres) moves nobody.
pub const WORST_ACCURACY_M: f64 = 200.0;
/// Least distance beyond the border, metres, that counts as having left.
pub const LEAVE_MARGIN_M: f64 = 25.0;
