use routing::TableName;
use serde_json::{Map, Value, json};
use store::{Edit, StoreError};

use super::{
    database::{Database, article},
    working_copy::gbp,
};

fn insert(table: TableName, cells: &[(&str, Value)]) -> Edit {
    Edit::Insert { table, cells: super::database::cells(cells) }
}

fn update(table: TableName, key: i64, cells: &[(&str, Value)]) -> Edit {
    Edit::Update { table, key, cells: super::database::cells(cells) }
}

pub(super) async fn rows_are_added_changed_and_removed(database: Database) {
    let database = database.with_article().await;
    let store = &database.store;
    let mut expected = article();
    let number = insert(
        TableName::Number,
        &[("number", "442079460123".into()), ("provider_id", 7.into()), ("direction", "IN/OUT".into())],
    );
    let id = store.edit(&number).await.unwrap();
    assert!(id > expected.numbers.last().unwrap().id.0);
    let row = store.row(TableName::Number, id).await.unwrap().unwrap();
    assert_eq!(
        Value::Object(row),
        json!({
            "id": id, "number": "442079460123", "provider_id": 7, "server_id": null, "enabled": true,
            "direction": "IN/OUT", "virtualflag": false, "echotest": false,
        })
    );
    let change = [("enabled", false.into()), ("server_id", 2.into()), ("id", id.into())];
    assert_eq!(store.edit(&update(TableName::Number, id, &change)).await.unwrap(), id);
    assert_eq!(store.edit(&update(TableName::Number, id, &[("server_id", Value::Null)])).await.unwrap(), id);
    assert_eq!(store.edit(&update(TableName::Number, id, &[])).await.unwrap(), id);
    let read = database.tables().await.numbers.last().unwrap().clone();
    assert_eq!((read.id.0, read.enabled, read.server_id), (id, false, None));
    store.edit(&Edit::Remove { table: TableName::Number, key: id }).await.unwrap();

    // Ids that were given are not given out again.
    let far = store.next_key(TableName::Currency).await.unwrap() + 1_000;
    assert_eq!(store.edit(&Edit::Insert { table: TableName::Currency, cells: gbp(far) }).await.unwrap(), far);
    let mut chf = gbp(0);
    chf.remove("id");
    chf.insert("iso".to_owned(), "CHF".into());
    assert_eq!(store.edit(&Edit::Insert { table: TableName::Currency, cells: chf }).await.unwrap(), far + 1);
    for key in [far, far + 1] {
        store.edit(&Edit::Remove { table: TableName::Currency, key }).await.unwrap();
    }
    expected.providers[0].dial_timeout_s = 17;
    let key = expected.providers[0].id.0;
    store.edit(&update(TableName::Provider, key, &[("dial_timeout_s", 17.into())])).await.unwrap();
    assert_eq!(database.tables().await, expected);
}

pub(super) async fn rows_are_listed_page_by_page(database: Database) {
    let database = database.with_article().await;
    let (mut after, mut ids) = (0, Vec::new());
    loop {
        let page = database.store.rows(TableName::Number, after, 5).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 5);
        after = last["id"].as_i64().unwrap();
        ids.extend(page.iter().map(|row| row["id"].as_i64().unwrap()));
    }
    assert_eq!(ids, article().numbers.iter().map(|row| row.id.0).collect::<Vec<_>>());
    for key in [i64::MIN, -1, 0, 1, i64::MAX] {
        assert_eq!(database.store.row(TableName::Number, key).await.unwrap(), None);
    }
    let every: Vec<_> = TableName::ALL.into_iter().collect();
    for table in every {
        database.store.rows(table, i64::MAX, u32::MAX).await.unwrap();
        assert!(database.store.next_key(table).await.unwrap() >= 1);
    }
}

/// A number and its gate are there together or not at all.
pub(super) async fn several_edits_are_one(database: Database) {
    let database = database.with_article().await;
    let store = &database.store;
    let consumed = store.edited().await.unwrap();
    super::generations::activate(store, None, [0], &consumed).await.unwrap();
    let id = store.next_key(TableName::Number).await.unwrap();
    let number = insert(
        TableName::Number,
        &[
            ("id", id.into()),
            ("number", "442079460123".into()),
            ("provider_id", 7.into()),
            ("direction", "IN".into()),
        ],
    );
    let gate = |server: i64| {
        insert(
            TableName::Gate,
            &[
                ("number_id", id.into()),
                ("server_id", server.into()),
                ("gatename", "gate".into()),
                ("gatenumber", "442079460123".into()),
            ],
        )
    };
    let lost = store.edit_all(&[number.clone(), gate(999)]).await.unwrap_err();
    let StoreError::Dangling { table, row, constraint } = &lost else { panic!("{lost:?}") };
    assert_eq!((*table, row.as_str()), ("gates", "a new row"));
    assert!(constraint == "gates_server_id_exists" || constraint == "unnamed", "{constraint}");
    assert_eq!(database.tables().await, article());
    assert!(store.edited().await.unwrap().is_empty(), "marks of edits that were undone");

    let keys = store.edit_all(&[number, gate(1)]).await.unwrap();
    assert_eq!(keys[0], id);
    let places: Vec<_> = store.edited().await.unwrap().places().iter().map(|place| place.table).collect();
    assert_eq!(places, [TableName::Number, TableName::Gate]);
    let remove = |table, key| Edit::Remove { table, key };
    let still = store.edit(&remove(TableName::Number, id)).await.unwrap_err();
    let StoreError::InUse { table: "numbers", row, constraint } = &still else { panic!("{still:?}") };
    assert_eq!(row, &format!("id {id}"));
    assert!(constraint == "gates_number_id_exists" || constraint == "unnamed", "{constraint}");
    store.edit_all(&[remove(TableName::Gate, keys[1]), remove(TableName::Number, id)]).await.unwrap();
    assert_eq!(database.tables().await, article());
    assert!(store.edit_all(&[]).await.unwrap().is_empty());
}

