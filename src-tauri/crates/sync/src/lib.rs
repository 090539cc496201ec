//! Keeps a desk's cache equal to the server's feed and brings its commands to the server exactly once.
//!
//! [`SyncCore`] decides, a shell acts: inputs go in ([`Input`]), what is to be done comes out ([`Output`]), in order.
//!
//! Invariants:
//!
//! * **The core does no I/O and asks no clock.** Time ([`Now`]) and randomness (a seed) are parameters, so that any schedule
//!   of faults can be replayed.
//! * **Durable before visible.** Outputs are carried out in order; a command is marked as sent in the outbox before its
//!   request goes out, and data, tombstones and cursor are one [`CacheWrite`](protocol::durable::CacheWrite).
//! * **Whether a command is confirmed is derived**: its receipt's cursor against the cache's. The two database files need no
//!   common transaction; a crash between them only leaves a confirmed command to be deleted at the next start.
//! * **A frame applies only where it links** to the stored cursor; everything else is fetched (R2), and the cursor stored is the
//!   page's `to`, never its `head` (R4).
//! * **The same number carries the same bytes** from its first try on.
//! * After a failed write the core is started anew from what is stored; it never goes on from what it only believes.
//!
//! Deliberately absent: SQL (crate `store`), the user interface's texts, engines, and any decision that belongs to the user:
//! conflicts wait for them.

mod backoff;
mod core;
mod event;
mod io;
pub mod overlay;
#[cfg(feature = "shell")]
pub mod shell;
mod storage;
mod time;

pub use crate::core::{CoreConfig, SyncCore};
pub use crate::event::{Change, Freshness, OutboxSummary, SyncEvent};
pub use crate::io::{
    Call, CallError, Input, LiveId, Output, Reply, Request, RequestId, Secret, StoreFile, Tokens,
    Unreachable, UserAction,
};
#[cfg(feature = "shell")]
pub use crate::shell::{
    BaseUrl, HandleError, OnDemandError, Session, SignInError, SyncConfig, SyncHandle, SystemClock, UrlError,
    sign_in,
};
pub use crate::storage::{CacheStore, OutboxStore, StorageFault};
pub use crate::time::{Clock, Now};
