//! Who may write the calls of a node, and what becomes of those who may not any more.

use std::time::Duration;

use calls::{CallRecord, CallUpdate};
use domain::NodeName;
use store::{CallBatch, LeaseOutcome, NodeLease, Store, StoreError, WriteCallsError, Written};

use super::{
    call_records::{TTL, lease},
    database::Database,
    interruptions::polled,
    sample_calls::{NOW_US, call, ended, id, node},
};

const HOUR_US: i64 = 3_600_000_000;

async fn ask(store: &Store, holder: &str) -> LeaseOutcome {
    store.lease_node(&node(), holder, TTL).await.unwrap()
}

fn ours(outcome: LeaseOutcome) -> NodeLease {
    let LeaseOutcome::Ours { lease, .. } = outcome else { panic!("{outcome:?}") };
    lease
}

async fn hours_go_by(database: &Database) {
    let silent = format!("UPDATE collector_leases SET seen_us = seen_us - {}", 2 * HOUR_US);
    database.by_hand(&silent).await.unwrap();
}

pub(super) async fn whoever_is_silent_loses_the_lease(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert_eq!(store.node_leases().await.unwrap(), []);
    let first = ours(ask(store, "one").await);
    assert_eq!((first.fence, &*first.holder), (1, "one"));
    assert_eq!(ours(ask(store, "one").await), first);
    let LeaseOutcome::Theirs { holder, age, written_us: None } = ask(store, "two").await else {
        panic!("it is held")
    };
    assert!(&*holder == "one" && age < TTL);
    // What is ours stays ours however late we come, if nobody else came.
    hours_go_by(&database).await;
    assert_eq!(ours(ask(store, "one").await), first);
    assert!(matches!(ask(store, "two").await, LeaseOutcome::Theirs { .. }));
    // Writing keeps it, too.
    hours_go_by(&database).await;
    let batch = CallBatch { updates: &[], gaps: &[], written_us: Some(NOW_US) };
    store.write_calls(&first, &batch).await.unwrap();
    store.write_calls(&first, &CallBatch { written_us: Some(NOW_US - 1), ..batch }).await.unwrap();
    store.write_calls(&first, &CallBatch { written_us: None, ..batch }).await.unwrap();
    let theirs = ask(store, "two").await;
    assert!(matches!(theirs, LeaseOutcome::Theirs { written_us: Some(NOW_US), .. }), "{theirs:?}");

    hours_go_by(&database).await;
    let second = ask(store, "two").await;
    assert!(matches!(second, LeaseOutcome::Ours { written_us: Some(NOW_US), .. }), "{second:?}");
    let second = ours(second);
    assert_eq!(second.fence, 2);
    assert!(matches!(ask(store, "one").await, LeaseOutcome::Theirs { .. }));

    // Only the holder can give it back, and then it is free at once.
    store.release_node(&first).await.unwrap();
    assert!(matches!(ask(store, "one").await, LeaseOutcome::Theirs { .. }));
    store.release_node(&second).await.unwrap();
    let seen = store.node_leases().await.unwrap();
    assert_eq!((seen.len(), &seen[0].node, &seen[0].holder, seen[0].fence), (1, &node(), &None, 2));
    assert!(seen[0].age < TTL && seen[0].written_us == Some(NOW_US));
    let third = ours(ask(store, "one").await);
    assert_eq!(third.fence, 3);

    for name in ["x".repeat(201), String::new()] {
        let spb = "spb".parse().unwrap();
        let refused = store.lease_node(&spb, &name, TTL).await.unwrap_err();
        assert!(matches!(refused, StoreError::Refused { table: "collector_leases", .. }), "{refused:?}");
    }
}

