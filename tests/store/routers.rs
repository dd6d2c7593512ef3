//! What routers and automatic activations leave for an operator to read.

use runtime::now_us;
use store::{FINDINGS_BYTES_MAX, Marks, RouterBeat, StoreError};

use super::{
    database::Database,
    generations::{activate, hash},
};

const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 24 * 60 * MINUTE_US;

/// Wherever the server stands: its times are UTC, in microseconds.
pub(super) async fn the_databases_clock_is_ours(database: Database) {
    let database = database.with_tables().await;
    let before = now_us();
    let mut last = 0;
    for parent in [None, Some(1), Some(2)] {
        let summary = activate(&database.store, parent, [0], &Marks::default()).await.unwrap();
        // SQLite rounds to the next millisecond.
        assert!(
            summary.created_us >= before - 1_000 && summary.created_us <= now_us() + 1_000,
            "{summary:?}"
        );
        assert!(summary.created_us >= last);
        last = summary.created_us;
    }
}

fn beat(name: &str) -> RouterBeat<'_> {
    RouterBeat {
        name,
        generation: Some(3),
        checksum: Some(hash(3)),
        state: "ok",
        detail: None,
        version: "0.1.0",
    }
}

pub(super) async fn signs_of_life_age(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert_eq!(store.routers().await.unwrap(), []);
    store.heartbeat(beat("msk")).await.unwrap();
    let starting = RouterBeat { generation: None, checksum: None, state: "starting", ..beat("spb") };
    store.heartbeat(RouterBeat { detail: Some("ещё ничего"), ..starting }).await.unwrap();
    let seen = store.routers().await.unwrap();
    assert_eq!(seen.iter().map(|router| router.name.as_str()).collect::<Vec<_>>(), ["msk", "spb"]);
    assert_eq!(
        (seen[0].generation, seen[0].checksum, seen[0].detail.as_deref()),
        (Some(3), Some(hash(3)), None)
    );
    assert_eq!((seen[1].generation, seen[1].checksum), (None, None));
    assert_eq!((seen[1].state.as_str(), seen[1].detail.as_deref()), ("starting", Some("ещё ничего")));
    assert!(seen.iter().all(|router| router.age_us < 10 * MINUTE_US));

    // An hour goes by.
    let hour = 60 * MINUTE_US;
    let later = format!("UPDATE routers SET seen_us = seen_us - {hour}, since_us = since_us - {hour}");
    database.by_hand(&later).await.unwrap();
    let aged = store.routers().await.unwrap();
    assert!(aged.iter().all(|router| router.age_us >= hour && router.age_us < hour + 10 * MINUTE_US));
    store.heartbeat(beat("msk")).await.unwrap();
    store.heartbeat(RouterBeat { state: "ok", ..beat("spb") }).await.unwrap();
    let fresh = store.routers().await.unwrap();
    assert!(fresh.iter().all(|router| router.age_us < 10 * MINUTE_US));
    assert_eq!(fresh[0].since_us, aged[0].since_us, "it serves what it served");
    assert!(fresh[1].since_us >= aged[1].since_us + hour, "it serves since now");
    assert_eq!((fresh[1].state.as_str(), fresh[1].detail.as_deref()), ("ok", None));

    // A day goes by for one of them.
    let gone = format!("UPDATE routers SET seen_us = seen_us - {DAY_US} - 1 WHERE name = 'msk'");
    database.by_hand(&gone).await.unwrap();
    assert_eq!(store.routers().await.unwrap().len(), 1);
    store.heartbeat(beat("spb")).await.unwrap();
    assert_eq!(database.count("routers").await, 1);

    let long = "x".repeat(101);
    let refused = store.heartbeat(beat(&long)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused { table: "routers", .. }), "{refused:?}");
}

pub(super) async fn many_routers_give_signs_at_once(database: Database) {
    let database = database.with_tables().await;
    let (one, two) = (&database.store, &database.again().await);
    for _ in 0..10 {
        let beats = tokio::join!(
            one.heartbeat(beat("a")),
            two.heartbeat(beat("b")),
            one.heartbeat(beat("c")),
            two.heartbeat(beat("a")),
            one.heartbeat(beat("d")),
        );
        for beat in [beats.0, beats.1, beats.2, beats.3, beats.4] {
            beat.unwrap();
        }
    }
    assert_eq!(one.routers().await.unwrap().len(), 4);
}

pub(super) async fn the_last_refusals_are_kept(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert_eq!(store.last_refusal().await.unwrap(), None);
    for of in 0..25 {
        store.refuse("auto", Some(of), &format!("[{of}]")).await.unwrap();
    }
    let last = store.last_refusal().await.unwrap().unwrap();
    assert_eq!((last.actor.as_str(), last.last_mark, last.findings.as_str()), ("auto", Some(24), "[24]"));
    assert!((now_us() - last.refused_us).abs() < 10 * MINUTE_US);
    assert_eq!(database.count("activation_refusals").await, 20);

    let most = "ы".repeat(FINDINGS_BYTES_MAX / 2);
    store.refuse("auto", None, &most).await.unwrap();
    assert!(store.last_refusal().await.unwrap().unwrap().findings == most);
    let refused = store.refuse("auto", None, &format!("{most}x")).await.unwrap_err();
    let StoreError::Refused { table: "activation_refusals", constraint, .. } = &refused else {
        panic!("{refused:?}")
    };
    assert!(constraint.contains("activation_refusals_findings_length"), "{constraint}");
}
