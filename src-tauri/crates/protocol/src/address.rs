//! Which addresses are this machine.

use std::net::IpAddr;

/// Whether a URL's host is this machine, so that plain `http` to it leaves nothing in the clear. IPv6 with or without brackets.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for here in ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "::1"] {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in
            ["10.0.0.7", "localhost.example.org", "0.0.0.0", "[fe80::1]", "", "127.0.0.1.example.org"]
        {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
    }
}
