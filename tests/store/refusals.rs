use domain::{NumberId, ProviderId, ServerId};
use routing::tables::{Number, Tables};
use store::StoreError;

use super::database::{Database, article};

fn numbers(numbers: impl IntoIterator<Item = Number>) -> Tables {
    Tables { numbers: numbers.into_iter().collect(), ..Tables::default() }
}

/// A number that would fit.
fn number() -> Number {
    Number { id: NumberId(999), number: "79990000000".parse().unwrap(), ..article().numbers[0].clone() }
}

pub(super) async fn what_exists_is_not_added_again(database: Database) {
    let database = database.with_article().await;
    let same_id = Number { id: NumberId(279), ..number() };
    let same_number = Number { number: article().numbers[3].number, ..number() };
    let mut gate = article().gates[2].clone();
    gate.id.0 = 77;
    let mut extension = article().extensions[0].clone();
    (extension.id.0, extension.number) = (77, "2000".parse().unwrap());
    let again = [
        (numbers([same_id]), "numbers", "id 279"),
        (numbers([number(), same_number]), "numbers", "id 999"),
        (Tables { gates: vec![gate], ..Tables::default() }, "gates", "id 77"),
        (Tables { extensions: vec![extension], ..Tables::default() }, "extensions", "id 77"),
    ];
    for (tables, table, row) in again {
        let error = database.store.insert(&tables).await.unwrap_err();
        let StoreError::Duplicate { table: t, row: r, constraint } = &error else { panic!("{error:?}") };
        assert_eq!((*t, r.as_str()), (table, row));
        assert!(constraint.contains(table) || constraint == "PRIMARY", "{constraint}");
        assert!(!format!("{error:?}").contains("74951815000"), "a number reached an error");
    }
    assert_eq!(database.tables().await, article());
}

pub(super) async fn what_refers_to_nothing_is_refused(database: Database) {
    let database = database.with_article().await;
    let mut server = article().servers[0].clone();
    (server.id.0, server.servername, server.location) = (9, "lost".parse().unwrap(), "XX".parse().unwrap());
    let lost = [
        (numbers([Number { provider_id: ProviderId(5), ..number() }]), "numbers", "id 999"),
        (numbers([Number { server_id: Some(ServerId(3)), ..number() }]), "numbers", "id 999"),
        (Tables { servers: vec![server], ..Tables::default() }, "servers", "id 9"),
    ];
    for (tables, table, row) in lost {
        let error = database.store.insert(&tables).await.unwrap_err();
        let StoreError::Dangling { table: t, row: r, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*t, r.as_str()), (table, row));
    }
}

/// How to break an example that fits, and the table and row to blame.
type Broken = (fn(&mut Tables), &'static str, &'static str);

pub(super) async fn what_breaks_a_rule_is_refused(database: Database) {
    let database = database.with_tables().await;
    let broken: [Broken; 6] = [
        (|tables| tables.numbers[1].id.0 = 0, "numbers", "id 0"),
        (|tables| tables.currencies[1].numcode = 0, "currencies", "id 122"),
        (|tables| tables.providers[2].dial_timeout_s = 0, "providers", "id 7"),
        (|tables| tables.providers[5].providername = "x".repeat(101), "providers", "id 16"),
        (|tables| tables.countries[4].national_digits_min = 14, "countries", "id 193"),
        (|tables| tables.countries[1].name.clear(), "countries", "id 190"),
    ];
    for (break_it, table, row) in broken {
        let mut tables = article();
        break_it(&mut tables);
        let error = database.store.insert(&tables).await.unwrap_err();
        let StoreError::Refused { table: t, row: r, constraint } = &error else { panic!("{error:?}") };
        assert_eq!((*t, r.as_str()), (table, row));
        assert_ne!(constraint, "unnamed");
    }
    assert_eq!(database.tables().await, Tables::default());
}

/// The very last row of the very last table is wrong, after several statements and in the middle of a long one.
pub(super) async fn one_refused_row_undoes_all(database: Database) {
    let database = database.with_tables().await;
    let mut tables = article();
    tables.service_numbers[1].provider_id = tables.service_numbers[0].provider_id;
    let error = database.store.insert(&tables).await.unwrap_err();
    assert!(error.to_string().starts_with("id 2 of service_numbers already exists"), "{error}");
    assert_eq!(database.tables().await, Tables::default());

    let mut tables = article();
    tables.numbers.extend((0..6_000_u32).map(|offset| Number {
        id: NumberId(1_000 + i64::from(offset)),
        number: (79_000_000_000 + u64::from(offset.min(4_321))).to_string().parse().unwrap(),
        ..number()
    }));
    let error = database.store.insert(&tables).await.unwrap_err();
    assert!(error.to_string().starts_with("id 5322 of numbers already exists"), "{error}");
    assert_eq!(database.tables().await, Tables::default());
}

