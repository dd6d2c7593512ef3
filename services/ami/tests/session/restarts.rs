use ami::{AskError, LinkState};
use asterisk::ami::Action;

use crate::peer::{Connection, listen, watch};

#[tokio::test]
async fn every_end_is_told_once_and_another_session_follows() {
    let listener = listen().await;
    let watched = watch(&listener);
    for torn in ["Event: A\r\n\r\n", "Event: B\r\nUniqueid: 1", "Event: C\r\n\r\nEvent:"] {
        let mut connection = Connection::welcomed(&listener).await;
        connection.say(torn).await;
        let beginning = torn.chars().nth(7).unwrap().to_string();
        if beginning != "B" {
            watched.heard.wait(&beginning, 1).await;
        }
    }
    let _last = Connection::welcomed(&listener).await;
    watched.heard.wait("opened 11.0.0", 4).await;
    let lines = watched.end().await.lines();
    let ends: Vec<_> = lines.iter().filter(|line| line.starts_with("closed")).collect();
    assert_eq!(ends.len(), 4, "{lines:?}");
    assert_eq!(ends[3], "closed stopped");
    assert!(lines.windows(2).all(|pair| !(pair[0].starts_with("opened") && pair[1].starts_with("opened"))));
    assert!(!lines.contains(&"B".to_owned()), "half a block is none");
}

#[tokio::test]
async fn questions_are_answered_while_there_is_somebody_to_ask() {
    let listener = listen().await;
    let watched = watch(&listener);
    assert_eq!(watched.manager.ask(Action::core_status).await, Err(AskError::NotConnected));
    let mut connection = Connection::welcomed(&listener).await;
    watched.until(|state| matches!(state, LinkState::Listening { .. })).await;
    let (reply, ()) = tokio::join!(watched.manager.ask(Action::core_status), async {
        let asked = loop {
            let asked = connection.asked().await;
            if asked.starts_with("Action: CoreStatus") {
                break asked;
            }
        };
        connection.answer(&asked, "Success", "CoreStartupTime: 10:00:00").await;
    });
    assert!(reply.unwrap().response.block().value("CoreStartupTime").is_some());
    assert!(watched.heard.lines().contains(&"response Success".to_owned()), "the listener heard it too");
    let (lost, ()) = tokio::join!(watched.manager.ask(Action::core_status), async { drop(connection) });
    assert!(matches!(lost, Err(AskError::Closed | AskError::NotConnected)), "{lost:?}");
    let manager = watched.manager.clone();
    watched.end().await;
    assert_eq!(manager.ask(Action::core_status).await, Err(AskError::NotConnected));
}
