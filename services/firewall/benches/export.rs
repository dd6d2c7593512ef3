//! What it takes from the tables to a file, of many networks.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::{ProviderAddressId, ProviderId};
use firewall::{AddressSet, Floors, Format, Question, RenderOptions, render, select};
use routing::{
    ChunkedTables,
    tables::{Provider, ProviderAddress, Tables},
};

const PROVIDERS: i64 = 500;

/// The example's carriers many times over, with so many networks that hardly any two are halves of one.
fn tables(networks: i64) -> ChunkedTables {
    let mut tables: Tables =
        toml::from_str(include_str!("../../store/example/article.toml")).expect("the example is well formed");
    let (provider, address) = (tables.providers[0].clone(), tables.provider_addresses[0].clone());
    tables
        .providers
        .extend((0..PROVIDERS).map(|id| Provider { id: ProviderId(1_000 + id), ..provider.clone() }));
    tables.provider_addresses.extend((0..networks).map(|number| {
        let network = match number % 10 {
            0 => format!("2001:db8:{:x}:{:x}::/64", number >> 16, number & 0xffff),
            // Odd steps, spread over a tenth of the address space.
            _ => format!(
                "{}.{}.{}.{}",
                20 + (number >> 13) % 90,
                (number >> 5) & 255,
                (number * 5) & 255,
                (number * 3) & 255
            ),
        };
        ProviderAddress {
            id: ProviderAddressId(1_000 + number),
            provider_id: ProviderId(1_000 + number % PROVIDERS),
            domainname: network.parse().expect("a network"),
            endpoint: "carrier".parse().ok(),
            ..address.clone()
        }
    }));
    ChunkedTables::from(tables)
}

fn set(tables: &ChunkedTables) -> AddressSet {
    let selection = select(tables, 0, &Question::default()).expect("no server is asked for");
    AddressSet::new(1, selection.entries, Floors::default()).expect("all are allowed")
}

fn export(criterion: &mut Criterion) {
    for networks in [10_000, 100_000] {
        let tables = tables(networks);
        let chosen = set(&tables);
        let mut group = criterion.benchmark_group(format!("export-{}", chosen.networks().len()));
        group.sample_size(10);
        group.bench_function("set", |bencher| bencher.iter(|| set(black_box(&tables))));
        for format in Format::ALL {
            group.bench_with_input(BenchmarkId::from_parameter(format), &format, |bencher, format| {
                bencher.iter(|| render(&set(black_box(&tables)), *format, &RenderOptions::default()));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, export);
criterion_main!(benches);
