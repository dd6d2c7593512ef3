//! Whatever is interrupted at whatever point is done or not done, and the store works again.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use store::{ActivationError, Edit, Marks, Store};

use super::{
    database::{Database, cells},
    generations::{activate, all_whole},
};

/// Polls a future so many times and drops it then, wherever it is.
pub(super) async fn polled<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn active(store: &Store) -> Option<u64> {
    store.latest_generation().await.unwrap().map(|head| head.number)
}

pub(super) async fn an_activation_dropped_anywhere_is_old_or_new(database: Database) {
    let database = database.with_article().await;
    let store = &database.store;
    let mut done = 0;
    for times in 0..1_000 {
        let parent = active(store).await;
        let marks = store.edited().await.unwrap();
        let chunks = (times as u64 * 100)..(times as u64 * 100 + 70);
        match polled(times, activate(store, parent, chunks, &marks)).await {
            // What was on its way to be committed may have come after we looked.
            None | Some(Err(ActivationError::Overtaken { .. })) => {}
            Some(Ok(_)) => done += 1,
            Some(Err(error)) => panic!("after {times} polls: {error:?}"),
        }
        if done == 2 {
            break;
        }
    }
    assert_eq!(done, 2, "an activation never came to its end");
    all_whole(store).await;
    assert!(store.edited().await.unwrap().is_empty());
}

pub(super) async fn an_edit_dropped_anywhere_is_marked_or_not_done(database: Database) {
    let database = database.with_article().await;
    let store = &database.store;
    let mut base = store.tables_chunked().await.unwrap();
    activate(store, None, [0], &base.marks).await.unwrap();
    let mut done = 0;
    for times in 0..1_000_u16 {
        let cells = cells(&[("dial_timeout_s", (times + 1).into())]);
        let edit = Edit::Update { table: routing::TableName::Provider, key: 7, cells };
        done +=
            usize::from(polled(times.into(), store.edit(&edit)).await.is_some_and(|edited| edited.is_ok()));
        base = store.reread(&base.tables, &routing::TableName::ALL).await.unwrap();
        if done == 2 {
            break;
        }
    }
    assert_eq!(done, 2, "an edit never came to its end");
    // What was on its way is there by now: whoever waited for it holds the same lock.
    let base = store.reread(&base.tables, &routing::TableName::ALL).await.unwrap();
    let scanned = store.tables_chunked().await.unwrap();
    assert!(base.tables == scanned.tables, "an edit without its mark");
    assert_eq!(base.marks, scanned.marks);
}

/// Somebody cuts every connection of the database again and again while generations are activated.
pub(super) async fn a_killed_connection_leaves_old_or_new(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let none = Marks::default();
    let (mut failed, mut succeeded) = (0, 0);
    for round in 0_u64..200 {
        // While nothing is activated yet, reading may be what fails.
        let Ok(head) = store.latest_generation().await else { continue };
        let parent = head.map(|head| head.number);
        let chunks = (round * 200)..(round * 200 + 200);
        let cut = async {
            if round % 2 == 0 {
                database.cut_connections().await;
            }
        };
        match tokio::join!(activate(store, parent, chunks, &none), cut).0 {
            Ok(_) => succeeded += 1,
            Err(ActivationError::Store(_)) => failed += 1,
            // Committed, but the answer was cut off.
            Err(ActivationError::Overtaken { .. }) => {}
            Err(error) => panic!("round {round}: {error:?}"),
        }
        if succeeded >= 5 && (failed >= 5 || round >= 40) {
            break;
        }
    }
    assert!(succeeded >= 5, "only {succeeded} activations came through");
    all_whole(store).await;
    let stored = database.count("generation_chunks").await;
    let generations = store.generations(1_000).await.unwrap();
    assert_eq!(stored, generations.len() as u64 * 200, "chunks of a generation that is none");
}
