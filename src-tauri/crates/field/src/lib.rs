//! The phone's side of the field API: one phone, a simulated fleet of them, and recorded traces replayed through them.
//!
//! Invariants of this crate:
//!
//! * **A coordinate leaves the phone on the seven occasions of its profile and, where the profile allows it, for live tracking;
//!   never while private.** Switching privacy on also takes the coordinates out of what still waits to be sent ([`Handset`]).
//! * **A report is kept and sent again, with the same guid, until the server has answered it.** The queue is bounded; a full
//!   queue is an error to whoever reports, never a silent loss.
//! * **Deciding is apart from doing.** [`Handset`] and [`Worker`] are pure: time is a parameter, randomness comes from a seed.
//!   [`fleet`] and [`replay`] only carry what they decide.
//! * Everything that talks to a server is bounded in requests per second ([`Rate`]) and ends when it is cancelled.
//!
//! Deliberately absent: photos (a form's photo is only a key), a user interface, background wake-ups, and anything of
//! the dispatcher's API.

pub mod codes;
pub mod fleet;
pub mod replay;

mod api;
mod clock;
mod handset;
mod phone;
mod radio;
mod random;
mod rate;
mod roads;
mod worker;

pub use api::{ApiError, FieldApi, http_client};
pub use clock::Clock;
pub use handset::{Answer, Handset, QueueFull, SyncTicket, Tally, Upload};
pub use phone::Phone;
pub use rate::Rate;
pub use roads::{Roads, straight_way};
pub use worker::{Mishaps, Plan, Shifts, Worker};
