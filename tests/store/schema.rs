use routing::tables::Tables;

use super::database::{Database, article};

pub(super) async fn migrating_twice_changes_nothing(database: Database) {
    let database = database.with_tables().await;
    assert_eq!(database.tables().await, Tables::default());
    database.store.insert(&article()).await.unwrap();
    database.store.migrate().await.unwrap();
    assert_eq!(database.tables().await, article());
    let applied = database.by_hand("DELETE FROM _sqlx_migrations").await.unwrap();
    assert_eq!(applied, store::migration_names().len() as u64);
}

pub(super) async fn two_may_migrate_at_once(database: Database) {
    let other = database.again().await;
    let (one, two) = tokio::join!(database.store.migrate(), other.migrate());
    one.unwrap();
    two.unwrap();
    assert_eq!(database.tables().await, Tables::default());
}

pub(super) async fn every_statement_fits(database: Database) {
    assert!(database.store.check_statements().await.is_err(), "there are no tables yet");
    let database = database.with_tables().await;
    database.store.check_statements().await.unwrap();
    database.by_hand("ALTER TABLE gates RENAME COLUMN gatename TO peername").await.unwrap();
    let error = database.again().await.check_statements().await.unwrap_err();
    assert!(error.to_string().contains("FROM gates"), "{error}");
}

/// The tables as they were before calls could come in, with rows in them.
pub(super) async fn an_older_database_is_brought_up_to_date(database: Database) {
    let database = database.with_article().await;
    for view in VIEWS {
        database.by_hand(&format!("DROP VIEW {view}")).await.unwrap();
    }
    for table in LATER {
        database.by_hand(&format!("DROP TABLE {table}")).await.unwrap();
    }
    // Only MariaDB keeps rules apart from their columns.
    for rule in ADDRESS_RULES {
        database.by_hand(&format!("ALTER TABLE provider_addresses DROP CONSTRAINT {rule}")).await.ok();
    }
    for column in ADDRESS_COLUMNS {
        database.by_hand(&format!("ALTER TABLE provider_addresses DROP COLUMN {column}")).await.unwrap();
    }
    database.by_hand("ALTER TABLE providers DROP CONSTRAINT providers_domestic_caller_id_flag").await.ok();
    database.by_hand("ALTER TABLE providers DROP COLUMN domestic_caller_id").await.unwrap();
    database.by_hand("DELETE FROM _sqlx_migrations WHERE version > 10").await.unwrap();

    let store = database.again().await;
    store.migrate().await.unwrap();
    let article = article();
    let (ring_groups, ring_group_members, number_destinations, service_numbers) = Default::default();
    let older = Tables { ring_groups, ring_group_members, number_destinations, service_numbers, ..article };
    assert_eq!(store.tables().await.unwrap(), older);
}

pub(crate) const VIEWS: [&str; 10] = [
    "calls_by_root",
    "report_calls",
    "report_legs",
    "report_attempts",
    "report_decisions",
    "report_traffic_attempts",
    "report_traffic_calls",
    "report_traffic_causes",
    "report_traffic_refusals",
    "report_gaps",
];

/// What addresses of carriers had not at first, each before those its rules name.
pub(crate) const ADDRESS_COLUMNS: [&str; 10] = [
    "comment",
    "source",
    "valid_to",
    "valid_from",
    "private_allowed",
    "lookup",
    "port_to",
    "port",
    "transport",
    "purpose",
];

/// The rules of those columns.
pub(crate) const ADDRESS_RULES: [&str; 9] = [
    "provider_addresses_purpose_word",
    "provider_addresses_transport_word",
    "provider_addresses_port_range",
    "provider_addresses_port_to_range",
    "provider_addresses_lookup_word",
    "provider_addresses_private_allowed_flag",
    "provider_addresses_valid_from_form",
    "provider_addresses_valid_to_form",
    "provider_addresses_valid_to_order",
];

/// The newest first, each before those it refers to.
pub(crate) const LATER: [&str; 39] = [
    "resolver_turn",
    "quarantined_addresses",
    "address_lookups",
    "resolved_addresses",
    "audit",
    "legal_holds",
    "retention_progress",
    "retention_rules",
    "traffic_refusals",
    "traffic_causes",
    "traffic_calls",
    "traffic_attempts",
    "traffic_basis",
    "traffic_awaited",
    "traffic_marks",
    "outcome_rules",
    "decisions_set_aside",
    "decision_attempts",
    "decisions",
    "calls_set_aside",
    "collector_leases",
    "call_gaps",
    "call_aliases",
    "call_attempts",
    "call_legs",
    "calls",
    "live_boards",
    "locks",
    "routers",
    "activation_refusals",
    "edited_chunks",
    "generation_chunks",
    "generations",
    "api_tokens",
    "service_numbers",
    "customers",
    "number_destinations",
    "ring_group_members",
    "ring_groups",
];

pub(super) async fn ids_go_on_after_those_that_were_given(database: Database) {
    let database = database.with_article().await;
    let one_more = "INSERT INTO currencies (iso, numcode, name) VALUES ('GBP', 826, 'Pound sterling')";
    assert_eq!(database.by_hand(one_more).await.unwrap(), 1);
    assert_eq!(database.tables().await.currencies.last().map(|currency| currency.id.0), Some(157));
}
