//! Calls that turned out to be part of another one.

use calls::{CallId, CallRecord, CallUpdate};
use store::{Store, Written};

use super::{
    call_records::write,
    database::Database,
    sample_calls::{call, ended, id},
};

fn superseded(number: i64, by: i64) -> CallUpdate {
    CallUpdate::Superseded { id: id(number), by: id(by) }
}

fn with_aliases(number: i64, revision: u32, aliases: &[i64]) -> CallRecord {
    CallRecord { revision, aliases: aliases.iter().map(|&alias| id(alias)).collect(), ..call(number) }
}

/// The number and the revision of what is found under an id.
async fn found(store: &Store, number: i64) -> Option<(CallId, u32)> {
    store.call(&id(number)).await.unwrap().map(|record| (record.id, record.revision))
}

pub(super) async fn the_loser_is_found_under_the_winner(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    write(store, &[ended(&call(1)), ended(&call(2)), ended(&call(3))]).await;
    let joined = with_aliases(1, 2, &[2]);
    let written = write(store, &[superseded(2, 1), ended(&joined)]).await;
    assert_eq!(written, Written { calls: 1, superseded: 1, ..Written::default() });
    assert!(store.call(&id(2)).await.unwrap() == Some(joined.clone()));
    assert!(store.call(&id(1)).await.unwrap() == Some(joined));
    assert_eq!(database.count("calls").await, 2);
    assert_eq!(database.count("call_legs").await, 6);
    assert_eq!(database.count("call_attempts").await, 4);
}

/// In one batch and in several, the end of the chain first or last.
pub(super) async fn chains_are_flattened(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    for number in 1..=8 {
        write(store, &[ended(&call(number))]).await;
    }
    write(store, &[superseded(4, 3)]).await;
    write(store, &[superseded(3, 2)]).await;
    write(store, &[superseded(2, 1)]).await;
    write(store, &[superseded(6, 5), superseded(8, 7), superseded(7, 6), superseded(5, 1)]).await;
    for number in 1..=8 {
        assert_eq!(found(store, number).await, Some((id(1), 1)), "{number}");
    }
    assert_eq!((database.count("calls").await, database.count("call_legs").await), (1, 3));
    let straight = format!("call_aliases WHERE by_created_us = {}", id(1).created_us);
    assert_eq!(database.count(&straight).await, 7);
    // The record that comes at last says in which order they came to it.
    let all = with_aliases(1, 2, &[8, 2, 3, 7, 4, 5, 6]);
    write(store, &[ended(&all)]).await;
    assert!(store.call(&id(7)).await.unwrap() == Some(all));
}

pub(super) async fn late_arrivals_do_not_come_back_to_life(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    // Told before anything of it was.
    write(store, &[superseded(2, 1)]).await;
    assert_eq!(found(store, 2).await, None);
    let late = write(store, &[ended(&call(2)), ended(&CallRecord { revision: 9, ..call(2) })]).await;
    assert_eq!(late, Written { outdated: 2, ..Written::default() });
    assert_eq!(found(store, 2).await, None);
    write(store, &[ended(&call(1))]).await;
    assert_eq!(found(store, 2).await, Some((id(1), 1)));
    // In the batch that tells it, before and after.
    let written = write(store, &[ended(&call(3)), superseded(3, 1), ended(&call(3))]).await;
    assert_eq!(written, Written { superseded: 1, outdated: 2, ..Written::default() });
    // An alias of a record alone is enough.
    write(store, &[ended(&call(4))]).await;
    write(store, &[ended(&with_aliases(1, 2, &[4]))]).await;
    write(store, &[ended(&CallRecord { revision: 5, ..call(4) })]).await;
    assert_eq!(found(store, 4).await, Some((id(1), 2)));
    assert_eq!((database.count("calls").await, database.count("call_aliases").await), (1, 3));
    // What an alias says of others is said of its call.
    write(store, &[superseded(5, 4)]).await;
    assert_eq!(found(store, 5).await, Some((id(1), 2)));
}

pub(super) async fn circles_are_left_out(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    write(store, &[ended(&call(1)), ended(&call(2))]).await;
    write(store, &[superseded(2, 1), superseded(1, 2), superseded(1, 1)]).await;
    write(store, &[superseded(1, 2)]).await;
    assert_eq!(found(store, 1).await, Some((id(1), 1)));
    assert_eq!(found(store, 2).await, Some((id(1), 1)));
    // Somebody led them in one by hand.
    let (one, two) = (id(1), id(2));
    let circle = format!(
        "INSERT INTO call_aliases VALUES ('msk', {}, '{}', {}, '{}', 1)",
        one.created_us, one.unique_id, two.created_us, two.unique_id
    );
    database.by_hand(&circle).await.unwrap();
    write(store, &[ended(&CallRecord { revision: 2, ..call(1) }), ended(&call(3))]).await;
    assert_eq!(found(store, 3).await, Some((id(3), 1)));
}
