use std::{fmt, str::FromStr};

use crate::{
    Invalid, PeerName,
    text::{text_form, words},
};

words! {
    /// Which way calls may go over an address or a number, seen from us.
    Direction, "a direction", "IN, OUT or IN/OUT", {
        In = "IN",
        Out = "OUT",
        InOut = "IN/OUT",
    }
}

impl Direction {
    pub fn allows_out(self) -> bool {
        self != Self::In
    }

    pub fn allows_in(self) -> bool {
        self != Self::Out
    }
}

words! {
    /// The signalling protocol of a provider address.
    Protocol, "a protocol", "SIP, IAX2 or H323", {
        Sip = "SIP",
        Iax2 = "IAX2",
        H323 = "H323",
    }
}

words! {
    /// What a provider address is for.
    Purpose, "a purpose", "SIGNALLING, MEDIA or BOTH", {
        Signalling = "SIGNALLING",
        Media = "MEDIA",
        Both = "BOTH",
    }
}

impl Purpose {
    /// Whether calls are told by it and sent to it. Media alone is for firewalls.
    pub fn is_for_signalling(self) -> bool {
        self != Self::Media
    }

    pub fn is_for_media(self) -> bool {
        self != Self::Signalling
    }
}

words! {
    /// What carries the signalling of a provider address.
    Transport, "a transport", "UDP, TCP or TLS", {
        Udp = "UDP",
        Tcp = "TCP",
        Tls = "TLS",
    }
}

words! {
    /// How the addresses of a host name are found: by A and AAAA records, or by the SRV records of RFC 3263 first.
    Lookup, "a lookup", "HOST or SRV", {
        Host = "HOST",
        Srv = "SRV",
    }
}

words! {
    /// The channel driver a node uses for SIP. `chan_sip` is gone since Asterisk 21.
    SipDriver, "a SIP driver", "sip (chan_sip) or pjsip", {
        ChanSip = "sip",
        Pjsip = "pjsip",
    }
}

words! {
    /// The protocol of calls between our own servers.
    HopProtocol, "a hop protocol", "SIP or IAX2", {
        Sip = "SIP",
        Iax2 = "IAX2",
    }
}

/// An ISO 4217 alphabetic currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CurrencyCode([u8; 3]);

impl FromStr for CurrencyCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(Invalid::new("a currency code", "three capital letters (ISO 4217)", text)),
        }
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

/// How another of our servers is dialled: `SIP/peer`, `IAX2/peer` or `IAX2/user@peer`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HopPath {
    pub protocol: HopProtocol,
    /// The name we authenticate with, where it differs from the peer's own.
    pub user: Option<PeerName>,
    pub peer: PeerName,
}

impl FromStr for HopPath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("a hop path", "SIP/peer, IAX2/peer or IAX2/user@peer", text);
        let (protocol, rest) = text.split_once('/').ok_or_else(invalid)?;
        let protocol: HopProtocol = protocol.parse().map_err(|_| invalid())?;
        let (user, peer) = match rest.split_once('@') {
            Some((user, peer)) => (Some(user.parse().map_err(|_| invalid())?), peer),
            None => (None, rest),
        };
        if user.is_some() && protocol == HopProtocol::Sip {
            return Err(invalid());
        }
        Ok(Self { protocol, user, peer: peer.parse().map_err(|_| invalid())? })
    }
}

impl fmt::Display for HopPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            Some(user) => write!(f, "{}/{user}@{}", self.protocol, self.peer),
            None => write!(f, "{}/{}", self.protocol, self.peer),
        }
    }
}

text_form!(CurrencyCode, HopPath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_written_in_one() {
        assert_eq!("in/out".parse::<Direction>().unwrap().to_string(), "IN/OUT");
        assert!("IN / OUT".parse::<Direction>().is_err());
        assert_eq!("PJSIP".parse::<SipDriver>().unwrap(), SipDriver::Pjsip);
    }

    #[test]
    fn hop_paths_read_back_equal() {
        for path in ["IAX2/macomnet@macomnet", "SIP/212.5.126.1", "IAX2/msm"] {
            assert_eq!(path.parse::<HopPath>().unwrap().to_string(), path);
        }
        for bad in ["IAX2", "H323/x", "SIP/a@b", "IAX2/a@b@c", "IAX2/a&b", "SIP/"] {
            assert!(bad.parse::<HopPath>().is_err(), "{bad:?}");
        }
    }
}
