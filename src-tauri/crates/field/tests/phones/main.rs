//! Phones and simulated people against an office without a server.

mod handset;
mod office;
mod person;
