use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

use crate::{Invalid, text::text_form};

/// An address or network a carrier speaks from or to, IPv4 or IPv6, host bits cleared.
///
/// Loopback, unspecified, broadcast and multicast addresses and anything that contains them are refused: the article's
/// `127.0.0.1` for "not resolved" must never become an allowlist entry or a firewall rule.
/// IPv4-mapped IPv6 addresses are IPv4 (RFC 4291 §2.5.5.2), so that both spellings are one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpNet);

impl Network {
    const RULE: &'static str = "an IP address or CIDR network that is not loopback, unspecified or multicast";

    pub fn net(self) -> IpNet {
        self.0
    }

    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

fn unmapped(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    match (v6.addr().to_ipv4_mapped(), v6.prefix_len()) {
        (Some(v4), length @ 96..) => IpNet::new(v4.into(), length - 96).unwrap_or(net),
        _ => net,
    }
}

fn forbidden(net: IpNet) -> bool {
    let never =
        ["127.0.0.0/8", "0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::1/128", "::/128", "ff00::/8"];
    never
        .iter()
        .filter_map(|text| text.parse::<IpNet>().ok())
        .any(|bad| bad.contains(&net) || net.contains(&bad))
}

impl FromStr for Network {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("a network", Self::RULE, text);
        let net = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse::<IpNet>().map_err(|_| invalid())?,
        };
        let net = unmapped(net).trunc();
        if forbidden(net) { Err(invalid()) } else { Ok(Self(net)) }
    }
}

/// One address.
impl TryFrom<IpAddr> for Network {
    type Error = Invalid;

    fn try_from(address: IpAddr) -> Result<Self, Invalid> {
        let net = unmapped(address.into());
        if forbidden(net) {
            Err(Invalid::new("a network", Self::RULE, &address.to_string()))
        } else {
            Ok(Self(net))
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

text_form!(Network);

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Network>().unwrap().to_string()
    }

    #[test]
    fn addresses_and_networks_have_one_spelling() {
        assert_eq!(shown("95.211.119.240"), "95.211.119.240");
        assert_eq!(shown("192.0.2.77/24"), "192.0.2.0/24");
        assert_eq!(shown("2001:db8::1"), "2001:db8::1");
        assert_eq!(shown("::ffff:192.0.2.1"), "192.0.2.1");
        assert!("192.0.2.0/24".parse::<Network>().unwrap().contains("::ffff:192.0.2.9".parse().unwrap()));
    }

    #[test]
    fn addresses_are_networks_of_one() {
        let network = |address: &str| Network::try_from(address.parse::<IpAddr>().unwrap());
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1".parse());
        assert!(network("::ffff:127.0.0.1").is_err() && network("224.0.0.1").is_err());
    }

    #[test]
    fn what_no_carrier_speaks_from_is_refused() {
        let never = [
            "127.0.0.1",
            "0.0.0.0",
            "0.0.0.0/0",
            "::/0",
            "::1",
            "224.0.0.1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "x",
            "",
            "255.255.255.255",
        ];
        for bad in never {
            assert!(bad.parse::<Network>().is_err(), "{bad:?}");
        }
    }
}
