//! The campaigns in short: what `cargo xtask prove` shows at length, on every change.
