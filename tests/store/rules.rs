//! The rules of destinations, groups, customers, service numbers and tokens: each is refused, and by its name.

use domain::{ApiRole, ApiTokenId, CustomerId, ExtensionId, RingGroupId};
use routing::tables::{ApiToken, Customer, Tables};
use store::StoreError;

use super::database::{Database, article};

/// The article with a row in every table these rules are about.
fn whole() -> Tables {
    let mut tables = article();
    tables.customers.push(Customer {
        id: CustomerId(1),
        number: "442079460199".parse().unwrap(),
        extension_id: ExtensionId(1),
        comment: None,
    });
    tables.api_tokens.push(ApiToken {
        id: ApiTokenId(1),
        role: ApiRole::Viewer,
        token_sha256: "0123456789abcdef".repeat(4),
        comment: None,
    });
    tables
}

/// How to break what fits, the row to blame and the rule, whose name begins with the table's.
type Broken = (fn(&mut Tables), &'static str, &'static str);

/// Adds the first row once more, changed.
fn again<T: Clone>(rows: &mut Vec<T>, change: impl FnOnce(&mut T)) {
    let mut row = rows[0].clone();
    change(&mut row);
    rows.push(row);
}

const DUPLICATE: &[Broken] = &[
    (|t| again(&mut t.ring_groups, |row| row.id.0 = 77), "id 77", "ring_groups_name_unique"),
    (
        |t| again(&mut t.ring_group_members, |row| (row.id.0, row.position) = (77, 1)),
        "id 77",
        "ring_group_members_ring_group_id_extension_id_unique",
    ),
    (
        |t| t.number_destinations[3].number_id = t.number_destinations[2].number_id,
        "id 4",
        "number_destinations_number_id_unique",
    ),
    (|t| again(&mut t.customers, |row| row.id.0 = 77), "id 77", "customers_number_unique"),
    (
        |t| again(&mut t.service_numbers, |row| (row.id.0, row.priority) = (77, 1)),
        "id 77",
        "service_numbers_country_number_provider_id_unique",
    ),
    (
        |t| again(&mut t.api_tokens, |row| (row.id.0, row.role) = (77, ApiRole::Admin)),
        "id 77",
        "api_tokens_token_sha256_unique",
    ),
];

const DANGLING: &[Broken] = &[
    (|t| t.ring_group_members[0].ring_group_id.0 = 9, "id 1", "ring_group_members_ring_group_id_exists"),
    (|t| t.ring_group_members[0].extension_id.0 = 9, "id 1", "ring_group_members_extension_id_exists"),
    (|t| t.number_destinations[1].number_id.0 = 9, "id 2", "number_destinations_number_id_exists"),
    (
        |t| t.number_destinations[1].extension_id = Some(ExtensionId(9)),
        "id 2",
        "number_destinations_extension_id_exists",
    ),
    (
        |t| t.number_destinations[2].ring_group_id = Some(RingGroupId(9)),
        "id 3",
        "number_destinations_ring_group_id_exists",
    ),
    (|t| t.customers[0].extension_id.0 = 9, "id 1", "customers_extension_id_exists"),
    (|t| t.service_numbers[1].country = "XX".parse().unwrap(), "id 2", "service_numbers_country_exists"),
    (|t| t.service_numbers[1].provider_id.0 = 5, "id 2", "service_numbers_provider_id_exists"),
];

const ONE_PLACE: &str = "number_destinations_one_place";
const WITH_EXTEN: &str = "number_destinations_context_with_exten";

const REFUSED: &[Broken] = &[
    (|t| t.ring_groups[0].name.clear(), "id 1", "ring_groups_name_length"),
    (|t| t.ring_groups[0].dial_timeout_s = 0, "id 1", "ring_groups_dial_timeout_s_range"),
    (|t| t.ring_groups[0].dial_timeout_s = 3_601, "id 1", "ring_groups_dial_timeout_s_range"),
    (|t| t.number_destinations[0].extension_id = None, "id 1", ONE_PLACE),
    (|t| t.number_destinations[0].ring_group_id = Some(RingGroupId(1)), "id 1", ONE_PLACE),
    (
        |t| {
            let place = &mut t.number_destinations[0];
            (place.context, place.exten) = (Some("queues".parse().unwrap()), Some("sales".parse().unwrap()));
        },
        "id 1",
        ONE_PLACE,
    ),
    (|t| t.number_destinations[0].exten = Some("sales".parse().unwrap()), "id 1", WITH_EXTEN),
    (
        |t| {
            let place = &mut t.number_destinations[0];
            (place.extension_id, place.context) = (None, Some("queues".parse().unwrap()));
        },
        "id 1",
        WITH_EXTEN,
    ),
    (|t| t.api_tokens[0].token_sha256.truncate(63), "id 1", "api_tokens_token_sha256_length"),
    (|t| t.api_tokens[0].token_sha256 = "A".repeat(64), "id 1", "api_tokens_token_sha256_hexadecimal"),
];

