use std::{env, error::Error};

use domain::{
    ApiRole, ApiTokenId, CustomerId, ExtensionId, Lookup, NumberId, ProviderAddressId, Purpose,
    ResolvedAddressId, RingStrategy, ServerId, Transport,
};
use routing::tables::{ApiToken, Customer, NodeToken, Number, ResolvedAddress, Tables};
use store::StoreError;

use super::database::{Database, article};

pub(super) async fn the_article_is_read_back(database: Database) {
    assert_eq!(database.with_article().await.tables().await, article());
}

/// Every optional column filled, every number at its largest, texts in two bytes and four.
pub(super) async fn every_kind_of_value_is_read_back(database: Database) {
    let database = database.with_tables().await;
    let mut rich = article();
    rich.currencies[0].name = "Российский рубль 🪙".into();
    rich.countries[0].national_digits_max = 15;
    let provider = &mut rich.providers[0];
    provider.noncli_prefix = Some("0000000000000000".parse().unwrap());
    provider.cli_prefix = provider.noncli_prefix;
    provider.premcli_prefix = provider.noncli_prefix;
    provider.dynamic_calls_caller_id = Some("999999999999999".parse().unwrap());
    provider.stop_rule = Some("".parse().unwrap());
    provider.domestic_caller_id = false;
    rich.providers[1].stop_rule = Some(["s486"; 16].join(",").parse().unwrap());
    provider_address(&mut rich);
    rich.routes[0].class = Some(domain::Class::NonCli);
    rich.routes[0].prefix = "123456789012345".parse().unwrap();
    rich.servers[0].comment = Some(String::new());
    rich.servers[1].comment = Some("trailing blank ".to_owned());
    rich.gates[0].comment = Some("'; DROP TABLE gates; --".to_owned());
    rich.numbers[0].server_id = None;
    rich.node_tokens.push(NodeToken {
        id: domain::NodeTokenId(i64::MAX),
        server_id: ServerId(1),
        token_sha256: "0123456789abcdef".repeat(4),
        comment: None,
    });
    destinations(&mut rich);
    services(&mut rich);
    database.store.insert(&rich).await.unwrap();
    assert_eq!(database.tables().await, rich);
}

fn provider_address(rich: &mut Tables) {
    let address = &mut rich.provider_addresses[0];
    address.domainname = "2001:db8::/32".parse().unwrap();
    address.ipaddress = Some("fedc:ba98:7654:3210:fedc:ba98:7654:3210/127".parse().unwrap());
    address.endpoint = Some("x".repeat(80).parse().unwrap());
    address.priority = u16::MAX;
    address.weight = 0;
    (address.purpose, address.lookup, address.private_allowed) = (Purpose::Both, Lookup::Srv, true);
    (address.transport, address.port, address.port_to) = (Some(Transport::Tls), Some(1), Some(u16::MAX));
    address.valid_from = Some("1970-01-01T00:00:00Z".parse().unwrap());
    address.valid_to = Some("9999-12-31T23:59:59Z".parse().unwrap());
    (address.source, address.comment) = (Some("почта ".repeat(33)), Some("📞".repeat(1_000)));
    rich.resolved_addresses.push(ResolvedAddress {
        id: ResolvedAddressId(i64::MAX),
        // Of no address at all.
        provider_address_id: ProviderAddressId(9_999),
        network: "fedc:ba98:7654:3210:fedc:ba98:7654:3210".parse().unwrap(),
        port: Some(u16::MAX),
    });
}

fn destinations(rich: &mut Tables) {
    let group = &mut rich.ring_groups[0];
    (group.name, group.strategy, group.dial_timeout_s) = ("🔔".repeat(100), RingStrategy::Order, 3_600);
    rich.ring_group_members[0].position = u16::MAX;
    let place = &mut rich.number_destinations[0];
    (place.extension_id, place.context) = (None, Some("q".repeat(79).parse().unwrap()));
    place.exten = Some("9".repeat(79).parse().unwrap());
    for (id, number, comment) in [(1, "1", None), (i64::MAX, "999999999999999", Some("ключевой клиент"))]
    {
        rich.customers.push(Customer {
            id: CustomerId(id),
            number: number.parse().unwrap(),
            extension_id: ExtensionId(2),
            comment: comment.map(str::to_owned),
        });
    }
}

