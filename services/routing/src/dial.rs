use std::fmt;

use domain::{ContextName, Digits, E164, HopPath, HopProtocol, PeerName, Protocol, SipDriver};

/// One resource of Asterisk's Dial application, built from typed parts.
///
/// There is no way to put free text into one, so no value of this type, once written, can hold a second leg (`&`), a
/// second argument (`,`), a predial routine (`^`) or a variable (`${…}`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dial<'s> {
    /// A carrier: the peer or endpoint section on the node, and the number as this carrier wants it.
    Carrier { protocol: Protocol, driver: SipDriver, peer: &'s PeerName, user: CarrierUser },
    /// Another of our servers, which asks again.
    Hop { driver: SipDriver, path: &'s HopPath, exten: HopExten },
    /// A phone registered on this node.
    Endpoint { driver: SipDriver, endpoint: &'s PeerName },
    /// Phones registered on this node, all at once.
    Endpoints { driver: SipDriver, endpoints: &'s [PeerName] },
    /// An extension of this node's own dialplan.
    Local { exten: Digits, context: &'s ContextName },
}

impl<'s> Dial<'s> {
    /// The contract's word for what is dialled.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Carrier { .. } => "carrier",
            Self::Hop { .. } => "hop",
            Self::Endpoint { .. } | Self::Endpoints { .. } | Self::Local { .. } => "local",
        }
    }

    /// The one section of the node's configuration that is dialled.
    pub fn peer(&self) -> Option<&'s PeerName> {
        match self {
            Self::Carrier { peer, .. } => Some(peer),
            Self::Hop { path, .. } => Some(&path.peer),
            Self::Endpoint { endpoint, .. } => Some(endpoint),
            Self::Endpoints { .. } | Self::Local { .. } => None,
        }
    }
}

/// The called number as a carrier wants it: tariff prefix, plus sign, digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarrierUser {
    pub tariff_prefix: Option<Digits>,
    pub plus: bool,
    pub number: CarrierNumber,
}

/// What a carrier is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierNumber {
    Number(E164),
    /// An emergency or service number, which means something in one country only.
    Service(Digits),
}

impl fmt::Display for CarrierNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Service(digits) => digits.fmt(f),
        }
    }
}

/// What another of our servers is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopExten {
    Number(E164),
    /// A phone of that server.
    Extension(Digits),
}

impl fmt::Display for HopExten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Extension(digits) => digits.fmt(f),
        }
    }
}

impl fmt::Display for CarrierUser {
    /// A prefixed number is the carrier's private form and no international number any more: it never has a plus.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tariff_prefix {
            Some(prefix) => write!(f, "{prefix}{}", self.number),
            None if self.plus => write!(f, "+{}", self.number),
            None => self.number.fmt(f),
        }
    }
}

impl fmt::Display for Dial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Carrier { protocol: Protocol::Sip, driver, peer, user } => {
                write_sip(f, *driver, peer, user)
            }
            Self::Carrier { protocol: Protocol::Iax2, peer, user, .. } => write!(f, "IAX2/{peer}/{user}"),
            Self::Carrier { protocol: Protocol::H323, peer, user, .. } => write!(f, "OOH323/{user}@{peer}"),
            Self::Hop { driver, path, exten } if path.protocol == HopProtocol::Sip => {
                write_sip(f, *driver, &path.peer, exten)
            }
            // Never a user: the peer section has the name that this node, and no other, authenticates with.
            Self::Hop { path, exten, .. } => write!(f, "IAX2/{}/{exten}", path.peer),
            Self::Endpoint { driver, endpoint } => write_endpoint(f, *driver, endpoint),
            Self::Endpoints { driver, endpoints } => {
                for (position, endpoint) in endpoints.iter().enumerate() {
                    f.write_str(if position == 0 { "" } else { "&" })?;
                    write_endpoint(f, *driver, endpoint)?;
                }
                Ok(())
            }
            Self::Local { exten, context } => write!(f, "Local/{exten}@{context}"),
        }
    }
}

fn write_endpoint(f: &mut fmt::Formatter<'_>, driver: SipDriver, endpoint: &PeerName) -> fmt::Result {
    match driver {
        SipDriver::ChanSip => write!(f, "SIP/{endpoint}"),
        SipDriver::Pjsip => write!(f, "PJSIP/{endpoint}"),
    }
}

/// PJSIP always dials a configured endpoint, never a bare host.
fn write_sip(
    f: &mut fmt::Formatter<'_>,
    driver: SipDriver,
    peer: &PeerName,
    user: &impl fmt::Display,
) -> fmt::Result {
    match driver {
        SipDriver::ChanSip => write!(f, "SIP/{peer}/{user}"),
        SipDriver::Pjsip => write!(f, "PJSIP/{user}@{peer}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carrier(protocol: Protocol, driver: SipDriver, prefix: Option<&str>, plus: bool) -> String {
        let peer = "sip.example.net".parse().unwrap();
        let user = CarrierUser {
            tariff_prefix: prefix.map(|digits| digits.parse().unwrap()),
            plus,
            number: CarrierNumber::Number("74957777777".parse().unwrap()),
        };
        Dial::Carrier { protocol, driver, peer: &peer, user }.to_string()
    }

    #[test]
    fn a_carrier_in_every_channel_driver() {
        use Protocol::{H323, Iax2, Sip};
        use SipDriver::{ChanSip, Pjsip};
        assert_eq!(carrier(Sip, ChanSip, Some("9992"), false), "SIP/sip.example.net/999274957777777");
        assert_eq!(carrier(Sip, Pjsip, None, true), "PJSIP/+74957777777@sip.example.net");
        assert_eq!(carrier(Iax2, Pjsip, None, false), "IAX2/sip.example.net/74957777777");
        assert_eq!(carrier(H323, ChanSip, Some("001"), false), "OOH323/00174957777777@sip.example.net");
    }

    #[test]
    fn a_plus_never_stands_with_a_tariff_prefix() {
        let string = carrier(Protocol::Sip, SipDriver::ChanSip, Some("9992"), true);
        assert_eq!(string, "SIP/sip.example.net/999274957777777");
    }

    #[test]
    fn hops_and_our_own() {
        let exten = HopExten::Number("74957777777".parse().unwrap());
        let hop = |path: &str, driver| {
            let path = path.parse().unwrap();
            Dial::Hop { driver, path: &path, exten }.to_string()
        };
        assert_eq!(hop("IAX2/msm@msm", SipDriver::Pjsip), "IAX2/msm/74957777777");
        assert_eq!(hop("SIP/msm", SipDriver::Pjsip), "PJSIP/74957777777@msm");
        assert_eq!(hop("SIP/msm", SipDriver::ChanSip), "SIP/msm/74957777777");
        let endpoint = "1000".parse().unwrap();
        let own = |driver| Dial::Endpoint { driver, endpoint: &endpoint }.to_string();
        assert_eq!(
            (own(SipDriver::ChanSip), own(SipDriver::Pjsip)),
            ("SIP/1000".into(), "PJSIP/1000".into())
        );
        let endpoints = ["1000".parse().unwrap(), "1001".parse().unwrap()];
        let group = Dial::Endpoints { driver: SipDriver::Pjsip, endpoints: &endpoints };
        assert_eq!(group.to_string(), "PJSIP/1000&PJSIP/1001");
        let context = "users_context".parse().unwrap();
        let local = Dial::Local { exten: "1000".parse().unwrap(), context: &context };
        assert_eq!(local.to_string(), "Local/1000@users_context");
    }
}