pub(super) async fn each_is_named_to_a_program(database: Database) {
    let database = database.with_tables().await;
    for &(break_it, row, rule) in DUPLICATE.iter().chain(DANGLING).chain(REFUSED) {
        let mut tables = whole();
        break_it(&mut tables);
        let error = database.store.insert(&tables).await.unwrap_err();
        let (table, blamed, constraint) = match &error {
            StoreError::Duplicate { table, row, constraint } if rule.ends_with("_unique") => {
                (table, row, constraint)
            }
            StoreError::Dangling { table, row, constraint } if rule.ends_with("_exists") => {
                (table, row, constraint)
            }
            StoreError::Refused { table, row, constraint }
                if !rule.ends_with("_unique") && !rule.ends_with("_exists") =>
            {
                (table, row, constraint)
            }
            _ => panic!("{rule}: {error:?}"),
        };
        assert!(rule.starts_with(*table), "{rule} is not of {table}");
        assert_eq!(blamed, row, "{rule}");
        assert!(names(constraint, rule), "{constraint} is not {rule}");
    }
    database.store.insert(&whole()).await.unwrap();
    assert_eq!(database.tables().await, whole());
}

/// Whether a message names the rule. SQLite names a unique key by its columns, and a foreign key not at all.
fn names(message: &str, rule: &str) -> bool {
    let columns = message.rsplit(": ").next().unwrap_or_default();
    let unnamed = message == "unnamed" || message.ends_with("FOREIGN KEY constraint failed");
    message.contains(rule) || unique_key(columns) == rule || (rule.ends_with("_exists") && unnamed)
}

/// `numbers.number` is the key of `numbers_number_unique`.
fn unique_key(columns: &str) -> String {
    let table = columns.split('.').next().unwrap_or_default();
    let bare = columns.replace(&format!("{table}."), "").replace(", ", "_");
    format!("{table}_{bare}_unique")
}

/// What a hand must not do, and the rule or column that is in the way. Where a value is too long or of another type,
/// not every database says which column it was for.
const BY_HAND: &[(&str, &str)] = &[
    ("UPDATE providers SET domestic_caller_id = 2 WHERE id = 7", ""),
    ("UPDATE providers SET domestic_caller_id = NULL WHERE id = 7", "domestic_caller_id"),
    ("INSERT INTO ring_groups (name, strategy) VALUES ('sales', 'all')", "ring_groups_name_unique"),
    ("INSERT INTO ring_groups (name) VALUES ('support')", "strategy"),
    ("UPDATE ring_groups SET name = NULL", "name"),
    ("UPDATE ring_groups SET name = ''", "ring_groups_name_length"),
    ("UPDATE ring_groups SET strategy = 'hunt'", "ring_groups_strategy_word"),
    ("UPDATE ring_groups SET strategy = 'ALL'", "ring_groups_strategy_word"),
    ("UPDATE ring_groups SET strategy = 'all '", ""),
    ("UPDATE ring_groups SET dial_timeout_s = 0", "ring_groups_dial_timeout_s_range"),
    (
        "INSERT INTO ring_group_members (ring_group_id, extension_id) VALUES (1, 1)",
        "ring_group_members_ring_group_id_extension_id_unique",
    ),
    ("UPDATE ring_group_members SET ring_group_id = 9", "ring_group_members_ring_group_id_exists"),
    ("UPDATE ring_group_members SET extension_id = 9", "ring_group_members_extension_id_exists"),
    ("UPDATE ring_group_members SET position = -1", "ring_group_members_position_range"),
    ("UPDATE ring_group_members SET position = 65536", "ring_group_members_position_range"),
    (
        "INSERT INTO number_destinations (number_id, ring_group_id) VALUES (279, 1)",
        "number_destinations_number_id_unique",
    ),
    ("INSERT INTO number_destinations (number_id) VALUES (280)", ONE_PLACE),
    ("INSERT INTO number_destinations (number_id, context) VALUES (280, 'queues')", WITH_EXTEN),
    ("INSERT INTO number_destinations (number_id, exten) VALUES (280, 's')", ""),
    ("UPDATE number_destinations SET number_id = 9 WHERE id = 1", "number_destinations_number_id_exists"),
    (
        "UPDATE number_destinations SET extension_id = 9 WHERE id = 1",
        "number_destinations_extension_id_exists",
    ),
    (
        "UPDATE number_destinations SET ring_group_id = 9 WHERE id = 3",
        "number_destinations_ring_group_id_exists",
    ),
    ("UPDATE number_destinations SET ring_group_id = 1", ONE_PLACE),
    ("UPDATE number_destinations SET ring_group_id = NULL WHERE id = 3", ONE_PLACE),
    ("UPDATE number_destinations SET context = 'queues', exten = 's' WHERE id = 1", ONE_PLACE),
    ("UPDATE number_destinations SET exten = 's' WHERE id = 1", WITH_EXTEN),
    (
        "UPDATE number_destinations SET extension_id = NULL, context = '', exten = 's' WHERE id = 1",
        "number_destinations_context_length",
    ),
    (
        "UPDATE number_destinations SET extension_id = NULL, context = 'queues', exten = '' WHERE id = 1",
        "number_destinations_exten_length",
    ),
    ("INSERT INTO customers (number, extension_id) VALUES ('442079460199', 2)", "customers_number_unique"),
    (
        "INSERT INTO customers (number, extension_id) VALUES ('442079460198', 9)",
        "customers_extension_id_exists",
    ),
    ("UPDATE customers SET extension_id = NULL", "extension_id"),
    ("UPDATE customers SET number = ''", "customers_number_length"),
    ("UPDATE customers SET number = '+442079460199'", "customers_number_digits"),
    ("UPDATE customers SET number = '02079460199'", "customers_number_leading_zero"),
    ("UPDATE customers SET number = '1234567890123456'", ""),
    (
        "INSERT INTO service_numbers (country, number, provider_id) VALUES ('RU', '112', 7)",
        "service_numbers_country_number_provider_id_unique",
    ),
    ("UPDATE service_numbers SET country = 'XX'", "service_numbers_country_exists"),
    ("UPDATE service_numbers SET country = 'ru'", "service_numbers_country_exists"),
    ("UPDATE service_numbers SET provider_id = 5 WHERE id = 1", "service_numbers_provider_id_exists"),
    ("UPDATE service_numbers SET number = '' WHERE id = 1", "service_numbers_number_length"),
    ("UPDATE service_numbers SET number = '11x' WHERE id = 1", "service_numbers_number_digits"),
    ("UPDATE service_numbers SET number = '12345678901234567' WHERE id = 1", ""),
    ("UPDATE service_numbers SET dialled_as = ''", "service_numbers_dialled_as_length"),
    ("UPDATE service_numbers SET dialled_as = '112&'", "service_numbers_dialled_as_digits"),
    ("UPDATE service_numbers SET priority = 65536", "service_numbers_priority_range"),
    ("UPDATE api_tokens SET role = 'root'", "api_tokens_role_word"),
    ("UPDATE api_tokens SET role = 'Admin'", "api_tokens_role_word"),
    ("UPDATE api_tokens SET role = NULL", "role"),
    ("UPDATE api_tokens SET token_sha256 = 'abc'", "api_tokens_token_sha256_length"),
    (
        "INSERT INTO api_tokens (role, token_sha256) SELECT 'admin', token_sha256 FROM api_tokens",
        "api_tokens_token_sha256_unique",
    ),
];

