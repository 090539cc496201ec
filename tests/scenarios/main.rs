//! Scenarios of a dispatcher's day: real server, real phones, real controller, real encrypted files.

mod office;
mod screen;

mod alert_centre;
mod alerts;
mod bids;
mod damage;
mod demo;
mod fenced;
mod forgetting;
mod offline;
mod places;
mod planning;
mod privacy;
mod promises;
mod review;
mod roles;
mod sign_in;
mod suggestions;
mod undo;
mod work;
