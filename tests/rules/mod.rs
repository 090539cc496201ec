//! The project's rules about its own shape, as functions from facts to a list of violations.
//!
//! The facts come from `cargo metadata` and the source tree; each function can be given made-up facts, to see that it
//! objects.

pub mod imports;
pub mod sources;
