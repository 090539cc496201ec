//! The controller of the desk: what people ask, what the server says and what the clock does, turned into views, alerts and
//! notifications.
//!
//! Invariants of this crate:
//!
//! * **One loop owns the state.** Its inputs are one closed enum of events; nothing is shared behind a lock and
//!   handed around. Work that takes longer than some milliseconds runs elsewhere and comes back as an event.
//! * **What the UI shows is cache ⊕ pending commands**, computed, never written into cached rows.
//! * **A refusal is immediate.** Rules that the domain knows are checked before anything is queued.
//! * **A private resource has no coordinate here**: the dot is taken away with the row that says so, and nothing that arrives
//!   later brings it back.
//! * **An alert exists once**: its id is a hash of what it is about, whoever computes it, however often; the same event under another id is
//!   not raised and not told again.
//! * **What is foreseen has one open alert at most** (a missed window, a broken promise, a shift that is too short): it ends by itself when it
//!   goes well for a minute, and comes again only as another alert. Of somebody private nothing is foreseen but that a time is over.
//! * **A large fleet is looked at some at a time**: ways are asked, answers taken and arrivals told in portions of some milliseconds; what a
//!   person has done is told at once.
//! * **What the company's row says counts at once**: zone, region and role are followed without a new session.
//! * **A line of the alert list is one bubble**: a storm counts up in it, whoever deals with it takes it off every desktop. Policies say for
//!   whom an alert is meant, each user's settings what they want to hear of it; the list has everything.
//! * **A day plan is a preview**: it is searched off the loop and moves nothing; its moves are commands like any other, made one by one
//!   or all, and taken back as far as nobody has touched them since. Whoever's place nobody may know any more is in it without that place.
//! * Desktop effects go through [`Effects`], the embedded demo through [`DemoLauncher`], time through [`Clock`] ([`SystemClock`] is the machine's).
//!
//! Deliberately absent: windows and notification daemons (the shell), SQL (crate `store`), HTTP (crates `sync` and `engines`), texts
//! of the panels (crate `web`); only the few lines of a desktop notification are made here.
//!
//! ```text
//! UI ──request──▶ ┌────────────┐ ──command──▶ sync ──▶ server
//! sync ──event──▶ │ controller │ ──fix, row─▶ watch ──▶ alert ──▶ sync, Effects::notify
//! ETA thread ───▶ │   (loop)   │ ──job──────▶ ETA thread
//! clock ────────▶ └────────────┘ ──ViewEvent, PositionFrame──▶ every subscriber
//! ```

mod arrivals;
mod check;
mod choices;
mod config;
mod controller;
mod demo;
mod diagnostics;
mod effects;
mod etas;
mod event;
mod explain;
mod exports;
mod fence_files;
mod figures;
mod files;
mod frames;
mod handle;
mod lateness;
mod lines;
mod link;
mod noise;
mod notify;
mod outlook;
mod past;
mod picture;
#[cfg(test)]
mod plain;
mod planning;
mod positions;
mod promises;
mod quantile;
mod regions;
mod review;
mod rows;
mod sent;
mod session;
mod sign_in;
mod speeds;
mod start;
mod storage;
mod suggestions;
mod travel;
mod undo;
mod views;
mod work;

pub use config::{DeskConfig, KeyPolicy};
pub use demo::{BoxFuture, DemoError, DemoLauncher, DemoServer, DemoSession};
pub use effects::{DeskStatus, Effects, Notification, NotificationAct, NotificationKey};
pub use handle::{Desk, Subscription, start};
pub use sync::{Clock, Now, SystemClock};