fn services(rich: &mut Tables) {
    let service = &mut rich.service_numbers[0];
    (service.number, service.priority) = ("0".repeat(16).parse().unwrap(), 0);
    service.dialled_as = Some("9".repeat(16).parse().unwrap());
    for (id, &role) in (1..).zip(ApiRole::ALL) {
        rich.api_tokens.push(ApiToken {
            id: ApiTokenId(id),
            role,
            token_sha256: id.to_string().repeat(64),
            comment: (id > 1).then(|| "'); DROP TABLE api_tokens; --".to_owned()),
        });
    }
}

/// Cures of a destination that was made a place of the dialplan.
const PHONE_AGAIN: &str = "NULL, exten = NULL, extension_id = 1";
const PLACE_AGAIN: &str = "NULL, context = NULL, extension_id = 1";

/// What a database lets through and the domain does not; each is put right again before the next.
pub(super) async fn impossible_values_are_named(database: Database) {
    let database = database.with_article().await;
    let damages = [
        ("provider_addresses", "ipaddress", 2, "'10.0.0.300'", "'95.211.119.240'"),
        ("provider_addresses", "ipaddress", 2, "'224.0.0.1'", "'95.211.119.240'"),
        ("provider_addresses", "domainname", 1, "'sbc..voxbeam'", "'sbc.voxbeam.com'"),
        ("providers", "stop_rule", 16, "'never'", "NULL"),
        ("servers", "servername", 5, "'a&b'", "'asterisk-corbina'"),
        ("servers", "iax2", 1, "'SIP/user@peer'", "'IAX2/macomnet@macomnet'"),
        ("gates", "gatename", 8, "'west call'", "'westcall'"),
        ("gates", "contextname", 10, "'${X}'", "'westcall'"),
        ("extensions", "endpoint", 1, "'10/00'", "'1000'"),
        ("number_destinations", "context", 1, "'${X}', exten = 's', extension_id = NULL", PHONE_AGAIN),
        ("number_destinations", "exten", 1, "'a,b', context = 'queues', extension_id = NULL", PLACE_AGAIN),
    ];
    for (table, column, id, damage, cure) in damages {
        let update = |value| format!("UPDATE {table} SET {column} = {value} WHERE id = {id}");
        assert_eq!(database.by_hand(&update(damage)).await.unwrap(), 1);
        let error = database.store.tables().await.unwrap_err();
        assert_eq!(error.to_string(), format!("{table}.{column} of id {id} holds an impossible value"));
        assert!(matches!(error, StoreError::Corrupt { .. }) && error.source().is_some());
        database.by_hand(&update(cure)).await.unwrap();
    }
    assert_eq!(database.tables().await, article());
}

/// `DIALPLANE_NUMBERS` says how many; a million take their time.
pub(super) async fn many_numbers_are_read_back(database: Database) {
    let database = database.with_article().await;
    let count = env::var("DIALPLANE_NUMBERS").map_or(100_000, |count| count.parse().unwrap());
    let mut many = article();
    let sample = many.numbers[0].clone();
    many.numbers.extend((0..count).map(|offset| Number {
        id: NumberId(1_000 + offset),
        number: (79_000_000_000 + offset).to_string().parse().unwrap(),
        server_id: [None, Some(ServerId(1))][usize::from(offset % 3 == 0)],
        ..sample.clone()
    }));
    let added = Tables { numbers: many.numbers[12..].to_vec(), ..Tables::default() };
    database.store.insert(&added).await.unwrap();
    assert!(database.tables().await == many, "not what was written");
}
