//! Tests of the core and of its shell.

mod model;
mod schedules;
