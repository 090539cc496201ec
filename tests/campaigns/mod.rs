//! Campaigns: long runs of the real parts under faults, that count what was lost, doubled or corrupted.
//!
//! Each takes its size and its seed and answers with figures; a failure names the seed and the command that repeats it.

pub mod chaos;
pub mod clock;
pub mod disk;
pub mod flip;
pub mod kill;
pub mod partitions;
pub mod retention;
pub mod workplace;
