//! The working copy made what it was.

use domain::{CurrencyId, ProviderId, ServerId};
use routing::{
    ChunkedTables, TableName,
    tables::{ApiToken, Number, Tables},
};
use store::StoreError;

use super::{
    database::{Database, article},
    generations::activate,
};

async fn restore(database: &Database, wanted: &Tables) -> Result<(), StoreError> {
    database.store.replace_working_copy(&ChunkedTables::from(wanted.clone())).await
}

async fn marked(database: &Database) -> Vec<&'static str> {
    database.store.edited().await.unwrap().places().iter().map(|place| place.table.as_str()).collect()
}

async fn forget_marks(database: &Database) {
    let parent = database.store.latest_generation().await.unwrap().map(|head| head.number);
    let marks = database.store.edited().await.unwrap();
    activate(&database.store, parent, [0], &marks).await.unwrap();
}

pub(super) async fn everything_goes_and_comes_back(database: Database) {
    let database = database.with_article().await;
    forget_marks(&database).await;
    restore(&database, &article()).await.unwrap();
    assert!(marked(&database).await.is_empty(), "nothing differed");

    restore(&database, &Tables::default()).await.unwrap();
    assert_eq!(database.tables().await, Tables::default());
    let all = marked(&database).await;
    assert_eq!(all.len(), TableName::ALL.len() - 4, "customers, tokens and names were empty before");
    forget_marks(&database).await;

    restore(&database, &article()).await.unwrap();
    assert_eq!(database.tables().await, article());
    assert_eq!(marked(&database).await, all);
    // What the database chooses comes after what was given, and references are checked again.
    let one_more = "INSERT INTO currencies (iso, numcode, name) VALUES ('GBP', 826, 'Pound sterling')";
    database.by_hand(one_more).await.unwrap();
    assert_eq!(database.tables().await.currencies.last().unwrap().id, CurrencyId(157));
    let broken =
        Tables { numbers: vec![Number { provider_id: ProviderId(5), ..lonely() }], ..Tables::default() };
    assert!(matches!(database.store.insert(&broken).await, Err(StoreError::Dangling { .. })));
}

fn lonely() -> Number {
    Number {
        id: domain::NumberId(999),
        number: "79990000000".parse().unwrap(),
        ..article().numbers[0].clone()
    }
}

/// Ids move to other rows, unique values change hands, references turn round.
pub(super) async fn rows_change_places(database: Database) {
    let database = database.with_article().await;
    forget_marks(&database).await;
    let mut wanted = article();
    // Two numbers swap what makes them unique.
    let (one, two) = (wanted.numbers[0].number, wanted.numbers[1].number);
    (wanted.numbers[0].number, wanted.numbers[1].number) = (two, one);
    // The first provider gets another id under its name, and everybody follows.
    let (old, new) = (wanted.providers[0].id, ProviderId(5));
    wanted.providers[0].id = new;
    wanted.providers.sort_by_key(|row| row.id.0);
    let follow = |id: &mut ProviderId| {
        if *id == old {
            *id = new;
        }
    };
    wanted.numbers.iter_mut().for_each(|row| follow(&mut row.provider_id));
    wanted.provider_addresses.iter_mut().for_each(|row| follow(&mut row.provider_id));
    wanted.routes.iter_mut().for_each(|row| follow(&mut row.provider_id));
    wanted.service_numbers.iter_mut().for_each(|row| follow(&mut row.provider_id));
    // A row that others refer to only changes.
    wanted.servers[0].comment = Some("moved".to_owned());
    restore(&database, &wanted).await.unwrap();
    assert_eq!(database.tables().await, wanted);
    let marked = marked(&database).await;
    for table in ["providers", "servers", "numbers"] {
        assert!(marked.contains(&table), "{table} is not among {marked:?}");
    }
    assert!(!marked.contains(&"currencies") && !marked.contains(&"ring_groups"));

    restore(&database, &article()).await.unwrap();
    assert_eq!(database.tables().await, article());
}

/// Tokens are no part of what is restored: what was revoked stays revoked, what was issued stays valid.
pub(super) async fn tokens_stay_as_they_are(database: Database) {
    let database = database.with_article().await;
    let server = article().servers[1].servername.clone();
    let id = database.store.add_node_token(&server, &"0".repeat(64), None).await.unwrap();
    forget_marks(&database).await;
    let now = database.tables().await;
    let mut wanted = article();
    wanted.api_tokens.push(ApiToken {
        id: domain::ApiTokenId(1),
        role: domain::ApiRole::Admin,
        token_sha256: "f".repeat(64),
        comment: None,
    });
    wanted.servers[1].comment = Some("its token is still its own".to_owned());
    restore(&database, &wanted).await.unwrap();
    assert_eq!(marked(&database).await, ["servers"]);
    let tables = database.tables().await;
    assert_eq!((&tables.node_tokens, &tables.api_tokens), (&now.node_tokens, &now.api_tokens));

    let without = ServerId(2);
    let mut gone = Tables { ..wanted };
    gone.servers.retain(|row| row.id != without);
    gone.gates.retain(|row| row.server_id != without);
    gone.extensions.clear();
    gone.ring_group_members.clear();
    gone.number_destinations.clear();
    gone.numbers.iter_mut().for_each(|row| row.server_id = None);
    let refused = restore(&database, &gone).await.unwrap_err();
    let StoreError::Dangling { table, row, constraint } = &refused else { panic!("{refused:?}") };
    assert_eq!(
        (*table, row, constraint.as_str()),
        ("node_tokens", &format!("id {}", id.0), "node_tokens_server_id_exists")
    );
    assert_eq!(database.tables().await, tables, "refused and yet changed");
    database.store.revoke_node_token(id).await.unwrap();
    restore(&database, &gone).await.unwrap();
    gone.api_tokens.clear();
    assert_eq!(database.tables().await, gone);
}

pub(super) async fn what_does_not_fit_together_changes_nothing(database: Database) {
    let database = database.with_article().await;
    forget_marks(&database).await;
    let refused = async |wanted: &Tables| {
        let error = restore(&database, wanted).await.unwrap_err();
        assert_eq!(database.tables().await, article(), "{error:?}");
        assert!(marked(&database).await.is_empty());
        error
    };
    let mut wanted = article();
    wanted.countries.retain(|row| row.id.0 != 189);
    let error = refused(&wanted).await;
    assert!(matches!(&error, StoreError::Dangling { table: "servers", .. }), "{error:?}");
    let mut wanted = article();
    wanted.numbers[4].provider_id = ProviderId(5);
    let id = wanted.numbers[4].id.0;
    let error = refused(&wanted).await;
    assert_eq!(
        error.to_string(),
        format!("id {id} of numbers names a row that does not exist (numbers_provider_id_exists)")
    );
    let mut wanted = article();
    wanted.numbers[4].number = wanted.numbers[5].number;
    let error = refused(&wanted).await;
    assert!(matches!(&error, StoreError::Duplicate { table: "numbers", .. }), "{error:?}");
    let mut wanted = article();
    wanted.providers[2].dial_timeout_s = 0;
    let error = refused(&wanted).await;
    assert!(matches!(&error, StoreError::Refused { table: "providers", .. }), "{error:?}");
}
