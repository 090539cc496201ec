//! What the whole-system suites share: the import rules, the desk in its real window, and the reliability campaigns.
//!
//! Suites are the files beside this one; each is a `[[test]]` of this package. A campaign is a module of [`campaigns`] with two
//! faces: a short run in the suite `reliability`, and a long one behind `cargo xtask prove` (`examples/prove_*.rs`).
//! Deliberately absent: mocks. A suite starts the real parts on loopback and in temporary folders.

pub mod campaigns;
pub mod desktop;
pub mod figures;
pub mod plain;
pub mod rules;
