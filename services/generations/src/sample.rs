//! Rows and tables for tests.

use domain::{CurrencyId, NodeTokenId, NumberId, ProviderId, RouteId, ServerId};
use proptest::prelude::*;
use routing::{
    ChunkedTables,
    tables::{Currency, NodeToken, Number, Route, Tables},
};

/// Whole tables take milliseconds each: beyond so many of them a longer run finds nothing new, only later.
const CASES_MAX: u32 = 20_000;

pub(crate) fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.min(CASES_MAX), failure_persistence: None, ..config }
}

pub(crate) fn currency(id: i64) -> Currency {
    let iso = "RUB".parse().unwrap();
    Currency { id: CurrencyId(id), iso, numcode: 643, name: "Russian ruble".into() }
}

pub(crate) fn number(id: i64) -> Number {
    Number {
        id: NumberId(id),
        number: (120_255_500_000_000 + id).to_string().parse().unwrap(),
        provider_id: ProviderId(id % 7),
        server_id: Some(ServerId(id % 5)).filter(|server| server.0 > 0),
        enabled: true,
        direction: "IN/OUT".parse().unwrap(),
        virtualflag: false,
        echotest: false,
    }
}

/// Numbers with the keys from 1 on.
pub(crate) fn many_numbers(count: i64) -> ChunkedTables {
    let numbers = (1..=count).map(number).collect();
    ChunkedTables { numbers, ..ChunkedTables::default() }
}

fn route(id: i64, prefix: &str) -> Route {
    Route {
        id: RouteId(id),
        provider_id: ProviderId(id % 7),
        prefix: prefix.parse().unwrap(),
        class: None,
        priority: 100,
        weight: 100,
        enabled: true,
    }
}

pub(crate) fn node_token(id: i64, comment: Option<String>) -> NodeToken {
    let token_sha256 = crate::ChunkHash::of(&id.to_le_bytes()).to_string();
    NodeToken { id: NodeTokenId(id), server_id: ServerId(1), token_sha256, comment }
}

/// Tables whose keys and texts are anything.
pub(crate) fn tables() -> impl Strategy<Value = ChunkedTables> {
    let keys = |to: i64, most| proptest::collection::btree_set(1..to, 0..most);
    let routes = proptest::collection::btree_map(any::<i64>(), "([1-9][0-9]{0,14})?", 0..20);
    let texts = proptest::collection::btree_map(0..5000i64, proptest::option::of(any::<String>()), 0..20);
    (keys(6000, 60), keys(3000, 5), routes, texts).prop_map(|(numbers, currencies, routes, texts)| {
        Tables {
            numbers: numbers.into_iter().map(number).collect(),
            currencies: currencies.into_iter().map(currency).collect(),
            routes: routes.into_iter().map(|(id, prefix)| route(id, &prefix)).collect(),
            node_tokens: texts.into_iter().map(|(id, text)| node_token(id, text)).collect(),
            ..Tables::default()
        }
        .into()
    })
}
