use std::{fmt::Display, str::FromStr};

use domain::Network;
use firewall::{Family, Floors, Guarded, PortRange, RenderOptions, Rules};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

use super::{ConfigError, in_range};

/// What is exported for firewalls, beside what the tables say. Lists are texts with commas, as the environment has them.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FirewallConfig {
    /// Networks that strangers' ports are open to as well: where phones are.
    #[serde(with = "listed")]
    pub also_allow: Vec<Network>,
    /// The shortest prefix of an IPv4 network that is exported, 1 to 32.
    pub floor_v4: u8,
    /// The shortest prefix of an IPv6 network that is exported, 1 to 128.
    pub floor_v6: u8,
    /// The ports of ours that strangers are kept from, by what listens there; empty: none.
    #[serde(with = "listed")]
    pub sip: Vec<PortRange>,
    #[serde(with = "listed")]
    pub iax2: Vec<PortRange>,
    #[serde(with = "listed")]
    pub h323: Vec<PortRange>,
    #[serde(with = "listed")]
    pub media: Vec<PortRange>,
}

impl Default for FirewallConfig {
    fn default() -> Self {
        let (floors, Guarded { sip, iax2, h323, media }) = (Floors::default(), Guarded::default());
        Self { also_allow: Vec::new(), floor_v4: floors.v4, floor_v6: floors.v6, sip, iax2, h323, media }
    }
}

impl FirewallConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        in_range("firewall.floor_v4", self.floor_v4.into(), 1..=32, "1 to 32 bits")?;
        in_range("firewall.floor_v6", self.floor_v6.into(), 1..=128, "1 to 128 bits")
    }

    pub fn floors(&self) -> Floors {
        Floors { v4: self.floor_v4, v6: self.floor_v6 }
    }

    /// How files are written here.
    pub fn options(&self, rules: Rules, family: Family) -> RenderOptions {
        let Self { also_allow, sip, iax2, h323, media, .. } = self.clone();
        RenderOptions { also_allow, guarded: Guarded { sip, iax2, h323, media }, rules, family }
    }
}

/// A list as one text, its parts between commas.
mod listed {
    use super::{Deserialize, Deserializer, Display, Error, FromStr, Serializer};

    pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().map_err(D::Error::custom)).collect()
    }

    pub(super) fn serialize<T: Display, S: Serializer>(list: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        let parts: Vec<_> = list.iter().map(ToString::to_string).collect();
        serializer.serialize_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::parse;

    #[test]
    fn lists_are_texts_with_commas() {
        let config = parse(
            "[firewall]\nalso_allow = \"192.0.2.0/25, 2001:db8::/32\"\nsip = \"5080-5082/udp,5080/tcp\"",
        );
        let firewall = config.unwrap().firewall;
        assert_eq!(firewall.also_allow.len(), 2);
        let ports: Vec<_> = firewall.sip.iter().map(ToString::to_string).collect();
        assert_eq!(ports, ["5080-5082/udp", "5080/tcp"]);
        assert!(parse("[firewall]\nsip = \"\"").unwrap().firewall.sip.is_empty());
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (key, value, said) in [
            ("also_allow", "\"0.0.0.0/0\"", "a network must be"),
            ("sip", "\"5060\"", "guarded ports must be"),
            ("floor_v4", "0", "1 to 32 bits"),
            ("floor_v6", "129", "1 to 128 bits"),
        ] {
            let error = parse(&format!("[firewall]\n{key} = {value}")).unwrap_err();
            let shown = crate::chain(&error).to_string();
            assert!(shown.contains(said) && shown.contains(key), "{shown}");
        }
    }
}
