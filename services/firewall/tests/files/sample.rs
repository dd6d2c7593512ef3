//! Sets to write.

use domain::{Network, ProviderAddressId, ProviderId};
use firewall::{AddressSet, Entry, Floors, Origin, OriginField, OriginTable, Question, Who, select};
use routing::{ChunkedTables, tables::Tables};

/// The published example.
pub(crate) fn article() -> Tables {
    toml::from_str(include_str!("../../../store/example/article.toml")).unwrap()
}

pub(crate) fn selected(tables: Tables, question: &Question) -> Vec<Entry> {
    select(&ChunkedTables::from(tables), 0, question).unwrap().entries
}

/// The example with addresses of every other kind, too: IPv6, media, and what is aggregated.
pub(crate) fn rich() -> AddressSet {
    let mut entries = selected(article(), &Question::default());
    let more = [
        ("2001:db8:53::/64", "SIGNALLING", "SIP"),
        ("203.0.113.0/26", "BOTH", "SIP"),
        ("203.0.113.64/26", "BOTH", "SIP"),
        ("198.51.100.7", "SIGNALLING", "IAX2"),
        ("198.51.100.8", "SIGNALLING", "H323"),
        ("2001:db8:54::8", "MEDIA", "SIP"),
    ];
    entries.extend((900..).zip(more).map(|(id, (network, purpose, protocol))| Entry {
        purpose: purpose.parse().unwrap(),
        protocol: protocol.parse().unwrap(),
        ..entry(id, network)
    }));
    AddressSet::new(7, entries, Floors::default()).unwrap()
}

pub(crate) fn entry(id: i64, network: &str) -> Entry {
    of_network(id, network.parse().unwrap())
}

pub(crate) fn of_network(id: i64, network: Network) -> Entry {
    Entry {
        network,
        who: Who::Provider { id: ProviderId(99), name: "Lab".into() },
        purpose: "SIGNALLING".parse().unwrap(),
        direction: "IN/OUT".parse().unwrap(),
        protocol: "SIP".parse().unwrap(),
        transport: None,
        ports: None,
        endpoint: Some("lab".parse().unwrap()),
        comment: None,
        valid_from_us: None,
        valid_to_us: None,
        origin: origin(ProviderAddressId(id)),
    }
}

fn origin(id: ProviderAddressId) -> Origin {
    Origin { table: OriginTable::ProviderAddresses, id: id.0, field: OriginField::Ipaddress }
}
