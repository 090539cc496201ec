//! The field-work domain: entities, ids, state machines and rules, as pure values.
//!
//! Invariants of this crate:
//!
//! * **No I/O, no clock, no randomness.** Time is a parameter (`now: DateTime<Utc>`); new ids are
//!   made by the callers and passed in.
//! * **An illegal state step is a typed error**, never a silent write: [`task::TaskStatus::step`],
//!   [`bid::Bid::set_winner`].
//! * **Coordinates are [`LonLat`]**, checked when they are made, also when they are deserialised. A bare
//!   `(f64, f64)` never crosses a module border.
//! * Ids are newtypes over UUIDs: a task id can't be passed where a resource id is wanted.
//!
//! Deliberately absent: anything about the wire (crate `protocol`), about rows (crate `store`) and about
//! how things look (crate `web`).

pub mod access;
pub mod alert;
pub mod attendance;
pub mod bid;
pub mod company;
pub mod entry;
pub mod form;
pub mod geo;
pub mod ids;
pub mod place;
pub mod position;
pub mod resource;
pub mod rule;
pub mod schedule;
pub mod shift;
pub mod task;
pub mod travel;

pub use geo::{CoordinateError, LonLat};
pub use ids::*;
