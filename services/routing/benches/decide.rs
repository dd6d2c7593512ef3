//! `decide` and `Snapshot::compile` at the size of a large operator: 1,000,000 leased numbers, 10,000 addresses of
//! 1,000 providers with 20 routes each, 1,000 gates, 10,000 phones.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use domain::{
    Class, CurrencyId, Digits, Direction, E164, ExtensionId, GateId, NumberId, Presentation, Protocol,
    ProviderAddressId, ProviderId, RouteId, ServerId,
};
use routing::{
    Generation, NoTrace, Request, Snapshot, Verb, decide,
    tables::{Country, Extension, Gate, Number, Provider, ProviderAddress, Route, Server, Tables},
};

const NUMBERS: i64 = 1_000_000;
const PROVIDERS: i64 = 1_000;
const ADDRESSES_EACH: i64 = 10;
const ROUTES_EACH: i64 = 20;
const GATES: i64 = 1_000;
const PHONES: i64 = 10_000;

/// A fixed shuffle (SplitMix64), so that every run measures the same tables and questions.
fn scattered(seed: i64) -> u64 {
    let mixed = u64::from_ne_bytes(seed.to_ne_bytes()).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn parsed<T: std::str::FromStr<Err = domain::Invalid>>(text: &str) -> T {
    text.parse().expect("the bench writes legal values")
}

fn leased(id: i64) -> E164 {
    parsed(&format!("7{:010}", 1_000_000_000 + id * 7))
}

fn tables() -> Tables {
    Tables {
        countries: vec![russia()],
        providers: (1..=PROVIDERS).map(provider).collect(),
        provider_addresses: (0..PROVIDERS * ADDRESSES_EACH).map(address).collect(),
        routes: (0..PROVIDERS * ROUTES_EACH).map(route).collect(),
        servers: vec![server()],
        numbers: (0..NUMBERS).map(number).collect(),
        gates: (0..GATES).map(gate).collect(),
        extensions: (0..PHONES).map(phone).collect(),
        ..Tables::default()
    }
}

fn russia() -> Country {
    Country {
        id: domain::CountryId(1),
        iso: parsed("RU"),
        name: "Russia".into(),
        calling_code: parsed("7"),
        trunk_prefix: Some(parsed("8")),
        international_prefix: parsed("810"),
        national_digits_min: 10,
        national_digits_max: 10,
    }
}

fn server() -> Server {
    Server {
        id: ServerId(1),
        servername: parsed("node-1"),
        location: parsed("RU"),
        ipaddress: None,
        comment: None,
        sip: None,
        iax2: None,
        iax2control: None,
        protocol: domain::HopProtocol::Iax2,
        sip_driver: domain::SipDriver::Pjsip,
        enabled: true,
    }
}

fn provider(id: i64) -> Provider {
    let prefix = |class: u8| (id % 2 == 0).then(|| parsed::<Digits>(&format!("00{class}")));
    Provider {
        id: ProviderId(id),
        providername: format!("provider-{id}"),
        currency_id: CurrencyId(1),
        noncli_prefix: prefix(1),
        cli_prefix: prefix(2),
        premcli_prefix: prefix(3),
        cli_allowed: id % 3 != 0,
        dynamic_calls: id % 2 == 0,
        dynamic_calls_caller_id: Some(leased(id)),
        append_plus: id % 5 == 0,
        domestic_caller_id: true,
        sells_outgoing: true,
        dial_timeout_s: 60,
        stop_rule: None,
        enabled: true,
    }
}

fn address(id: i64) -> ProviderAddress {
    ProviderAddress {
        id: ProviderAddressId(id),
        provider_id: ProviderId(1 + id / ADDRESSES_EACH),
        domainname: parsed(&format!("sbc-{id}.example.net")),
        ipaddress: None,
        endpoint: None,
        direction: if id % 2 == 0 { Direction::Out } else { Direction::InOut },
        proto: Protocol::Sip,
        priority: 1 + u16::from(id % ADDRESSES_EACH > 4),
        weight: 100,
        enabled: true,
    }
}

/// One route in twenty takes everything; the others take one to five leading digits.
fn route(id: i64) -> Route {
    let (provider, place) = (id / ROUTES_EACH, id % ROUTES_EACH);
    let prefix = match place {
        0 if provider % 50 == 0 => String::new(),
        _ => (10_000 + scattered(id) % 89_999).to_string()[..=usize::try_from(place % 5).unwrap_or(0)]
            .to_owned(),
    };
    Route {
        id: RouteId(id),
        provider_id: ProviderId(1 + provider),
        prefix: parsed(&prefix),
        class: None,
        priority: u16::try_from(1 + scattered(id) % 20).unwrap_or(1),
        weight: 100,
        enabled: true,
    }
}

fn number(id: i64) -> Number {
    Number {
        id: NumberId(id),
        number: leased(id),
        provider_id: ProviderId(1 + id % PROVIDERS),
        server_id: Some(ServerId(1)),
        enabled: true,
        direction: Direction::InOut,
        virtualflag: false,
        echotest: false,
    }
}

fn gate(id: i64) -> Gate {
    Gate {
        id: GateId(id),
        number_id: NumberId(id * 997),
        server_id: ServerId(1),
        gatename: parsed(&format!("gate-{id}")),
        gatenumber: leased(id * 997),
        cid_support: true,
        contextname: None,
        comment: None,
    }
}

fn phone(id: i64) -> Extension {
    Extension {
        id: ExtensionId(id),
        number: parsed(&format!("{}", 10_000 + id)),
        server_id: ServerId(1),
        endpoint: parsed(&format!("phone-{id}")),
        number_id: Some(NumberId(id * 31)),
        class: Class::Cli,
        dial_timeout_s: 60,
        enabled: true,
    }
}

/// Routes of one provider may draw the same prefix twice; the compiler refuses that, so the bench drops them.
fn without_twins(mut tables: Tables) -> Tables {
    let mut seen = std::collections::HashSet::new();
    tables.routes.retain(|row| seen.insert((row.provider_id, row.prefix)));
    tables
}

fn benches(criterion: &mut Criterion) {
    let tables = without_twins(tables());
    let snapshot =
        Snapshot::compile(&tables, Generation::of_working_copy(1)).expect("the tables fit together");
    let node = parsed("node-1");
    let questions: Vec<(String, String, String)> = (0..4096)
        .map(|call| {
            let endpoint = format!("phone-{}", scattered(call) % 10_000);
            let to = format!("+{}", 10_000_000_000 + scattered(call + 7) % 80_000_000_000);
            (call.to_string(), endpoint, to)
        })
        .collect();
    let routed = questions.iter().filter(|question| answered(&snapshot, &node, question) > 0).count();
    println!("{routed} of {} questions find a route", questions.len());
    let mut next = questions.iter().cycle();
    criterion.bench_function("decide/1M numbers, 10k addresses", |bencher| {
        bencher.iter(|| answered(&snapshot, &node, next.next().expect("a cycle has no end")));
    });
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    group.bench_function("1M numbers, 10k addresses", |bencher| {
        let compile = || Snapshot::compile(&tables, Generation::of_working_copy(1));
        bencher.iter_batched(|| (), |()| black_box(compile().is_ok()), BatchSize::PerIteration);
    });
}

fn answered(snapshot: &Snapshot, node: &domain::NodeName, question: &(String, String, String)) -> usize {
    let (call, endpoint, to) = question;
    let request = Request {
        verb: Verb::Outbound,
        node,
        call,
        endpoint,
        source: None,
        to,
        from: "",
        cli: None,
        presentation: Presentation::Allowed,
        class: None,
        hops: None,
    };
    match black_box(decide(snapshot, black_box(&request), &mut NoTrace)).outcome {
        routing::Outcome::Dial { attempts, .. } => attempts.len(),
        _ => 0,
    }
}

criterion_group!(decisions, benches);
criterion_main!(decisions);
