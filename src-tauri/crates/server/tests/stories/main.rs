//! Stories: the real server over HTTP, as desks and phones see it.

mod alerts;
mod bids;
mod commands;
mod demo;
mod feed;
mod field;
mod limits;
mod live;
mod load;
mod office;
mod places;
mod privacy;
mod promises;
mod retention;
mod roles;
mod sign_in;
mod webhook;
mod what_if;
mod whereabouts;
