use std::{fmt, str::FromStr};

use hyper::{Uri, http::uri::Scheme};

/// Where an API is: `https://host`, `https://host:8443/prefix`, `http://127.0.0.1:8080`.
#[derive(Clone, PartialEq, Eq)]
pub struct Base {
    pub(crate) is_encrypted: bool,
    /// A name or an address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    authority: String,
    prefix: String,
}

/// What is no address of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be https://host, with a port and a path if need be; http only on this machine")]
pub struct MalformedBase;

impl Base {
    /// A path below it.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }
}

impl FromStr for Base {
    type Err = MalformedBase;

    fn from_str(text: &str) -> Result<Self, MalformedBase> {
        let uri: Uri = text.parse().map_err(|_| MalformedBase)?;
        let is_encrypted = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(MalformedBase),
        };
        let authority = uri.authority().ok_or(MalformedBase)?;
        // A name and password would end up in logs, and a question belongs to what is asked.
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(MalformedBase);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        let prefix = uri.path().trim_end_matches('/').to_owned();
        if host.is_empty() {
            Err(MalformedBase)
        } else {
            Ok(Self { is_encrypted, host, port, authority: authority.to_string(), prefix })
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.prefix)
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_an_api() {
        let base: Base = "https://dialplane.example:8443/behind/".parse().unwrap();
        assert_eq!((&*base.host, base.port, base.is_encrypted), ("dialplane.example", 8443, true));
        assert_eq!(base.path("/api/v1/calls"), "/behind/api/v1/calls");
        let base: Base = "http://[::1]:8080".parse().unwrap();
        assert_eq!((&*base.host, base.port, base.authority()), ("::1", 8080, "[::1]:8080"));
        assert_eq!(base.to_string(), "http://[::1]:8080");
    }

    #[test]
    fn what_is_none() {
        let none = [
            "",
            "dialplane.example",
            "ftp://x",
            "https://",
            "https://u:p@x",
            "https://x/?a=b",
            "https://a b",
        ];
        for text in none {
            assert_eq!(text.parse::<Base>(), Err(MalformedBase), "{text:?}");
        }
    }
}
