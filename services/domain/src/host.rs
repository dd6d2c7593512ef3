use std::{fmt, str::FromStr};

use crate::{
    Invalid, Network,
    text::{text_form, token},
};

token! {
    /// A DNS host name (RFC 1123 §2.1: labels of 1 to 63 letters, digits and hyphens, 253 in all).
    HostName, "a host name", "dot-separated labels of letters, digits and inner hyphens, the last not all digits",
    is_host_name
}

fn is_host_name(text: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    // An all-digit last label would make a mistyped IPv4 address a legal host name.
    let numeric_tail = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 253 && !numeric_tail && text.split('.').all(label_ok)
}

/// How a carrier names one of its addresses: a host name, or an address or network as it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CarrierHost {
    Name(HostName),
    Network(Network),
}

impl FromStr for CarrierHost {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // Only digits, dots, colons, slashes and hexadecimal letters with a colon can be meant as an address; then the
        // network's own rule is the one to report.
        let like_an_address =
            text.contains([':', '/']) || text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if like_an_address { text.parse().map(Self::Network) } else { text.parse().map(Self::Name) }
    }
}

impl fmt::Display for CarrierHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Network(network) => network.fmt(f),
        }
    }
}

text_form!(CarrierHost);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_by_rfc_1123() {
        for good in ["sip.n1.ipport.net", "proxy-1.fr.zadarma.com", "localhost", "a.b"] {
            assert!(good.parse::<HostName>().is_ok(), "{good:?}");
        }
        for bad in ["", ".", "a..b", "-a.b", "a-.b", "a_b.c", "10.0.0.300", "a b", "sip:x", "a.b.", "é.fr"] {
            assert!(bad.parse::<HostName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn carriers_name_hosts_addresses_or_networks() {
        assert!(matches!("sbc.voxbeam.com".parse(), Ok(CarrierHost::Name(_))));
        assert!(matches!("95.211.119.240".parse(), Ok(CarrierHost::Network(_))));
        assert!(matches!("2001:db8::/32".parse(), Ok(CarrierHost::Network(_))));
        for bad in ["127.0.0.1", "1.2.3", "sip:x", "", "a/b"] {
            assert!(bad.parse::<CarrierHost>().is_err(), "{bad:?}");
        }
    }
}
