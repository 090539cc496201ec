//! Server addresses: `https` everywhere, plain `http` only to this machine.

use protocol::address::is_loopback;
use reqwest::Url;

/// A server's address that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why an address may not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is no `http` or `https` URL with a host.
    #[error("“{0}” is no server address: it has to look like https://desk.example.org")]
    NoUrl(String),
    /// Passwords and positions would travel in the clear.
    #[error("“{0}” is not encrypted: plain http is only possible to this machine, use https")]
    PlainHttp(String),
}

impl BaseUrl {
    /// Checks an address.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let no_url = || UrlError::NoUrl(text.chars().take(200).collect());
        let url = Url::parse(text.trim()).map_err(|_| no_url())?;
        let host = url.host_str().ok_or_else(no_url)?;
        match url.scheme() {
            "https" => Ok(BaseUrl(url)),
            "http" if is_loopback(host) => Ok(BaseUrl(url)),
            "http" => Err(UrlError::PlainHttp(url.origin().ascii_serialization())),
            _ => Err(no_url()),
        }
    }

    /// The URL of a path below it, with query pairs.
    pub(crate) fn at(&self, path: &str, query: &[(&str, String)]) -> Url {
        let mut url = self.0.clone();
        url.set_query(None);
        url.set_fragment(None);
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The same as a WebSocket URL.
    pub(crate) fn live(&self, path: &str, query: &[(&str, String)]) -> String {
        let url = self.at(path, query);
        url.as_str().replacen("http", "ws", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_nowhere_but_to_this_machine() {
        for good in
            ["https://desk.example.org", "http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:9"]
        {
            assert!(BaseUrl::parse(good).is_ok(), "{good} is fine");
        }
        for plain in ["http://desk.example.org", "http://10.0.0.7:80", "http://localhost.example.org"] {
            assert!(
                matches!(BaseUrl::parse(plain), Err(UrlError::PlainHttp(_))),
                "{plain} would be in the clear"
            );
        }
        for bad in ["", "desk.example.org", "ftp://desk.example.org", "https://"] {
            assert!(matches!(BaseUrl::parse(bad), Err(UrlError::NoUrl(_))), "“{bad}” is no address");
        }
    }

    #[test]
    fn paths_keep_the_servers_prefix() {
        let base = BaseUrl::parse("https://example.org/desk/").expect("address");
        let url = base.at("/v1/changes", &[("cursor", "1-2".to_owned())]);
        assert_eq!(url.as_str(), "https://example.org/desk/v1/changes?cursor=1-2", "prefix, path, query");
        assert!(
            base.live("/v1/live", &[]).starts_with("wss://example.org/desk/v1/live"),
            "encrypted stays encrypted"
        );
    }
}
