//! Activation, its guards, and rollback.

use activation::{Active, LoadError, Look, Part, Refusal, Settled, activate, collect, rollback, settle};
use generations::Shrunk;
use routing::{Layer, TableName};
use store::Edit;

use crate::common::{ORDER, Place, activated, draft, set};

#[tokio::test]
async fn what_is_activated_is_what_the_tables_say() {
    let place = Place::new();
    let store = place.store().await;
    let first = activated(&store).await.unwrap();
    assert_eq!((first.record().number, first.record().parent), (1, None));
    assert_eq!(*first.tables(), store.tables_chunked().await.unwrap().tables);
    assert!(matches!(activated(&store).await, Err(Refusal::Unchanged)));
    set(&store, TableName::Number, 125, "enabled", false).await;
    let second = activated(&store).await.unwrap();
    assert_eq!((second.record().number, second.record().parent), (2, Some(1)));
    assert_eq!(second.manifest().changed(first.manifest()).len(), 1);
    let loaded = Active::load(&store, 2, Some(first)).await.unwrap();
    assert_eq!(loaded.tables(), second.tables());
    assert_eq!(Active::load(&store, 2, None).await.unwrap().tables(), second.tables());
}

#[tokio::test]
async fn of_two_drafts_of_one_parent_one_is_activated() {
    let place = Place::new();
    let store = place.store().await;
    let base = activated(&store).await.unwrap();
    set(&store, TableName::Number, 125, "enabled", false).await;
    let one = draft(&store, Some(base.clone())).await;
    set(&store, TableName::Number, 126, "enabled", false).await;
    let other = draft(&store, Some(base)).await;
    assert_eq!(activate(&store, one, ORDER).await.unwrap().record().number, 2);
    assert!(matches!(activate(&store, other, ORDER).await, Err(Refusal::Overtaken)));
    assert_eq!(store.latest_generation().await.unwrap().unwrap().number, 2);
}

#[tokio::test]
async fn rows_that_are_wrong_are_named_and_change_nothing() {
    let place = Place::new();
    let store = place.store().await;
    activated(&store).await.unwrap();
    // Two providers that call from one network cannot be told apart.
    let addresses = store.rows(TableName::ProviderAddress, 0, 100).await.unwrap();
    let of = |row: &serde_json::Map<String, serde_json::Value>| row["provider_id"].as_i64();
    let one = addresses.iter().find(|row| row["ipaddress"].is_string() && row["direction"] != "OUT").unwrap();
    let other = addresses.iter().find(|row| of(row) != of(one) && row["direction"] != "OUT").unwrap();
    let key = other["id"].as_i64().unwrap();
    set(&store, TableName::ProviderAddress, key, "ipaddress", one["ipaddress"].clone()).await;
    let Err(Refusal::Errors(findings)) = activated(&store).await else { panic!("activated") };
    assert!(findings.iter().any(|finding| finding.table == "provider_addresses"), "{findings:?}");
    assert_eq!(store.latest_generation().await.unwrap().unwrap().number, 1);
}

#[tokio::test]
async fn a_table_that_lost_its_rows_needs_force() {
    let place = Place::new();
    let store = place.store().await;
    let base = activated(&store).await.unwrap();
    for row in store.rows(TableName::NumberDestination, 0, 100).await.unwrap() {
        let key = row["id"].as_i64().unwrap();
        store.edit(&Edit::Remove { table: TableName::NumberDestination, key }).await.unwrap();
    }
    let Err(Refusal::Shrunk(tables)) = activated(&store).await else { panic!("activated") };
    assert!(matches!(tables.as_slice(), [Shrunk { table: TableName::NumberDestination, .. }]), "{tables:?}");
    let forced =
        activate(&store, draft(&store, Some(base)).await, activation::Order { force: true, ..ORDER }).await;
    assert_eq!(forced.unwrap().record().number, 2);
}

#[tokio::test]
async fn a_rollback_brings_no_token_back_and_holds_what_it_undid() {
    let place = Place::new();
    let store = place.store().await;
    let node = "asterisk-macomnet".parse().unwrap();
    let hash = "ab".repeat(32);
    let token = store.add_node_token(&node, &hash, None).await.unwrap();
    let first = activated(&store).await.unwrap();
    assert_eq!(first.tables().node_tokens.len(), 1);
    store.revoke_node_token(token).await.unwrap();
    set(&store, TableName::Number, 125, "enabled", false).await;
    activated(&store).await.unwrap();
    let back = rollback(&store, 1, true, ORDER).await.unwrap();
    assert_eq!((back.record().number, back.record().held), (3, true));
    assert_eq!(back.tables().numbers, first.tables().numbers);
    assert!(back.tables().node_tokens.is_empty());
    assert!(matches!(rollback(&store, 1, true, ORDER).await, Err(Refusal::Unchanged)));
}

