//! The embedded demo: reference server and simulated fleet on loopback.