pub(super) async fn each_is_named_to_a_hand(database: Database) {
    let database = database.with_tables().await;
    database.store.insert(&whole()).await.unwrap();
    let too_long = "x".repeat(201);
    let spelt = [
        (
            format!("UPDATE api_tokens SET token_sha256 = '{}'", "G".repeat(64)),
            "api_tokens_token_sha256_hexadecimal",
        ),
        (format!("UPDATE api_tokens SET comment = '{too_long}'"), ""),
        (format!("UPDATE customers SET comment = '{too_long}'"), ""),
        (format!("UPDATE ring_groups SET name = '{}'", &too_long[100..]), ""),
    ];
    let spelt = spelt.iter().map(|(sql, rule)| (sql.as_str(), *rule));
    for (sql, rule) in BY_HAND.iter().copied().chain(spelt) {
        let refused = database.by_hand(sql).await.expect_err(sql).to_string();
        assert!(names(&refused, rule), "{sql} gives {refused} and not {rule}");
    }
    assert_eq!(database.tables().await, whole());
}

/// What a hand may leave out, and what a number may be given instead of a phone.
pub(super) async fn defaults_are_those_of_the_file(database: Database) {
    let database = database.with_article().await;
    for sql in [
        "INSERT INTO providers (providername, currency_id) VALUES ('Plain', 96)",
        "INSERT INTO ring_groups (name, strategy) VALUES ('support', 'order')",
        "INSERT INTO ring_group_members (ring_group_id, extension_id) VALUES (1, 2)",
        "INSERT INTO number_destinations (number_id, context, exten) VALUES (280, 'queues', 'sales')",
        "INSERT INTO service_numbers (country, number, provider_id) VALUES ('GB', '999', 11)",
    ] {
        assert_eq!(database.by_hand(sql).await.unwrap(), 1, "{sql}");
    }
    let tables = database.tables().await;
    assert!(tables.providers.last().is_some_and(|row| row.domestic_caller_id));
    assert_eq!(tables.ring_groups.last().map(|row| row.dial_timeout_s), Some(60));
    assert_eq!(tables.ring_group_members.last().map(|row| row.position), Some(100));
    assert_eq!(tables.service_numbers.last().map(|row| row.priority), Some(100));
    let place = tables.number_destinations.last().unwrap();
    assert_eq!(place.context.as_ref().map(domain::ContextName::as_str), Some("queues"));
    assert_eq!(place.exten.as_ref().map(domain::ExtenName::as_str), Some("sales"));
}
