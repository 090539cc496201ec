//! Tests of the core and of its shell.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a story looks for one case and means “anything else” by the rest"
)]

mod honesty;
mod model;
mod office;
mod reading;
mod schedules;
#[cfg(feature = "shell")]
mod session;
#[cfg(feature = "shell")]
mod wire;
mod writing;
