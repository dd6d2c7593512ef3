use domain::{ApiRole, ApiTokenId, ServerId};
use store::{IssuedApiToken, IssuedToken, StoreError};

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

pub(super) async fn roles_hold_tokens_of_their_own(database: Database) {
    let database = database.with_article().await;
    let hash = |digit: &str| digit.repeat(64);
    let add = async |role, hash: &str, comment| database.store.add_api_token(role, hash, comment).await;
    let first = add(ApiRole::Operator, &hash("0"), Some("first")).await.unwrap();
    let other = add(ApiRole::Viewer, &hash("f"), None).await.unwrap();
    // A node may hold a token of the same hash and id: the two kinds never meet.
    let node = "asterisk-msm".parse().unwrap();
    database.store.add_node_token(&node, &hash("0"), None).await.unwrap();
    let issued =
        |id, role, comment: Option<&str>| IssuedApiToken { id, role, comment: comment.map(Into::into) };
    let operator = issued(first, ApiRole::Operator, Some("first"));
    let listed = database.store.api_tokens().await.unwrap();
    assert_eq!(listed, [operator, issued(other, ApiRole::Viewer, None)]);
    let row = &database.tables().await.api_tokens[0];
    assert_eq!((row.id, row.role, &row.token_sha256), (first, ApiRole::Operator, &hash("0")));

    let again = add(ApiRole::Admin, &hash("0"), None).await.unwrap_err();
    assert!(matches!(again, StoreError::Duplicate { table: "api_tokens", .. }), "{again:?}");
    assert!(!format!("{again:?}").contains(&hash("0")));
    for no_hash in ["the token itself", &"0".repeat(65), &"A".repeat(64)] {
        let refused = add(ApiRole::Admin, no_hash, None).await;
        assert!(matches!(refused, Err(StoreError::Refused { table: "api_tokens", .. })), "{refused:?}");
    }
    assert!(database.store.revoke_api_token(first).await.unwrap());
    assert!(!database.store.revoke_api_token(first).await.unwrap());
    assert!(!database.store.revoke_api_token(ApiTokenId(0)).await.unwrap());
    assert_eq!(database.store.api_tokens().await.unwrap(), [issued(other, ApiRole::Viewer, None)]);
    assert_eq!(database.store.node_tokens().await.unwrap().len(), 1);
}
