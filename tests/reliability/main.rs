//! The campaigns in short: what `cargo xtask prove` shows at length, on every change.

mod chaos;
mod clock;
mod disk;
mod flip;
mod keyring;
mod kill;
mod partitions;
mod retention;
