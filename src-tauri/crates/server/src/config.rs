//! What a server is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Where the data lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataPlace {
    /// Nowhere: gone when the server stops. For demos and tests.
    Memory,
    /// In this SQLite file, made when it is not there.
    File(PathBuf),
}

/// What a server is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Address to listen on; port 0 takes any free one. Plain HTTP, so anything but loopback belongs behind a TLS proxy.
    pub listen: SocketAddr,
    /// Where the data lives.
    pub data: DataPlace,
    /// Days that the feed (and its tombstones) is kept; never less than 7.
    pub feed_days: u16,
}

/// The least the feed is kept (R8), days.
pub const MIN_FEED_DAYS: u16 = 7;

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: DataPlace::Memory,
            feed_days: MIN_FEED_DAYS,
        }
    }
}

impl ServerConfig {
    /// A server on any free loopback port with its data in memory.
    pub fn in_memory() -> Self {
        ServerConfig::default()
    }

    /// A server on `listen` with its data in the file `path`.
    pub fn in_file(listen: SocketAddr, path: impl Into<PathBuf>) -> Self {
        ServerConfig { listen, data: DataPlace::File(path.into()), ..ServerConfig::default() }
    }
}
