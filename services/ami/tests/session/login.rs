use ami::LinkState;
use tokio::net::TcpListener;

use crate::peer::{Connection, SECRET, listen, watch};

#[tokio::test]
async fn the_secret_proves_and_does_not_travel() {
    let listener = listen().await;
    let watched = watch(&listener);
    let connection = Connection::welcomed(&listener).await;
    watched.until(|state| matches!(state, LinkState::Listening { .. })).await;
    assert!(!connection.sent.contains(SECRET), "{}", connection.sent);
    assert!(connection.sent.contains("AuthType: MD5"));
    assert_eq!(watched.end().await.lines(), ["opened 11.0.0", "closed stopped"]);
}

/// A node on this machine that knows no challenge gets the secret; that no other does is told in `open`.
#[tokio::test]
async fn an_old_node_on_this_machine_gets_the_secret_itself() {
    let listener = listen().await;
    let watched = watch(&listener);
    let mut connection = Connection::greeted(&listener).await;
    let asked = connection.asked().await;
    connection.answer(&asked, "Error", "Message: Invalid/unknown command").await;
    let login = connection.asked().await;
    assert!(login.contains(&format!("Secret: {SECRET}\r\n")));
    connection.answer(&login, "Success", "Message: Authentication accepted").await;
    watched.until(|state| matches!(state, LinkState::Listening { .. })).await;
    watched.end().await;
}

#[tokio::test]
async fn a_refusal_is_told_and_not_repeated_in_a_hurry() {
    let listener = listen().await;
    let watched = watch(&listener);
    refuse(&listener).await;
    let state = watched.until(|state| matches!(state, LinkState::Refused { .. })).await;
    let LinkState::Refused { why } = state else { unreachable!() };
    assert!(why.ends_with("refuses `dialplane`: Authentication failed"), "{why}");
    assert!(!why.contains(SECRET));
    assert_eq!(
        watched.metric("dialplane_ami_failures_total{kind=\"refused\""),
        "dialplane_ami_failures_total{kind=\"refused\",node=\"ast-a\"} 1"
    );
    // Another node is none of its business.
    let other = listen().await;
    let healthy = watch(&other);
    let _connection = Connection::welcomed(&other).await;
    healthy.until(|state| matches!(state, LinkState::Listening { .. })).await;
    assert!(matches!(*watched.manager.states().borrow(), LinkState::Refused { .. }));
    assert_eq!(healthy.end().await.lines().len(), 2);
    assert!(watched.end().await.lines().is_empty(), "what was not opened is not closed");
}

async fn refuse(listener: &TcpListener) {
    let mut connection = Connection::greeted(listener).await;
    connection.challenge("1").await;
    let login = connection.asked().await;
    connection.answer(&login, "Error", "Message: Authentication failed").await;
}

#[tokio::test]
async fn what_is_no_manager_port_is_left_and_tried_again() {
    let long = "x".repeat(100_000);
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n", "\r\n", &long] {
        let listener = listen().await;
        let watched = watch(&listener);
        for _ in 0..2 {
            let mut connection = Connection::accepted(&listener).await;
            connection.say(greeting).await;
        }
        let state = watched.until(|state| matches!(state, LinkState::Away { .. })).await;
        assert!(format!("{state:?}").contains("is no manager port"), "{state:?}");
        assert!(watched.end().await.lines().is_empty());
    }
}