pub(super) async fn hands_are_held_to_the_same_rules(database: Database) {
    let database = database.with_article().await;
    let token = "INSERT INTO node_tokens (server_id, token_sha256) VALUES (1, ";
    let refused = [
        "UPDATE currencies SET iso = 'rub' WHERE id = 96",
        "UPDATE currencies SET iso = 'RU' WHERE id = 96",
        "UPDATE currencies SET iso = 'USD' WHERE id = 96",
        "UPDATE currencies SET numcode = 1000 WHERE id = 96",
        "UPDATE currencies SET name = NULL WHERE id = 96",
        "UPDATE countries SET calling_code = '07' WHERE id = 189",
        "UPDATE countries SET international_prefix = '' WHERE id = 189",
        "UPDATE countries SET trunk_prefix = '8w' WHERE id = 189",
        "UPDATE countries SET national_digits_min = 11 WHERE id = 189",
        "UPDATE providers SET cli_prefix = '001#' WHERE id = 8",
        "UPDATE providers SET cli_prefix = '00123456789012345' WHERE id = 8",
        "UPDATE providers SET dynamic_calls_caller_id = '+74951815283' WHERE id = 7",
        "UPDATE providers SET append_plus = 2 WHERE id = 7",
        "UPDATE providers SET dial_timeout_s = 3601 WHERE id = 7",
        "UPDATE providers SET providername = 'Voxbeam' WHERE id = 7",
        "UPDATE provider_addresses SET ipaddress = '127.0.0.1' WHERE id = 1",
        "UPDATE provider_addresses SET domainname = '127.0.0.1' WHERE id = 1",
        "UPDATE provider_addresses SET direction = 'in' WHERE id = 1",
        "UPDATE provider_addresses SET direction = 'IN ' WHERE id = 1",
        "UPDATE provider_addresses SET direction = 'BOTH' WHERE id = 1",
        "UPDATE provider_addresses SET proto = 'MGCP' WHERE id = 1",
        "UPDATE provider_addresses SET priority = 65536 WHERE id = 1",
        "UPDATE provider_addresses SET weight = -1 WHERE id = 1",
        "UPDATE provider_addresses SET purpose = 'media' WHERE id = 1",
        "UPDATE provider_addresses SET purpose = NULL WHERE id = 1",
        "UPDATE provider_addresses SET transport = 'SCTP' WHERE id = 1",
        "UPDATE provider_addresses SET port = 0 WHERE id = 1",
        "UPDATE provider_addresses SET port = 65536 WHERE id = 1",
        "UPDATE provider_addresses SET port_to = 5061 WHERE id = 1",
        "UPDATE provider_addresses SET port = 5061, port_to = 5060 WHERE id = 1",
        "UPDATE provider_addresses SET port = 5061, port_to = 65536 WHERE id = 1",
        "UPDATE provider_addresses SET lookup = 'NAPTR' WHERE id = 1",
        "UPDATE provider_addresses SET valid_from = '2026-11-21' WHERE id = 1",
        "UPDATE provider_addresses SET valid_from = '2026-11-21 20:00:00Z' WHERE id = 1",
        "UPDATE provider_addresses SET valid_to = '2026-11-21T20:00:00z' WHERE id = 1",
        "UPDATE provider_addresses SET valid_from = '2026-11-21T20:00:00Z', valid_to = '2026-11-21T20:00:00Z' WHERE id = 1",
        "INSERT INTO resolved_addresses (provider_address_id, network) VALUES (1, '127.0.0.1')",
        "INSERT INTO resolved_addresses (provider_address_id, network) VALUES (1, '')",
        "INSERT INTO resolved_addresses (provider_address_id, network, port) VALUES (1, '192.0.2.1', 0)",
        "UPDATE routes SET prefix = '0' WHERE id = 1",
        "UPDATE routes SET class = 'gold' WHERE id = 1",
        "UPDATE servers SET location = 'XX' WHERE id = 1",
        "UPDATE servers SET ipaddress = '127.0.0.1' WHERE id = 1",
        "UPDATE servers SET protocol = 'H323' WHERE id = 1",
        "UPDATE servers SET sip_driver = 'skinny' WHERE id = 1",
        "UPDATE servers SET servername = 'asterisk-msm' WHERE id = 1",
        "UPDATE numbers SET number = '7495 1815000' WHERE id = 279",
        "UPDATE numbers SET number = '' WHERE id = 279",
        "UPDATE numbers SET number = '1234567890123456' WHERE id = 279",
        "UPDATE numbers SET number = '74951815001' WHERE id = 279",
        "UPDATE numbers SET server_id = 0 WHERE id = 279",
        "UPDATE gates SET gatenumber = '74951815001' WHERE id = 8",
        "UPDATE gates SET number_id = 1 WHERE id = 8",
        "UPDATE extensions SET number = '1001' WHERE id = 1",
        "UPDATE extensions SET class = 'CLI' WHERE id = 1",
        &format!("{token}'{}')", "0".repeat(63)),
        &format!("{token}'{}')", "A".repeat(64)),
    ];
    for sql in refused {
        assert!(database.by_hand(sql).await.is_err(), "{sql}");
    }
    assert_eq!(database.tables().await, article());
    assert_eq!(database.by_hand(&format!("{token}'{}')", "a".repeat(64))).await.unwrap(), 1);
}

pub(super) async fn what_is_in_use_stays(database: Database) {
    let database = database.with_article().await;
    let used = [
        "currencies WHERE id = 96",
        "countries WHERE id = 189",
        "providers WHERE id = 7",
        "servers WHERE id = 1",
        "numbers WHERE id = 279",
        "extensions WHERE id = 1",
        "ring_groups WHERE id = 1",
    ];
    for row in used {
        assert!(database.by_hand(&format!("DELETE FROM {row}")).await.is_err(), "{row}");
    }
    assert_eq!(database.by_hand("DELETE FROM currencies WHERE id = 156").await.unwrap(), 1);
}
