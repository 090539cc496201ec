//! Addresses of engines: `https` anywhere, plain `http` only to this machine.

use protocol::address::is_loopback;
use protocol::view::EngineFault;
use reqwest::Url;

/// An address that may be asked.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

/// Whether a text can be an engine's address.
pub fn is_usable(text: &str) -> bool {
    Address::parse(text).is_ok()
}

impl Address {
    pub fn parse(text: &str) -> Result<Self, EngineFault> {
        let url = Url::parse(text.trim()).map_err(|_| EngineFault::Address)?;
        let host = url.host_str().ok_or(EngineFault::Address)?;
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(host) => Ok(Self(url)),
            _ => Err(EngineFault::Address),
        }
    }

    /// Positions must not reach a proxy in the clear.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The URL of a path below it. A query of the address stays, for servers that want a key there.
    pub fn at(&self, path: &str, query: &str) -> Url {
        let mut url = self.0.clone();
        url.set_fragment(None);
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        let kept = self.0.query().unwrap_or_default();
        let parts: Vec<&str> = [kept, query].into_iter().filter(|part| !part.is_empty()).collect();
        url.set_query(Some(parts.join("&")).as_deref().filter(|query| !query.is_empty()));
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_nowhere_but_to_this_machine() {
        for good in [
            "https://roads.example.org/osrm",
            "http://127.0.0.1:5000",
            "http://localhost:8002/",
            "http://[::1]:9",
        ] {
            assert!(is_usable(good), "{good} is fine");
        }
        for bad in [
            "http://roads.example.org",
            "http://10.0.0.7:5000",
            "http://localhost.example.org",
            "ftp://127.0.0.1",
            "",
            "roads",
        ] {
            assert!(!is_usable(bad), "“{bad}” would send positions in the clear, or nowhere");
        }
    }

    #[test]
    fn prefix_and_key_of_an_address_stay() {
        let address = Address::parse("https://example.org/engine/?api_key=k#x").expect("an address");
        assert_eq!(
            address.at("/table/v1/car/7.4,43.7;7.5,43.7", "sources=0").as_str(),
            "https://example.org/engine/table/v1/car/7.4,43.7;7.5,43.7?api_key=k&sources=0",
            "prefix, path, key, query"
        );
        assert_eq!(
            Address::parse("http://localhost:1").expect("an address").at("/route", "").as_str(),
            "http://localhost:1/route",
            "nothing where nothing was"
        );
    }
}
