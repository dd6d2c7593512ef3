//! The article's example, and the store on `SQLite`, which needs no server. The contract that all three databases keep
//! is tested in the scenarios.

use routing::tables::Tables;
use store::{ARTICLE, Options, Store, StoreError};

fn article() -> Tables {
    toml::from_str(ARTICLE).expect("the example is well formed")
}

/// A store in a new file of its own.
async fn store(name: &str) -> Store {
    let path = format!("{}/store/{name}.db", env!("CARGO_TARGET_TMPDIR"));
    for left_over in ["", "-wal", "-shm"] {
        std::fs::remove_file(format!("{path}{left_over}")).ok();
    }
    let url = format!("sqlite:{path}");
    let store = Store::connect(&url, Options::default()).await.expect("the URL is well formed");
    store.migrate().await.expect("a new file can be migrated");
    store
}

#[test]
fn the_article_is_complete() {
    let article = article();
    let rows = (
        article.currencies.len(),
        article.providers.len(),
        article.provider_addresses.len(),
        article.servers.len(),
        article.numbers.len(),
        article.gates.len(),
        article.extensions.len(),
        article.node_tokens.len(),
    );
    assert_eq!(rows, (3, 6, 13, 3, 12, 5, 2, 0));
    let ours = (article.ring_groups.len(), article.number_destinations.len(), article.service_numbers.len());
    assert_eq!(ours, (1, 4, 2));
    let plus = article.providers.iter().filter(|provider| provider.append_plus);
    assert_eq!(plus.map(|provider| &*provider.providername).collect::<Vec<_>>(), ["IPport"]);
    let receive_only = article.providers.iter().filter(|provider| !provider.sells_outgoing);
    assert_eq!(
        receive_only.map(|provider| &*provider.providername).collect::<Vec<_>>(),
        ["Zadarma", "Multitel"]
    );
}

#[tokio::test]
async fn the_article_is_read_back_as_it_was_written() {
    let store = store("article").await;
    store.insert(&article()).await.unwrap();
    assert_eq!(store.tables().await.unwrap(), article());
}

#[tokio::test]
async fn a_url_that_names_no_database_is_refused_without_being_repeated() {
    for url in ["", "hunter2", "redis://u:hunter2@h", "postgres://u:hunter2@h:port/d", "sqlite::memory:"] {
        let error = Store::connect(url, Options::default()).await.unwrap_err();
        assert!(matches!(error, StoreError::UnknownScheme | StoreError::Url(_)), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_database_that_is_down_is_named_without_its_password() {
    let options = Options { acquire_timeout: std::time::Duration::from_millis(50), ..Options::default() };
    let store = Store::connect("postgres://u:hunter2@127.0.0.1:1/d", options).await.unwrap();
    let error = store.ping().await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(error.to_string(), "no connection to postgres at 127.0.0.1:1");
    assert!(!format!("{error:?}").contains("hunter2"));
}
