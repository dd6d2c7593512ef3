//! Sections for `#include` in pjsip.conf: by which endpoint a carrier's calls come, and who may speak SIP at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use domain::PeerName;

use super::text::{bare, legible};
use crate::{AddressSet, Entry, Format, Networks, Refused, RenderOptions, Rules, Service};

pub(super) fn render(set: &AddressSet, options: &RenderOptions) -> Result<String, Refused> {
    let sip: Vec<&Entry> = set.entries().iter().filter(|entry| Service::Sip.is_of(entry)).collect();
    let mut by_endpoint: BTreeMap<&PeerName, Vec<&Entry>> = BTreeMap::new();
    for entry in sip.iter().filter(|entry| entry.direction.allows_in()) {
        if let Some(endpoint) = &entry.endpoint {
            by_endpoint.entry(endpoint).or_default().push(entry);
        }
    }
    let is_empty = match options.rules {
        Rules::Included => sip.is_empty(),
        Rules::SetsOnly => by_endpoint.is_empty(),
    };
    if is_empty {
        return Err(Refused::EmptyFile(Format::Pjsip));
    }
    let mut text = format!("; {}\n", set.label());
    for (endpoint, entries) in by_endpoint {
        push_identify(&mut text, endpoint, &entries);
    }
    if options.rules == Rules::Included {
        let also = options.also_allow.iter().copied();
        push_acl(&mut text, &Networks::of(sip.iter().map(|entry| entry.network).chain(also)));
    }
    Ok(text)
}

fn push_identify(text: &mut String, endpoint: &PeerName, entries: &[&Entry]) {
    let names: BTreeSet<_> = entries.iter().map(|entry| legible(entry.who.name())).collect();
    let names: Vec<_> = names.into_iter().collect();
    // Writing into a String does not fail.
    let _ =
        writeln!(text, "\n; {}\n[dialplane-{endpoint}]\ntype=identify\nendpoint={endpoint}", names.join(" "));
    for net in Networks::of(entries.iter().map(|entry| entry.network)).iter() {
        let _ = writeln!(text, "match={}", bare(net));
    }
}

/// Asterisk asks it of every request, whoever it is from: phones are let in by `also_allow` only.
fn push_acl(text: &mut String, networks: &Networks) {
    text.push_str("\n[dialplane]\ntype=acl\ndeny=0.0.0.0/0\ndeny=::/0\npermit=127.0.0.0/8\npermit=::1/128\n");
    for net in networks.iter() {
        let _ = writeln!(text, "permit={net}");
    }
}
