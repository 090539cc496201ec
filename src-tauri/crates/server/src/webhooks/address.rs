//! Webhooks' addresses: `https` everywhere, plain `http` only to this machine.

use protocol::address::is_loopback;
use reqwest::Url;

/// Why an address can't be a webhook's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookUrlError {
    /// It is no `http` or `https` URL with a host.
    #[error("this is no address: it has to look like https://example.org/promises")]
    NoUrl,
    /// The texts would travel in the clear.
    #[error("plain http is only possible to this machine, use https")]
    PlainHttp,
    /// A password in it would be in logs and lists.
    #[error("the address must not hold a user or a password: the signature says who sends")]
    Credentials,
}

/// The address, as it is kept.
pub(crate) fn checked(text: &str) -> Result<String, WebhookUrlError> {
    let url = Url::parse(text.trim()).map_err(|_| WebhookUrlError::NoUrl)?;
    let host = url.host_str().ok_or(WebhookUrlError::NoUrl)?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => return Err(WebhookUrlError::PlainHttp),
        _ => return Err(WebhookUrlError::NoUrl),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebhookUrlError::Credentials);
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_to_customers_never_travel_in_the_clear() {
        for good in ["https://example.org/promises?tenant=7", "http://127.0.0.1:9/", "http://[::1]:9/hook"] {
            assert_eq!(checked(good).as_deref(), Ok(good), "{good} is fine");
        }
        for plain in ["http://example.org/", "http://10.0.0.7/", "http://localhost.example.org/"] {
            assert_eq!(checked(plain), Err(WebhookUrlError::PlainHttp), "{plain} would be in the clear");
        }
        for bad in ["", "example.org", "ftp://example.org/", "https://", "mailto:a@example.org"] {
            assert_eq!(checked(bad), Err(WebhookUrlError::NoUrl), "“{bad}” is no address");
        }
        for secret in ["https://user@example.org/", "https://user:word@example.org/"] {
            assert_eq!(checked(secret), Err(WebhookUrlError::Credentials), "a secret in an address leaks");
        }
    }
}
