//! Backend ⇄ UI: what the panels show and what people can ask for.
//!
//! The UI subscribes once and then keeps its own picture: first a [`ViewEvent::Session`], then (when somebody is signed in)
//! one [`ViewEvent::Reset`] with the whole working set, from then on changed rows. Positions do not travel this way but as
//! binary [`PositionFrame`]s at most ten times a second.
//!
//! Views hold ids and values, never sentences: the UI's message catalogue makes the text.

mod alerts;
mod connection;
mod error;
mod event;
mod fences;
mod notifications;
mod planning;
mod position;
mod promises;
mod request;
mod response;
mod retention;
mod review;
mod rows;
mod session;
mod suggestions;
mod travel;

pub use alerts::*;
pub use connection::*;
pub use error::*;
pub use event::*;
pub use fences::*;
pub use notifications::*;
pub use planning::*;
pub use position::*;
pub use promises::*;
pub use request::*;
pub use response::*;
pub use retention::*;
pub use review::*;
pub use rows::*;
pub use session::*;
pub use suggestions::*;
pub use travel::*;

#[cfg(test)]
mod tests;