pub(super) async fn of_two_takers_one_wins(database: Database) {
    let database = database.with_tables().await;
    let (store, other) = (&database.store, &database.again().await);
    for round in 1..=10 {
        let [one, two, three] = ["one", "two", "three"].map(|name| format!("{name} {round}"));
        let asked = tokio::join!(ask(store, &one), ask(other, &two), ask(store, &three));
        let won: Vec<_> = [asked.0, asked.1, asked.2]
            .into_iter()
            .filter_map(|outcome| match outcome {
                LeaseOutcome::Ours { lease, .. } => Some(lease.fence),
                LeaseOutcome::Theirs { .. } => None,
            })
            .collect();
        assert_eq!(won, [round]);
        hours_go_by(&database).await;
    }
}

async fn write(store: &Store, lease: &NodeLease, updates: &[CallUpdate]) -> Result<Written, WriteCallsError> {
    store.write_calls(lease, &CallBatch { updates, gaps: &[], written_us: Some(NOW_US) }).await
}

fn is_lost(result: &Result<Written, WriteCallsError>) -> bool {
    matches!(result, Err(WriteCallsError::LeaseLost))
}

pub(super) async fn a_former_holder_writes_nothing(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let first = ours(ask(store, "one").await);
    write(store, &first, &[ended(&call(1))]).await.unwrap();
    hours_go_by(&database).await;
    let second = ours(ask(store, "two").await);
    for fence in [second.fence, 99] {
        let pretended = NodeLease { fence, ..first.clone() };
        assert!(is_lost(&write(store, &pretended, &[ended(&call(2))]).await));
    }
    let update = [CallUpdate::Superseded { id: id(1), by: id(2) }, ended(&call(3))];
    assert!(is_lost(&write(store, &first, &update).await));
    write(store, &second, &[ended(&call(4))]).await.unwrap();
    assert_eq!((database.count("calls").await, database.count("call_aliases").await), (2, 0));
    store.release_node(&second).await.unwrap();
    assert!(is_lost(&write(store, &second, &[ended(&call(5))]).await));

    // Taken over while the batch waits to begin.
    let third = ours(ask(store, "three").await);
    let taking = "UPDATE collector_leases SET holder = 'four', fence = fence + 1";
    let taker = database.hold(taking).await;
    let update = [ended(&call(6))];
    let taken = async {
        if !database.url.starts_with("sqlite") {
            database.waiting_for_locks(1).await;
        }
        taker.commit().await;
    };
    let (written, ()) = tokio::join!(write(store, &third, &update), taken);
    assert!(is_lost(&written), "{written:?}");
    assert_eq!(database.count("calls").await, 2);
}

/// Somebody asks for an expired lease while its holder is in the middle of a batch: the batch comes first, and whole.
pub(super) async fn who_takes_over_sees_the_whole_batch(database: Database) {
    if database.url.starts_with("sqlite") {
        // A file has one writer at a time.
        return;
    }
    let database = database.with_tables().await;
    let (store, other) = (&database.store, &database.again().await);
    let first = ours(ask(store, "one").await);
    hours_go_by(&database).await;
    // The batch comes as far as this row.
    let id = id(2);
    let row = format!(
        "INSERT INTO calls (node, created_us, unique_id, revision, complete, flaws) \
         VALUES ('msk', {}, '{}', 1, TRUE, '')",
        id.created_us, id.unique_id
    );
    let holder = database.hold(&row).await;
    let updates = [ended(&call(1)), ended(&call(2))];
    let taking = async {
        database.waiting_for_locks(1).await;
        let taken = async { ours(other.lease_node(&node(), "two", Duration::ZERO).await.unwrap()) };
        let letting_go = async {
            database.waiting_for_locks(2).await;
            drop(holder);
        };
        let (second, ()) = tokio::join!(taken, letting_go);
        assert_eq!(second.fence, 2);
        assert_eq!(other.calls_of(&node(), i64::MIN, i64::MAX, 10).await.unwrap().len(), 2);
    };
    let (written, ()) = tokio::join!(write(store, &first, &updates), taking);
    assert_eq!(written.unwrap().calls, 2);
    assert!(is_lost(&write(store, &first, &updates).await));
}

