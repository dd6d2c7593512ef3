//! What collectors say of the calls that are up.

use std::time::Duration;

use domain::NodeName;
use store::{BOARD_BYTES_MAX, StoreError, StoredBoard};

use super::database::Database;

const MINUTE: Duration = Duration::from_mins(1);
const ALWAYS: Duration = Duration::from_hours(24);

fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn said(boards: &[StoredBoard]) -> Vec<(&str, &str, &[u8])> {
    boards.iter().map(|board| (&*board.node, &*board.collector, &*board.content)).collect()
}

pub(super) async fn the_newest_of_each_node_is_read(database: Database) {
    let database = database.with_tables().await;
    let (store, other) = (&database.store, database.again().await);
    assert_eq!(store.boards(ALWAYS).await.unwrap(), []);
    let all: Vec<u8> = (0..=u8::MAX).collect();
    store.post_board(&node("msk"), "ещё", b"first").await.unwrap();
    store.post_board(&node("b.spb"), "", &all).await.unwrap();
    other.post_board(&node("msk"), "another", b"second").await.unwrap();
    let boards = other.boards(MINUTE).await.unwrap();
    assert_eq!(said(&boards), [("b.spb", "", &all[..]), ("msk", "another", b"second")]);
    assert!(boards.iter().all(|board| board.age < MINUTE));
    store.withdraw_board(&node("b.spb")).await.unwrap();
    store.withdraw_board(&node("b.spb")).await.unwrap();
    assert_eq!(said(&store.boards(MINUTE).await.unwrap()), [("msk", "another", &b"second"[..])]);
}

pub(super) async fn old_ones_are_forgotten(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    store.post_board(&node("msk"), "c", b"1").await.unwrap();
    store.post_board(&node("spb"), "c", b"2").await.unwrap();
    let earlier = async |us: i64| {
        let earlier = format!("UPDATE live_boards SET posted_us = posted_us - {us} WHERE node = 'msk'");
        assert_eq!(database.by_hand(&earlier).await.unwrap(), 1);
    };
    earlier(30 * 60 * 1_000_000).await;
    assert_eq!(store.boards(20 * MINUTE).await.unwrap().len(), 1);
    let both = store.boards(40 * MINUTE).await.unwrap();
    assert_eq!(both.len(), 2);
    assert!(both[0].age >= 30 * MINUTE && both[0].age < 40 * MINUTE, "{:?}", both[0].age);
    store.post_board(&node("spb"), "c", b"3").await.unwrap();
    assert_eq!(database.count("live_boards").await, 2);
    earlier(60 * 60 * 1_000_000).await;
    store.post_board(&node("spb"), "c", b"4").await.unwrap();
    assert_eq!(database.count("live_boards").await, 1);
}

pub(super) async fn what_does_not_fit_is_refused(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let most = vec![7; BOARD_BYTES_MAX];
    store.post_board(&node("msk"), "c", &most).await.unwrap();
    let refused = |done: Result<(), StoreError>| matches!(done, Err(StoreError::Refused { .. }));
    assert!(refused(store.post_board(&node("msk"), "c", &[&most[..], b"1"].concat()).await));
    assert!(refused(store.post_board(&node("msk"), &"c".repeat(101), b"1").await));
    assert_eq!(store.boards(ALWAYS).await.unwrap()[0].content, most, "what was said before stands");
}

pub(super) async fn many_post_at_once(database: Database) {
    let database = database.with_tables().await;
    let (one, two) = (&database.store, &database.again().await);
    let nodes = ["n0", "n1", "n2"].map(node);
    for round in 0..10_u8 {
        let content = [round];
        let posts = tokio::join!(
            one.post_board(&nodes[0], "c", &content),
            two.post_board(&nodes[1], "c", &content),
            one.post_board(&nodes[2], "c", &content),
            two.post_board(&nodes[0], "c", &content),
            one.withdraw_board(&nodes[2]),
        );
        for posted in [posts.0, posts.1, posts.2, posts.3, posts.4] {
            posted.unwrap();
        }
    }
    let boards = one.boards(ALWAYS).await.unwrap();
    assert_eq!(said(&boards)[..2], [("n0", "c", &[9][..]), ("n1", "c", &[9][..])]);
}
