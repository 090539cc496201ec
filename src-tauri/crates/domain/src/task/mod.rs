//! Tasks and their status machine.
//!
//! ```text
//! Draft ─▶ NewTask ─▶ SmsSent ─▶ Acknowledged ─▶ EnRoute ─▶ Arrived ─▶ InProgress ─▶ ReadyForReview ─▶ ReadyForApproval ─▶ Closed
//!            ▲ │          │            │            │          │        │  ▲  │  ╲______________________________________▲
//!            │ └──────────┴─▶ Declined ┘            │          │        │  │  └─▶ Loading ⇄ Unloading, Custom1–4 (work steps)
//!            └────────────────────┘                 └──────────┴────────┴──┴─▶ Suspended ─▶ back to Acknowledged, EnRoute, InProgress
//! any step before Closed ─▶ Canceled (office);     Acknowledged … InProgress, Suspended, reviews ─▶ NotDone ─▶ NewTask (planned again)
//! ```
//!
//! The phone may skip forward (a resource standing on the spot starts at once), never backward except where an arrow is
//! drawn. `Closed` and `Canceled` are final.

mod actor;
mod choice;
mod promise;
mod status;
mod work;

pub use actor::*;
pub use choice::*;
pub use promise::*;
pub use status::*;
pub use work::*;

#[cfg(test)]
mod tests;
