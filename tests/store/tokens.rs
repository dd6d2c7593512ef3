use domain::ServerId;
use store::{IssuedToken, StoreError};

use super::database::Database;

pub(super) async fn tokens_are_added_listed_and_revoked(database: Database) {
    let database = database.with_article().await;
    let server = "asterisk-msm".parse().unwrap();
    let hash = "0123456789abcdef".repeat(4);
    let id = database.store.add_node_token(&server, &hash, Some("first")).await.unwrap();
    let other = database.store.add_node_token(&server, &"f".repeat(64), None).await.unwrap();
    assert_ne!(id, other);
    let first = IssuedToken { id, servername: server, comment: Some("first".to_owned()) };
    let listed = database.store.node_tokens().await.unwrap();
    assert_eq!((listed.len(), &listed[0]), (2, &first));
    let row = &database.tables().await.node_tokens[0];
    assert_eq!((row.id, row.server_id, &row.token_sha256), (id, ServerId(2), &hash));

    assert!(database.store.revoke_node_token(id).await.unwrap());
    assert!(!database.store.revoke_node_token(id).await.unwrap());
    assert_eq!(database.store.node_tokens().await.unwrap().len(), 1);
}

pub(super) async fn tokens_that_make_no_sense_are_refused(database: Database) {
    let database = database.with_article().await;
    let (known, unknown) = ("asterisk-msm".parse().unwrap(), "asterisk-nowhere".parse().unwrap());
    let hash = "0".repeat(64);
    let add = async |server, hash: &str| database.store.add_node_token(server, hash, None).await;
    assert!(matches!(add(&unknown, &hash).await, Err(StoreError::NoSuch { table: "servers", .. })));
    assert!(matches!(add(&known, "the token itself").await, Err(StoreError::Refused { .. })));
    assert!(matches!(add(&known, &"0".repeat(65)).await, Err(StoreError::Refused { .. })));
    add(&known, &hash).await.unwrap();
    let again = add(&known, &hash).await.unwrap_err();
    assert!(matches!(again, StoreError::Duplicate { table: "node_tokens", .. }), "{again:?}");
    assert!(!format!("{again:?}").contains(&hash));
    assert_eq!(database.store.node_tokens().await.unwrap().len(), 1);
}