pub(super) async fn cells_that_do_not_fit_are_named(database: Database) {
    let database = database.with_article().await;
    let number = |cell: (&'static str, Value)| update(TableName::Number, 279, &[cell]);
    let wrong = [
        (number(("number", "74951815x00".into())), "number"),
        (number(("number", 74_951_815_001_i64.into())), "number"),
        (number(("number", Value::Null)), "number"),
        (number(("direction", "both".into())), "direction"),
        (number(("provider_id", "7".into())), "provider_id"),
        (number(("server_id", json!([1]))), "server_id"),
        (number(("enabled", "74951815000".into())), "enabled"),
        (number(("id", 280.into())), "id"),
        (number(("Number", "74951815000".into())), "Number"),
        (update(TableName::Provider, 7, &[("dial_timeout_s", 65_536.into())]), "dial_timeout_s"),
        (
            insert(TableName::Number, &[("number", "442079460123".into()), ("direction", "IN".into())]),
            "provider_id",
        ),
        (insert(TableName::RingGroup, &[("name", "x".into())]), "strategy"),
    ];
    for (edit, column) in wrong {
        let error = database.store.edit(&edit).await.unwrap_err();
        let StoreError::Malformed { column: blamed, reason, .. } = &error else {
            panic!("{edit:?}: {error:?}")
        };
        assert_eq!(blamed, column, "{edit:?}");
        assert!(!reason.is_empty() && !format!("{error:?}").contains("74951815"), "{error:?}");
    }
    let unknown = number(("x\n'; DROP TABLE numbers; --", 1.into()));
    let error = database.store.edit(&unknown).await.unwrap_err().to_string();
    assert!(error.contains("the columns are id, number, provider_id") && !error.contains('\n'), "{error}");
    assert_eq!(database.tables().await, article());
}

pub(super) async fn edits_keep_the_tables_rules(database: Database) {
    let database = database.with_article().await;
    let error = async |edit: Edit| database.store.edit(&edit).await.unwrap_err();
    let taken = article().numbers.iter().find(|row| row.id.0 != 279).unwrap().number.to_string();
    let twice = error(update(TableName::Number, 279, &[("number", taken.into())])).await;
    assert!(
        matches!(&twice, StoreError::Duplicate { table: "numbers", row, .. } if row == "id 279"),
        "{twice:?}"
    );
    let twice = error(Edit::Insert { table: TableName::Currency, cells: gbp(96) }).await;
    assert!(
        matches!(&twice, StoreError::Duplicate { table: "currencies", row, .. } if row == "id 96"),
        "{twice:?}"
    );
    let lost = error(update(TableName::Number, 279, &[("provider_id", 5.into())])).await;
    assert!(
        matches!(&lost, StoreError::Dangling { table: "numbers", row, .. } if row == "id 279"),
        "{lost:?}"
    );
    let rule = error(update(TableName::Provider, 7, &[("dial_timeout_s", 0.into())])).await;
    let StoreError::Refused { table: "providers", row, constraint } = &rule else { panic!("{rule:?}") };
    assert_eq!(row, "id 7");
    assert!(constraint.contains("dial_timeout_s"), "{constraint}");
    let zero = error(Edit::Insert { table: TableName::Currency, cells: gbp(0) }).await;
    assert!(
        matches!(&zero, StoreError::Refused { table: "currencies", row, .. } if row == "id 0"),
        "{zero:?}"
    );
    for gone in [
        update(TableName::Number, 5, &[("enabled", false.into())]),
        update(TableName::Number, 5, &[]),
        Edit::Remove { table: TableName::Number, key: 5 },
        Edit::Update { table: TableName::Gate, key: i64::MAX, cells: Map::new() },
    ] {
        let error = error(gone).await;
        assert!(matches!(error, StoreError::NoSuch { .. }), "{error:?}");
    }
    assert_eq!(database.tables().await, article());
}

/// Two change different cells of one row.
pub(super) async fn other_cells_are_left_to_others(database: Database) {
    let database = database.with_article().await;
    let other = database.again().await;
    for round in 1..=10 {
        let one = update(TableName::Provider, 7, &[("dial_timeout_s", round.into())]);
        let two = update(TableName::Provider, 7, &[("append_plus", (round % 2 == 0).into())]);
        let (one, two) = tokio::join!(database.store.edit(&one), other.edit(&two));
        assert_eq!((one.unwrap(), two.unwrap()), (7, 7));
        let row = other.row(TableName::Provider, 7).await.unwrap().unwrap();
        assert_eq!((&row["dial_timeout_s"], &row["append_plus"]), (&round.into(), &(round % 2 == 0).into()));
    }
}
