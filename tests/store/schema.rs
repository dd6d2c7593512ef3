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

pub(super) async fn ids_go_on_after_those_that_were_given(database: Database) {
    let database = database.with_article().await;
    let one_more = "INSERT INTO currencies (iso, numcode, name) VALUES ('GBP', 826, 'Pound sterling')";
    assert_eq!(database.by_hand(one_more).await.unwrap(), 1);
    assert_eq!(database.tables().await.currencies.last().map(|currency| currency.id.0), Some(157));
}