/// Calls of one revision with as many legs as their revision says.
fn batch(revision: u32) -> Vec<CallUpdate> {
    let mut updates: Vec<_> = (1..=3).map(|number| ended(&of_revision(number, revision))).collect();
    let by = id(1);
    let number = 1_000 + i64::from(revision);
    updates.extend([ended(&call(number)), CallUpdate::Superseded { id: id(number), by }]);
    updates
}

fn of_revision(number: i64, revision: u32) -> CallRecord {
    let mut record = CallRecord { revision, ..call(number) };
    record.legs.truncate(1 + revision as usize % 3);
    record.attempts.truncate(revision as usize % 3);
    record
}

/// The one revision that all of it is of.
async fn all_whole(database: &Database) -> u32 {
    let calls = database.store.calls_of(&node(), i64::MIN, i64::MAX, 100).await.unwrap();
    let Some(first) = calls.first() else { return 0 };
    let (revision, aliases) = (first.revision, first.aliases.clone());
    assert_eq!(calls.len(), 3);
    for (number, mut call) in (1..).zip(calls) {
        call.aliases.clear();
        assert!(call == of_revision(number, revision), "{call:?}");
    }
    assert!(aliases.contains(&id(1_000 + i64::from(revision))) || revision == 0);
    let legs = 3 * (1 + u64::from(revision) % 3);
    assert_eq!(database.count("call_legs").await, legs);
    revision
}

pub(super) async fn a_batch_dropped_anywhere_is_old_or_new(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let lease = lease(store).await;
    let mut done = 0;
    for times in 1..1_000 {
        let revision = u32::try_from(times).unwrap();
        if let Some(written) = polled(times, write(store, &lease, &batch(revision))).await {
            written.unwrap();
            done += 1;
        }
        let found = all_whole(&database).await;
        // What was on its way to be committed may come after we looked.
        assert!(found <= revision && (done == 0 || found > 0));
        if done == 2 {
            break;
        }
    }
    assert_eq!(done, 2, "a batch never came to its end");
}

pub(super) async fn a_cut_connection_leaves_old_or_new(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let lease = lease(store).await;
    let (mut failed, mut succeeded) = (0, 0);
    for round in 1_u32..200 {
        let updates = batch(round);
        let cut = async {
            if round % 2 == 0 {
                database.cut_connections().await;
            }
        };
        match tokio::join!(write(store, &lease, &updates), cut).0 {
            Ok(_) => succeeded += 1,
            Err(WriteCallsError::Store(_)) => failed += 1,
            Err(error) => panic!("round {round}: {error:?}"),
        }
        if succeeded >= 5 && (failed >= 5 || round >= 40) {
            break;
        }
    }
    assert!(succeeded >= 5, "only {succeeded} batches came through");
    // Whatever is still on its way holds the lease.
    ask(store, "collector 1").await;
    all_whole(&database).await;
}

pub(super) async fn writers_of_different_nodes_do_not_meet(database: Database) {
    let database = database.with_tables().await;
    let stores = [&database.store, &database.again().await];
    let nodes: [NodeName; 4] = ["a", "b", "c", "d"].map(|name| name.parse().unwrap());
    let writers = (0..).zip(&nodes).map(|(at, node)| {
        let store = stores[at % 2];
        async move {
            let lease = ours(store.lease_node(node, "one", TTL).await.unwrap());
            for revision in 1..=5 {
                let updates: Vec<_> = (1..=30)
                    .map(|number| {
                        let mut record = of_revision(number, revision);
                        record.id.node = node.clone();
                        ended(&record)
                    })
                    .collect();
                assert_eq!(write(store, &lease, &updates).await.unwrap().calls, 30);
            }
        }
    });
    let [one, two, three, four] = <[_; 4]>::try_from(writers.collect::<Vec<_>>()).ok().unwrap();
    tokio::join!(one, two, three, four);
    assert_eq!(database.count("calls WHERE revision = 5").await, 120);
}
