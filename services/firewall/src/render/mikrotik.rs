//! Address lists for RouterOS: `/import dialplane.rsc`. What is new is added before what is old is removed, so that at no
//! moment somebody is missing who is in both.

use std::fmt::Write;

use ipnet::IpNet;

use super::text::{bare, named_sets};
use crate::{AddressSet, RenderOptions};

pub(super) fn render(set: &AddressSet, options: &RenderOptions) -> String {
    let mark = format!("dialplane {}", set.mark());
    let mut text = format!("# {}\n", set.label());
    let sets = named_sets(set, options);
    // Writing into a String does not fail.
    let _ = writeln!(text, "/ip firewall address-list");
    for (name, networks) in &sets {
        networks.v4.iter().for_each(|net| push(&mut text, name, &bare(IpNet::V4(*net)), &mark));
    }
    push_removal(&mut text, &mark);
    let _ = writeln!(text, "/ipv6 firewall address-list");
    for (name, networks) in &sets {
        // Here RouterOS shows the length of a single address, too.
        networks.v6.iter().for_each(|net| push(&mut text, name, &net.to_string(), &mark));
    }
    push_removal(&mut text, &mark);
    text
}

/// An address that is there gets the new mark; adding it again would stop the import.
fn push(text: &mut String, name: &str, address: &str, mark: &str) {
    let place = format!("list=dialplane-{name} address={address}");
    let _ = writeln!(
        text,
        ":if ([:len [find {place}]] = 0) do={{ add {place} comment=\"{mark}\" }} \
         else={{ set [find {place}] comment=\"{mark}\" }}"
    );
}

fn push_removal(text: &mut String, mark: &str) {
    let _ = writeln!(text, "remove [find list~\"^dialplane-\" comment!=\"{mark}\"]");
}
