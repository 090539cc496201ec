//! Tells from noisy fixes who came into which fence, who left it and who stays too long, and never cries wolf.
//!
//! Invariants of this crate:
//!
//! * **Pure.** Event time comes with the fixes, the clock is a parameter (`now`). The same fixes give the same events.
//! * **A fence is entered or left only by evidence**: the whole 95 % error circle inside (or beyond the hysteresis), on at least two
//!   fixes, over at least the confirmation time of [`Settings`]. Silence, privacy and poor fixes never move anybody.
//! * **Ids are hashes** of (resource, fence, kind, start of the run): whoever computes an event, and however often, it is one alert.
//! * **Nobody is announced who was there before we looked**: a resource first seen inside a fence, a new or changed fence, and
//!   the first fixes after privacy are settled silently.
//! * **The order of arrival does not matter** within [`REORDER`]. Fixes that arrive in order are not held back: an event leaves
//!   the engine with the fix that confirms it. When a late fix (of up to [`REORDER`]) shows that an event was wrong, the engine
//!   takes the window again from before that fix and answers [`EventKind::Retracted`] with the id of the event that never was. So
//!   alerts are as fast as the confirmation rule allows, and what stands in the end is the same for every order.
//! * **What comes later still corrects the history and never alerts**: [`FenceEngine::take_late`] names the tracks,
//!   [`FenceEngine::recompute`] the corrections.
//! * **The indexes change no answer.** Cells of about 110 m know which fences contain all of them and through which of their parts
//!   (8 × 8) a border runs; a phase keeps how far one may go until it can change; a tree of boxes over each ring answers the rest. An
//!   R-tree finds what lies on a way. `tests/reference.rs` has the same rules without any of them.
//! * **A fix that changes nothing costs next to nothing**: it asks no polygon. To reconsider a window the engine keeps a state from
//!   before it, and replays; nothing is written down for each fix but the fix.
//!
//! ```text
//! OUT ─▶ ENTERING   dist + acc95 ≤ 0                          ENTERING ─▶ IN    ≥ 2 fixes and ≥ 30 s
//! IN  ─▶ LEAVING    dist − acc95 > max(25 m, 10 % of size)    LEAVING  ─▶ OUT   ≥ 2 fixes and ≥ 60 s
//! ```
//!
//! A fix that decides neither way keeps the state; it ends a run that is still being confirmed only when undecided fixes outnumber the
//! deciding ones, so that chance hits of somebody standing at the border do not add up. For the same reason an entry by few fixes has
//! to be deeper inside than each error circle: the mean of the run by 3/√n error circles. A gap of [`STALE_AFTER`] ends unconfirmed
//! runs too. Who is outside for certain on two fixes within two minutes, with a fence on the straight way between them, has
//! [`EventKind::Crossed`] it, if the way leads in more deeply than the fixes may be wrong; that is never an entry and an exit.
//!
//! Outside the hours of a fence all of this goes on, and nothing is said. `explain` answers with fixes, distances and error circles
//! why something was said or not; `what_if` takes a stored track again under other [`Settings`].
//!
//! Deliberately absent: storage (tracks and what was said are handed in), the radius of an error circle by make of phone (a fix does
//! not say what took it; see `domain::position`), altitude, and any event for a device that is silent.

mod absence;
mod around;
mod boxes;
mod cover;
mod crossing;
mod dwell;
mod edges;
mod engine;
mod event;
mod explain;
mod extent;
mod gate;
mod grid;
mod index;
mod judge;
mod machine;
mod phases;
mod replay;
mod settings;
mod shape;
mod speak;
mod track;
mod watch;

pub use engine::{FenceEngine, Presence};
pub use event::{Confidence, EventKind, Evidence, FenceEvent, Why, event_id};
pub use explain::{Explanation, Judged, Question, Standing, Verdict};
pub use gate::{MAX_SPEED_MPS, Rejected, gate, too_fast};
pub use machine::Says;
pub use replay::{Correction, LateData, Said};
pub use settings::Settings;
pub use shape::PreparedShape;

use chrono::TimeDelta;

/// How far behind the newest fix of its resource a fix may arrive.
pub const REORDER: TimeDelta = TimeDelta::seconds(30);
/// Without a usable fix for this long nothing is known any more.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(10);
