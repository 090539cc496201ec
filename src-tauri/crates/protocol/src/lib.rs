//! The types of the three wires, and nothing else: [`wire`] (server ⇄ desk), [`field`] (server ⇄ phone) and [`view`]
//! (desk backend ⇄ UI).
//!
//! * Every request carries [`API_VERSION`] in the header [`API_VERSION_HEADER`]; a server of another version answers 426.
//! * A cursor is opaque to everybody but the server, except that two of one epoch can be ordered ([`wire::Cursor`]).
//! * Items of an unknown type or operation are data, not errors: [`wire::Item::decode`] answers `Ok(None)` and the reader
//!   keeps them raw.
//! * No `untagged`, no `flatten`: what a message means never depends on guessing.
//!
//! Deliberately absent: I/O, rules (crate `domain`), texts for people (crate `web`).

pub mod address;
pub mod durable;
pub mod entity;
pub mod field;
pub mod view;
pub mod wire;

/// Version of both server wires. A change that an older reader can't take raises it.
pub const API_VERSION: u16 = 1;
/// Header that carries [`API_VERSION`] in both directions.
pub const API_VERSION_HEADER: &str = "officetrack-api";

/// Names of the HTTP headers of the write side.
pub mod header {
    /// The desk's device id.
    pub const DEVICE_ID: &str = "device-id";
    /// Fences clones of a device's disk.
    pub const DEVICE_EPOCH: &str = "device-epoch";
    /// All commands up to this number have a durable outcome at the desk; their receipts may go.
    pub const ACKED_THROUGH: &str = "acked-through";
}
