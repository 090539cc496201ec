//! What the whole-system suites share: the import rules, and the desk in its real window.
//!
//! Suites are the files beside this one; each is a `[[test]]` of this package.
//! Deliberately absent: mocks. A suite starts the real parts on loopback and in temporary folders.

pub mod desktop;
pub mod rules;
