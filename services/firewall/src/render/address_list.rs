//! Chains for the tools that have a rule for each network: iptables and, line by line, FreePBX.

use crate::{AddressSet, Family, Networks, RenderOptions, Service, options::Guard};

/// The chain that packets come to first.
pub(super) const CHAIN: &str = "dialplane";

/// The chain of a service.
pub(super) fn chain_of(service: Service) -> String {
    format!("{CHAIN}-{service}")
}

/// Every chain a file fills: those of services nobody speaks are emptied, that nothing of an older file stays.
pub(super) fn chains() -> Vec<String> {
    [CHAIN.to_owned()].into_iter().chain(Service::ALL.map(chain_of)).collect()
}

/// The rules that tell services by their ports, as arguments of the tool.
pub(super) fn by_port(guards: &[Guard<'_>]) -> Vec<String> {
    let rules = guards.iter().flat_map(|guard| {
        guard.ports.iter().map(|range| {
            let (wire, ports) = (range.wire, range.ports.with(':'));
            format!("-A {CHAIN} -p {wire} -m {wire} --dport {ports} -g {}", chain_of(guard.service))
        })
    });
    rules.collect()
}

/// The rules of a service that say who may speak it: what happens then is the target.
pub(super) fn by_source(
    set: &AddressSet,
    service: Service,
    options: &RenderOptions,
    target: &str,
) -> Vec<String> {
    let also = options.also_allow.iter().copied();
    let entries = set.entries().iter().filter(|entry| service.is_of(entry));
    let networks = Networks::of(entries.map(|entry| entry.network).chain(also));
    let chain = chain_of(service);
    let rule = |net: String| format!("-A {chain} -s {net} -j {target}");
    match options.family {
        Family::V4 => networks.v4.iter().map(|net| rule(net.to_string())).collect(),
        Family::V6 => networks.v6.iter().map(|net| rule(net.to_string())).collect(),
    }
}