#[tokio::test]
async fn a_new_server_s_token_does_not_stop_a_rollback() {
    let place = Place::new();
    let store = place.store().await;
    activated(&store).await.unwrap();
    let mut server = store.rows(TableName::Server, 0, 1).await.unwrap().remove(0);
    for (column, value) in [("servername", "asterisk-new"), ("sip", "SIP/new"), ("iax2", "IAX2/new")] {
        server.insert(column.into(), value.into());
    }
    server.remove("id");
    server.insert("iax2control".into(), serde_json::Value::Null);
    store.edit(&Edit::Insert { table: TableName::Server, cells: server }).await.unwrap();
    store.add_node_token(&"asterisk-new".parse().unwrap(), &"cd".repeat(32), None).await.unwrap();
    activated(&store).await.unwrap();
    let back = rollback(&store, 1, false, ORDER).await.unwrap();
    assert!(back.tables().node_tokens.is_empty());
    // Tokens go on going live by themselves, next to tables that do not know the server.
    store.add_api_token(domain::ApiRole::Operator, &"ef".repeat(32), None).await.unwrap();
    let settled = settle(&store, Part::Layer(Layer::Tokens), ORDER).await.unwrap();
    assert!(matches!(settled, Settled::Live(Some(4))), "{settled:?}");
    assert_eq!(Active::newest(&store).await.unwrap().unwrap().tables().servers, back.tables().servers);
}

#[tokio::test]
async fn what_names_stand_for_goes_live_by_itself_and_stays_in_a_rollback() {
    let place = Place::new();
    let store = place.store().await;
    let first = activated(&store).await.unwrap();
    // Somebody is at work, with a mistake in it.
    set(&store, TableName::Number, 125, "enabled", false).await;
    set(&store, TableName::ProviderAddress, 52, "ipaddress", "128.0.0.0/2").await;
    let resolve = |network: &str| Edit::Insert {
        table: TableName::ResolvedAddress,
        cells: serde_json::json!({ "provider_address_id": 7, "network": network })
            .as_object()
            .unwrap()
            .clone(),
    };
    store.edit(&resolve("192.0.2.1")).await.unwrap();
    let settled = settle(&store, Part::Layer(Layer::Resolved), ORDER).await.unwrap();
    assert!(matches!(settled, Settled::Live(Some(2))), "{settled:?}");
    let live = Active::newest(&store).await.unwrap().unwrap();
    assert_eq!(live.tables().resolved_addresses.len(), 1);
    assert_eq!(live.tables().numbers, first.tables().numbers, "the draft waits");
    assert_eq!(live.tables().provider_addresses, first.tables().provider_addresses);

    set(&store, TableName::ProviderAddress, 52, "ipaddress", "128.0.2.0/24").await;
    activated(&store).await.unwrap();
    let back = rollback(&store, 1, true, ORDER).await.unwrap();
    assert_eq!(back.tables().resolved_addresses, live.tables().resolved_addresses);
    assert_eq!(back.tables().numbers, first.tables().numbers);
    // On a generation that is held too, which stays held.
    store.edit(&resolve("192.0.2.2")).await.unwrap();
    settle(&store, Part::Layer(Layer::Resolved), ORDER).await.unwrap();
    let held = Active::newest(&store).await.unwrap().unwrap();
    assert!(held.record().held && held.tables().resolved_addresses.len() == 2);
    assert_eq!(held.tables().numbers, first.tables().numbers);
}

#[tokio::test]
async fn edits_are_activated_where_no_router_does_it() {
    let place = Place::new();
    let store = place.store().await;
    let settled = settle(&store, Part::All, ORDER).await.unwrap();
    assert!(matches!(settled, Settled::Live(Some(1))), "{settled:?}");
    set(&store, TableName::Number, 125, "enabled", false).await;
    assert!(matches!(settle(&store, Part::All, ORDER).await.unwrap(), Settled::Live(Some(2))));
    // There and back is no change, and leaves nothing to be looked at again.
    set(&store, TableName::Number, 125, "enabled", true).await;
    set(&store, TableName::Number, 125, "enabled", false).await;
    assert!(matches!(settle(&store, Part::All, ORDER).await.unwrap(), Settled::Live(Some(2))));
    assert!(store.edited().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_marked_draft_reads_what_was_marked_only() {
    let place = Place::new();
    let store = place.store().await;
    let base = activated(&store).await.unwrap();
    set(&store, TableName::Number, 125, "enabled", false).await;
    let draft = activation::Draft::read(&store, Look::Marked, Part::All, Some(base.clone())).await.unwrap();
    assert_eq!(draft.diff().tables.len(), 1);
    assert!(std::sync::Arc::ptr_eq(
        &draft.tables().providers.chunks()[0],
        &base.tables().providers.chunks()[0]
    ));
}

#[tokio::test]
async fn old_generations_go_and_take_their_chunks_along() {
    let place = Place::new();
    let store = place.store().await;
    for enabled in [true, false, true, false, true] {
        set(&store, TableName::Number, 125, "enabled", enabled).await;
        activated(&store).await.unwrap();
    }
    let newest = Active::newest(&store).await.unwrap().unwrap();
    let removed = collect(&store, 2).await.unwrap();
    // Two contents took turns, so no chunk has lost its last generation.
    assert_eq!((removed.generations, removed.chunks), (3, 0));
    assert_eq!(collect(&store, 1).await.unwrap().chunks, 1);
    assert_eq!(Active::load(&store, 5, None).await.unwrap().tables(), newest.tables());
    assert!(matches!(Active::load(&store, 4, None).await, Err(LoadError::NoSuch(4))));
}
