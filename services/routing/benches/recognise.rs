//! Whose a call is, by where it comes from: among 100,000 networks.

use std::{
    hint::black_box,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use criterion::{Criterion, criterion_group, criterion_main};
use routing::{
    Generation, Snapshot,
    tables::{ProviderAddress, Tables},
};

const NETWORKS: i64 = 100_000;
const PROVIDERS: i64 = 1_000;
const SOURCES: i64 = 16_384;
const NOW_US: i64 = 1_795_291_200_000_000;

/// A fixed shuffle (SplitMix64), so that every run measures the same.
fn scattered(seed: i64) -> u64 {
    let mixed = u64::from_ne_bytes(seed.to_ne_bytes()).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// Somewhere in `16.0.0.0/4` or `2001::/16`.
fn address(seed: i64) -> IpAddr {
    let bits = scattered(seed);
    if seed % 4 == 0 {
        Ipv6Addr::from_bits(0x2001 << 112 | u128::from(bits) << 48).into()
    } else {
        let [a, b, c, d, ..] = bits.to_be_bytes();
        Ipv4Addr::new(16 + a % 16, b, c, d).into()
    }
}

/// Single addresses mostly, and wider networks that hold some of them; every tenth is valid for a time only.
fn row(id: i64, like: &ProviderAddress) -> ProviderAddress {
    let address = address(id);
    let bits = match (address, id % 5) {
        (IpAddr::V4(_), 0) => 24,
        (IpAddr::V4(_), 1) => 29,
        (IpAddr::V4(_), _) => 32,
        (IpAddr::V6(_), 0) => 48,
        (IpAddr::V6(_), _) => 128,
    };
    let network = format!("{address}/{bits}").parse().expect("a network");
    let mut row = ProviderAddress { ipaddress: Some(network), ..like.clone() };
    (row.id.0, row.provider_id.0) = (id, 1 + id % PROVIDERS);
    row.valid_from = (id % 10 == 0).then(|| "2026-01-01T00:00:00Z".parse().expect("a moment"));
    row
}

fn tables() -> Tables {
    let one = r#"
        currencies = [{ id = 1, iso = "EUR", numcode = 978, name = "Euro" }]
        providers = [{ id = 1, providername = "p", currency_id = 1, cli_allowed = true, dynamic_calls = true, append_plus = false }]
        provider_addresses = [{ id = 1, provider_id = 1, domainname = "sip.example.net", direction = "IN", proto = "SIP" }]
    "#;
    let mut tables: Tables = toml::from_str(one).expect("rows");
    let (provider, like) = (tables.providers[0].clone(), tables.provider_addresses[0].clone());
    tables.providers = (1..=PROVIDERS)
        .map(|id| {
            let mut provider = provider.clone();
            (provider.id.0, provider.providername) = (id, format!("provider {id}"));
            provider
        })
        .collect();
    // Where two of another provider meet by chance the later one is left out.
    let mut rows: Vec<_> = (1..=NETWORKS).map(|id| row(id, &like)).collect();
    rows.sort_by_key(|row| row.ipaddress);
    rows.dedup_by_key(|row| row.ipaddress);
    tables.provider_addresses = rows;
    tables
}

fn benches(criterion: &mut Criterion) {
    let snapshot =
        Snapshot::compile(tables().into(), Generation::number(1)).expect("the tables fit together");
    // Half of them from a network, half from anywhere.
    let sources: Vec<_> = (0..SOURCES)
        .map(|at| if at % 2 == 0 { address(1 + at * 6) } else { address(NETWORKS + at) })
        .collect();
    let known = sources.iter().filter(|source| snapshot.provider_behind(**source, Some(NOW_US)).is_some());
    let networks = snapshot.tables().provider_addresses.len();
    println!("{} of {SOURCES} sources are known among {networks} networks", known.count());
    let mut next = sources.iter().cycle();
    criterion.bench_function("recognise/100k networks", |bencher| {
        bencher.iter(|| {
            let source = *next.next().expect("a cycle has no end");
            snapshot.provider_behind(black_box(source), Some(NOW_US))
        });
    });
}

criterion_group!(group, benches);
criterion_main!(group);
