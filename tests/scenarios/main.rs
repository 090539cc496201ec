//! Scenarios of a dispatcher's day: real server, real phones, real controller, real encrypted files.

mod office;
mod screen;

mod alerts;
mod bids;
mod demo;
mod offline;
mod privacy;
mod roles;
mod sign_in;
mod undo;
mod work;
