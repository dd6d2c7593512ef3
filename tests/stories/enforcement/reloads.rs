//! Many changes while packets come.

use std::time::Duration;

use domain::{Direction, Network, Protocol, ProviderId, Purpose};
use firewall::{
    AddressSet, Entry, Floors, Format, Origin, OriginField, OriginTable, RenderOptions, Who, render,
};
use laboratory::{
    Run,
    networks::{Ground, tools},
};
use libtest_mimic::Trial;
use packetfilter::{Applier, Backend, Kept, Tool};

use super::{
    super::count,
    probe::{KNOWN, Probe},
};

/// The rules that ask the sets, as the manual has them: made once, by whoever runs the node.
pub(super) const RULES: &str = "*filter
-A INPUT -i lo -j ACCEPT
-A INPUT -p udp --dport 5060 -m set --match-set dialplane-sip-v4 src -j ACCEPT
-A INPUT -p udp --dport 5060 -j DROP
COMMIT
";

pub(crate) fn trials() -> Vec<Trial> {
    let told = |name, format, load: fn(&Ground, &Applier, &str)| {
        Trial::test(format!("enforcement::reloads_lose_nothing::{name}"), move || {
            reloads(name, format, load);
            Ok(())
        })
    };
    let by_the_tool = |ground: &Ground, _: &Applier, text: &str| ground.node.feed("nft", "--file -", text);
    vec![
        told("nftables", Format::Nftables, apply),
        told("ipset", Format::Ipset, apply),
        told("an_exported_file", Format::Nftables, by_the_tool),
    ]
}

fn reloads(name: &str, format: Format, load: fn(&Ground, &Applier, &str)) {
    let ground = Ground::new();
    let applier = applier(name, format);
    load(&ground, &applier, &file(format, 0));
    if format == Format::Ipset {
        ground.node.feed("iptables-restore", "--noflush", RULES);
    }
    let probe = Probe::start(&ground);
    for generation in 1..=count(50, 1000) {
        load(&ground, &applier, &file(format, generation));
    }
    probe.goes_on(10);
    let passed = probe.end();
    eprintln!("{name}: {passed:?}");
    assert_eq!((passed.lost, passed.of_strangers), (0, 0), "{passed:?}");
    // What it is to see it does see.
    let probe = Probe::start(&ground);
    match format {
        Format::Ipset => ground.node.tool("ipset", "flush dialplane-sip-v4"),
        _ => ground.node.tool("nft", "delete table inet dialplane"),
    };
    probe.goes_on(10);
    let passed = probe.end();
    assert_ne!((passed.lost, passed.of_strangers), (0, 0), "{passed:?}");
}

fn applier(name: &str, format: Format) -> Applier {
    let limit = Duration::from_mins(1);
    let tool = |name| Tool::at(&tools().join(name), limit).unwrap();
    let backend = match format {
        Format::Ipset => Backend::Ipset(tool("ipset")),
        _ => Backend::Nftables(tool("nft")),
    };
    let kept = Kept::new(Run::current().folder.join(format!("reloads-{name}")));
    Applier { backend, kept, check: None }
}

fn apply(ground: &Ground, applier: &Applier, text: &str) {
    let loaded = ground.node.within(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(applier.apply(text))
    });
    loaded.unwrap();
}

/// Always with whom the probe comes from, alone or in a network; never with the stranger.
fn file(format: Format, generation: usize) -> String {
    let known = if generation.is_multiple_of(2) { KNOWN.to_owned() } else { "198.51.100.8/29".to_owned() };
    let others = (0..20).map(|other| format!("203.0.113.{}", (generation * 7 + other * 3) % 249));
    let v6 = (0..20).map(|other| format!("2001:db8:{:x}::/48", 0x100 + (generation * 5 + other) % 999));
    let entries = others.chain(v6).chain([known]).map(|network| entry(&network)).collect();
    let set = AddressSet::new(generation as u64, entries, Floors::default()).unwrap();
    render(&set, format, &RenderOptions::default()).unwrap()
}

fn entry(network: &str) -> Entry {
    Entry {
        network: network.parse::<Network>().unwrap(),
        who: Who::Provider { id: ProviderId(1), name: "carrier".to_owned() },
        purpose: Purpose::Signalling,
        direction: Direction::In,
        protocol: Protocol::Sip,
        transport: None,
        ports: None,
        endpoint: None,
        comment: None,
        valid_from_us: None,
        valid_to_us: None,
        origin: Origin { table: OriginTable::ProviderAddresses, id: 1, field: OriginField::Ipaddress },
    }
}
