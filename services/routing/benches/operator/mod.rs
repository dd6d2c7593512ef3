//! Tables of the size of a large operator: 1,000,000 leased numbers, 10,000 addresses of 1,000 providers with 20 routes
//! each, 1,000 gates, 10,000 phones that answer 100,000 of the numbers, 10,000 known callers.

use std::net::{IpAddr, Ipv6Addr};

use domain::{
    Class, CurrencyId, CustomerId, Digits, Direction, E164, ExtensionId, GateId, Lookup, NumberDestinationId,
    NumberId, Protocol, ProviderAddressId, ProviderId, Purpose, RouteId, ServerId,
};
use routing::tables::{
    Country, Customer, Extension, Gate, Number, NumberDestination, Provider, ProviderAddress, Route, Server,
    Tables,
};

pub(crate) const NUMBERS: i64 = 1_000_000;
pub(crate) const PROVIDERS: i64 = 1_000;
pub(crate) const ADDRESSES_EACH: i64 = 10;
const ROUTES_EACH: i64 = 20;
const GATES: i64 = 1_000;
const PHONES: i64 = 10_000;
const ANSWERED: i64 = 100_000;
const CUSTOMERS: i64 = 10_000;

/// A fixed shuffle (SplitMix64), so that every run measures the same tables and questions.
pub(crate) fn scattered(seed: i64) -> u64 {
    let mixed = u64::from_ne_bytes(seed.to_ne_bytes()).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

pub(crate) fn parsed<T: std::str::FromStr<Err = domain::Invalid>>(text: &str) -> T {
    text.parse().expect("the bench writes legal values")
}

pub(crate) fn leased(id: i64) -> E164 {
    parsed(&format!("7{:010}", 1_000_000_000 + id * 7))
}

pub(crate) fn tables() -> Tables {
    without_twins(Tables {
        countries: vec![russia()],
        providers: (1..=PROVIDERS).map(provider).collect(),
        provider_addresses: (0..PROVIDERS * ADDRESSES_EACH).map(address).collect(),
        routes: (0..PROVIDERS * ROUTES_EACH).map(route).collect(),
        servers: vec![server()],
        numbers: (0..NUMBERS).map(number).collect(),
        gates: (0..GATES).map(gate).collect(),
        extensions: (0..PHONES).map(phone).collect(),
        number_destinations: (0..ANSWERED).map(destination).collect(),
        customers: (0..CUSTOMERS).map(customer).collect(),
        ..Tables::default()
    })
}

/// A number that a phone answers.
pub(crate) fn answered(at: i64) -> i64 {
    at % ANSWERED * (NUMBERS / ANSWERED) + 3
}

fn destination(id: i64) -> NumberDestination {
    NumberDestination {
        id: NumberDestinationId(id),
        number_id: NumberId(answered(id)),
        extension_id: Some(ExtensionId(id % PHONES)),
        ring_group_id: None,
        context: None,
        exten: None,
    }
}

pub(crate) fn caller(at: i64) -> E164 {
    parsed(&format!("44{:09}", at % CUSTOMERS * 3))
}

fn customer(id: i64) -> Customer {
    Customer {
        id: CustomerId(id),
        number: caller(id),
        extension_id: ExtensionId(id * 7 % PHONES),
        comment: None,
    }
}

/// Routes of one provider may draw the same prefix twice; the compiler refuses that, so the bench drops them.
fn without_twins(mut tables: Tables) -> Tables {
    let mut seen = std::collections::HashSet::new();
    tables.routes.retain(|row| seen.insert((row.provider_id, row.prefix)));
    tables
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

/// Where calls of an address come from.
pub(crate) fn source(id: i64) -> IpAddr {
    let low = u128::from(id.unsigned_abs());
    Ipv6Addr::from_bits(0x2001_0db8 << 96 | low).into()
}

fn address(id: i64) -> ProviderAddress {
    ProviderAddress {
        id: ProviderAddressId(id),
        provider_id: ProviderId(1 + id / ADDRESSES_EACH),
        domainname: parsed(&format!("sbc-{id}.example.net")),
        ipaddress: Some(parsed(&source(id).to_string())),
        endpoint: None,
        direction: if id % 2 == 0 { Direction::Out } else { Direction::InOut },
        proto: Protocol::Sip,
        priority: 1 + u16::from(id % ADDRESSES_EACH > 4),
        weight: 100,
        enabled: true,
        purpose: Purpose::Signalling,
        transport: None,
        port: None,
        port_to: None,
        lookup: Lookup::Host,
        private_allowed: false,
        valid_from: None,
        valid_to: None,
        source: None,
        comment: None,
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
