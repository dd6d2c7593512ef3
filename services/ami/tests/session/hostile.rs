use std::fmt::Write;

use ami::LinkState;

use crate::peer::{Connection, listen, watch};

/// What was sent, and what a listener makes of it.
async fn heard_of(hostile: &[u8]) -> Vec<String> {
    let listener = listen().await;
    let watched = watch(&listener);
    let mut connection = Connection::welcomed(&listener).await;
    watched.until(|state| matches!(state, LinkState::Listening { .. })).await;
    tokio::io::AsyncWriteExt::write_all(&mut connection.line, hostile).await.unwrap();
    connection.say("\r\n\r\nEvent: After\r\n\r\n").await;
    watched.heard.wait("After", 1).await;
    let lines = watched.end().await.lines();
    lines.into_iter().filter(|line| !line.starts_with("opened") && !line.starts_with("closed")).collect()
}

#[tokio::test]
async fn lines_and_blocks_over_a_cap_are_skipped() {
    let mebibyte = format!("Event: Long\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    assert_eq!(heard_of(mebibyte.as_bytes()).await, ["damaged: a line is too long", "After"]);
    let endless = format!("Event: Endless\r\nX: {}", "x".repeat(16 << 20));
    assert_eq!(heard_of(endless.as_bytes()).await, ["damaged: a line is too long", "After"]);
    let mut million = String::from("Event: Many\r\n");
    for number in 0..1_000_000 {
        let _ = write!(million, "H{number}: x\r\n");
    }
    assert_eq!(heard_of(million.as_bytes()).await, ["damaged: there are too many headers", "After"]);
}

#[tokio::test]
async fn no_value_becomes_an_event() {
    let forged = b"Event: Newchannel\r\nCallerIDName: x\r\nEvent: Hangup\r\nCause: 16\r\n\r\n";
    assert_eq!(heard_of(forged).await, ["Newchannel", "After"]);
    let bare = b"Event: Newchannel\r\nCallerIDName: x\n\nEvent: Hangup\nCause: 16\n\n\r\n\r\n";
    assert_eq!(heard_of(bare).await, ["Newchannel", "After"]);
}

#[tokio::test]
async fn bytes_are_bytes() {
    let nul = b"Event: Nul\r\nX: a\0b\r\n\r\n";
    assert_eq!(heard_of(nul).await, ["Nul", "After"]);
    let broken = b"Event: Broken\r\n\xff\xfe: \xc3\x28\r\n\r\n";
    assert_eq!(heard_of(broken).await, ["Broken", "After"]);
    let nothing = b"what: ever\r\n\r\n";
    assert_eq!(heard_of(nothing).await, ["damaged: the block is neither an event nor a response", "After"]);
}
