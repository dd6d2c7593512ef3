//! Records a database does not take.

use calls::{CallRecord, Party};
use store::{CallBatch, TEXT_CHARS_MAX, WriteCallsError, Written};

use super::{
    call_records::{everything, lease, write},
    database::Database,
    sample_calls::{call, ended, id},
};

/// The same on all three, whoever of them would have refused it.
pub(super) async fn texts_no_database_takes_are_altered(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let long = "🔔".repeat(TEXT_CHARS_MAX + 1);
    let mut nul = call(1);
    nul.id.unique_id = "a\0b".into();
    nul.called = Some(Party { raw: "\0".into(), e164: None });
    nul.legs[2].channel = "x\0".into();
    let mut too_long = call(2);
    too_long.root = Some(long.as_str().into());
    too_long.attempts[1].dialstatus = Some(long.as_str().into());
    too_long.aliases = vec![calls::CallId { unique_id: long.as_str().into(), ..id(9) }];
    let updates = [ended(&call(3)), ended(&nul), ended(&too_long)];
    let written = write(store, &updates).await;
    assert_eq!(written, Written { calls: 3, altered: 2, superseded: 1, ..Written::default() });
    assert_eq!(write(store, &updates).await, Written { outdated: 3, ..Written::default() });

    let found = store.call(&nul.id).await.unwrap().unwrap();
    assert_eq!((&*found.id.unique_id, &*found.legs[2].channel), ("a\u{fffd}b", "x\u{fffd}"));
    assert_eq!(&*found.called.unwrap().raw, "\u{fffd}");
    let kept = Some("🔔".repeat(TEXT_CHARS_MAX).into());
    let found = store.call(&too_long.aliases[0]).await.unwrap().unwrap();
    assert_eq!((&found.root, &found.attempts[1].dialstatus), (&kept, &kept));
    assert!(store.call(&id(3)).await.unwrap() == Some(call(3)));
}

/// What somebody adds to the tables one day.
pub(super) async fn forbid(database: &Database, table: &str, column: &str) {
    let sql = if database.url.starts_with("sqlite") {
        format!(
            "CREATE TRIGGER no_poison_{table} BEFORE INSERT ON {table} WHEN NEW.{column} = 'poison' \
             BEGIN SELECT RAISE(ABORT, 'no_poison_{table}'); END"
        )
    } else {
        format!("ALTER TABLE {table} ADD CONSTRAINT no_poison_{table} CHECK ({column} <> 'poison')")
    };
    database.by_hand(&sql).await.unwrap();
}

pub(super) async fn allow(database: &Database, table: &str) {
    let sql = if database.url.starts_with("sqlite") {
        format!("DROP TRIGGER no_poison_{table}")
    } else {
        format!("ALTER TABLE {table} DROP CONSTRAINT no_poison_{table}")
    };
    database.by_hand(&sql).await.unwrap();
}

pub(super) async fn what_is_refused_is_set_aside(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    write(store, &[ended(&call(40))]).await;
    forbid(&database, "calls", "root").await;
    forbid(&database, "call_legs", "channel").await;
    let mut records: Vec<_> = (0..100).map(call).collect();
    records[13].root = Some("poison".into());
    records[14].legs[2].channel = "poison".into();
    records[99].attempts[1].position = 1;
    // Its first revision is there and stays.
    records[40].revision = 2;
    records[40].root = Some("poison".into());
    let updates: Vec<_> = records.iter().map(ended).collect();
    let written = write(store, &updates).await;
    assert_eq!(written, Written { calls: 96, set_aside: 4, ..Written::default() });
    let (there, _, rows) = everything(&database).await;
    assert_eq!(rows, [97, 291, 194, 0, 0, 4]);
    assert!(
        there.iter().all(|record| *record == call((record.id.created_us - id(0).created_us) / 1_000_000))
    );

    let mut aside = store.calls_set_aside(100).await.unwrap();
    aside.sort_by(|one, other| one.id.cmp(&other.id));
    let ids: Vec<_> = aside.iter().map(|one| (one.id.clone(), one.revision)).collect();
    assert_eq!(ids, [(id(13), 1), (id(14), 1), (id(40), 2), (id(99), 1)]);
    for (one, rule) in aside.iter().zip(["no_poison_calls", "no_poison_call_legs", "no_poison_calls", ""]) {
        assert!(one.rule.contains(rule) || database.url.starts_with("sqlite"), "{}", one.rule);
        let record: CallRecord = serde_json::from_str(one.record.as_deref().unwrap()).unwrap();
        assert!(updates.contains(&ended(&record)), "{record:?}");
    }
    // The same again is set aside again, and stands there once.
    let again = write(store, &updates).await;
    assert_eq!(again, Written { outdated: 96, set_aside: 4, ..Written::default() });
    assert_eq!(store.calls_set_aside(100).await.unwrap().len(), 4);
    assert_eq!(store.calls_set_aside(1).await.unwrap().len(), 1);

    allow(&database, "calls").await;
    allow(&database, "call_legs").await;
    let healed = write(store, &updates).await;
    assert_eq!(healed, Written { calls: 3, outdated: 96, set_aside: 1, ..Written::default() });
}

/// Nothing is wrong with the records where a table is missing: they are to come again.
pub(super) async fn what_nobody_is_to_blame_for_fails(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    database.by_hand("ALTER TABLE call_attempts RENAME TO call_trials").await.unwrap();
    let updates = [ended(&call(1)), ended(&call(2))];
    let batch = CallBatch { updates: &updates, gaps: &[], written_us: Some(1) };
    let lease = lease(store).await;
    let error = store.write_calls(&lease, &batch).await.unwrap_err();
    assert!(matches!(error, WriteCallsError::Store(_)), "{error:?}");
    assert_eq!((database.count("calls").await, database.count("calls_set_aside").await), (0, 0));
    assert_eq!(store.node_leases().await.unwrap()[0].written_us, None);
    database.by_hand("ALTER TABLE call_trials RENAME TO call_attempts").await.unwrap();
    assert_eq!(store.write_calls(&lease, &batch).await.unwrap().calls, 2);
}
