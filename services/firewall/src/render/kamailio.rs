//! The file that Kamailio's module permissions reads as `address_file`: group, address, bits, port, tag.

use std::{collections::BTreeSet, fmt::Write};

use ipnet::IpNet;

use super::text::legible;
use crate::{AddressSet, Entry, Format, Refused, Service, Who};

/// The group of carriers, for `allow_source_address("1")`.
const CARRIERS: u8 = 1;
/// The group of our other servers.
const SERVERS: u8 = 2;

pub(super) fn render(set: &AddressSet) -> Result<String, Refused> {
    let rows = rows(set);
    if rows.is_empty() {
        return Err(Refused::EmptyFile(Format::Kamailio));
    }
    let mut text = format!("# {}\n", set.label());
    for Row { group, net, who } in rows {
        let (address, bits) = (net.addr(), net.prefix_len());
        // Writing into a String does not fail.
        let _ = writeln!(text, "{group} {address} {bits} 0 {who} # {}", legible(who.name()));
    }
    Ok(text)
}

/// A network of somebody who speaks SIP. From which port they speak is not asked.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row<'s> {
    pub(super) group: u8,
    pub(super) net: IpNet,
    pub(super) who: &'s Who,
}

pub(super) fn rows(set: &AddressSet) -> BTreeSet<Row<'_>> {
    let row = |entry: &'_ Entry| entry.who.is_provider();
    let sip = set.entries().iter().filter(|entry| Service::Sip.is_of(entry));
    sip.map(|entry| Row {
        group: if row(entry) { CARRIERS } else { SERVERS },
        net: entry.network.net(),
        who: &entry.who,
    })
    .collect()
}
