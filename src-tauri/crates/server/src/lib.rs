//! The reference server: takes in what the field reports, hands it on to the desks, and keeps the office's word on both.
//!
//! Invariants:
//!
//! * **One transaction per effect**: the changed rows, their feed rows, the command's receipt and the audit row are written
//!   together or not at all ([`storage`](self) is the only place that knows how).
//! * **Roles are enforced in one layer, deny by default**: a table says which action each route needs, the domain says how far
//!   the role reaches, and views are filtered inside the queries, never afterwards.
//! * **No coordinate of a private stretch is kept**, whatever way it came in.
//! * Tokens are random, stored as hashes, and carry a purpose: a phone's token never opens the dispatcher API.
//! * Nobody's name, number or place is written to the log.
//!
//! * **A text to a customer is kept only until it is handed on** to the company's webhook or given up, in one place.
//! * **An alert exists once**, whoever notices first: the server's own watcher, or a desk. The same event under two ids is one row.
//!
//! Deliberately absent: TLS (a reverse proxy's work; the server listens on loopback unless told otherwise), photos, ETAs and lateness
//! (the desks work them out), and several nodes on one data set: [`storage`](self) is the seam for that.

mod admin;
mod auth;
mod clock;
mod commands;
mod config;
mod contact;
mod core;
pub mod demo;
mod entries;
mod http;
mod hub;
pub mod import;
mod jobs;
mod ledger;
mod positions;
mod retention;
mod running;
mod secret;
mod seed;
mod snapshots;
mod storage;
mod watching;
mod webhooks;

pub use admin::{Admin, AdminError, ConnectionCode, NewCompany, NewUser, WebhookSecret};
pub use clock::{Clock, SystemClock};
pub use config::{DataPlace, MIN_FEED_DAYS, ServerConfig};
pub use running::{RunningServer, StartError, open_admin, start};
pub use storage::{AuditRow, StorageError};
pub use webhooks::WebhookUrlError;
