//! What several formats write alike.

use ipnet::IpNet;

use crate::{AddressSet, Networks, RenderOptions, Service};

/// Longest piece of a name or comment in a file, characters.
const LEGIBLE_CHARS: usize = 60;

/// A name or comment as files show it that have no quotes of their own: letters, digits, blanks and `. _ -`, the first one
/// a letter or digit. Nothing of it ends a line, a comment, a field or a string anywhere.
pub(super) fn legible(text: &str) -> String {
    let plain = |char: char| {
        if char.is_alphanumeric() || matches!(char, ' ' | '.' | '_' | '-') { char } else { '_' }
    };
    let shown: String = text.chars().take(LEGIBLE_CHARS).map(plain).collect();
    shown.trim_start_matches(|char: char| !char.is_alphanumeric()).trim_end().to_owned()
}

/// An address alone, a network with its length.
pub(super) fn bare(net: IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
}

/// Sets of addresses by the names they have in every file: those of the services, whether anybody speaks them or not, so
/// that a file loaded over an older one leaves nothing of it behind; and the phones'.
pub(super) fn named_sets(set: &AddressSet, options: &RenderOptions) -> Vec<(&'static str, Networks)> {
    let services = Service::ALL.map(|service| (service.as_str(), set.networks_of(service)));
    let also = Networks::of(options.also_allow.iter().copied());
    services.into_iter().chain([(ALSO, also)]).collect()
}

/// What the set of networks is called that are let through beside the carriers.
pub(super) const ALSO: &str = "also";
